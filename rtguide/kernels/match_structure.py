"""Where a marked structure is now: blocks of an earlier picture found again in this one, together.

Coordinates: **model** (cells, as the structure lay in the picture it was marked in) and **grid** (cells of this
picture). An affine map, float64 (2, 3), takes model points to grid points: grid = a[:, :2] @ model + a[:, 2].
"""

import math

import numpy as np
from numpy.typing import NDArray

from rtguide.kernels import kernel

__all__ = ["correlate_block", "cut_blocks", "fit_motion", "register", "warm_up"]

FINE_REACH = 3
"""Cells searched around the place found at half size: its own error of one cell, and two for stretch and rotation."""


@kernel
def cut_blocks(image: NDArray[np.uint8], corners: NDArray[np.int64], blocks: NDArray[np.uint8]) -> None:
    """Copy square blocks out of a picture; what lies outside it is filled with its nearest border cell.

    image: uint8 (h, w) · corners: int64 (n, 2), top-left (column, row) · blocks: uint8 (n, size, size), written in
    place.
    """
    rows, columns = image.shape
    size = blocks.shape[1]
    for k in range(corners.shape[0]):
        for y in range(size):
            yy = min(max(corners[k, 1] + y, 0), rows - 1)
            for x in range(size):
                blocks[k, y, x] = image[yy, min(max(corners[k, 0] + x, 0), columns - 1)]


@kernel
def correlate_block(
    image: NDArray[np.uint8],
    block: NDArray[np.uint8],
    left: int,
    top: int,
    scratch: NDArray[np.int64],
    out: NDArray[np.float64],
) -> None:
    """Normalised cross-correlation of a block with the picture at every shift of a small square search.

    image: uint8 (h, w) · block: uint8 (s, s) · left, top: column and row of the block's corner at the first shift ·
    scratch: int64 (2, ≥ s + span, ≥ s + span) · out: float64 (span, span) as [row shift, column shift], written in
    place; 0 where the block would leave the picture or where either side is flat.

    References
    ----------
    Lewis, "Fast normalized cross-correlation", Vision Interface 1995 (running sums for the local energy).
    """
    rows, columns = image.shape
    size, span = block.shape[0], out.shape[0]
    count = size * size
    sum_t, sum_tt = np.int64(0), np.int64(0)
    for y in range(size):
        for x in range(size):
            value = np.int64(block[y, x])
            sum_t += value
            sum_tt += value * value
    energy_t = float(count * sum_tt - sum_t * sum_t)
    extent = size + span - 1
    for y in range(extent + 1):
        scratch[0, y, 0] = 0
        scratch[1, y, 0] = 0
    for x in range(extent + 1):
        scratch[0, 0, x] = 0
        scratch[1, 0, x] = 0
    for y in range(extent):
        yy = min(max(top + y, 0), rows - 1)
        run, run2 = np.int64(0), np.int64(0)
        for x in range(extent):
            value = np.int64(image[yy, min(max(left + x, 0), columns - 1)])
            run += value
            run2 += value * value
            scratch[0, y + 1, x + 1] = scratch[0, y, x + 1] + run
            scratch[1, y + 1, x + 1] = scratch[1, y, x + 1] + run2
    for i in range(span):
        for j in range(span):
            out[i, j] = 0.0
            y0, x0 = top + i, left + j
            if y0 < 0 or x0 < 0 or y0 + size > rows or x0 + size > columns:
                continue
            sum_i = (
                scratch[0, i + size, j + size] - scratch[0, i, j + size] - scratch[0, i + size, j] + scratch[0, i, j]
            )
            sum_ii = (
                scratch[1, i + size, j + size] - scratch[1, i, j + size] - scratch[1, i + size, j] + scratch[1, i, j]
            )
            energy = energy_t * float(count * sum_ii - sum_i * sum_i)
            if energy <= 0.0:
                continue
            product = np.int32(0)
            for y in range(size):
                row = np.int32(0)
                for x in range(size):
                    row += np.int32(block[y, x]) * np.int32(image[y0 + y, x0 + x])
                product += row
            out[i, j] = (float(count) * float(product) - float(sum_t) * float(sum_i)) / math.sqrt(energy)


