"""The tracker with the learned cue and its own network: on simulated clips; it is what commands use."""

import math

import numpy as np
import pytest

from rtguide.app import plugins
from rtguide.model.frame import Frame
from rtguide.model.needle import NeedleTrack, TipState
from rtguide.opencv import cv2
from rtguide.phantom.library import load_scenario
from rtguide.phantom.phantom import Phantom
from rtguide.phantom.truth import TipVisibility
from rtguide.tracking import learned_cue
from rtguide.tracking.learned import LearnedTracker
from rtguide.tracking.learned_cue import CueNetwork

RATE_HZ = 20.0

SIZES = ((72, 80), (128, 232))
"""Rows and columns of pictures that the network is given: a window, a whole one."""


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
    scenario = load_scenario("interscalene").model_copy(update={"needle": None})
    phantom = Phantom(scenario, 78, RATE_HZ)
    tracker = LearnedTracker()
    tracker.start(phantom.geometry)
    for index in range(50):
        pixels, truth = phantom.frame(index)
        assert tracker.track(Frame(index, int(truth.time_s * 1e9), None, pixels)).needle.tip.px is None


def on_threads(count):
    """The needle in every frame, with so many threads for OpenCV."""
    before = cv2.getNumThreads()
    try:
        cv2.setNumThreads(count)
        return [needle for needle, _ in tracked("femoral", 79, 1.5)]
    finally:
        cv2.setNumThreads(before)


def test_equal_pictures_give_equal_answers_on_any_number_of_threads():
    one = on_threads(1)
    assert any(needle.track is NeedleTrack.LOCKED for needle in one)
    assert on_threads(4) == one


def test_commands_use_it():
    assert isinstance(plugins.make_tracker(), LearnedTracker)


def test_answers_depend_neither_on_threads_nor_on_what_was_asked_before():
    rng = np.random.default_rng(5)
    window, whole = (rng.normal(size=(1, 5, rows, columns)).astype(np.float32) for rows, columns in SIZES)
    first, between = CueNetwork(), CueNetwork()
    threads = cv2.getNumThreads()
    try:
        cv2.setNumThreads(1)
        expected = first.answer(window).copy(), first.answer(whole).copy()
        cv2.setNumThreads(4)
        for given, one in ((whole, expected[1]), (window, expected[0]), (whole, expected[1])):
            assert np.array_equal(between.answer(given), one)
    finally:
        cv2.setNumThreads(threads)
    for one, (rows, columns) in zip(expected, SIZES, strict=True):
        assert one.shape == (3, rows, columns)
        assert one.min() >= 0.0
        assert one[:2].max() <= 1.0
        assert one[2].min() > 0.0


def test_another_runtime_gives_the_same_answers():
    onnxruntime = pytest.importorskip("onnxruntime", reason="needs the extra rtguide[train]")
    weights = learned_cue.resources.files("rtguide.tracking") / "learned_cue.onnx"
    other = onnxruntime.InferenceSession(weights.read_bytes(), providers=["CPUExecutionProvider"])
    given = np.random.default_rng(7).normal(size=(1, 5, 72, 80)).astype(np.float32)
    sorted_cells = given.reshape(1, 5, 36, 2, 40, 2).transpose(0, 1, 3, 5, 2, 4).reshape(1, 20, 36, 40)
    found = other.run(None, {"given": sorted_cells})[0]
    expected = found.reshape(3, 2, 2, 36, 40).transpose(0, 3, 1, 4, 2).reshape(3, 72, 80)
    assert np.abs(CueNetwork().answer(given) - expected).max() < 1e-5


def test_the_weights_are_under_five_megabytes():
    weights = learned_cue.resources.files("rtguide.tracking") / "learned_cue.onnx"
    assert 100_000 < len(np.frombuffer(weights.read_bytes(), np.uint8)) < 5_000_000
