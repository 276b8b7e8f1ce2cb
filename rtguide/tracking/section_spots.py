"""Compact bright spots, and which of them were not there before, in a frame that goes with the tissue."""

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtguide.kernels.needle_background import halve, local_contrast, spread_row
from rtguide.kernels.spots import spot_strength
from rtguide.model.points import Point
from rtguide.opencv import cv2
from rtguide.tracking.grid import WorkGrid
from rtguide.tracking.grid_tracker import GridPicture

__all__ = ["NewSpots", "Spot", "SpotFinder"]

CONTRAST_WINDOW_MM, GREY_FLOOR = 5.0, 6.0
"""As in `needle_evidence`."""

DOT_MM = 0.5
"""Side of the square that a dot fills at least: a 22 gauge needle and the blur of the picture."""

ASIDE_MM, ABOVE_MM = 1.3, 1.2
"""Half-width of the box that a dot stands free in, and its height above the dot: wider than a dot's blur."""

SLICE_S, SLICES = 0.25, 8
"""Spots are remembered in pieces of so many seconds, and known from before when they are older than all pieces: a tip
that comes into the plane slowly must not be remembered while it does."""

FORGET_S = 30.0
"""A remembered brightness fades by a deviation in this time: several breaths, for what they move through the plane."""

YOUNG_S, YOUNG_DOUBT = 6.0, 0.5
"""Tissue seen for less than a breath has not shown all that it does by itself: what is new in it must be so by more."""

LOOK_BACK_S, SAME_TISSUE = 1.0, 0.75
"""Correlation with the picture of so long ago below which the probe has been moved across: see `_take_over`."""

SETTLED_S = 2.0
"""The mean that the pictures are settled on goes over so long."""

LEAST_RESPONSE, MOST_MISSED_CELLS = 0.1, 4.0
"""Phase correlation that is believed, and how far: more than errors of a second add up to is another motion."""

NOTHING = -9.0
"""Below all contrasts."""

NEAR_MM = 0.45
"""A spot so near to a remembered one is that one: tissue shears, and the matching is not exact."""

LEAST_NEW = 0.5
"""Local deviations by which a spot must exceed what was there before, to be listed at all."""

TAIL_MM = 8.0
"""So far below a dot its comet tail is not learnt either: the needle may be walked down into it."""

MOST_SPOTS = 8
"""More are not listed: then nothing in this picture is a needle's work."""

FAR_CELLS = 10.0
"""The frame that goes with the tissue is drawn anew where the tissue has moved so far: its borders would starve."""


@dataclass(frozen=True, slots=True)
class Spot:
    """x, y: cells of the frame that goes with the tissue · strength: over what lies around · newness: over before."""

    x: float
    y: float
    strength: float
    newness: float


@dataclass(frozen=True, slots=True, eq=False)
class NewSpots:
    """What one picture shows that was not there before.

    spots: the newest first, in cells of the tissue's frame · now_from_then: float64 (2, 3), where a point of that frame
    lies in the picture · redrawn_by: float64 (2, 3), how places noted before move because the frame was drawn anew;
    None where it was not · agreement: how much of the picture moves as one, 0 to 1 ·
    likeness: correlation with the picture of a second ago, tissue with tissue · time_s: of the picture.
    """

    spots: tuple[Spot, ...]
    now_from_then: NDArray[np.float64]
    redrawn_by: NDArray[np.float64] | None
    agreement: float
    likeness: float
    time_s: float


