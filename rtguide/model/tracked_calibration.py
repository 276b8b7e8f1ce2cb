"""What a calibration of a tracked probe or tool found."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from rtguide.errors import CalibrationError

__all__ = ["TrackedCalibration"]


@dataclass(frozen=True, slots=True, eq=False)
class TrackedCalibration:
    """The outcome.

    method: its entry point's name · figures: numbers by name, the unit a suffix (`lag_s`, `error_mm`) · matrix:
    float64 (4, 4), None where the method gives none · matrix_name: what it is, `probe_from_image` · curves: what to
    plot, name to (x, y) · note: one line in words.
    """

    method: str
    figures: Mapping[str, float]
    note: str
    matrix: NDArray[np.float64] | None = None
    matrix_name: str = ""
    curves: Mapping[str, tuple[NDArray[np.float64], NDArray[np.float64]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not all(np.isfinite(value) for value in self.figures.values()):
            raise CalibrationError(f"{self.method}: a figure is not finite: {dict(self.figures)}")
