"""Cubic splines over a lattice that repeats in every direction, read at scattered points."""

import numpy as np
from numpy.typing import NDArray

from rtguide.kernels import kernel

__all__ = ["read_field"]


@kernel
def read_field(lattice: NDArray[np.float64], places: NDArray[np.float64], out: NDArray[np.float64]) -> None:
    """The spline at each place.

    lattice float64 (a, b, c), coefficients of cubic B-splines; a direction of size 1 is constant · places float64
    (3, n) in lattice steps, finite · out float64 (n,), written in place

    References
    ----------
    Unser, Aldroubi, Eden 1993, "B-spline signal processing", IEEE Trans. Signal Process. 41(2).
    """
    weights = np.empty((3, 4))
    nodes = np.empty((3, 4), np.int64)
    taps = np.empty(3, np.int64)
    for axis in range(3):
        taps[axis] = 1 if lattice.shape[axis] == 1 else 4
    for index in range(places.shape[1]):
        for axis in range(3):
            if taps[axis] == 1:
                nodes[axis, 0] = 0
                weights[axis, 0] = 1.0
                continue
            place = places[axis, index]
            whole = np.floor(place)
            t = place - whole
            u = 1.0 - t
            node = (int(whole) - 1) % lattice.shape[axis]
            for tap in range(4):
                nodes[axis, tap] = node
                node = node + 1 if node + 1 < lattice.shape[axis] else 0
            weights[axis, 0] = u * u * u / 6.0
            weights[axis, 1] = 2.0 / 3.0 - t * t * (2.0 - t) / 2.0
            weights[axis, 2] = 2.0 / 3.0 - u * u * (2.0 - u) / 2.0
            weights[axis, 3] = t * t * t / 6.0
        total = 0.0
        for i in range(taps[0]):
            for j in range(taps[1]):
                part = 0.0
                for k in range(taps[2]):
                    part += weights[2, k] * lattice[nodes[0, i], nodes[1, j], nodes[2, k]]
                total += weights[0, i] * weights[1, j] * part
        out[index] = total


def warm_up() -> None:
    """Compile with the types in use."""
    read_field(np.zeros((1, 4, 4)), np.zeros((3, 1)), np.zeros(1))
