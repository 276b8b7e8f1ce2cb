"""The lines of `rtguide track`: one JSON object a frame, a pure function of its scene.

Every key is always there, null where the value is not known. Figures are rounded so that a line stays readable and no
digit is claimed that nothing supports; a half is rounded to the even neighbour, and zero has no sign.
"""

import math
from collections.abc import Iterable
from typing import Any

from rtguide.model.guidance import Alarm, Guidance
from rtguide.model.needle import NeedleState, Tip
from rtguide.model.points import Point
from rtguide.model.scene import Scene
from rtguide.model.structure import Structure, StructureState, StructureTrack
from rtguide.model.tracked_needle import TrackedNeedle, agreement

__all__ = ["track_line"]

PX_DIGITS = 2
"""A hundredth of a pixel: ten times finer than any tracker's error."""

MM_DIGITS = 3
"""A micrometre: what a hundredth of a pixel is at usual scales."""

DEG_DIGITS = 2
CONFIDENCE_DIGITS = 3
TIME_DIGITS = 6
"""A microsecond: the time base of most recordings."""


def track_line(scene: Scene) -> dict[str, Any]:
    """The scene as `rtguide track` writes it.

    frame: number of the frame in its source · time_s: the source's own time where it has one · lengths in image
    pixels, in millimetres only with a verified scale · angles in degrees, y down.
    """
    line = {
        "frame": scene.frame.seq,
        "time_s": _rounded(scene.frame.time_ns / 1e9, TIME_DIGITS),
        "needle": _needle(scene.tracking.needle, scene),
        "other_needles": [_needle(needle, scene) for needle in scene.tracking.other_needles],
        "targets": [_target(state) for state in _in_order(scene)],
        "spread": _spread(scene),
        "spread_sight": scene.tracking.spread_sight.value,
        "guidance": _guidance(scene.guidance),
    }
    if scene.tracked is not None:
        line["tracked_needle"] = _tracked(scene, scene.tracked)
    return line


def _tracked(scene: Scene, tracked: TrackedNeedle) -> dict[str, Any]:
    """Where a tracker has the needle, and how that differs from the one in the picture; only with a tracker."""
    found = agreement(tracked, scene.tracking.needle, scene.geometry)
    return {
        "tip_px": _point(tracked.tip_px, PX_DIGITS),
        "off_plane_mm": _rounded(tracked.off_plane_mm, MM_DIGITS),
        "to_plane_deg": _rounded(math.degrees(tracked.to_plane_rad), DEG_DIGITS),
        "turn_deg": None if found is None else _rounded(math.degrees(found.turn_rad), DEG_DIGITS),
        "line_px": None if found is None else _rounded(found.line_px, PX_DIGITS),
        "line_mm": None if found is None else _rounded(found.line_mm, MM_DIGITS),
        "tip_apart_px": None if found is None else _rounded(found.tip_px, PX_DIGITS),
        "tip_apart_mm": None if found is None else _rounded(found.tip_mm, MM_DIGITS),
    }


def _needle(needle: NeedleState, scene: Scene) -> dict[str, Any]:
    return {
        "state": needle.track.value,
        "mode": needle.mode.value,
        "pass": needle.pass_number,
        "confidence": _rounded(needle.confidence, CONFIDENCE_DIGITS),
        "entry_px": _point(needle.entry_px, PX_DIGITS),
        "direction_deg": _direction_deg(needle),
        "shaft_end_px": _point(needle.shaft_end_px, PX_DIGITS),
        "section_px": _point(needle.section_px, PX_DIGITS),
        "tip": _tip(needle.tip, scene),
    }


def _tip(tip: Tip, scene: Scene) -> dict[str, Any]:
    """The tip; in millimetres (transducer frame) only when it is seen, as every figure that is derived from it."""
    place_mm = scene.geometry.mm_from_px(tip.px) if tip.is_seen and tip.px is not None else None
    return {
        "state": tip.state.value,
        "px": _point(tip.px, PX_DIGITS),
        "mm": _point(place_mm, MM_DIGITS),
        "sigma_px": _rounded(tip.sigma_px, PX_DIGITS),
        "hidden_reason": None if tip.hidden_reason is None else tip.hidden_reason.value,
    }


