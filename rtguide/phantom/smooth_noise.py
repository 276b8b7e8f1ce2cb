"""Smooth random fields: how tissue differs from place to place."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtguide.kernels.spline_field import read_field

__all__ = ["SmoothNoise"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class SmoothNoise:
    """A random field of zero mean and unit variance with a correlation length in each direction, repeating far away.

    lattice: float64, spline coefficients of independent normal values one correlation length apart · lengths: of
    correlation in each direction, mm.
    """

    lattice: Floats
    lengths: tuple[float, ...]

    @classmethod
    def draw(cls, rng: np.random.Generator, lengths: tuple[float, ...], period: int = 24) -> "SmoothNoise":
        """A new field; it repeats after `period` correlation lengths."""
        values = rng.normal(size=(period,) * len(lengths))
        values = _filtered(values, _blur)
        values = (values - values.mean()) / values.std()
        return cls(_filtered(values, _spline), lengths)

    def at(self, *coordinates: Floats) -> Floats:
        """The field at points given by one array for each direction, mm."""
        scaled = [np.asarray(c, dtype=np.float64) / length for c, length in zip(coordinates, self.lengths, strict=True)]
        scaled = list(np.broadcast_arrays(*scaled))
        places = np.zeros((3, scaled[0].size))
        for axis, along in enumerate(scaled):
            places[3 - len(scaled) + axis] = along.ravel()
        found = np.empty(places.shape[1])
        read_field(self.lattice.reshape((1,) * (3 - self.lattice.ndim) + self.lattice.shape), places, found)
        return found.reshape(scaled[0].shape)


def _filtered(values: Floats, response: Callable[[Floats], Floats]) -> Floats:
    """A periodic lattice, filtered along every direction by its frequency response."""
    for axis, size in enumerate(values.shape):
        gain = response(2 * np.pi * np.fft.fftfreq(size).astype(np.float64))
        shape = tuple(size if other == axis else 1 for other in range(values.ndim))
        values = np.fft.ifft(np.fft.fft(values, axis=axis) * gain.reshape(shape), axis=axis).real
    return np.ascontiguousarray(values)


def _blur(frequency: Floats) -> Floats:
    """Of a Gaussian of half a step, cut at two steps."""
    steps = np.arange(-2, 3)
    weights = np.exp(-0.5 * (steps / 0.5) ** 2)
    gain: Floats = (weights / weights.sum()) @ np.cos(np.outer(steps, frequency))
    return gain


def _spline(frequency: Floats) -> Floats:
    """Of the filter that turns values into coefficients of cubic B-splines: values are 1/6, 4/6, 1/6 of them."""
    return 6.0 / (4.0 + 2.0 * np.cos(frequency))
