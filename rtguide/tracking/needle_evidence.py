"""What in the picture speaks for a needle: local contrast, and what is new against the tissue as it was before."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtguide.kernels.needle_background import (
    carry_and_compare,
    halve,
    halve_square,
    in_usual_differences,
    local_contrast,
    spread_row,
)
from rtguide.opencv import cv2
from rtguide.tracking.grid import WorkGrid
from rtguide.tracking.grid_motion import TissueMotion
from rtguide.tracking.grid_tracker import GridPicture

__all__ = ["Evidence", "EvidenceMaker"]

CONTRAST_WINDOW_MM = 5.0
"""Window of the local mean and deviation: many speckles, and wider than a needle's bloom."""

GREY_FLOOR = 6.0
"""Grey levels added to the local deviation: black areas and coding noise hold no contrast."""

NEW_FLOOR = 0.3
"""Deviations added to the usual difference, for the same reason."""

USUAL_GAIN = 0.2
"""Share of each picture in what differences are usual: five pictures."""

BACKGROUND_TIME_S = 2.5
"""How fast the background learns: slower than a needle passes, faster than a probe is moved on."""


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """Maps on the work grid, float32 (rows, columns), 0 outside the region.

    contrast: grey value over its surroundings in local deviations, -2.5 to 3.5 · newness: contrast over the carried
    background in usual differences, -3 to 4 · background: the contrast as it was before, carried along · motion: of
    the tissue since the last distinct picture · unrest: mean square of contrast minus background, 2 where nothing is
    as it was · time_s: of the frame.
    """

    contrast: NDArray[np.float32]
    newness: NDArray[np.float32]
    background: NDArray[np.float32]
    motion: TissueMotion
    unrest: float
    time_s: float


class EvidenceMaker:
    """Makes the maps from picture to picture. Its arrays are reused: an `Evidence` is valid until the next one."""

    def __init__(self, grid: WorkGrid) -> None:
        window = round(CONTRAST_WINDOW_MM / grid.cell_mm / 2) | 1
        self._window = (window, window)
        kernel = np.ones((5, 5), np.uint8)
        self._inside = np.asarray(cv2.erode(grid.inside.astype(np.uint8), kernel, borderValue=1), np.uint8)
        shape, half = grid.shape, (grid.shape[0] // 2, grid.shape[1] // 2)
        self._contrast, self._difference, self._newness = np.zeros((3, *shape), np.float32)
        self._mean, self._square, self._power = np.zeros((3, *half), np.float32)
        self._per_share = self._one_over_share()
        self._background, self._carried = np.zeros((2, *shape), np.float32)
        self._usual: NDArray[np.float32] | None = None
        self._nothing_kept = np.zeros(shape, np.float32)
        self._last_time_s: float | None = None

    def _one_over_share(self) -> NDArray[np.float32]:
        """One over the region's share of the window around each cell, 0 outside the region."""
        halve(self._inside, self._inside, self._mean, self._square)
        share = self._box(self._mean)
        line, out = np.empty(share.shape[1], np.float32), np.empty(self._inside.shape, np.float32)
        for y in range(len(out)):
            spread_row(share, y, line, out[y])
        per_share: NDArray[np.float32] = (self._inside / np.maximum(out, 0.05)).astype(np.float32)
        return per_share

    def _box(self, half: NDArray[np.float32]) -> NDArray[np.float32]:
        """Mean over the window, of a picture of half size: what varies over 5 mm does not need more."""
        return np.asarray(cv2.boxFilter(half, -1, self._window, borderType=cv2.BORDER_CONSTANT), np.float32)

    def update(self, picture: GridPicture, keep: NDArray[np.float32] | None) -> Evidence:
        """Maps for a distinct picture. keep: float32 (rows, columns), 1 where the background must not learn."""
        motion, time_s = picture.motion, picture.time_s
        contrast, newness, unrest = self._contrast, self._newness, 0.0
        grey = np.asarray(cv2.GaussianBlur(picture.cells, (3, 3), 0.8), np.uint8)
        halve(grey, self._inside, self._mean, self._square)
        local_contrast(grey, self._box(self._mean), self._box(self._square), self._per_share, GREY_FLOOR, contrast)
        if self._last_time_s is None:
            self._background[:] = contrast
            newness[:] = 0.0
        else:
            gain = 1.0 - math.exp(-(time_s - self._last_time_s) / BACKGROUND_TIME_S)
            kept = self._nothing_kept if keep is None else keep
            difference = self._difference
            carry_and_compare(contrast, self._background, motion.affine, kept, gain, self._carried, difference)
            self._background, self._carried = self._carried, self._background
            unrest = in_usual_differences(difference, self._learnt_usual(), self._per_share, NEW_FLOOR, newness)
        self._last_time_s = time_s
        return Evidence(contrast, newness, self._background, motion, unrest, time_s)

    def _learnt_usual(self) -> NDArray[np.float32]:
        """What differences are usual, this picture's among them."""
        halve_square(self._difference, self._power)
        power = self._box(self._power)
        if self._usual is None:
            self._usual = power
        else:
            cv2.accumulateWeighted(power, self._usual, USUAL_GAIN)
        return self._usual
