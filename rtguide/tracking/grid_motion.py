"""The motion of the tissue from one picture to the next, as an affine map on the work grid."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtguide.kernels.grid_motion import fit_affine, match_blocks
from rtguide.opencv import cv2
from rtguide.tracking.grid import WorkGrid

__all__ = ["TissueMotion", "TissueMotionEstimator"]

BLOCK_HALF_CELLS = 12
"""Side of a block on the half-size grid: 24 cells, about 4 mm, some ten speckles across."""

BLOCKS_ACROSS = 6
"""36 blocks in all: enough for six parameters when half of them lie."""

COARSE_REACH, FINE_REACH = 3, 2
"""Search on the quarter-size grid (±12 cells, 1.8 mm a frame) and around it on the half-size grid."""

RESIDUAL_CELLS = 1.5
"""Blocks that disagree with the fit by more do not count; 0.2 mm a frame is more than tissue shears."""


@dataclass(frozen=True, slots=True, eq=False)
class TissueMotion:
    """Displacement since the last picture, in cells.

    affine: float64 (2, 3), displacement of a point p = affine[:, :2] @ (p - middle) + affine[:, 2] · middle: float64
    (2,), the middle of the grid (x, y) · agreement: 0 to 1, how much of the picture moves that way.
    """

    affine: NDArray[np.float64]
    middle: NDArray[np.float64]
    agreement: float

    def at(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Displacement of grid points (n, 2)."""
        shift: NDArray[np.float64] = (points - self.middle) @ self.affine[:, :2].T + self.affine[:, 2]
        return shift

    def at_point(self, x: float, y: float) -> tuple[float, float]:
        """Displacement of one grid point."""
        (xx, xy, dx), (yx, yy, dy) = self.affine.tolist()
        away_x, away_y = x - float(self.middle[0]), y - float(self.middle[1])
        return xx * away_x + xy * away_y + dx, yx * away_x + yy * away_y + dy


class TissueMotionEstimator:
    """Block matches from coarse to fine, then a robust affine fit."""

    def __init__(self, grid: WorkGrid) -> None:
        rows, columns = grid.shape
        self.middle = np.array([(columns - 1) / 2, (rows - 1) / 2])
        half_rows, half_columns = rows // 2, columns // 2
        margin, size = 2 * (COARSE_REACH + 1), BLOCK_HALF_CELLS
        xs = np.linspace(margin, half_columns - size - margin, BLOCKS_ACROSS).astype(np.int64)
        ys = np.linspace(margin, half_rows - size - margin, BLOCKS_ACROSS).astype(np.int64)
        corners = np.array([(x, y) for y in ys // 2 * 2 for x in xs // 2 * 2], np.int64).clip(0)
        inside = [bool(grid.inside[2 * y : 2 * (y + size), 2 * x : 2 * (x + size)].all()) for x, y in corners]
        self._corners = np.ascontiguousarray(corners[np.array(inside, bool)])
        centres = 2.0 * (self._corners + size / 2) - 0.5
        self._points = centres - self.middle
        self._coarse = np.zeros((len(self._corners), 3))
        self._shifts = np.zeros((len(self._corners), 3))
        self._last: tuple[NDArray[np.uint8], NDArray[np.uint8]] | None = None

    def update(self, cells: NDArray[np.uint8]) -> TissueMotion:
        """The motion from the picture given last to this one, uint8 (rows, columns)."""
        rows, columns = cells.shape
        half = _halved(cells[: rows // 4 * 4, : columns // 4 * 4])
        quarter = _halved(half)
        affine = np.zeros((2, 3))
        agreement = 0.0
        if self._last is not None and len(self._corners) >= 3:
            half_before, quarter_before = self._last
            size = BLOCK_HALF_CELLS
            still = np.zeros((len(self._corners), 2))
            match_blocks(quarter_before, quarter, self._corners // 2, size // 2, COARSE_REACH, still, self._coarse)
            guess = 2.0 * self._coarse[:, :2]
            match_blocks(half_before, half, self._corners, size, FINE_REACH, guess, self._shifts)
            self._shifts[:, :2] *= 2.0
            spread = float((self._points**2).sum(axis=1).mean())
            agreement = float(fit_affine(self._points, self._shifts, RESIDUAL_CELLS, 0.5 * spread, affine))
        self._last = (half, quarter)
        return TissueMotion(affine, self.middle, agreement)


def _halved(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)
