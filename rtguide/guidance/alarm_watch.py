"""From what is so in this frame to the alarms that stand: one wrong frame raises none, a border case does not chatter.

References
----------
IEC 60601-1-8:2006+A2:2020, alarm condition delay and signal generation delay, as described in secondary sources; the
standard itself was not read.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rtguide.model.guidance import Alarm

__all__ = ["CLEAR_AFTER_NS", "RAISE_AFTER_NS", "RAISE_LATER_NS", "AlarmWatch"]

RAISE_AFTER_NS = 100_000_000
"""How long something must be so. At 30 frames/s that is the fourth frame, at 20 the third, at 10 the second. With two
periods of the slowest scanner it stays below the 200 ms in which an alarm has to be there."""

RAISE_LATER_NS = {"injecting-blind": 160_000_000}
"""By code, what must be so for longer: while fluid opens the tissue a tracker takes the tip for a place nearby, sees
that it was wrong, and hides the tip for three or four frames until it has it again."""

CLEAR_AFTER_NS = 1_000_000_000
"""How long it must not be so any more: two flashes of the highest priority, and longer than a tip flickers."""

_MENDED_NS = 70_000_000
"""What is not so for this long in between does not begin anew: a place just on a border is one condition, not many."""

_Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Condition:
    """alarm: as said last · since_ns, last_ns: when it was so first and last · is_raised: whether it stands."""

    alarm: Alarm
    since_ns: int
    last_ns: int
    is_raised: bool = False


class AlarmWatch:
    """Raises and clears by time. Times come with the conditions and may have any origin; going back begins anew."""

    def __init__(self) -> None:
        self._conditions: dict[_Key, _Condition] = {}
        self._now_ns: int | None = None

    def forget(self) -> None:
        """Nothing was so before."""
        self._conditions = {}
        self._now_ns = None

    def update(self, so_now: Sequence[Alarm], now_ns: int) -> tuple[Alarm, ...]:
        """The alarms that stand, given what is so now; those of one structure and code are one, said as it is now."""
        if self._now_ns is not None and now_ns < self._now_ns:
            self.forget()
        self._now_ns = now_ns
        for alarm in so_now:
            key = (alarm.code, alarm.about)
            known = self._conditions.get(key)
            if known is None:
                known = _Condition(alarm, now_ns, now_ns)
            known = replace(known, alarm=alarm, last_ns=now_ns)
            if now_ns - known.since_ns >= RAISE_LATER_NS.get(alarm.code, RAISE_AFTER_NS):
                known = replace(known, is_raised=True)
            self._conditions[key] = known
        kept = {}
        for key, condition in self._conditions.items():
            patience_ns = CLEAR_AFTER_NS if condition.is_raised else _MENDED_NS
            if now_ns - condition.last_ns <= patience_ns:
                kept[key] = condition
        self._conditions = kept
        return tuple(condition.alarm for condition in kept.values() if condition.is_raised)
