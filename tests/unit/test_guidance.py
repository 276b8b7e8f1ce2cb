"""Guidance against its definitions, and its invariances."""

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtguide.guidance import guide, withhold_late
from rtguide.model.geometry import ImageGeometry, Provenance, RectRegion
from rtguide.model.guidance import AlarmPriority, Guidance
from rtguide.model.limits import AlarmLimits
from rtguide.model.needle import HiddenReason, NeedleMode, NeedleState, NeedleTrack, Tip, TipState
from rtguide.model.plan import Plan
from rtguide.model.points import Point, Points
from rtguide.model.scene import Tracking
from rtguide.model.structure import Role, StructureKind, StructureState, StructureTrack, Tissue

GEOMETRY = ImageGeometry((600, 800), RectRegion(0, 0, 800, 600), (0.1, 0.1), Provenance.USER)
SQUARE: Points = ((300.0, 300.0), (340.0, 300.0), (340.0, 340.0), (300.0, 340.0))


def needle(tip: Point, entry: Point, state: TipState = TipState.SEEN, sigma_px: float = 3.0) -> NeedleState:
    shown = state in (TipState.SEEN, TipState.PREDICTED)
    return NeedleState(
        NeedleTrack.LOCKED,
        entry_px=entry,
        curve_px=(entry, tip),
        tip=Tip(
            state,
            tip if shown else None,
            sigma_px=sigma_px if shown else None,
            hidden_reason=HiddenReason.SHADOW if state is TipState.HIDDEN else None,
        ),
        confidence=0.9,
    )


def structure(
    name: str,
    outline: Points = SQUARE,
    role: Role = Role.BOTH,
    *,
    kind: StructureKind = StructureKind.STRUCTURE,
    tissue: Tissue = Tissue.NERVE,
    track: StructureTrack = StructureTrack.TRACKED,
) -> StructureState:
    return StructureState(name, kind, tissue, role, track, () if track is StructureTrack.LOST else outline, 0.9)


def say(state: NeedleState, *structures: StructureState, plan: Plan | None = None) -> Guidance:
    return guide(Tracking(state, (), structures), plan or Plan(), GEOMETRY)


def test_distance_runs_to_the_outline_and_is_negative_inside() -> None:
    nerve = structure("nerve")
    outside = say(needle((250.0, 320.0), (0.0, 320.0)), nerve)
    assert outside.tip_to_target_px == pytest.approx(50.0)
    assert outside.tip_to_target_mm == pytest.approx(5.0)
    inside = say(needle((310.0, 320.0), (0.0, 320.0)), nerve)
    assert inside.tip_to_target_px == pytest.approx(-10.0)


def across(section: Point | None) -> NeedleState:
    tip = Tip(TipState.HIDDEN, hidden_reason=HiddenReason.OUT_OF_PLANE)
    track = NeedleTrack.LOCKED if section else NeedleTrack.COASTING
    return NeedleState(track, NeedleMode.OUT_OF_PLANE, 1, section_px=section, tip=tip, confidence=0.9)


def test_out_of_plane_the_distance_is_that_of_the_cross_section_and_no_figure_is_the_tips() -> None:
    told = say(across((250.0, 320.0)), structure("nerve"))
    assert told.section_to_target_px == pytest.approx(50.0)
    assert told.section_to_target_mm == pytest.approx(5.0)
    assert told.advice == "cross-section seen, tip or shaft"
    assert (told.tip_to_target_px, told.off_axis_px, told.nearest_avoid_px, told.angle_rad) == (None,) * 4
    hidden = say(across(None), structure("nerve"))
    assert (hidden.section_to_target_px, hidden.advice) == (None, "cross-section not visible")
    assert withhold_late(told, 600_000_000).section_to_target_mm is None


def test_a_cross_section_inside_what_must_not_be_entered_is_a_high_alarm() -> None:
    told = say(across((310.0, 320.0)), structure("artery", role=Role.AVOID, tissue=Tissue.ARTERY))
    assert told.advice == "hold"
    assert [(a.code, a.priority, a.text) for a in told.alarms] == [
        ("needle-crosses", AlarmPriority.HIGH, "needle inside artery")
    ]


def test_inside_a_structure_to_be_blocked_is_a_high_alarm_and_hold() -> None:
    told = say(needle((310.0, 320.0), (0.0, 320.0)), structure("nerve"))
    assert told.advice == "hold"
    assert [(a.code, a.priority) for a in told.alarms] == [("tip-inside", AlarmPriority.HIGH)]


def test_inside_a_target_that_is_no_nerve_is_the_goal() -> None:
    told = say(needle((310.0, 320.0), (0.0, 320.0)), structure("cyst", role=Role.TARGET, tissue=Tissue.OTHER))
    assert told.advice == "on path"
    assert told.alarms == ()


