"""How tissue moves: breathing, the pulse, the probe's pressure, the needle's drag, injected fluid.

Displacements in mm of the patient frame. Everything is a function of time alone, so that any frame can be made without
the ones before it.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtguide.phantom.anatomy import Anatomy, Shape, Surface
from rtguide.phantom.injection import Pool
from rtguide.phantom.scenario import Motion

__all__ = ["Drag", "Moment", "TissueMotion", "breathing_wave", "pulse_wave"]

Floats = NDArray[np.float64]

_PULSE_REACH_MM = 14.0
"""How far from a vessel its pulsation is still seen to move tissue."""
_SLIDING = 5.0
"""Lung sliding in units of the lift by breathing: it moves several mm along the chest wall."""
_DRAG_REACH_MM = 2.2
_ABOVE_MM, _BELOW_MM, _SPREADS_MM = 7.0, 10.0, 0.12
"""Distances above and below a vein over which the tissue's share in its collapse wears off, and how it widens by mm."""


@dataclass(frozen=True, slots=True)
class Drag:
    """Tissue that a needle takes along. tip_mm (x, z) · along: unit vector · amount_mm: positive in advance."""

    tip_mm: tuple[float, float]
    along: tuple[float, float]
    amount_mm: float


@dataclass(frozen=True, slots=True)
class Moment:
    """What acts on tissue at one time. pressure: of the probe, 0 to 1 · pools: of fluid."""

    time_s: float
    pressure: float = 0.0
    drag: Drag | None = None
    pools: tuple[Pool, ...] = ()


def breathing_wave(turns: float) -> float:
    """0 at the end of expiration, 1 at the height of inspiration; quicker in than out, with a rest."""
    s = turns % 1.0
    if s < 0.4:
        return 0.5 - 0.5 * math.cos(math.pi * s / 0.4)
    if s < 0.9:
        return 0.5 + 0.5 * math.cos(math.pi * (s - 0.4) / 0.5)
    return 0.0


def pulse_wave(turns: float) -> float:
    """Diameter of an artery over one beat, from 0 to about 1: quick upstroke, dicrotic notch, slow decay."""
    s = turns % 1.0
    rise = math.sin(math.pi * s / 0.24) ** 2 if s < 0.12 else math.exp(-(s - 0.12) / 0.28)
    notch = 0.14 * math.exp(-(((s - 0.38) / 0.05) ** 2))
    tail = 1.0 if s < 0.9 else (1.0 - s) / 0.1
    return (rise + notch) * tail


class TissueMotion:
    """All motion of one scenario. `phases`: of breathing and pulse at time 0, in turns."""

    def __init__(self, settings: Motion, anatomy: Anatomy, depth_mm: float, phases: tuple[float, float]) -> None:
        self._settings, self._depth_mm, self._phases = settings, depth_mm, phases
        self._arteries = tuple(shape for shape in anatomy.shapes if shape.spec.kind == "artery")
        self._veins = tuple(shape for shape in anatomy.shapes if shape.spec.kind == "vein")
        self._pleuras = tuple(surface for surface in anatomy.surfaces if surface.spec.kind == "pleura")

    def move(self, x: Floats, z: Floats, moment: Moment) -> tuple[Floats, Floats]:
        """Where resting tissue at (x, z) is at a time."""
        m = self._settings
        breath = m.breathing_mm * breathing_wave(moment.time_s / m.breathing_period_s + self._phases[0])
        below = np.clip(z / self._depth_mm, 0.0, 1.3)
        dx, dz = 0.35 * breath * below, -breath * below
        for pleura in self._pleuras:
            dx = dx + _sliding(pleura, x, z, _SLIDING * breath)
        wave = pulse_wave(moment.time_s * m.pulse_hz + self._phases[1])
        for shape in self._arteries:
            ux, uz = _pulsation(shape, x, z, m.pulse_share * wave)
            dx, dz = dx + ux, dz + uz
        for shape in self._veins if moment.pressure > 0 else ():
            dz = dz + _collapse(shape, x, z, moment.pressure)
        if moment.drag is not None:
            distance = np.hypot(x - moment.drag.tip_mm[0], z - moment.drag.tip_mm[1])
            amount = moment.drag.amount_mm * np.exp(-((distance / _DRAG_REACH_MM) ** 2))
            dx, dz = dx + amount * moment.drag.along[0], dz + amount * moment.drag.along[1]
        for pool in moment.pools:
            ux, uz = pool.push(x, z)
            dx, dz = dx + ux, dz + uz
        return x + dx, z + dz


def _pulsation(shape: Shape, x: Floats, z: Floats, share: float) -> tuple[Floats, Floats]:
    """A vessel that widens by `share` of its radius pushes tissue outward; areas are kept, so the push falls as 1/r."""
    cx, cz = shape.spec.centre_mm
    dx, dz = x - cx, z - cz
    radius = math.sqrt(shape.spec.radii_mm[0] * shape.spec.radii_mm[1])
    squared = np.maximum(dx * dx + dz * dz, 1e-6)
    push = share * np.minimum(1.0, radius * radius / squared)
    push = push * np.clip(1.5 - np.sqrt(squared) / _PULSE_REACH_MM, 0.0, 1.0) * np.clip(z / 3.0, 0.0, 1.0)
    return dx * push, dz * push


def _collapse(shape: Shape, x: Floats, z: Floats, pressure: float) -> Floats:
    """A vein gives way to the probe's pressure: its walls meet, what lies over it sinks, what lies under it rises.

    Both wear off with the distance from the vein and spread sideways.
    """
    cx, cz = shape.spec.centre_mm
    a, b = shape.spec.radii_mm
    away = np.maximum(np.abs(z - cz) - b, 0.0)
    beside = np.exp(-(((x - cx) / (a * (1.0 + _SPREADS_MM * away))) ** 2))
    height = np.clip((z - cz) / b, -1.0, 1.0)
    wears_off = np.exp(-away / np.where(z < cz, _ABOVE_MM, _BELOW_MM))
    closing: Floats = 1.7 * pressure * b * beside * (0.05 - 0.5 * height) * wears_off * np.clip(z / 3.0, 0.0, 1.0)
    return closing


def _sliding(pleura: Surface, x: Floats, z: Floats, amount_mm: float) -> Floats:
    """The lung slides along the chest wall; the pleural line itself shimmers with it."""
    first, last = pleura.span_mm
    depth = pleura.depth_mm(np.clip(x, first, last), np.zeros_like(x))
    slide: Floats = amount_mm * np.clip((z - depth + 1.0) / 1.0, 0.0, 1.0)
    return slide
