"""The hand that holds the probe: its planned moves and its unsteadiness."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtguide.phantom.pose import ProbePose
from rtguide.phantom.scenario import Scenario
from rtguide.phantom.timeline import Timeline

__all__ = ["Hand", "Hold"]

_DRIFT_HZ = (0.11, 0.23, 0.47)
"""A hand at rest wanders slower than it trembles."""
_START = {"slide_mm": 0.0, "shift_mm": 0.0, "rock_deg": 0.0, "tilt_deg": 0.0, "pressure": 0.0, "lift_mm": 0.0}


@dataclass(frozen=True, slots=True)
class Hold:
    """How the probe is held at one time. pressure 0 to 1 · lift_mm: face without contact, right end when positive."""

    pose: ProbePose
    pressure: float = 0.0
    lift_mm: float = 0.0

    @classmethod
    def at_rest(cls) -> "Hold":
        """Quiet, in full contact, where it started."""
        return cls(ProbePose())


@dataclass(frozen=True, slots=True, eq=False)
class Hand:
    """All moves of the probe in one scenario. phases: turns of the drift, float64 (2, n)."""

    timeline: Timeline
    drift_mm: float
    phases: NDArray[np.float64]

    @classmethod
    def draw(cls, scenario: Scenario, rng: np.random.Generator) -> "Hand":
        """The hand of a scenario; its moves repeat with the needle's."""
        steps = [(move.seconds, move.model_dump(exclude={"seconds"})) for move in scenario.probe_moves]
        repeats = scenario.needle is not None and scenario.needle.repeat
        return cls(Timeline.of(_START, steps, repeats=repeats), scenario.hand_drift_mm, rng.random((2, len(_DRIFT_HZ))))

    def hold(self, time_s: float) -> Hold:
        """How the probe is held at a time."""
        values = self.timeline.at(time_s)
        slide = values["slide_mm"] + self.drift_mm * _sway(self.phases[0], time_s)
        shift = values["shift_mm"] + 0.5 * self.drift_mm * _sway(self.phases[1], time_s)
        pose = ProbePose(shift, slide, math.radians(values["rock_deg"]), math.radians(values["tilt_deg"]))
        return Hold(pose, values["pressure"], values["lift_mm"])


def _sway(phases: NDArray[np.float64], time_s: float) -> float:
    """Sum of slow sines, 0 at time 0, of unit size or so."""
    return sum(
        math.sin(2 * math.pi * (hz * time_s + float(p))) - math.sin(2 * math.pi * float(p))
        for hz, p in zip(_DRIFT_HZ, phases, strict=True)
    ) / math.sqrt(6.0)
