"""A scripted needle: in, partly withdrawn, redirected, in again, out of the skin, and in once more."""

import math
from collections import Counter

import pytest

from rtguide.app import plugins
from rtguide.model.frame import Frame
from rtguide.model.needle import NeedleTrack, TipState
from rtguide.phantom.library import load_scenario
from rtguide.phantom.phantom import Phantom
from rtguide.phantom.scenario import NeedleStep
from rtguide.phantom.truth import TipVisibility

RATE_HZ = 16.0
NAMES = ("classic", "learned")


def scripted():
    scenario = load_scenario("femoral")
    plan = scenario.needle
    first, deep, back = plan.start_mm, plan.start_mm + 24, plan.start_mm + 10
    steps = (
        NeedleStep(seconds=0.8, inserted_mm=first),
        NeedleStep(seconds=2.2, inserted_mm=deep),
        NeedleStep(seconds=1.4, inserted_mm=back),
        NeedleStep(seconds=0.4, angle_deg=plan.angle_deg + 7),
        NeedleStep(seconds=1.6, inserted_mm=deep),
        NeedleStep(seconds=1.8, inserted_mm=0.0),
        NeedleStep(seconds=1.2, angle_deg=plan.angle_deg),
        NeedleStep(seconds=2.5, inserted_mm=deep),
    )
    needle = plan.model_copy(update={"start_mm": 1.0, "steps": steps, "repeat": False})
    return scenario.model_copy(update={"needle": needle}), sum(step.seconds for step in steps)


@pytest.fixture(scope="module")
def tracked():
    """Truth and what both trackers say of every frame: drawing the pictures takes longest, and is done once."""
    scenario, seconds = scripted()
    phantom = Phantom(scenario, 280, RATE_HZ)
    trackers = {name: plugins.make_tracker(name) for name in NAMES}
    for tracker in trackers.values():
        tracker.start(phantom.geometry)
    said = []
    for index in range(int(seconds * RATE_HZ)):
        pixels, truth = phantom.frame(index)
        frame = Frame(index, int(truth.time_s * 1e9), None, pixels)
        said.append((truth, {name: tracker.track(frame).needle for name, tracker in trackers.items()}))
    return said


@pytest.mark.parametrize("name", NAMES)
def test_insertions_are_counted_and_a_redirection_is_followed(tracked, name):
    passes, turned, gone, said = [], Counter(), set(), {}
    for truth, needles in tracked:
        needle = needles[name]
        passes.append(needle.pass_number)
        said.setdefault(needle.pass_number, truth.time_s)
        if 4.9 < truth.time_s < 6.3 and truth.needle.visibility is TipVisibility.VISIBLE:
            off = math.inf
            if needle.tip.state is TipState.SEEN:
                off = math.dist(needle.tip.px, truth.needle.tip_px) * truth.mm_per_px[0]
            turned[off < 2.0] += 1
        if 8.4 < truth.time_s < 9.4:
            gone.add(needle.track)
    assert max(passes) == 2
    assert passes == sorted(passes)
    assert said[1] < 3.0
    assert said[2] > 9.4
    assert turned[True] >= 0.7 * turned.total()
    assert NeedleTrack.LOST in gone
