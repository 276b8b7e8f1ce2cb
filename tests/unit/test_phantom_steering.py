"""Steering by hand: within the range of hands, against tissue that holds the needle, with exact truth."""

import numpy as np
import pytest

from rtguide.phantom import Phantom, load_scenario
from rtguide.phantom.happenings import HandRange
from rtguide.phantom.steering import Push, Steering, steerable

SCENARIO = steerable(load_scenario("femoral"), HandRange(slide_mm=2.0))
TIP = (0.0, 0.0, 20.0)


def _steer(push: Push, steps: int = 20) -> Steering:
    steering = Steering(SCENARIO)
    for _ in range(steps):
        steering.step(push, 0.05, TIP)
    return steering


def test_the_needle_goes_as_far_as_it_is_pushed_and_no_further_than_it_is_long() -> None:
    start = Steering(SCENARIO).control.aim.inserted_mm
    assert _steer(Push(advance_mm_s=5)).control.aim.inserted_mm == pytest.approx(start + 5)
    assert _steer(Push(advance_mm_s=500), 200).control.aim.inserted_mm == 80
    assert _steer(Push(advance_mm_s=-500), 200).control.aim.inserted_mm == 0


def test_tissue_holds_a_deep_needle() -> None:
    shallow, deep = Steering(SCENARIO), Steering(SCENARIO)
    for _ in range(20):
        shallow.step(Push(advance_mm_s=-20), 0.05, TIP)
        deep.step(Push(advance_mm_s=20), 0.05, TIP)
    angles = [steering.control.aim.angle_deg for steering in (shallow, deep)]
    for steering in (shallow, deep):
        for _ in range(20):
            steering.step(Push(turn_deg_s=10), 0.05, TIP)
    turned = [s.control.aim.angle_deg - a for s, a in zip((shallow, deep), angles, strict=True)]
    assert turned[0] > 8
    assert turned[1] < 0.5


def test_the_probe_stays_in_its_range() -> None:
    pose = _steer(Push(slide_mm_s=100, shift_mm_s=100)).control.hold.pose
    assert pose.slide_mm == 2.0
    assert pose.shift_mm == 0.0


def test_injected_volume_is_kept() -> None:
    control = _steer(Push(inject_ml_s=0.5)).control
    assert len(control.pools) == 1
    assert 4 / 3 * np.pi * control.pools[0].radius_mm ** 3 == pytest.approx(500, rel=1e-6)
    assert _steer(Push()).control.pools == ()


def test_sliding_off_by_hand_hides_the_needle_and_the_truth_says_so() -> None:
    phantom, steering = Phantom(SCENARIO, seed=1, rate_hz=20.0), Steering(SCENARIO)
    seen = phantom.steered_frame(0, steering.control)
    for index in range(1, 8):
        frame = phantom.steered_frame(index, steering.step(Push(slide_mm_s=20), 0.05, TIP))
    assert seen[1].needle is not None
    assert frame[1].needle is not None
    assert seen[1].needle.visibility.value == "visible"
    assert frame[1].needle.visibility.value == "hidden"
    assert frame[1].probe.slide_mm == 2.0
    assert not np.array_equal(seen[0], frame[0])
