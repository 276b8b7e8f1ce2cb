"""What the overlay says, and above all what it does not say."""

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from rtguide.model.frame import SourceKind
from rtguide.model.geometry import Provenance
from rtguide.model.guidance import Alarm, AlarmPriority, Guidance
from rtguide.model.needle import NeedleMode, NeedleState, NeedleTrack, Tip, TipState
from rtguide.model.points import Point
from rtguide.model.scene import Scene
from rtguide.model.structure import Role, StructureKind, StructureState, StructureTrack, Tissue
from rtguide.overlays import Freshness, OverlayOptions, compose, freshness_of, hints_of
from rtguide.overlays.freshness import GONE_AFTER_NS, HOLLOW_AFTER_NS
from rtguide.overlays.needle import TIP_CLEAR_UNITS
from rtguide.overlays.outlines import Outline, is_inside
from rtguide.overlays.shapes import (
    Bracket,
    Dash,
    Ellipse,
    HudSlot,
    HudText,
    Label,
    Polyline,
    Segments,
    Shape,
    Tone,
)
from synthetic_scenes import SHAPE, TIP, Wish, scene, with_lost

OPTIONS = OverlayOptions.for_frame(SHAPE)


def composed(
    full: Scene, freshness: Freshness = Freshness.FRESH, options: OverlayOptions = OPTIONS
) -> tuple[Shape, ...]:
    return compose(full, freshness, options)


def words(shapes: tuple[Shape, ...]) -> str:
    lines = [line.text for shape in shapes if isinstance(shape, Label) for line in shape.lines]
    return "\n".join([*lines, *(shape.text for shape in shapes if isinstance(shape, HudText))])


def of_tone(shapes: tuple[Shape, ...], tone: Tone) -> list[Shape]:
    return [s for s in shapes if isinstance(s, (Polyline, Segments, Ellipse, Bracket)) and s.stroke.tone is tone]


def message(shapes: tuple[Shape, ...]) -> HudText | None:
    return next((s for s in shapes if isinstance(s, HudText) and s.slot is HudSlot.MESSAGE), None)


def label(shapes: tuple[Shape, ...], key: str) -> Label:
    return next(s for s in shapes if isinstance(s, Label) and s.key == key)


def test_freshness_changes_exactly_at_its_limits() -> None:
    assert freshness_of(HOLLOW_AFTER_NS) is Freshness.FRESH
    assert freshness_of(HOLLOW_AFTER_NS + 1) is Freshness.HOLLOW
    assert freshness_of(GONE_AFTER_NS) is Freshness.HOLLOW
    assert freshness_of(GONE_AFTER_NS + 1) is Freshness.GONE


def test_a_seen_tip_has_a_solid_region_of_its_true_size_and_figures() -> None:
    full = scene()
    shapes = composed(full)
    (ellipse,) = [s for s in shapes if isinstance(s, Ellipse)]
    xx, xy, yy = full.tracking.needle.tip.covariance_px2 or (0.0, 0.0, 0.0)
    eigen = np.sqrt(np.linalg.eigvalsh(np.array([[xx, xy], [xy, yy]])) * 5.991)
    assert sorted(ellipse.radii_px) == pytest.approx(list(eigen), rel=1e-3)
    assert ellipse.stroke.dash is Dash.SOLID
    assert ellipse.centre_px == TIP
    assert "4.1 mm" in words(shapes)
    assert "A 7.1 mm" in words(shapes)
    assert "26°" in words(shapes)


def test_the_region_contains_95_percent_of_what_its_covariance_describes() -> None:
    full = scene()
    (ellipse,) = [s for s in composed(full) if isinstance(s, Ellipse)]
    xx, xy, yy = full.tracking.needle.tip.covariance_px2 or (0.0, 0.0, 0.0)
    draws = np.random.default_rng(5).multivariate_normal((0, 0), [[xx, xy], [xy, yy]], 20_000)
    cos, sin = math.cos(ellipse.angle_rad), math.sin(ellipse.angle_rad)
    along, across = draws @ (cos, sin) / ellipse.radii_px[0], draws @ (-sin, cos) / ellipse.radii_px[1]
    assert np.mean(along**2 + across**2 <= 1) == pytest.approx(0.95, abs=0.006)


