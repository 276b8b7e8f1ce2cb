"""Lines that enter the region at its border: short, dim and still ones are found here before they move."""

import math

import numpy as np
from numpy.typing import NDArray

from rtguide.kernels.needle_entry import entry_ridges
from rtguide.opencv import cv2
from rtguide.tracking.grid import WorkGrid
from rtguide.tracking.needle_evidence import Evidence
from rtguide.tracking.needle_proposal import LineProposal

__all__ = ["SHALLOW_SHARE", "EntrySearch"]

STEP_DEG, LEAST_DEG = 4, -4
"""A beginning of 5 mm and 0.5 mm width turned by 4° still lies on itself; needles run downward or nearly level."""

STEEP_DEG = 45
"""From the top only steeper lines come: flatter ones there are layers under the probe."""

SHALLOW_SHARE = 0.7
"""Part of the depth in which a needle may enter: deeper it would have crossed half a hand before."""

FLANK_MM = 0.9
"""Distance of the two sides a ridge is compared with, as in the segment search."""

SHORTEST_MM, LONGEST_MM = 2.4, 14.0
"""Shortest beginning that stands out of speckle; the longest that is looked at."""

APART_MM, APART_RAD = 2.0, math.radians(14.0)
"""Of lines nearer to each other in place and direction only the strongest is kept."""

MOST = 4
"""Lines proposed from each side."""

LEAST_SCORE = 6.0
"""Weaker lines are speckle: in needle-free pictures dozens reach 5, few 7."""


class EntrySearch:
    """Proposes the strongest beginnings; one side of the region a picture (left, right, top)."""

    def __init__(self, grid: WorkGrid) -> None:
        rows, columns = grid.shape[0] // 2, grid.shape[1] // 2
        whole = grid.inside[: 2 * rows, : 2 * columns].reshape(rows, 2, columns, 2).all(axis=(1, 3))
        core = cv2.erode(np.asarray(whole, np.uint8), np.ones((3, 3), np.uint8), borderValue=1)
        self._inside: NDArray[np.bool_] = np.asarray(core, np.bool_)
        self._inside.flags.writeable = False
        cell = 2.0 * grid.cell_mm
        self._shape, self._cell = (rows, columns), cell
        self._flank = max(2.0, FLANK_MM / cell)
        self._reach = np.array([max(4, round(SHORTEST_MM / cell)), round(LONGEST_MM / cell)], np.int64)
        self._sides = tuple(_lines(self._inside, side) for side in range(3))
        self._half = np.zeros((rows, columns), np.float32)
        most = max(len(lines) for lines in self._sides)
        self._scores, self._lengths = np.zeros(most, np.float32), np.zeros(most, np.int64)
        self._turn = 0

    def propose(self, evidence: Evidence) -> list[LineProposal]:
        """The strongest beginnings from the side whose turn it is."""
        lines = self._sides[self._turn]
        self._turn = (self._turn + 1) % len(self._sides)
        rows, columns = self._shape
        cv2.resize(
            evidence.contrast[: 2 * rows, : 2 * columns], (columns, rows), self._half, interpolation=cv2.INTER_AREA
        )
        scores, lengths = self._scores[: len(lines)], self._lengths[: len(lines)]
        entry_ridges(self._half, self._inside, lines, self._flank, self._reach, scores, lengths)
        found: list[LineProposal] = []
        kept: list[int] = []
        strong = np.flatnonzero(scores >= LEAST_SCORE)
        for index in strong[np.argsort(-scores[strong], kind="stable")]:
            if len(kept) == MOST:
                break
            if any(self._are_near(lines[index], lines[other]) for other in kept):
                continue
            kept.append(int(index))
            x, y, ux, uy = (float(v) for v in lines[index])
            length = float(lengths[index]) - 1.0
            ends = np.array([x, y, x + ux * length, y + uy * length]) * 2.0 + 0.5
            found.append(LineProposal((ends[0], ends[1], ends[2], ends[3]), float(scores[index]), has_end=True))
        return found

    def _are_near(self, one: NDArray[np.float32], other: NDArray[np.float32]) -> bool:
        away = math.hypot(float(one[0] - other[0]), float(one[1] - other[1])) * self._cell
        return away < APART_MM and float(one[2] * other[2] + one[3] * other[3]) > math.cos(APART_RAD)


def _lines(inside: NDArray[np.bool_], side: int) -> NDArray[np.float32]:
    """Beginnings from one side (0 left, 1 right, 2 top) as rows (x, y, ux, uy), float32 (n, 4)."""
    padded = np.pad(inside, 1)
    rows, columns = inside.shape
    left, right = ~padded[1:-1, :-2] & inside, ~padded[1:-1, 2:] & inside
    top = ~padded[:-2, 1:-1] & inside
    border = (left & ~right, right & ~left, top & ~left & ~right)[side]
    border[round(SHALLOW_SHARE * rows) :] = False
    ys, xs = np.nonzero(border)
    degrees = np.arange(LEAST_DEG, 180 - LEAST_DEG + STEP_DEG, STEP_DEG)
    if side == 2:
        degrees = degrees[(degrees >= STEEP_DEG) & (degrees <= 180 - STEEP_DEG)]
    angles = np.radians(degrees)
    x, turn = (grid.ravel() for grid in np.meshgrid(xs, angles, indexing="ij"))
    y = np.repeat(ys, len(angles))
    ux, uy = np.cos(turn), np.sin(turn)

    def is_in(steps: float) -> NDArray[np.bool_]:
        j, i = np.floor(x + ux * steps + 0.5).astype(int), np.floor(y + uy * steps + 0.5).astype(int)
        is_on = (i >= 0) & (j >= 0) & (i < rows) & (j < columns)
        found = np.zeros(len(x), np.bool_)
        found[is_on] = inside[i[is_on], j[is_on]]
        return found

    enters = is_in(3.0) & ~is_in(-1.5)
    return np.column_stack([x, y, ux, uy])[enters].astype(np.float32)
