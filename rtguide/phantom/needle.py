"""The needle: its course in time, its shape, and the points that echo from it.

It is held in the patient: it pivots about the skin, its deeper part goes with the tissue that breathes around it.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtguide.phantom.scenario import NeedlePlan

__all__ = ["Needle", "NeedlePose", "gauge_mm"]

Floats = NDArray[np.float64]

_GAUGE_MM = {
    16: 1.65,
    17: 1.47,
    18: 1.27,
    19: 1.07,
    20: 0.91,
    21: 0.82,
    22: 0.72,
    23: 0.64,
    24: 0.57,
    25: 0.51,
    26: 0.46,
    27: 0.41,
}
"""Outer diameters, ISO 9626."""

_CURVE_POINTS = 25
_TREMOR_HZ = (1.7, 5.3, 8.7, 10.9)
"""Hand tremor: physiological tremor lies at 8 to 12 Hz, slower sway below (Elble & Koller 1990)."""


def gauge_mm(gauge: int) -> float:
    """Outer diameter of a needle by its gauge."""
    return _GAUGE_MM[gauge]


@dataclass(frozen=True, slots=True, eq=False)
class NeedlePose:
    """The needle at one time, in mm of the patient frame, before tissue moves it.

    curve_mm: float64 (n, 3), from the skin to the tip · inserted_mm: length beyond the skin · speed_mm_s: of insertion,
    negative in withdrawal · pass_number: from 1.
    """

    curve_mm: Floats
    inserted_mm: float
    speed_mm_s: float
    pass_number: int

    @property
    def tip_mm(self) -> Floats:
        """(x, y, z)."""
        tip: Floats = self.curve_mm[-1]
        return tip

    @property
    def along(self) -> Floats:
        """Unit vector of travel at the tip."""
        step: Floats = self.curve_mm[-1] - self.curve_mm[-2]
        return step / float(np.linalg.norm(step))


@dataclass(frozen=True, slots=True, eq=False)
class Needle:
    """A planned needle with its seeded tremor. tremor_phases: turns, float64 (2, n)."""

    plan: NeedlePlan
    tremor_phases: Floats

    @classmethod
    def draw(cls, plan: NeedlePlan, rng: np.random.Generator) -> "Needle":
        """The needle of a plan."""
        return cls(plan, rng.random((2, len(_TREMOR_HZ))))

    @property
    def diameter_mm(self) -> float:
        """Outer."""
        return gauge_mm(self.plan.gauge)

    def inserted(self, time_s: float) -> tuple[float, float, int]:
        """(length beyond the skin in mm, its speed in mm/s, number of the pass)."""
        steps = self.plan.steps
        period = sum(step.seconds for step in steps)
        if period == 0.0:
            return self.plan.start_mm, 0.0, 1
        number, rest = divmod(time_s, period)
        if number > 0 and not self.plan.repeat:
            return steps[-1].inserted_mm, 0.0, 1
        before = self.plan.start_mm
        for step in steps:
            if rest < step.seconds:
                s = rest / step.seconds
                change = step.inserted_mm - before
                return before + change * s * s * (3 - 2 * s), change * 6 * s * (1 - s) / step.seconds, int(number) + 1
            rest -= step.seconds
            before = step.inserted_mm
        return before, 0.0, int(number) + 1

    def pose(self, time_s: float) -> NeedlePose:
        """Where it is at a time."""
        plan = self.plan
        length, speed, number = self.inserted(time_s)
        sway_mm = plan.tremor_mm * self._tremor(0, time_s)
        length = max(0.5, length + 0.6 * plan.tremor_mm * self._tremor(1, time_s))
        side = 1.0 if plan.skin_mm[0] < 0 else -1.0
        down = math.radians(plan.angle_deg) + sway_mm / 30.0
        out = math.radians(plan.yaw_deg)
        along = np.array([side * math.cos(down) * math.cos(out), math.cos(down) * math.sin(out), math.sin(down)])
        upward = np.array([side * math.sin(down), 0.0, -math.cos(down)])
        s = np.linspace(0.0, length, _CURVE_POINTS)
        start = np.array([plan.skin_mm[0], plan.offset_mm, plan.skin_mm[1]])
        curve = start + s[:, None] * along + (plan.bend_mm * (s / 50.0) ** 2)[:, None] * upward
        return NeedlePose(curve, length, speed, number)

    def _tremor(self, axis: int, time_s: float) -> float:
        """Sum of sines of unit variance or so."""
        phases = self.tremor_phases[axis]
        return sum(
            math.sin(2 * math.pi * (hz * time_s + float(phase))) for hz, phase in zip(_TREMOR_HZ, phases, strict=True)
        ) / math.sqrt(2.0)
