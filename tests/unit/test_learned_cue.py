"""The learned cue's parts, without its network: what it looks at, lines in maps, when it locks, what it then says."""

import math
from dataclasses import replace

import numpy as np
import pytest

from rtguide.model.geometry import ImageGeometry, Provenance, RectRegion
from rtguide.model.needle import HiddenReason, NeedleTrack, TipState
from rtguide.opencv import cv2
from rtguide.tracking.grid import WorkGrid
from rtguide.tracking.grid_motion import TissueMotion
from rtguide.tracking.grid_tracker import GridPicture
from rtguide.tracking.learned_cue import CueLook
from rtguide.tracking.learned_follow import CueFollower
from rtguide.tracking.learned_lines import CueLine, lines_in
from rtguide.tracking.learned_lock import CueLock
from rtguide.tracking.learned_view import LAGS_S, LookBack, as_input

MM_PER_PX = 0.15


@pytest.fixture
def grid() -> WorkGrid:
    region = RectRegion(0.0, 0.0, 280.0, 240.0)
    return WorkGrid.from_geometry(ImageGeometry((240, 280), region, (MM_PER_PX, MM_PER_PX), Provenance.DEVICE))


def moved(grid, dx, dy):
    rows, columns = grid.shape
    affine = np.array([[0.0, 0.0, dx], [0.0, 0.0, dy]])
    return TissueMotion(affine, np.array([(columns - 1) / 2, (rows - 1) / 2]), 1.0)


def speckle(grid, seed=1):
    noise = np.random.default_rng(seed).normal(size=grid.shape)
    return np.clip(110 + 250 * cv2.GaussianBlur(noise, (0, 0), 3.0), 0, 255).astype(np.uint8)


def test_earlier_pictures_are_carried_along_with_the_tissue(grid):
    still, look = speckle(grid), LookBack(grid)
    for k in range(13):
        cells = np.roll(still, (2 * k, -4 * k), (0, 1))
        look.take(cells, moved(grid, -4.0, 2.0) if k else moved(grid, 0.0, 0.0), 0.1 * k)
    stacked = look.stack(slice(40, 90), slice(30, 80)).astype(int)
    assert stacked.shape == (50, 50, len(LAGS_S))
    for k in range(1, len(LAGS_S)):
        assert np.abs(stacked[..., k] - stacked[..., 0]).mean() < 1.5
    unmoved = np.abs(np.roll(stacked[..., 0], 4, 1) - stacked[..., 0]).mean()
    assert unmoved > 15


def test_what_no_earlier_picture_shows_is_taken_as_unchanged(grid):
    look = LookBack(grid)
    look.take(np.zeros(grid.shape, np.uint8), moved(grid, 0.0, 0.0), 0.0)
    look.take(np.full(grid.shape, 200, np.uint8), moved(grid, 40.0, 0.0), 1.0)
    rows, columns = look.shape
    earlier = look.stack(slice(0, rows), slice(0, columns))[..., 3]
    assert (earlier[:, :18] == 200).all()
    assert (earlier[:, 22:] == 0).all()


def test_gain_and_offset_hardly_change_what_the_network_is_given(grid):
    rows, columns = grid.shape[0] // 2, grid.shape[1] // 2
    one = speckle(grid)[:rows, :columns, None].repeat(4, axis=2)
    other = (one * 0.6 + 40).astype(np.uint8)
    inside = np.ones((rows, columns), bool)
    given, changed = as_input(one, inside), as_input(other, inside)
    assert given.shape[2] % 8 == given.shape[3] % 8 == 0
    assert np.corrcoef(given[0, 0].ravel(), changed[0, 0].ravel())[0, 1] > 0.99
    assert np.abs(given[0, 0] - changed[0, 0]).mean() < 0.2 * np.abs(given[0, 0]).mean()


def maps_of(tip, angle_rad, length, bow=0.0):
    """Maps as a network without faults would answer them."""
    back = -np.array([math.cos(angle_rad), math.sin(angle_rad)])
    side = np.array([back[1], -back[0]])
    s = np.linspace(0.0, 1.0, 200)[:, None]
    points = np.array(tip) + s * length * back + 4 * bow * s * (1 - s) * side
    shaft = np.zeros((120, 140), np.float32)
    cv2.polylines(shaft, [np.round(points * 16).astype(np.int32)], False, 1.0, 1, cv2.LINE_8, 4)
    shaft = np.minimum(cv2.GaussianBlur(shaft, (0, 0), 1.0) * 2.2, 1.0)
    ys, xs = np.mgrid[:120, :140]
    point = np.exp(-((xs - tip[0]) ** 2 + (ys - tip[1]) ** 2) / (2 * 1.5**2))
    return shaft.astype(np.float32), (0.9 * point).astype(np.float32), np.full(shaft.shape, 1.2, np.float32)


