"""Where which tissue lies at rest: the layers, the structures in them, and their outlines."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtguide.phantom.scenario import Layer, Scenario, StructureSpec, SurfaceSpec
from rtguide.phantom.smooth_noise import SmoothNoise
from rtguide.phantom.tissue import PROPERTIES

__all__ = ["Anatomy", "Boundary", "Shape", "Surface"]

Floats = NDArray[np.float64]

_OUTLINE_CORNERS = 36
_FLATTENING_MM = 18.0
"""Depth over which layers forget the shape of a curved face that presses them."""
_BEHIND = {"bone": "bone", "pleura": "lung"}
_CORTEX_MM = 0.9
_BONE_MM = 6.0
"""How thick a bone is that casts a shadow: below it rays that came past its edge meet, so that shadows narrow."""
_BONE_TAPER = 2.5
"""By how much it thickens for each mm from where its surface ends, as rounded bones do."""
_HAZE_MM = (0.9, 2.2)
"""Depth over which the haze under a vessel's near wall dies away (to 1/e), least and most."""
_HAZE_DB = (6.0, 17.0)
"""How much brighter than blood it is at the wall, least and most: reverberation and side lobes fill lumens; by eye
against stills of nerve blocks, where they range from black to dark grey."""
_FASCICLE_MM = 0.62
"""Distance between fascicles: our own judgement. That they are dark between bright bands, and that these are what
histology shows as fascicles, is from Silvestri et al., Radiology 197 (1995), 291-296 (abstract)."""


