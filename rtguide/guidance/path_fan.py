"""Which straight paths are clear: pure geometry in millimetres of the picture's plane, anew for every frame.

A path starts at the skin beside the probe, ends in a target or beside a nerve, is no longer than the needle, and keeps
its distance from everything marked. What nobody marked, and what lies outside the slice, it knows nothing of.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtguide.guidance.distances import keep_away_distance
from rtguide.guidance.segments import along_line, segment_distances
from rtguide.model.geometry import FanRegion, ImageGeometry
from rtguide.model.paths import PathFan, PathWish, StraightPath
from rtguide.model.plan import Approach, Plan
from rtguide.model.points import Point, as_array
from rtguide.model.structure import Role, StructureKind, StructureState, StructureTrack, Tissue

__all__ = ["ANGLES_DEG", "find_paths"]

ANGLES_DEG = tuple(float(angle) for angle in range(10, 80, 5))
"""Flatter than 10° a needle runs in the skin for long; steeper than 75° hardly an echo is left of it. In steps of 5°,
about as exactly as a hand holds a needle. Our own judgement."""

_GOALS_AROUND, _GOALS_ALONG = 24, 9
_BESIDE = 1.02
"""Goals lie a hair farther from a nerve than a path has to keep."""
_STEP_MM = 1.0
_FACE_MM = 0.5
"""So far a path may dip into a curved face: its outline is not known better."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Ways:
    """Candidates, k of them. is_left: bool (k,) · angle_rad: (k,) · entry, goal: (k, 2) mm."""

    is_left: NDArray[np.bool_]
    angle_rad: Floats
    entry: Floats
    goal: Floats

    def kept(self, which: NDArray[np.bool_] | NDArray[np.intp]) -> "_Ways":
        return _Ways(self.is_left[which], self.angle_rad[which], self.entry[which], self.goal[which])

    @property
    def length(self) -> Floats:
        length: Floats = np.hypot(*(self.goal - self.entry).T)
        return length


def find_paths(structures: Sequence[StructureState], plan: Plan, geometry: ImageGeometry, wish: PathWish) -> PathFan:
    """The fan of this frame: from each side and at each angle the shortest path that is clear of what is marked.

    There is none without a verified scale, and none while anything marked is not followed in this very frame.
    """
    why = _why_not(structures, geometry, wish)
    if why:
        return PathFan(why_none=why)
    assert geometry.spacing_mm is not None
    scale = np.array(geometry.spacing_mm)
    goals = _goals(structures, plan, scale, wish.clearance_mm)
    if not len(goals):
        return PathFan(why_none="no paths: nothing is marked as a target")
    goals = goals[geometry.region.contains(goals / scale)]
    ways = _candidates(goals, _face_ends(geometry, scale), wish.approach)
    ways = ways.kept((ways.length <= wish.needle_length_mm) & ~_through_probe(ways, geometry, scale))
    clearance = _clearance(ways, [s for s in structures if _is_kept_clear_of(s)], geometry, wish)
    is_clear = clearance >= wish.clearance_mm
    ways, clearance = ways.kept(is_clear), clearance[is_clear]
    paths: dict[tuple[bool, float], StraightPath] = {}
    for k in np.argsort(ways.length, kind="stable").tolist():
        angle_deg = round(math.degrees(float(ways.angle_rad[k])), 6)
        ends = [_as_point(point[k] / scale) for point in (ways.entry, ways.goal)]
        path = StraightPath(
            bool(ways.is_left[k]), angle_deg, ends[0], ends[1], float(ways.length[k]), float(clearance[k])
        )
        paths.setdefault(path.key, path)
    ordered = sorted(paths.values(), key=lambda path: (not path.is_from_left, path.angle_deg))
    return PathFan(tuple(ordered), "" if ordered else "no straight path is clear of what is marked")


def _why_not(structures: Sequence[StructureState], geometry: ImageGeometry, wish: PathWish) -> str:
    if not geometry.is_verified:
        return "no paths without a verified scale"
    if wish.approach is Approach.OUT_OF_PLANE:
        return "no paths out of plane: they do not lie in the picture"
    unseen = [s.name for s in structures if s.track is not StructureTrack.TRACKED]
    return f"no paths: {', '.join(unseen)} not followed" if unseen else ""


def _is_kept_clear_of(structure: StructureState) -> bool:
    """Keep-outs, and nerves whatever they are marked as; a target is where a path ends, a plane may be crossed."""
    if structure.role is Role.AVOID:
        return True
    is_nerve = structure.tissue is Tissue.NERVE or structure.role is Role.BOTH
    return structure.kind is StructureKind.STRUCTURE and is_nerve


