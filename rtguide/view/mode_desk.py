"""Whether the needle is looked for in the plane or across it: by the block that is planned, or by a key."""

from typing import Protocol

from rtguide.model.block_plan import BlockPlan
from rtguide.model.needle import NeedleMode
from rtguide.model.plan import Approach

__all__ = ["ModeDesk", "ModedFeed"]


class ModedFeed(Protocol):
    """What is told the mode."""

    def set_mode(self, mode: NeedleMode) -> None:
        """Look for such a needle from now on."""
        ...


class ModeDesk:
    """Keeps the mode for one window. A plan chooses it when it is chosen; the key changes it until another plan is."""

    def __init__(self) -> None:
        self.mode = NeedleMode.IN_PLANE
        self._plan: BlockPlan | None = None
        self._told: tuple[ModedFeed, NeedleMode] | None = None

    @property
    def is_out_of_plane(self) -> bool:
        """Whether a needle that crosses the plane is looked for."""
        return self.mode is NeedleMode.OUT_OF_PLANE

    def toggle(self) -> None:
        """The other mode."""
        self.mode = NeedleMode.IN_PLANE if self.is_out_of_plane else NeedleMode.OUT_OF_PLANE

    def apply(self, feed: ModedFeed, plan: BlockPlan | None) -> None:
        """Tell the feed where it does not know yet; one that was just opened looks in the plane."""
        if plan is not None and plan is not self._plan:
            is_across = plan.approach is Approach.OUT_OF_PLANE
            self.mode = NeedleMode.OUT_OF_PLANE if is_across else NeedleMode.IN_PLANE
        self._plan = plan
        known = self._told[1] if self._told is not None and self._told[0] is feed else NeedleMode.IN_PLANE
        if known is not self.mode:
            feed.set_mode(self.mode)
        self._told = feed, self.mode
