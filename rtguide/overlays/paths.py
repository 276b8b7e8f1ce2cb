"""The fan of straight paths that are clear of what is marked: thin dotted lines, and a lane for the one picked."""

import math

import numpy as np

from rtguide.model.geometry import ImageGeometry
from rtguide.model.needle import NeedleTrack
from rtguide.model.paths import PathFan, StraightPath
from rtguide.model.points import Point
from rtguide.model.scene import Scene
from rtguide.overlays.freshness import Freshness
from rtguide.overlays.ink import Ink
from rtguide.overlays.needle import tip_radius_px
from rtguide.overlays.shapes import Dash, Ellipse, Polyline, Shape, TextLine, Tone

__all__ = ["fan_lines", "fan_shapes"]

_LANE_UNITS = 14.0
"""Half the width of the lane: the needle's own echo and line lie between its edges."""
_GOAL_UNITS = 14.0
_SMALL_PRINT_UNITS = 24.0


def fan_shapes(fan: PathFan | None, scene: Scene, ink: Ink) -> tuple[Shape, ...]:
    """Every path until there is a needle, then only the one that was picked, as a lane beside which nothing else lies.

    Nothing while the result is old: the tissue is elsewhere by now.
    """
    if fan is None or ink.freshness is not Freshness.FRESH:
        return ()
    chosen, others = fan.chosen, []
    if scene.tracking.needle.track not in (NeedleTrack.LOCKED, NeedleTrack.COASTING):
        others = [_shown(path, scene.geometry) for path in fan.paths if path is not chosen]
    thin = ink.stroke(Tone.MUTED, 2.0 if chosen else 3.5, Dash.DOTTED)
    lane = [] if chosen is None else _lane(chosen, scene, ink)
    return (*(Polyline(ends, thin) for ends in others if ends is not None), *lane)


def fan_lines(fan: PathFan | None, ink: Ink) -> tuple[TextLine, ...]:
    """Small print: how many there are, or why there is none; and what is picked."""
    if fan is None or ink.freshness is not Freshness.FRESH:
        return ()
    size = ink.size(_SMALL_PRINT_UNITS)
    texts = [fan.why_none] if fan.why_none else [f"{len(fan.paths)} straight paths clear of what is marked"]
    if fan.picked is not None:
        side, chosen = "left" if fan.picked[0] else "right", fan.chosen
        text = f"picked: {fan.picked[1]:.0f}° from the {side}"
        texts.append(f"{text}, {chosen.length_mm:.0f} mm from the skin" if chosen else f"{text} – no longer clear")
    return tuple(TextLine(text, size, Tone.TEXT if number else Tone.MUTED) for number, text in enumerate(texts))


def _lane(path: StraightPath, scene: Scene, ink: Ink) -> list[Shape]:
    """Two lines beside the path and a ring where it ends; they leave the tip free."""
    ends = _shown(path, scene.geometry)
    if ends is None:
        return []
    (x0, y0), (x1, y1) = ends
    length = math.hypot(x1 - x0, y1 - y0)
    ring = ink.size(_GOAL_UNITS)
    if length <= 2 * ring:
        return []
    along = ((x1 - x0) / length, (y1 - y0) / length)
    half, stroke = ink.size(_LANE_UNITS), ink.stroke(Tone.STRUCTURE, 4.0, Dash.DOTTED)
    shapes: list[Shape] = []
    for first, last in _free_of_tip((0.0, length - ring), (ends[0], along), scene, ink):
        for side in (-half, half):
            points = tuple(
                (x0 + w * along[0] - side * along[1], y0 + w * along[1] + side * along[0]) for w in (first, last)
            )
            shapes.append(Polyline(points, stroke))
    tip = scene.tracking.needle.tip.px
    if tip is None or math.dist(tip, (x1, y1)) > ring + tip_radius_px(scene.tracking.needle.tip, ink):
        shapes.append(Ellipse((x1, y1), (ring, ring), 0.0, ink.stroke(Tone.STRUCTURE, 3.5)))
    return shapes


def _free_of_tip(
    span_px: tuple[float, float], ray: tuple[Point, Point], scene: Scene, ink: Ink
) -> list[tuple[float, float]]:
    """A stretch along a ray (origin, unit vector) without what lies at the tip."""
    first, last = span_px
    tip = scene.tracking.needle.tip
    if tip.px is None:
        return [span_px]
    (x, y), along = ray
    at = (tip.px[0] - x) * along[0] + (tip.px[1] - y) * along[1]
    aside = abs((tip.px[1] - y) * along[0] - (tip.px[0] - x) * along[1])
    reach = tip_radius_px(tip, ink) + ink.size(34.0)
    if aside - ink.size(_LANE_UNITS) > reach:
        return [span_px]
    pieces = ((first, min(last, at - reach)), (max(first, at + reach), last))
    return [(a, b) for a, b in pieces if b - a > ink.size(8.0)]


def _shown(path: StraightPath, geometry: ImageGeometry) -> tuple[Point, Point] | None:
    """The part of a path that lies in the picture, from where it comes in to its goal."""
    entry, goal = np.array(path.entry_px), np.array(path.goal_px)
    points = entry + np.linspace(0.0, 1.0, 200)[:, None] * (goal - entry)
    outside = np.flatnonzero(~geometry.region.contains(points))
    first = int(outside[-1]) + 1 if len(outside) else 0
    return ((float(points[first][0]), float(points[first][1])), path.goal_px) if first < 199 else None
