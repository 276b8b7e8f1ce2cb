"""Smooth reflectors: fascia, septa and perimysium, vessel walls, the sheath of a nerve.

A reflector larger than the beam answers as one, so its points carry no carrier phase: they add up along the line and
show as a line as wide as the pulse and the beam. How bright it is depends on its angle to the beam.

References
----------
Szabo 2014, ch. 8 (specular and diffuse scattering).
"""

import math

import numpy as np
from numpy.typing import NDArray

from rtguide.phantom.anatomy import Anatomy, Shape
from rtguide.phantom.beam import BeamGrid
from rtguide.phantom.scatterers import Cloud
from rtguide.phantom.smooth_noise import SmoothNoise
from rtguide.phantom.tissue import PROPERTIES

__all__ = ["reflector_clouds"]

Floats = NDArray[np.float64]

_PER_MM = 6.5
"""Points along a line: several in every beam width, unevenly spaced, so that no two lines look alike."""
_SILENT_DB = -32.0
"""Fainter points are left out."""
_SHEETS = 2
"""Points over elevation for each point of a sheet."""


class _Builder:
    """Collects points of lines and sheets, with the amplitude that makes their image the wanted level."""

    def __init__(self, anatomy: Anatomy, grid: BeamGrid, sweep_mm: float, rng: np.random.Generator) -> None:
        self.anatomy, self.grid, self.rng = anatomy, grid, rng
        self.half_y = float(2.3 * grid.slice_sigma_mm().mean()) + sweep_mm
        self.half_x = float(
            np.abs(grid.to_mm(np.array([0.0, grid.beams - 1.0]), np.full(2, grid.samples - 1.0))[0]).max()
        )
        self._patches = SmoothNoise.draw(rng, (2.2, 3.0))
        self._clouds: list[Cloud] = []

    def add(self, x: Floats, y: Floats, z: Floats, level_db: Floats, per_mm2: float) -> None:
        """Points of a surface, `per_mm2` of them on a mm²; level_db is that of the line they draw in the slice."""
        shown = level_db > _SILENT_DB
        x, y, z, level_db = x[shown], y[shown], z[shown], level_db[shown]
        depth = np.clip(z, 0, self.grid.probe.depth_mm)
        axis = self.grid.depth_mm()
        lateral = np.interp(depth, axis, self.grid.lateral_sigma_mm())
        slices = np.interp(depth, axis, self.grid.slice_sigma_mm())
        amplitude = 10.0 ** (level_db / 20.0) / (per_mm2 * 2 * math.pi * lateral * slices)
        phase = np.zeros_like(x) + self.rng.random() + 0.1 * self._patches.at(x, y)
        self._clouds.append(Cloud(x, y, z, amplitude, phase, 0.0, self.anatomy.region(x, y, z)))

    def clouds(self) -> list[Cloud]:
        return self._clouds


def reflector_clouds(anatomy: Anatomy, grid: BeamGrid, sweep_mm: float, rng: np.random.Generator) -> list[Cloud]:
    """All smooth reflectors of the anatomy at rest."""
    build = _Builder(anatomy, grid, sweep_mm, rng)
    _fascias(build)
    _streaks(build)
    for shape in anatomy.shapes:
        if shape.spec.kind in ("artery", "vein", "honeycomb-nerve"):
            _walls(build, shape)
    return build.clouds()


def _fascias(build: _Builder) -> None:
    """Each boundary that has an echo: two or three thin leaves that part and join."""
    for boundary in build.anatomy.boundaries:
        if boundary.layer.fascia_db is None:
            continue
        for leaf in range(3):
            count = round(2 * build.half_x * _PER_MM)
            x = np.repeat(build.rng.uniform(-build.half_x, build.half_x, count), _SHEETS)
            y = build.rng.uniform(-build.half_y, build.half_y, x.size)
            parting = SmoothNoise.draw(build.rng, (7.0, 9.0)).at(x, y)
            patchy = SmoothNoise.draw(build.rng, (3.5, 5.0)).at(x, y)
            z = boundary.depth_mm(x, y) + (0.0, -0.45, 0.5)[leaf] * (1.0 + 0.5 * parting)
            level = boundary.layer.fascia_db - (0.0, 7.0, 9.0)[leaf] - 16.0 + (2.0, 5.0, 5.0)[leaf] * patchy
            slope = math.radians(boundary.layer.slope_deg)
            keep = ~_inside_any(build.anatomy, x, y, z)
            level = level + _specular_db(slope)
            per_mm2 = count * _SHEETS / (4 * build.half_x * build.half_y)
            build.add(x[keep], y[keep], z[keep], level[keep], per_mm2)