@pytest.mark.parametrize("degrees", [5, 33, 71, 118, 164])
def test_a_line_is_read_from_maps_to_a_fraction_of_a_cell_and_a_degree(degrees):
    tip = (71.3, 60.6)
    (line,) = lines_in(*maps_of(tip, math.radians(degrees), 45.0))
    assert math.dist(line.tip, tip) < 0.4
    assert abs(math.degrees(line.angle_rad) - degrees) < 0.7
    assert line.length == pytest.approx(45.0, abs=4.0)
    assert line.tip_chance == pytest.approx(0.9, abs=0.05)


@pytest.mark.parametrize("bow", [-3.0, 3.0])
def test_a_bent_shaft_keeps_the_sign_and_size_of_its_bow(bow):
    (line,) = lines_in(*maps_of((100.0, 70.0), math.radians(25.0), 75.0, bow))
    # The ray follows a part of the shaft only, and a bend is held back.
    part = bow * (line.length / 75.0) ** 2
    assert 0.6 < line.bow / part < 1.2


def test_no_tip_no_line():
    shaft, tip, spread = maps_of((71.0, 60.0), 0.5, 45.0)
    assert lines_in(shaft, np.zeros_like(shaft), spread) == []
    assert lines_in(np.zeros_like(shaft), tip, spread) == []


def test_how_far_off_a_tip_may_be_is_read_at_the_tip(grid):
    shaft, tip, spread = maps_of((71.3, 60.6), 0.5, 45.0)
    spread[:, :60] = 7.0
    (line,) = lines_in(shaft, tip, spread)
    assert line.spread == pytest.approx(1.2)
    assert line.on_whole_grid(0, 0).spread == pytest.approx(2.4)


def test_the_uncertainty_of_a_seen_tip_is_what_the_cue_says(grid):
    sharp = follow(grid, [(LINE,)] * 20)[-1].tip.sigma_px
    blurred = follow(grid, [(replace(LINE, spread=3.0),)] * 20)[-1].tip.sigma_px
    assert blurred == pytest.approx(3.0 * sharp)


LINE = CueLine((150.0, 120.0), (60.0, 60.0), 0.0, 0.7, 0.7, 1.0)


def test_one_look_is_no_needle_a_few_in_one_place_are(grid):
    lock = CueLock(grid.cell_mm)
    found = [lock.update((LINE,), 0.1 * k) for k in range(4)]
    assert found[0] is None
    assert found[3] is not None


def test_a_sure_shaft_of_a_needles_length_locks_with_a_dim_tip_a_dim_or_endless_one_does_not(grid):
    ux, uy = math.cos(0.6), math.sin(0.6)

    def found(shaft_chance, length_mm):
        length = length_mm / grid.cell_mm
        tail = LINE.tip[0] - length * ux, LINE.tip[1] - length * uy
        line, lock = replace(LINE, tail=tail, tip_chance=0.41, shaft_chance=shaft_chance), CueLock(grid.cell_mm)
        lock.update((line,), 0.0)
        return any(lock.update((replace(line, tip_chance=0.3),), 0.1 * k) for k in range(1, 9))

    assert found(0.75, 10.0)
    assert not found(0.42, 10.0)
    assert not found(0.48, 24.0)


@pytest.mark.parametrize(("depth_mm", "is_needle"), [(6.0, True), (20.0, True), (45.0, False)])
def test_a_flat_line_deep_in_the_picture_would_be_too_long_a_needle(grid, depth_mm, is_needle):
    """At 12° to the face, 97 mm and 219 mm from the skin; near the skin a level line may rise by a degree."""
    lock, y = CueLock(grid.cell_mm), depth_mm / grid.cell_mm
    rise = -21.0 if depth_mm > 10.0 else 2.0
    flat = replace(LINE, tip=(150.0, y), tail=(50.0, y + rise), tip_chance=0.9, shaft_chance=0.8)
    found = [lock.update((flat,), 0.1 * k) for k in range(8)]
    assert (found[-1] is not None) == is_needle


