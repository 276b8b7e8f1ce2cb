"""Which sights belong to one insertion."""

import numpy as np

from rtguide.phantom import load_scenario
from rtguide.phantom.scripted import LEVELS, ScriptedHands
from rtguide.training.insertions import Insertions, Sight


def test_a_needle_that_was_lost_and_found_again_is_the_same_one():
    insertions = Insertions()
    assert insertions.take(Sight(0.0, 1, 10.0))
    assert not insertions.take(Sight(0.1, 1, 14.0))
    assert not insertions.take(Sight(4.0, 2, 19.0))
    assert insertions.count == 1


def test_one_that_was_drawn_out_is_another():
    for lengths, found in (((20.0, 10.0, 4.0), 12.0), ((20.0, 17.0, 15.0), 16.0), ((20.0, 20.0, 20.0), 8.0)):
        insertions = Insertions()
        for n, length in enumerate(lengths):
            insertions.take(Sight(0.2 * n, 1, length))
        assert insertions.take(Sight(3.0, 2, found)), lengths
        assert insertions.count == 2


def test_one_that_stood_a_little_way_in_and_was_pushed_on_unseen_is_the_same():
    insertions = Insertions()
    for n in range(20):
        insertions.take(Sight(0.1 * n, 1, 7.0))
    assert not insertions.take(Sight(4.6, 2, 11.0))


def test_one_that_was_nearly_out_and_gone_for_long_is_another_though_the_tracker_kept_it():
    for gone_s, found_mm, is_another in ((7.0, 3.2, True), (1.0, 3.2, False), (7.0, 15.0, False)):
        insertions = Insertions()
        insertions.take(Sight(0.0, 1, 2.6))
        assert insertions.take(Sight(gone_s, 1, found_mm)) is is_another, (gone_s, found_mm)


def test_a_line_that_jumps_is_another_needle_only_where_the_first_was_nearly_out():
    insertions = Insertions()
    insertions.take(Sight(0.0, 1, 4.0))
    assert insertions.take(Sight(0.1, 1, 6.0, is_jump=True))
    insertions.take(Sight(0.2, 1, 20.0))
    assert not insertions.take(Sight(0.3, 1, 20.0, is_jump=True))


def test_scripted_hands_do_what_their_level_says():
    scenario = load_scenario("femoral")
    for level in LEVELS:
        hands = ScriptedHands(level, scenario, seed=3)
        held = list(hands.controls(30.0))
        assert held[-1][0].pass_number == (2 if level.is_reinserted else 1)
        slid = np.array([control.hold.pose.slide_mm for control, _ in held])
        slips = int((np.diff((np.abs(slid) > 2.0).astype(int)) == 1).sum())
        assert slips == level.blind + level.is_blind_injection
        assert abs(slid[-1]) < 0.3
        injecting = np.array([is_injecting for _, is_injecting in held])
        assert 1.0 < injecting.sum() / 30.0 < 10.0
        assert (np.abs(slid[injecting]) > 2.0).any() == level.is_blind_injection
        same = [control.aim.inserted_mm for control, _ in ScriptedHands(level, scenario, seed=3).controls(30.0)]
        assert same == [control.aim.inserted_mm for control, _ in held]
