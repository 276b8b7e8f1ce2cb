"""What the learned cue looks at: this picture and three earlier ones, carried along with the tissue, in local contrast.

On the half-size grid: every other cell of the work grid both ways, cell (0, 0) at (0.5, 0.5) of the work grid.
"""

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtguide.opencv import cv2
from rtguide.tracking.grid import WorkGrid
from rtguide.tracking.grid_motion import TissueMotion

__all__ = ["LAGS_S", "LookBack", "as_input"]

LAGS_S = (0.0, 0.1, 0.3, 0.9)
"""How far back: a jiggle, an advance, and what is new since a needle's usual way of a few millimetres."""

WINDOW = 17
"""Cells of the half-size grid over which contrast is local: 5 mm on the grid of a linear probe."""

GREY_FLOOR = 6.0
"""Grey levels added to the local deviation: black areas and coding noise hold no contrast."""

MOST = 3.5
"""Deviations at which contrast is cut."""

MULTIPLE = 8
"""Sides of the input are padded to multiples of this: the network halves three times."""


@dataclass(slots=True)
class _Kept:
    """An earlier picture. now_from_then: float64 (3, 3), half-size cells."""

    time_s: float
    half: NDArray[np.uint8]
    now_from_then: NDArray[np.float64]


class LookBack:
    """Remembers pictures and the tissue's motion since. One per source; pictures in order of time."""

    def __init__(self, grid: WorkGrid) -> None:
        rows, columns = grid.shape
        self.shape = rows // 2, columns // 2
        self.inside = np.ascontiguousarray(grid.inside[0 : 2 * self.shape[0] : 2, 0 : 2 * self.shape[1] : 2])
        self._kept: deque[_Kept] = deque()

    def take(self, cells: NDArray[np.uint8], motion: TissueMotion, time_s: float) -> None:
        """The next distinct picture, uint8 (rows, columns) of the work grid, and the motion since the one before."""
        rows, columns = self.shape
        cut = cells[: 2 * rows, : 2 * columns]
        half = np.asarray(cv2.resize(cut, (columns, rows), interpolation=cv2.INTER_AREA), np.uint8)
        step = _half_map(motion)
        for kept in self._kept:
            kept.now_from_then = step @ kept.now_from_then
        self._kept.append(_Kept(time_s, half, np.eye(3)))
        while len(self._kept) > 1 and time_s - self._kept[1].time_s >= LAGS_S[-1]:
            self._kept.popleft()

    def stack(self, rows: slice, columns: slice) -> NDArray[np.uint8]:
        """A part of this picture and the earlier ones as they would lie now, uint8 (rows, columns, 4).

        What no earlier picture shows is taken from this one: no change is the honest guess.
        """
        now = self._kept[-1]
        shown = now.half[rows, columns]
        stacked = np.empty((*shown.shape, len(LAGS_S)), np.uint8)
        stacked[..., 0] = shown
        for k, lag in enumerate(LAGS_S[1:], 1):
            then = min(self._kept, key=lambda kept: abs(now.time_s - lag - kept.time_s))
            moved, part_from_then = shown.copy(), then.now_from_then[:2].copy()
            part_from_then[:, 2] -= columns.start, rows.start
            size = moved.shape[1], moved.shape[0]
            cv2.warpAffine(then.half, part_from_then, size, moved, cv2.INTER_LINEAR, cv2.BORDER_TRANSPARENT)
            stacked[..., k] = moved
        return stacked


def as_input(stacked: NDArray[np.uint8], inside: NDArray[np.bool_]) -> NDArray[np.float32]:
    """What the network takes: float32 (1, 5, rows, columns), padded at the right and lower side with zeros.

    stacked: uint8 (rows, columns, 4) · inside: bool (rows, columns), also the last channel.
    """
    rows, columns = inside.shape
    mask = inside.astype(np.float32)
    grey = stacked.astype(np.float32) * mask[..., None]
    share = np.maximum(cv2.boxFilter(mask, -1, (WINDOW, WINDOW), borderType=cv2.BORDER_CONSTANT), 0.05)[..., None]
    mean = cv2.boxFilter(grey, -1, (WINDOW, WINDOW), borderType=cv2.BORDER_CONSTANT) / share
    square = cv2.boxFilter(grey * grey, -1, (WINDOW, WINDOW), borderType=cv2.BORDER_CONSTANT) / share
    deviation = np.sqrt(np.maximum(square - mean * mean, 0.0)) + GREY_FLOOR
    contrast = np.clip((grey - mean) / deviation, -MOST, MOST) * mask[..., None]
    padded = np.zeros(
        (1, len(LAGS_S) + 1, -(-rows // MULTIPLE) * MULTIPLE, -(-columns // MULTIPLE) * MULTIPLE), np.float32
    )
    padded[0, : len(LAGS_S), :rows, :columns] = contrast.transpose(2, 0, 1)
    padded[0, len(LAGS_S), :rows, :columns] = mask
    return padded


def _half_map(motion: TissueMotion) -> NDArray[np.float64]:
    """The motion as a map of half-size cells, float64 (3, 3): where a point of the last picture lies in this one."""
    linear = np.eye(2) + motion.affine[:, :2]
    middle = (motion.middle - 0.5) / 2
    mapped = np.eye(3)
    mapped[:2, :2] = linear
    mapped[:2, 2] = middle - linear @ middle + motion.affine[:, 2] / 2
    return mapped
