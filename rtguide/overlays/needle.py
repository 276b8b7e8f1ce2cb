"""The needle: its shaft, its tip by state, and where its path leads."""

import math
from collections.abc import Sequence

import numpy as np

from rtguide.model.geometry import ImageGeometry
from rtguide.model.needle import NeedleMode, NeedleState, NeedleTrack, Tip, TipState
from rtguide.model.points import Point, Points
from rtguide.overlays.ink import Ink
from rtguide.overlays.outlines import Outline, first_crossing, is_inside
from rtguide.overlays.shapes import Bracket, Dash, Ellipse, Polyline, Segments, Shape, Tone

__all__ = ["TIP_CLEAR_UNITS", "other_needle_shapes", "path_shapes", "shaft_shapes", "tip_radius_px", "tip_shapes"]

RADIUS_95 = math.sqrt(-2 * math.log(1 - 0.95))
RADIUS_68 = math.sqrt(-2 * math.log(1 - 0.68))
"""Radii, in standard deviations, of the circles that hold 95 % and 68 % of a two-dimensional normal distribution."""

CONE_HALF_ANGLE_RAD = math.radians(2.3)
"""How far the path may turn from the tangent: the 95 % point of a normal error whose median is the 0.8° that Gillies et
al. (2020) report for the shaft's angle on clinical images (0.8 / 0.674 × 1.96)."""

TICK_MM = 5.0
TIP_CLEAR_UNITS = 9.0
"""Nothing is drawn nearer to the tip than this, even where its 95 % region is smaller."""

_MIN_PATH_UNITS = 20.0
_MIN_TICK_UNITS = 7.0


def shaft_shapes(needle: NeedleState, ink: Ink) -> tuple[Shape, ...]:
    """The visible shaft, ending short of the tip; dashed while the track is only carried on."""
    if not _is_drawn(needle):
        return ()
    gap = ink.size(4.0)
    if needle.tip.px is not None:
        gap += tip_radius_px(needle.tip, ink)
    shaft = shortened(needle.curve_px, gap)
    dash = Dash.DASHED if needle.track is NeedleTrack.COASTING else Dash.SOLID
    return (Polyline(shaft, ink.stroke(Tone.NEEDLE, 4.0, dash)),) if len(shaft) > 1 else ()


def other_needle_shapes(needle: NeedleState, ink: Ink) -> tuple[Shape, ...]:
    """A needle that is not the guided one: its shaft alone, thin."""
    return (Polyline(needle.curve_px, ink.stroke(Tone.MUTED, 2.0)),) if _is_drawn(needle) else ()


def tip_shapes(needle: NeedleState, ink: Ink) -> tuple[Shape, ...]:
    """The tip as its state allows.

    Seen: its 95 % region, solid, with a wing at each side. Predicted: the region dashed, no wings. Hidden: an open
    bracket at the end of the visible shaft. Out of plane: a diamond around the cross-section, which is not the tip, and
    the tip itself, its wings level, only in the moment in which it is seen.
    """
    shapes: list[Shape] = []
    if needle.section_px is not None and not needle.tip.is_seen:
        shapes.append(_diamond(needle.section_px, ink))
    tip, direction = needle.tip, needle.direction_rad
    if direction is None and needle.mode is NeedleMode.OUT_OF_PLANE:
        direction = -math.pi / 2
    if tip.px is not None:
        dash = Dash.SOLID if tip.is_seen else Dash.DASHED
        radii, angle = _region(tip)
        shapes.append(Ellipse(tip.px, radii, angle, ink.stroke(Tone.NEEDLE, 3.5, dash)))
        if tip.is_seen and direction is not None:
            shapes.append(_wings(tip.px, direction, tip_radius_px(tip, ink), ink))
    elif tip.state is TipState.HIDDEN and _is_drawn(needle) and direction is not None:
        shapes.append(Bracket(needle.curve_px[-1], direction, ink.size(56.0), ink.stroke(Tone.NEEDLE, 5.0)))
    return tuple(shapes)


def path_shapes(
    needle: NeedleState, geometry: ImageGeometry, outlines: Sequence[Outline], ink: Ink
) -> tuple[Shape, ...]:
    """Where the tip goes if it is pushed on: the tangent, a widening cone, and 5 mm ticks where the scale is verified.

    Only for a seen tip, and not out of plane: the way does not lie in the picture. The path ends at the first outline
    it meets, or where the picture ends.
    """
    tip, direction = needle.tip, needle.direction_rad
    if needle.mode is NeedleMode.OUT_OF_PLANE:
        return ()
    if not tip.is_seen or tip.px is None or direction is None or any(is_inside(tip.px, o) for o in outlines):
        return ()
    along = (math.cos(direction), math.sin(direction))
    start = tip_radius_px(tip, ink) + ink.size(8.0)
    stop = _reach(tip.px, along, geometry)
    crossing = first_crossing(tip.px, along, outlines)
    if crossing is not None:
        stop = min(stop, crossing - ink.size(6.0))
    if stop - start < ink.size(_MIN_PATH_UNITS):
        return ()
    line = Polyline(
        (_at(tip.px, along, start, 0), _at(tip.px, along, stop, 0)), ink.stroke(Tone.PATH, 3.5, Dash.DOTTED)
    )
    cone = _cone(tip, along, (start, stop), ink)
    cone = [edge for whole in cone if (edge := _outside(whole, outlines, ink)) is not None]
    return (*cone, line, *_ticks(tip.px, along, (start, stop), (geometry, ink)))


def tip_radius_px(tip: Tip, ink: Ink) -> float:
    """Radius around the tip that is kept clear of everything but its region."""
    return max(*_region(tip)[0], ink.size(TIP_CLEAR_UNITS))


