"""Fluid that is injected: tissue gives way to something dark that was not there, and it grows.

The picture is compared with what was there before, on the half-size grid, smoothed. What lies within a millimetre of
something as dark before is not new: vessels beat and everything breathes. Fluid that scatters (a suspension) is not
seen. Where much of the picture turns dark at once, contact is lost or the gain was turned: nothing is said then.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rtguide.kernels.outline import outline_distances
from rtguide.model.points import Points, as_array, as_points
from rtguide.model.spread import Spread, SpreadAround, SpreadSight
from rtguide.model.structure import Role, StructureKind, StructureState, StructureTrack, Tissue
from rtguide.opencv import cv2
from rtguide.tracking.grid import GridFrame, WorkGrid

__all__ = ["SpreadTracker"]

Floats = NDArray[np.float64]

EVERY_S = 0.2
"""How often fluid is looked for: it grows by a few square millimetres a second."""

SMOOTH_HALF_CELLS = 1.5
"""Sigma of the smoothing: two to three speckles."""

MOVES_MM = 1.0
"""How far dark things may have moved since the picture they are compared with."""

DARKER, DARK_SHARE = 22.0, 0.45
"""Grey levels by which fluid is darker than anything near was, and at most this share of the picture's median."""

LEAST_MM2, THICK_MM = 2.5, 1.0
"""A pool is larger and nowhere thinner: what is pushed aside leaves thin dark rims."""

LEARN_S, FIRST_S = 6.0, 1.0
"""What was there before is learnt over so long where nothing is new; for the first second it is all that is done."""

MOST_SHARE, BRIGHT_SHARE = 0.2, 0.35
"""Share of the picture that fluid may take: more is lost contact. Where more than a share of what darkens
brightens, the probe has moved. What was there before is then learnt anew; fluid that is there by then is never seen."""

RIM_SHARE = 0.75
"""Share of the median below which a pool's rim counts as fluid."""

TWICE = 3
"""Looks running in which fluid must be there before it is said, each overlapping the last."""

BESIDE_MM = 1.5
"""Fluid this near to a structure's outline lies beside it."""

SURE_S, FADE_S = 2.0, 10.0
"""What was there before must be known for so long before no fluid is said to be none; for so long after some was seen
it is not: it may only be hidden."""

ROOM_MM, ROOM_SHARE, FLOOR_PERCENTILE = 8.0, 0.5, 2.0
"""Share of the tissue within so many millimetres of what is to be reached that must be bright enough for fluid to
stand out against it. Fluid is no darker than the darkest hundredths of the picture: black, or the noise in the deep."""

FAINT_SHARE, FAINT_MM2, SHAFT_MM = 0.25, 1.25, 1.2
"""Where it darkens or brightens there by so much of what fluid darkens, over so much, it may be fluid that is not seen
as such: a pool that begins, or a suspension. The needle is new too: so wide a band along it does not count."""


