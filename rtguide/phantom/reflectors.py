"""Smooth reflectors: fascia, septa and perimysium, vessel walls, the sheath of a nerve.

A reflector larger than the beam answers as one, so its points carry no carrier phase: they add up along the line and
show as a line as wide as the pulse and the beam. How bright it is depends on its angle to the beam.

References
----------
Szabo, Diagnostic Ultrasound Imaging: Inside Out, 2nd ed., as background (see `beam`).
"""

import math
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from rtguide.phantom.anatomy import Anatomy, Shape, Surface
from rtguide.phantom.beam import BeamGrid
from rtguide.phantom.pose import Reach
from rtguide.phantom.scatterers import Cloud
from rtguide.phantom.smooth_noise import SmoothNoise

__all__ = ["reflector_clouds"]

Floats = NDArray[np.float64]

_PER_MM = 6.5
"""Points along a line: several in every beam width, unevenly spaced, so that no two lines look alike."""
_WALLS = MappingProxyType(
    {
        "artery": (1.0, 0.18, 34.0),
        "vein": (-4.0, 0.15, 38.0),
        "honeycomb-nerve": (-8.0, 0.05, 22.0),
        "dark-nerve": (-7.0, 0.0, 22.0),
        "muscle": (-6.0, 0.0, 22.0),
        "gland": (-6.0, 0.0, 20.0),
        "fluid": (-8.0, 0.0, 14.0),
        "tendon": (-5.0, 0.0, 14.0),
    }
)
"""Of structures with a wall or sheath: its level in dB, its distance from the outline in mm, its loss at the sides."""
_LEAVES = MappingProxyType(
    {
        "bone": ((0.0, 0.0), (0.13, -2.5), (0.3, -8.0)),
        "pleura": ((0.0, 0.0), (0.2, -4.0)),
        "fascia": ((0.0, 0.0), (-0.45, -8.0), (0.5, -10.0)),
    }
)
"""Lines that a surface draws: distance below it in mm, level against the first in dB."""
_PATCHY_DB = MappingProxyType({"bone": 3.0, "pleura": 2.5, "fascia": 4.5})
_FADES_MM = 4.0
"""Length over which a fascia that ends in the picture fades."""
_SILENT_DB = -32.0
"""Fainter points are left out."""
_SHEET_MM = 1.2
"""Distance in elevation between the rows of points that make up a sheet: about a slice thickness."""


class _Builder:
    """Collects points of lines and sheets, with the amplitude that makes their image the wanted level."""

    def __init__(self, anatomy: Anatomy, grid: BeamGrid, reach: Reach, rng: np.random.Generator) -> None:
        self.anatomy, self.grid, self.rng = anatomy, grid, rng
        self.half_y = float(2.3 * grid.slice_sigma_mm().mean()) + reach.sweep_mm
        self.half_y += 0.7 * reach.lean * grid.probe.depth_mm
        self.half_x = float(
            np.abs(grid.to_mm(np.array([0.0, grid.beams - 1.0]), np.full(2, grid.samples - 1.0))[0]).max()
        )
        self.half_x += reach.shift_mm
        self.beam_rad = math.radians(grid.probe.steer_deg)
        self._patches = SmoothNoise.draw(rng, (2.2, 3.0))
        self._parts: list[Floats] = []

    def sheet(self, first: float, last: float, per_mm: float) -> tuple[Floats, Floats, float]:
        """Places (x, y) spread evenly but irregularly over a sheet from x = first to last, and how many a mm² has."""
        rows = max(2, math.ceil(2 * self.half_y / _SHEET_MM))
        count = max(2, round((last - first) * per_mm))
        x = first + (np.arange(count) + self.rng.random((rows, count))) * ((last - first) / count)
        y = (np.arange(rows)[:, None] + self.rng.random((rows, count))) * (2 * self.half_y / rows) - self.half_y
        return x.ravel(), y.ravel(), x.size / ((last - first) * 2 * self.half_y)

    def add(self, places: Floats, level_db: Floats, per_mm2: float | Floats, phase: Floats | None = None) -> None:
        """Points of a surface, `per_mm2` of them on a mm²; level_db is that of the line they draw in the slice.

        places: x, y, z, float64 (3, n) · phase in turns: one for each point, or one drawn for all.
        """
        x, y, z = places
        amplitude = 10.0 ** (level_db / 20.0) / per_mm2
        if phase is None:
            phase = np.full_like(x, self.rng.random())
        phase = phase + 0.1 * self._patches.at(x, y)
        shown = level_db > _SILENT_DB
        self._parts.append(np.stack([x, y, z, amplitude, phase])[:, shown])

    def clouds(self) -> list[Cloud]:
        """Everything that was added, as one cloud."""
        x, y, z, amplitude, phase = np.concatenate(self._parts, axis=1)
        axis = self.grid.depth_mm()
        lateral = np.interp(z, axis, self.grid.lateral_sigma_mm())
        slices = np.interp(z, axis, self.grid.slice_sigma_mm())
        amplitude = amplitude / (2 * math.pi * lateral * slices)
        return [Cloud(x, y, z, amplitude, phase, 0.0, self.anatomy.region(x, y, z))]


