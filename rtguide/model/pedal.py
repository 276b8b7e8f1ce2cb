"""Foot pedals: a USB pedal is a keyboard with one key; what a short, a long and a double press of it do."""

from dataclasses import dataclass

from rtguide.errors import ConfigError
from rtguide.model.event import EventKind

__all__ = ["PEDAL_ACTIONS", "PedalMap"]

PEDAL_ACTIONS = (
    "next", "back", "inject", "seen", "hide", "record", "procedure", "mark", "agent",
    "paths", "next path", "path before", "sound", "mirror", "turn", "events", "details", "full", "scale",
    *(str(kind) for kind in EventKind if kind is not EventKind.NOTE),
)  # fmt: skip
"""What a press can do. A note needs a keyboard."""


@dataclass(frozen=True, slots=True)
class PedalMap:
    """One pedal. key: what it types, as in `F13` or `B` · short, long, double: actions, empty for none."""

    key: str
    short: str = "next"
    long: str = "seen"
    double: str = ""

    def __post_init__(self) -> None:
        if not self.key:
            raise ConfigError("a pedal needs its key: say what it types, for example F13")
        for press in ("short", "long", "double"):
            action = getattr(self, press)
            if action and action not in PEDAL_ACTIONS:
                raise ConfigError(f"pedal {self.key}: {press} = {action!r}: give one of {', '.join(PEDAL_ACTIONS)}")
