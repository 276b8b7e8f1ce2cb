"""The events of one procedure: noted at the press, amended for a few seconds after it. No Qt."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from rtguide.model.event import AMOUNTS, DOSES, Event, EventKind

__all__ = ["SAID_FOR_NS", "About", "EventLog"]

SAID_FOR_NS = 6_000_000_000
"""How long an event is said, and its amount can be set right: time to look up from the needle once."""

Note = Callable[[str, Mapping[str, Any]], bool]
"""Keeps an event beside the frames; false where nothing is recorded."""

BOLUS_FOR_NS = 10_000_000_000
"""How long fluid that is seen is taken to be a test bolus's: it spreads within seconds."""

About = Callable[[], tuple[str, str]]
"""What is being given, and where: (agent, site), empty where nobody said."""


class EventLog:
    """For one thread. note: where events are kept · about: what doses are of, and where."""

    def __init__(self, note: Note, about: About = lambda: ("", "")) -> None:
        self._note, self._about = note, about
        self._events: list[Event] = []
        self._said_ns = 0
        self._amounts = {kind: amount.usual for kind, amount in AMOUNTS.items()}

    @property
    def events(self) -> tuple[Event, ...]:
        """All of them, the oldest first."""
        return tuple(self._events)

    @property
    def injected_ml(self) -> float:
        """What was said to be injected in all, test boluses included."""
        return sum(event.amount or 0.0 for event in self._events if event.is_dose)

    def injected_at_ml(self, site: str) -> float:
        """Likewise at one site."""
        return sum(event.amount or 0.0 for event in self._events if event.is_dose and event.site == site)

    def forget(self) -> None:
        """Another source, another procedure."""
        self._events.clear()

    def press(self, kind: EventKind, now_ns: int) -> Event:
        """It happened now; with the amount that was used last."""
        agent, site = self._about() if kind in DOSES else ("", "")
        return self._keep(Event(kind, now_ns, self._amounts.get(kind), agent=agent, site=site), now_ns)

    def note(self, text: str, pressed_ns: int, now_ns: int) -> Event:
        """What was typed until now about the moment of its press."""
        return self._keep(Event(EventKind.NOTE, pressed_ns, text=text), now_ns)

    def amend(self, steps: int, now_ns: int) -> Event | None:
        """Set the last event's amount right by some steps; None where it has none or was said too long ago."""
        last = self.last_said(now_ns)
        if last is None or last.amount is None:
            return None
        amount = AMOUNTS[last.kind].moved(last.amount, steps)
        if amount == last.amount:
            return last
        event = replace(last, amount=amount)
        details = {**_details(event), "was": last.amount, "t_ns": now_ns, "of_t_ns": last.t_ns}
        event = replace(event, is_recorded=self._note("amended", {**details, "event": str(last.kind)}))
        self._events[-1] = event
        self._amounts[last.kind] = amount
        return event

    def last_said(self, now_ns: int) -> Event | None:
        """The last event, as long as it is said on the screen."""
        if not self._events or now_ns - self._said_ns > SAID_FOR_NS:
            return None
        return self._events[-1]

    def is_bolus(self, now_ns: int) -> bool:
        """Whether the last that was given is a test bolus, a moment ago."""
        doses = [event for event in self._events if event.is_dose]
        return bool(doses) and doses[-1].kind is EventKind.TEST_BOLUS and now_ns - doses[-1].t_ns <= BOLUS_FOR_NS

    def saying(self, now_ns: int) -> str:
        """What the status line says of the last event; empty after a while."""
        last = self.last_said(now_ns)
        if last is None:
            return ""
        total = f", {self.injected_ml:g} ml in all" if last.is_dose else ""
        change = "  [+ −]" if last.amount is not None else ""
        return f"✓ {last.words()}{total}{'' if last.is_recorded else ' (not recorded)'}{change}"

    def _keep(self, event: Event, now_ns: int) -> Event:
        event = replace(event, is_recorded=self._note(str(event.kind), _details(event)))
        self._events.append(event)
        self._said_ns = now_ns
        return event


def _details(event: Event) -> dict[str, Any]:
    details: dict[str, Any] = {"t_ns": event.t_ns}
    if event.amount is not None:
        details |= {"amount": event.amount, "unit": AMOUNTS[event.kind].unit}
    for name in ("agent", "site", "text"):
        if value := getattr(event, name):
            details[name] = value
    return details
