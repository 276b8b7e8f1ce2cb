"""The tracker with the learned cue and its own network: on simulated clips, and where the extra is absent."""

import math

import numpy as np
import pytest

from rtguide.app import plugins
from rtguide.errors import ConfigError
from rtguide.model.frame import Frame
from rtguide.model.needle import TipState
from rtguide.phantom.library import load_scenario
from rtguide.phantom.phantom import Phantom
from rtguide.phantom.truth import TipVisibility
from rtguide.tracking import learned_cue
from rtguide.tracking.classic import ClassicTracker
from rtguide.tracking.learned import LearnedTracker

RATE_HZ = 20.0


def tracked(name, seed, seconds):
    """(needle as tracked, truth) of every frame of a scenario."""
    phantom = Phantom(load_scenario(name), seed, RATE_HZ)
    tracker = LearnedTracker()
    tracker.start(phantom.geometry)
    for index in range(int(seconds * RATE_HZ)):
        pixels, truth = phantom.frame(index)
        yield tracker.track(Frame(index, int(truth.time_s * 1e9), None, pixels)).needle, truth


@pytest.mark.parametrize("name", ["femoral", "lumbar-facet"])
def test_visible_tips_are_found_and_none_is_far_off(name):
    pytest.importorskip("onnxruntime", reason="needs the extra rtguide[learned]")
    found = visible = 0
    for needle, truth in list(tracked(name, 77, 3.0))[12:]:
        if truth.needle.visibility is not TipVisibility.VISIBLE:
            continue
        visible += 1
        if needle.tip.state is TipState.SEEN:
            miss_mm = math.dist(needle.tip.px, truth.needle.tip_px) * truth.mm_per_px[0]
            assert miss_mm < 4.0
            found += miss_mm < 2.0
    assert visible > 25
    assert found > 0.7 * visible


def test_without_a_needle_none_is_shown():
    pytest.importorskip("onnxruntime", reason="needs the extra rtguide[learned]")
    scenario = load_scenario("interscalene").model_copy(update={"needle": None})
    phantom = Phantom(scenario, 78, RATE_HZ)
    tracker = LearnedTracker()
    tracker.start(phantom.geometry)
    for index in range(50):
        pixels, truth = phantom.frame(index)
        assert tracker.track(Frame(index, int(truth.time_s * 1e9), None, pixels)).needle.tip.px is None


def test_equal_pictures_give_equal_answers():
    pytest.importorskip("onnxruntime", reason="needs the extra rtguide[learned]")
    one, other = ([needle for needle, _ in tracked("femoral", 79, 1.0)] for _ in range(2))
    assert one == other


def test_without_the_extra_the_tracker_without_learned_parts_is_used(monkeypatch):
    monkeypatch.setattr(plugins, "find_spec", lambda name: None)
    monkeypatch.setattr(learned_cue, "find_spec", lambda name: None)
    assert isinstance(plugins.make_tracker(), ClassicTracker)
    with pytest.raises(ConfigError, match=r"pip install 'rtguide\[learned\]'"):
        LearnedTracker()


def test_the_weights_are_under_five_megabytes():
    weights = learned_cue.resources.files("rtguide.tracking") / "learned_cue.onnx"
    assert 100_000 < len(np.frombuffer(weights.read_bytes(), np.uint8)) < 5_000_000
