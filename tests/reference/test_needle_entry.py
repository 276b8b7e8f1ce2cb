"""The kernels that find and describe short, still lines, against plain code."""

import math

import numpy as np
import pytest
from scipy import ndimage

from rtguide.kernels import needle_entry, needle_look
from rtguide.kernels.needle_entry import DEVIATION, USUAL, WEAK, entry_ridges
from rtguide.kernels.needle_look import DIM, describe_look
from rtguide.kernels.needle_step import first_gap


@pytest.mark.parametrize("module", [needle_entry, needle_look])
def test_warm_up_runs(module):
    module.warm_up()


def plain_entry(picture, inside, line, flank, reach):
    x0, y0, ux, uy = (float(v) for v in line)
    ridges = []
    for k in range(reach[1]):
        x, y = x0 + ux * k, y0 + uy * k

        def cell(px, py):
            j, i = math.floor(px + 0.5), math.floor(py + 0.5)
            is_on = 0 <= i < picture.shape[0] and 0 <= j < picture.shape[1]
            return (float(picture[i, j]), bool(inside[i, j])) if is_on else (0.0, False)

        value, is_in = cell(x, y)
        if not is_in:
            break
        sides = max(cell(x - uy * s, y + ux * s)[0] for s in (-flank, flank))
        ridges.append(min(max(value - sides, -1.0), 2.0))
        if k + 1 >= reach[0] and sum((r - USUAL) / DEVIATION for r in ridges) / math.sqrt(k + 1) < WEAK:
            break
    scores = [
        (sum((r - USUAL) / DEVIATION for r in ridges[:n]) / math.sqrt(n), n) for n in range(reach[0], len(ridges) + 1)
    ]
    return max(scores, key=lambda pair: pair[0], default=(-9.0, 0))


def test_entry_ridges_against_plain_loops():
    rng = np.random.default_rng(3)
    picture = rng.normal(size=(40, 50)).astype(np.float32)
    rows, columns = np.arange(40)[:, None], np.arange(50)[None, :]
    inside = columns > 6 + 0.2 * rows
    picture[10, 8:30] += 3.0
    angles = rng.uniform(0.0, math.pi / 2, 200)
    starts = np.column_stack([rng.integers(8, 20, 200), rng.integers(0, 30, 200)])
    lines = np.column_stack([starts, np.cos(angles), np.sin(angles)]).astype(np.float32)
    lines[0] = (9.0, 10.0, 1.0, 0.0)
    scores, lengths = np.zeros(200, np.float32), np.zeros(200, np.int64)
    entry_ridges(picture, inside, lines, 3.0, np.array([4, 25], np.int64), scores, lengths)
    expected = [plain_entry(picture, inside, line, 3.0, (4, 25)) for line in lines]
    # A cell on the boundary of two may be read from either: all but a few agree to the digit.
    agree = [abs(s - e[0]) < 1e-3 and n == e[1] for s, n, e in zip(scores, lengths, expected, strict=True)]
    assert np.mean(agree) > 0.97
    assert scores[0] == scores.max()
    assert 19 <= lengths[0] <= 23


def strip_of(angle_rad, rng, rows=41, columns=80):
    """Texture that runs at an angle to the strip, with a bright line along the middle."""
    noise = ndimage.gaussian_filter(rng.normal(size=(400, 400)), (1.0, 5.0))
    turned = ndimage.rotate(noise / noise.std(), np.degrees(angle_rad), reshape=False, order=1)
    strip = turned[200 - rows // 2 : 201 + rows // 2, 160 : 160 + columns].astype(np.float32)
    strip[rows // 2 - 1 : rows // 2 + 2] += 3.0
    return strip


@pytest.mark.parametrize("degrees", [0, 30, 60])
def test_a_look_sees_how_the_line_crosses_the_texture(degrees):
    rng = np.random.default_rng(1)
    out = np.zeros(6)
    found = []
    for _ in range(5):
        describe_look(strip_of(math.radians(degrees), rng), 5, 70, np.array([2, 5, 17], np.int64), 1, out)
        found.append(math.degrees(out[5]))
    assert np.mean(found) == pytest.approx(0.8 * degrees, abs=9.0)


def test_a_look_describes_the_profile_across_the_line():
    strip = np.zeros((41, 60), np.float32)
    strip[19:22] = 2.0
    strip[21, 40:] = 0.0
    strip[19:21, 40:] = 0.2
    strip[28:32] = 1.0
    out = np.zeros(6)
    describe_look(strip, 0, 40, np.array([2, 5, 10], np.int64), 1, out)
    assert out[0] == pytest.approx(2.0)
    assert out[1] == 3
    assert out[2] == pytest.approx(3 / 6)
    assert out[3] == 0.0
    assert out[4] == 0.0
    describe_look(strip, 0, 60, np.array([2, 5, 10], np.int64), -1, out)
    assert out[3] == pytest.approx(3 / 6)
    assert out[4] == pytest.approx(20 / 60)
    assert DIM > 0.2


@pytest.mark.parametrize(("first", "window"), [(4, 6), (10, 9)])
def test_first_gap_against_plain_slices(first, window):
    rng = np.random.default_rng(7)
    found = set()
    for _ in range(200):
        strength = rng.normal(2.0, 0.8, 60).astype(np.float32)
        start = int(rng.integers(0, 60))
        strength[start : start + int(rng.integers(0, 20))] -= 2.0
        bright = strength > 1.0
        expected = next(
            (
                s
                for s in range(max(first, 1), 60 - window + 1)
                if 5 * bright[s : s + window].sum() <= window and 5 * bright[:s].sum() >= 4 * s
            ),
            60,
        )
        assert first_gap(strength, 1.0, first, window) == expected
        found.add(expected)
    assert len(found) > 5
