"""What somebody did or felt beside the picture: one press each."""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["AMOUNTS", "DOSES", "Amount", "Event", "EventKind"]


class EventKind(StrEnum):
    """What happened; the text is its word on screen and in the session."""

    ASPIRATED_CLEAR = "aspirated clear"
    ASPIRATED_BLOOD = "aspirated blood"
    INJECTED = "injected"
    TEST_BOLUS = "test bolus"
    PARAESTHESIA = "paraesthesia"
    TWITCH = "twitch"
    PRESSURE_HIGH = "pressure high"
    BOOKMARK = "bookmark"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Amount:
    """How much of something comes with an event. unit: ml or mA · usual: at first · step, least, most: in that unit."""

    unit: str
    usual: float
    step: float
    least: float
    most: float

    def moved(self, value: float, steps: int) -> float:
        """So many steps more or fewer, within the range."""
        return round(min(self.most, max(self.least, value + steps * self.step)), 3)


AMOUNTS = {
    EventKind.INJECTED: Amount("ml", 5.0, 1.0, 1.0, 60.0),
    EventKind.TEST_BOLUS: Amount("ml", 0.5, 0.5, 0.5, 5.0),
    EventKind.TWITCH: Amount("mA", 0.5, 0.1, 0.1, 5.0),
}
"""Events with an amount. The usual ones are what a first press says; a stimulator's current is set in 0.1 mA."""


DOSES = (EventKind.INJECTED, EventKind.TEST_BOLUS)
"""Events by which something gets into the patient."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event.

    t_ns: host monotonic time of the press · amount: in the kind's unit, None where it has none · agent, site: of a
    dose, what was given where; empty where nobody said.
    """

    kind: EventKind
    t_ns: int
    amount: float | None = None
    text: str = ""
    is_recorded: bool = False
    agent: str = ""
    site: str = ""

    @property
    def is_dose(self) -> bool:
        """Whether something was given."""
        return self.kind in DOSES

    def words(self) -> str:
        """As the screen says it."""
        if self.amount is not None:
            return f"{self.kind} {self.amount:g} {AMOUNTS[self.kind].unit} {self.agent}".strip()
        return f"{self.kind}: {self.text}" if self.text else str(self.kind)
