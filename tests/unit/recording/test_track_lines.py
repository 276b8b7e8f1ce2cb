"""The lines of `rtguide track`: every key, always, in order; figures only where they are known."""

import json
from dataclasses import replace

import pytest

from rtguide.model.geometry import ImageGeometry, Provenance
from rtguide.model.guidance import Guidance
from rtguide.model.needle import HiddenReason, NeedleState, NeedleTrack, Tip, TipState
from rtguide.model.plan import Plan
from rtguide.model.scene import Tracking
from rtguide.recording.track_lines import track_line

KEYS = {
    "": ["frame", "time_s", "needle", "other_needles", "targets", "spread", "spread_sight", "guidance"],
    "needle": [
        "state", "mode", "pass", "confidence", "entry_px", "direction_deg", "shaft_end_px", "section_px", "tip"
    ],
    "tip": ["state", "px", "mm", "sigma_px", "hidden_reason"],
    "target": ["name", "kind", "tissue", "role", "state", "px", "box_px", "confidence"],
    "guidance": [
        "tip_to_target_px", "tip_to_target_mm", "off_axis_px", "off_axis_mm", "nearest_avoid_px", "nearest_avoid_mm",
        "section_to_target_px", "section_to_target_mm", "advice", "alarms",
    ],
}  # fmt: skip


def check_keys(line):
    assert list(line) == KEYS[""]
    for needle in (line["needle"], *line["other_needles"]):
        assert list(needle) == KEYS["needle"]
        assert list(needle["tip"]) == KEYS["tip"]
    for target in line["targets"]:
        assert list(target) == KEYS["target"]
    assert list(line["guidance"]) == KEYS["guidance"]
    assert json.loads(json.dumps(line, allow_nan=False)) == line


def test_every_key_is_there_in_an_empty_scene(parts):
    scene = replace(parts.scene(parts.frame(0)), tracking=Tracking(), guidance=Guidance(), plan=Plan())
    line = track_line(scene)
    check_keys(line)
    assert line["needle"] == {
        "state": "none", "mode": "unknown", "pass": 0, "confidence": 0.0, "entry_px": None, "direction_deg": None,
        "shaft_end_px": None, "section_px": None,
        "tip": {"state": "none", "px": None, "mm": None, "sigma_px": None, "hidden_reason": None},
    }  # fmt: skip
    assert line["targets"] == line["other_needles"] == line["guidance"]["alarms"] == []


def test_a_full_scene_says_what_it_holds(parts):
    scene = parts.scene(parts.frame(7))
    line = track_line(scene)
    check_keys(line)
    x, y = scene.tracking.needle.tip.px
    assert (line["frame"], line["time_s"]) == (7, 0.233333)
    assert line["needle"]["tip"]["px"] == [round(x, 2), round(y, 2)]
    face_x, face_y = 13.0 + 101.3 / 2, 7.5
    assert line["needle"]["tip"]["mm"] == pytest.approx([(x - face_x) * 0.0355, (y - face_y) * 0.04], abs=6e-4)
    assert line["needle"]["tip"]["sigma_px"] == 0.33
    nerve, pleura = line["targets"]
    assert nerve["name"] == "nerve N°1"
    assert nerve["box_px"] == [40.7, 50.0, 30.5, 12.0]
    assert nerve["px"] == [55.95, 56.0]
    assert (pleura["state"], pleura["px"], pleura["box_px"]) == ("lost", None, None)
    assert line["guidance"]["alarms"] == [{"code": "tip-in-nerve", "priority": "high", "text": "tip inside nerve N°1"}]
    assert line["guidance"]["off_axis_px"] == -2.5


def test_the_direction_runs_from_the_entry_to_the_tip_or_to_the_shafts_end(parts):
    scene = parts.scene(parts.frame(0))
    curve = ((100.0, 10.0), (50.0, 10.0), (90.0, 20.0))
    seen = Tip(TipState.SEEN, (100.0, 60.0), None, 1.0)
    hidden = Tip(TipState.HIDDEN, hidden_reason=HiddenReason.SHADOW)
    for tip, wanted in ((seen, 90.0), (hidden, 135.0)):
        needle = NeedleState(NeedleTrack.LOCKED, entry_px=(100.0, 10.0), curve_px=curve, tip=tip)
        line = track_line(replace(scene, tracking=Tracking(needle)))
        assert line["needle"]["direction_deg"] == wanted
        assert line["needle"]["tip"]["hidden_reason"] == (None if tip is seen else "shadow")
    back = replace(needle, entry_px=(110.0, 20.0))
    assert track_line(replace(scene, tracking=Tracking(back)))["needle"]["direction_deg"] == 180.0


def test_millimetres_need_a_verified_scale_and_a_tip_that_is_seen(parts):
    scene = parts.scene(parts.frame(1))
    guessed = replace(scene.geometry, provenance=Provenance.GUESS)
    predicted = Tip(TipState.PREDICTED, (50.0, 50.0), None, 2.0)
    needle = replace(scene.tracking.needle, tip=predicted)
    tips = [
        track_line(changed)["needle"]["tip"]
        for changed in (
            replace(scene, geometry=guessed),
            replace(scene, geometry=ImageGeometry.whole_frame(parts.SHAPE_PX)),
            replace(scene, tracking=replace(scene.tracking, needle=needle)),
        )
    ]
    assert [tip["mm"] for tip in tips] == [None, None, None]
    assert tips[2]["px"] == [50.0, 50.0]


def test_targets_keep_the_order_of_the_plan_and_one_without_a_word_is_lost(parts):
    scene = parts.scene(parts.frame(1))
    nerve, pleura = scene.tracking.structures
    third = replace(nerve, name="found by itself")
    extra = replace(parts.NERVE, name="artery")
    plan = replace(scene.plan, structures=(parts.PLEURA, extra, parts.NERVE))
    tracking = replace(scene.tracking, structures=(third, nerve, pleura))
    targets = track_line(replace(scene, plan=plan, tracking=tracking))["targets"]
    assert [target["name"] for target in targets] == ["pleura", "artery", "nerve N°1", "found by itself"]
    assert [target["state"] for target in targets] == ["lost", "lost", "tracked", "tracked"]


def test_what_is_no_number_is_null_and_zero_has_no_sign(parts):
    guidance = Guidance(float("nan"), float("inf"), -0.001, -0.0001, 2.675, 1.0005)
    line = track_line(replace(parts.scene(parts.frame(0)), guidance=guidance))
    text = json.dumps(line["guidance"])
    assert line["guidance"]["tip_to_target_px"] is None
    assert line["guidance"]["tip_to_target_mm"] is None
    assert "-0.0" not in text
    assert text.startswith(
        '{"tip_to_target_px": null, "tip_to_target_mm": null, "off_axis_px": 0.0, "off_axis_mm": 0.0'
    )
