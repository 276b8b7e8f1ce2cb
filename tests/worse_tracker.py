"""Today's tracker made worse on purpose, to be caught."""

from collections.abc import Sequence
from dataclasses import replace

from rtguide.app.plugins import make_tracker
from rtguide.model.frame import Frame
from rtguide.model.geometry import ImageGeometry
from rtguide.model.scene import Tracking
from rtguide.model.structure import Structure

__all__ = ["WorseTracker", "beside"]


class WorseTracker:
    """A tracker around today's; subclasses worsen what it says."""

    def __init__(self) -> None:
        self._tracker = make_tracker()

    def start(self, geometry: ImageGeometry) -> None:
        self._tracker.start(geometry)

    def mark(self, structures: Sequence[Structure], frame: Frame) -> None:
        self._tracker.mark(structures, frame)

    def clear_marks(self) -> None:
        self._tracker.clear_marks()

    def track(self, frame: Frame) -> Tracking:
        return self.worsened(frame, self._tracker.track(frame))

    def worsened(self, frame: Frame, tracking: Tracking) -> Tracking:
        raise NotImplementedError


def beside(tracking: Tracking, by_px: float) -> Tracking:
    """Every structure so far to the side."""
    moved = (replace(s, outline_px=tuple((x + by_px, y) for x, y in s.outline_px)) for s in tracking.structures)
    return replace(tracking, structures=tuple(moved))
