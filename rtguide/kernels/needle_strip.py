"""The picture along a line, straightened, and what stands out in it."""

import math

import numpy as np
from numpy.typing import NDArray

from rtguide.kernels import kernel

FIXED, FRACTION = 4294967296.0, 1 << 24
"""Places in 32.32 fixed point; 24 bits of the fraction are all a float32 holds."""

__all__ = ["best_path", "read_path", "ridge_rows", "straighten", "warm_up"]


@kernel
def straighten(
    first: NDArray[np.float32],
    second: NDArray[np.float32],
    line: NDArray[np.float64],
    first_out: NDArray[np.float32],
    second_out: NDArray[np.float32],
) -> None:
    """Two pictures around a straight line, its length running along the columns.

    first, second: float32 (rows, columns) · line: float64 (4,) as (x0, y0, x1, y1) in cells: start and direction
    point; the strip starts at (x0, y0) and runs on beyond (x1, y1) · first_out, second_out: float32 (2 h + 1, n), row
    h the line itself, one cell a step both ways; bilinear, 0 outside the picture; in place.
    """
    rows, columns = first.shape
    dx, dy = line[2] - line[0], line[3] - line[1]
    length = max(math.sqrt(dx * dx + dy * dy), 1e-6)
    ux, uy = dx / length, dy / length
    half, steps = first_out.shape[0] // 2, first_out.shape[1]
    # Fixed point and flat pictures with unsigned places: a float would be truncated twice a sample, and a signed index
    # checked for counting from the end at each of eight loads.
    one, two, below, right = first.ravel(), second.ravel(), np.uint64(columns), np.uint64(1)
    step_x, step_y = np.int64(ux * FIXED), np.int64(uy * FIXED)
    per_unit, fraction = np.float32(1.0 / FRACTION), np.int64(FRACTION - 1)
    for row in range(first_out.shape[0]):
        x0, y0 = line[0] - uy * (row - half), line[1] + ux * (row - half)
        begin, end = _steps_inside(x0, ux, columns - 1, 0, steps)
        begin, end = _steps_inside(y0, uy, rows - 1, begin, end)
        first_out[row, :begin] = 0.0
        second_out[row, :begin] = 0.0
        first_out[row, end:] = 0.0
        second_out[row, end:] = 0.0
        x, y = np.int64((x0 + ux * begin) * FIXED), np.int64((y0 + uy * begin) * FIXED)
        for s in range(begin, end):
            fx = np.float32(np.int32((x >> 8) & fraction)) * per_unit
            fy = np.float32(np.int32((y >> 8) & fraction)) * per_unit
            p = np.uint64((y >> 32) * columns + (x >> 32))
            q = p + below
            x += step_x
            y += step_y
            upper = one[p] + (one[p + right] - one[p]) * fx
            lower = one[q] + (one[q + right] - one[q]) * fx
            first_out[row, s] = upper + (lower - upper) * fy
            upper = two[p] + (two[p + right] - two[p]) * fx
            lower = two[q] + (two[q + right] - two[q]) * fx
            second_out[row, s] = upper + (lower - upper) * fy


@kernel
def _steps_inside(start: float, slope: float, limit: int, begin: int, end: int) -> tuple[int, int]:
    """The part of the steps begin to end - 1 in which 0 ≤ start + slope * step < limit."""
    if slope != 0.0:
        early, late = -start / slope, (limit - start) / slope
        begin = max(begin, int(min(max(min(early, late), 0.0), 1e6)))
        end = min(end, int(min(max(max(early, late) + 2.0, 0.0), 1e6)))
    while begin < end and not 0.0 <= start + slope * begin < limit:
        begin += 1
    while begin < end and not 0.0 <= start + slope * (end - 1) < limit:
        end -= 1
    return begin, end


