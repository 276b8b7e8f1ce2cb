"""Trackers that somebody could put together from OpenCV in an afternoon: what ours are shown beside.

They keep to `rtguide.ports.Tracker`, but are not registered: they cannot do what every registered tracker must (a
structure that was lost is never found again, MIL never says that it is lost).
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from rtguide.model.frame import Frame
from rtguide.model.geometry import ImageGeometry
from rtguide.model.needle import NeedleState
from rtguide.model.scene import Tracking
from rtguide.model.structure import Structure
from rtguide.opencv import cv2
from rtguide.ports import Tracker
from rtguide.training.baseline_needle import HoughNeedle
from rtguide.training.baseline_structures import FlowFollower, Follower, MilFollower

__all__ = ["BASELINES", "STRUCTURES_ONLY", "OpenCvTracker"]


class OpenCvTracker:
    """A needle by Hough lines where one is asked for, structures by this kind of follower."""

    def __init__(self, follower: Callable[[Structure, NDArray[np.uint8]], Follower], *, has_needle: bool) -> None:
        self._make_follower = follower
        self._has_needle = has_needle
        self._needle: HoughNeedle | None = None
        self._followers: dict[str, Follower] = {}
        self._last: tuple[NDArray[np.uint8], Tracking] | None = None

    def start(self, geometry: ImageGeometry) -> None:
        """Forget everything and work in this geometry."""
        self._needle = HoughNeedle(geometry) if self._has_needle else None
        self.clear_marks()

    def mark(self, structures: Sequence[Structure], frame: Frame) -> None:
        """Follow these structures too."""
        grey = _grey(frame)
        self._followers |= {structure.name: self._make_follower(structure, grey) for structure in structures}
        self._last = None

    def clear_marks(self) -> None:
        """Forget the structures."""
        self._followers = {}
        self._last = None

    def track(self, frame: Frame) -> Tracking:
        """What is in this frame; a repeated picture is told as before."""
        grey = _grey(frame)
        if self._last is not None and np.array_equal(self._last[0], grey):
            return self._last[1]
        needle = NeedleState() if self._needle is None else self._needle.find(grey)
        told = Tracking(needle, (), tuple(follower.follow(grey) for follower in self._followers.values()))
        self._last = (grey, told)
        return told


def _flow() -> Tracker:
    return OpenCvTracker(FlowFollower, has_needle=True)


def _mil() -> Tracker:
    return OpenCvTracker(MilFollower, has_needle=False)


BASELINES: Mapping[str, Callable[[], Tracker]] = MappingProxyType({"opencv": _flow, "opencv-mil": _mil})
"""By name: Hough lines and optical flow; MIL for structures alone."""

STRUCTURES_ONLY = frozenset({"opencv-mil"})
"""Those that say nothing of the needle."""


def _grey(frame: Frame) -> NDArray[np.uint8]:
    pixels = frame.pixels
    if pixels.ndim == 2:
        return pixels
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
