"""The phantom's points: diffuse scatterers that make speckle, and the points of smooth reflectors that make lines.

Every row is float32 (8,): column and row in the motion lattice, elevation mm, amplitude, phase in turns, carrier
(1 diffuse, 0 smooth), group, spare. See `rtguide.kernels.speckle_deposit`.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtguide.phantom.anatomy import Anatomy
from rtguide.phantom.beam import BeamGrid
from rtguide.phantom.pose import Reach
from rtguide.phantom.slabs import Slabs

__all__ = ["Cloud", "diffuse_cloud", "pack"]

Floats = NDArray[np.float64]

SCATTERERS_PER_CELL = 2.2
"""Effective scatterers in a resolution cell. Spread evenly and with random phases, so that even this few come close to
fully developed speckle (the docs show how close); ten are the usual rule for scatterers placed independently."""

_JITTER = 0.7
"""Share of its box in which a scatterer may lie: less and their number in a cell hardly varies (which is what makes few
of them look like many), but below a half their rows show in the picture."""
_REACH = 2.3
"""Half thickness of what is seeded, in sigma of the slice: weights beyond are below 7 %."""
_SILENT_DB = -50.0
"""Weaker scatterers are left out: they lie below the noise."""


@dataclass(frozen=True, slots=True, eq=False)
class Cloud:
    """Points at rest in the patient frame. x, y, z mm · amplitude · phase in turns · carrier 0 or 1 · group index."""

    x: Floats
    y: Floats
    z: Floats
    amplitude: Floats
    phase: Floats
    carrier: float
    group: NDArray[np.int64]


def diffuse_cloud(anatomy: Anatomy, grid: BeamGrid, reach: Reach, rng: np.random.Generator) -> Cloud:
    """Scatterers all over the picture and its margin, as many in each resolution cell, as bright as the tissue."""
    rise = reach.rise_mm / grid.step_mm
    rows = np.arange(-rise, grid.samples + rise, 4, dtype=np.float64)
    depth = np.asarray((rows - grid.offset_v) * grid.step_mm, dtype=np.float64)
    lateral, axial = grid.lateral_sigma_at(depth), grid.axial_sigma_mm()
    slices = grid.slice_sigma_at(depth)
    half = _REACH * slices + reach.sweep_mm + reach.lean * np.clip(depth, 0.0, None)
    cell_mm3: Floats = (2 * math.pi) ** 1.5 * axial * lateral * slices
    spacing = np.array([grid.beam_spacing_mm(max(0.0, float(d))) for d in depth])
    aside = reach.shift_mm / grid.beam_spacing_mm(0.0)
    across = grid.beams - 1 + 2 * aside
    per_row: Floats = SCATTERERS_PER_CELL / cell_mm3 * 2 * half * spacing * across * grid.step_mm * 4
    count = round(float(per_row.sum()))
    thickness = 2 * float(np.mean(half / slices)) / math.sqrt(2 * math.pi)
    steps = _even_places(count, thickness, rng)
    total = np.concatenate([[0.0], np.cumsum(per_row)]) / per_row.sum()
    v = np.interp(steps[0], total, np.append(rows, rows[-1] + 4))
    u = steps[1] * across - aside
    x, z = grid.to_mm(u, v)
    y = (2 * steps[2] - 1) * np.interp(v, rows, half)
    density = np.interp(v, rows, SCATTERERS_PER_CELL / cell_mm3)
    energy_mm3 = math.pi**1.5 * np.interp(v, rows, cell_mm3 / (2 * math.pi) ** 1.5)
    level = anatomy.level_db(x, y, z)
    keep = level > _SILENT_DB
    amplitude = np.asarray(10.0 ** (level / 20.0) / np.sqrt(density * energy_mm3), dtype=np.float64)
    phase = rng.random(level.shape)
    return Cloud(x[keep], y[keep], z[keep], amplitude[keep], phase[keep], 1.0, anatomy.region(x, y, z)[keep])


def _even_places(count: int, slices_across: float, rng: np.random.Generator) -> Floats:
    """About `count` random places in the unit cube, one in each of many equal boxes: float64 (3, n).

    slices_across: resolution cells along the third side, so that the boxes come out about as long in units of the
    resolution cell in all three directions.
    """
    layers = max(2, round(slices_across * SCATTERERS_PER_CELL ** (1 / 3)))
    side = math.sqrt(count / layers)
    boxes = (round(side * 1.15), round(side / 1.15), layers)
    corners = np.stack(np.meshgrid(*(np.arange(n) for n in boxes), indexing="ij")).reshape(3, -1)
    places = corners + 0.5 + _JITTER * (rng.random(corners.shape) - 0.5)
    return places / np.array(boxes, dtype=np.float64)[:, None]


def pack(clouds: list[Cloud], grid: BeamGrid, first: tuple[float, float], step: float) -> Slabs:
    """The clouds as rows for the deposit kernel, ordered so that memory is walked once.

    first: (u, v) of the lattice's first node, step: grid units between nodes.
    """
    rows = []
    for cloud in clouds:
        u, v = grid.from_mm(cloud.x, cloud.z)
        block = np.zeros((cloud.x.size, 8), dtype=np.float32)
        block[:, 0], block[:, 1] = (u - first[0]) / step, (v - first[1]) / step
        block[:, 2], block[:, 3], block[:, 4] = cloud.y, cloud.amplitude, cloud.phase
        block[:, 5], block[:, 6] = cloud.carrier, cloud.group
        rows.append(block)
    return Slabs(np.concatenate(rows), grid)