@kernel
def _peak(surface: NDArray[np.float64], i: int, j: int, out: NDArray[np.float64]) -> None:
    """Sub-cell place (x, y, value) of the maximum near (i, j): a parabola along each axis."""
    span = surface.shape[0]
    best = surface[i, j]
    out[0], out[1], out[2] = float(j), float(i), best
    if 0 < j < span - 1:
        bend = surface[i, j - 1] + surface[i, j + 1] - 2.0 * best
        if bend < 0.0:
            out[0] += min(0.5, max(-0.5, 0.5 * (surface[i, j - 1] - surface[i, j + 1]) / bend))
    if 0 < i < span - 1:
        bend = surface[i - 1, j] + surface[i + 1, j] - 2.0 * best
        if bend < 0.0:
            out[1] += min(0.5, max(-0.5, 0.5 * (surface[i - 1, j] - surface[i + 1, j]) / bend))


@kernel
def fit_motion(
    points: NDArray[np.float64], found: NDArray[np.float64], stiffness: float, scale: float, affine: NDArray[np.float64]
) -> float:
    """Robust affine map from model points to where their blocks were found.

    Reweighted least squares with Tukey's biweight; the linear part is pulled toward that of the guess, so that a few
    blocks give a shift, and stretch and rotation come over several pictures.

    points: float64 (n, 2) model · found: float64 (n, 3) grid place (x, y) and weight ≥ 0 · stiffness: cells², the
    weight-times-spread at which the pull and the blocks count the same · scale: cells at which a block stops counting ·
    affine: float64 (2, 3), the starting guess, written in place. Returns the share of the weight that agrees.

    References
    ----------
    Beaton and Tukey, Technometrics 16, 1974 (the biweight).
    """
    count = points.shape[0]
    total = 0.0
    for k in range(count):
        total += found[k, 2]
    if total <= 0.0:
        return 0.0
    agreeing = 0.0
    axx, axy, ayx, ayy = affine[0, 0], affine[0, 1], affine[1, 0], affine[1, 1]
    for turn in range(5):
        width = scale * (2.0 if turn < 2 else 1.0)
        agreeing, mx, my = 0.0, 0.0, 0.0
        for k in range(count):
            x, y = points[k, 0], points[k, 1]
            ex = found[k, 0] - (affine[0, 0] * x + affine[0, 1] * y + affine[0, 2])
            ey = found[k, 1] - (affine[1, 0] * x + affine[1, 1] * y + affine[1, 2])
            u = (ex * ex + ey * ey) / (width * width)
            w = found[k, 2] * (1.0 - u) ** 2 if u < 1.0 else 0.0
            agreeing += w
            mx += w * x
            my += w * y
        if agreeing < 0.05 * total:
            return agreeing / total
        mx, my = mx / agreeing, my / agreeing
        # unknowns: the linear part about the weighted middle; the shift is then the mean residual
        sxx, sxy, syy = stiffness, 0.0, stiffness
        bx0, bx1, by0, by1, tx, ty = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
        for k in range(count):
            x, y = points[k, 0], points[k, 1]
            ex = found[k, 0] - (affine[0, 0] * x + affine[0, 1] * y + affine[0, 2])
            ey = found[k, 1] - (affine[1, 0] * x + affine[1, 1] * y + affine[1, 2])
            u = (ex * ex + ey * ey) / (width * width)
            if u >= 1.0:
                continue
            w = found[k, 2] * (1.0 - u) ** 2
            dx, dy = x - mx, y - my
            ox = found[k, 0] - axx * x - axy * y
            oy = found[k, 1] - ayx * x - ayy * y
            sxx += w * dx * dx
            sxy += w * dx * dy
            syy += w * dy * dy
            bx0 += w * dx * ox
            bx1 += w * dy * ox
            by0 += w * dx * oy
            by1 += w * dy * oy
            tx += w * ox
            ty += w * oy
        determinant = sxx * syy - sxy * sxy
        if determinant <= 1e-12:
            return 0.0
        tx, ty = tx / agreeing, ty / agreeing
        affine[0, 0] = axx + (syy * bx0 - sxy * bx1) / determinant
        affine[0, 1] = axy + (sxx * bx1 - sxy * bx0) / determinant
        affine[1, 0] = ayx + (syy * by0 - sxy * by1) / determinant
        affine[1, 1] = ayy + (sxx * by1 - sxy * by0) / determinant
        affine[0, 2] = tx + (axx - affine[0, 0]) * mx + (axy - affine[0, 1]) * my
        affine[1, 2] = ty + (ayx - affine[1, 0]) * mx + (ayy - affine[1, 1]) * my
    return agreeing / total


