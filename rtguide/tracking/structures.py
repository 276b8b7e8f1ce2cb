"""The marked structures, followed on the work grid."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rtguide.model.frame import Frame
from rtguide.model.geometry import ImageGeometry
from rtguide.model.points import as_array, as_points
from rtguide.model.structure import Structure, StructureKind, StructureState, StructureTrack
from rtguide.opencv import cv2
from rtguide.tracking.grid import GridFrame, GridSampler, WorkGrid
from rtguide.tracking.structure_blocks import Picture, lay_blocks
from rtguide.tracking.structure_follow import Follower
from rtguide.tracking.structure_pulse import PulseWatch

__all__ = ["StructureTracker"]


class StructureTracker:
    """Follows every marked structure. Frames come in order of time; used by one thread at a time."""

    def __init__(self) -> None:
        self._grid: WorkGrid | None = None
        self._marks: dict[str, tuple[Structure, Follower]] = {}
        self._pulses: dict[str, PulseWatch] = {}

    def start(self, geometry: ImageGeometry) -> None:
        """Forget everything, marks too, and work in this geometry from now on."""
        self._grid = WorkGrid.from_geometry(geometry)
        self._sampler = GridSampler(self._grid)
        self._marks, self._pulses = {}, {}

    def mark(self, structures: Sequence[Structure], frame: Frame) -> None:
        """Follow these structures too, as they lie in `frame`; one of a name that is known is marked anew.

        One that lies outside the image is lost from the start: there is nothing to follow.
        """
        if self._grid is None:
            self.start(ImageGeometry.whole_frame(frame.shape_px))
        assert self._grid is not None
        picture = _picture(self._grid, self._grid.sample(frame))
        for structure in structures:
            outline = self._grid.grid_from_px(as_array(structure.outline_px))
            follower = Follower.begin(picture, lay_blocks(outline, structure.kind), outline, frame.time_ns * 1e-9)
            self._marks[structure.name] = (structure, follower)
            if structure.kind is StructureKind.STRUCTURE:
                self._pulses[structure.name] = PulseWatch(phase_s=0.13 * len(self._pulses))
            else:
                self._pulses.pop(structure.name, None)

    def clear_marks(self) -> None:
        """Forget every marked structure."""
        self._marks, self._pulses = {}, {}

    def track(self, frame: Frame) -> tuple[StructureState, ...]:
        """Where the structures are in this frame, in the order in which their names were first marked."""
        if self._grid is None:
            self.start(ImageGeometry.whole_frame(frame.shape_px))
        return self.track_cells(self._sampler.take(frame))

    def track_cells(self, frame: GridFrame) -> tuple[StructureState, ...]:
        """The same for a frame that was brought onto the grid already. A repeated picture adds no evidence."""
        assert self._grid is not None
        if not self._marks:
            return ()
        time_s = frame.time_ns * 1e-9
        picture = None if frame.is_repeat else _picture(self._grid, frame.cells)
        states = []
        for structure, follower in self._marks.values():
            if picture is None:
                follower.wait(time_s)
            else:
                follower.update(picture, time_s)
            states.append(self._state(structure, follower, time_s))
        return tuple(states)

    def _state(self, structure: Structure, follower: Follower, time_s: float) -> StructureState:
        assert self._grid is not None
        outline: NDArray[np.float64] = np.zeros((0, 2))
        if follower.track is not StructureTrack.LOST:
            outline = self._grid.px_from_grid(follower.outline_now())
        watch = self._pulses.get(structure.name)
        return StructureState(
            structure.name,
            structure.kind,
            structure.tissue,
            structure.role,
            follower.track,
            as_points(outline),
            follower.confidence,
            None if watch is None else watch.update(time_s, follower.growth),
        )


def _picture(grid: WorkGrid, cells: NDArray[np.uint8]) -> Picture:
    rows, columns = cells.shape
    half = cv2.resize(
        cells[: rows // 2 * 2, : columns // 2 * 2], (columns // 2, rows // 2), interpolation=cv2.INTER_AREA
    )
    return Picture(cells, np.asarray(half, np.uint8), grid.inside)
