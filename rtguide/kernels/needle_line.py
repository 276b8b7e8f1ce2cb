"""A line against the image region, and against the ridge it lies on."""

import math

import numpy as np
from numpy.typing import NDArray

from rtguide.kernels import kernel

__all__ = ["enter_line", "fit_bow", "fit_line", "line_length", "mean_along", "warm_up"]


@kernel
def _is_inside(inside: NDArray[np.bool_], line: NDArray[np.float64], s: float) -> bool:
    """Whether the point at length s on the bent line lies in the region; before its start the line is straight."""
    dx, dy = line[2] - line[0], line[3] - line[1]
    length = max(math.sqrt(dx * dx + dy * dy), 1e-6)
    t = s / length
    side = 0.0
    if t > 0.0:
        side = 4.0 * line[4] * (t * (1.0 - t) if t < 1.0 else 1.0 - t)
    x = math.floor(line[0] + (dx * s - dy * side) / length + 0.5)
    y = math.floor(line[1] + (dy * s + dx * side) / length + 0.5)
    if x < 0 or y < 0 or x >= inside.shape[1] or y >= inside.shape[0]:
        return False
    return bool(inside[int(y), int(x)])


@kernel
def enter_line(inside: NDArray[np.bool_], line: NDArray[np.float64]) -> float:
    """Where the line enters the region: the length (negative before the start) of its first point there, in cells.

    The part of the line is meant that holds, or lies nearest to, the middle between start and direction point.

    inside: bool (rows, columns) · line: float64 (5,) as for `straighten`. NaN where the line does not meet the region.
    """
    middle = 0.5 * math.hypot(line[2] - line[0], line[3] - line[1])
    reach = math.hypot(inside.shape[0], inside.shape[1])
    s, away = middle, 0.0
    while not _is_inside(inside, line, s):
        away += 0.5
        if away > reach:
            return math.nan
        s = middle + away
        if _is_inside(inside, line, s):
            break
        s = middle - away
    while _is_inside(inside, line, s - 0.5):
        s -= 0.5
    return s


@kernel
def line_length(inside: NDArray[np.bool_], line: NDArray[np.float64]) -> int:
    """How many cells the line runs inside the region from its start; its first four may lie outside."""
    n = 0
    while n < 4 or _is_inside(inside, line, float(n)):
        n += 1
    return n


@kernel
def fit_line(ridges: NDArray[np.float32], reach: int, window: int, stop: float, change: NDArray[np.float64]) -> None:
    """Sideways shifts of a line's two ends that lay it onto the ridge it follows.

    In each window along the strip the strongest row within reach is taken, to a fraction of a row; a line is fitted to
    these by least squares weighted with their strength, three times, windows that disagree by more counting less.

    ridges: float32 (m, n) as of `ridge_rows`, the line in the middle row · reach: rows · window: cells · stop: cells,
    the part of the line that counts, and the place of the second end · change: float64 (2,), rows, in place, within
    ±reach.
    """
    middle = ridges.shape[0] // 2
    count = min(ridges.shape[1], max(int(stop), 4 * window)) // window
    offsets, strengths = np.zeros(count, np.float64), np.zeros(count, np.float64)
    means = np.empty(2 * reach + 1, np.float64)
    for k in range(count):
        best = 0
        for r in range(2 * reach + 1):
            total = 0.0
            for s in range(k * window, (k + 1) * window):
                total += min(max(ridges[middle - reach + r, s], -1.0), 3.0)
            means[r] = total / window
            if means[r] > means[best]:
                best = r
        if 0 < best < 2 * reach and means[best] > 0.0:
            bend = means[best - 1] + means[best + 1] - 2.0 * means[best]
            offsets[k] = best - reach + (0.5 * (means[best - 1] - means[best + 1]) / bend if bend < 0.0 else 0.0)
            strengths[k] = means[best]
    start, end = 0.0, 0.0
    for turn in range(3):
        # The unit added to both diagonal terms holds the line where it is when there is nothing to follow.
        aa, ab, bb, ya, yb = 1.0, 0.0, 1.0, 0.0, 0.0
        for k in range(count):
            t = (k + 0.5) * window / max(stop, 1.0)
            off = offsets[k] - (start * (1.0 - t) + end * t)
            w = strengths[k] / (1.0 + off * off) if turn > 0 else strengths[k]
            aa += w * (1.0 - t) * (1.0 - t)
            ab += w * (1.0 - t) * t
            bb += w * t * t
            ya += w * (1.0 - t) * offsets[k]
            yb += w * t * offsets[k]
        determinant = aa * bb - ab * ab
        start, end = (bb * ya - ab * yb) / determinant, (aa * yb - ab * ya) / determinant
    change[0] = min(max(start, -float(reach)), float(reach))
    change[1] = min(max(end, -float(reach)), float(reach))


