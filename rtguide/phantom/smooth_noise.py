"""Smooth random fields: how tissue differs from place to place."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

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
        values = ndimage.gaussian_filter(values, 0.5, mode="wrap")
        values = (values - values.mean()) / values.std()
        return cls(ndimage.spline_filter(values, order=3, mode="grid-wrap"), lengths)

    def at(self, *coordinates: Floats) -> Floats:
        """The field at points given by one array for each direction, mm."""
        places = [np.asarray(c, dtype=np.float64) / length for c, length in zip(coordinates, self.lengths, strict=True)]
        places = list(np.broadcast_arrays(*places))
        found: Floats = ndimage.map_coordinates(self.lattice, places, order=3, mode="grid-wrap", prefilter=False)
        return found
