"""The tracker with the learned cue: what every command uses unless another is asked for."""

from rtguide.tracking.grid_tracker import GridTracker
from rtguide.tracking.learned_cue import LearnedCue
from rtguide.tracking.learned_follow import CueFollower
from rtguide.tracking.section import CrossSection

__all__ = ["LearnedTracker"]


class LearnedTracker(GridTracker):
    """Needle by the learned cue, structures by block matching."""

    def __init__(self) -> None:
        super().__init__(lambda grid: CueFollower(grid, LearnedCue(grid)), CrossSection)
