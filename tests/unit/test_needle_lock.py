"""The lock test and the judge of the tip, on made-up measurements."""

from dataclasses import replace

import numpy as np
import pytest

from rtguide.model.geometry import ImageGeometry, Provenance, RectRegion
from rtguide.model.needle import HiddenReason, NeedleTrack, TipState
from rtguide.tracking.grid import WorkGrid
from rtguide.tracking.needle_line import ShaftLine
from rtguide.tracking.needle_lock import LockTest, log_odds, steady_advance_mm
from rtguide.tracking.needle_look import Look, look_log_odds
from rtguide.tracking.needle_shaft import Measured, Shaft
from rtguide.tracking.needle_tip import TipJudge

CELL_MM = 0.15
GOOD = Measured(
    time_s=0.0, end=100.0, deviation=2.0, travelled=0.0, contrast=30.0, newness=30.0, strength=2.0, ahead=0.0,
    fresh=3.0, news=2.0, level=1.5, straight_mm=0.05, share=0.8, look=0.0,
)  # fmt: skip


def history(places_mm, **changes):
    return [
        replace(GOOD, time_s=0.04 * k, travelled=place / CELL_MM, end=100.0 + place / CELL_MM, **changes)
        for k, place in enumerate(places_mm)
    ]


def test_a_steady_advance_is_measured():
    assert steady_advance_mm(history(np.linspace(0, 3, 16)), CELL_MM) == pytest.approx(3.0, abs=0.25)


@pytest.mark.parametrize(
    ("why", "places", "changes"),
    [
        ("too few pictures", [0, 1, 2], {}),
        ("to and fro", [0, 1, 0, 1, 0, 1, 0, 1, 0, 1], {}),
        ("place unknown", np.linspace(0, 3, 16), {"deviation": 8.0}),
        ("backward", np.linspace(3, 0, 16), {}),
    ],
)
def test_what_is_no_steady_advance(why, places, changes):
    assert steady_advance_mm(history(places, **changes), CELL_MM) <= 0.0, why


def test_a_leap_begins_the_advance_anew():
    assert steady_advance_mm(history([0, 0, 0, 9, 9, 9.1, 9.2, 9.3]), CELL_MM) < 0.5


def test_each_cue_moves_the_log_odds_the_right_way():
    base = log_odds(GOOD, 1.0, 0.1)
    assert log_odds(replace(GOOD, news=0.0), 1.0, 0.1) < base
    assert log_odds(replace(GOOD, fresh=0.0), 1.0, 0.1) < base
    assert log_odds(replace(GOOD, straight_mm=0.3), 1.0, 0.1) < base
    assert log_odds(replace(GOOD, level=3.5), 1.0, 0.1) < base
    assert log_odds(GOOD, 0.4, 0.1) < base
    assert log_odds(GOOD, 1.0, 1.0) < base


def pictures_to_lock(measured, unrest=0.1, is_inside=True):
    test = LockTest(CELL_MM)
    for count in range(1, len(measured) + 1):
        if test.update(measured[:count], unrest, is_inside):
            return count
    return None


def test_an_advancing_new_line_locks_within_a_few_pictures():
    assert pictures_to_lock(history(np.linspace(0, 3, 20))) <= 10


@pytest.mark.parametrize(
    ("why", "places", "changes", "arguments"),
    [
        ("does not advance", [0.0] * 40, {}, {}),
        ("was there before", np.linspace(0, 3, 20), {"news": 0.0, "fresh": 0.0}, {}),
        ("crooked and glaring", np.linspace(0, 3, 20), {"straight_mm": 0.35, "level": 4.0}, {}),
        ("ends where the picture ends", np.linspace(0, 3, 20), {}, {"is_inside": False}),
        ("looks like anything else", np.linspace(0, 3, 20), {"look": -4.5}, {}),
        ("mostly dark", np.linspace(0, 3, 20), {"share": 0.2}, {}),
    ],
)
def test_what_does_not_lock(why, places, changes, arguments):
    assert pictures_to_lock(history(places, **changes), **arguments) is None, why


def test_a_new_end_in_a_still_picture_locks_without_having_been_followed():
    still = history([0.0] * 12, news=0.6)
    assert pictures_to_lock(still, unrest=0.02) == 6
    assert pictures_to_lock(still, unrest=0.3) is None
    assert pictures_to_lock(history([0.0] * 12, news=0.6, fresh=1.0), unrest=0.02) is None