@kernel
def register(
    picture: NDArray[np.uint8],
    half: NDArray[np.uint8],
    blocks: NDArray[np.uint8],
    blocks_half: NDArray[np.uint8],
    points: NDArray[np.float64],
    inside: NDArray[np.bool_],
    settings: NDArray[np.float64],
    work: NDArray[np.float64],
    affine: NDArray[np.float64],
    found: NDArray[np.float64],
) -> tuple[float, float, float, float, float]:
    """Find all blocks of a model in this picture and fit the affine map.

    First one common shift on the half-size picture, then each block near it at full size, then the robust fit.

    picture: uint8 (h, w) · half: uint8 (h // 2, w // 2) · blocks: uint8 (n, s, s), s even · blocks_half: uint8
    (n, s // 2, s // 2) · points: float64 (n, 3), model place (x, y) of the block's middle and its weight · inside: bool
    (h, w), the image region · settings: (coarse reach in half cells, stiffness, scale), see `fit_motion` · work:
    float64 scratch, (n + 1, 32, 32) at least · affine: float64 (2, 3), the guess, written in place · found: float64
    (n, 4): grid place (x, y), weight, correlation, written in place.

    Returns (correlation at the common shift, mean of the better two thirds of the blocks: a third may be covered; the
    upper quartile of the blocks' own correlations; the best common correlation on the half-size picture at least 3
    half cells away from the one chosen, as a share of it; share of the blocks' weight inside the picture; share that
    agrees).
    """
    count, size = blocks.shape[0], blocks.shape[1]
    reach = int(settings[0])
    span = 2 * reach + 1
    scratch = (
        np.empty((2, size + 16, size + 16), np.int64)
        if span < 16
        else np.empty((2, size + span, size + span), np.int64)
    )
    common = work[count, :span, :span]
    for i in range(span):
        for j in range(span):
            common[i, j] = 0.0
    rows, columns = picture.shape
    weight_all, weight_in = 0.0, 0.0
    for k in range(count):
        x = affine[0, 0] * points[k, 0] + affine[0, 1] * points[k, 1] + affine[0, 2]
        y = affine[1, 0] * points[k, 0] + affine[1, 1] * points[k, 1] + affine[1, 2]
        found[k, 0], found[k, 1], found[k, 2], found[k, 3] = x, y, 0.0, 0.0
        weight_all += points[k, 2]
        quarter = 0.35 * size
        hits = 0
        for a in range(5):
            sx = x + (quarter if a in (1, 3) else -quarter if a in (2, 4) else 0.0)
            sy = y + (quarter if a in (1, 2) else -quarter if a in (3, 4) else 0.0)
            ix, iy = round(sx), round(sy)
            if 0 <= ix < columns and 0 <= iy < rows and inside[iy, ix]:
                hits += 1
        if hits < 4:
            continue
        found[k, 2] = points[k, 2]
        weight_in += points[k, 2]
    if weight_in <= 0.0:
        return 0.0, 0.0, 1.0, 0.0, 0.0
    surface = work[0, :span, :span]
    for k in range(count):
        if found[k, 2] <= 0.0:
            continue
        # the middle of a half-size block lies at (grid - 0.5) / 2
        left = round((found[k, 0] - 0.5) / 2.0 - (size // 2 - 1) / 2.0) - reach
        top = round((found[k, 1] - 0.5) / 2.0 - (size // 2 - 1) / 2.0) - reach
        correlate_block(half, blocks_half[k], left, top, scratch, surface)
        w = found[k, 2] / weight_in
        for i in range(span):
            for j in range(span):
                common[i, j] += w * surface[i, j]
    bi, bj = 0, 0
    for i in range(span):
        for j in range(span):
            if common[i, j] > common[bi, bj]:
                bi, bj = i, j
    best_half = common[bi, bj]
    second = 0.0
    for i in range(span):
        for j in range(span):
            if (i - bi) ** 2 + (j - bj) ** 2 >= 9:
                second = max(second, common[i, j])
    shift_x, shift_y = 2.0 * (bj - reach), 2.0 * (bi - reach)
    fine = 2 * FINE_REACH + 1
    joint = np.zeros((fine, fine))
    for k in range(count):
        if found[k, 2] <= 0.0:
            continue
        left = round(found[k, 0] + shift_x - (size - 1) / 2.0) - FINE_REACH
        top = round(found[k, 1] + shift_y - (size - 1) / 2.0) - FINE_REACH
        correlate_block(picture, blocks[k], left, top, scratch, work[k, :fine, :fine])
        w = found[k, 2] / weight_in
        for i in range(fine):
            for j in range(fine):
                joint[i, j] += w * work[k, i, j]
    fi, fj = FINE_REACH, FINE_REACH
    for i in range(1, fine - 1):
        for j in range(1, fine - 1):
            if joint[i, j] > joint[fi, fj]:
                fi, fj = i, j
    place = np.empty(3)
    _peak(joint, fi, fj, place)
    jx, jy = place[0], place[1]
    lift = place[2] / joint[fi, fj] if joint[fi, fj] > 0.0 else 1.0
    at_common, own = np.empty(count), np.empty(count)
    used = 0
    for k in range(count):
        if found[k, 2] <= 0.0:
            continue
        left = round(found[k, 0] + shift_x - (size - 1) / 2.0) - FINE_REACH
        top = round(found[k, 1] + shift_y - (size - 1) / 2.0) - FINE_REACH
        ki, kj = fi, fj
        for i in range(max(1, fi - 2), min(fine - 1, fi + 3)):
            for j in range(max(1, fj - 2), min(fine - 1, fj + 3)):
                if work[k, i, j] > work[k, ki, kj]:
                    ki, kj = i, j
        _peak(work[k, :fine, :fine], ki, kj, place)
        found[k, 3] = place[2]
        at_common[used], own[used] = lift * work[k, fi, fj], place[2]
        used += 1
        found[k, 0] = left + place[0] + (size - 1) / 2.0
        found[k, 1] = top + place[1] + (size - 1) / 2.0
        found[k, 2] *= max(0.0, place[2]) ** 2
    affine[0, 2] += shift_x + jx - FINE_REACH
    affine[1, 2] += shift_y + jy - FINE_REACH
    agreement = fit_motion(points[:, :2], found[:, :3], settings[1], settings[2], affine)
    ranked = np.sort(at_common[:used])
    quality = ranked[used // 3 :].mean()
    upper = np.sort(own[:used])[(3 * used) // 4]
    return quality, upper, second / best_half if best_half > 0.0 else 1.0, weight_in / weight_all, agreement


def warm_up() -> None:
    """Compile for the types in use."""
    picture = np.zeros((64, 64), np.uint8)
    half = np.zeros((32, 32), np.uint8)
    blocks, blocks_half = np.zeros((1, 20, 20), np.uint8), np.zeros((1, 10, 10), np.uint8)
    cut_blocks(picture, np.zeros((1, 2), np.int64), blocks)
    affine = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    inside = np.ones((64, 64), np.bool_)
    inside.flags.writeable = False  # as the work grid's: Numba tells the two apart
    settings, work = np.array([2.0, 1.0, 1.0]), np.zeros((2, 32, 32))
    register(picture, half, blocks, blocks_half, np.ones((1, 3)), inside, settings, work, affine, np.zeros((1, 4)))
