"""From the sticks and buttons of a game pad to what the hands do: values in, values out, no hardware."""

from dataclasses import dataclass, fields

from rtguide.model.steering import Push

__all__ = ["PAD_ROWS", "PadReading", "both", "pad_push"]

STICK_DEAD, TRIGGER_DEAD = 0.2, 0.1
"""Shares of the way that do nothing: a worn stick does not come back to its middle."""
_FINE = 0.25
"""Share of the speed while the lower button is held."""

PAD_ROWS = (
    ("left stick", "slide · tilt"),
    ("right stick", "advance · steeper"),
    ("cross", "shift · swing"),
    ("shoulders", "rock"),
    ("triggers", "lean · inject"),
    ("lower, Start", "slow · restart"),
)
"""(control, what it does)."""


@dataclass(frozen=True, slots=True)
class PadReading:
    """What a pad says. Sticks (right, down) -1 to 1, triggers 0 to 1, cross (right, up) and shoulders -1, 0 or 1."""

    left: tuple[float, float] = (0.0, 0.0)
    right: tuple[float, float] = (0.0, 0.0)
    triggers: tuple[float, float] = (0.0, 0.0)
    cross: tuple[int, int] = (0, 0)
    shoulders: int = 0
    is_fine: bool = False
    is_start: bool = False


def pad_push(reading: PadReading) -> Push:
    """What the pad makes of the hands now; full speed as with keys, finer near the middle of a stick."""
    share = _FINE if reading.is_fine else 1.0
    return Push(
        slide_mm_s=3.0 * share * _stick(reading.left[0]),
        tilt_deg_s=5.0 * share * _stick(reading.left[1]),
        advance_mm_s=10.0 * share * _stick(reading.right[1]),
        turn_deg_s=12.0 * share * _stick(reading.right[0]),
        shift_mm_s=5.0 * share * reading.cross[0],
        swing_deg_s=8.0 * share * reading.cross[1],
        rock_deg_s=5.0 * share * reading.shoulders,
        pressure=_beyond(reading.triggers[0], TRIGGER_DEAD),
        inject_ml_s=0.5 * share * _beyond(reading.triggers[1], TRIGGER_DEAD),
    )


def both(one: Push, other: Push) -> Push:
    """Keys and pad at once: speeds add up, the harder lean counts."""
    sums = {field.name: getattr(one, field.name) + getattr(other, field.name) for field in fields(Push)}
    return Push(**(sums | {"pressure": max(one.pressure, other.pressure)}))


def _stick(way: float) -> float:
    rate = _beyond(abs(way), STICK_DEAD) ** 2
    return rate if way >= 0 else -rate


def _beyond(way: float, dead: float) -> float:
    return min(1.0, max(0.0, (way - dead) / (1.0 - dead)))
