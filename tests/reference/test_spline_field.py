"""The smooth fields against SciPy's splines."""

import numpy as np
import pytest
from scipy import ndimage

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
