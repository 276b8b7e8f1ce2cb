"""Hands in time: pushes of any moment, nudges, restarts, and what happens when nobody pushes any more."""

import math

import numpy as np
import pytest

from rtguide.errors import ConfigError
from rtguide.model.steering import Nudge, Push
from rtguide.phantom import Phantom, load_scenario
from rtguide.phantom.happenings import HandRange
from rtguide.phantom.practice import PUSH_HOLDS_S, Practice
from rtguide.phantom.steering import steerable

SCENARIO = steerable(load_scenario("femoral"), HandRange(slide_mm=2.0))


@pytest.fixture(scope="module")
def phantom() -> Phantom:
    return Phantom(SCENARIO, seed=1, rate_hz=10.0)


def test_the_same_pushes_give_the_same_frames_and_truth() -> None:
    def run() -> tuple[list[bytes], list[float]]:
        practice = Practice(Phantom(SCENARIO, seed=1, rate_hz=10.0))
        pictures, depths = [], []
        for index in range(5):
            practice.push(Push(advance_mm_s=10.0, slide_mm_s=2.0), index / 10.0 - 0.03)
            pixels, truth, _ = practice.frame(index)
            assert truth.needle is not None
            pictures.append(pixels.tobytes())
            depths.append(truth.needle.inserted_mm)
        return pictures, depths

    first = run()
    assert first == run()
    assert first[1][-1] > first[1][0] + 2.0
    assert len(set(first[0])) == 5


def test_a_push_counts_from_its_own_moment_and_a_short_tap_is_not_lost(phantom: Phantom) -> None:
    practice = Practice(phantom)
    start = practice.frame(0)[2].inserted_mm
    practice.push(Push(advance_mm_s=10.0), 0.04)
    practice.push(Push(), 0.06)
    assert practice.frame(1)[2].inserted_mm == pytest.approx(start + 0.2)
    assert practice.frame(2)[2].inserted_mm == pytest.approx(start + 0.2)


def test_a_push_that_is_not_said_again_ends_by_itself(phantom: Phantom) -> None:
    practice = Practice(phantom)
    start = practice.frame(0)[2].inserted_mm
    practice.push(Push(advance_mm_s=10.0), 0.0)
    assert practice.frame(20)[2].inserted_mm == pytest.approx(start + 10.0 * PUSH_HOLDS_S)


def test_a_nudge_moves_by_its_amount_at_the_speed_of_a_hand(phantom: Phantom) -> None:
    practice = Practice(phantom)
    start = practice.frame(0)[2].inserted_mm
    practice.nudge(Nudge(advance_mm=6.0))
    assert practice.frame(1)[2].inserted_mm == pytest.approx(start + 4.0)
    assert practice.frame(2)[2].inserted_mm == pytest.approx(start + 6.0)
    assert practice.frame(3)[2].inserted_mm == pytest.approx(start + 6.0)


def test_restarting_takes_everything_back_and_the_fluid_away(phantom: Phantom) -> None:
    practice = Practice(phantom)
    start = practice.frame(0)[2]
    practice.push(Push(advance_mm_s=10.0, slide_mm_s=5.0, inject_ml_s=0.5), 0.0)
    moved = practice.frame(2)
    assert moved[2].injected_ml == pytest.approx(0.1)
    assert moved[1].spreads
    practice.restart()
    again = practice.frame(8)
    assert again[2] == start
    assert again[1].spreads == ()


def test_leaning_on_the_probe_takes_a_moment(phantom: Phantom) -> None:
    practice = Practice(phantom)
    practice.frame(0)
    practice.push(Push(pressure=1.0), 0.0)
    assert 0.0 < practice.frame(1)[2].pressure < 0.5
    practice.push(Push(pressure=1.0), 0.2)
    assert practice.frame(5)[2].pressure == 1.0
    assert practice.frame(12)[2].pressure == 0.0


def test_fluid_comes_out_at_the_tip(phantom: Phantom) -> None:
    practice = Practice(phantom)
    practice.push(Push(inject_ml_s=0.5), 0.0)
    _, truth, _ = practice.frame(2)
    assert truth.needle is not None
    centre = np.mean(truth.spreads[0].outline_px, axis=0)
    assert math.dist(centre, truth.needle.tip_px) * truth.mm_per_px[0] < 1.5


def test_speeds_and_amounts_are_finite() -> None:
    with pytest.raises(ConfigError, match="advance_mm_s is nan"):
        Push(advance_mm_s=math.nan)
    with pytest.raises(ConfigError, match="slide_mm is inf"):
        Nudge(slide_mm=math.inf)