def test_a_tip_without_covariance_is_a_circle_from_sigma() -> None:
    full = scene()
    tip = replace(full.tracking.needle.tip, covariance_px2=None, sigma_px=10.0)
    needle = replace(full.tracking.needle, tip=tip)
    (ellipse,) = [
        s for s in composed(replace(full, tracking=replace(full.tracking, needle=needle))) if isinstance(s, Ellipse)
    ]
    assert ellipse.radii_px == pytest.approx((16.21, 16.21), abs=0.01)


def test_a_predicted_tip_is_dashed_without_path_or_figures() -> None:
    shapes = composed(scene(Wish(tip=TipState.PREDICTED, guidance=Guidance())))
    (ellipse,) = [s for s in shapes if isinstance(s, Ellipse)]
    assert ellipse.stroke.dash is Dash.DASHED
    assert not of_tone(shapes, Tone.PATH)
    assert "predicted" in words(shapes)
    assert "mm" not in words(shapes)


def test_a_hidden_tip_is_an_open_bracket_and_says_so() -> None:
    full = scene(Wish(tip=TipState.HIDDEN))
    shapes = composed(full)
    (bracket,) = [s for s in shapes if isinstance(s, Bracket)]
    assert bracket.at_px == full.tracking.needle.shaft_end_px
    assert not [s for s in shapes if isinstance(s, Ellipse)]
    assert not of_tone(shapes, Tone.PATH)
    assert "tip not visible" in words(shapes)
    assert "end of visible shaft – out of plane" in words(shapes)
    assert "°" not in words(shapes)
    ends = bracket.points_px()
    forward = (math.cos(bracket.angle_rad), math.sin(bracket.angle_rad))
    for end in (ends[0], ends[3]):
        ahead = (end[0] - bracket.at_px[0]) * forward[0] + (end[1] - bracket.at_px[1]) * forward[1]
        assert ahead > 0, "the bracket opens toward where the needle may be"


@pytest.mark.parametrize("track", [NeedleTrack.NONE, NeedleTrack.SEARCHING, NeedleTrack.LOST])
def test_no_needle_is_drawn_unless_it_is_tracked(track: NeedleTrack) -> None:
    assert not of_tone(composed(scene(Wish(tip=TipState.NONE, track=track, guidance=Guidance()))), Tone.NEEDLE)


def test_a_coasting_shaft_is_dashed() -> None:
    shapes = composed(scene(Wish(tip=TipState.PREDICTED, track=NeedleTrack.COASTING, guidance=Guidance())))
    shaft = next(s for s in of_tone(shapes, Tone.NEEDLE) if isinstance(s, Polyline))
    assert shaft.stroke.dash is Dash.DASHED


def test_a_cross_section_is_never_called_the_tip() -> None:
    full = scene(Wish(guidance=Guidance()))
    needle = NeedleState(NeedleTrack.LOCKED, NeedleMode.OUT_OF_PLANE, 1, section_px=(400.0, 300.0))
    shapes = composed(replace(full, tracking=replace(full.tracking, needle=needle)))
    assert "cross-section" in words(shapes)
    assert "tip or shaft" in words(shapes)
    near = replace(full, guidance=Guidance(section_to_target_px=31.0, section_to_target_mm=3.2))
    shapes = composed(replace(near, tracking=replace(full.tracking, needle=needle)))
    assert "3.2 mm" in words(shapes)
    assert "°" not in words(shapes)
    assert not [s for s in shapes if isinstance(s, Ellipse)]


def ticks(shapes: tuple[Shape, ...]) -> tuple[tuple[Point, Point], ...]:
    return tuple(piece for s in of_tone(shapes, Tone.PATH) if isinstance(s, Segments) for piece in s.pieces_px)


