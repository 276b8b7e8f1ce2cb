"""A tracker that knows the truth of a simulated frame: what is judged with it is everything behind the tracker."""

from collections.abc import Callable, Sequence

from rtguide.model.frame import Frame
from rtguide.model.geometry import ImageGeometry
from rtguide.model.scene import Tracking
from rtguide.model.structure import Structure, StructureState, StructureTrack
from rtguide.phantom import Truth

Edit = Callable[[Tracking], Tracking]


class KnowingTracker:
    """Says what is true of the frame it is given; a test may change that."""

    def __init__(self) -> None:
        self.truth: Truth | None = None
        self.edit: Edit = lambda tracking: tracking
        self.said = Tracking()

    def start(self, geometry: ImageGeometry) -> None: ...

    def mark(self, structures: Sequence[Structure], frame: Frame) -> None: ...

    def clear_marks(self) -> None: ...

    def track(self, frame: Frame) -> Tracking:
        assert self.truth is not None
        states = tuple(
            StructureState(s.name, s.kind, s.tissue, s.role, StructureTrack.TRACKED, s.outline_px, 1.0)
            for s in self.truth.structures
        )
        self.said = self.edit(Tracking(self.truth.needle_state(), (), states))
        return self.said
