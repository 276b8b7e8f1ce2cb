"""Points and lines as plain tuples: hashable, comparable, the same after a trip through JSON."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

__all__ = ["Point", "Points", "as_array", "as_points"]

Point = tuple[float, float]
"""(x, y). In image pixels unless a name says otherwise: (0, 0) is the centre of the top-left pixel."""

Points = tuple[Point, ...]
"""A polyline, or the corners of a closed outline (the last corner joins the first)."""


def as_array(points: Iterable[Point]) -> NDArray[np.float64]:
    """Points as float64 (n, 2), columns x and y."""
    return np.array(list(points), dtype=np.float64).reshape(-1, 2)


def as_points(array: NDArray[np.float64]) -> Points:
    """float64 (n, 2) as a tuple of (x, y)."""
    return tuple((x, y) for x, y in array.tolist())
