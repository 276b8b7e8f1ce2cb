"""The phantom's points in slabs of elevation: only what can reach the present slice is handed to the kernel.

Room to steer in, or a sweep of the probe, takes several times the points of a still picture, and all but a few of them
lie out of the slice at any moment.
"""

import math

import numpy as np
from numpy.typing import NDArray

from rtguide.kernels.speckle_deposit import WEIGHT_STEPS_PER_UNIT
from rtguide.phantom.beam import BeamGrid

__all__ = ["SLICE_REACH", "Slabs"]

SLICE_REACH = 2.6
"""Sigma of the slice beyond which a point weighs nothing (3 %)."""
_THICKNESS_MM = 0.5
"""Of a slab, about a sigma of the slice: thinner ones leave out hardly more."""
_ROUNDING_MM = 1e-3
"""The kernel reckons in float32, this in float64: slabs that touch the slice by less go along."""


class Slabs:
    """Points ordered by row of the motion lattice, slab and column. points float32 (n, 8), see the deposit kernel."""

    def __init__(self, points: NDArray[np.float32], grid: BeamGrid) -> None:
        row = points[:, 1].astype(np.int64)
        slab = np.floor(points[:, 2] / _THICKNESS_MM).astype(np.int64)
        order = np.lexsort((points[:, 0].astype(np.int64), slab, row))
        self.points = np.ascontiguousarray(points[order])
        row, slab = row[order], slab[order]
        is_new = np.concatenate([[True], (np.diff(row) != 0) | (np.diff(slab) != 0)])
        self._starts = np.flatnonzero(is_new)
        self._stops = np.append(self._starts[1:], len(points))
        self._row = row[self._starts]
        elevation = self.points[:, 2].astype(np.float64)
        self._y = np.stack([np.minimum.reduceat(elevation, self._starts), np.maximum.reduceat(elevation, self._starts)])
        weightless = math.sqrt(math.floor(SLICE_REACH**2 * WEIGHT_STEPS_PER_UNIT + 1) / WEIGHT_STEPS_PER_UNIT)
        self._reach_mm = weightless * grid.slice_sigma_mm()

    def __len__(self) -> int:
        return len(self.points)

    def spans(self, lattice: NDArray[np.float32], shear: NDArray[np.float32]) -> NDArray[np.int64]:
        """Runs of points that may lie in the slice and the picture, int64 (k, 2) as start and stop.

        lattice, shear: as the deposit kernel takes them. What is left out would have been given no weight there.
        """
        low, high = lattice.min(axis=1).astype(np.float64), lattice.max(axis=1).astype(np.float64)
        last = len(low) - 2
        row = np.clip(self._row, 0, last)
        low, high = np.minimum(low[row], low[row + 1]), np.maximum(high[row], high[row + 1])
        sample, elevation = (self._y * shear[axis] for axis in (1, 2))
        first = np.floor(low[:, 1] + sample.min(axis=0)).astype(np.int64)
        final = np.floor(high[:, 1] + sample.max(axis=0)).astype(np.int64)
        depths = len(self._reach_mm) - 1
        # The slice is thinnest at the lens's focus and grows both ways: over a range it is thickest at an end.
        reach = np.maximum(self._reach_mm[np.clip(first, 0, depths)], self._reach_mm[np.clip(final, 0, depths)])
        reach += _ROUNDING_MM
        is_in = (low[:, 2] + elevation.min(axis=0) < reach) & (high[:, 2] + elevation.max(axis=0) > -reach)
        is_in &= (final >= -1) & (first <= depths)
        edges = np.diff(np.concatenate([[False], is_in, [False]]).astype(np.int8))
        begins, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) - 1
        return np.column_stack([self._starts[begins], self._stops[ends]]).astype(np.int64)
