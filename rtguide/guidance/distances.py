"""Signed distances and lateral offsets in a plane. Any unit, as long as it is the same in x and y; y points down."""

import numpy as np
from numpy.typing import NDArray

from rtguide.kernels.outline import crossings_from, outline_distances

__all__ = ["ellipse_points", "keep_away_distance", "lateral_offset", "line_distance", "outline_distance"]

CHI2_95 = 5.991
"""95 % point of the chi-squared distribution with two degrees of freedom: squared radius of the 95 % ellipse."""

ELLIPSE_POINTS = 32
"""Points on the border of the tip's 95 % region: the distance is then right within 0.5 % of its radius."""


def line_distance(points: NDArray[np.float64], line: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distance (n,) of points (n, 2) to an open polyline (m, 2); one point is a polyline too."""
    return _distances(points, line, is_closed=False)


def outline_distance(points: NDArray[np.float64], outline: NDArray[np.float64]) -> NDArray[np.float64]:
    """Signed distance (n,) of points (n, 2) to a closed outline (m, 2), negative inside (even-odd rule)."""
    return _distances(points, outline, is_closed=True)


def keep_away_distance(
    points: NDArray[np.float64], line: NDArray[np.float64], safe_side: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Signed distance (n,) of points (n, 2) to a line to keep away from, negative beyond it.

    line: open polyline (m, 2) · safe_side: (2,), a point on the near side (the probe's face). A point lies beyond the
    line when the way to it from there crosses the line an odd number of times.
    """
    distance = line_distance(points, line)
    crossings = np.zeros(len(points), np.int64)
    crossings_from(safe_side, points, line, crossings)
    return np.where(crossings % 2 == 1, -distance, distance)


def lateral_offset(
    tip: NDArray[np.float64], direction: NDArray[np.float64], shape: NDArray[np.float64], *, is_closed: bool
) -> float | None:
    """How far the ray from the tip passes beside a shape: 0 where it crosses, positive when the shape lies left.

    tip, direction: (2,), direction need not be a unit · shape: corners (m, 2) · Left as drawn, y down: left of a
    needle that travels to the right is up. None when the whole shape lies behind the tip.
    """
    unit = direction / np.hypot(*direction)
    left = np.array([unit[1], -unit[0]])
    offset = shape - tip
    along: list[float] = (offset @ unit).tolist()
    beside: list[float] = (offset @ left).tolist()
    ahead = [a >= 0 for a in along]
    sides = [b for b, is_ahead in zip(beside, ahead, strict=True) if is_ahead]
    last = len(shape) if is_closed and len(shape) > 2 else len(shape) - 1
    for i in range(last):
        j = (i + 1) % len(shape)
        if ahead[i] != ahead[j]:
            share = along[i] / (along[i] - along[j])
            sides.append(beside[i] + share * (beside[j] - beside[i]))
    if not sides:
        return None
    low, high = min(sides), max(sides)
    if low <= 0.0 <= high:
        return 0.0
    return low if low > 0 else high


def ellipse_points(centre: NDArray[np.float64], covariance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points (n, 2) on the border of the 95 % region of a normal distribution, and its centre as the last one.

    centre: (2,) · covariance: (2, 2).
    """
    values, vectors = np.linalg.eigh(covariance)
    radii = np.sqrt(CHI2_95 * np.maximum(values, 0.0))
    angle = np.arange(ELLIPSE_POINTS + 1) * (2 * np.pi / ELLIPSE_POINTS)
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    circle[-1] = 0.0
    points: NDArray[np.float64] = centre + circle @ (vectors * radii).T
    return points


def _distances(points: NDArray[np.float64], shape: NDArray[np.float64], *, is_closed: bool) -> NDArray[np.float64]:
    out = np.zeros(len(points))
    outline_distances(np.ascontiguousarray(points), np.ascontiguousarray(shape), is_closed, out)
    return out