class SpreadTracker:
    """Watches one source for fluid. Frames come in order of time; used by one thread at a time."""

    def __init__(self, grid: WorkGrid) -> None:
        self._grid = grid
        rows, columns = grid.shape
        self._inside = grid.inside[: rows // 2 * 2 : 2, : columns // 2 * 2 : 2].astype(np.uint8)
        padded = np.pad(self._inside, 1)
        self._border = (self._inside - cv2.erode(padded, np.ones((7, 7), np.uint8))[1:-1, 1:-1]) > 0
        half_mm = 2 * grid.cell_mm
        self._moves, self._thick = _disc(MOVES_MM / half_mm), _disc(0.5 * THICK_MM / half_mm)
        self._least = LEAST_MM2 / half_mm**2
        self._before: NDArray[np.float32] | None = None
        self._began_s = self._looked_s = -math.inf
        self._seen = 0
        self._last: NDArray[np.uint8] | None = None
        self._dark_level = 0.0
        self._areas: dict[str, float] = {}
        self._spread: Spread | None = None
        self._said_s = -math.inf
        self.sight = SpreadSight.CANNOT_TELL

    def update(
        self, frame: GridFrame, structures: Sequence[StructureState], shaft_px: Points = (), *, can_wait: bool = False
    ) -> Spread | None:
        """The fluid in this frame, or None where none is known, as where nothing is marked; `sight` then tells more.

        shaft_px: the needle, where one is seen · can_wait: this frame is dear already, a later one will do.
        """
        if not structures:
            self._before = self._spread = None
            self.sight = SpreadSight.CANNOT_TELL
            return None
        time_s = frame.time_ns * 1e-9
        if frame.is_repeat or time_s - self._looked_s < (2.0 * EVERY_S if can_wait else EVERY_S):
            return self._spread
        elapsed, self._looked_s = time_s - self._looked_s, time_s
        self.sight = SpreadSight.CANNOT_TELL
        picture = self._smoothed(frame.cells)
        if self._before is None:
            self._before, self._began_s = picture, time_s
            return None
        dark, bright = self._new(picture)
        if self._has_moved(dark, bright, structures):
            self._before, self._began_s, self._seen, self._last, self._spread = picture, time_s, 0, None, None
            return None
        self._leave_out_vessels(dark, structures)
        fluid = self._fluid(dark, picture) if time_s - self._began_s >= FIRST_S else None
        gain = np.float32(1.0 - math.exp(-elapsed / LEARN_S)) * (1 - np.maximum(dark, bright))
        self._before += gain * (picture - self._before)
        self._seen = 0 if fluid is None else self._seen + 1
        self._last = fluid
        if fluid is None:
            self._note_areas(structures)
        self._spread = self._said(fluid, structures) if fluid is not None and self._seen >= TWICE else None
        if self._spread is not None:
            self._said_s, self.sight = time_s, SpreadSight.SEEN
        elif fluid is None and time_s - max(self._began_s + SURE_S, self._said_s + FADE_S) >= 0.0:
            self.sight = (
                SpreadSight.NONE if self._would_be_seen(picture, structures, shaft_px) else SpreadSight.CANNOT_TELL
            )
        return self._spread

    def _would_be_seen(
        self, picture: NDArray[np.float32], structures: Sequence[StructureState], shaft_px: Points
    ) -> bool:
        """Whether fluid beside what is to be reached would stand out: the tissue is bright enough, and as it was."""
        assert self._before is not None
        near = np.zeros_like(self._inside)
        for state in structures:
            if state.track is StructureTrack.TRACKED and state.role is not Role.AVOID and len(state.outline_px) > 2:
                self._fill(near, state, 1)
        reach = _disc(ROOM_MM / (2 * self._grid.cell_mm))
        near = np.asarray(cv2.dilate(near, reach), np.uint8)
        self._leave_out_vessels(near, structures)
        place = (near > 0) & (self._inside > 0)
        if not place.any():
            return False
        floor = float(np.percentile(picture[self._inside > 0], FLOOR_PERCENTILE))
        lowest, highest = cv2.erode(self._before, self._moves), cv2.dilate(self._before, self._moves)
        if (lowest[place] > floor + DARKER).mean() < ROOM_SHARE:
            return False
        changed = np.maximum(lowest - picture, picture - highest) > FAINT_SHARE * DARKER
        mask = (changed & place).astype(np.uint8)
        if len(shaft_px):
            line = np.round((self._grid.grid_from_px(as_array(shaft_px)) - 0.5) / 2).astype(np.int32)
            cv2.polylines(mask, [line], False, 0, max(1, round(SHAFT_MM / (2 * self._grid.cell_mm))))
        faint = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
        return int(faint.sum()) * LEAST_MM2 < FAINT_MM2 * self._least

    def _fill(self, mask: NDArray[np.uint8], state: StructureState, value: int) -> None:
        points = (self._grid.grid_from_px(as_array(state.outline_px)) - 0.5) / 2
        cv2.fillPoly(mask, [np.round(points).astype(np.int32)], value)

    def _smoothed(self, cells: NDArray[np.uint8]) -> NDArray[np.float32]:
        rows, columns = self._inside.shape
        half = cv2.resize(cells[: 2 * rows, : 2 * columns], (columns, rows), interpolation=cv2.INTER_AREA)
        return np.asarray(cv2.GaussianBlur(half.astype(np.float32), (0, 0), SMOOTH_HALF_CELLS), np.float32)

    def _new(self, picture: NDArray[np.float32]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Where it is dark and nothing near was, and the same for bright; uint8 0 or 1, thin parts gone."""
        assert self._before is not None
        lowest, highest = cv2.erode(self._before, self._moves), cv2.dilate(self._before, self._moves)
        self._dark_level = DARK_SHARE * float(np.median(picture[self._inside > 0]))
        dark = (lowest - picture > DARKER) & (picture < self._dark_level) & (self._inside > 0)
        bright = (picture - highest > DARKER) & (self._inside > 0)
        opened = [cv2.morphologyEx(part.astype(np.uint8), cv2.MORPH_OPEN, self._thick) for part in (dark, bright)]
        return np.asarray(opened[0], np.uint8), np.asarray(opened[1], np.uint8)

    def _has_moved(
        self, dark: NDArray[np.uint8], bright: NDArray[np.uint8], structures: Sequence[StructureState]
    ) -> bool:
        """Whether the picture is another one: much brightens, too much darkens, or all marks are lost."""
        darkened, brightened = int(dark.sum()), int(bright.sum())
        if darkened > MOST_SHARE * self._inside.sum() or brightened > max(self._least, BRIGHT_SHARE * darkened):
            return True
        return bool(structures) and all(state.track is StructureTrack.LOST for state in structures)

    def _leave_out_vessels(self, new: NDArray[np.uint8], structures: Sequence[StructureState]) -> None:
        """A vein that opens again is no fluid."""
        for state in structures:
            if state.tissue in (Tissue.ARTERY, Tissue.VEIN) and state.outline_px:
                self._fill(new, state, 0)

    def _fluid(self, new: NDArray[np.uint8], picture: NDArray[np.float32]) -> NDArray[np.uint8] | None:
        """The parts that can be fluid: large enough, not at the border as shadows and lost contact, there before.

        They are grown again by the rim that smoothing and the reach of motion took.
        """
        count, labels, stats, _ = cv2.connectedComponentsWithStats(new, connectivity=4)
        kept = np.zeros_like(new)
        at_border = set(np.unique(labels[self._border]).tolist())
        for part in range(1, count):
            _, _, width, height, area = stats[part].tolist()
            if area >= self._least and height <= 2.5 * width and part not in at_border:
                kept[labels == part] = 1
        if not kept.any() or (self._last is not None and self._seen and not (kept & self._last).any()):
            return None
        assert self._before is not None
        rim = (self._before - picture > 0.5 * DARKER) & (picture < RIM_SHARE / DARK_SHARE * self._dark_level)
        return np.asarray(np.maximum(kept, cv2.dilate(kept, self._moves) * rim), np.uint8)

    def _note_areas(self, structures: Sequence[StructureState]) -> None:
        """The areas of what is tracked while there is no fluid: slowly, so that a pulse does not count."""
        for state in structures:
            if state.kind is StructureKind.STRUCTURE and state.track is StructureTrack.TRACKED:
                area = _area(state.outline_px)
                self._areas[state.name] = self._areas.get(state.name, area) + 0.1 * (
                    area - self._areas.get(state.name, area)
                )

    def _said(self, fluid: NDArray[np.uint8], structures: Sequence[StructureState]) -> Spread:
        lines, _ = cv2.findContours(fluid, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        largest = max(lines, key=cv2.contourArea).reshape(-1, 2).astype(np.float64)
        outline = self._grid.px_from_grid(2.0 * largest + 0.5)
        if len(outline) > 48:
            outline = outline[np.linspace(0, len(outline), 48, endpoint=False).astype(int)]
        cell_px2 = 4.0 * self._grid.step_px[0] * self._grid.step_px[1]
        around = [self._around(state, outline) for state in structures if state.track is StructureTrack.TRACKED]
        return Spread(as_points(outline), float(fluid.sum()) * cell_px2, tuple(around))

    def _around(self, state: StructureState, outline: Floats) -> SpreadAround:
        points = as_array(state.outline_px)
        middle = (points.min(axis=0) + points.max(axis=0)) / 2
        dx, dy = outline.mean(axis=0) - middle
        distance = np.empty(len(points))
        outline_distances(np.ascontiguousarray(points), np.ascontiguousarray(outline), True, distance)
        beside = float((distance * self._grid.cell_mm / self._grid.step_px[0] < BESIDE_MM).mean())
        before = self._areas.get(state.name)
        swelling = None if before is None else _area(state.outline_px) / before - 1.0
        return SpreadAround(state.name, math.atan2(float(dy), float(dx)), beside, swelling)


def _area(outline_px: Points) -> float:
    x, y = as_array(outline_px).T
    return abs(float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum())) / 2


def _disc(radius: float) -> NDArray[np.uint8]:
    size = 2 * max(1, round(radius)) + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)), np.uint8)
