"""Which alarms stand, which of them somebody has acknowledged, and how the one that matters most looks now. No Qt.

References
----------
IEC 60601-1-8:2006+A2:2020, as described in secondary sources (the standard itself was not read): high priority red,
flashing at 1.4 to 2.8 Hz; medium yellow, 0.4 to 0.8 Hz; low cyan or yellow, steady; lit 20 to 60 % of the time;
"acknowledged" stops what calls for attention while the condition lasts, and a new alarm condition calls anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from rtguide.guidance.alarm_watch import AlarmWatch
from rtguide.guidance.gates import SILENT_AFTER_NS
from rtguide.guidance.system_alarms import system_alarms
from rtguide.model.guidance import Alarm, AlarmPriority
from rtguide.model.limits import AlarmLimits
from rtguide.model.scene import Scene
from rtguide.model.status import PipelineStatus, SourceState
from rtguide.overlays.hud import ALARM_TONES
from rtguide.overlays.shapes import Tone
from rtguide.view.tones import ToneWish

__all__ = ["FLASH_HZ", "LIT_SHARE", "AlarmBoard", "AlarmSign", "BoardEntry", "Sight"]

FLASH_HZ = {AlarmPriority.HIGH: 2.0, AlarmPriority.MEDIUM: 0.6}
"""In the middle of the ranges that the standard gives; low priority does not flash."""
LIT_SHARE = 0.6

_ORDER = tuple(AlarmPriority)


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """What the window knows at a moment. age_ns: of the scene, None without one."""

    scene: Scene | None
    status: PipelineStatus
    age_ns: int | None
    now_ns: int


@dataclass(frozen=True, slots=True)
class AlarmSign:
    """How the alarm that matters most looks now. is_lit: its ground is filled; more: how many others stand."""

    text: str
    tone: Tone
    is_lit: bool
    is_acknowledged: bool = False
    more: int = 0


@dataclass(frozen=True, slots=True)
class BoardEntry:
    """A line of the log: `alarm raised`, `alarm cleared` or `alarm acknowledged`, and its plain values."""

    kind: str
    details: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Standing:
    alarm: Alarm
    raised_ns: int
    is_acknowledged: bool = False
    is_tracked: bool = False


class AlarmBoard:
    """Keeps what stands from one look to the next. For one thread."""

    def __init__(self, limits: AlarmLimits) -> None:
        self._limits = limits
        self._system = AlarmWatch()
        self._standing: dict[tuple[str, str], _Standing] = {}
        self._seq: int | None = None
        self.is_blind = False
        """An attempt of a study without overlay: what tracking says is logged, and neither shown nor heard."""

    @property
    def standing(self) -> tuple[Alarm, ...]:
        """The alarms that stand, the most important first."""
        return tuple(one.alarm for one in self._in_order())

    def forget(self) -> None:
        """Another source: nothing of the old one stands."""
        self._system.forget()
        self._standing = {}

    def update(self, sight: Sight) -> tuple[BoardEntry, ...]:
        """Take in what is so now; what is to be logged."""
        self._seq = None if sight.scene is None else sight.scene.frame.seq
        geometry = None if sight.scene is None else sight.scene.geometry
        system = system_alarms(sight.status, geometry, sight.age_ns, self._limits)
        tracked = _of_scene(sight)
        alarms = (*tracked, *self._system.update(system, sight.now_ns))
        log: list[BoardEntry] = []
        now: dict[tuple[str, str], _Standing] = {}
        for number, alarm in enumerate(alarms):
            key = (alarm.code, alarm.about)
            before = self._standing.get(key)
            if before is None or _ORDER.index(alarm.priority) < _ORDER.index(before.alarm.priority):
                log.append(self._entry("alarm raised", alarm))
                before = _Standing(alarm, sight.now_ns)
            now[key] = replace(before, alarm=alarm, is_tracked=number < len(tracked))
        log.extend(self._entry("alarm cleared", one.alarm) for key, one in self._standing.items() if key not in now)
        self._standing = now
        return tuple(log)

    def acknowledge(self, *, is_low_only: bool = False) -> tuple[BoardEntry, ...]:
        """Somebody has seen every alarm that stands, or only those of low priority; what is to be logged."""
        log = []
        for key, one in self._standing.items():
            if one.is_tracked and self.is_blind:
                continue
            if not one.is_acknowledged and not (is_low_only and one.alarm.priority is not AlarmPriority.LOW):
                self._standing[key] = replace(one, is_acknowledged=True)
                log.append(self._entry("alarm acknowledged", one.alarm))
        return tuple(log)

    def sign(self, now_ns: int) -> AlarmSign | None:
        """The alarm in the place of the message, high or medium; None where there is none."""
        ordered = self._in_order()
        loud = [one for one in ordered if one.alarm.priority is not AlarmPriority.LOW]
        if not loud:
            return None
        first = loud[0]
        return AlarmSign(
            first.alarm.text,
            ALARM_TONES[first.alarm.priority],
            _is_lit(first, now_ns),
            first.is_acknowledged,
            len(ordered) - 1,
        )

    def wish(self) -> ToneWish:
        """What should be heard: the most important alarm that nobody has acknowledged."""
        calling = next((one for one in self._in_order() if not one.is_acknowledged), None)
        return ToneWish() if calling is None else ToneWish(calling.alarm.priority, calling.raised_ns)

    def line(self) -> tuple[str, Tone] | None:
        """The others in one line, for the bar: those behind the sign that matter most, and how loud."""
        ordered = self._in_order()
        rest = ordered[1:] if ordered and ordered[0].alarm.priority is not AlarmPriority.LOW else ordered
        rest = [one for one in rest if not (one.is_acknowledged and one.alarm.priority is AlarmPriority.LOW)]
        if not rest:
            return None
        return " · ".join(one.alarm.text for one in rest), ALARM_TONES[rest[0].alarm.priority]

    def _in_order(self) -> list[_Standing]:
        """By priority, then those that nobody acknowledged, then the newest."""
        return sorted(
            (one for one in self._standing.values() if not (self.is_blind and one.is_tracked)),
            key=lambda one: (_ORDER.index(one.alarm.priority), one.is_acknowledged, -one.raised_ns),
        )

    def _entry(self, kind: str, alarm: Alarm) -> BoardEntry:
        return BoardEntry(
            kind,
            {
                "code": alarm.code,
                "priority": alarm.priority.value,
                "text": alarm.text,
                "about": alarm.about,
                "seq": self._seq,
            },
        )


def _of_scene(sight: Sight) -> Sequence[Alarm]:
    """A scene's own alarms, as long as anything of it may be shown."""
    is_gone = sight.age_ns is None or sight.age_ns > SILENT_AFTER_NS
    if sight.scene is None or is_gone or sight.status.source.state in (SourceState.INTERRUPTED, SourceState.FAILED):
        return ()
    return sight.scene.guidance.alarms


def _is_lit(one: _Standing, now_ns: int) -> bool:
    """Lit at first, then flashing; steady once it is acknowledged."""
    hz = FLASH_HZ.get(one.alarm.priority)
    if hz is None or one.is_acknowledged:
        return True
    return (now_ns - one.raised_ns) / 1e9 * hz % 1.0 < LIT_SHARE
