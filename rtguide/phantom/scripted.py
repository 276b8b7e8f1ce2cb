"""Scripted hands: whole attempts at a scenario by made-up people of known skill, steered as a person steers.

Each level says how often what novices do wrong is done (advance without seeing the tip, move the probe, redirect,
go back and forth, inject without seeing: Sites, Reg Anesth Pain Med 2007;32:107); the numbers are made up so that the
levels lie clearly apart. They exist to check software, and say nothing of real learners.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace

import numpy as np

from rtguide.errors import ConfigError
from rtguide.model.steering import Push
from rtguide.phantom.happenings import HandRange
from rtguide.phantom.scenario import Scenario
from rtguide.phantom.steering import Control, Steering, steerable

__all__ = ["LEVELS", "HandLevel", "ScriptedHands", "Stroke"]

PIECES = 4
"""The way to the target is gone in so many pieces, with a look between them."""

SLIP_MM = 2.6
"""A probe that slips so far across the needle shows none of it."""

HANDS = HandRange(slide_mm=4.0, shift_mm=6.0, rock_deg=2.0, tilt_deg=2.0)
DEEPER_MM = 1.5
"""Beyond where the scenario's own plan ends: nearer to the target than what counts as reached."""
_OUTSIDE_MM = 3.0
"""So far the needle is in at the start: outside the picture."""
BACK_MM, BACK_BY_MM = 18.0, 9.0
"""Withdrawn to here, by so much, a needle can be turned."""
_SIGMA = 0.3
"""How far one person's times and ways lie from another's, as a share."""


@dataclass(frozen=True, slots=True)
class HandLevel:
    """Habits. blind: pieces of the way gone with the probe slipped off · redirections · swings: times back and forth ·
    wander_mm: way of the probe along the skin · advance_mm_s · look_s: between pieces · is_blind_injection: the probe
    slips off half way through the injection · is_reinserted: out of the skin once, and in again.
    """

    name: str
    blind: int
    redirections: int
    swings: int
    wander_mm: float
    advance_mm_s: float
    look_s: float
    is_blind_injection: bool
    is_reinserted: bool

    def __post_init__(self) -> None:
        if not 0 <= self.blind <= PIECES:
            raise ConfigError(f"{self.name}: blind pieces are 0 to {PIECES}, not {self.blind}")
        for name in (f.name for f in fields(self) if f.type in ("int", "float")):
            if not getattr(self, name) >= 0:
                raise ConfigError(f"{self.name}: {name} is 0 or more, not {getattr(self, name)}")