def reflector_clouds(anatomy: Anatomy, grid: BeamGrid, reach: Reach, rng: np.random.Generator) -> list[Cloud]:
    """All smooth reflectors of the anatomy at rest."""
    build = _Builder(anatomy, grid, reach, rng)
    _fascias(build)
    _streaks(build)
    for shape in anatomy.shapes:
        if shape.spec.kind in _WALLS:
            _walls(build, shape)
    for surface in anatomy.surfaces:
        _surface(build, surface)
    return build.clouds()


def _fascias(build: _Builder) -> None:
    """Each boundary that has an echo: two or three thin leaves that part and join."""
    for boundary in build.anatomy.boundaries:
        if boundary.layer.fascia_db is None:
            continue
        for leaf in range(3):
            x, y, per_mm2 = build.sheet(-build.half_x, build.half_x, _PER_MM)
            parting = SmoothNoise.draw(build.rng, (7.0, 9.0)).at(x, y)
            patchy = SmoothNoise.draw(build.rng, (3.5, 5.0)).at(x, y)
            broken = SmoothNoise.draw(build.rng, (1.3, 3.0), 48).at(x, y)
            z = boundary.depth_mm(x, y) + (0.0, -0.45, 0.5)[leaf] * (1.0 + 0.9 * parting)
            mean_db = boundary.layer.fascia_db - (0.0, 6.0, 8.0)[leaf] - 16.0
            level = mean_db + (3.0, 6.0, 6.0)[leaf] * patchy + (2.0, 3.5, 3.5)[leaf] * broken
            slope = np.full_like(x, math.radians(boundary.layer.slope_deg))
            keep = ~_inside_any(build.anatomy, x, y, z)
            level = level + _specular_db(slope + build.beam_rad)
            build.add(np.stack([x, y, z])[:, keep], level[keep], per_mm2)


def _streaks(build: _Builder) -> None:
    """Septa in fat, perimysium in muscle: short leaves along the fibres, taken all at once."""
    anatomy, rng = build.anatomy, build.rng
    depth = build.grid.probe.depth_mm
    most = max(p.streaks_per_mm2 for p in anatomy.properties)
    count = round(2 * build.half_x * depth * most * (1 + build.half_y / 2.0))
    x0, z0 = rng.uniform(-build.half_x, build.half_x, count), rng.uniform(0, depth, count)
    y0 = rng.uniform(-build.half_y, build.half_y, count)
    region = anatomy.region(x0, y0, z0)
    density = np.array([p.streaks_per_mm2 for p in anatomy.properties])[region] / max(most, 1e-9)
    bundles = SmoothNoise.draw(rng, (7.0, 8.0, 2.6)).at(x0, y0, z0)
    kept = rng.random(count) < density * np.clip(1.0 + 0.9 * bundles, 0.05, 2.0)
    x0, y0, z0, region = x0[kept], y0[kept], z0[kept], region[kept]
    length = np.array([p.streak_mm for p in anatomy.properties])[region] * rng.lognormal(-0.1, 0.5, region.size)
    width = rng.uniform(0.8, 2.0, region.size)
    slope = np.radians(_fibre_deg(anatomy)[region] + rng.normal(0, 4.0, region.size))
    bright = np.array([p.streak_db for p in anatomy.properties])[region] + rng.normal(0, 5.0, region.size)
    bright += 2.5 * bundles[kept]
    sag = rng.normal(0, 0.02, region.size)
    points = np.maximum(6, np.round(length * width * _PER_MM * 0.9).astype(np.int64))
    at = np.repeat(np.arange(region.size), points)
    order = np.arange(at.size) - np.repeat(np.cumsum(points) - points, points)
    s = ((order + rng.random(at.size)) / points[at] - 0.5) * length[at]
    y = y0[at] + rng.uniform(-1, 1, at.size) * width[at]
    x, z = x0[at] + s * np.cos(slope[at]), z0[at] + s * np.sin(slope[at]) + sag[at] * s * s
    taper = 20 * np.log10(np.clip(np.cos(np.pi * s / length[at]), 0.05, 1.0))
    level = bright[at] + taper + _specular_db(slope[at] + build.beam_rad) - 4.0
    inside = anatomy.region(x, y, z) == region[at]
    per_mm2 = (points / (2 * length * width))[at]
    phase = rng.random(region.size)[at]
    build.add(np.stack([x, y, z])[:, inside], level[inside], per_mm2[inside], phase[inside])


