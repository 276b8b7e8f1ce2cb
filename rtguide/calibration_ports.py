"""The shapes of what learns about the picture beside `ports.CalibrationMethod`: who watches the screen."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rtguide.model.calibration import Calibration
from rtguide.model.geometry import ImageGeometry

__all__ = ["ChangeWatch"]


class ChangeWatch(Protocol):
    """Notices that the scanner's screen has changed: depth, zoom, probe, layout. Used by one thread at a time."""

    def start(self, pixels: NDArray[np.uint8], geometry: ImageGeometry) -> Calibration | None:
        """Learn what the screen looks like now; takes up to half a second. What its ruler says, None where it has none.

        pixels: uint8 (h, w) or (h, w, 3) RGB.
        """
        ...

    def change(self, pixels: NDArray[np.uint8]) -> str | None:
        """What has changed since the start, in words ("the ruler"); None while nothing has. For every frame: cheap."""
        ...
