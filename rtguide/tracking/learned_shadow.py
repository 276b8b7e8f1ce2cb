"""Whether anything comes back from ahead of a shaft's end: at the border of a shadow the end is not the tip."""

import numpy as np
from numpy.typing import NDArray

from rtguide.opencv import cv2
from rtguide.tracking.grid import WorkGrid
from rtguide.tracking.learned_lines import CueLine

__all__ = ["is_dark_ahead"]

AHEAD_MM, ACROSS_MM = (1.0, 5.0), 1.2
"""Along the shaft beyond its end, and to both sides of it: where the tissue would be that a tip lies in."""

BACK_MM, ASIDE_MM = 8.0, (2.0, 4.0)
"""Back along the shaft, and beside it: the tissue it came through."""

STEP_MM = 0.25

DARK = 0.3
"""Median grey ahead as a share of the mean beside below which nothing comes back from there. A tip in a vessel or in
fluid has dark ahead of it too, and is sure."""


def is_dark_ahead(cells: NDArray[np.uint8], grid: WorkGrid, line: CueLine) -> bool:
    """cells: uint8 (rows, columns) of the work grid · line: in its cells."""
    ahead = _read(cells, grid, line, np.arange(AHEAD_MM[0], AHEAD_MM[1], STEP_MM), _sides(0.0, ACROSS_MM))
    beside = _read(cells, grid, line, np.arange(-BACK_MM, 0.0, STEP_MM), _sides(*ASIDE_MM))
    if not len(ahead) or not len(beside):
        return False
    return float(np.median(ahead)) < DARK * float(beside.mean())


def _sides(first: float, last: float) -> NDArray[np.float64]:
    one = np.arange(first + STEP_MM / 2, last, STEP_MM)
    return np.concatenate([-one[::-1], one])


def _read(
    cells: NDArray[np.uint8],
    grid: WorkGrid,
    line: CueLine,
    along_mm: NDArray[np.float64],
    across_mm: NDArray[np.float64],
) -> NDArray[np.uint8]:
    """Grey at places relative to the line's end that lie inside the region."""
    ux, uy = line.unit
    s, t = along_mm[:, None] / grid.cell_mm, across_mm / grid.cell_mm
    x = (line.tip[0] + s * ux - t * uy).astype(np.float32)
    y = (line.tip[1] + s * uy + t * ux).astype(np.float32)
    grey = np.asarray(cv2.remap(cells, x, y, cv2.INTER_NEAREST), np.uint8)
    inside = cv2.remap(grid.inside.view(np.uint8), x, y, cv2.INTER_NEAREST) > 0
    return grey[inside]