def _goals(structures: Sequence[StructureState], plan: Plan, scale: Floats, beside_mm: float) -> Floats:
    """Where a path may end, (n, 2) in mm: the aim, else in the first target, or around it where it is a nerve."""
    if plan.aim is not None:
        target = next((s for s in structures if s.name == plan.aim), None)
    else:
        target = next((s for s in structures if s.role in (Role.TARGET, Role.BOTH)), None)
    if target is None:
        return np.zeros((0, 2))
    shape = as_array(target.outline_px) * scale
    if target.kind is StructureKind.STRUCTURE and _is_kept_clear_of(target):
        return _around(shape, _BESIDE * beside_mm)
    if target.kind in (StructureKind.PLANE, StructureKind.LINE):
        return along_line(shape, _GOALS_ALONG)
    middle: Floats = shape.mean(axis=0)[None]
    return middle


def _around(outline: Floats, by_mm: float) -> Floats:
    """Points beside a closed outline, so far from it where it is convex."""
    points = along_line(np.vstack([outline, outline[:1]]), _GOALS_AROUND + 1)[:-1]
    tangent = np.roll(points, -1, axis=0) - np.roll(points, 1, axis=0)
    normal = np.column_stack([tangent[:, 1], -tangent[:, 0]])
    normal = normal / np.maximum(np.hypot(*normal.T), 1e-9)[:, None]
    x, y = outline.T
    turn = float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))
    beside: Floats = points + normal * math.copysign(by_mm, turn)
    return beside


def _face_ends(geometry: ImageGeometry, scale: Floats) -> tuple[Floats, Floats]:
    """Left and right end of the probe's face, mm; the skin is taken to go straight on beside it."""
    region = geometry.region
    if isinstance(region, FanRegion):
        apex, radius = np.array(region.apex_px), region.inner_px
        left, right = (
            (apex + radius * np.array([math.sin(a), math.cos(a)])) * scale for a in (region.start_rad, region.stop_rad)
        )
        return left, right
    corners: Floats = np.array([[region.x, region.y], [region.x + region.width, region.y]]) * scale
    return corners[0], corners[1]


def _candidates(goals: Floats, ends: tuple[Floats, Floats], approach: Approach) -> _Ways:
    """Every goal from every side and angle that enters beside the probe."""
    sides = {Approach.IN_PLANE_LEFT: (True,), Approach.IN_PLANE_RIGHT: (False,)}.get(approach, (True, False))
    is_left, angle, which = (
        part.ravel()
        for part in np.meshgrid(np.array(sides), np.radians(ANGLES_DEG), np.arange(len(goals)), indexing="ij")
    )
    left, right = ends
    along = (right - left) / np.hypot(*(right - left))
    down = np.array([-along[1], along[0]])
    goal = goals[which]
    sign = np.where(is_left, 1.0, -1.0)
    way = (sign * np.cos(angle))[:, None] * along + np.sin(angle)[:, None] * down
    depth = (goal - left) @ down
    entry = goal - way * (depth / np.sin(angle))[:, None]
    outside = np.where(is_left, (left - entry) @ along, (entry - right) @ along)
    return _Ways(is_left, angle, entry, goal).kept((depth > 0) & (outside >= 0))


def _through_probe(ways: _Ways, geometry: ImageGeometry, scale: Floats) -> NDArray[np.bool_]:
    """bool (k,): which would run through a curved face, which bulges below the line through its ends."""
    region = geometry.region
    if not isinstance(region, FanRegion):
        return np.zeros(len(ways.entry), np.bool_)
    apex = np.array(region.apex_px)[None] * scale
    nearest = segment_distances(ways.entry, ways.goal, apex, is_closed=False)
    is_through: NDArray[np.bool_] = nearest < region.inner_px * float(scale.mean()) - _FACE_MM
    return is_through


def _clearance(ways: _Ways, marked: Sequence[StructureState], geometry: ImageGeometry, wish: PathWish) -> Floats:
    """The least distance (k,) from what is marked, from keep-outs also of a stretch beyond the goal; 0 through one."""
    assert geometry.spacing_mm is not None
    scale = np.array(geometry.spacing_mm)
    least = np.full(len(ways.entry), np.inf)
    if not len(least):
        return least
    way = (ways.goal - ways.entry) / ways.length[:, None]
    beyond = ways.goal + way * wish.beyond_mm
    for structure in marked:
        shape = as_array(structure.outline_px) * scale
        stop = beyond if structure.role is Role.AVOID else ways.goal
        is_closed = structure.kind is StructureKind.STRUCTURE
        least = np.minimum(least, segment_distances(ways.entry, stop, shape, is_closed=is_closed))
        if structure.role is Role.AVOID and structure.kind is StructureKind.LINE:
            steps = np.linspace(0.0, 1.0, max(2, math.ceil((wish.needle_length_mm + wish.beyond_mm) / _STEP_MM)))
            points = ways.entry[:, None] + steps[None, :, None] * (stop - ways.entry)[:, None]
            face = np.array(geometry.region.face_px()) * scale
            side = keep_away_distance(points.reshape(-1, 2), shape, face).reshape(len(least), -1)
            least = np.where((side < 0).any(axis=1), 0.0, least)
    return least


def _as_point(array: Floats) -> Point:
    return float(array[0]), float(array[1])
