"""The smooth fields against SciPy's splines."""

import numpy as np
import pytest
from scipy import ndimage

from rtguide.kernels.spline_field import read_field
from rtguide.phantom.smooth_noise import SmoothNoise


def reference(seed: int, lengths: tuple[float, ...], places: list[np.ndarray]) -> np.ndarray:
    values = np.random.default_rng(seed).normal(size=(24,) * len(lengths))
    values = ndimage.gaussian_filter(values, 0.5, mode="wrap")
    values = (values - values.mean()) / values.std()
    lattice = ndimage.spline_filter(values, order=3, mode="grid-wrap")
    scaled = [place / length for place, length in zip(places, lengths, strict=True)]
    return ndimage.map_coordinates(lattice, scaled, order=3, mode="grid-wrap", prefilter=False)


@pytest.mark.parametrize("lengths", [(0.5,), (2.2, 3.0), (1.6, 2.5, 0.5)])
def test_a_field_is_the_spline_that_scipy_draws(lengths: tuple[float, ...]) -> None:
    rng = np.random.default_rng(8)
    places = [rng.uniform(-90.0, 90.0, 500) for _ in lengths]
    field = SmoothNoise.draw(np.random.default_rng(3), lengths)
    np.testing.assert_allclose(field.at(*places), reference(3, lengths, places), atol=1e-12)


def test_arrays_of_any_shape_are_joined_as_numpy_joins_them() -> None:
    field = SmoothNoise.draw(np.random.default_rng(3), (2.0, 3.0))
    rows, columns = np.linspace(0, 5, 4)[:, None], np.linspace(0, 7, 6)[None, :]
    found = field.at(rows, columns)
    assert found.shape == (4, 6)
    assert found[2, 5] == pytest.approx(field.at(np.array([rows[2, 0]]), np.array([columns[0, 5]]))[0])


@pytest.mark.parametrize("shape", [(1, 1, 7), (1, 6, 5), (4, 5, 6)])
def test_read_field_against_plain_sums(shape: tuple[int, int, int]) -> None:
    """Every node of the repeated lattice, weighed by the cubic B-spline of its distance in each direction."""
    rng = np.random.default_rng(5)
    lattice, places = rng.normal(size=shape), rng.uniform(-9.0, 9.0, (3, 12))
    found = np.zeros(12)
    read_field(lattice, places, found)

    def bell(distance: float) -> float:
        x = abs(distance)
        return (4 - 6 * x * x + 3 * x**3) / 6 if x < 1 else max(2 - x, 0.0) ** 3 / 6

    for place, value in zip(places.T, found, strict=True):
        total = 0.0
        for i, j, k in np.ndindex(*(1 if size == 1 else 24 for size in shape)):
            at = [np.floor(x) - 12 + node for x, node in zip(place, (i, j, k), strict=True)]
            weights = [1.0 if size == 1 else bell(x - n) for size, x, n in zip(shape, place, at, strict=True)]
            if all(weights):
                node = [0 if size == 1 else int(n) % size for size, n in zip(shape, at, strict=True)]
                total += float(np.prod(weights)) * lattice[tuple(node)]
        assert value == pytest.approx(total, abs=1e-12)
