"""How the tissue moved between two pictures: block matching and a robust affine fit."""

import math

import numpy as np
from numpy.typing import NDArray

from rtguide.kernels import kernel

__all__ = ["fit_affine", "match_blocks", "warm_up"]


@kernel
def match_blocks(
    before: NDArray[np.uint8],
    after: NDArray[np.uint8],
    corners: NDArray[np.int64],
    size: int,
    reach: int,
    guess: NDArray[np.float64],
    shifts: NDArray[np.float64],
) -> None:
    """Displacement of square blocks from `before` to `after`, to a fraction of a cell.

    Sum of absolute differences over every shift within `reach` of the guess, then a parabola through the best one and
    its neighbours. The third column is the quality: one minus the best sum over the median-like mean of all sums, 0 for
    a block without texture or one whose best shift lies on the rim of the search.

    before, after: uint8 (h, w) · corners: int64 (n, 2) top-left corners (column, row) in `before` · size: cells ·
    reach: cells · guess: float64 (n, 2) expected shift (x, y), whole part used · shifts: float64 (n, 3) as
    (x, y, quality), written in place.
    """
    rows, columns = before.shape
    span = 2 * reach + 1
    sums = np.empty((span, span), np.float64)
    for block in range(corners.shape[0]):
        x0, y0 = corners[block, 0], corners[block, 1]
        gx, gy = round(guess[block, 0]), round(guess[block, 1])
        shifts[block, 0] = guess[block, 0]
        shifts[block, 1] = guess[block, 1]
        shifts[block, 2] = 0.0
        ax, ay = x0 + gx, y0 + gy
        if ax - reach < 0 or ay - reach < 0 or ax + size + reach > columns or ay + size + reach > rows:
            continue
        total, best, bi, bj = 0.0, 1e18, 0, 0
        for i in range(span):
            for j in range(span):
                value = np.int64(0)
                for y in range(size):
                    ya, yb = y0 + y, ay - reach + i + y
                    xb = ax - reach + j
                    for x in range(size):
                        value += abs(np.int32(before[ya, x0 + x]) - np.int32(after[yb, xb + x]))
                sums[i, j] = value
                total += value
                if value < best:
                    best, bi, bj = float(value), i, j
        mean = total / (span * span)
        if mean < 0.5 * size * size or bi in (0, span - 1) or bj in (0, span - 1):
            continue
        cx = sums[bi, bj - 1] + sums[bi, bj + 1] - 2 * best
        cy = sums[bi - 1, bj] + sums[bi + 1, bj] - 2 * best
        fx = 0.5 * (sums[bi, bj - 1] - sums[bi, bj + 1]) / cx if cx > 0 else 0.0
        fy = 0.5 * (sums[bi - 1, bj] - sums[bi + 1, bj]) / cy if cy > 0 else 0.0
        shifts[block, 0] = gx - reach + bj + fx
        shifts[block, 1] = gy - reach + bi + fy
        shifts[block, 2] = 1.0 - best / mean


@kernel
def fit_affine(
    points: NDArray[np.float64], shifts: NDArray[np.float64], scale: float, stiffness: float, out: NDArray[np.float64]
) -> float:
    """Robust affine motion from block shifts: iteratively reweighted least squares, Tukey's biweight.

    points: float64 (n, 2) block centres relative to the middle of the picture · shifts: float64 (n, 3) as written by
    `match_blocks` · scale: residual in cells at which a block stops counting · stiffness: pulls the four linear terms
    to zero, in the unit Σ weight · cells² · out: float64 (2, 3), displacement = out[:, :2] @ point + out[:, 2],
    written in place. Returns the share of the total quality that agrees with the fit, 0 when nothing could be
    matched.

    References
    ----------
    Beaton and Tukey, Technometrics 16, 1974 (the biweight).
    """
    count = points.shape[0]
    weights = np.empty(count, np.float64)
    total = 0.0
    for k in range(count):
        weights[k] = max(0.0, shifts[k, 2])
        total += weights[k]
    for a in range(2):
        for b in range(3):
            out[a, b] = 0.0
    if total <= 0.0:
        return 0.0
    # Start from the weighted median of each component: half the blocks may lie.
    for a in range(2):
        order = np.argsort(shifts[:, a])
        run = 0.0
        for k in order:
            run += weights[k]
            if run >= 0.5 * total:
                out[a, 2] = shifts[k, a]
                break
    agreeing = 0.0
    matrix = np.empty((3, 4), np.float64)
    for turn in range(6):
        width = scale * (3.0 if turn < 2 else 1.0)
        agreeing = 0.0
        for k in range(count):
            x, y = points[k, 0], points[k, 1]
            rx = shifts[k, 0] - (out[0, 0] * x + out[0, 1] * y + out[0, 2])
            ry = shifts[k, 1] - (out[1, 0] * x + out[1, 1] * y + out[1, 2])
            u = (rx * rx + ry * ry) / (width * width)
            quality = max(0.0, shifts[k, 2])
            weights[k] = quality * (1.0 - u) ** 2 if u < 1.0 else 0.0
            agreeing += weights[k]
        if agreeing < 0.05 * total:
            return agreeing / total
        for a in range(2):
            for i in range(3):
                for j in range(4):
                    matrix[i, j] = 0.0
            matrix[0, 0] = stiffness
            matrix[1, 1] = stiffness
            for k in range(count):
                w, x, y, d = weights[k], points[k, 0], points[k, 1], shifts[k, a]
                matrix[0, 0] += w * x * x
                matrix[0, 1] += w * x * y
                matrix[0, 2] += w * x
                matrix[0, 3] += w * x * d
                matrix[1, 1] += w * y * y
                matrix[1, 2] += w * y
                matrix[1, 3] += w * y * d
                matrix[2, 2] += w
                matrix[2, 3] += w * d
            matrix[1, 0], matrix[2, 0], matrix[2, 1] = matrix[0, 1], matrix[0, 2], matrix[1, 2]
            for i in range(3):
                pivot = matrix[i, i]
                if abs(pivot) < 1e-12:
                    return 0.0
                for j in range(4):
                    matrix[i, j] /= pivot
                for other in range(3):
                    if other != i:
                        factor = matrix[other, i]
                        for j in range(4):
                            matrix[other, j] -= factor * matrix[i, j]
            for i in range(3):
                out[a, i] = matrix[i, 3]
    return agreeing / total if math.isfinite(agreeing) else 0.0


def warm_up() -> None:
    """Compile for the types in use."""
    picture = np.zeros((32, 32), np.uint8)
    corners = np.array([[8, 8]], np.int64)
    shifts = np.zeros((1, 3))
    match_blocks(picture, picture, corners, 8, 2, np.zeros((1, 2)), shifts)
    fit_affine(np.zeros((1, 2)), shifts, 1.0, 1.0, np.zeros((2, 3)))
