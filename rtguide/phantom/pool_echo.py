"""What comes back from injected fluid that is not clear: bubbles that drift, or a suspension."""

import math

import numpy as np
from numpy.typing import NDArray

from rtguide.phantom.beam import BeamGrid
from rtguide.phantom.injection import Pool
from rtguide.phantom.pose import ProbePose

__all__ = ["pool_points"]

_BUBBLES = 26
_GRAINS = 1500
"""Points of a suspension: enough that they overlap in every resolution cell of a pool of some mm."""
_BUBBLE_DB, _GRAIN_DB = 40.0, -6.0
_DRIFT_HZ = 0.13


def pool_points(pool: Pool, grid: BeamGrid, pose: ProbePose, time_s: float) -> NDArray[np.float32]:
    """Rows for the deposit kernel in grid units (see `scatterers`): places that swirl slowly, the same in every run."""
    count = _BUBBLES if pool.event.echo == "bubbles" else _GRAINS
    rng = np.random.default_rng(round(pool.event.at_s * 1000) + 7)
    radius, angle, phase, strength = np.sqrt(rng.random(count)), rng.random(count), rng.random(count), rng.random(count)
    turn = 2 * math.pi * (angle + 0.1 * np.sin(2 * math.pi * (_DRIFT_HZ * time_s + phase)))
    outline = pool.outline_mm(pose.slide_mm, 64)
    middle = outline.mean(axis=0)
    at = np.interp(turn % (2 * math.pi), np.linspace(0, 2 * math.pi, 65), np.arange(65)) % 64
    low, share = at.astype(np.int64), (at % 1.0)[:, None]
    rim = outline[low] * (1 - share) + outline[(low + 1) % 64] * share
    place = middle + 0.93 * radius[:, None] * (rim - middle)
    x, y, z = pose.to_probe(place[:, 0], np.full(count, pose.slide_mm), place[:, 1])
    u, v = grid.from_mm(x, z)
    points = np.zeros((count, 8), dtype=np.float32)
    points[:, 0], points[:, 1], points[:, 2] = u, v, 0.5 * y
    if pool.event.echo == "bubbles":
        points[:, 3] = 10.0 ** ((_BUBBLE_DB - 20.0 * strength) / 20.0)
    else:
        cells = max(
            pool.area_mm2(pose) / (4 * math.pi * grid.axial_sigma_mm() * float(grid.lateral_sigma_mm().mean())), 1.0
        )
        points[:, 3] = 10.0 ** (_GRAIN_DB / 20.0) / math.sqrt(count / cells)
    points[:, 4], points[:, 5] = phase, 1.0
    return points