@pytest.mark.parametrize(
    ("tip", "entry", "off_px", "advice"),
    [
        ((250.0, 320.0), (0.0, 320.0), 0.0, "on path"),
        ((250.0, 290.0), (0.0, 290.0), -10.0, "path passes 1.0 mm shallow"),
        ((250.0, 350.0), (0.0, 350.0), 10.0, "path passes 1.0 mm deep"),
        ((390.0, 350.0), (700.0, 350.0), -10.0, "path passes 1.0 mm deep"),
        ((290.0, 200.0), (290.0, 0.0), 10.0, "path passes 1.0 mm left"),
        ((352.0, 200.0), (352.0, 0.0), -12.0, "path passes 1.2 mm right"),
    ],
)
def test_off_axis_is_positive_when_the_target_lies_left_of_travel(
    tip: Point, entry: Point, off_px: float, advice: str
) -> None:
    told = say(needle(tip, entry), structure("nerve"))
    assert told.off_axis_px == pytest.approx(off_px, abs=1e-9)
    assert told.off_axis_mm == pytest.approx(off_px * 0.1, abs=1e-9)
    assert told.advice == advice


def test_target_behind_the_tip_has_a_distance_but_no_path() -> None:
    told = say(needle((400.0, 320.0), (360.0, 320.0)), structure("nerve"))
    assert told.tip_to_target_px == pytest.approx(60.0)
    assert told.off_axis_px is None
    assert told.advice == ""


def test_the_ray_that_leaves_a_straddling_target_behind_does_not_cross_it() -> None:
    diamond: Points = ((300.0, 280.0), (500.0, 280.0), (500.0, 290.0), (300.0, 400.0))
    told = say(needle((350.0, 390.0), (300.0, 390.0)), structure("nerve", diamond))
    assert told.off_axis_px is not None
    assert told.off_axis_px > 0


@pytest.mark.parametrize("state", [TipState.PREDICTED, TipState.HIDDEN])
def test_no_figure_unless_the_tip_is_seen(state: TipState) -> None:
    told = say(needle((250.0, 320.0), (0.0, 320.0), state), structure("nerve"))
    assert told == Guidance(advice="tip not visible")


def test_no_needle_nothing_to_say() -> None:
    assert say(NeedleState(), structure("nerve")) == Guidance()


@pytest.mark.parametrize("track", [StructureTrack.COASTING, StructureTrack.LOST])
def test_structures_that_are_not_tracked_give_no_figures(track: StructureTrack) -> None:
    lost = structure("nerve", track=track)
    told = say(needle((310.0, 320.0), (0.0, 320.0)), lost, structure("artery", role=Role.AVOID, track=track))
    assert told.tip_to_target_px is None
    assert told.off_axis_px is None
    assert told.nearest_avoid_px is None
    assert told.advice == ""
    assert {a.priority for a in told.alarms} <= {AlarmPriority.MEDIUM}
    assert bool(told.alarms) is (track is StructureTrack.LOST)


def test_losing_a_structure_is_louder_with_a_needle_in() -> None:
    lost = StructureTrack.LOST
    artery = structure("artery", role=Role.AVOID, tissue=Tissue.ARTERY, track=lost)
    aim = structure("aim", SQUARE[:1], Role.TARGET, kind=StructureKind.POINT, tissue=Tissue.OTHER, track=lost)
    before = say(NeedleState(), artery, aim).alarms
    assert [(a.priority, a.text) for a in before] == [(AlarmPriority.LOW, "artery is lost: not watched")]
    during = say(needle((250.0, 320.0), (0.0, 320.0)), artery, aim).alarms
    assert {(a.priority, a.text) for a in during} == {
        (AlarmPriority.MEDIUM, "artery is lost: not watched"),
        (AlarmPriority.MEDIUM, "aim is lost: not watched"),
    }


@pytest.mark.parametrize(
    ("tip_x", "y", "texts"),
    [
        (270.0, 320.0, ["path meets artery in 3 mm"]),  # the near wall lies at 300 px, 0.1 mm a pixel
        (240.0, 320.0, []),  # 6 mm away
        (270.0, 350.0, []),  # 3 mm away, but the path passes 1 mm deep
    ],
)
def test_a_path_that_meets_a_keep_out_within_the_margin(tip_x: float, y: float, texts: list[str]) -> None:
    artery = structure("artery", role=Role.AVOID, tissue=Tissue.ARTERY)
    told = say(needle((tip_x, y), (0.0, y)), artery).alarms
    assert [(a.code, a.priority, a.text) for a in told] == [("path-meets", AlarmPriority.MEDIUM, t) for t in texts]
    unscaled = replace(GEOMETRY, provenance=Provenance.GUESS)
    assert guide(Tracking(needle((tip_x, y), (0.0, y)), (), (artery,)), Plan(), unscaled).alarms == ()
    nerve = structure("nerve")
    assert say(needle((tip_x, y), (0.0, y)), nerve).alarms == ()


