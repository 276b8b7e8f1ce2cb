"""Every kernel of the needle tracker against slow, plain code."""

import itertools
import math

import numpy as np
import pytest
from scipy.ndimage import map_coordinates

from rtguide.kernels import grid_motion, needle_background, needle_line, needle_radon, needle_step, needle_strip


def speckle(rng, rows=60, columns=80):
    noise = rng.normal(size=(rows + 4, columns + 4))
    smooth = sum(noise[i : i + rows, j : j + columns] for i in range(4) for j in range(4)) / 4
    return smooth.astype(np.float32)


@pytest.mark.parametrize(
    "module", [grid_motion, needle_background, needle_line, needle_radon, needle_step, needle_strip]
)
def test_warm_up_runs(module):
    module.warm_up()


def test_match_blocks_finds_whole_and_half_shifts():
    rng = np.random.default_rng(0)
    fine = np.kron(rng.integers(0, 255, (50, 60)), np.ones((2, 2)))
    fine = (fine[1:-1, 1:-1] + fine[2:, 1:-1] + fine[1:-1, 2:] + fine[2:, 2:]) / 4
    before = fine[10:90, 10:110].astype(np.uint8)
    after = fine[8:88, 13:113].astype(np.uint8)
    corners = np.array([[20, 20], [40, 30], [60, 44]])
    shifts = np.zeros((3, 3))
    grid_motion.match_blocks(before, after, corners, 16, 5, np.zeros((3, 2)), shifts)
    assert shifts[:, :2] == pytest.approx(np.tile([-3.0, 2.0], (3, 1)), abs=0.1)
    assert (shifts[:, 2] > 0.9).all()


def test_match_blocks_says_nothing_of_blocks_without_texture_or_at_the_rim():
    flat = np.full((40, 40), 90, np.uint8)
    shifts = np.ones((2, 3))
    grid_motion.match_blocks(flat, flat, np.array([[12, 12], [0, 0]]), 8, 3, np.zeros((2, 2)), shifts)
    assert (shifts[:, 2] == 0).all()


def test_fit_affine_recovers_a_motion_although_a_third_of_the_blocks_lie():
    rng = np.random.default_rng(1)
    points = rng.uniform(-100, 100, (36, 2))
    true = np.array([[0.01, -0.02, 1.5], [0.015, 0.005, -2.0]])
    shifts = np.column_stack([points @ true[:, :2].T + true[:, 2], np.ones(36)])
    shifts[:12, :2] += rng.uniform(5, 9, (12, 2))
    found = np.zeros((2, 3))
    agreement = grid_motion.fit_affine(points, shifts, 1.5, 0.0, found)
    assert found == pytest.approx(true, abs=1e-6)
    assert agreement == pytest.approx(24 / 36, abs=0.02)


def test_fit_affine_without_matches_says_so():
    assert grid_motion.fit_affine(np.zeros((4, 2)), np.zeros((4, 3)), 1.0, 1.0, np.ones((2, 3))) == 0.0


