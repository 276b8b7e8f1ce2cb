"""The tracker without learned parts."""

from rtguide.tracking.grid_tracker import GridTracker
from rtguide.tracking.needle import LineNeedle
from rtguide.tracking.section import CrossSection

__all__ = ["ClassicTracker"]


class ClassicTracker(GridTracker):
    """Needle by line evidence, structures by block matching."""

    def __init__(self) -> None:
        super().__init__(LineNeedle, CrossSection)