@dataclass(frozen=True, slots=True, eq=False)
class Boundary:
    """The lower boundary of a layer: a gently waved plane, wrapped round the face of a curved probe near it.

    face_radius_mm: of that face; None for a linear probe. Depths in mm of the patient frame.
    """

    layer: Layer
    wave: SmoothNoise
    face_radius_mm: float | None

    def depth_mm(self, x: Floats, y: Floats) -> Floats:
        """Where it lies below (x, y)."""
        slope = math.tan(math.radians(self.layer.slope_deg))
        depth: Floats = self.layer.bottom_mm + slope * x + self.layer.wave_mm * self.wave.at(x, y)
        if self.face_radius_mm is not None:
            radius = self.face_radius_mm
            face = np.sqrt(np.maximum(radius * radius - x * x, 0.0)) - radius
            depth = depth + face * math.exp(-self.layer.bottom_mm / _FLATTENING_MM)
        return depth


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """A structure's form at rest. lumps: amplitude and phase of its deviations from an ellipse, harmonics 2 to 5."""

    spec: StructureSpec
    lumps: Floats

    def radius(self, angle: Floats) -> Floats:
        """The outline's distance from the centre in units of the ellipse, over the angle in the ellipse's own frame."""
        total = np.ones_like(angle)
        for order, (amplitude, phase) in enumerate(self.lumps, start=2):
            total = total + amplitude * np.cos(order * angle + phase)
        return total

    def local(self, x: Floats, y: Floats, z: Floats) -> tuple[Floats, Floats]:
        """Coordinates along the two axes, mm from the centre of the section at elevation y."""
        (cx, cz), (sx, sz) = self.spec.centre_mm, self.spec.course_mm
        dx: Floats = x - cx - sx * y
        dz: Floats = z - cz - sz * y
        cos, sin = math.cos(math.radians(self.spec.tilt_deg)), math.sin(math.radians(self.spec.tilt_deg))
        return dx * cos + dz * sin, dz * cos - dx * sin

    def depth_inside(self, x: Floats, y: Floats, z: Floats) -> Floats:
        """0 at the centre, 1 on the outline, more outside."""
        p, q = self.local(x, y, z)
        p, q = p / self.spec.radii_mm[0], q / self.spec.radii_mm[1]
        angle = np.asarray(np.arctan2(q, p), dtype=np.float64)
        inside: Floats = np.hypot(p, q) / self.radius(angle)
        return inside

    def below_wall_mm(self, x: Floats, y: Floats, z: Floats) -> Floats:
        """How far points inside lie below the upper wall of an upright ellipse of its size: good for a fading haze."""
        (cx, cz), (sx, sz), (a, b) = self.spec.centre_mm, self.spec.course_mm, self.spec.radii_mm
        across = np.clip((x - cx - sx * y) / a, -1.0, 1.0)
        below: Floats = np.maximum(z - cz - sz * y + b * np.sqrt(1.0 - across * across), 0.0)
        return below

    def outline_mm(self, y: float, corners: int = _OUTLINE_CORNERS) -> Floats:
        """Corners of the section at elevation y, float64 (n, 2) as (x, z)."""
        angle = np.linspace(0.0, 2 * math.pi, corners, endpoint=False)
        r = self.radius(angle)
        p, q = r * np.cos(angle) * self.spec.radii_mm[0], r * np.sin(angle) * self.spec.radii_mm[1]
        cos, sin = math.cos(math.radians(self.spec.tilt_deg)), math.sin(math.radians(self.spec.tilt_deg))
        (cx, cz), (sx, sz) = self.spec.centre_mm, self.spec.course_mm
        return np.column_stack([cx + sx * y + p * cos - q * sin, cz + sz * y + p * sin + q * cos])


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """A bone, pleura or fascia seen edge-on, at rest. spline: depth over x."""

    spec: SurfaceSpec
    spline: Callable[[Floats], Floats]

    @classmethod
    def of(cls, spec: SurfaceSpec) -> "Surface":
        """The smooth line through the points of a scenario."""
        from scipy.interpolate import PchipInterpolator  # noqa: PLC0415 - 0.7 s, and many scenarios have no surface

        x, z = np.array(spec.points_mm).T
        return cls(spec, PchipInterpolator(x, z, extrapolate=False))

    @property
    def span_mm(self) -> tuple[float, float]:
        """First and last x at elevation 0."""
        return self.spec.points_mm[0][0], self.spec.points_mm[-1][0]

    def depth_mm(self, x: Floats, y: Floats) -> Floats:
        """Where it lies below (x, y); NaN beside it."""
        sx, sz = self.spec.course_mm
        depth: Floats = self.spline(x - sx * y) + sz * y
        return depth

    def thickness_mm(self, x: Floats, y: Floats) -> Floats:
        """How thick what lies behind it is at (x, y): all there is behind a pleura, a rounded bone's own thickness."""
        if self.spec.kind != "bone":
            return np.full(np.broadcast(x, y).shape, math.inf)
        first, last = self.span_mm
        at = x - self.spec.course_mm[0] * y
        thickness: Floats = np.minimum(_BONE_MM, _BONE_TAPER * np.minimum(at - first, last - at))
        return thickness

    def line_mm(self, y: float, points: int = 25) -> Floats:
        """Points (x, z) along the section at elevation y, float64 (n, 2)."""
        first, last = self.span_mm
        x = np.linspace(first, last, points)
        sx, sz = self.spec.course_mm
        return np.column_stack([x + sx * y, self.spline(x) + sz * y])


