"""What a calibration of a tracked probe or tool found."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from rtguide.errors import CalibrationError
from rtguide.model.geometry import RectRegion

__all__ = ["Search", "TrackedCalibration"]


@dataclass(frozen=True, slots=True, eq=False)
class Search:
    """Where a method looked in one picture of a recording, and what it took for what.

    pixels: uint8 (h, w) or (h, w, 3) RGB · searched: the part that was looked at · points_px: echoes that were found,
    float64 (n, 2) as (x, y) · lines_px: what was fitted through them, each float64 (n, 2) · note: one line in words.
    """

    pixels: NDArray[np.uint8]
    searched: RectRegion
    points_px: NDArray[np.float64]
    lines_px: tuple[NDArray[np.float64], ...]
    note: str

    def __post_init__(self) -> None:
        for points in (self.points_px, *self.lines_px):
            if points.ndim != 2 or points.shape[1] != 2 or not np.isfinite(points).all():
                raise CalibrationError(f"points to draw are finite x and y, not an array of shape {points.shape}")


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
