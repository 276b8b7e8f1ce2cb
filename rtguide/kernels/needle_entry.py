"""Ridges along lines that enter the picture at its border."""

import math

import numpy as np
from numpy.typing import NDArray

from rtguide.kernels import kernel

__all__ = ["entry_ridges", "warm_up"]

USUAL, DEVIATION = -0.25, 0.55
"""Mean and deviation of a cell's ridge over speckle: centre minus the brighter of its sides, in local deviations."""

WEAK = 1.0
"""A line whose beginning is weaker is not followed on: nine in ten of all lines."""


@kernel
def entry_ridges(
    picture: NDArray[np.float32],
    inside: NDArray[np.bool_],
    lines: NDArray[np.float32],
    flank: float,
    reach: NDArray[np.int64],
    scores: NDArray[np.float32],
    lengths: NDArray[np.int64],
) -> None:
    """How well the strongest beginning of each line stands out of its two sides.

    Along a line the ridges of its cells (nearest cell, minus the brighter of the two `flank` to its sides, between -1
    and 2) add up; the score of a beginning of n cells is that sum over what it usually is, in deviations: divided by
    the root of n. A line ends where it leaves the region.

    picture: float32 (rows, columns) · inside: bool (rows, columns) · lines: float32 (n, 4) as (x, y, ux, uy), start
    and unit vector · flank: cells · reach: int64 (2,), shortest and longest beginning in cells · scores: float32 (n,),
    of the best beginning, -9 where there is none, in place · lengths: int64 (n,), its cells, in place.
    """
    rows, columns = picture.shape
    for i in range(lines.shape[0]):
        x0, y0, ux, uy = lines[i, 0], lines[i, 1], lines[i, 2], lines[i, 3]
        run, best, length = 0.0, -9.0, 0
        for k in range(reach[1]):
            x, y = x0 + ux * k + 0.5, y0 + uy * k + 0.5
            if x < 0.0 or y < 0.0 or x >= columns or y >= rows or not inside[int(y), int(x)]:
                break
            brighter = np.float32(-9.0)
            for side in (-flank, flank):
                sx, sy = x - uy * side, y + ux * side
                value = np.float32(0.0)
                if sx >= 0.0 and sy >= 0.0 and sx < columns and sy < rows:
                    value = picture[int(sy), int(sx)]
                brighter = max(brighter, value)
            ridge = min(max(picture[int(y), int(x)] - brighter, np.float32(-1.0)), np.float32(2.0))
            run += (ridge - USUAL) / DEVIATION
            if k + 1 >= reach[0]:
                score = run / math.sqrt(k + 1.0)
                if score > best:
                    best, length = score, k + 1
                if score < WEAK:
                    break
        scores[i] = best
        lengths[i] = length


def warm_up() -> None:
    """Compile for the types in use."""
    inside = np.ones((8, 8), np.bool_)
    inside.flags.writeable = False  # as the caller's: Numba tells the two apart
    line, reach = np.array([[0.0, 2.0, 1.0, 0.0]], np.float32), np.array([2, 6], np.int64)
    entry_ridges(np.zeros((8, 8), np.float32), inside, line, 2.0, reach, np.zeros(1, np.float32), np.zeros(1, np.int64))
