"""How tissue moves: breathing, the pulse, the drag of the needle. Displacements in mm of the patient frame.

Everything is a function of time alone, so that any frame can be made without the ones before it.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtguide.phantom.anatomy import Shape
from rtguide.phantom.scenario import Motion

__all__ = ["Drag", "TissueMotion", "breathing_wave", "pulse_wave"]

Floats = NDArray[np.float64]

_PULSE_REACH_MM = 14.0
"""How far from a vessel its pulsation is still seen to move tissue."""


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


@dataclass(frozen=True, slots=True)
class Drag:
    """Tissue that a needle takes along. tip_mm (x, z) · along: unit vector · amount_mm: positive in advance."""

    tip_mm: tuple[float, float]
    along: tuple[float, float]
    amount_mm: float


@dataclass(frozen=True, slots=True, eq=False)
class TissueMotion:
    """All motion of one scenario.

    arteries: shapes that pulsate · depth_mm: of the picture · phases: of breathing and pulse at time 0, in turns.
    """

    settings: Motion
    arteries: tuple[Shape, ...]
    depth_mm: float
    phases: tuple[float, float]

    def move(self, x: Floats, z: Floats, time_s: float, drag: Drag | None = None) -> tuple[Floats, Floats]:
        """Where resting tissue at (x, z) is at a time."""
        m = self.settings
        lift = m.breathing_mm * breathing_wave(time_s / m.breathing_period_s + self.phases[0])
        below = np.clip(z / self.depth_mm, 0.0, 1.3)
        dx, dz = 0.35 * lift * below, -lift * below
        wave = pulse_wave(time_s * m.pulse_hz + self.phases[1])
        for shape in self.arteries:
            ux, uz = _pulsation(shape, x, z, m.pulse_share * wave)
            dx, dz = dx + ux, dz + uz
        if drag is not None:
            distance = np.hypot(x - drag.tip_mm[0], z - drag.tip_mm[1])
            amount = drag.amount_mm * np.exp(-((distance / 2.2) ** 2))
            dx, dz = dx + amount * drag.along[0], dz + amount * drag.along[1]
        return x + dx, z + dz


def _pulsation(shape: Shape, x: Floats, z: Floats, share: float) -> tuple[Floats, Floats]:
    """A vessel that widens by `share` of its radius pushes tissue outward; areas are kept, so the push falls as 1/r."""
    cx, cz = shape.spec.centre_mm
    dx, dz = x - cx, z - cz
    radius = math.sqrt(shape.spec.radii_mm[0] * shape.spec.radii_mm[1])
    distance = np.maximum(np.hypot(dx, dz), 1e-6)
    inside = distance < radius
    push = np.where(inside, share, share * (radius / distance) ** 2)
    push = push * np.clip(1.5 - distance / _PULSE_REACH_MM, 0.0, 1.0) * np.clip(z / 3.0, 0.0, 1.0)
    return dx * push, dz * push
