"""Distances from points to outlines and lines."""

import math

import numpy as np
from numpy.typing import NDArray

from rtguide.kernels import kernel

__all__ = ["crossings_from", "outline_distances", "warm_up"]


@kernel
def outline_distances(
    points: NDArray[np.float64], shape: NDArray[np.float64], is_closed: bool, out: NDArray[np.float64]
) -> None:
    """Distance of points to a polyline; signed, negative inside (even-odd rule), where it is a closed outline.

    points: float64 (n, 2) · shape: float64 (m, 2), m ≥ 1 · out: float64 (n,), written in place.
    """
    count, corners = points.shape[0], shape.shape[0]
    edges = corners if is_closed else max(1, corners - 1)
    for k in range(count):
        x, y = points[k, 0], points[k, 1]
        nearest, inside = np.inf, False
        for i in range(edges):
            j = (i + 1) % corners
            ax, ay, bx, by = shape[i, 0], shape[i, 1], shape[j, 0], shape[j, 1]
            dx, dy = bx - ax, by - ay
            length2 = dx * dx + dy * dy
            share = 0.0
            if length2 > 0.0:
                share = min(1.0, max(0.0, ((x - ax) * dx + (y - ay) * dy) / length2))
            gx, gy = x - ax - share * dx, y - ay - share * dy
            nearest = min(nearest, gx * gx + gy * gy)
            if (ay > y) != (by > y) and x < ax + (y - ay) * dx / dy:
                inside = not inside
        out[k] = -math.sqrt(nearest) if inside and is_closed else math.sqrt(nearest)


@kernel
def crossings_from(
    start: NDArray[np.float64], points: NDArray[np.float64], line: NDArray[np.float64], out: NDArray[np.int64]
) -> None:
    """How often the straight way from one point to each of the points crosses an open polyline.

    start: float64 (2,) · points: float64 (n, 2) · line: float64 (m, 2) · out: int64 (n,), written in place.
    """
    sx, sy = start[0], start[1]
    for k in range(points.shape[0]):
        px, py = points[k, 0] - sx, points[k, 1] - sy
        count = 0
        for i in range(line.shape[0] - 1):
            ax, ay = line[i, 0] - sx, line[i, 1] - sy
            bx, by = line[i + 1, 0] - sx, line[i + 1, 1] - sy
            ex, ey = bx - ax, by - ay
            splits_edge = (px * ay - py * ax > 0.0) != (px * by - py * bx > 0.0)
            splits_way = (ex * (py - ay) - ey * (px - ax) > 0.0) != (ey * ax - ex * ay > 0.0)
            if splits_edge and splits_way:
                count += 1
        out[k] = count


def warm_up() -> None:
    """Compile for the types in use."""
    points = np.zeros((1, 2))
    outline_distances(points, np.zeros((3, 2)), True, np.zeros(1))
    crossings_from(np.zeros(2), points, np.zeros((2, 2)), np.zeros(1, np.int64))
