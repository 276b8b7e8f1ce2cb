"""The fan of straight paths against its definition, by slower means, and its invariances."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtguide.errors import GeometryError
from rtguide.guidance import guide
from rtguide.guidance.distances import line_distance, outline_distance
from rtguide.guidance.path_fan import ANGLES_DEG, find_paths
from rtguide.guidance.segments import segment_distances
from rtguide.model.geometry import FanRegion, ImageGeometry, Provenance, RectRegion, Region
from rtguide.model.limits import AlarmLimits
from rtguide.model.needle import NeedleState, NeedleTrack, Tip, TipState
from rtguide.model.paths import PathFan, PathWish, StraightPath
from rtguide.model.plan import Approach, Plan
from rtguide.model.points import Point, Points, as_array
from rtguide.model.scene import Tracking
from rtguide.model.structure import Role, StructureKind, StructureState, StructureTrack, Tissue, box_outline

SHAPE = (600, 800)
RECT = RectRegion(100, 20, 600, 560)
GEOMETRY = ImageGeometry(SHAPE, RECT, (0.1, 0.1), Provenance.USER)
CURVED = FanRegion((400.0, -80.0), 100.0, 640.0, -0.5, 0.5, RectRegion(0, 0, 800, 600))
WISH = PathWish(Approach.UNKNOWN, needle_length_mm=80.0, clearance_mm=2.0, beyond_mm=5.0)


def made(name: str, tissue: Tissue, role: Role, outline: Points) -> StructureState:
    return StructureState(name, StructureKind.STRUCTURE, tissue, role, StructureTrack.TRACKED, outline, 0.9)


def nerve(x: float = 380.0, y: float = 300.0) -> StructureState:
    return made("nerve", Tissue.NERVE, Role.BOTH, box_outline(x, y, 80.0, 40.0))


def vessel(x: float, y: float, width: float = 70.0, height: float = 60.0, name: str = "artery") -> StructureState:
    return made(name, Tissue.ARTERY, Role.AVOID, box_outline(x, y, width, height))


def found(
    *structures: StructureState, wish: PathWish = WISH, geometry: ImageGeometry = GEOMETRY, plan: Plan | None = None
) -> PathFan:
    return find_paths(structures, plan or Plan(), geometry, wish)


def sampled_mm(path: StraightPath, geometry: ImageGeometry, beyond_mm: float = 0.0) -> np.ndarray:
    scale = np.array(geometry.spacing_mm)
    entry, goal = np.array(path.entry_px) * scale, np.array(path.goal_px) * scale
    along = (goal - entry) / np.hypot(*(goal - entry))
    ways = np.arange(0.0, path.length_mm + beyond_mm, 0.2)
    return entry + ways[:, None] * along


boxes = st.tuples(st.floats(120, 560), st.floats(80, 480), st.floats(25, 130), st.floats(25, 110))


@settings(max_examples=60, deadline=None)
@given(boxes, boxes, st.sampled_from([RECT, CURVED]), st.floats(20, 90), st.floats(0.5, 4.0))
def test_every_path_keeps_what_is_promised(
    first: tuple[float, float, float, float],
    second: tuple[float, float, float, float],
    region: Region,
    needle_length_mm: float,
    clearance_mm: float,
) -> None:
    geometry = replace(GEOMETRY, region=region, spacing_mm=(0.1, 0.08))
    wish = replace(WISH, needle_length_mm=needle_length_mm, clearance_mm=clearance_mm)
    structures = (nerve(), vessel(*first), vessel(*second, name="vein"))
    fan = found(*structures, wish=wish, geometry=geometry)
    assert bool(fan.paths) is not bool(fan.why_none)
    scale = np.array(geometry.spacing_mm)
    for path in fan.paths:
        points = sampled_mm(path, geometry)
        assert path.length_mm <= needle_length_mm
        assert region.contains(np.array([path.goal_px]))[0]
        way = np.array(path.goal_px) * scale - np.array(path.entry_px) * scale
        assert math.degrees(math.atan2(way[1], abs(way[0]))) == pytest.approx(path.angle_deg)
        assert bool(way[0] > 0) is path.is_from_left
        for structure in structures:
            shape = as_array(structure.outline_px) * scale
            reach = sampled_mm(path, geometry, wish.beyond_mm) if structure.role is Role.AVOID else points
            assert outline_distance(reach, shape).min() >= clearance_mm - 1e-6
        if isinstance(region, FanRegion):
            from_apex = np.hypot(*(points - np.array(region.apex_px) * scale).T)
            assert from_apex.min() >= region.inner_px * scale.mean() - 0.51
        else:
            left, right = region.x * 0.1, (region.x + region.width) * 0.1
            assert points[0, 0] <= left + 1e-9 or points[0, 0] >= right - 1e-9


@settings(max_examples=40, deadline=None)
@given(boxes, boxes)
def test_another_structure_never_adds_a_path_and_a_longer_needle_never_takes_one(
    first: tuple[float, float, float, float], second: tuple[float, float, float, float]
) -> None:
    def keys(fan: PathFan) -> set[tuple[bool, float]]:
        return {path.key for path in fan.paths}

    few, more = (nerve(), vessel(*first)), (nerve(), vessel(*first), vessel(*second, name="vein"))
    assert keys(found(*more)) <= keys(found(*few))
    assert keys(found(*few, wish=replace(WISH, needle_length_mm=40.0))) <= keys(found(*few))


@settings(max_examples=40, deadline=None)
@given(boxes)
def test_the_mirrored_picture_has_the_mirrored_fan(box: tuple[float, float, float, float]) -> None:
    def mirrored(structure: StructureState) -> StructureState:
        return replace(structure, outline_px=tuple((800.0 - x, y) for x, y in structure.outline_px))

    here = found(nerve(), vessel(*box))
    there = found(mirrored(nerve()), mirrored(vessel(*box)))
    assert {path.key for path in here.paths} == {(not side, angle) for side, angle in (p.key for p in there.paths)}
    for path in here.paths:
        twin = there.with_key((not path.is_from_left, path.angle_deg))
        assert twin is not None
        assert twin.length_mm == pytest.approx(path.length_mm, abs=0.8), "the goals around a nerve are points"


@settings(max_examples=60, deadline=None)
@given(boxes)
def test_a_needle_that_follows_a_path_meets_nothing(box: tuple[float, float, float, float]) -> None:
    """At its goal no alarm says that the path ahead meets a keep-out: the fan and the alarms agree."""
    structures = (nerve(), vessel(*box))
    limits = AlarmLimits()
    wish = replace(WISH, clearance_mm=limits.path_clearance_mm, beyond_mm=limits.overshoot_mm)
    for path in found(*structures, wish=wish).paths:
        tip = Tip(TipState.SEEN, path.goal_px, None, 2.0)
        needle = NeedleState(NeedleTrack.LOCKED, curve_px=(path.entry_px, path.goal_px), tip=tip)
        said = guide(Tracking(needle, (), structures), Plan(), GEOMETRY, limits)
        assert said.alarms == ()


def test_the_fan_moves_with_the_tissue() -> None:
    still, moved = found(nerve()), found(nerve(390.0, 310.0))
    key = (True, 30.0)
    before, after = still.with_key(key), moved.with_key(key)
    assert before is not None
    assert after is not None
    assert np.subtract(after.goal_px, before.goal_px) == pytest.approx([10.0, 10.0])


def test_only_the_side_that_was_planned() -> None:
    assert {path.is_from_left for path in found(nerve()).paths} == {True, False}
    from_left = found(nerve(), wish=replace(WISH, approach=Approach.IN_PLANE_LEFT))
    assert {path.is_from_left for path in from_left.paths} == {True}
    assert [path.angle_deg for path in from_left.paths] == sorted(path.angle_deg for path in from_left.paths)
    assert {path.angle_deg for path in from_left.paths} <= set(ANGLES_DEG)


def test_an_aim_is_met_and_a_target_is_entered() -> None:
    aim = StructureState(
        "aim", StructureKind.POINT, Tissue.OTHER, Role.TARGET, StructureTrack.TRACKED, ((500.0, 200.0),), 1
    )
    fan = found(nerve(), aim, plan=Plan(aim="aim"))
    assert fan.paths
    assert all(path.goal_px == pytest.approx((500.0, 200.0)) for path in fan.paths)
    cyst = made("cyst", Tissue.OTHER, Role.TARGET, box_outline(380.0, 300.0, 80.0, 40.0))
    assert all(path.goal_px == pytest.approx((420.0, 320.0)) for path in found(cyst).paths)


def test_a_plane_is_reached_and_a_line_to_keep_away_from_never_passed() -> None:
    def line(name: str, kind: StructureKind, role: Role, points: Points) -> StructureState:
        return StructureState(name, kind, Tissue.OTHER, role, StructureTrack.TRACKED, points, 1.0)

    plane = line("plane", StructureKind.PLANE, Role.TARGET, ((200.0, 250.0), (600.0, 270.0)))
    pleura = line("pleura", StructureKind.LINE, Role.AVOID, ((150.0, 330.0), (650.0, 330.0)))
    fan = found(plane, pleura)
    assert fan.paths
    for path in fan.paths:
        goal = np.array([path.goal_px])
        assert line_distance(goal, as_array(plane.outline_px))[0] < 0.01
        assert sampled_mm(path, GEOMETRY, WISH.beyond_mm)[:, 1].max() < 33.0
    behind = line("plane", StructureKind.PLANE, Role.TARGET, ((200.0, 450.0), (600.0, 470.0)))
    assert found(behind, pleura).why_none == "no straight path is clear of what is marked"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"geometry": replace(GEOMETRY, provenance=Provenance.GUESS)}, "scale"),
        ({"wish": replace(WISH, approach=Approach.OUT_OF_PLANE)}, "out of plane"),
        ({"wish": replace(WISH, needle_length_mm=5.0)}, "clear"),
    ],
)
def test_where_there_is_none_it_is_said_why(change: dict[str, object], why: str) -> None:
    fan = found(nerve(), **change)  # type: ignore[arg-type]
    assert fan.paths == ()
    assert why in fan.why_none


def test_nothing_is_offered_while_a_marked_structure_is_not_followed() -> None:
    lost = replace(vessel(100.0, 100.0), track=StructureTrack.LOST, outline_px=())
    assert found(nerve(), lost).why_none == "no paths: artery not followed"
    coasting = replace(vessel(100.0, 100.0), track=StructureTrack.COASTING)
    assert found(nerve(), coasting).paths == ()
    assert found(vessel(300.0, 300.0)).why_none == "no paths: nothing is marked as a target"


points = st.tuples(st.floats(-50, 50), st.floats(-50, 50))


@settings(max_examples=200, deadline=None)
@given(points, points, st.floats(3, 20), st.floats(3, 20), st.booleans())
def test_distances_of_pieces_against_samples(start: Point, stop: Point, a: float, b: float, is_closed: bool) -> None:
    shape = as_array(box_outline(-a, -b, 2 * a, 2 * b, corners=16))
    along = np.array(start) + np.linspace(0, 1, 2001)[:, None] * (np.array(stop) - np.array(start))
    exact = segment_distances(np.array([start]), np.array([stop]), shape, is_closed=is_closed)[0]
    slow = outline_distance(along, shape) if is_closed else line_distance(along, shape)
    step = math.dist(start, stop) / 2000
    assert exact == pytest.approx(max(0.0, float(slow.min())), abs=step + 1e-6)


def test_impossible_wishes_cannot_be_made() -> None:
    with pytest.raises(GeometryError, match="needle_length_mm"):
        PathWish(Approach.UNKNOWN, 0.0, 2.0, 5.0)