def test_ticks_are_five_true_millimetres_apart_along_the_path() -> None:
    full = scene(Wish(spacing_mm=0.06))
    full = replace(
        full, tracking=replace(full.tracking, structures=()), geometry=replace(full.geometry, spacing_mm=(0.1, 0.05))
    )
    middles = [((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) for a, b in ticks(composed(full))]
    assert len(middles) >= 3
    for (x0, y0), (x1, y1) in pairwise(middles):
        assert math.hypot((x1 - x0) * 0.1, (y1 - y0) * 0.05) == pytest.approx(5.0)
    first = math.hypot((middles[0][0] - TIP[0]) * 0.1, (middles[0][1] - TIP[1]) * 0.05)
    assert first == pytest.approx(5.0)


@pytest.mark.parametrize("provenance", [Provenance.GUESS, Provenance.RULER_UNACCEPTED])
def test_no_ticks_without_a_verified_scale(provenance: Provenance) -> None:
    full = scene(Wish(provenance=provenance))
    assert not ticks(composed(full))
    assert ticks(composed(scene())), "the same scene with a verified scale has some"


def test_the_cone_widens() -> None:
    full = scene()
    full = replace(full, tracking=replace(full.tracking, structures=()))
    lines = [s for s in of_tone(composed(full), Tone.PATH) if isinstance(s, Polyline)]
    one, other = (s.points_px for s in lines if s.stroke.dash is Dash.SOLID)
    near, far = (math.hypot(a[0] - b[0], a[1] - b[1]) for a, b in zip(one, other, strict=True))
    assert far > near * 1.5


def test_nothing_is_drawn_over_the_tip_or_inside_a_structure() -> None:
    full = scene()
    shapes = composed(full)
    outlines = [Outline(s.outline_px, is_closed=True) for s in full.tracking.structures]
    clear = TIP_CLEAR_UNITS * OPTIONS.unit_px
    for shape in shapes:
        if isinstance(shape, Polyline) and shape.stroke.tone is not Tone.STRUCTURE:
            for x, y in shape.points_px:
                assert math.hypot(x - TIP[0], y - TIP[1]) >= clear
                assert not any(is_inside((x, y), outline) for outline in outlines)
        if isinstance(shape, Label):
            x, y, width, height = shape.box_px
            corners = [(x + width * u, y + height * v) for u in (0, 0.5, 1) for v in (0, 0.5, 1)]
            assert not any(is_inside(corner, outline) for corner in corners for outline in outlines)
            assert not (x < TIP[0] < x + width and y < TIP[1] < y + height)


def test_labels_do_not_cover_each_other() -> None:
    boxes = [s.box_px for s in composed(scene()) if isinstance(s, Label)]
    assert len(boxes) == 8, "two letters, the tip's figures, small print, four of the ruler"
    for index, (x0, y0, w0, h0) in enumerate(boxes):
        for x1, y1, w1, h1 in boxes[index + 1 :]:
            assert x0 + w0 <= x1 or x1 + w1 <= x0 or y0 + h0 <= y1 or y1 + h1 <= y0


def test_words_stay_where_they_stood_while_the_tip_moves() -> None:
    first = composed(scene())
    hints = hints_of(first)
    full = scene()
    moved = (TIP[0] + 3, TIP[1] + 2)
    needle = full.tracking.needle
    needle = replace(needle, curve_px=(*needle.curve_px[:-1], moved), tip=replace(needle.tip, px=moved))
    second = composed(
        replace(full, tracking=replace(full.tracking, needle=needle)), options=replace(OPTIONS, hints=hints)
    )
    was, now = label(first, "tip"), label(second, "tip")
    assert (now.box_px[0] - moved[0], now.box_px[1] - moved[1]) == pytest.approx(
        (was.box_px[0] - TIP[0], was.box_px[1] - TIP[1])
    )


def test_an_old_result_is_hollow_and_a_gone_one_is_not_drawn() -> None:
    hollow = composed(scene(), Freshness.HOLLOW)
    strokes = [s.stroke for s in hollow if isinstance(s, (Polyline, Segments, Ellipse, Bracket))]
    assert strokes
    assert all(stroke.is_hollow for stroke in strokes)
    assert (message(hollow) or HudText(HudSlot.MESSAGE, "none")).text == "picture late"
    why = HudText(HudSlot.MESSAGE, "source quiet", Tone.ALARM_MEDIUM)
    gone = composed(scene(), Freshness.GONE, replace(OPTIONS, late=why))
    assert all(isinstance(s, HudText) for s in gone)
    assert message(gone) == why


def test_hiding_leaves_the_picture_untouched_but_not_nameless() -> None:
    alarm = Alarm("tip_in_nerve", AlarmPriority.HIGH, "tip region inside nerve")
    full = scene(Wish(guidance=Guidance(alarms=(alarm,))))
    shapes = composed(full, options=replace(OPTIONS, is_hidden=True))
    assert all(isinstance(s, HudText) for s in shapes)
    assert "SIMULATED" in words(shapes)
    assert "Research use only" in words(shapes)
    assert "inside nerve" in words(shapes)


@pytest.mark.parametrize("kind", list(SourceKind))
def test_the_kind_of_source_and_the_notice_are_always_there(kind: SourceKind) -> None:
    for freshness in Freshness:
        said = words(composed(scene(Wish(kind=kind)), freshness))
        assert kind.upper() in said
        assert "Research use only – not for clinical use" in said


def test_the_highest_alarm_is_the_message_in_its_own_tone() -> None:
    alarms = (
        Alarm("scale", AlarmPriority.LOW, "scale not verified"),
        Alarm("tip_in_nerve", AlarmPriority.HIGH, "tip region inside nerve"),
        Alarm("late", AlarmPriority.MEDIUM, "target lost"),
    )
    shown = message(composed(scene(Wish(guidance=Guidance(alarms=alarms, advice="hold")))))
    assert shown == HudText(HudSlot.MESSAGE, "tip region inside nerve", Tone.ALARM_HIGH)


def test_alarm_tones_are_for_alarms_alone() -> None:
    alarm_tones = {Tone.ALARM_HIGH, Tone.ALARM_MEDIUM, Tone.ALARM_LOW}
    for wish in (Wish(), Wish(tip=TipState.HIDDEN), Wish(tip=TipState.PREDICTED), Wish(is_frozen=True)):
        for shape in composed(scene(wish)):
            if isinstance(shape, (Polyline, Segments, Ellipse, Bracket)):
                assert shape.stroke.tone not in alarm_tones
            elif isinstance(shape, HudText):
                assert shape.tone not in alarm_tones


def test_frozen_is_named_in_large_letters_away_from_everything() -> None:
    full = scene(Wish(is_frozen=True))
    (banner,) = [s for s in composed(full) if isinstance(s, HudText) and s.slot is HudSlot.BANNER]
    assert banner.text == "FROZEN"
    assert banner.box_px is not None
    x, y, width, height = banner.box_px
    assert height > 70 * OPTIONS.unit_px
    points = [*full.tracking.needle.curve_px, *(p for s in full.tracking.structures for p in s.outline_px)]
    assert not any(x <= px <= x + width and y <= py <= y + height for px, py in points)


def outline_strokes(structure: StructureState) -> list[Polyline | Segments]:
    full = scene(Wish(tip=TipState.NONE, track=NeedleTrack.NONE, guidance=Guidance()))
    shapes = composed(replace(full, tracking=replace(full.tracking, structures=(structure,))))
    return [s for s in of_tone(shapes, Tone.STRUCTURE) if isinstance(s, (Polyline, Segments))]


def closed(line: Polyline | Segments) -> bool:
    return isinstance(line, Polyline) and line.is_closed


def test_roles_differ_by_line_alone() -> None:
    nerve = scene().tracking.structures[0]
    target = outline_strokes(replace(nerve, role=Role.TARGET))
    both = outline_strokes(replace(nerve, role=Role.BOTH))
    avoid = outline_strokes(replace(nerve, role=Role.AVOID))
    assert [closed(line) for line in target] == [True]
    assert [closed(line) for line in both] == [True, True]
    assert [closed(line) for line in avoid] == [True, False]
    assert isinstance(avoid[1], Segments)
    assert len(avoid[1].pieces_px) > 8


def test_a_coasting_structure_is_dashed_and_a_lost_one_is_named_not_drawn() -> None:
    full = scene()
    artery = full.tracking.structures[1]
    assert outline_strokes(replace(artery, track=StructureTrack.COASTING))[0].stroke.dash is Dash.DASHED
    shapes = composed(with_lost(full, "artery"))
    assert "artery: not found" in words(shapes)
    assert not [s for s in shapes if isinstance(s, Label) and s.key == "structure artery"]


def test_letters_name_the_tissue_and_names_tell_two_apart() -> None:
    full = scene()
    nerve, artery = full.tracking.structures
    letters = {
        Tissue.NERVE: "N",
        Tissue.ARTERY: "A",
        Tissue.VEIN: "V",
        Tissue.PLEURA: "P",
        Tissue.BONE: "B",
        Tissue.OTHER: "T",
    }
    for tissue, expected in letters.items():
        found = (replace(nerve, tissue=tissue, role=Role.TARGET),)
        shapes = composed(replace(full, tracking=replace(full.tracking, structures=found)))
        assert label(shapes, "structure nerve").lines[0].text == expected
    two = (nerve, replace(artery, name="saphenous", tissue=Tissue.NERVE))
    shapes = composed(replace(full, tracking=replace(full.tracking, structures=two)))
    assert label(shapes, "structure saphenous").lines[0].text == "N saphenous"


def test_an_aim_is_an_open_cross_and_a_plane_a_line() -> None:
    aim = StructureState(
        "aim", StructureKind.POINT, Tissue.OTHER, Role.TARGET, StructureTrack.TRACKED, ((300.0, 300.0),), 1.0
    )
    (cross,) = outline_strokes(aim)
    assert isinstance(cross, Segments)
    assert len(cross.pieces_px) == 4
    assert all(math.hypot(x - 300, y - 300) > 5 for piece in cross.pieces_px for x, y in piece)
    line = StructureState(
        "pleura",
        StructureKind.LINE,
        Tissue.PLEURA,
        Role.AVOID,
        StructureTrack.TRACKED,
        ((100.0, 500.0), (400.0, 500.0)),
        1.0,
    )
    first, rest = outline_strokes(line)
    assert not closed(first)
    assert isinstance(rest, Segments)
    assert all(top[1] < foot[1] == 500 for foot, top in rest.pieces_px), "barbs stand toward the probe"


def test_compose_is_pure() -> None:
    assert composed(scene()) == composed(scene())


def test_sizes_follow_the_unit() -> None:
    single, double = composed(scene()), composed(scene(), options=replace(OPTIONS, unit_px=2 * OPTIONS.unit_px))
    width = {s.stroke.width_px for s in single if isinstance(s, Ellipse)}
    assert {2 * w for w in width} == {s.stroke.width_px for s in double if isinstance(s, Ellipse)}
    assert [s.radii_px for s in single if isinstance(s, Ellipse)] == [
        s.radii_px for s in double if isinstance(s, Ellipse)
    ], "the region of the tip is a measure, not a decoration"


def test_out_of_plane_has_no_path_no_angle_and_its_depth_only_while_the_tip_is_seen() -> None:
    full = scene()
    at = (520.0, 300.0)
    drawn = {}
    for state in (TipState.SEEN, TipState.HIDDEN):
        tip = Tip(state, at, (16.0, 0.0, 16.0), 4.0) if state is TipState.SEEN else Tip(state)
        crossing = NeedleState(NeedleTrack.LOCKED, NeedleMode.OUT_OF_PLANE, 1, None, (), at, tip, 0.9)
        seen = replace(full, tracking=replace(full.tracking, needle=crossing))
        drawn[state] = compose(seen, Freshness.FRESH, OverlayOptions.for_frame(SHAPE))
    words = {
        state: [line.text for s in shapes if isinstance(s, Label) for line in s.lines]
        for state, shapes in drawn.items()
    }
    assert "depth 17 mm" in words[TipState.SEEN]
    assert "cross-section" in words[TipState.HIDDEN]
    for state, shapes in drawn.items():
        assert not [s for s in shapes if getattr(getattr(s, "stroke", None), "tone", None) is Tone.PATH], state
        assert not [text for text in words[state] if "°" in text], state
    assert not [text for text in words[TipState.HIDDEN] if "depth" in text]
