"""The tracker with the learned cue: it needs the extra `rtguide[learned]`."""

from rtguide.errors import ConfigError
from rtguide.tracking.grid_tracker import GridTracker
from rtguide.tracking.learned_cue import LearnedCue, has_learned_cue
from rtguide.tracking.learned_follow import CueFollower

__all__ = ["LearnedTracker"]


class LearnedTracker(GridTracker):
    """Needle by the learned cue, structures by block matching."""

    def __init__(self) -> None:
        if not has_learned_cue():
            raise ConfigError("the learned cue needs onnxruntime, which is not here: pip install 'rtguide[learned]'")
        super().__init__(lambda grid: CueFollower(grid, LearnedCue(grid)))
