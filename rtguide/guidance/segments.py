"""Distances of many straight pieces from a shape, exact, in a plane. Any unit."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["along_line", "segment_distances"]

Floats = NDArray[np.float64]

_TINY = 1e-12


def segment_distances(starts: Floats, stops: Floats, shape: Floats, *, is_closed: bool) -> Floats:
    """Distance (k,) of each straight piece, start to stop, (k, 2) each, from a polyline or closed outline (m, 2).

    0 where they meet, and where a closed outline holds the piece whole.
    """
    a, b = shape, np.roll(shape, -1, axis=0)
    if not is_closed and len(shape) > 1:
        a, b = a[:-1], b[:-1]
    least = np.minimum(_point_to_pieces(starts, a, b).min(axis=1), _point_to_pieces(stops, a, b).min(axis=1))
    least = np.minimum(least, _point_to_pieces(shape, starts, stops).min(axis=0))
    met = _crossed(starts, stops, a, b).any(axis=1)
    if is_closed:
        met |= _held(stops, a, b)
    distance: Floats = np.where(met, 0.0, least)
    return distance


def along_line(line: Floats, count: int) -> Floats:
    """So many points (count, 2) evenly along an open polyline (m, 2), its ends included."""
    ways = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    at = np.linspace(0.0, ways[-1], count)
    return np.column_stack([np.interp(at, ways, line[:, 0]), np.interp(at, ways, line[:, 1])])


def _crossed(starts: Floats, stops: Floats, a: Floats, b: Floats) -> NDArray[np.bool_]:
    """bool (k, m): which pieces from start to stop cross which from a to b. Parallel ones do not."""
    way, piece = stops - starts, b - a
    ax, ay = a[:, 0] - starts[:, 0, None], a[:, 1] - starts[:, 1, None]
    cross = way[:, 0, None] * piece[:, 1] - way[:, 1, None] * piece[:, 0]
    safe = np.where(np.abs(cross) < _TINY, np.inf, cross)
    along = (ax * piece[:, 1] - ay * piece[:, 0]) / safe
    share = (ax * way[:, 1, None] - ay * way[:, 0, None]) / safe
    is_crossed: NDArray[np.bool_] = np.isfinite(safe) & (along >= 0) & (along <= 1) & (share >= 0) & (share <= 1)
    return is_crossed


def _held(points: Floats, a: Floats, b: Floats) -> NDArray[np.bool_]:
    """bool (k,): which points lie inside the outline of these pieces (even-odd rule)."""
    x, y = points[:, 0, None], points[:, 1, None]
    spans = (a[:, 1] > y) != (b[:, 1] > y)
    rise = np.where(b[:, 1] == a[:, 1], 1.0, b[:, 1] - a[:, 1])
    at = a[:, 0] + (y - a[:, 1]) * (b[:, 0] - a[:, 0]) / rise
    is_held: NDArray[np.bool_] = np.count_nonzero(spans & (x < at), axis=1) % 2 == 1
    return is_held


def _point_to_pieces(points: Floats, a: Floats, b: Floats) -> Floats:
    """Distances (n, m) of points (n, 2) from straight pieces, a to b (m, 2)."""
    piece = b - a
    length2 = np.maximum((piece * piece).sum(axis=1), _TINY)
    gx, gy = points[:, 0, None] - a[:, 0], points[:, 1, None] - a[:, 1]
    share = np.clip((gx * piece[:, 0] + gy * piece[:, 1]) / length2, 0.0, 1.0)
    distance: Floats = np.hypot(gx - share * piece[:, 0], gy - share * piece[:, 1])
    return distance
