"""Short, long or double: what a pedal's downs and ups mean, by their times. No Qt."""

from enum import StrEnum

__all__ = ["DOUBLE_NS", "LONG_NS", "Press", "PressReader"]

LONG_NS = 700_000_000
"""A foot that rests on the pedal: half a second is a slow press, a second is a wait. Our own judgement."""

DOUBLE_NS = 350_000_000
"""Between the end of one press and the begin of the next: as desktops take it for a mouse's double click (400 ms)."""


class Press(StrEnum):
    """What was meant."""

    SHORT = "short"
    LONG = "long"
    DOUBLE = "double"


class PressReader:
    """For one pedal and one thread. has_double: whether a short press waits whether a second one comes."""

    def __init__(self, *, has_double: bool) -> None:
        self._has_double = has_double
        self._down_ns: int | None = None
        self._up_ns: int | None = None
        self._is_said = False

    @property
    def is_waiting(self) -> bool:
        """Whether time alone may still decide something."""
        return self._up_ns is not None or (self._down_ns is not None and not self._is_said)

    @property
    def is_down(self) -> bool:
        """Whether a foot is on it."""
        return self._down_ns is not None

    def down(self, now_ns: int) -> Press | None:
        """It is pressed; what a keyboard repeats by itself must not come here."""
        second = self._up_ns is not None and now_ns - self._up_ns < DOUBLE_NS
        first_was_short = self._up_ns is not None and not second
        self._down_ns, self._up_ns, self._is_said = now_ns, None, second
        if second:
            return Press.DOUBLE
        return Press.SHORT if first_was_short else None

    def up(self, now_ns: int) -> Press | None:
        """It is released."""
        down_ns, self._down_ns = self._down_ns, None
        if down_ns is None or self._is_said:
            return None
        if now_ns - down_ns >= LONG_NS:
            return Press.LONG
        if not self._has_double:
            return Press.SHORT
        self._up_ns = now_ns
        return None

    def tick(self, now_ns: int) -> Press | None:
        """Time passes: a long press is said while the foot is still down, a short one when no second came."""
        if self._down_ns is not None and not self._is_said and now_ns - self._down_ns >= LONG_NS:
            self._is_said = True
            return Press.LONG
        if self._up_ns is not None and now_ns - self._up_ns >= DOUBLE_NS:
            self._up_ns = None
            return Press.SHORT
        return None

    def forget(self) -> None:
        """Another window is in front: what was begun here is not finished."""
        self._down_ns = self._up_ns = None
        self._is_said = False
