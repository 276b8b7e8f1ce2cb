"""The picture as it was before, carried along with the tissue, and what is new against it."""

import math

import numpy as np
from numpy.typing import NDArray

from rtguide.kernels import kernel

__all__ = [
    "carry_and_compare",
    "halve",
    "halve_square",
    "in_usual_differences",
    "local_contrast",
    "spread_row",
    "warm_up",
]


@kernel
def carry_and_compare(
    picture: NDArray[np.float32],
    old: NDArray[np.float32],
    motion: NDArray[np.float64],
    keep: NDArray[np.float32],
    gain: float,
    new: NDArray[np.float32],
    difference: NDArray[np.float32],
) -> None:
    """Carry a background along with an affine motion, compare the picture with it and let it learn.

    picture: float32 (h, w), this frame · old: float32 (h, w), the background under the last frame · motion: float64
    (2, 3): displacement of the tissue since then = motion[:, :2] @ (point - middle) + motion[:, 2], in cells · keep:
    float32 (h, w), 1 where the background must not learn, 0 where it may · gain: share of the difference learnt · new:
    float32 (h, w), the background under this frame, in place · difference: float32 (h, w), picture minus carried
    background (before learning), 0 where the background came into view only now, in place.
    """
    rows, columns = picture.shape
    mx, my = 0.5 * (columns - 1), 0.5 * (rows - 1)
    learnt, one = np.float32(gain), np.float32(1.0)
    # The displacement is small against the scale on which it varies: the inverse map is its negative. Along a row it
    # then stays between the same four cells for long runs, in which the loop has no branch and no gather.
    step_x, step_y = 1.0 - motion[0, 0], -motion[1, 0]
    for y in range(rows):
        x0 = motion[0, 0] * mx - motion[0, 1] * (y - my) - motion[0, 2]
        y0 = y + motion[1, 0] * mx - motion[1, 1] * (y - my) - motion[1, 2]
        x = 0
        while x < columns:
            sx, sy = x0 + step_x * x, y0 + step_y * x
            if sx < 0.0 or sy < 0.0 or sx > columns - 1 or sy > rows - 1:
                new[y, x] = picture[y, x]
                difference[y, x] = 0.0
                x += 1
                continue
            i, j = min(int(sy), rows - 2), min(int(sx), columns - 2)
            run = min(_steps_within(sx - j, step_x - 1.0), _steps_within(sy - i, step_y))
            run = max(1, min(run, columns - 1 - j, columns - x))
            upper, lower = old[i, j : j + run + 1], old[i + 1, j : j + run + 1]
            seen, held = picture[y, x : x + run], keep[y, x : x + run]
            put, apart = new[y, x : x + run], difference[y, x : x + run]
            for k in range(run):
                fx = np.float32(x0 + step_x * (x + k) - (j + k))
                fy = np.float32(y0 + step_y * (x + k) - i)
                top = upper[k] + (upper[k + 1] - upper[k]) * fx
                bottom = lower[k] + (lower[k + 1] - lower[k]) * fx
                carried = top + (bottom - top) * fy
                apart[k] = seen[k] - carried
                put[k] = carried + learnt * (one - held[k]) * apart[k]
            x += run


@kernel
def _steps_within(fraction: float, slope: float) -> int:
    """How many steps of `slope` stay between 0 and 1 for certain, this one among them."""
    if slope > 0.0:
        return int(min((1.0 - fraction) / slope, 1e6))
    if slope < 0.0:
        return int(min(fraction / -slope, 1e6))
    return 1000000


@kernel
def halve(
    grey: NDArray[np.uint8], inside: NDArray[np.uint8], mean: NDArray[np.float32], square: NDArray[np.float32]
) -> None:
    """Means of 2 × 2 cells of a picture and of its square, 0 where it lies outside the region.

    grey: uint8 (h, w) · inside: uint8 (h, w), 1 in the region, else 0 · mean, square: float32 (h // 2, w // 2), in
    place.
    """
    quarter = np.float32(0.25)
    for y in range(mean.shape[0]):
        upper, lower = grey[2 * y], grey[2 * y + 1]
        counts, counted = inside[2 * y], inside[2 * y + 1]
        for x in range(mean.shape[1]):
            a, b = np.int32(upper[2 * x] * counts[2 * x]), np.int32(upper[2 * x + 1] * counts[2 * x + 1])
            c, d = np.int32(lower[2 * x] * counted[2 * x]), np.int32(lower[2 * x + 1] * counted[2 * x + 1])
            mean[y, x] = quarter * np.float32(a + b + c + d)
            square[y, x] = quarter * np.float32(a * a + b * b + c * c + d * d)


