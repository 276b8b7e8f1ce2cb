"""Where tracked things are: transforms between frames of reference, beside a picture or without one."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from rtguide.errors import GeometryError

__all__ = ["TrackedFrame"]


@dataclass(frozen=True, slots=True, eq=False)
class TrackedFrame:
    """One moment of a tracked recording.

    time_s: by the recorder's clock · pixels: uint8 (h, w) or (h, w, 3), None where only poses were recorded ·
    transforms: float64 (4, 4) by name, valid ones only; `ProbeToTracker` takes points of the probe (mm) into
    the tracker.
    """

    time_s: float
    pixels: NDArray[np.uint8] | None = None
    transforms: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, matrix in self.transforms.items():
            if matrix.shape != (4, 4) or not np.isfinite(matrix).all():
                raise GeometryError(f"{name} is no transform: it needs 4×4 finite numbers, not {matrix.shape}")

    def between(self, source: str, target: str) -> NDArray[np.float64] | None:
        """target_from_source, float64 (4, 4), also by way of a third frame; None where either was not seen."""
        direct = self.transforms.get(f"{source}To{target}")
        if direct is not None:
            return direct
        for name, matrix in self.transforms.items():
            start, _, middle = name.partition("To")
            other = self.transforms.get(f"{target}To{middle}")
            if start == source and other is not None:
                return np.asarray(np.linalg.inv(other) @ matrix, np.float64)
        return None
