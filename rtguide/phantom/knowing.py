"""A tracker that knows the truth of a simulated frame: what is judged with it is everything behind the tracker."""

from collections.abc import Callable, Sequence

from rtguide.model.frame import Frame
from rtguide.model.geometry import ImageGeometry
from rtguide.model.scene import Tracking
from rtguide.model.spread import SpreadSight
from rtguide.model.structure import Structure, StructureState, StructureTrack
from rtguide.phantom.truth import Truth

__all__ = ["KnowingTracker"]

Edit = Callable[[Tracking], Tracking]


class KnowingTracker:
    """Says what is true of the frame it is given.

    truth: of the next frame, to be set before each · edit: changes what is said, as a test or a drill wants it · said:
    what it said last.
    """

    def __init__(self) -> None:
        self.truth: Truth | None = None
        self.edit: Edit = lambda tracking: tracking
        self.said = Tracking()

    def start(self, geometry: ImageGeometry) -> None:
        """Nothing to prepare."""

    def mark(self, structures: Sequence[Structure], frame: Frame) -> None:
        """Nothing to learn: the truth has its own structures."""

    def clear_marks(self) -> None:
        """Nothing to forget."""

    def track(self, frame: Frame) -> Tracking:
        """What is true of this frame, as `edit` has it."""
        assert self.truth is not None, "the truth of the frame comes before the frame"
        states = tuple(
            StructureState(s.name, s.kind, s.tissue, s.role, StructureTrack.TRACKED, s.outline_px, 1.0)
            for s in self.truth.structures
        )
        sight = SpreadSight.SEEN if self.truth.spreads else SpreadSight.NONE
        self.said = self.edit(Tracking(self.truth.needle_state(), (), states, spread_sight=sight))
        return self.said
