"""The tracker without learned parts: the needle and the marked structures on one shared work grid."""

from collections.abc import Sequence

from rtguide.model.frame import Frame
from rtguide.model.geometry import ImageGeometry
from rtguide.model.scene import Tracking
from rtguide.model.structure import Structure
from rtguide.tracking.grid import GridSampler, WorkGrid
from rtguide.tracking.needle import NeedleTracker
from rtguide.tracking.spread import SpreadTracker
from rtguide.tracking.structures import StructureTracker

__all__ = ["ClassicTracker"]


class ClassicTracker:
    """Needle by line evidence, structures by block matching; each frame is brought onto the grid once."""

    def __init__(self) -> None:
        self._needle = NeedleTracker()
        self._structures = StructureTracker()
        self._sampler: GridSampler | None = None

    def start(self, geometry: ImageGeometry) -> None:
        """Forget everything, marks too, and work in this geometry from now on."""
        grid = WorkGrid.from_geometry(geometry)
        self._sampler, self._spread = GridSampler(grid), SpreadTracker(grid)
        self._needle.start(geometry)
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
        structures = self._structures.track_cells(cells)
        spread = self._spread.update(cells, structures)
        return Tracking(self._needle.track_cells(cells), (), structures, spread)

    def _ready(self, frame: Frame) -> GridSampler:
        """The sampler; a tracker that was never started takes the whole frame as the image."""
        if self._sampler is None:
            self.start(ImageGeometry.whole_frame(frame.shape_px))
        assert self._sampler is not None
        return self._sampler