@kernel
def fit_bow(path: NDArray[np.int64], count: int, end: float, bow: NDArray[np.float64]) -> None:
    """The parabola through a path of rows, by least squares: bow[0] + bow[1] t + bow[2] t² with t = place / end.

    path: int64 (≥ count,), a row for each cell · count: cells that count; with two a straight line, with one a constant
    · end: cells · bow: float64 (3,), in place.
    """
    # Legendre's polynomials over the places used are nearly orthogonal there, so that the equations are well posed.
    middle, half = 0.5 * (count - 1), max(0.5 * (count - 1), 0.5)
    matrix, right = np.zeros((3, 3)), np.zeros(3)
    basis = np.empty(3)
    for s in range(count):
        u = (s - middle) / half
        basis[0], basis[1], basis[2] = 1.0, u, 1.5 * u * u - 0.5
        for a in range(3):
            right[a] += basis[a] * path[s]
            for b in range(3):
                matrix[a, b] += basis[a] * basis[b]
    terms = min(count, 3)
    solution = np.zeros(3)
    for a in range(terms):
        for b in range(a + 1, terms):
            factor = matrix[b, a] / matrix[a, a]
            right[b] -= factor * right[a]
            for c in range(a, terms):
                matrix[b, c] -= factor * matrix[a, c]
    for a in range(terms - 1, -1, -1):
        rest = right[a]
        for b in range(a + 1, terms):
            rest -= matrix[a, b] * solution[b]
        solution[a] = rest / matrix[a, a]
    scale, shift = end / half, -middle / half
    bow[0] = solution[0] + solution[1] * shift + solution[2] * (1.5 * shift * shift - 0.5)
    bow[1] = scale * (solution[1] + 3.0 * solution[2] * shift)
    bow[2] = 1.5 * solution[2] * scale * scale


@kernel
def mean_along(picture: NDArray[np.float32], x0: float, y0: float, x1: float, y1: float) -> float:
    """Mean of the cells nearest to a segment, one a cell of its length; cells outside the picture count as zero.

    picture: float32 (rows, columns) · the segment in cells.
    """
    steps = max(1, math.ceil(math.hypot(x1 - x0, y1 - y0)))
    total = 0.0
    for k in range(steps + 1):
        x = math.floor(x0 + (x1 - x0) * k / steps + 0.5)
        y = math.floor(y0 + (y1 - y0) * k / steps + 0.5)
        if 0 <= x < picture.shape[1] and 0 <= y < picture.shape[0]:
            total += picture[y, x]
    return total / (steps + 1)


def warm_up() -> None:
    """Compile for the types in use."""
    inside, line = np.ones((16, 16), np.bool_), np.array([2.0, 2.0, 10.0, 10.0, 0.0])
    inside.flags.writeable = False  # as the work grid's: Numba tells the two apart
    enter_line(inside, line)
    line_length(inside, line)
    fit_line(np.zeros((7, 16), np.float32), 2, 4, 16.0, np.zeros(2))
    fit_bow(np.zeros(16, np.int64), 16, 15.0, np.zeros(3))
    mean_along(np.zeros((16, 16), np.float32), 1.0, 1.0, 9.0, 5.0)
