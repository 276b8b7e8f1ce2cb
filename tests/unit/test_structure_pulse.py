"""A pulse is found in an artery's area, with its rate, and in nothing else."""

from dataclasses import replace

import numpy as np
import pytest

from rtguide.model.frame import Frame
from rtguide.model.structure import Pulse, Role, StructureKind, StructureState, StructureTrack, Tissue, box_outline
from rtguide.overlays.freshness import Freshness
from rtguide.overlays.ink import Ink
from rtguide.overlays.structures import pulse_lines
from rtguide.phantom import Phantom, load_scenario
from rtguide.recording.values_json import from_json, to_json
from rtguide.tracking.structure_pulse import EVERY_S, PulseWatch, pulse_in
from rtguide.tracking.structures import StructureTracker

STATE = StructureState(
    "artery", StructureKind.STRUCTURE, Tissue.ARTERY, Role.AVOID, StructureTrack.TRACKED, box_outline(9, 9, 9, 9), 1.0
)


def beating(rate_hz: float, swing: float, noise: float, pictures_hz: float = 20.0) -> np.ndarray:
    time = np.arange(0.0, 6.0, 1 / pictures_hz)
    turns = (rate_hz * time) % 1.0
    rng = np.random.default_rng(3)
    wave = np.where(turns < 0.15, turns / 0.15, np.exp(-(turns - 0.15) / 0.35))
    return np.column_stack([time, 1.02 + 0.01 * time + 2 * swing * wave + rng.normal(0, noise, len(time))])


@pytest.mark.parametrize("rate_hz", [0.8, 1.15, 1.9, 2.6])
def test_the_rate_is_read_off_the_area(rate_hz: float) -> None:
    pulse = pulse_in(beating(rate_hz, 0.04, 0.005))
    assert pulse is not None
    assert pulse.rate_hz == pytest.approx(rate_hz, abs=0.04)
    assert pulse.confidence > 0.6


@pytest.mark.parametrize("samples", [beating(1.2, 0.0, 0.02), beating(1.2, 0.003, 0.002), beating(1.2, 0.04, 0.1)])
def test_noise_and_faint_swings_are_no_pulse(samples: np.ndarray) -> None:
    assert pulse_in(samples) is None


def test_too_few_pictures_or_too_short_a_time_say_nothing() -> None:
    assert pulse_in(beating(1.2, 0.04, 0.0, pictures_hz=6.0)) is None
    assert pulse_in(beating(1.2, 0.04, 0.0)[:60]) is None


def test_what_is_not_tracked_has_no_pulse_and_an_old_one_is_forgotten() -> None:
    watch = PulseWatch()
    said = [watch.update(float(t), float(a)) for t, a in beating(1.2, 0.04, 0.0)]
    assert said[0] is None
    assert said[-1] is not None
    assert watch.update(6.1, None) is None
    assert watch.update(12.0, None) is None
    assert watch.update(12.0 + EVERY_S, 1.0) is None


def test_the_phantoms_artery_beats_and_its_vein_and_nerve_do_not() -> None:
    phantom = Phantom(load_scenario("femoral"), 31, 15.0)
    tracker = StructureTracker()
    tracker.start(phantom.geometry)
    for index in range(90):
        pixels, truth = phantom.frame(index)
        frame = Frame(index, round(index * 1e9 / 15), None, pixels)
        if index == 0:
            tracker.mark(truth.structures, frame)
        states = {state.tissue: state for state in tracker.track(frame)}
    pulse = states[Tissue.ARTERY].pulse
    assert pulse is not None
    assert pulse.rate_hz == pytest.approx(1.15, abs=0.05)
    assert states[Tissue.NERVE].pulse is None
    assert states[Tissue.VEIN].pulse is None


def test_a_pulse_is_written_small_beside_the_letter_and_kept_in_a_session() -> None:
    state = replace(STATE, pulse=Pulse(1.2, 0.04, 0.9))
    assert [line.text for line in pulse_lines(state, Ink(1.0, Freshness.FRESH))] == ["pulsating 72/min"]
    assert pulse_lines(STATE, Ink(1.0, Freshness.FRESH)) == ()
    assert from_json(StructureState, to_json(state)) == state
    older = to_json(STATE)
    del older["pulse"]
    assert from_json(StructureState, older) == STATE
