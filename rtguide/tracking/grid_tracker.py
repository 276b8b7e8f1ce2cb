"""A tracker on one shared work grid: marked structures, injected fluid, and a needle part that is given to it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rtguide.model.frame import Frame
from rtguide.model.geometry import ImageGeometry
from rtguide.model.needle import NeedleHint, NeedleMode, NeedleState
from rtguide.model.plan import Approach
from rtguide.model.points import as_array, as_points
from rtguide.model.scene import Tracking
from rtguide.model.structure import Structure
from rtguide.tracking.grid import GridSampler, WorkGrid
from rtguide.tracking.grid_motion import TissueMotion, TissueMotionEstimator
from rtguide.tracking.needle_course import NeedleCourse
from rtguide.tracking.needle_hint import GridHint
from rtguide.tracking.spread import SpreadTracker
from rtguide.tracking.structures import StructureTracker

__all__ = ["GridPicture", "GridTracker", "NeedlePart"]


@dataclass(frozen=True, slots=True, eq=False)
class GridPicture:
    """One distinct picture.

    cells: uint8 (rows, columns) · motion: of the tissue since the last one · time_s · hint: where a person said a
    moment ago that the needle is: a part may look there and believe sooner, never show what the picture does not ·
    has_fluid: injected fluid was seen in the last picture, in which bubbles may be ·
    approach: from where the plan expects the needle; one from the other side has to wait a little.
    """

    cells: NDArray[np.uint8]
    motion: TissueMotion
    time_s: float
    hint: GridHint | None = None
    has_fluid: bool = False
    approach: Approach = Approach.UNKNOWN


class NeedlePart(Protocol):
    """Finds and follows the needle on the grid it was made for; one per source."""

    @property
    def is_busy(self) -> bool:
        """Whether the last picture took more work than most, so that other work had better wait for the next."""
        ...

    def update(self, picture: GridPicture) -> NeedleState:
        """The needle in the next distinct picture: none, searching, locked or coasting, its passes not counted."""
        ...


class GridTracker:
    """Each frame is brought onto the grid once; what is lost and the passes are said in one way for every needle part.

    make_needle: builds the needle part for a grid · make_section: that for needles that cross the plane; without it the
    mode cannot be changed.
    """

    def __init__(
        self,
        make_needle: Callable[[WorkGrid], NeedlePart],
        make_section: Callable[[WorkGrid], NeedlePart] | None = None,
    ) -> None:
        self._make_needle, self._make_section = make_needle, make_section
        self._is_out_of_plane = False
        self._structures = StructureTracker()
        self._sampler: GridSampler | None = None
        self._approach = Approach.UNKNOWN

    def start(self, geometry: ImageGeometry) -> None:
        """Forget everything, marks too, and work in this geometry from now on."""
        grid = WorkGrid.from_geometry(geometry)
        self._sampler, self._spread = GridSampler(grid), SpreadTracker(grid)
        self._motion, self._has_fluid = TissueMotionEstimator(grid), False
        self._begin_needle(grid)
        self._structures.start(geometry)

    def set_mode(self, mode: NeedleMode) -> None:
        """Look for needles of this mode from the next frame on; what is known of another one is forgotten."""
        is_out_of_plane = mode is NeedleMode.OUT_OF_PLANE and self._make_section is not None
        if is_out_of_plane != self._is_out_of_plane:
            self._is_out_of_plane = is_out_of_plane
            if self._sampler is not None:
                self._begin_needle(self._sampler.grid)

    def _begin_needle(self, grid: WorkGrid) -> None:
        make = self._make_section if self._is_out_of_plane and self._make_section is not None else self._make_needle
        self._part, self._course = make(grid), NeedleCourse(grid)
        self._needle = NeedleState()
        self._hint: GridHint | None = None

    def mark(self, structures: Sequence[Structure], frame: Frame) -> None:
        """Follow these structures too, as they lie in `frame`."""
        self._ready(frame)
        self._structures.mark(structures, frame)

    def clear_marks(self) -> None:
        """Forget every marked structure; the needle goes on."""
        self._structures.clear_marks()

    def hint(self, hint: NeedleHint, frame: Frame) -> None:
        """The needle is there in `frame`, says a person; counts for a few seconds."""
        grid = self._ready(frame).grid
        points = as_points(grid.grid_from_px(as_array(hint.points_px)))
        self._hint = GridHint(points, frame.time_ns * 1e-9, grid.cell_mm)

    def expect(self, approach: Approach) -> None:
        """The plan expects the needle from there, until it says otherwise; a new start does not change plans."""
        self._approach = approach

    def track(self, frame: Frame) -> Tracking:
        """What is in this frame. Frames come in order of time; a repeated picture adds no evidence."""
        taken = self._ready(frame).take(frame)
        if not taken.is_repeat:
            time_s = taken.time_ns * 1e-9
            motion = self._motion.update(taken.cells)
            self._hint = None if self._hint is None else self._hint.carried(motion, time_s)
            has_fluid, approach = self._has_fluid, self._approach
            found = self._part.update(GridPicture(taken.cells, motion, time_s, self._hint, has_fluid, approach))
            self._needle = self._course.update(found, time_s)
        structures = self._structures.track_cells(taken)
        spread = self._spread.update(taken, structures, self._needle.curve_px, can_wait=self._part.is_busy)
        self._has_fluid = spread is not None
        return Tracking(self._needle, (), structures, spread, self._spread.sight)

    def _ready(self, frame: Frame) -> GridSampler:
        """The sampler; a tracker that was never started takes the whole frame as the image."""
        if self._sampler is None:
            self.start(ImageGeometry.whole_frame(frame.shape_px))
        assert self._sampler is not None
        return self._sampler
