"""The needle: its course in time and its shape.

It is held in the patient: it pivots about the skin, and its deeper part goes with the tissue that breathes around it.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtguide.phantom.scenario import NeedlePlan
from rtguide.phantom.timeline import Timeline

__all__ = ["Needle", "NeedleAim", "NeedlePose", "gauge_mm"]

Floats = NDArray[np.float64]

_GAUGE_MM = (1.65, 1.47, 1.27, 1.07, 0.91, 0.82, 0.72, 0.64, 0.57, 0.51, 0.46, 0.41)
"""Outer diameters from 16 to 27 gauge, ISO 9626."""
_CURVE_POINTS = 25
_TREMOR_HZ = (1.7, 5.3, 8.7, 10.9)
"""Hand tremor: physiological tremor lies at 8 to 12 Hz, slower sway below (Elble & Koller 1990)."""
_JIGGLE_HZ = 2.3
"""Quick small moves by which people look for their needle."""


def gauge_mm(gauge: int) -> float:
    """Outer diameter of a needle of 16 to 27 gauge."""
    return _GAUGE_MM[gauge - 16]


@dataclass(frozen=True, slots=True)
class NeedleAim:
    """How a needle is held. inserted_mm: beyond the skin · angle_deg: from the skin · yaw_deg: out of the slice ·
    offset_mm: of its place on the skin from the slice · speed_mm_s: of insertion.
    """

    inserted_mm: float
    angle_deg: float
    yaw_deg: float
    offset_mm: float
    speed_mm_s: float = 0.0


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
        unit: Floats = step / float(np.linalg.norm(step))
        return unit


@dataclass(frozen=True, slots=True, eq=False)
class Needle:
    """A planned needle with its seeded tremor. tremor_phases: turns, float64 (2, n)."""

    plan: NeedlePlan
    timeline: Timeline
    tremor_phases: Floats

    @classmethod
    def draw(cls, plan: NeedlePlan, rng: np.random.Generator) -> "Needle":
        """The needle of a plan."""
        start = {
            "inserted_mm": plan.start_mm,
            "angle_deg": plan.angle_deg,
            "yaw_deg": plan.yaw_deg,
            "offset_mm": plan.offset_mm,
            "jiggle_mm": 0.0,
        }
        steps = [(step.seconds, step.model_dump(exclude={"seconds"})) for step in plan.steps]
        return cls(plan, Timeline.of(start, steps, repeats=plan.repeat), rng.random((2, len(_TREMOR_HZ))))

    @property
    def diameter_mm(self) -> float:
        """Outer."""
        return gauge_mm(self.plan.gauge)

    def pose(self, time_s: float) -> NeedlePose:
        """Where its plan has it at a time."""
        now, soon = self.timeline.at(time_s), self.timeline.at(time_s + 0.02)
        same_run = self.timeline.run(time_s) == self.timeline.run(time_s + 0.02)
        speed = (soon["inserted_mm"] - now["inserted_mm"]) / 0.02 if same_run else 0.0
        jiggle = now["jiggle_mm"] * math.sin(2 * math.pi * _JIGGLE_HZ * time_s)
        aim = NeedleAim(now["inserted_mm"] + jiggle, now["angle_deg"], now["yaw_deg"], now["offset_mm"], speed)
        return self.pose_of(aim, time_s, self.timeline.run(time_s) + 1)

    def pose_of(self, aim: NeedleAim, time_s: float, pass_number: int = 1) -> NeedlePose:
        """Where it is when it is held like this; the hand's tremor at that time is added."""
        plan = self.plan
        length = aim.inserted_mm
        if length > 0.0:
            length = max(0.05, length + 0.6 * plan.tremor_mm * self._tremor(1, time_s))
        side = 1.0 if plan.skin_mm[0] < 0 else -1.0
        down = math.radians(aim.angle_deg) + plan.tremor_mm * self._tremor(0, time_s) / 30.0
        out = math.radians(aim.yaw_deg)
        along = np.array([side * math.cos(down) * math.cos(out), math.cos(down) * math.sin(out), math.sin(down)])
        upward = np.array([side * math.sin(down) * math.cos(out), math.sin(down) * math.sin(out), -math.cos(down)])
        s = np.linspace(0.0, max(length, 1e-3), _CURVE_POINTS)
        start = np.array([plan.skin_mm[0], aim.offset_mm, plan.skin_mm[1]])
        curve = start + s[:, None] * along + (plan.bend_mm * (s / 50.0) ** 2)[:, None] * upward
        return NeedlePose(curve, length, aim.speed_mm_s, pass_number)

    def _tremor(self, axis: int, time_s: float) -> float:
        """Sum of sines of unit variance or so."""
        phases = self.tremor_phases[axis]
        return sum(
            math.sin(2 * math.pi * (hz * time_s + float(phase))) for hz, phase in zip(_TREMOR_HZ, phases, strict=True)
        ) / math.sqrt(2.0)