def _streaks(build: _Builder) -> None:
    """Septa in fat, perimysium in muscle: short leaves along the fibres."""
    anatomy, rng = build.anatomy, build.rng
    depth = build.grid.probe.depth_mm
    area = 2 * build.half_x * depth
    candidates = round(area * max(p.streaks_per_mm2 for p in PROPERTIES.values()) * (1 + build.half_y / 2.0))
    cx, cz = rng.uniform(-build.half_x, build.half_x, candidates), rng.uniform(0, depth, candidates)
    cy = rng.uniform(-build.half_y, build.half_y, candidates)
    region = anatomy.region(cx, cy, cz)
    specs = [b.layer for b in anatomy.boundaries] + [s.spec for s in anatomy.shapes]
    most = max(p.streaks_per_mm2 for p in PROPERTIES.values())
    for x0, y0, z0, index in zip(cx, cy, cz, region, strict=True):
        spec = specs[index]
        properties = PROPERTIES[spec.kind]
        if rng.random() > properties.streaks_per_mm2 / most:
            continue
        length = properties.streak_mm * rng.lognormal(-0.1, 0.5)
        width = rng.uniform(0.8, 2.0)
        slope = math.radians(spec.fibre_deg + _layer_slope(spec) + rng.normal(0, 4.0))
        count = max(6, round(length * width * _PER_MM * 0.9))
        s, y = rng.uniform(-0.5, 0.5, count) * length, y0 + rng.uniform(-1, 1, count) * width
        sag = rng.normal(0, 0.02)
        x, z = x0 + s * math.cos(slope), z0 + s * math.sin(slope) + sag * s * s
        taper = 20 * np.log10(np.clip(np.cos(np.pi * s / length), 0.05, 1.0))
        level = properties.streak_db + rng.normal(0, 5.0) + taper + _specular_db(slope) - 4.0
        keep = anatomy.region(x, y, z) == index
        build.add(x[keep], y[keep], z[keep], level[keep], count / (2 * length * width))


def _walls(build: _Builder, shape: Shape) -> None:
    """A vessel's wall or a nerve's sheath: bright where the beam meets it square, faint at the sides."""
    rng = build.rng
    a, b = shape.spec.radii_mm
    round_mm = math.pi * (a + b)
    count = round(round_mm * _PER_MM)
    angle = rng.uniform(0, 2 * math.pi, count).repeat(_SHEETS)
    y = rng.uniform(-build.half_y, build.half_y, angle.size)
    level_db, gap_mm, side_db = {"artery": (1.0, 0.18, 24.0), "vein": (-3.0, 0.15, 26.0)}.get(
        shape.spec.kind, (-7.0, 0.05, 16.0)
    )
    r = shape.radius(angle)
    p, q = (r * a + gap_mm) * np.cos(angle), (r * b + gap_mm) * np.sin(angle)
    tilt = math.radians(shape.spec.tilt_deg)
    (cx, cz), (sx, sz) = shape.spec.centre_mm, shape.spec.course_mm
    x = cx + sx * y + p * math.cos(tilt) - q * math.sin(tilt)
    z = cz + sz * y + p * math.sin(tilt) + q * math.cos(tilt)
    normal = np.arctan2(np.sin(angle) / b, np.cos(angle) / a) + tilt
    square = np.abs(np.sin(normal))
    patchy = SmoothNoise.draw(rng, (0.5,)).at(angle)
    level = level_db - side_db * (1 - square) + 3.5 * patchy + np.where(q > 0, 3.0, 0.0) - 4.0
    build.add(x, y, z, level, count * _SHEETS / (round_mm * 2 * build.half_y))


def _specular_db(slope_rad: float) -> float:
    """Loss of a smooth but uneven layer that is not square to the beam: 6 dB at 20°, 13 dB at 40°."""
    loss: float = -14.0 * (abs(slope_rad) / math.radians(40.0)) ** 1.2
    return loss


def _inside_any(anatomy: Anatomy, x: Floats, y: Floats, z: Floats) -> NDArray[np.bool_]:
    inside = np.zeros(x.shape, dtype=bool)
    for shape in anatomy.shapes:
        inside |= shape.depth_inside(x, y, z) < 1.02
    return inside


def _layer_slope(spec: object) -> float:
    return float(getattr(spec, "slope_deg", 0.0)) * 0.7
