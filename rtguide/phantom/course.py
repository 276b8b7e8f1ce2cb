"""The course of a scenario: which picture of the scanner a frame shows, with which settings, with what injected."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtguide.phantom.happenings import DepthChange, Freeze, GainChange, Inject
from rtguide.phantom.injection import Pool, pool_at
from rtguide.phantom.scenario import Scenario

__all__ = ["Course"]

_DROP_PATTERN = 4096
"""Pictures after which the seeded pattern of drops repeats."""


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """period_s: after which everything starts afresh, None where it does not · drops: bool, which pictures get lost."""

    scenario: Scenario
    rate_hz: float
    period_s: float | None
    drops: NDArray[np.bool_]

    @classmethod
    def of(cls, scenario: Scenario, rate_hz: float, rng: np.random.Generator) -> "Course":
        """The course of a scenario at a frame rate."""
        needle = scenario.needle
        period = sum(step.seconds for step in needle.steps) if needle is not None and needle.repeat else 0.0
        drops = rng.random(_DROP_PATTERN) < scenario.stream.dropped
        drops[0] = False
        return cls(scenario, rate_hz, period or None, drops)

    def picture_time(self, index: int) -> tuple[int, float]:
        """(number of the scanner's picture, time it was made) that frame `index` shows."""
        number = index
        if self.scenario.stream.scanner_hz is not None:
            number = int(index * self.scenario.stream.scanner_hz / self.rate_hz + 1e-9)
        while number > 0 and self.drops[number % _DROP_PATTERN]:
            number -= 1
        number = self._thawed(number)
        return number, number / self._scanner_hz

    def time_of(self, number: int) -> float | None:
        """When a picture was made; None before the first."""
        return None if number < 0 else number / self._scanner_hz

    def event_time(self, time_s: float) -> float:
        """The time that events go by."""
        return time_s if self.period_s is None else time_s % self.period_s

    def setting(self, time_s: float) -> int:
        """How many changes of depth have come."""
        now = self.event_time(time_s)
        return sum(change.at_s <= now for change in self.depth_changes)

    @property
    def depth_changes(self) -> list[DepthChange]:
        """All changes of depth in one course, in order."""
        return sorted((e for e in self.scenario.events if isinstance(e, DepthChange)), key=lambda e: e.at_s)

    def scenario_of(self, setting: int) -> Scenario:
        """The scenario as the scanner is set after so many changes of depth; the picture keeps its height."""
        if setting == 0:
            return self.scenario
        change = self.depth_changes[setting - 1]
        probe, screen = self.scenario.probe, self.scenario.screen
        scale = screen.px_per_mm * probe.depth_mm / change.depth_mm
        probe = probe.model_copy(
            update={"depth_mm": change.depth_mm, "centre_mhz": change.centre_mhz or probe.centre_mhz}
        )
        return self.scenario.model_copy(
            update={"probe": probe, "screen": screen.model_copy(update={"px_per_mm": scale})}
        )

    def gain_db(self, time_s: float) -> float:
        """What the gain knob adds to the scenario's own gain."""
        now = self.event_time(time_s)
        changes = [e for e in self.scenario.events if isinstance(e, GainChange) and e.at_s <= now]
        return max(changes, key=lambda e: e.at_s).gain_db if changes else 0.0

    def pools(self, time_s: float, tip_at: Callable[[float], tuple[float, float, float]]) -> tuple[Pool, ...]:
        """All fluid injected so far."""
        now = self.event_time(time_s)
        found = []
        for event in self.scenario.events:
            if isinstance(event, Inject) and event.at_s < now:
                pool = pool_at(event, tip_at(event.at_s), now)
                if pool is not None:
                    found.append(pool)
        return tuple(found)

    def is_injecting(self, time_s: float) -> bool:
        """Whether somebody presses the plunger."""
        now = self.event_time(time_s)
        return any(isinstance(e, Inject) and e.at_s <= now < e.at_s + e.seconds for e in self.scenario.events)

    @property
    def _scanner_hz(self) -> float:
        return self.scenario.stream.scanner_hz or self.rate_hz

    def _thawed(self, number: int) -> int:
        """The picture shown while frozen is the one at the start of the freeze."""
        now = self.event_time(number / self._scanner_hz)
        for event in self.scenario.events:
            if isinstance(event, Freeze) and event.at_s <= now < event.at_s + event.seconds:
                return max(0, number - int((now - event.at_s) * self._scanner_hz))
        return number