def shortened(points: Points, gap_px: float) -> Points:
    """A polyline without its last `gap_px`; empty when nothing is left."""
    kept = list(points)
    while len(kept) > 1:
        (x0, y0), (x1, y1) = kept[-2], kept[-1]
        length = math.hypot(x1 - x0, y1 - y0)
        if length > gap_px:
            share = (length - gap_px) / length
            return (*kept[:-1], (x0 + (x1 - x0) * share, y0 + (y1 - y0) * share))
        gap_px -= length
        kept.pop()
    return ()


def _is_drawn(needle: NeedleState) -> bool:
    return bool(needle.curve_px) and needle.track in (NeedleTrack.LOCKED, NeedleTrack.COASTING)


def _region(tip: Tip) -> tuple[tuple[float, float], float]:
    """((radius, radius), angle) of the tip's 95 % region."""
    if tip.covariance_px2 is None:
        radius = max(tip.sigma_px or 0.0, 1e-3) * RADIUS_95 / RADIUS_68
        return (radius, radius), 0.0
    xx, xy, yy = tip.covariance_px2
    mean, half = (xx + yy) / 2, math.hypot((xx - yy) / 2, xy)
    radii = (RADIUS_95 * math.sqrt(max(mean + half, 1e-6)), RADIUS_95 * math.sqrt(max(mean - half, 1e-6)))
    return radii, 0.5 * math.atan2(2 * xy, xx - yy)


def _at(origin: Point, along: Point, forward_px: float, aside_px: float) -> Point:
    return (
        origin[0] + forward_px * along[0] - aside_px * along[1],
        origin[1] + forward_px * along[1] + aside_px * along[0],
    )


def _wings(tip_px: Point, direction_rad: float, radius_px: float, ink: Ink) -> Segments:
    along = (math.cos(direction_rad), math.sin(direction_rad))
    inner, outer = radius_px + ink.size(6.0), radius_px + ink.size(28.0)
    stroke = ink.stroke(Tone.NEEDLE, 4.0)
    wings = tuple((_at(tip_px, along, 0, side * inner), _at(tip_px, along, 0, side * outer)) for side in (-1, 1))
    return Segments(wings, stroke)


def _diamond(centre_px: Point, ink: Ink) -> Polyline:
    reach = ink.size(18.0)
    x, y = centre_px
    corners = ((x + reach, y), (x, y + reach), (x - reach, y), (x, y - reach))
    return Polyline(corners, ink.stroke(Tone.NEEDLE, 3.5), is_closed=True)


def _reach(origin: Point, along: Point, geometry: ImageGeometry) -> float:
    """How far the picture goes on from a point, to within half a pixel in two hundred."""
    height, width = geometry.shape_px
    steps = np.linspace(0.0, math.hypot(width, height), 400)
    inside = geometry.region.contains(np.array(origin) + steps[:, None] * np.array(along))
    outside = np.flatnonzero(~inside)
    return float(steps[outside[0] - 1]) if len(outside) and outside[0] > 0 else 0.0


def _cone(tip: Tip, along: Point, span_px: tuple[float, float], ink: Ink) -> list[Polyline]:
    """Two lines that hold the path: the tip's 95 % region across the path, widened by the shaft's angular error."""
    assert tip.px is not None
    if tip.covariance_px2 is None:
        across = _region(tip)[0][0]
    else:
        xx, xy, yy = tip.covariance_px2
        across = RADIUS_95 * math.sqrt(max(xx * along[1] ** 2 - 2 * xy * along[0] * along[1] + yy * along[0] ** 2, 0.0))
    near, far = (across + distance * math.tan(CONE_HALF_ANGLE_RAD) for distance in span_px)
    corners = [_at(tip.px, along, span_px[0], near), _at(tip.px, along, span_px[1], far)]
    others = [_at(tip.px, along, span_px[0], -near), _at(tip.px, along, span_px[1], -far)]
    stroke = ink.stroke(Tone.PATH, 2.0)
    return [Polyline(tuple(corners), stroke), Polyline(tuple(others), stroke)]


def _outside(edge: Polyline, outlines: Sequence[Outline], ink: Ink) -> Polyline | None:
    """An edge of the cone up to the first outline it meets."""
    (x0, y0), (x1, y1) = edge.points_px
    length = math.hypot(x1 - x0, y1 - y0)
    along = ((x1 - x0) / length, (y1 - y0) / length)
    crossing = first_crossing((x0, y0), along, outlines)
    if crossing is None or crossing >= length:
        return edge
    stop = crossing - ink.size(6.0)
    return Polyline(((x0, y0), _at((x0, y0), along, stop, 0)), edge.stroke) if stop > 0 else None


def _ticks(origin: Point, along: Point, span_px: tuple[float, float], how: tuple[ImageGeometry, Ink]) -> list[Shape]:
    """A tick every 5 mm of path from the tip, every second one longer; none without a verified scale."""
    geometry, ink = how
    mm_per_px = geometry.length_mm((0.0, 0.0), along)
    if mm_per_px is None:
        return []
    step_px, every = TICK_MM / mm_per_px, 1
    if step_px < ink.size(_MIN_TICK_UNITS):
        step_px, every = 2 * step_px, 2
    ticks: list[tuple[Point, Point]] = []
    for number in range(1, math.floor(span_px[1] / step_px) + 1):
        if number * step_px < span_px[0]:
            continue
        half = ink.size(16.0 if (number * every) % 2 == 0 else 9.0)
        ticks.append((_at(origin, along, number * step_px, -half), _at(origin, along, number * step_px, half)))
    return [Segments(tuple(ticks), ink.stroke(Tone.PATH, 3.0))] if ticks else []