@pytest.mark.parametrize("provenance", [Provenance.GUESS, Provenance.RULER_UNACCEPTED])
def test_millimetres_only_with_a_verified_scale(provenance: Provenance) -> None:
    tracking = Tracking(needle((250.0, 350.0), (0.0, 350.0)), (), (structure("nerve"), structure("a", role=Role.AVOID)))
    told = guide(tracking, Plan(), replace(GEOMETRY, provenance=provenance))
    assert told.tip_to_target_px is not None
    assert told.nearest_avoid_px is not None
    assert (told.tip_to_target_mm, told.off_axis_mm, told.nearest_avoid_mm) == (None, None, None)
    assert told.advice == "path passes deep, no scale"


def test_pixels_that_are_not_square() -> None:
    geometry = replace(GEOMETRY, spacing_mm=(0.1, 0.2))
    tracking = Tracking(needle((320.0, 250.0), (320.0, 0.0)), (), (structure("nerve"),))
    told = guide(tracking, Plan(), geometry)
    assert told.tip_to_target_px == pytest.approx(50.0)
    assert told.tip_to_target_mm == pytest.approx(10.0)
    steep = guide(Tracking(needle((100.0, 100.0), (0.0, 0.0)), (), ()), Plan(), geometry)
    assert steep.angle_rad == pytest.approx(math.atan2(0.2, 0.1))


def test_keep_out_is_measured_from_the_near_edge_of_the_95_percent_region() -> None:
    artery = structure("artery", role=Role.AVOID, tissue=Tissue.ARTERY)
    told = say(needle((250.0, 320.0), (0.0, 320.0), sigma_px=10.0), artery)
    assert told.nearest_avoid_px == pytest.approx(50.0 - 10.0 * math.sqrt(math.log(0.05) / math.log(0.32)), abs=0.1)
    assert told.nearest_avoid_name == "artery"
    assert told.alarms == ()
    blurred = say(needle((290.0, 320.0), (0.0, 320.0), sigma_px=10.0), artery)
    assert blurred.nearest_avoid_px is not None
    assert blurred.nearest_avoid_px < 0
    assert [(a.code, a.priority) for a in blurred.alarms] == [("tip-near", AlarmPriority.MEDIUM)]
    assert blurred.advice != "hold"


def test_covariance_gives_the_region_its_shape() -> None:
    artery = structure("artery", role=Role.AVOID)
    state = needle((250.0, 320.0), (0.0, 320.0), sigma_px=10.0)
    along = replace(state, tip=replace(state.tip, covariance_px2=(100.0, 0.0, 0.0001)))
    across = replace(state, tip=replace(state.tip, covariance_px2=(0.0001, 0.0, 100.0)))
    near, far = say(along, artery).nearest_avoid_px, say(across, artery).nearest_avoid_px
    assert near == pytest.approx(50 - 24.48, abs=0.1)
    assert far == pytest.approx(50.0, abs=1.0)


def test_line_to_keep_away_from_is_negative_beyond_it() -> None:
    pleura = structure(
        "pleura", ((100.0, 400.0), (700.0, 420.0)), Role.AVOID, kind=StructureKind.LINE, tissue=Tissue.PLEURA
    )
    above = say(needle((400.0, 300.0), (100.0, 100.0), sigma_px=0.1), pleura)
    below = say(needle((400.0, 500.0), (100.0, 100.0), sigma_px=0.1), pleura)
    assert above.nearest_avoid_px == pytest.approx(110, abs=1)
    assert below.nearest_avoid_px == pytest.approx(-90, abs=1)
    assert below.advice == "hold"
    assert below.alarms[0].text == "tip beyond pleura"


def test_aim_wins_over_the_structure_beside_it() -> None:
    aim = structure("aim", ((290.0, 290.0),), Role.TARGET, kind=StructureKind.POINT, tissue=Tissue.OTHER)
    told = say(needle((250.0, 290.0), (0.0, 290.0)), structure("nerve"), aim, plan=Plan(aim="aim"))
    assert told.tip_to_target_px == pytest.approx(40.0)
    assert told.off_axis_px == pytest.approx(0.0)
    assert told.advice == "on path"


def test_lost_aim_is_not_replaced_by_the_nerve() -> None:
    nerve = structure("nerve")
    aim = structure("aim", ((290.0, 290.0),), Role.TARGET, kind=StructureKind.POINT, track=StructureTrack.LOST)
    told = say(needle((250.0, 290.0), (0.0, 290.0)), nerve, aim, plan=Plan(aim="aim"))
    assert told.tip_to_target_px is None


