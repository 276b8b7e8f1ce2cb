"""Outlines as the overlay needs them: inside or out, where a path meets one, and lines drawn along one."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rtguide.model.points import Point, Points, as_array

__all__ = ["Outline", "barbs", "first_crossing", "grown", "is_inside"]


@dataclass(frozen=True, slots=True)
class Outline:
    """A line in image pixels; closed ones join their last point to the first."""

    points_px: Points
    is_closed: bool

    def segments(self) -> list[tuple[Point, Point]]:
        """The straight pieces."""
        pieces = list(zip(self.points_px, self.points_px[1:], strict=False))
        return [*pieces, (self.points_px[-1], self.points_px[0])] if self.is_closed else pieces


def is_inside(point: Point, outline: Outline) -> bool:
    """Whether a point lies inside a closed outline, by counting crossings to its right."""
    if not outline.is_closed:
        return False
    x, y = point
    inside = False
    for (x0, y0), (x1, y1) in outline.segments():
        if (y0 > y) != (y1 > y) and x < x0 + (y - y0) / (y1 - y0) * (x1 - x0):
            inside = not inside
    return inside


def first_crossing(origin: Point, along: Point, outlines: Sequence[Outline]) -> float | None:
    """Distance at which a ray (unit vector `along`) first meets an outline; None where it meets none."""
    nearest: float | None = None
    for outline in outlines:
        starts = as_array(outline.points_px)
        stops = np.roll(starts, -1, axis=0)
        if not outline.is_closed:
            starts, stops = starts[:-1], stops[:-1]
        dx, dy = (stops - starts).T
        ox, oy = (starts - np.array(origin)).T
        cross = along[0] * dy - along[1] * dx
        cross[np.abs(cross) < 1e-12] = np.nan
        distance, share = (ox * dy - oy * dx) / cross, (ox * along[1] - oy * along[0]) / cross
        met = distance[(share >= 0) & (share <= 1) & (distance > 0)]
        if len(met) and (nearest is None or met.min() < nearest):
            nearest = float(met.min())
    return nearest


def grown(points: Points, by_px: float) -> Points:
    """A closed outline moved outward along its corners' normals."""
    return tuple((x + nx * by_px, y + ny * by_px) for (x, y), (nx, ny) in zip(points, _normals(points), strict=True))


def barbs(outline: Outline, step_px: float, length_px: float) -> list[tuple[Point, Point]]:
    """Short lines that stand on an outline, outward on a closed one, toward the probe (up) on an open one."""
    turn = _turn(outline.points_px) if outline.is_closed else 0.0
    out: list[tuple[Point, Point]] = []
    carried = step_px / 2
    for (x0, y0), (x1, y1) in outline.segments():
        length = math.hypot(x1 - x0, y1 - y0)
        if length == 0:
            continue
        nx, ny = (y1 - y0) / length, -(x1 - x0) / length
        if (turn < 0) if outline.is_closed else (ny > 0):
            nx, ny = -nx, -ny
        while carried <= length:
            x, y = x0 + (x1 - x0) * carried / length, y0 + (y1 - y0) * carried / length
            out.append(((x, y), (x + nx * length_px, y + ny * length_px)))
            carried += step_px
        carried -= length
    return out


def _turn(points: Points) -> float:
    """Twice the signed area: positive when the corners go clockwise on screen (y down)."""
    return sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in zip(points, (*points[1:], points[0]), strict=True))


def _normals(points: Points) -> list[Point]:
    """Unit vectors that point outward at the corners of a closed outline."""
    sign = 1.0 if _turn(points) >= 0 else -1.0
    out: list[Point] = []
    for before, after in zip((points[-1], *points[:-1]), (*points[1:], points[0]), strict=True):
        dx, dy = after[0] - before[0], after[1] - before[1]
        length = math.hypot(dx, dy) or 1.0
        out.append((sign * dy / length, -sign * dx / length))
    return out
