"""Fluid that leaves the tip: a pool that opens between the tissues and pushes them apart.

The pool is an ellipse in the slice. Tissue moves outward from its centre so that areas are kept: what was at ρ (in
units of the ellipse) comes to √(ρ² + R²), R² being the pool's area. Nothing is left inside but fluid.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtguide.phantom.happenings import Inject
from rtguide.phantom.pose import ProbePose

__all__ = ["Pool", "pool_at"]

Floats = NDArray[np.float64]

_FLUID_DB = 24.0
"""How much darker a pool of clear fluid is than the tissue around it: nothing in it scatters, some clutter stays."""
_FAR_MM = 20.0
"""Distance over which a push dies away: muscle and fat give way at last."""
_THICKNESS_MM = 4.0
"""Half extent of a pool in elevation: where the slice leaves it, the pool narrows."""


@dataclass(frozen=True, slots=True)
class Pool:
    """The pool at one time. centre_mm (x, y, z) in the patient · radius_mm: were it round."""

    event: Inject
    centre_mm: tuple[float, float, float]
    radius_mm: float

    def _axes(self) -> tuple[float, float, float, float]:
        stretch = math.sqrt(self.event.aspect)
        slope = math.radians(self.event.slope_deg)
        return stretch, 1.0 / stretch, math.cos(slope), math.sin(slope)

    def radius_in(self, slide_mm: float) -> float:
        """Its radius where a slice at this elevation cuts it."""
        off = (slide_mm - self.centre_mm[1]) / (_THICKNESS_MM + self.radius_mm)
        return self.radius_mm * math.sqrt(max(0.0, 1.0 - off * off))

    def push(self, x: Floats, z: Floats) -> tuple[Floats, Floats]:
        """Displacement of tissue at (x, z), mm."""
        a, b, cos, sin = self._axes()
        dx, dz = x - self.centre_mm[0], z - self.centre_mm[2]
        p, q = (dx * cos + dz * sin) / a, (dz * cos - dx * sin) / b
        rho = np.maximum(np.hypot(p, q), 0.05)
        grow = np.sqrt(rho * rho + self.radius_mm**2) / rho - 1.0
        grow = grow * np.exp(-((rho / _FAR_MM) ** 2)) * np.clip(z / 3.0, 0.0, 1.0)
        p, q = p * grow * a, q * grow * b
        return p * cos - q * sin, p * sin + q * cos

    def outline_mm(self, slide_mm: float, corners: int = 32) -> Floats:
        """Corners (x, z) of its section, patient mm, float64 (n, 2)."""
        a, b, cos, sin = self._axes()
        angle = np.linspace(0.0, 2 * math.pi, corners, endpoint=False)
        radius = self.radius_in(slide_mm)
        p, q = radius * a * np.cos(angle), radius * b * np.sin(angle)
        return np.column_stack([self.centre_mm[0] + p * cos - q * sin, self.centre_mm[2] + p * sin + q * cos])

    def depth_inside(self, x: Floats, z: Floats, slide_mm: float) -> Floats:
        """0 at the centre, 1 on the outline."""
        a, b, cos, sin = self._axes()
        dx, dz = x - self.centre_mm[0], z - self.centre_mm[2]
        inside: Floats = np.hypot((dx * cos + dz * sin) / a, (dz * cos - dx * sin) / b)
        return inside / max(self.radius_in(slide_mm), 1e-3)

    def darkening_db(self, x: Floats, z: Floats, slide_mm: float) -> Floats:
        """How much darker it is at (x, z) than the tissue that was there; nothing for a suspension. Soft at the rim."""
        if self.event.echo == "steroid":
            return np.zeros_like(x)
        dark: Floats = _FLUID_DB * np.clip((1.06 - self.depth_inside(x, z, slide_mm)) / 0.12, 0.0, 1.0)
        return dark

    def area_mm2(self, pose: ProbePose) -> float:
        """Area of its section in the slice."""
        return math.pi * self.radius_in(pose.slide_mm) ** 2


def pool_at(event: Inject, centre_mm: tuple[float, float, float], time_s: float) -> Pool | None:
    """The pool of an injection at a time: volume grows evenly, some of it seeps away afterwards."""
    since = time_s - event.at_s
    if since <= 0:
        return None
    filled = min(1.0, since / event.seconds)
    seeped = 0.25 * (1.0 - math.exp(-max(0.0, since - event.seconds) / 12.0))
    return Pool(event, centre_mm, event.radius_mm * math.sqrt(filled * (1.0 - seeped)))
