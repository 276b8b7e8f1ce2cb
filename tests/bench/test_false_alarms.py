"""Alarms of the real tracker beside those that the truth calls for, over simulated procedures: a table.

What is false here is the tracker's: the alarms' own rules are the same on both sides.
"""

import os
from dataclasses import dataclass, field

import pytest

from knowing_tracker import KnowingTracker
from rtguide.app.plugins import make_tracker
from rtguide.clock import ManualClock
from rtguide.model.frame import Frame, SourceInfo, SourceKind
from rtguide.model.guidance import Alarm, AlarmPriority
from rtguide.phantom import Phantom, load_scenario, scenario_names
from rtguide.pipeline.engine import Engine, EngineParts
from rtguide.ports import Tracker
from scripted import ScriptedFinder

RATE_HZ = 20.0
SECONDS = float(os.environ.get("RTGUIDE_ALARM_SECONDS", "20"))
"""Of each easy scenario: from the first advance into the first withdrawal."""
NEAR_S = 1.0
"""So near in time an alarm of the truth stands for one of the tracker."""

Key = tuple[str, str]


@dataclass
class Watched:
    """An engine, and when which of its alarms stood."""

    engine: Engine
    stood: dict[Key, list[float]] = field(default_factory=dict)
    raised: list[tuple[float, Alarm]] = field(default_factory=list)
    before: set[Key] = field(default_factory=set)

    def take(self, frame: Frame, time_s: float) -> None:
        now = {(alarm.code, alarm.about): alarm for alarm in self.engine.process(frame).guidance.alarms}
        self.raised += [(time_s, alarm) for key, alarm in now.items() if key not in self.before]
        for key in now:
            self.stood.setdefault(key, []).append(time_s)
        self.before = set(now)


def _watch(phantom: Phantom, tracker: Tracker) -> Watched:
    info = SourceInfo("phantom", SourceKind.SIMULATED, phantom.shape_px, RATE_HZ)
    engine = Engine(info, phantom.geometry, EngineParts(tracker, ScriptedFinder(), ManualClock()))
    engine.mark(phantom.structures())
    return Watched(engine)


@pytest.mark.bench
@pytest.mark.timeout(3600)
def test_alarms_beside_the_truth(capsys: pytest.CaptureFixture[str]) -> None:
    lines = ["| scenario | s | true | false | lost | false ones |", "|---|---|---|---|---|---|"]
    seconds = true = false = lost = 0.0
    for name in [name for name in scenario_names() if not name.endswith("-hard")]:
        phantom = Phantom(load_scenario(name), seed=1, rate_hz=RATE_HZ)
        knowing = KnowingTracker()
        real, known = _watch(phantom, make_tracker()), _watch(phantom, knowing)
        for index in range(round(SECONDS * RATE_HZ)):
            pixels, knowing.truth = phantom.frame(index)
            time_ns = round(index * 1e9 / RATE_HZ)
            frame = Frame(index, time_ns, time_ns, pixels, phantom.geometry_at(index))
            real.take(frame, index / RATE_HZ)
            known.take(frame, index / RATE_HZ)
        loud = [(t, alarm) for t, alarm in real.raised if alarm.priority is not AlarmPriority.LOW]
        gone = [(t, a) for t, a in loud if a.code == "not-followed"]  # true as it is said, but the truth loses nothing
        loud = [(t, a) for t, a in loud if a.code != "not-followed"]
        wrong = [(t, a) for t, a in loud if not _is_near(t, known.stood.get((a.code, a.about), []))]
        words = ", ".join(f"{a.text} at {t:.1f} s" for t, a in wrong)
        lines.append(f"| {name} | {SECONDS:.0f} | {len(loud) - len(wrong)} | {len(wrong)} | {len(gone)} | {words} |")
        seconds, true, false = seconds + SECONDS, true + len(loud) - len(wrong), false + len(wrong)
        lost += len(gone)
    lines.append(f"| all | {seconds:.0f} | {true:.0f} | {false:.0f} | {lost:.0f} | |")
    with capsys.disabled():
        print("\n" + "\n".join(lines))
    assert true + false > 0, "procedures without any alarm would show nothing"


def _is_near(time_s: float, stood_s: list[float]) -> bool:
    return any(abs(time_s - other) <= NEAR_S for other in stood_s)
