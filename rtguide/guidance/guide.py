"""Needle, structures and plan of one frame → what is said about them. Pure: the same values give the same words.

Every figure is null unless the tip is seen in this frame and the structure it refers to is tracked in it. Pixels and
millimetres are measured separately, so that pixels that are not square are no special case; millimetres are null unless
the scale is verified.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtguide.guidance.distances import (
    ellipse_points,
    keep_away_distance,
    lateral_offset,
    line_distance,
    outline_distance,
)
from rtguide.model.geometry import ImageGeometry
from rtguide.model.guidance import Alarm, AlarmPriority, Guidance
from rtguide.model.limits import AlarmLimits
from rtguide.model.needle import NeedleMode, NeedleState, NeedleTrack, Tip, TipState
from rtguide.model.plan import Plan
from rtguide.model.points import as_array
from rtguide.model.scene import Tracking
from rtguide.model.structure import Role, StructureKind, StructureState, StructureTrack, Tissue

__all__ = ["guide"]

R68_SQUARED = 2.0 * math.log(1.0 / 0.32)
"""Squared radius, in sigmas, that holds 68 % of a round two-dimensional normal distribution."""

ON_PATH_MM = 0.05
"""A miss that would be worded as 0.0 mm is none (an aim is a point: no path runs through it exactly)."""

_LIMITS = AlarmLimits()

SECTION_SEEN, SECTION_HIDDEN = "cross-section seen, tip or shaft", "cross-section not visible"
"""Out of plane nobody knows what it is that crosses."""

PATH_STEP_MM = 0.25
"""Between two places at which the path is looked at: well under the smallest vessel worth marking."""


@dataclass(frozen=True, slots=True)
class _Ruler:
    """Measures in one unit: pixels, or millimetres when scale is the spacing."""

    scale: NDArray[np.float64]
    face: NDArray[np.float64]

    def distance(self, points_px: NDArray[np.float64], structure: StructureState) -> NDArray[np.float64]:
        """Signed distances (n,) of image points (n, 2) to a structure."""
        points, shape = points_px * self.scale, as_array(structure.outline_px) * self.scale
        match structure.kind:
            case StructureKind.STRUCTURE:
                return outline_distance(points, shape)
            case StructureKind.LINE if structure.role is Role.AVOID:
                return keep_away_distance(points, shape, self.face)
        return line_distance(points, shape)

    def offset(self, tip_px: NDArray[np.float64], angle_rad: float, structure: StructureState) -> float | None:
        """Signed lateral offset of a structure from the projected path."""
        direction = np.array([math.cos(angle_rad), math.sin(angle_rad)]) * self.scale
        shape = as_array(structure.outline_px) * self.scale
        is_closed = structure.kind is StructureKind.STRUCTURE
        return lateral_offset(tip_px * self.scale, direction, shape, is_closed=is_closed)


def guide(tracking: Tracking, plan: Plan, geometry: ImageGeometry, limits: AlarmLimits = _LIMITS) -> Guidance:
    """What can be said in this frame. Its alarms are what is so now; `AlarmWatch` says which stand."""
    needle = tracking.needle
    is_there = needle.track in (NeedleTrack.LOCKED, NeedleTrack.COASTING)
    unfollowed = _unfollowed_alarms(tracking.structures, is_needle_in=is_there)
    if needle.mode is NeedleMode.OUT_OF_PLANE and not needle.tip.is_seen:
        return _across(tracking, plan, geometry, unfollowed)
    if not needle.tip.is_seen or needle.tip.px is None:
        is_hiding = needle.tip.state in (TipState.HIDDEN, TipState.PREDICTED)
        return Guidance(advice="tip not visible" if is_there or is_hiding else "", alarms=unfollowed)
    tip = np.array(needle.tip.px, np.float64)
    face = np.array(geometry.region.face_px(), np.float64)
    pixels = _Ruler(np.ones(2), face)
    spacing = geometry.spacing_mm if geometry.is_verified else None
    millimetres = None if spacing is None else _Ruler(np.array(spacing), face * spacing)

    target = _target(tracking.structures, plan)
    followed = [s for s in tracking.structures if s.track is StructureTrack.TRACKED]
    region = _tip_region(needle.tip)
    avoid = _nearest_avoid(region, followed, millimetres or pixels)
    edge_px = float(pixels.distance(region, avoid).min()) if avoid else None
    direction = needle.direction_rad
    off_px = pixels.offset(tip, direction, target) if target and direction is not None else None
    off_mm = millimetres.offset(tip, direction, target) if millimetres and target and direction is not None else None
    inside = [s for s in followed if _must_not_enter(s) and float(pixels.distance(tip[None], s)[0]) < 0]
    near = [avoid] if avoid and avoid not in inside and edge_px is not None and edge_px < 0 else []
    ahead: list[tuple[float, StructureState]] = []
    if millimetres is not None and direction is not None:
        clear = [s for s in followed if s.role is Role.AVOID and s not in inside and s not in near]
        ahead = _on_path(tip, direction, (clear, limits.overshoot_mm), millimetres)
    return Guidance(
        tip_to_target_px=float(pixels.distance(tip[None], target)[0]) if target else None,
        tip_to_target_mm=float(millimetres.distance(tip[None], target)[0]) if millimetres and target else None,
        off_axis_px=off_px,
        off_axis_mm=off_mm,
        nearest_avoid_px=edge_px,
        nearest_avoid_mm=float(millimetres.distance(region, avoid).min()) if millimetres and avoid else None,
        nearest_avoid_name=avoid.name if avoid else None,
        angle_rad=_face_angle(needle, spacing),
        advice="hold" if inside else _path_words(off_px, off_mm, direction),
        alarms=(*_tip_alarms(inside, near), *_path_alarms(ahead), *unfollowed),
    )


def _across(tracking: Tracking, plan: Plan, geometry: ImageGeometry, unfollowed: tuple[Alarm, ...]) -> Guidance:
    """Of a needle that crosses the plane: how far its cross-section is from the target, never what a tip would be."""
    needle = tracking.needle
    if needle.section_px is None:
        is_there = needle.track in (NeedleTrack.LOCKED, NeedleTrack.COASTING)
        return Guidance(advice=SECTION_HIDDEN if is_there else "", alarms=unfollowed)
    at, face = np.array([needle.section_px], np.float64), np.array(geometry.region.face_px(), np.float64)
    pixels = _Ruler(np.ones(2), face)
    spacing = geometry.spacing_mm if geometry.is_verified else None
    target = _target(tracking.structures, plan)
    followed = [s for s in tracking.structures if s.track is StructureTrack.TRACKED]
    inside = [s for s in followed if _must_not_enter(s) and float(pixels.distance(at, s)[0]) < 0]
    millimetres = None if spacing is None else _Ruler(np.array(spacing), face * spacing)
    return Guidance(
        section_to_target_px=float(pixels.distance(at, target)[0]) if target else None,
        section_to_target_mm=float(millimetres.distance(at, target)[0]) if millimetres and target else None,
        advice="hold" if inside else SECTION_SEEN,
        alarms=(*_section_alarms(inside), *unfollowed),
    )


def _section_alarms(inside: Sequence[StructureState]) -> tuple[Alarm, ...]:
    """Tip or shaft, a needle goes through what it must not enter."""
    return tuple(
        Alarm(
            "needle-crosses",
            AlarmPriority.HIGH,
            f"needle beyond {s.name}" if s.kind is StructureKind.LINE else f"needle inside {s.name}",
            s.name,
        )
        for s in inside
    )


def _target(structures: Sequence[StructureState], plan: Plan) -> StructureState | None:
    """The aim, else the first structure to be reached; None when that one is not tracked."""
    if plan.aim is not None:
        chosen = next((s for s in structures if s.name == plan.aim), None)
    else:
        chosen = next((s for s in structures if s.role in (Role.TARGET, Role.BOTH)), None)
    return chosen if chosen is not None and chosen.track is StructureTrack.TRACKED else None


def _must_not_enter(structure: StructureState) -> bool:
    """Whether the tip inside (or beyond) it is an alarm: keep-outs, and nerves whatever they are marked as."""
    if structure.kind is StructureKind.LINE:
        return structure.role is Role.AVOID
    is_nerve = structure.tissue is Tissue.NERVE
    return structure.kind is StructureKind.STRUCTURE and (structure.role is not Role.TARGET or is_nerve)


def _tip_region(tip: Tip) -> NDArray[np.float64]:
    """Points (n, 2) on the border of the seen tip's 95 % region, and its centre."""
    assert tip.px is not None
    assert tip.sigma_px is not None
    round_px2 = tip.sigma_px**2 / R68_SQUARED
    xx, xy, yy = tip.covariance_px2 or (round_px2, 0.0, round_px2)
    return ellipse_points(np.array(tip.px), np.array([[xx, xy], [xy, yy]]))


