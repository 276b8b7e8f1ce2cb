"""The outline kernels against slow, plain geometry."""

import math

import numpy as np
import pytest

from rtguide.kernels.outline import crossings_from, outline_distances


def slow_distance(p: tuple[float, float], shape: list[tuple[float, float]], *, is_closed: bool) -> float:
    """Densely sampled edges for the distance, the winding of the outline for the side."""
    pairs = list(zip(shape, shape[1:] + shape[:1], strict=True))
    if not is_closed:
        pairs = pairs[:-1] or [(shape[0], shape[0])]
    steps = [k / 4000 for k in range(4001)]
    distance = min(
        min(math.hypot(p[0] - a[0] - t * (b[0] - a[0]), p[1] - a[1] - t * (b[1] - a[1])) for t in steps)
        for a, b in pairs
    )
    if not is_closed:
        return distance
    angles = [
        math.remainder(math.atan2(b[1] - p[1], b[0] - p[0]) - math.atan2(a[1] - p[1], a[0] - p[0]), 2 * math.pi)
        for a, b in pairs
    ]
    return -distance if abs(sum(angles)) > math.pi else distance


@pytest.mark.parametrize("corners", [1, 2, 3, 7])
@pytest.mark.parametrize("is_closed", [False, True])
def test_outline_distances(corners: int, is_closed: bool) -> None:
    rng = np.random.default_rng(corners)
    angle = np.sort(rng.uniform(0, 2 * np.pi, corners))
    radius = rng.uniform(20, 60, corners)
    shape = np.column_stack([50 + radius * np.cos(angle), 40 + radius * np.sin(angle)])
    points = rng.uniform(-20, 120, (25, 2))
    out = np.zeros(25)
    outline_distances(points, shape, is_closed, out)
    as_tuples = [(float(x), float(y)) for x, y in shape]
    want = [slow_distance((float(x), float(y)), as_tuples, is_closed=is_closed) for x, y in points]
    np.testing.assert_allclose(out, want, atol=0.02)


def test_crossings() -> None:
    line = np.array([[0.0, 10.0], [20.0, 10.0], [20.0, 30.0]])
    points = np.array([[5.0, 5.0], [5.0, 20.0], [30.0, 20.0], [40.0, 0.0], [-30.0, 20.0]])
    out = np.zeros(5, np.int64)
    crossings_from(np.array([10.0, 0.0]), points, line, out)
    assert out.tolist() == [0, 1, 2, 0, 0]
