"""What stands on a timeline: what people did, what was added later, and where a needle first was. No Qt."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from rtguide.model.event import EventKind
from rtguide.recording.annotations import AnnotationKind
from rtguide.view.feed import Recorded

__all__ = ["MarkKind", "TimelineMark", "common_moments", "marks_of", "next_mark"]

_PEOPLE = {
    *map(str, EventKind),
    "record pressed",
    "injecting",
    "injecting ended",
    "stop confirmed",
    "done",
    "path picked",
}
_ALARM = "alarm raised"


class MarkKind(StrEnum):
    """Where it comes from, and how it is drawn."""

    EVENT = "event"
    ALARM = "alarm"
    FOUND = "found"
    BOOKMARK = "bookmark"
    NOTE = "note"
    DRAWING = "drawing"


@dataclass(frozen=True, slots=True)
class TimelineMark:
    """Something at a moment. text: as it is said · number: of the annotation it is, None for what was recorded."""

    time_s: float
    kind: MarkKind
    text: str
    number: int | None = None


_ADDED = {
    AnnotationKind.BOOKMARK: MarkKind.BOOKMARK,
    AnnotationKind.NOTE: MarkKind.NOTE,
    AnnotationKind.DRAWING: MarkKind.DRAWING,
}


def marks_of(recorded: Recorded, first_needle: int | None = None) -> tuple[TimelineMark, ...]:
    """All of them, in order of time. first_needle: the first frame with a needle that is followed."""
    marks = list(_event_marks(recorded.events(), recorded))
    if first_needle is not None:
        marks.append(TimelineMark(recorded.time_s(first_needle), MarkKind.FOUND, "needle found"))
    for one in recorded.annotations.there:
        index = recorded.index_of(one.seq)
        if index is not None:
            marks.append(TimelineMark(recorded.time_s(index), _ADDED[one.kind], one.text or str(one.kind), one.number))
    return tuple(sorted(marks, key=lambda mark: mark.time_s))


def _event_marks(events: Iterable[Mapping[str, Any]], recorded: Recorded) -> Iterable[TimelineMark]:
    wanted = [e for e in events if isinstance(e.get("t_ns"), int) and e.get("kind") in {*_PEOPLE, _ALARM}]
    times_s = recorded.moments_s(np.array([event["t_ns"] for event in wanted], np.int64))
    for event, moment_s in zip(wanted, times_s, strict=True):
        kind, time_s = event["kind"], float(moment_s)
        if kind == _ALARM:
            yield TimelineMark(time_s, MarkKind.ALARM, str(event.get("text") or event.get("code") or kind))
            continue
        amount = event.get("amount")
        text = f"{kind} {amount:g} {event.get('unit', '')}" if isinstance(amount, (int, float)) else str(kind)
        if event.get("text"):
            text = f"{text}: {event['text']}"
        yield TimelineMark(time_s, MarkKind.EVENT, text)


def next_mark(marks: Sequence[TimelineMark], seconds: float, direction: int) -> TimelineMark | None:
    """The next one after (1) or before (-1) this moment; moments closer than a hundredth of a second are this one."""
    times = [mark.time_s for mark in marks]
    place = bisect_right(times, seconds + 0.01) if direction > 0 else bisect_left(times, seconds - 0.01) - 1
    return marks[place] if 0 <= place < len(marks) else None


def common_moments(
    first: Sequence[TimelineMark], second: Sequence[TimelineMark]
) -> tuple[tuple[str, float, float], ...]:
    """(what, when in the first, when in the second) of what both have, at its first time, amounts left out."""
    there: dict[str, float] = {}
    for mark in second:
        there.setdefault(_name(mark), mark.time_s)
    found: dict[str, tuple[str, float, float]] = {}
    for mark in first:
        name = _name(mark)
        if name in there and name not in found:
            found[name] = (name, mark.time_s, there[name])
    return tuple(found.values())


def _name(mark: TimelineMark) -> str:
    """`injected 5 ml` and `injected 3 ml` are the same thing."""
    if mark.kind is MarkKind.EVENT:
        return next((kind for kind in sorted(_PEOPLE, key=len, reverse=True) if mark.text.startswith(kind)), mark.text)
    return mark.text if mark.kind in (MarkKind.FOUND, MarkKind.ALARM) else str(mark.kind)
