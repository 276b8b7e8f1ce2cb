"""Everything that is known at one frame, and the frame itself: an overlay can never land on another image."""

from dataclasses import dataclass, field

from rtguide.model.frame import Frame, SourceInfo
from rtguide.model.geometry import ImageGeometry
from rtguide.model.guidance import Guidance
from rtguide.model.needle import NeedleState
from rtguide.model.plan import Plan
from rtguide.model.spread import Spread, SpreadSight
from rtguide.model.structure import StructureState
from rtguide.model.tracked_needle import TrackedNeedle

__all__ = ["Scene", "Tracking"]


@dataclass(frozen=True, slots=True)
class Tracking:
    """What a tracker found in one frame; `structures` keeps the order of the plan.

    spread: injected fluid; None where none is known, which is no proof that there is none · spread_sight: whether there
    is proof: a tracker says `none` only where it would have seen fluid.
    """

    needle: NeedleState = field(default_factory=NeedleState)
    other_needles: tuple[NeedleState, ...] = ()
    structures: tuple[StructureState, ...] = ()
    spread: Spread | None = None
    spread_sight: SpreadSight = SpreadSight.CANNOT_TELL

    def __post_init__(self) -> None:
        if self.spread is not None:  # what is outlined is seen
            object.__setattr__(self, "spread_sight", SpreadSight.SEEN)


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """One frame with all that is said about it.

    t_tracked_ns: host monotonic time at which the scene was complete · is_frozen: the source delivers, but the picture
    has not changed for a while · fault: what went wrong with this frame's tracking, in words, or None ·
    is_region_known: false while the whole frame stands in for a region that was not found · tracked: where a tracker
    says that the needle is, None without one.
    """

    frame: Frame
    source: SourceInfo
    geometry: ImageGeometry
    plan: Plan
    tracking: Tracking
    guidance: Guidance
    t_tracked_ns: int
    is_frozen: bool = False
    is_region_known: bool = True
    fault: str | None = None
    tracked: TrackedNeedle | None = None
