"""Every value a scene can hold goes to JSON and comes back equal."""

import dataclasses
import json
import math

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from rtguide.errors import RecordingError
from rtguide.model.geometry import FanRegion, ImageGeometry, MarkSide, Provenance, RectRegion
from rtguide.model.guidance import Alarm, AlarmPriority, Guidance
from rtguide.model.needle import HiddenReason, NeedleMode, NeedleState, NeedleTrack, Tip, TipState
from rtguide.model.plan import Approach, Plan
from rtguide.model.scene import Tracking
from rtguide.model.structure import Role, Structure, StructureKind, StructureState, StructureTrack, Tissue
from rtguide.recording.scene_json import RecordedScene, SceneLine, read_scene_line, scene_line, skipped_line
from rtguide.recording.values_json import from_json, to_json

FLOATS = st.floats(allow_nan=False, allow_infinity=False)
MAYBE = st.none() | FLOATS
POINTS = st.tuples(FLOATS, FLOATS)
SHARES = st.floats(0, 1)
NAMES = st.text(max_size=8)
LINES = st.lists(POINTS, min_size=3, max_size=5).map(tuple)


@st.composite
def tips(draw):
    state = draw(st.sampled_from(TipState))
    is_shown = state in (TipState.SEEN, TipState.PREDICTED)
    return Tip(
        state,
        draw(POINTS) if is_shown else None,
        draw(st.none() | st.tuples(FLOATS, FLOATS, FLOATS)),
        draw(FLOATS) if is_shown else draw(MAYBE),
        draw(st.none() | st.sampled_from(HiddenReason)) if state is TipState.HIDDEN else None,
    )


NEEDLES = st.builds(
    NeedleState, st.sampled_from(NeedleTrack), st.sampled_from(NeedleMode), st.integers(0, 99), st.none() | POINTS,
    st.just(()) | LINES, st.none() | POINTS, tips(), SHARES,
)  # fmt: skip
STATES = st.builds(
    StructureState, NAMES, st.sampled_from(StructureKind), st.sampled_from(Tissue), st.sampled_from(Role),
    st.sampled_from([StructureTrack.TRACKED, StructureTrack.COASTING]), LINES, SHARES,
)  # fmt: skip
TRACKINGS = st.builds(
    Tracking, NEEDLES, st.lists(NEEDLES, max_size=2).map(tuple), st.lists(STATES, max_size=2).map(tuple)
)
GUIDANCES = st.builds(
    Guidance, MAYBE, MAYBE, MAYBE, MAYBE, MAYBE, MAYBE, st.none() | NAMES, MAYBE, NAMES,
    st.lists(st.builds(Alarm, NAMES, st.sampled_from(AlarmPriority), NAMES), max_size=2).map(tuple),
)  # fmt: skip
SIZES = st.floats(1e-3, 1e6)
RECTS = st.builds(RectRegion, FLOATS, FLOATS, SIZES, SIZES)
FANS = st.builds(
    FanRegion, POINTS, st.floats(0, 10), st.floats(11, 99), st.floats(-1.5, -0.1), st.floats(0, 1.5), RECTS
)
GEOMETRIES = st.builds(
    ImageGeometry, st.just((480, 640)), RECTS | FANS, st.none() | st.tuples(SIZES, SIZES),
    st.sampled_from(Provenance), st.sampled_from(MarkSide),
)  # fmt: skip
PLANS = st.builds(
    Plan,
    st.lists(
        st.builds(
            Structure, NAMES, st.sampled_from(StructureKind), st.sampled_from(Tissue), st.sampled_from(Role), LINES
        ),
        max_size=2,
    ).map(tuple),
    st.none() | NAMES, st.sampled_from(Approach), MAYBE, st.none() | st.integers(10, 30),
)  # fmt: skip


@settings(max_examples=40, deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow])
@given(TRACKINGS, GUIDANCES, GEOMETRIES, PLANS, st.tuples(st.booleans(), st.booleans(), st.none() | NAMES))
def test_a_scene_survives_json(tracking, guidance, geometry, plan, rest):
    line = SceneLine(7, 0, 0, 2**62, tracking, guidance, *rest)
    text = json.dumps(to_json(line), allow_nan=False)
    found = read_scene_line(json.loads(text), (geometry,), (plan,))
    assert found == RecordedScene(7, geometry, plan, tracking, guidance, 2**62, *rest)
    assert from_json(ImageGeometry, json.loads(json.dumps(to_json(geometry)))) == geometry
    assert from_json(Plan, json.loads(json.dumps(to_json(plan)))) == plan


def test_numbers_from_numpy_and_numbers_that_are_none_survive():
    wild = Guidance(np.float32(1.5), np.float64(0.1), math.inf, -math.inf, math.nan, advice="ä\u2028\n")
    found = from_json(Guidance, json.loads(json.dumps(to_json(wild), allow_nan=False)))
    assert found == dataclasses.replace(wild, nearest_avoid_px=found.nearest_avoid_px)
    assert math.isnan(found.nearest_avoid_px)


def test_an_older_line_takes_defaults_and_a_newer_ones_surplus_is_passed_over():
    assert from_json(Guidance, {"advice": "on path", "invented later": [1]}) == Guidance(advice="on path")


def test_a_line_is_what_the_scene_said(parts):
    scene = parts.scene(parts.frame(4))
    record = scene_line(scene, 1, 0)
    assert next(iter(record)) == "seq"
    found = read_scene_line(record, (ImageGeometry.whole_frame((4, 4)), scene.geometry), (scene.plan,))
    again = found.with_frame(scene.frame, scene.source)
    for field in dataclasses.fields(scene):
        assert getattr(again, field.name) == getattr(scene, field.name), field.name
    assert read_scene_line(skipped_line(4), (), ()) is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"geometry": 9}, "names a geometry"),
        ({"plan": -1}, "names a geometry or plan"),
        ({"tracking": 5}, "Tracking was wanted, not '5'"),
        ({"tracking": {"needle": {"track": "flying"}}}, "flying"),
        ({"tracking": {"needle": {"confidence": 7}}}, "confidence lies between"),
        ({"tracking": {"needle": {"entry_px": [1]}}}, "no valid SceneLine"),
        ({"t_tracked_ns": "soon"}, "int was wanted"),
        ({"is_frozen": 1}, "bool was wanted"),
        ({"seq": None}, "int was wanted"),
    ],
)
def test_a_damaged_line_is_refused_with_its_reason(parts, change, reason):
    scene = parts.scene(parts.frame(4))
    with pytest.raises(RecordingError, match=reason):
        read_scene_line({**scene_line(scene, 0, 0), **change}, (scene.geometry,), (scene.plan,))


def test_what_has_no_form_in_json_is_refused():
    with pytest.raises(RecordingError, match="a set cannot be written"):
        to_json({"a": {1, 2}})