def test_looks_all_over_the_place_are_no_needle(grid):
    lock, rng = CueLock(grid.cell_mm), np.random.default_rng(3)
    for k in range(40):
        tip = tuple(float(v) for v in rng.uniform(70, 230, 2))
        far = replace(LINE, tip=tip, tail=(tip[0] - 60.0, tip[1] - 30.0 * (-1) ** k))
        assert lock.update((far,), 0.1 * k) is None


def test_a_moving_probe_does_not_break_the_series(grid):
    lock, line = CueLock(grid.cell_mm), LINE
    found = None
    for k in range(5):
        lock.carry(moved(grid, 25.0, 0.0))
        line = replace(line, tip=(line.tip[0] + 25.0, line.tip[1]), tail=(line.tail[0] + 25.0, line.tail[1]))
        found = lock.update((line,), 0.1 * k)
    assert found is not None


class Seer:
    """A cue that sees what it is told."""

    def __init__(self):
        self.lines = ()

    def take(self, cells, motion, time_s):
        pass

    def look(self, near=None):
        return CueLook(self.lines, near is None)


def follow(grid, looks):
    seer = Seer()
    follower = CueFollower(grid, seer)
    states = []
    for k, lines in enumerate(looks):
        seer.lines = lines
        states.append(follower.update(GridPicture(np.zeros(grid.shape, np.uint8), moved(grid, 0.0, 0.0), 0.04 * k)))
    return states


def test_a_tip_is_seen_then_predicted_then_hidden_then_the_needle_is_lost(grid):
    states = follow(grid, [(LINE,)] * 20 + [()] * 30)
    assert states[0].track is NeedleTrack.NONE
    assert states[19].tip.state is TipState.SEEN
    expected = grid.px_from_grid(np.array([LINE.tip]))[0]
    assert math.dist(states[19].tip.px, expected) < 1.0
    after = [state.tip.state for state in states[20:]]
    assert after[0] is TipState.PREDICTED
    assert TipState.HIDDEN in after
    assert states[-1].track is NeedleTrack.NONE
    assert TipState.SEEN not in after


def test_a_dim_tip_on_a_clear_shaft_is_hidden_not_lost(grid):
    dim = replace(LINE, tip_chance=0.12)
    last = follow(grid, [(LINE,)] * 20 + [(dim,)] * 40)[-1]
    assert last.track is NeedleTrack.LOCKED
    assert (last.tip.state, last.tip.hidden_reason) == (TipState.HIDDEN, HiddenReason.UNCERTAIN)


def test_a_tip_that_flickers_stays_seen_an_end_that_fades_is_hidden(grid):
    dark, fading = replace(LINE, tip_chance=0.15), replace(LINE, tip_chance=0.26)
    flicker = follow(grid, [(LINE,)] * 20 + [(dark,), (LINE,)] * 10)[20:]
    assert all(state.tip.state is TipState.SEEN for state in flicker)
    faded = follow(grid, [(LINE,)] * 20 + [(fading,)] * 25)[20:]
    assert faded[0].tip.state is TipState.SEEN
    assert all(state.tip.state is TipState.HIDDEN for state in faded[-4:])


def test_a_tip_far_beside_the_line_is_not_this_needles(grid):
    beside = replace(LINE, tip=(140.0, 150.0), tail=(50.0, 90.0))
    for state in follow(grid, [(LINE,)] * 20 + [(beside,)] * 5)[20:]:
        assert state.tip.state is not TipState.SEEN


def test_an_end_at_the_border_of_the_picture_has_left_the_view(grid):
    over = CueLine((274.0, 120.0), (160.0, 100.0), 0.0, 0.8, 0.8, 1.0)
    assert follow(grid, [(over,)] * 20)[-1].tip.hidden_reason is HiddenReason.LEFT_VIEW


def test_fascia_that_ends_and_never_moves_is_no_needle_but_the_same_line_advancing_is(grid):
    still, advancing = CueLock(grid.cell_mm), CueLock(grid.cell_mm)
    dim, found = replace(LINE, tip_chance=0.48, shaft_chance=0.4), None
    for k in range(40):
        assert still.update((dim,), 0.1 * k) is None
        on = 1.0 * k
        found = found or advancing.update((replace(dim, tip=(150.0 + on, 120.0 + 0.66 * on)),), 0.1 * k)
    assert found is not None