class Anatomy:
    """All tissue of one scenario at rest, drawn with one seed."""

    def __init__(self, scenario: Scenario, rng: np.random.Generator) -> None:
        face = scenario.probe.radius_mm if scenario.probe.kind == "curved" else None
        self.boundaries = tuple(Boundary(layer, SmoothNoise.draw(rng, (9.0, 14.0)), face) for layer in scenario.layers)
        self.shapes = tuple(Shape(spec, _lumps(spec, rng)) for spec in scenario.structures)
        self.surfaces = tuple(Surface.of(spec) for spec in scenario.surfaces)
        self._fine = SmoothNoise.draw(rng, (1.6, 2.5, 0.5))
        self._coarse = SmoothNoise.draw(rng, (6.0, 8.0, 2.2))
        self._fascicles = tuple(_fascicles(shape, rng) for shape in self.shapes)
        self._haze = tuple((rng.uniform(*_HAZE_DB), rng.uniform(*_HAZE_MM)) for _ in self.shapes)
        kinds: list[str] = [boundary.layer.kind for boundary in self.boundaries]
        kinds += [shape.spec.kind for shape in self.shapes]
        kinds += [_BEHIND.get(surface.spec.kind, "connective") for surface in self.surfaces]
        self.properties = tuple(PROPERTIES[kind] for kind in kinds)

    def region(self, x: Floats, y: Floats, z: Floats) -> NDArray[np.int64]:
        """Which tissue is there: index of the layer, after the layers the structures, then what is behind surfaces."""
        x, y, z = np.broadcast_arrays(x, y, z)
        found = np.full(x.shape, len(self.boundaries) - 1, dtype=np.int64)
        for index in range(len(self.boundaries) - 2, -1, -1):
            found[z < self.boundaries[index].depth_mm(x, y)] = index
        for index, shape in enumerate(self.shapes):
            found[shape.depth_inside(x, y, z) < 1.0] = len(self.boundaries) + index
        after = len(self.boundaries) + len(self.shapes)
        for index, surface in enumerate(self.surfaces):
            if surface.spec.kind in _BEHIND:
                below_mm = z - surface.depth_mm(x, y)
                found[(below_mm > 0.0) & (below_mm < surface.thickness_mm(x, y))] = after + index
        return found

    def level_db(self, x: Floats, y: Floats, z: Floats) -> Floats:
        """Diffuse echo at points, dB."""
        region = self.region(x, y, z)
        mean = np.array([p.level_db for p in self.properties])[region]
        uneven = np.array([p.unevenness_db for p in self.properties])[region]
        level: Floats = mean + uneven * (0.75 * self._fine.at(x, y, z) + 0.65 * self._coarse.at(x, y, z))
        for index, (shape, fascicles) in enumerate(zip(self.shapes, self._fascicles, strict=True)):
            inside = region == len(self.boundaries) + index
            if fascicles is not None and inside.any():
                p, q = shape.local(x[inside], y[inside], z[inside])
                level[inside] -= _darkness_db(p, q, fascicles)
            if shape.spec.kind in ("artery", "vein") and inside.any():
                below_mm = shape.below_wall_mm(x[inside], y[inside], z[inside])
                most_db, fall_mm = self._haze[index]
                level[inside] += most_db * np.exp(-below_mm / fall_mm) + 0.35 * most_db
            if shape.spec.kind == "dark-nerve":
                rim = inside & (shape.depth_inside(x, y, z) > 0.86)
                level[rim] += 11.0
        return level

    def attenuation(self, x: Floats, y: Floats, z: Floats) -> Floats:
        """dB/(cm MHz) at points. Shadows begin a little behind a surface, so that its own echo is whole."""
        values: Floats = np.array([p.attenuation for p in self.properties])[self.region(x, y, z - _CORTEX_MM)]
        return values


def _lumps(spec: StructureSpec, rng: np.random.Generator) -> Floats:
    orders = np.arange(2, 6)
    amplitudes = spec.lumpiness * rng.normal(size=orders.size) * (2.0 / orders) ** 1.5
    return np.column_stack([amplitudes, rng.uniform(0, 2 * math.pi, orders.size)])


def _fascicles(shape: Shape, rng: np.random.Generator) -> Floats | None:
    """Centres and radii (n, 3) of fascicles in a honeycombed nerve's own coordinates, mm; None in other structures."""
    if shape.spec.kind != "honeycomb-nerve":
        return None
    a, b = shape.spec.radii_mm
    rows = np.arange(-b, b + _FASCICLE_MM, _FASCICLE_MM * 1.35)
    columns = np.arange(-a, a + _FASCICLE_MM, _FASCICLE_MM * 1.6)
    p, q = np.meshgrid(columns, rows)
    p = p + (np.arange(rows.size) % 2)[:, None] * _FASCICLE_MM * 0.8 + rng.normal(0, 0.13, p.shape)
    q = q + rng.normal(0, 0.1, q.shape)
    radius = rng.uniform(0.26, 0.42, p.shape)
    keep = np.hypot(p / a, q / b) < 0.86
    return np.column_stack([p[keep], q[keep], radius[keep]])


def _darkness_db(p: Floats, q: Floats, fascicles: Floats) -> Floats:
    """How much darker than the tissue between them the fascicles are, dB, soft at their rim."""
    dark = np.zeros_like(p)
    for cp, cq, radius in fascicles:
        distance = np.hypot(p - cp, q - cq) / radius
        dark = np.maximum(dark, 15.0 * np.clip(1.6 - 1.1 * distance, 0.0, 1.0))
    return dark