def _nearest_avoid(
    region_px: NDArray[np.float64], followed: Sequence[StructureState], ruler: _Ruler
) -> StructureState | None:
    keep_outs = [s for s in followed if s.role is Role.AVOID]
    if len(keep_outs) < 2:
        return keep_outs[0] if keep_outs else None
    return min(keep_outs, key=lambda s: float(ruler.distance(region_px, s).min()))


def _face_angle(needle: NeedleState, spacing: tuple[float, float] | None) -> float | None:
    """The shaft's angle to the probe's face, 0 to π/2; with pixels taken as square where the scale is not known."""
    if needle.direction_rad is None:
        return None
    sx, sy = spacing or (1.0, 1.0)
    return math.atan2(abs(math.sin(needle.direction_rad)) * sy, abs(math.cos(needle.direction_rad)) * sx)


def _path_words(off_px: float | None, off_mm: float | None, direction_rad: float | None) -> str:
    """`on path`, or where the projected path passes the target: deep, shallow, left or right of it, as drawn."""
    if off_px is None or direction_rad is None:
        return ""
    if off_px == 0.0 or (off_mm is not None and abs(off_mm) < ON_PATH_MM):
        return "on path"
    # The target lies off_px to the left of travel; the path passes on the other side of it.
    away_x, away_y = -off_px * math.sin(direction_rad), off_px * math.cos(direction_rad)
    up_down, left_right = "deep" if away_y > 0 else "shallow", "right" if away_x > 0 else "left"
    side = up_down if abs(away_y) >= abs(away_x) else left_right
    return f"path passes {side}, no scale" if off_mm is None else f"path passes {abs(off_mm):.1f} mm {side}"