class SpotFinder:
    """Distinct pictures in order of time. Its arrays are reused from picture to picture."""

    def __init__(self, grid: WorkGrid) -> None:
        self._grid = grid
        rows, columns = grid.shape
        cell = grid.cell_mm
        window = round(CONTRAST_WINDOW_MM / cell / 2) | 1
        self._window = (window, window)
        self._dot = max(round(DOT_MM / cell) | 1, 3)
        self._aside, self._above = max(round(ASIDE_MM / cell), 3), max(round(ABOVE_MM / cell), 3)
        self._tall = np.ones((2 * round(0.7 * self._above) + 1, 1), np.uint8)
        self._broad = np.ones((1, 2 * round(0.7 * self._aside) + 1), np.uint8)
        near = max(round(NEAR_MM / cell), 1)
        self._near = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * near + 1, 2 * near + 1))
        self._apart = max(round(ASIDE_MM / cell), 2)
        eroded = cv2.erode(grid.inside.astype(np.uint8), np.ones((5, 5), np.uint8), borderValue=1)
        self._inside = np.asarray(eroded, np.uint8)
        half = (rows // 2, columns // 2)
        self._mean, self._square = np.zeros((2, *half), np.float32)
        self._per_share = self._one_over_share()
        self._contrast, self._here, self._more, self._strength, self._newness = np.zeros((5, rows, columns), np.float32)
        self._usual: NDArray[np.float32] = np.zeros((-(-rows // 2), -(-columns // 2)), np.float32)
        self._fading = np.asarray(cv2.createHanningWindow(self._usual.shape[::-1], cv2.CV_32F), np.float32)
        self._memory = np.zeros((rows, columns), np.float32)
        self._slices = np.full((SLICES, rows, columns), NOTHING, np.float32)
        self._filling = 0
        self._filled_s = 0.0
        self._seen_s = np.zeros((rows, columns), np.float32)
        self._past: deque[tuple[float, NDArray[np.float32]]] = deque()
        self._map = np.eye(3)
        self._last_s: float | None = None

    def _one_over_share(self) -> NDArray[np.float32]:
        halve(self._inside, self._inside, self._mean, self._square)
        share = np.asarray(cv2.boxFilter(self._mean, -1, self._window, borderType=cv2.BORDER_CONSTANT), np.float32)
        line, out = np.empty(share.shape[1], np.float32), np.empty(self._inside.shape, np.float32)
        for y in range(len(out)):
            spread_row(share, y, line, out[y])
        return (self._inside / np.maximum(out, 0.05)).astype(np.float32)

    def _means(self, cells: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Local contrast averaged over a dot."""
        grey = np.asarray(cv2.GaussianBlur(cells, (3, 3), 0.8), np.uint8)
        halve(grey, self._inside, self._mean, self._square)
        mean = np.asarray(cv2.boxFilter(self._mean, -1, self._window, borderType=cv2.BORDER_CONSTANT), np.float32)
        square = np.asarray(cv2.boxFilter(self._square, -1, self._window, borderType=cv2.BORDER_CONSTANT), np.float32)
        local_contrast(grey, mean, square, self._per_share, GREY_FLOOR, self._contrast)
        return np.asarray(cv2.blur(self._contrast, (self._dot, self._dot)), np.float32)

    def update(self, picture: GridPicture, keep: Sequence[Point]) -> NewSpots:
        """The picture's new spots. keep: places (x, y) of the tissue's frame at which nothing is learnt now."""
        motion, now = picture.motion, picture.time_s
        step = np.eye(3)
        step[:2, :2] += motion.affine[:, :2]
        step[:2, 2] = motion.affine[:, 2] - motion.affine[:, :2] @ motion.middle
        self._map = step @ self._map
        redrawn = None
        if self._has_gone_far():
            redrawn = self._map[:2].copy()
            self._redraw()
        means = self._means(picture.cells)
        rows, columns = self._grid.shape
        warp = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        here = self._here
        cv2.warpAffine(means, self._map[:2], (columns, rows), dst=here, flags=warp)
        if self._last_s is None:
            self._memory[:] = here
            self._usual[:] = here[::2, ::2]
            self._seen_s[:] = now
            self._filled_s = now
        elif self._settle(here, now - self._last_s):
            cv2.warpAffine(means, self._map[:2], (columns, rows), dst=here, flags=warp)
        more = self._more
        np.subtract(here, cv2.dilate(self._memory, self._near), out=more)
        more[self._seen_s > now - YOUNG_S] -= YOUNG_DOUBT
        more[self._seen_s > now - (SLICES + 1) * SLICE_S] = 0.0
        beside = np.asarray(cv2.dilate(more, self._tall), np.float32)
        over = np.asarray(cv2.dilate(more, self._broad), np.float32)
        spot_strength(more, beside, over, self._inside, self._aside, self._above, self._strength)
        cv2.blur(self._strength, (3, 3), dst=self._newness)
        likeness = self._likeness(here, now)
        spots = self._peaks(here, self._newness)
        self._learn(here, now, keep, is_other=likeness < SAME_TISSUE)
        return NewSpots(spots, self._map[:2].copy(), redrawn, motion.agreement, likeness, now)

    def _settle(self, here: NDArray[np.float32], step_s: float) -> bool:
        """Take out what the matching from picture to picture has missed; whether there was anything to speak of.

        Its small errors add up; the mean of the last pictures in the tissue's frame does not drift.
        """
        half = np.ascontiguousarray(here[::2, ::2])
        (dx, dy), response = cv2.phaseCorrelate(self._usual, half, self._fading)
        dx, dy = 2.0 * dx, 2.0 * dy
        has_missed = response > LEAST_RESPONSE and 0.1 < math.hypot(dx, dy) < MOST_MISSED_CELLS
        if has_missed:
            self._map[:2, 2] += self._map[:2, :2] @ (dx, dy)
        gain = 1.0 - math.exp(-step_s / SETTLED_S)
        cv2.accumulateWeighted(half, self._usual, gain)
        return has_missed

    def _likeness(self, here: NDArray[np.float32], now: float) -> float:
        """Correlation of the picture with that of a second ago, tissue with tissue; 1 while there is none."""
        small = here[::3, ::3]
        while len(self._past) > 1 and now - self._past[1][0] >= LOOK_BACK_S:
            self._past.popleft()
        like = 1.0
        if self._past:
            then = self._past[0][1]
            both = (then != 0.0) & (small != 0.0)
            a, b = then[both] - then[both].mean(), small[both] - small[both].mean()
            like = float((a * b).mean() / max(a.std() * b.std(), 1e-6)) if a.size > 50 else 0.0
        if not self._past or now - self._past[-1][0] >= 0.1:
            self._past.append((now, small.copy()))
        return like

    def _has_gone_far(self) -> bool:
        rows, columns = self._grid.shape
        corners = np.array([[0, 0, 1], [columns, 0, 1], [0, rows, 1], [columns, rows, 1]], float)
        moved = corners @ self._map[:2].T - corners[:, :2]
        return bool(np.abs(moved).max() > FAR_CELLS)

    def _redraw(self) -> None:
        rows, columns = self._grid.shape
        size, forward = (columns, rows), self._map[:2]
        self._past.clear()
        usual = cv2.warpAffine(self._usual, _halved(forward), self._usual.shape[::-1], flags=cv2.INTER_LINEAR)
        self._usual = np.asarray(usual, np.float32)
        self._memory = np.asarray(cv2.warpAffine(self._memory, forward, size, flags=cv2.INTER_LINEAR), np.float32)
        for k in range(SLICES):
            self._slices[k] = cv2.warpAffine(self._slices[k], forward, size, flags=cv2.INTER_LINEAR)
        late = self._last_s or 0.0
        self._seen_s = np.asarray(
            cv2.warpAffine(self._seen_s, forward, size, flags=cv2.INTER_NEAREST, borderValue=late)
        )
        self._map = np.eye(3)

    def _learn(self, here: NDArray[np.float32], now: float, keep: Sequence[Point], *, is_other: bool) -> None:
        if is_other:
            self._take_over(here, keep)
        slot = self._slices[self._filling]
        np.maximum(slot, here, out=slot)
        self._spare(self._slices, keep)
        if now - self._filled_s >= SLICE_S:
            self._memory -= np.float32((now - self._filled_s) / FORGET_S)
            self._filling = (self._filling + 1) % SLICES
            oldest = self._slices[self._filling]
            np.maximum(self._memory, oldest, out=self._memory)
            oldest[:] = NOTHING
            self._filled_s = now
        self._last_s = now

    def _take_over(self, here: NDArray[np.float32], keep: Sequence[Point]) -> None:
        """Other tissue than a second ago: the probe has brought it, whatever is in it is no news."""
        latest = here.copy()
        self._spare(latest, keep)
        np.maximum(self._memory, latest, out=self._memory)

    def _spare(self, values: NDArray[np.float32], keep: Sequence[Point]) -> None:
        """Nothing is learnt about these places and what lies below them."""
        aside = self._apart + self._near.shape[0] // 2
        below = aside + round(TAIL_MM / self._grid.cell_mm)
        for x, y in keep:
            column, row = round(x), round(y)
            rows, columns = slice(max(row - aside, 0), row + below), slice(max(column - aside, 0), column + aside + 1)
            values[..., rows, columns] = NOTHING

    def around(self, x: float, y: float, reach_mm: float) -> Spot | None:
        """The newest spot of the last picture near a place of the tissue's frame; the farther, the less it counts."""
        reach = max(round(reach_mm / self._grid.cell_mm), 1)
        column, row = round(x), round(y)
        left, top = max(column - reach, 0), max(row - reach, 0)
        new = self._newness[top : row + reach + 1, left : column + reach + 1]
        if new.size == 0:
            return None
        ys, xs = np.ogrid[: new.shape[0], : new.shape[1]]
        away = ((xs + left - x) ** 2 + (ys + top - y) ** 2) / reach**2
        index = int(np.argmax(new * np.exp(-away)))
        j, i = divmod(index, new.shape[1])
        return Spot(left + i, top + j, float(self._here[top + j, left + i]), float(new[j, i]))

    def _peaks(self, here: NDArray[np.float32], newness: NDArray[np.float32]) -> tuple[Spot, ...]:
        left = newness.copy()
        found = []
        for _ in range(MOST_SPOTS):
            _, most, _, (x, y) = cv2.minMaxLoc(left)
            if most < LEAST_NEW:
                break
            found.append(Spot(float(x), float(y), float(here[y, x]), float(most)))
            cv2.circle(left, (x, y), self._apart + 2, 0.0, -1)
        return tuple(found)


def _halved(affine: NDArray[np.float64]) -> NDArray[np.float64]:
    """An affine map, float64 (2, 3), between pictures of half the size."""
    half = affine.copy()
    half[:, 2] /= 2.0
    return half