def slow_segment_sum(picture, lane, rise, position, width):
    """The recursive definition of the transform."""
    if width == 1:
        return picture[lane, position] if position < picture.shape[1] else 0.0
    first = slow_segment_sum(picture, lane, rise // 2, position, width // 2)
    return first + slow_segment_sum(picture, lane + width // 2, rise // 2, position + (rise + 1) // 2, width // 2)


def test_segment_sums_follow_their_definition():
    rng = np.random.default_rng(2)
    picture = rng.normal(size=(16, 24)).astype(np.float32)
    lanes, spare = picture.copy(), np.zeros_like(picture)
    needle_radon.segment_sums(lanes, spare, 0, 2)
    needle_radon.segment_sums(lanes, spare, 2, 3)
    sums = spare.reshape(2, 8, 24)
    for strip, rise, position in itertools.product(range(2), range(8), range(24)):
        slow = slow_segment_sum(picture.astype(float), strip * 8, rise, position, 8)
        assert sums[strip, rise, position] == pytest.approx(slow, abs=1e-4)


def test_block_peaks_against_plain_loops():
    rng = np.random.default_rng(3)
    sums = rng.normal(size=(2, 8, 21)).astype(np.float32)
    best = np.zeros((2, 2, 6), np.float32)
    needle_radon.block_peaks(sums, 2, 4, best)
    for strip, i, j in itertools.product(range(2), range(2), range(6)):
        inside = [
            (sums[strip, rise, p] - max(sums[strip, rise, p - 2], sums[strip, rise, p + 2]), rise, p)
            for rise in range(4 * i, 4 * i + 4)
            for p in range(4 * j, min(4 * j + 4, 21))
            if 2 <= p < 19
        ]
        value, rise, p = max(inside, default=(-1e9, 0, 0))
        assert best[strip, i, j] == pytest.approx(value, rel=1e-5)
        if inside:
            place = np.array([strip, i, j])
            needle_radon.locate_peak(sums, 2, 4, place)
            assert tuple(place) == (strip, rise, p)


def test_straighten_against_scipy():
    rng = np.random.default_rng(4)
    pictures = [speckle(rng), speckle(rng)]
    line = np.array([10.3, 8.1, 60.7, 40.2])
    strips = np.zeros((2, 9, 70), np.float32)
    needle_strip.straighten(pictures[0], pictures[1], line, strips[0], strips[1])
    length = math.hypot(line[2] - line[0], line[3] - line[1])
    ux, uy = (line[2] - line[0]) / length, (line[3] - line[1]) / length
    s, row = np.meshgrid(np.arange(70), np.arange(9) - 4)
    x, y = line[0] + ux * s - uy * row, line[1] + uy * s + ux * row
    inside = (x >= 0) & (y >= 0) & (x < 79) & (y < 59)
    for k in range(2):
        slow = np.where(inside, map_coordinates(pictures[k].astype(float), [y, x], order=1, mode="nearest"), 0.0)
        assert strips[k] == pytest.approx(slow, abs=1e-4)


def test_ridge_rows_against_plain_code():
    rng = np.random.default_rng(5)
    strip = speckle(rng, 17, 40)
    ridges = np.ones_like(strip)
    needle_strip.ridge_rows(strip, 4, ridges)
    for row in range(17):
        if row < 5 or row >= 12:
            assert (ridges[row] == 0).all()
            continue
        centre = (strip[row - 1] + 2 * strip[row] + strip[row + 1]) / 4
        above, below = strip[row - 5 : row - 3].mean(axis=0), strip[row + 4 : row + 6].mean(axis=0)
        raw = centre - np.maximum((above + below) / 2, np.maximum(above, below) - 0.5)
        padded = np.concatenate([raw[:1], raw, raw[-1:]])
        assert ridges[row] == pytest.approx((padded[:-2] + 2 * raw + padded[2:]) / 4, abs=1e-5)


def test_best_path_is_the_best_of_all_paths():
    rng = np.random.default_rng(6)
    ridges = rng.uniform(-1, 3, (9, 7)).astype(np.float32)
    path = np.zeros(7, np.int64)
    needle_strip.best_path(ridges, 4, 1, 0.4, np.zeros((3, 7), np.int8), path)

    def price(rows):
        steps = np.abs(np.diff(rows))
        if (steps > 1).any():
            return -np.inf
        away = np.array(rows) - 4
        return ridges[rows, np.arange(7)].sum() - 0.4 * steps.sum() - 0.004 * (away**2).sum()

    best = max(price(list(rows)) for rows in itertools.product([3, 4, 5], repeat=7))
    assert price(list(path)) == pytest.approx(best, abs=1e-5)


def test_read_path_against_plain_code():
    rng = np.random.default_rng(7)
    now, before = speckle(rng, 11, 30), speckle(rng, 11, 30)
    path = rng.integers(0, 11, 30)
    strength, news = np.zeros(30, np.float32), np.zeros(30, np.float32)
    needle_strip.read_path(now, before, path, 2, strength, news)
    for s in range(30):
        near = before[max(0, path[s] - 2) : path[s] + 3, max(0, s - 1) : s + 2]
        assert strength[s] == now[path[s], s]
        assert news[s] == pytest.approx(now[path[s], s] - near.max(), abs=1e-6)


def test_end_likelihood_against_plain_code():
    rng = np.random.default_rng(8)
    shaft, tissue = rng.normal(size=50).astype(np.float32), rng.normal(size=(2, 50)).astype(np.float32)
    shaft[:20] += 2
    levels, total = np.zeros(3), np.zeros(50)
    needle_step.end_likelihood(shaft, tissue, 2.0, 4.0, levels, total)
    clipped = np.clip(tissue.astype(float), -3, 3)
    mean, deviation = clipped.mean(), clipped.std()
    value = np.minimum((2.0 - mean) / deviation**2 * (shaft - (2.0 + mean) / 2), 4.0)
    slow = np.cumsum(np.log(needle_step.DROPOUT + (1 - needle_step.DROPOUT) * np.exp(value))) / 4.0
    assert levels[:2] == pytest.approx([mean, deviation], abs=1e-5)
    assert total == pytest.approx(slow, abs=1e-4)
    assert 17 <= int(np.argmax(total)) <= 23


def test_a_shaft_as_dim_as_tissue_says_nothing_of_its_end():
    rng = np.random.default_rng(9)
    tissue, total = rng.normal(size=(2, 50)).astype(np.float32), np.ones(50)
    needle_step.end_likelihood(tissue[0], tissue, 0.2, 4.0, np.zeros(3), total)
    assert (total == 0).all()


def test_filter_end_against_numpy():
    rng = np.random.default_rng(10)
    n, shift, spread, leak = 60, 2.3, 1.7, 0.01
    before = rng.random(n)
    before /= before.sum()
    likelihood = rng.normal(size=n)
    after, moments = np.zeros(n), np.zeros(2)
    needle_step.filter_end(before, likelihood, shift, spread, leak, after, moments)
    reach = math.ceil(3 * spread) + 1
    weights = np.exp(-0.5 * ((np.arange(-reach, reach + 1) - 0.3) / spread) ** 2)
    weights /= weights.sum()
    moved = np.zeros(n)
    for s, k in itertools.product(range(n), range(-reach, reach + 1)):
        if 0 <= s - 2 - k < n:
            moved[s] += before[s - 2 - k] * weights[k + reach]
    slow = ((1 - leak) * moved + leak / n) * np.exp(likelihood)
    slow /= slow.sum()
    assert after == pytest.approx(slow, abs=1e-12)
    sharp = slow**needle_step.SHARPEN
    mean = sharp @ np.arange(n) / sharp.sum()
    assert moments == pytest.approx([mean, math.sqrt(slow @ (np.arange(n) - mean) ** 2)])


def test_describe_end_against_numpy():
    rng = np.random.default_rng(11)
    strength, news = rng.normal(size=80).astype(np.float32), rng.normal(size=80).astype(np.float32)
    levels = np.array([[0.1, 1.2, 0.0], [-0.3, 0.8, 0.0]])
    out = np.zeros(8)
    path = rng.integers(0, 9, 80)
    needle_step.describe_end(strength, news, path, levels, 50.4, 10.0, out)
    z = [(strength - 0.1) / 1.2, (news + 0.3) / 0.8]
    wanted = [
        z[0][40:51].mean(),
        z[0][51:60].mean(),
        z[1][40:51].mean(),
        np.clip(z[1][:51], -2, 4).mean(),
        np.clip(strength[:45], -1, 4).mean(),
        max(np.clip(news[:45], -1, 4).mean(), np.clip(news[:51], -1, 4).mean()),
        np.std(path[:51] - np.polyval(np.polyfit(np.arange(51), path[:51], 1), np.arange(51))),
        min((z[0][:51] > 1).mean(), 1.5 * (z[0][:26] > 1).mean()),
    ]
    assert out == pytest.approx(wanted, abs=1e-5)
    needle_step.describe_end(strength, news, path, levels, 8.0, 10.0, out)
    assert math.isnan(out[4])


def test_carry_and_compare_against_scipy():
    rng = np.random.default_rng(12)
    picture, old = speckle(rng), speckle(rng)
    motion = np.array([[0.01, -0.02, 1.4], [0.02, 0.01, -2.3]])
    keep = (rng.random(picture.shape) < 0.5).astype(np.float32)
    new, difference = np.zeros_like(picture), np.zeros_like(picture)
    needle_background.carry_and_compare(picture, old, motion, keep, 0.2, new, difference)
    ys, xs = np.mgrid[0:60, 0:80].astype(float)
    mx, my = xs - 39.5, ys - 29.5
    sx = xs - (motion[0, 0] * mx + motion[0, 1] * my + motion[0, 2])
    sy = ys - (motion[1, 0] * mx + motion[1, 1] * my + motion[1, 2])
    inside = (sx >= 0) & (sy >= 0) & (sx <= 79) & (sy <= 59)
    carried = np.where(inside, map_coordinates(old.astype(float), [sy, sx], order=1, mode="nearest"), picture)
    assert difference == pytest.approx(np.where(inside, picture - carried, 0), abs=1e-4)
    assert new == pytest.approx(np.where(inside, carried + 0.2 * (1 - keep) * (picture - carried), picture), abs=1e-4)


def enlarged(half, shape):
    """A picture of half size, bilinear at twice its size: the centre of cell k lies between cells 2 k and 2 k + 1."""
    rows, columns = (np.arange(n) / 2 - 0.25 for n in shape)
    return map_coordinates(half.astype(float), np.meshgrid(rows, columns, indexing="ij"), order=1, mode="nearest")


@pytest.mark.parametrize("shape", [(60, 80), (61, 83)])
def test_contrast_and_usual_differences_against_numpy(shape):
    rng = np.random.default_rng(13)
    grey = rng.integers(0, 256, shape).astype(np.uint8)
    mean, square, usual = (np.abs(speckle(rng, shape[0] // 2, shape[1] // 2)) * 40 for _ in range(3))
    per_share = np.where(rng.random(shape) < 0.2, 0, 1.1).astype(np.float32)
    out = np.zeros(shape, np.float32)
    needle_background.local_contrast(grey, mean, square, per_share, 6.0, out)
    middle = enlarged(mean, shape) * per_share
    slow = (grey - middle) / (np.sqrt(np.maximum(enlarged(square, shape) * per_share - middle**2, 0)) + 6)
    assert out == pytest.approx(np.where(per_share > 0, np.clip(slow, -2.5, 3.5), 0), abs=1e-3)
    difference = speckle(rng, *shape)
    unrest = needle_background.in_usual_differences(difference, usual, per_share, 0.3, out)
    squares = enlarged(usual, shape) * per_share
    slow = np.clip(difference / (np.sqrt(squares) + 0.3), -3, 4)
    assert out == pytest.approx(np.where(per_share > 0, slow, 0), abs=1e-4)
    assert unrest == pytest.approx(squares.mean(), rel=1e-4)


@pytest.mark.parametrize("shape", [(60, 80), (61, 83)])
def test_spread_row_against_scipy(shape):
    half = speckle(np.random.default_rng(23), shape[0] // 2, shape[1] // 2)
    found, line = np.zeros(shape, np.float32), np.zeros(shape[1] // 2, np.float32)
    for y in range(shape[0]):
        needle_background.spread_row(half, y, line, found[y])
    assert found == pytest.approx(enlarged(half, shape), abs=1e-5)


@pytest.mark.parametrize("shape", [(60, 80), (61, 83)])
def test_halving_against_numpy(shape):
    rng = np.random.default_rng(19)
    grey, inside = rng.integers(0, 256, shape).astype(np.uint8), (rng.random(shape) < 0.7).astype(np.uint8)
    values = speckle(rng, *shape)
    mean, square, power = np.zeros((3, shape[0] // 2, shape[1] // 2), np.float32)
    needle_background.halve(grey, inside, mean, square)
    needle_background.halve_square(values, power)

    def halved(cells):
        whole = cells[: shape[0] // 2 * 2, : shape[1] // 2 * 2]
        return whole.reshape(shape[0] // 2, 2, shape[1] // 2, 2).mean((1, 3))

    kept = grey.astype(float) * inside
    assert mean == pytest.approx(halved(kept), rel=1e-5)
    assert square == pytest.approx(halved(kept**2), rel=1e-5)
    assert power == pytest.approx(halved(values.astype(float) ** 2), rel=1e-5)


@pytest.mark.parametrize("bow", [0.0, 2.0])
def test_enter_line_and_line_length_against_plain_marching(bow):
    inside = np.zeros((50, 70), bool)
    inside[5:45, 8:60] = True
    line = np.array([20.0, 12.0, 40.0, 30.0, bow])
    length = math.hypot(20, 18)

    def is_inside(s):
        t = s / length
        side = 0.0 if t <= 0 else 4 * bow * (t * (1 - t) if t < 1 else 1 - t)
        x, y = 20 + (20 * s - 18 * side) / length, 12 + (18 * s + 20 * side) / length
        column, row = math.floor(x + 0.5), math.floor(y + 0.5)
        return 0 <= column < 70 and 0 <= row < 50 and inside[row, column]

    s = length / 2
    while is_inside(s - 0.5):
        s -= 0.5
    assert needle_line.enter_line(inside, line) == pytest.approx(s)
    n = 4
    while is_inside(n):
        n += 1
    assert needle_line.line_length(inside, line) == n


def test_a_line_that_misses_the_region_does_not_enter():
    inside = np.zeros((40, 40), bool)
    inside[20:30, 20:30] = True
    assert math.isnan(needle_line.enter_line(inside, np.array([0.0, 2.0, 39.0, 2.0, 0.0])))


def test_fit_line_finds_a_shifted_and_turned_ridge():
    rng = np.random.default_rng(14)
    ridges = 0.1 * rng.normal(size=(13, 240)).astype(np.float32)
    place = 6 + np.linspace(1.2, -1.6, 240)
    ridges += 2 * np.exp(-((np.arange(13)[:, None] - place) ** 2)).astype(np.float32)
    ridges[2:4, 24:30] += 4
    change = np.zeros(2)
    needle_line.fit_line(ridges, 4, 6, 240.0, change)
    assert change == pytest.approx([1.2, -1.6], abs=0.2)


def test_mean_along_against_plain_code():
    rng = np.random.default_rng(15)
    picture = speckle(rng)
    steps = math.ceil(math.hypot(90.0 - 5.5, 40.2 - 3.0))
    total = 0.0
    for k in range(steps + 1):
        column = math.floor(5.5 + (90.0 - 5.5) * k / steps + 0.5)
        row = math.floor(3.0 + (40.2 - 3.0) * k / steps + 0.5)
        total += picture[row, column] if column < 80 and row < 60 else 0.0
    assert needle_line.mean_along(picture, 5.5, 3.0, 90.0, 40.2) == pytest.approx(total / (steps + 1), abs=1e-5)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 200])
def test_fit_bow_against_numpy(count):
    path = np.random.default_rng(16).integers(5, 20, count + 5)
    end = max(count - 0.6, 1.0)
    bow = np.empty(3)
    needle_line.fit_bow(path, count, end, bow)
    along = np.arange(count) / end
    degree = min(count - 1, 2)
    fitted = np.polynomial.Polynomial.fit(along, path[:count], degree) if degree else np.polynomial.Polynomial(path[:1])
    share = np.linspace(0.0, 1.0, 13)
    assert bow[0] + share * (bow[1] + share * bow[2]) == pytest.approx(fitted(share), abs=1e-9)


@pytest.mark.parametrize("least", [0, 5, 300])
def test_newest_start_against_plain_means(least):
    news = np.random.default_rng(17).normal(size=120).astype(np.float32)
    means = np.cumsum(np.clip(news, -1.0, 4.0)) / np.arange(1, 121)
    assert needle_step.newest_start(news, least) == pytest.approx(means[min(least, 119) :].max(), abs=1e-6)


@pytest.mark.parametrize("line", [(3.0, 50.0, 60.0, 8.0), (70.0, 3.0, 5.0, 30.0), (40.0, 55.0, 40.0, 2.0)])
def test_straighten_beyond_the_picture_against_scipy(line):
    rng = np.random.default_rng(18)
    picture = speckle(rng)
    out, other = np.ones((11, 90), np.float32), np.ones((11, 90), np.float32)
    needle_strip.straighten(picture, picture, np.array(line), out, other)
    length = math.hypot(line[2] - line[0], line[3] - line[1])
    ux, uy = (line[2] - line[0]) / length, (line[3] - line[1]) / length
    row, s = np.mgrid[-5.0:6.0, 0.0:90.0]
    x, y = line[0] + ux * s - uy * row, line[1] + uy * s + ux * row
    expected = map_coordinates(picture, [y, x], order=1, mode="constant")
    expected[(x < 0) | (y < 0) | (x >= 79) | (y >= 59)] = 0.0
    assert (expected == 0.0).any()
    assert out == pytest.approx(expected, abs=1e-4)
    assert other == pytest.approx(out)