LEVELS = (
    HandLevel("novice", 2, 1, 6, 26.0, 5.0, 0.9, is_blind_injection=True, is_reinserted=True),
    HandLevel("trained", 1, 1, 2, 10.0, 6.5, 0.7, is_blind_injection=False, is_reinserted=False),
    HandLevel("expert", 0, 0, 0, 2.0, 8.0, 0.5, is_blind_injection=False, is_reinserted=False),
)
"""From the least to the most skilled."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """One move of the hands for some seconds. is_injecting: somebody says that they inject."""

    seconds: float
    push: Push = field(default_factory=Push)
    is_injecting: bool = False


class ScriptedHands:
    """One attempt. `controls` gives how everything is held in each frame, and whether somebody injects then."""

    def __init__(self, level: HandLevel, scenario: Scenario, seed: int) -> None:
        if scenario.needle is None:
            raise ConfigError(f"{scenario.name} has no needle to steer: take another scenario")
        start = scenario.needle.model_copy(update={"start_mm": _OUTSIDE_MM})
        self.scenario = steerable(scenario, HANDS).model_copy(update={"needle": start})
        self._goal_mm = max(step.inserted_mm or 0.0 for step in scenario.needle.steps) + DEEPER_MM
        self._level, self._rng = level, np.random.default_rng([seed, len(level.name)])
        self.strokes = tuple(self._planned())

    @property
    def seconds(self) -> float:
        """How long it takes."""
        return sum(stroke.seconds for stroke in self.strokes)

    def controls(self, rate_hz: float) -> Iterator[tuple[Control, bool]]:
        """One a frame."""
        steering = Steering(self.scenario)
        ends = np.cumsum([stroke.seconds for stroke in self.strokes])
        yield steering.control, False
        for index in range(1, math.floor(self.seconds * rate_hz)):
            stroke = self.strokes[int(np.searchsorted(ends, index / rate_hz))]
            yield steering.step(stroke.push, 1.0 / rate_hz, self._tip_mm(steering.control)), stroke.is_injecting

    def _tip_mm(self, control: Control) -> tuple[float, float, float]:
        """Where fluid comes out; tremor and tissue move it by less than it is wide."""
        needle = self.scenario.needle
        assert needle is not None
        side = 1.0 if needle.skin_mm[0] < 0 else -1.0
        down, length = math.radians(control.aim.angle_deg), control.aim.inserted_mm
        return (
            needle.skin_mm[0] + side * length * math.cos(down),
            control.aim.offset_mm,
            needle.skin_mm[1] + length * math.sin(down),
        )

    def _planned(self) -> Iterator[Stroke]:
        level, rng = self._level, self._rng
        yield Stroke(1.2)
        if level.is_reinserted:
            yield from self._moved(20.0 - _OUTSIDE_MM)
            yield Stroke(self._about(1.0))
            yield from self._moved(-20.5)
            yield Stroke(1.5)
            yield from self._moved(_OUTSIDE_MM)
        wrong_deg = self._about(9.0, 0.15) if level.redirections else 0.0
        at_mm = BACK_MM
        yield _turned(-wrong_deg, _OUTSIDE_MM)
        yield from self._moved(at_mm - _OUTSIDE_MM)
        yield Stroke(self._about(level.look_s))
        for n in range(level.redirections):
            yield from self._moved(BACK_BY_MM)
            yield Stroke(self._about(level.look_s))
            yield from self._moved(-BACK_BY_MM)
            yield Stroke(0.4)
            is_last = n + 1 == level.redirections
            yield _turned(wrong_deg if is_last else 0.0, at_mm)
            yield Stroke(0.4)
        blind = set(rng.permutation(PIECES)[: level.blind].tolist())
        swings = rng.multinomial(level.swings, [1 / PIECES] * PIECES)
        wander = rng.dirichlet([3.0] * PIECES) * level.wander_mm
        piece_mm = (self._goal_mm - at_mm) / PIECES
        for n in range(PIECES):
            yield from _wandering(float(wander[n]))
            for _ in range(int(swings[n])):
                yield from self._moved(-3.0)
                yield from self._moved(3.0)
            if n in blind:
                yield from _slipped(self._moved(piece_mm))
            else:
                yield from self._moved(piece_mm)
            yield Stroke(self._about(level.look_s))
        yield from self._injection()
        yield Stroke(1.0)

    def _injection(self) -> Iterator[Stroke]:
        """In one go: whoever slips off goes on injecting."""
        parts = [Stroke(self._about(2.5)), Stroke(self._about(2.5))]
        if self._level.is_blind_injection:
            away, rest, *back = _slipped(iter(parts[1:]))
            parts = [parts[0], away, rest, back[0]]
            yield from (_injecting(stroke) for stroke in parts)
            yield from back[1:]
        else:
            yield from (_injecting(stroke) for stroke in parts)

    def _moved(self, way_mm: float) -> Iterator[Stroke]:
        speed = self._about(self._level.advance_mm_s)
        yield Stroke(abs(way_mm) / speed, Push(advance_mm_s=math.copysign(speed, way_mm)))

    def _about(self, value: float, sigma: float = _SIGMA) -> float:
        return value * float(np.clip(self._rng.normal(1.0, sigma), 0.5, 1.5))


def _turned(degrees: float, inserted_mm: float) -> Stroke:
    """Tissue gives way to a part of the push, the less the deeper the needle is."""
    give = math.exp(-((inserted_mm / 15.0) ** 2))
    seconds = max(0.4, abs(degrees) / give / 30.0)
    return Stroke(seconds, Push(turn_deg_s=degrees / give / seconds))


def _injecting(stroke: Stroke) -> Stroke:
    return Stroke(stroke.seconds, replace(stroke.push, inject_ml_s=0.35), is_injecting=True)


def _slipped(inner: Iterator[Stroke]) -> Iterator[Stroke]:
    """The probe slides off the needle, something is done, and it is brought back."""
    yield Stroke(0.5, Push(slide_mm_s=SLIP_MM / 0.5))
    yield Stroke(0.4)
    yield from inner
    yield Stroke(0.4)
    yield Stroke(0.5, Push(slide_mm_s=-SLIP_MM / 0.5))
    yield Stroke(0.6)


def _wandering(way_mm: float) -> Iterator[Stroke]:
    """There and back along the skin, a few millimetres at a time."""
    times = max(1, math.ceil(way_mm / 8.0))
    for n in range(2 * times):
        speed = way_mm / (2 * times) / 0.6
        yield Stroke(0.6, Push(shift_mm_s=speed if n % 2 == 0 else -speed))
