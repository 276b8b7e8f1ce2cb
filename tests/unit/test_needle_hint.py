"""A click or a drawn line: what it fits, that it ends, that it makes a lock sooner and never out of nothing."""

import math
from dataclasses import replace

import numpy as np
import pytest

from rtguide.errors import GeometryError
from rtguide.model.needle import NeedleHint, NeedleTrack, TipState
from rtguide.ports import HintedTracker
from rtguide.tracking.grid_motion import TissueMotion
from rtguide.tracking.grid_tracker import GridTracker
from rtguide.tracking.learned_lines import CueLine
from rtguide.tracking.learned_lock import CueLock
from rtguide.tracking.needle import LineNeedle
from rtguide.tracking.needle_hint import HOLD_S, GridHint
from speckle_needle import ANGLE, COLUMNS, ENTRY, ROWS, advance, clip, geometry

CELL_MM = 0.15


def motion(dx, dy):
    return TissueMotion(np.array([[0.0, 0.0, dx], [0.0, 0.0, dy]]), np.array([100.0, 100.0]), 1.0)


def test_a_hint_is_a_point_or_a_line_between_two():
    for points in ((), ((1.0, 2.0), (1.0, 2.0)), ((0.0, 0.0), (1.0, 1.0), (2.0, 2.0))):
        with pytest.raises(GeometryError, match="a point or a line"):
            NeedleHint(points)


def test_a_click_fits_lines_that_pass_near_it_and_no_others():
    click = GridHint(((60.0, 60.0),), 0.0, CELL_MM)
    assert click.fits((0.0, 0.0), (100.0, 100.0))
    assert click.fits((0.0, 20.0), (50.0, 50.0))
    assert not click.fits((0.0, 0.0), (30.0, 30.0))
    assert not click.fits((0.0, 60.0), (20.0, 0.0))


def test_a_drawn_line_fits_its_like_only():
    drawn = GridHint(((0.0, 20.0), (100.0, 80.0)), 0.0, CELL_MM)
    assert drawn.fits((0.0, 28.0), (120.0, 96.0))
    assert not drawn.fits((0.0, 70.0), (100.0, 130.0))
    assert not drawn.fits((0.0, 60.0), (100.0, 40.0))
    assert not drawn.fits((100.0, 80.0), (0.0, 20.0))


def test_a_hint_moves_with_the_tissue_and_ends():
    hint = GridHint(((60.0, 60.0),), 1.0, CELL_MM)
    moved = hint.carried(motion(5.0, -2.0), 1.1)
    assert moved is not None
    assert moved.points == ((65.0, 58.0),)
    assert moved.carried(motion(0.0, 0.0), 1.0 + HOLD_S + 0.1) is None


LINE = CueLine((150.0, 120.0), (150.0 - 67 * math.cos(0.6), 120.0 - 67 * math.sin(0.6)), 0.0, 0.38, 0.48, 1.0)


@pytest.mark.parametrize(
    ("hint", "line", "is_found"),
    [
        (None, LINE, False),
        (((120.0, 100.0),), LINE, True),
        (((60.0, 180.0),), LINE, False),
        (((120.0, 100.0),), replace(LINE, tip_chance=0.15, shaft_chance=0.3), False),
    ],
)
def test_the_learned_lock_believes_what_is_meant_sooner_and_nothing_out_of_nothing(hint, line, is_found):
    lock = CueLock(CELL_MM)
    meant = None if hint is None else GridHint(hint, 0.0, CELL_MM)
    found = [lock.update((line,), 0.1 * k, meant) for k in range(12)]
    assert any(found) == is_found


def hinted_run(frames, hint, at=0):
    tracker = GridTracker(LineNeedle)
    tracker.start(geometry())
    assert isinstance(tracker, HintedTracker)
    states = []
    for k, frame in enumerate(frames):
        if k == at and hint is not None:
            tracker.hint(hint, frame)
        states.append(tracker.track(frame).needle)
    return states


def on_the_needle(length_px):
    return tuple(float(v) for v in ENTRY + length_px * np.array([np.cos(ANGLE), np.sin(ANGLE)]))


@pytest.mark.parametrize(
    "points", [((260.0, 210.0),), ((5.0, 200.0), (260.0, 300.0)), (tuple(ENTRY), on_the_needle(250))]
)
def test_a_hint_where_there_is_no_needle_shows_none(points):
    states = hinted_run(clip([0.0] * 60), NeedleHint(points), at=5)
    assert all(state.tip.state is not TipState.SEEN and state.tip.px is None for state in states)


def test_a_drawn_line_is_found_no_later_and_its_tip_is_where_the_picture_has_it():
    lengths = advance(45)
    frames = clip(lengths)

    def first_lock(states):
        return next(k for k, state in enumerate(states) if state.track is NeedleTrack.LOCKED)

    plain = hinted_run(frames, None)
    # The hint's tip is 8 mm short of the true one: the picture decides.
    hinted = hinted_run(frames, NeedleHint((tuple(ENTRY), on_the_needle(80))), at=12)
    assert first_lock(hinted) <= first_lock(plain)
    tip = np.array(hinted[-1].tip.px)
    assert hinted[-1].tip.is_seen
    assert np.hypot(*(tip - on_the_needle(lengths[-1]))) * 0.08 < 1.5
    assert 0 <= tip[0] < COLUMNS
    assert 0 <= tip[1] < ROWS