def _direction_deg(needle: NeedleState) -> float | None:
    """From the entry to the tip, or to the end of the visible shaft where no tip is shown; −180 to 180."""
    end = needle.shaft_end_px if needle.tip.px is None else needle.tip.px
    if needle.entry_px is None or end is None or end == needle.entry_px:
        return None
    dx, dy = end[0] - needle.entry_px[0], end[1] - needle.entry_px[1]
    return _rounded(math.degrees(math.atan2(dy, dx)), DEG_DIGITS)


def _in_order(scene: Scene) -> Iterable[StructureState]:
    """In the order of the plan; one the tracker says nothing of is lost. What was not planned comes last."""
    states = {state.name: state for state in scene.tracking.structures}
    for structure in scene.plan.structures:
        yield states.pop(structure.name) if structure.name in states else _lost(structure)
    yield from states.values()


def _lost(structure: Structure) -> StructureState:
    return StructureState(
        structure.name, structure.kind, structure.tissue, structure.role, StructureTrack.LOST, (), 0.0
    )


def _target(state: StructureState) -> dict[str, Any]:
    box = state.box_px
    return {
        "name": state.name,
        "kind": state.kind.value,
        "tissue": state.tissue.value,
        "role": state.role.value,
        "state": state.track.value,
        "px": _point(state.centre_px, PX_DIGITS),
        "box_px": None if box is None else [_rounded(value, PX_DIGITS) for value in box],
        "confidence": _rounded(state.confidence, CONFIDENCE_DIGITS),
    }


def _spread(scene: Scene) -> dict[str, Any] | None:
    """Fluid that is seen; its area in square millimetres only with a verified scale."""
    spread = scene.tracking.spread
    if spread is None:
        return None
    spacing = scene.geometry.spacing_mm if scene.geometry.is_verified else None
    return {
        "px": _point(spread.centre_px, PX_DIGITS),
        "area_px2": _rounded(spread.area_px2, PX_DIGITS),
        "area_mm2": _rounded(spread.area_mm2(spacing), PX_DIGITS),
        "around": [
            {
                "name": one.name,
                "direction_deg": _rounded(math.degrees(one.direction_rad), DEG_DIGITS),
                "share": _rounded(one.share, CONFIDENCE_DIGITS),
                "swelling": _rounded(one.swelling, CONFIDENCE_DIGITS),
            }
            for one in spread.around
        ],
    }


def _guidance(guidance: Guidance) -> dict[str, Any]:
    return {
        "tip_to_target_px": _rounded(guidance.tip_to_target_px, PX_DIGITS),
        "tip_to_target_mm": _rounded(guidance.tip_to_target_mm, MM_DIGITS),
        "off_axis_px": _rounded(guidance.off_axis_px, PX_DIGITS),
        "off_axis_mm": _rounded(guidance.off_axis_mm, MM_DIGITS),
        "nearest_avoid_px": _rounded(guidance.nearest_avoid_px, PX_DIGITS),
        "nearest_avoid_mm": _rounded(guidance.nearest_avoid_mm, MM_DIGITS),
        "section_to_target_px": _rounded(guidance.section_to_target_px, PX_DIGITS),
        "section_to_target_mm": _rounded(guidance.section_to_target_mm, MM_DIGITS),
        "advice": guidance.advice,
        "alarms": [_alarm(alarm) for alarm in guidance.alarms],
    }


def _alarm(alarm: Alarm) -> dict[str, str]:
    return {"code": alarm.code, "priority": alarm.priority.value, "text": alarm.text}


def _point(point: Point | None, digits: int) -> list[float] | None:
    if point is None:
        return None
    x, y = _rounded(point[0], digits), _rounded(point[1], digits)
    return None if x is None or y is None else [x, y]


def _rounded(value: float | None, digits: int) -> float | None:
    """Rounded; None where it is not known or no number at all."""
    if value is None or not math.isfinite(value):
        return None
    return round(float(value), digits) + 0.0
