"""Signed distances and lateral offsets in a plane. Any unit, as long as it is the same in x and y; y points down."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["ellipse_points", "keep_away_distance", "lateral_offset", "line_distance", "outline_distance"]

CHI2_95 = 5.991
"""95 % point of the chi-squared distribution with two degrees of freedom: squared radius of the 95 % ellipse."""

ELLIPSE_POINTS = 32
"""Points on the border of the tip's 95 % region: the distance is then right within 0.5 % of its radius."""


def line_distance(points: NDArray[np.float64], line: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distance (n,) of points (n, 2) to an open polyline (m, 2); one point is a polyline too."""
    if len(line) == 1:
        return np.asarray(np.hypot(*(points - line[0]).T), np.float64)
    return _segment_distance(points, line[:-1], line[1:])


def outline_distance(points: NDArray[np.float64], outline: NDArray[np.float64]) -> NDArray[np.float64]:
    """Signed distance (n,) of points (n, 2) to a closed outline (m, 2), negative inside (even-odd rule)."""
    start, stop = outline, np.roll(outline, -1, axis=0)
    distance = _segment_distance(points, start, stop)
    return np.where(_crossings(points, start, stop) % 2 == 1, -distance, distance)


def keep_away_distance(
    points: NDArray[np.float64], line: NDArray[np.float64], safe_side: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Signed distance (n,) of points (n, 2) to a line to keep away from, negative beyond it.

    line: open polyline (m, 2) · safe_side: (2,), a point on the near side (the probe's face). A point lies beyond the
    line when the way to it from there crosses the line an odd number of times.
    """
    distance = line_distance(points, line)
    a, b = line[:-1], line[1:]
    to_a = _cross(points[:, None] - safe_side, a[None] - safe_side) > 0
    to_b = _cross(points[:, None] - safe_side, b[None] - safe_side) > 0
    from_point = _cross(b - a, points[:, None] - a[None]) > 0
    from_safe = _cross(b - a, safe_side - a) > 0
    crossed = ((to_a != to_b) & (from_point != from_safe[None])).sum(axis=1)
    return np.where(crossed % 2 == 1, -distance, distance)


def lateral_offset(
    tip: NDArray[np.float64], direction: NDArray[np.float64], shape: NDArray[np.float64], *, is_closed: bool
) -> float | None:
    """How far the ray from the tip passes beside a shape: 0 where it crosses, positive when the shape lies left.

    tip, direction: (2,), direction need not be a unit · shape: corners (m, 2) · Left as drawn, y down: left of a
    needle that travels to the right is up. None when the whole shape lies behind the tip.
    """
    unit = direction / np.hypot(*direction)
    left = np.array([unit[1], -unit[0]])
    along, beside = (shape - tip) @ unit, (shape - tip) @ left
    ahead = along >= 0
    sides = list(beside[ahead])
    last = len(shape) if is_closed and len(shape) > 2 else len(shape) - 1
    for i in range(last):
        j = (i + 1) % len(shape)
        if ahead[i] != ahead[j]:
            share = along[i] / (along[i] - along[j])
            sides.append(beside[i] + share * (beside[j] - beside[i]))
    if not sides:
        return None
    low, high = float(min(sides)), float(max(sides))
    if low <= 0.0 <= high:
        return 0.0
    return low if low > 0 else high


def ellipse_points(centre: NDArray[np.float64], covariance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points (n, 2) on the border of the 95 % region of a normal distribution, and its centre as the last one.

    centre: (2,) · covariance: (2, 2).
    """
    values, vectors = np.linalg.eigh(covariance)
    radii = np.sqrt(CHI2_95 * np.maximum(values, 0.0))
    angle = np.arange(ELLIPSE_POINTS) * (2 * np.pi / ELLIPSE_POINTS)
    circle = np.column_stack([np.cos(angle), np.sin(angle)])
    return np.vstack([centre + (circle * radii) @ vectors.T, centre])


def _segment_distance(
    points: NDArray[np.float64], start: NDArray[np.float64], stop: NDArray[np.float64]
) -> NDArray[np.float64]:
    edge = stop - start
    length2 = np.maximum((edge**2).sum(axis=1), 1e-300)
    offset = points[:, None] - start[None]
    share = np.clip((offset * edge).sum(axis=2) / length2, 0.0, 1.0)
    gap = offset - share[..., None] * edge
    return np.asarray(np.sqrt((gap**2).sum(axis=2)).min(axis=1), np.float64)


def _crossings(points: NDArray[np.float64], start: NDArray[np.float64], stop: NDArray[np.float64]) -> NDArray[np.int_]:
    """How often the way from each point to image right crosses the edges."""
    y, x = points[:, 1, None], points[:, 0, None]
    spans = (start[None, :, 1] > y) != (stop[None, :, 1] > y)
    rise = np.where(start[:, 1] == stop[:, 1], 1.0, stop[:, 1] - start[:, 1])
    at = start[:, 0] + (y - start[:, 1]) * ((stop[:, 0] - start[:, 0]) / rise)
    return np.asarray((spans & (x < at)).sum(axis=1))


def _cross(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0], np.float64)
