"""The tracker with the learned cue: it needs the extra `rtguide[learned]`."""

from collections.abc import Sequence

from rtguide.errors import ConfigError
from rtguide.model.frame import Frame
from rtguide.model.geometry import ImageGeometry
from rtguide.model.needle import NeedleState, NeedleTrack
from rtguide.model.scene import Tracking
from rtguide.model.structure import Structure
from rtguide.tracking.grid import GridFrame, GridSampler, WorkGrid
from rtguide.tracking.grid_motion import TissueMotionEstimator
from rtguide.tracking.learned_cue import LearnedCue, has_learned_cue
from rtguide.tracking.learned_follow import CueFollower
from rtguide.tracking.spread import SpreadTracker
from rtguide.tracking.structures import StructureTracker

__all__ = ["LearnedTracker"]

SAY_LOST_S = 1.0
"""That a needle was lost stays on screen for a while."""


class LearnedTracker:
    """The needle by the learned cue, structures by block matching; each frame is brought onto the grid once."""

    def __init__(self) -> None:
        if not has_learned_cue():
            raise ConfigError("the learned cue needs onnxruntime, which is not here: pip install 'rtguide[learned]'")
        self._structures = StructureTracker()
        self._sampler: GridSampler | None = None

    def start(self, geometry: ImageGeometry) -> None:
        """Forget everything, marks too, and work in this geometry from now on."""
        grid = WorkGrid.from_geometry(geometry)
        self._sampler, self._spread = GridSampler(grid), SpreadTracker(grid)
        self._motion = TissueMotionEstimator(grid)
        self._follower = CueFollower(grid, LearnedCue(grid))
        self._state = NeedleState()
        self._held_s: float | None = None
        self._structures.start(geometry)

    def mark(self, structures: Sequence[Structure], frame: Frame) -> None:
        """Follow these structures too, as they lie in `frame`."""
        self._ready(frame)
        self._structures.mark(structures, frame)

    def clear_marks(self) -> None:
        """Forget every marked structure; the needle goes on."""
        self._structures.clear_marks()

    def track(self, frame: Frame) -> Tracking:
        """What is in this frame. Frames come in order of time; a repeated picture adds no evidence."""
        cells = self._ready(frame).take(frame)
        if not cells.is_repeat:
            self._state = self._needle(cells, cells.time_ns * 1e-9)
        structures = self._structures.track_cells(cells)
        return Tracking(self._state, (), structures, self._spread.update(cells, structures))

    def _needle(self, frame: GridFrame, time_s: float) -> NeedleState:
        found = self._follower.update(frame.cells, self._motion.update(frame.cells), time_s)
        if found is not None:
            self._held_s = time_s
            return found
        was_lost = self._held_s is not None and time_s - self._held_s < SAY_LOST_S
        return NeedleState(NeedleTrack.LOST if was_lost else NeedleTrack.NONE, pass_number=self._state.pass_number)

    def _ready(self, frame: Frame) -> GridSampler:
        """The sampler; a tracker that was never started takes the whole frame as the image."""
        if self._sampler is None:
            self.start(ImageGeometry.whole_frame(frame.shape_px))
        assert self._sampler is not None
        return self._sampler