@kernel
def halve_square(values: NDArray[np.float32], square: NDArray[np.float32]) -> None:
    """Means of 2 × 2 cells of the square of a picture: float32 (h, w) to float32 (h // 2, w // 2), in place."""
    quarter = np.float32(0.25)
    for y in range(square.shape[0]):
        upper, lower = values[2 * y], values[2 * y + 1]
        for x in range(square.shape[1]):
            a, b, c, d = upper[2 * x], upper[2 * x + 1], lower[2 * x], lower[2 * x + 1]
            square[y, x] = quarter * (a * a + b * b + c * c + d * d)


@kernel
def spread_row(half: NDArray[np.float32], y: int, line: NDArray[np.float32], out: NDArray[np.float32]) -> None:
    """One row of a picture of half size enlarged to twice its size, bilinear.

    half: float32 (h // 2, w // 2) · y: row of the enlarged picture · line: float32 (w // 2,), scratch · out: float32
    (w,), in place.
    """
    rows, columns = half.shape
    most, least = np.float32(0.75), np.float32(0.25)
    near, far = half[min(y >> 1, rows - 1)], half[min(max((y >> 1) - 1 + 2 * (y & 1), 0), rows - 1)]
    for x in range(columns):
        line[x] = most * near[x] + least * far[x]
    out[0] = line[0]
    for x in range(1, columns):
        out[2 * x - 1] = most * line[x - 1] + least * line[x]
        out[2 * x] = least * line[x - 1] + most * line[x]
    out[2 * columns - 1 :] = line[columns - 1]


@kernel
def local_contrast(
    grey: NDArray[np.uint8],
    mean: NDArray[np.float32],
    square: NDArray[np.float32],
    per_share: NDArray[np.float32],
    floor: float,
    out: NDArray[np.float32],
) -> None:
    """Grey value over its surroundings in local deviations, between -2.5 and 3.5.

    grey: uint8 (h, w) · mean, square: float32 (h // 2, w // 2), box means of it and of its square, of half size, in
    which what lies outside the region counts as 0 · per_share: float32 (h, w), one over the region's share of the box,
    0 outside the region · floor: grey levels added to the deviation · out: float32 (h, w), 0 outside the region, in
    place.
    """
    rows, columns = grey.shape
    line = np.empty(mean.shape[1], np.float32)
    means, squares = np.empty(columns, np.float32), np.empty(columns, np.float32)
    added, nothing = np.float32(floor), np.float32(0.0)
    low, high = np.float32(-2.5), np.float32(3.5)
    for y in range(rows):
        spread_row(mean, y, line, means)
        spread_row(square, y, line, squares)
        for x in range(columns):
            share = per_share[y, x]
            middle = means[x] * share
            variance = max(squares[x] * share - middle * middle, nothing)
            value = (np.float32(grey[y, x]) - middle) / (math.sqrt(variance) + added)
            out[y, x] = min(max(value, low), high) if share > nothing else nothing


@kernel
def in_usual_differences(
    difference: NDArray[np.float32],
    usual: NDArray[np.float32],
    per_share: NDArray[np.float32],
    floor: float,
    out: NDArray[np.float32],
) -> float:
    """A difference over what differences there usually are, between -3 and 4; returns their mean square.

    difference: float32 (h, w) · usual: float32 (h // 2, w // 2), box means of the squared difference, of half size, in
    which what lies outside the region counts as 0 · per_share: as in `local_contrast` · floor: added to the root of
    what is usual · out: float32 (h, w), 0 outside the region, in place.
    """
    rows, columns = difference.shape
    line, squares = np.empty(usual.shape[1], np.float32), np.empty(columns, np.float32)
    added, nothing = np.float32(floor), np.float32(0.0)
    low, high = np.float32(-3.0), np.float32(4.0)
    total = 0.0
    for y in range(rows):
        spread_row(usual, y, line, squares)
        for x in range(columns):
            squares[x] = max(squares[x] * per_share[y, x], nothing)
            value = difference[y, x] / (math.sqrt(squares[x]) + added)
            out[y, x] = min(max(value, low), high) if per_share[y, x] > nothing else nothing
        total += float(squares.sum())
    return float(total / (rows * columns))


def warm_up() -> None:
    """Compile for the types in use."""
    a, half, grey = np.zeros((4, 4), np.float32), np.zeros((2, 2), np.float32), np.zeros((4, 4), np.uint8)
    carry_and_compare(a, a.copy(), np.zeros((2, 3)), a.copy(), 0.1, a.copy(), a.copy())
    halve(grey, grey, half, half.copy())
    halve_square(a, half)
    local_contrast(grey, half, half, a, 1.0, a.copy())
    in_usual_differences(a, half, a, 1.0, a.copy())
    spread_row(half, 0, half[0].copy(), a[0])
