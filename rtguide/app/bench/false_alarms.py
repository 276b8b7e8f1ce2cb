"""Alarms of a tracker beside those that the truth calls for, over simulated procedures, faster than real time.

Two engines take the same frames: one with the tracker, one that knows the truth. What the second does not raise is
false; the alarms' own rules are the same on both sides.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from rtguide.app.plugins import calibration_method, make_tracker
from rtguide.clock import ManualClock
from rtguide.model.frame import Frame, SourceInfo, SourceKind
from rtguide.model.guidance import Alarm, AlarmPriority
from rtguide.phantom import Phantom, load_scenario
from rtguide.phantom.knowing import KnowingTracker
from rtguide.pipeline.engine import Engine, EngineParts
from rtguide.ports import Tracker

__all__ = ["AlarmRun", "Watched", "as_json", "print_watched", "watch"]

NEAR_S = 1.0
"""So near in time an alarm of the truth stands for one of the tracker: it also lets a tip that is in the grey zone
between seen and hidden be taken either way for a moment."""

BLIND = ("blind-advance", "injecting-blind")
"""Said of what the tracker itself does not see; false where the truth calls the tip visible all the same."""

UNFOLLOWED = "not-followed"
"""True as it is said, a structure is no longer followed; but the truth loses nothing, so it is counted by itself."""

_ORDER = tuple(AlarmPriority)

_TIP_AT = ("path-meets", "tip-near", "tip-inside", "tip-beyond")
"""Steps of one danger: the truth has no uncertainty, so it says that the tip is beyond where a tracker says that it may
be."""

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class AlarmRun:
    """One simulated procedure. tracker: its name, None for the default."""

    scenario: str
    seed: int
    seconds: float
    rate_hz: float
    tracker: str | None = None


@dataclass(frozen=True, slots=True)
class Raised:
    """A high or medium alarm when it was raised. later_s: than by the truth, None where that did not raise the same."""

    time_s: float
    code: str
    text: str
    later_s: float | None = None


@dataclass(frozen=True, slots=True)
class Watched:
    """What one procedure raised, high and medium alarms alone. missed: what only the truth raised."""

    scenario: str
    seed: int
    seconds: float
    injecting_s: float
    true: tuple[Raised, ...]
    false: tuple[Raised, ...]
    unfollowed: tuple[Raised, ...]
    missed: tuple[Raised, ...]


@dataclass(slots=True)
class _Side:
    """An engine, and when which of its loud alarms stood."""

    engine: Engine
    stood: dict[Key, tuple[AlarmPriority, list[float]]] = field(default_factory=dict)
    raised: list[tuple[float, Alarm]] = field(default_factory=list)
    _before: set[Key] = field(default_factory=set)

    def take(self, frame: Frame, time_s: float) -> None:
        standing = self.engine.process(frame).guidance.alarms
        now = {(alarm.code, alarm.about): alarm for alarm in standing if alarm.priority is not AlarmPriority.LOW}
        self.raised += [(time_s, alarm) for key, alarm in now.items() if key not in self._before]
        for key, alarm in now.items():
            self.stood.setdefault(key, (alarm.priority, []))[1].append(time_s)
        self._before = set(now)

    def not_near(self, other: "_Side") -> list[tuple[float, Alarm]]:
        """What was raised here and did not stand there around that time."""
        return [(time_s, alarm) for time_s, alarm in self.raised if not other.calls_for(alarm, time_s)]

    def later_s(self, alarm: Alarm, time_s: float) -> float | None:
        """How much later than here the same alarm was raised; None where it was not raised here around that time."""
        gaps = [time_s - t for t, a in self.raised if (a.code, a.about) == (alarm.code, alarm.about)]
        near = min(gaps, key=abs, default=math.inf)
        return round(near, 3) if abs(near) <= NEAR_S else None

    def calls_for(self, alarm: Alarm, time_s: float) -> bool:
        """Whether it stood here around that time, or one of the same structure that is no milder."""
        for (code, about), (priority, times) in self.stood.items():
            is_same = (code, about) == (alarm.code, alarm.about)
            is_for = alarm.about and about == alarm.about and _ORDER.index(priority) <= _ORDER.index(alarm.priority)
            if (is_same or (is_for and code in _TIP_AT and alarm.code in _TIP_AT)) and any(
                abs(time_s - t) <= NEAR_S for t in times
            ):
                return True
        return False


def watch(run: AlarmRun) -> Watched:
    """Play one procedure to both engines; somebody injects whenever the scenario does.

    Raises
    ------
    ConfigError
        There is no such scenario or tracker.
    """
    phantom = Phantom(load_scenario(run.scenario), seed=run.seed, rate_hz=run.rate_hz)
    knowing = KnowingTracker()
    real, known = _side(phantom, make_tracker(run.tracker)), _side(phantom, knowing)
    injecting = 0
    for index in range(round(run.seconds * run.rate_hz)):
        pixels, knowing.truth = phantom.frame(index)
        time_ns = round(index * 1e9 / run.rate_hz)
        frame = Frame(index, time_ns, time_ns, pixels, phantom.geometry_at(index))
        is_injecting = phantom.is_injecting(index)
        injecting += is_injecting
        for side in (real, known):
            side.engine.set_injecting(is_injecting=is_injecting)
            side.take(frame, index / run.rate_hz)
    wrong = real.not_near(known)
    false = [(t, alarm) for t, alarm in wrong if alarm.code != UNFOLLOWED]
    return Watched(
        run.scenario,
        run.seed,
        run.seconds,
        injecting / run.rate_hz,
        _as_raised([one for one in real.raised if one not in wrong], known),
        _as_raised(false),
        _as_raised([one for one in wrong if one not in false]),
        _as_raised(known.not_near(real)),
    )


def _side(phantom: Phantom, tracker: Tracker) -> _Side:
    info = SourceInfo("phantom", SourceKind.SIMULATED, phantom.shape_px, phantom.rate_hz)
    parts = EngineParts(tracker, calibration_method("image_region"), ManualClock())
    engine = Engine(info, phantom.geometry, parts)
    engine.mark(phantom.structures())
    return _Side(engine)


def _as_raised(raised: Sequence[tuple[float, Alarm]], truth: _Side | None = None) -> tuple[Raised, ...]:
    return tuple(
        Raised(round(time_s, 3), alarm.code, alarm.text, None if truth is None else truth.later_s(alarm, time_s))
        for time_s, alarm in raised
    )


def as_json(watched: Sequence[Watched]) -> dict[str, Any]:
    """Every procedure, and all together."""
    hours = sum(one.seconds for one in watched) / 3600
    false = sum(len(one.false) for one in watched)
    later = [alarm.later_s for one in watched for alarm in one.true if alarm.later_s is not None]
    return {
        "procedures": [asdict(one) for one in watched],
        "all": {
            "hours": hours,
            "injecting_s": sum(one.injecting_s for one in watched),
            "true": sum(len(one.true) for one in watched),
            "true_later_s": {"median": median(later), "most": max(later), "of": len(later)} if later else None,
            "false": false,
            "false_by_code": dict(Counter(alarm.code for one in watched for alarm in one.false)),
            "false_unseen": sum(alarm.code in BLIND for one in watched for alarm in one.false),
            "unfollowed": sum(len(one.unfollowed) for one in watched),
            "missed": sum(len(one.missed) for one in watched),
            "false_per_hour": false / hours if hours else math.nan,
        },
    }


def print_watched(watched: Sequence[Watched]) -> None:
    """A table: one line for each procedure, one for all."""
    table = Table(title="High and medium alarms of the tracker beside those that the truth calls for")
    for heading in ("scenario", "seed", "s", "true", "false", "lost", "missed", "false ones"):
        table.add_column(heading, justify="left" if heading in ("scenario", "false ones") else "right")
    for one in watched:
        words = ", ".join(f"{alarm.text} at {alarm.time_s:.1f} s" for alarm in one.false)
        counts = (len(group) for group in (one.true, one.false, one.unfollowed, one.missed))
        table.add_row(one.scenario, str(one.seed), f"{one.seconds:g}", *map(str, counts), words)
    every = as_json(watched)["all"]
    sums = [str(every[name]) for name in ("true", "false", "unfollowed", "missed")]
    table.add_section()
    table.add_row("all", "", f"{every['hours'] * 3600:g}", *sums, f"{every['false_per_hour']:.1f} an hour")
    Console().print(table)
    Console().print(
        f"of the false ones {every['false_unseen']} say that the tip is not visible while it could be seen, "
        f"{every['false'] - every['false_unseen']} say something wrong about where it is"
    )
    if every["true_later_s"] is not None:
        later = every["true_later_s"]
        Console().print(
            f"true ones later than by the truth: median {later['median']:.2f} s, at most {later['most']:.2f} s"
        )