def _walls(build: _Builder, shape: Shape) -> None:
    """A vessel's wall or a nerve's sheath: bright where the beam meets it square, faint at the sides."""
    rng = build.rng
    a, b = shape.spec.radii_mm
    round_mm = math.pi * (a + b)
    place, y, per_mm2 = build.sheet(0.0, round_mm, _PER_MM)
    angle = place * (2 * math.pi / round_mm)
    level_db, gap_mm, side_db = _WALLS[shape.spec.kind]
    r = shape.radius(angle)
    p, q = (r * a + gap_mm) * np.cos(angle), (r * b + gap_mm) * np.sin(angle)
    tilt = math.radians(shape.spec.tilt_deg)
    (cx, cz), (sx, sz) = shape.spec.centre_mm, shape.spec.course_mm
    x = cx + sx * y + p * math.cos(tilt) - q * math.sin(tilt)
    z = cz + sz * y + p * math.sin(tilt) + q * math.cos(tilt)
    normal = np.arctan2(np.sin(angle) / b, np.cos(angle) / a) + tilt
    square = np.abs(np.sin(normal + build.beam_rad))
    patchy = SmoothNoise.draw(rng, (0.5,)).at(angle)
    uneven = SmoothNoise.draw(rng, (2.2, 3.0)).at(place, y)
    level = level_db - side_db * (1 - square) ** 0.85 + 3.0 * patchy + 2.5 * uneven + np.where(q > 0, 3.0, 0.0) - 4.0
    build.add(np.stack([x, y, z]), level, per_mm2)


def _specular_db(slope_rad: Floats) -> Floats:
    """Loss of a smooth but uneven layer that is not square to the beam: 6 dB at 20°, 14 dB at 40°."""
    loss: Floats = -14.0 * (np.abs(slope_rad) / math.radians(40.0)) ** 1.2
    return loss


def _inside_any(anatomy: Anatomy, x: Floats, y: Floats, z: Floats) -> NDArray[np.bool_]:
    inside = np.zeros(x.shape, dtype=bool)
    for shape in anatomy.shapes:
        inside |= shape.depth_inside(x, y, z) < 1.02
    return inside


def _fibre_deg(anatomy: Anatomy) -> Floats:
    """Direction of the fibres of each tissue: a layer's follow its slope, a structure's its long axis."""
    layers = [b.layer.fibre_deg + 0.7 * b.layer.slope_deg for b in anatomy.boundaries]
    shapes = [shape.spec.fibre_deg + shape.spec.tilt_deg for shape in anatomy.shapes]
    return np.array(layers + shapes + [0.0 for _ in anatomy.surfaces])


def _surface(build: _Builder, surface: Surface) -> None:
    """A bone's or the pleura's face with what rings after it, or a fascia whose leaves part and join."""
    rng = build.rng
    first, last = surface.span_mm
    for gap_mm, below_db in _LEAVES[surface.spec.kind]:
        x, y, per_mm2 = build.sheet(first, last, _PER_MM)
        z = surface.depth_mm(x, y)
        slope = np.arctan(np.nan_to_num((surface.depth_mm(x + 0.2, y) - surface.depth_mm(x - 0.2, y)) / 0.4))
        patchy = SmoothNoise.draw(rng, (3.0, 5.0)).at(x, y)
        parting = SmoothNoise.draw(rng, (5.0, 7.0)).at(x, y)
        rough = 0.03 * rng.normal(size=x.size)
        level = (
            surface.spec.level_db
            + below_db
            + _PATCHY_DB[surface.spec.kind] * patchy
            + _specular_db(slope + build.beam_rad)
        )
        if surface.spec.kind == "fascia":
            share = np.minimum(x - first, last - x) / _FADES_MM
            level = level + 20 * np.log10(np.clip(share, 0.05, 1.0))
        there = ~np.isnan(z)
        build.add(np.stack([x, y, z + gap_mm * (1.0 + 0.6 * parting) + rough])[:, there], level[there], per_mm2)
        if surface.spec.kind == "pleura" and gap_mm == 0.0:
            for order in (2, 3):
                echoes = np.stack([x, y, order * z])[:, there]
                build.add(echoes, level[there] - 7.0 * order, per_mm2)
