"""What in the picture speaks for a needle: local contrast, and what is new against the tissue as it was before."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtguide.kernels.needle_background import carry_and_compare, in_usual_differences, local_contrast
from rtguide.opencv import cv2
from rtguide.tracking.grid import WorkGrid
from rtguide.tracking.grid_motion import TissueMotion, TissueMotionEstimator

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
        self._inside = np.asarray(cv2.erode(grid.inside.astype(np.uint8), kernel, borderValue=1), np.float32)
        shape = grid.shape
        self._maps = np.zeros((6, *shape), np.float32)
        share = np.maximum(self._local_mean(self._inside, np.empty(shape, np.float32)), 0.05)
        self._per_share: NDArray[np.float32] = (self._inside / share).astype(np.float32)
        self._motion = TissueMotionEstimator(grid)
        self._background = np.zeros(shape, np.float32)
        self._carried = np.zeros(shape, np.float32)
        self._usual: NDArray[np.float32] | None = None
        self._nothing_kept = np.zeros(shape, np.float32)
        self._last_time_s: float | None = None

    def _local_mean(self, values: NDArray[np.float32], out: NDArray[np.float32]) -> NDArray[np.float32]:
        """Box mean, on the half-size picture: what varies over 5 mm does not need more."""
        half = cv2.resize(values, (values.shape[1] // 2, values.shape[0] // 2), interpolation=cv2.INTER_AREA)
        box = cv2.boxFilter(half, -1, self._window, borderType=cv2.BORDER_CONSTANT)
        cv2.resize(box, (values.shape[1], values.shape[0]), out, interpolation=cv2.INTER_LINEAR)
        return out

    def update(self, cells: NDArray[np.uint8], time_s: float, keep: NDArray[np.float32] | None) -> Evidence:
        """Maps for a distinct picture. keep: float32 (rows, columns), 1 where the background must not learn."""
        motion = self._motion.update(cells)
        mean, square, contrast, difference, newness, power = self._maps
        grey = np.asarray(cv2.GaussianBlur(cells, (3, 3), 0.8), np.float32)
        grey *= self._inside
        self._local_mean(grey, mean)
        self._local_mean(grey * grey, square)
        local_contrast(grey, mean, square, self._per_share, GREY_FLOOR, contrast)
        if self._last_time_s is None:
            self._background[:] = contrast
            newness[:] = 0.0
        else:
            gain = 1.0 - math.exp(-(time_s - self._last_time_s) / BACKGROUND_TIME_S)
            kept = self._nothing_kept if keep is None else keep
            carry_and_compare(contrast, self._background, motion.affine, kept, gain, self._carried, difference)
            self._background, self._carried = self._carried, self._background
            self._learn_usual(self._local_mean(difference * difference, power))
            in_usual_differences(difference, self._usual_or_zero(), self._per_share, NEW_FLOOR, newness)
        self._last_time_s = time_s
        unrest = float(cv2.mean(self._usual_or_zero())[0])
        return Evidence(contrast, newness, self._background, motion, unrest, time_s)

    def _learn_usual(self, power: NDArray[np.float32]) -> None:
        power *= self._per_share
        if self._usual is None:
            self._usual = power.copy()
        else:
            cv2.accumulateWeighted(power, self._usual, USUAL_GAIN)

    def _usual_or_zero(self) -> NDArray[np.float32]:
        return self._nothing_kept if self._usual is None else self._usual
