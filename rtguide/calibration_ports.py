"""The shapes of what learns about picture and probe beside `ports.CalibrationMethod`."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from rtguide.model.calibration import Calibration
from rtguide.model.geometry import ImageGeometry
from rtguide.model.pose import TrackedFrame
from rtguide.model.tracked_calibration import Search, TrackedCalibration

__all__ = ["ChangeWatch", "PosedSource", "SearchShown", "TimedPose", "TrackedMethod"]


class ChangeWatch(Protocol):
    """Notices that the scanner's screen has changed: depth, zoom, probe, layout. Used by one thread at a time."""

    def start(self, pixels: NDArray[np.uint8], geometry: ImageGeometry) -> Calibration | None:
        """Learn what the screen looks like now; takes up to half a second. What its ruler says, None where it has none.

        pixels: uint8 (h, w) or (h, w, 3) RGB.
        """
        ...

    def contradiction(self, pixels: NDArray[np.uint8], geometry: ImageGeometry) -> str | None:
        """Why the geometry's scale is not that of the screen's ruler; None where nothing speaks against it (or there is
        no ruler). As slow as `start`; learns nothing.
        """
        ...

    def change(self, pixels: NDArray[np.uint8]) -> str | None:
        """What has changed since the start, in words ("the ruler"); None while nothing has. For every frame: cheap."""
        ...


class TrackedMethod(Protocol):
    """Estimates something of a tracked probe or tool: one file in `calibration/`, one entry point."""

    def calibrate(
        self, recordings: Sequence[Sequence[TrackedFrame]], settings: Mapping[str, Any]
    ) -> TrackedCalibration:
        """Estimate from one or more tracked recordings; which, and what may be set, the method's own text says.

        Raises
        ------
        CalibrationError
            It cannot be told; the message names the cause (too little motion, wires not found) and the mend.
        """
        ...


@runtime_checkable
class SearchShown(Protocol):
    """A tracked method that searches pictures, and can show where: most of all when it found nothing."""

    def search(
        self, recordings: Sequence[Sequence[TrackedFrame]], settings: Mapping[str, Any], *, has_failed: bool
    ) -> Search | None:
        """What it sees in one picture of the recordings; None where they hold no picture.

        has_failed: one in which it does not find what it looks for is preferred, else one in which it does.
        """
        ...


class TimedPose(Protocol):
    """A transform and when it came."""

    @property
    def matrix(self) -> NDArray[np.float64]:
        """float64 (4, 4), mm."""
        ...

    @property
    def t_capture_ns(self) -> int:
        """Host monotonic time."""
        ...


@runtime_checkable
class PosedSource(Protocol):
    """A source that also brings transforms of tracked things (`StylusToTracker`). Any thread may ask."""

    def transform(self, name: str) -> TimedPose | None:
        """The newest of this name; None if none came yet."""
        ...

    def transform_names(self) -> tuple[str, ...]:
        """Those that came."""
        ...
