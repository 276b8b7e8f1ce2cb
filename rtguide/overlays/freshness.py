"""How old a result may be and still be shown."""

from enum import StrEnum

__all__ = ["GONE_AFTER_NS", "HOLLOW_AFTER_NS", "Freshness", "freshness_of"]

HOLLOW_AFTER_NS = 150_000_000
"""Operators degrade from about 105 ms of added delay; half as much again and the drawing itself must say so."""

GONE_AFTER_NS = 500_000_000
"""A needle advances 5 mm in half a second: a drawing of then says nothing about now."""


class Freshness(StrEnum):
    """fresh: drawn full · hollow: drawn as an outline of itself · gone: not drawn, and the screen says why."""

    FRESH = "fresh"
    HOLLOW = "hollow"
    GONE = "gone"


def freshness_of(age_ns: int) -> Freshness:
    """How a result of this age is drawn; the age runs from the capture of its frame.

    One from the future has no age that is known: a clock was set, and nothing says how old it is.
    """
    if age_ns > GONE_AFTER_NS or age_ns < -HOLLOW_AFTER_NS:
        return Freshness.GONE
    return Freshness.HOLLOW if age_ns > HOLLOW_AFTER_NS else Freshness.FRESH
