"""Notices a picture that no longer changes although frames keep coming."""

import numpy as np
from numpy.typing import NDArray

from rtguide.model.frame import Frame
from rtguide.model.geometry import ImageGeometry

__all__ = ["FROZEN_AFTER_S", "FreezeWatch"]

FROZEN_AFTER_S = 1.0
"""A live scanner's noise changes every frame, and repeats inside a grabber's stream last under 0.1 s at 20 pictures a
second: one second tells the operator's freeze from a pause between two slow frames."""

STRIDE_PX = 7
"""Every seventh pixel in both directions: 1/49 of the region, unrelated to the 8- and 16-pixel blocks of codecs."""


class FreezeWatch:
    """Compares a thinned copy of the region with the last one that was different."""

    def __init__(self) -> None:
        self._picture: NDArray[np.uint8] | None = None
        self._since_ns = 0

    def is_frozen(self, frame: Frame, geometry: ImageGeometry) -> bool:
        """Whether the picture in the region has stayed the same, to the last bit, for `FROZEN_AFTER_S`."""
        x0, y0, x1, y1 = geometry.bounds_px()
        picture = frame.pixels[y0:y1:STRIDE_PX, x0:x1:STRIDE_PX]
        if self._picture is None or not np.array_equal(self._picture, picture):
            self._picture, self._since_ns = picture.copy(), frame.time_ns
            return False
        return frame.time_ns - self._since_ns >= FROZEN_AFTER_S * 1e9