def test_a_line_that_neither_moves_nor_is_new_locks_by_its_look_alone():
    still = {"news": 0.0, "fresh": 0.0}
    assert 5 <= pictures_to_lock(history([0.0] * 20, look=5.0, **still)) <= 8
    assert pictures_to_lock(history([0.0] * 40, look=3.4, **still)) is None
    assert pictures_to_lock(history([0.0] * 40, look=5.0, **still), is_inside=False) is None


def test_the_look_of_a_needle_is_even_straight_sharp_ended_and_crosses_the_layers():
    needle = Look(core=1.8, width_mm=0.6, below=-0.3, above=-0.2, gaps=0.0, crossing_rad=0.4)
    base = look_log_odds(needle, 0.03, 0.25, 8.0)
    assert base > 3.0
    assert look_log_odds(replace(needle, crossing_rad=0.05), 0.03, 0.25, 8.0) < 0.0
    assert look_log_odds(replace(needle, gaps=0.3), 0.03, 0.25, 8.0) < base - 3.0
    assert look_log_odds(needle, 0.25, 0.25, 8.0) < base - 3.0
    assert look_log_odds(needle, 0.03, 1.5, 8.0) < base - 2.0
    assert look_log_odds(needle, 0.03, 0.25, 3.0) < base
    assert look_log_odds(needle, 0.03, 0.25, 1.0) < -5.0


@pytest.fixture
def judged():
    geometry = ImageGeometry((400, 600), RectRegion(0, 0, 600, 400), (0.1, 0.1), Provenance.USER)
    grid = WorkGrid.from_geometry(geometry)
    shaft = Shaft(grid, ShaftLine.through((0.0, 40.0), (200.0, 140.0)))
    return TipJudge(grid), shaft


def judge(judged, measured, track=NeedleTrack.LOCKED):
    judge_, shaft = judged
    shaft.history.append(measured)
    return judge_.judge(shaft, track, measured.time_s)


def test_a_good_end_is_a_seen_tip_with_its_uncertainty(judged):
    tip = judge(judged, GOOD)
    assert tip.state is TipState.SEEN
    assert tip.sigma_px is not None
    wide = judge(judged, replace(GOOD, time_s=0.04, deviation=4.0))
    assert wide.sigma_px > tip.sigma_px


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"strength": 0.3}, HiddenReason.LOW_CONTRAST),
        ({"ahead": 1.9}, HiddenReason.UNCERTAIN),
        ({"deviation": 8.0}, HiddenReason.UNCERTAIN),
        ({"fresh": 0.2}, HiddenReason.UNCERTAIN),
        ({"fresh": 1.0, "news": 0.5}, HiddenReason.UNCERTAIN),
        ({"end": 10_000.0}, HiddenReason.LEFT_VIEW),
    ],
)
def test_what_hides_the_tip(judged, changes, reason):
    tip = judge(judged, replace(GOOD, **changes))
    assert tip.state is TipState.HIDDEN
    assert tip.hidden_reason is reason


def test_a_tip_is_predicted_for_a_while_and_a_short_way_only(judged):
    assert judge(judged, GOOD).state is TipState.SEEN
    dim = replace(GOOD, strength=0.3)
    assert judge(judged, replace(dim, time_s=0.2)).state is TipState.PREDICTED
    assert judge(judged, replace(dim, time_s=0.25, travelled=12.0)).state is TipState.HIDDEN
    assert judge(judged, replace(dim, time_s=0.35)).state is TipState.HIDDEN


def test_a_tip_does_not_leap_along_a_line_that_is_not_new(judged):
    assert judge(judged, GOOD).state is TipState.SEEN
    leapt = replace(GOOD, time_s=0.04, end=160.0, travelled=60.0)
    assert judge(judged, leapt).state is TipState.HIDDEN


def test_a_withdrawn_end_is_believed_after_a_while(judged):
    assert judge(judged, GOOD).state is TipState.SEEN
    back = [replace(GOOD, time_s=0.04 * k, end=60.0, travelled=-40.0) for k in range(1, 20)]
    states = [judge(judged, measured).state for measured in back]
    assert states[0] is TipState.HIDDEN
    assert states[-1] is TipState.SEEN