def _tip_alarms(inside: Sequence[StructureState], near: Sequence[StructureState]) -> tuple[Alarm, ...]:
    entered = tuple(
        Alarm("tip-beyond", AlarmPriority.HIGH, f"tip beyond {s.name}", s.name)
        if s.kind is StructureKind.LINE
        else Alarm("tip-inside", AlarmPriority.HIGH, f"tip inside {s.name}", s.name)
        for s in inside
    )
    where = {s.name: "beyond" if s.kind is StructureKind.LINE else "in" for s in near}
    return (*entered, *(Alarm("tip-near", AlarmPriority.MEDIUM, f"tip may be {w} {n}", n) for n, w in where.items()))


def _on_path(
    tip_px: NDArray[np.float64], direction_rad: float, what: tuple[Sequence[StructureState], float], ruler: _Ruler
) -> list[tuple[float, StructureState]]:
    """The keep-outs that the projected path enters within a margin, the nearest first, with the way to each in mm.

    what: the keep-outs, and the margin in mm.
    """
    keep_outs, margin_mm = what
    ray_mm = np.array([math.cos(direction_rad), math.sin(direction_rad)]) * ruler.scale
    ways_mm = np.arange(PATH_STEP_MM, margin_mm + PATH_STEP_MM / 2, PATH_STEP_MM)
    points_px = tip_px + ways_mm[:, None] * (ray_mm / np.hypot(*ray_mm)) / ruler.scale
    met: list[tuple[float, StructureState]] = []
    for structure in keep_outs:
        is_inside = ruler.distance(points_px, structure) < 0
        if is_inside.any():
            met.append((float(ways_mm[int(is_inside.argmax())]), structure))
    return sorted(met, key=lambda one: one[0])


def _path_alarms(ahead: Sequence[tuple[float, StructureState]]) -> tuple[Alarm, ...]:
    return tuple(
        Alarm("path-meets", AlarmPriority.MEDIUM, f"path meets {s.name} in {way_mm:.0f} mm", s.name)
        for way_mm, s in ahead
    )


def _unfollowed_alarms(structures: Sequence[StructureState], *, is_needle_in: bool) -> tuple[Alarm, ...]:
    """With a needle in, whatever is lost is said; without one, only keep-outs and nerves, and less loudly."""
    priority = AlarmPriority.MEDIUM if is_needle_in else AlarmPriority.LOW
    return tuple(
        Alarm("not-followed", priority, f"{s.name} is lost: not watched", s.name)
        for s in structures
        if s.track is StructureTrack.LOST and (is_needle_in or _must_not_enter(s))
    )