def test_plane_is_crossed_or_missed() -> None:
    plane = structure(
        "fascia", ((300.0, 300.0), (300.0, 360.0)), Role.TARGET, kind=StructureKind.PLANE, tissue=Tissue.OTHER
    )
    assert say(needle((250.0, 320.0), (0.0, 320.0)), plane).off_axis_px == 0.0
    assert say(needle((250.0, 290.0), (0.0, 290.0)), plane).off_axis_px == pytest.approx(-10.0)
    assert say(needle((250.0, 320.0), (0.0, 320.0)), plane).tip_to_target_px == pytest.approx(50.0)


def test_late_results_lose_their_words_then_their_figures() -> None:
    told = say(needle((250.0, 350.0), (0.0, 350.0)), structure("nerve"))
    assert withhold_late(told, 100_000_000) == told
    hollow = withhold_late(told, 200_000_000)
    assert hollow.advice == "picture late"
    assert hollow.tip_to_target_mm == told.tip_to_target_mm
    assert withhold_late(told, 501_000_000) == Guidance(advice="picture late")


coordinate = st.floats(50, 550, allow_nan=False)
point = st.tuples(coordinate, coordinate)


@st.composite
def scenes(draw: st.DrawFn) -> tuple[Point, Point, Point, float]:
    tip, entry, centre = draw(point), draw(point), draw(point)
    if math.hypot(tip[0] - entry[0], tip[1] - entry[1]) < 1:
        entry = (tip[0] + 30.0, tip[1] - 10.0)
    return tip, entry, centre, draw(st.floats(5, 60))


def outline(centre: Point, size: float) -> Points:
    return tuple(
        (centre[0] + size * dx, centre[1] + 0.6 * size * dy) for dx, dy in ((-1, -1), (1, -1), (1, 1), (-1, 1))
    )


def measure(scene: tuple[Point, Point, Point, float], a: float, shift: Point, mirror: bool) -> Guidance:
    tip, entry, centre, size = scene
    flip = -1.0 if mirror else 1.0

    def move(p: Point) -> Point:
        return (800.0 * a * mirror + flip * a * p[0] + shift[0], a * p[1] + shift[1])

    region = RectRegion(shift[0], shift[1], 800.0 * a, 600.0 * a)
    shape = tuple(move(p) for p in outline(centre, size))
    geometry = ImageGeometry((3000, 3000), region, (0.1 / a, 0.1 / a), Provenance.USER)
    state = needle(move(tip), move(entry), sigma_px=3.0 * a)
    keep = structure("artery", tuple(move(p) for p in outline((300.0, 300.0), 20.0)), Role.AVOID, tissue=Tissue.ARTERY)
    return guide(Tracking(state, (), (structure("nerve", shape), keep)), Plan(), geometry)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(scenes(), st.floats(0.4, 3.0), st.tuples(st.floats(0, 200), st.floats(0, 200)), st.booleans())
def test_shift_scale_and_mirror_change_nothing_in_millimetres(
    scene: tuple[Point, Point, Point, float], a: float, shift: Point, mirror: bool
) -> None:
    plain, moved = measure(scene, 1.0, (0.0, 0.0), False), measure(scene, a, shift, mirror)
    assert moved.tip_to_target_mm == pytest.approx(plain.tip_to_target_mm, abs=1e-6)
    assert moved.nearest_avoid_mm == pytest.approx(plain.nearest_avoid_mm, abs=1e-2)
    assert moved.angle_rad == pytest.approx(plain.angle_rad, abs=1e-9)
    if plain.off_axis_mm is not None and abs(plain.off_axis_mm) > 1e-6:
        sign = -1.0 if mirror else 1.0
        assert moved.off_axis_mm == pytest.approx(sign * plain.off_axis_mm, abs=1e-6)
    assert moved.tip_to_target_px == pytest.approx(a * (plain.tip_to_target_px or 0.0), abs=1e-5)


FORBIDDEN = ("advance", "inject", "safe", "clear")


@settings(max_examples=60, deadline=None, derandomize=True)
@given(scenes())
def test_words_state_what_is_seen(scene: tuple[Point, Point, Point, float]) -> None:
    told = measure(scene, 1.0, (0.0, 0.0), False)
    words = " ".join([told.advice, *(a.text for a in told.alarms)])
    assert not any(word in words for word in FORBIDDEN)
    if told.advice == "hold":
        assert any(a.priority is AlarmPriority.HIGH for a in told.alarms)


def test_the_overshoot_margin_is_the_users() -> None:
    artery = structure("artery", role=Role.AVOID, tissue=Tissue.ARTERY)
    tracking = Tracking(needle((230.0, 320.0), (0.0, 320.0)), (), (artery,))  # 7 mm away
    assert guide(tracking, Plan(), GEOMETRY).alarms == ()
    (alarm,) = guide(tracking, Plan(), GEOMETRY, AlarmLimits(overshoot_mm=8.0)).alarms
    assert alarm.text == "path meets artery in 7 mm"