@kernel
def ridge_rows(strip: NDArray[np.float32], flank: int, out: NDArray[np.float32]) -> None:
    """How far each row of a straightened picture stands out from its two sides.

    Centre (weights 1 2 1) minus the mean of two flanks, at most centre minus the brighter flank plus a half, so that
    the edge of a bright area is little of a ridge; smoothed over three cells along the line.

    strip: float32 (m, n) · flank: distance of the sides in rows · out: float32 (m, n), in place; 0 in the first and
    last flank + 1 rows.
    """
    rows, length = strip.shape
    half = np.float32(0.5)
    line = np.empty(length, np.float32)
    for row in range(rows):
        if row < flank + 1 or row >= rows - flank - 1:
            for s in range(length):
                out[row, s] = 0.0
            continue
        for s in range(length):
            centre = np.float32(0.25) * (strip[row - 1, s] + np.float32(2.0) * strip[row, s] + strip[row + 1, s])
            above = half * (strip[row - flank, s] + strip[row - flank - 1, s])
            below = half * (strip[row + flank, s] + strip[row + flank + 1, s])
            line[s] = centre - max(half * (above + below), max(above, below) - half)
        for s in range(length):
            before, after = line[max(s - 1, 0)], line[min(s + 1, length - 1)]
            out[row, s] = np.float32(0.25) * (before + np.float32(2.0) * line[s] + after)


@kernel
def read_path(
    now: NDArray[np.float32],
    before: NDArray[np.float32],
    path: NDArray[np.int64],
    reach: int,
    strength: NDArray[np.float32],
    news: NDArray[np.float32],
) -> None:
    """Ridge strength along a path, and by how much it exceeds the strongest ridge that was near by before.

    now, before: float32 (m, n) as of `ridge_rows`, of the picture and of the background · path: int64 (n,), rows ·
    reach: rows searched to either side in `before`, and one cell along · strength, news: float32 (n,), in place.
    """
    rows, length = now.shape
    for s in range(length):
        row = path[s]
        was = before[row, s]
        for other in range(max(0, row - reach), min(rows, row + reach + 1)):
            was = max(was, before[other, s])
            if s > 0:
                was = max(was, before[other, s - 1])
            if s < length - 1:
                was = max(was, before[other, s + 1])
        strength[s] = now[row, s]
        news[s] = now[row, s] - was


@kernel
def best_path(
    ridges: NDArray[np.float32],
    centre: int,
    band: int,
    stiffness: float,
    back: NDArray[np.int8],
    path: NDArray[np.int64],
) -> None:
    """The row of the strongest path along the strip, near a given row: dynamic programming.

    A path moves at most one row a cell and pays `stiffness` for it, and the square of its distance from `centre` times
    a hundredth of `stiffness`.

    ridges: float32 (m, n) · centre, band: rows centre - band to centre + band are used · back: int8 (2 band + 1, n),
    scratch ·
    path: int64 (n,), in place.

    References
    ----------
    Amini, Weymouth and Jain, IEEE Trans. PAMI 12, 1990 (dynamic programming for contours).
    """
    length = ridges.shape[1]
    count = 2 * band + 1
    first = centre - band
    score, fresh = np.zeros(count, np.float64), np.zeros(count, np.float64)
    for s in range(length):
        for r in range(count):
            best, step = score[r], 0
            if r > 0 and score[r - 1] - stiffness > best:
                best, step = score[r - 1] - stiffness, -1
            if r < count - 1 and score[r + 1] - stiffness > best:
                best, step = score[r + 1] - stiffness, 1
            away = r - band
            fresh[r] = best + min(max(ridges[first + r, s], -1.0), 3.0) - 0.01 * stiffness * away * away
            back[r, s] = step
        for r in range(count):
            score[r] = fresh[r]
    row = 0
    for r in range(count):
        if score[r] > score[row]:
            row = r
    for s in range(length - 1, -1, -1):
        path[s] = first + row
        row += back[row, s]


def warm_up() -> None:
    """Compile for the types in use."""
    strip, ridges, picture = (
        np.zeros((11, 16), np.float32),
        np.zeros((11, 16), np.float32),
        np.zeros((16, 16), np.float32),
    )
    straighten(picture, picture, np.array([2.0, 2.0, 10.0, 10.0]), strip, ridges)
    ridge_rows(strip, 3, ridges)
    path, row = np.zeros(16, np.int64), np.zeros(16, np.float32)
    best_path(ridges, 5, 2, 0.5, np.zeros((5, 16), np.int8), path)
    read_path(ridges, ridges, path, 2, row, row.copy())
