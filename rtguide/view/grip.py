"""From keys and mouse to what the hands do: which keys there are, how fast they move, how a drag becomes a move."""

import math
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt

from rtguide.model.steering import HandState, Nudge, Push

__all__ = ["HAND_KEYS", "Grip", "HandKey", "needle_drag", "probe_drag"]

_RAMP_S, _RAMP_FROM = 0.35, 0.3
"""A held key starts at this share of its speed and reaches all of it in this time: a tap is a small move."""
_FINE = 0.25
"""Share of the speed while Shift is held."""
_LEVER_MM = 30.0
"""A drag across the shaft turns it as if it were held so far from where it pivots."""
_SLIDE_SHARE = 0.3
"""Millimetres of slide for one of dragging: the slice is thin."""
_DEG_PER_MM = 0.5
"""Rock and tilt for a drag with Shift."""


@dataclass(frozen=True, slots=True)
class HandKey:
    """A key that is held. rate: the field of `Push` it sets, to `speed` (in that field's unit)."""

    key: Qt.Key
    rate: str
    speed: float


HAND_KEYS = (
    HandKey(Qt.Key.Key_Down, "advance_mm_s", 10.0),
    HandKey(Qt.Key.Key_Up, "advance_mm_s", -10.0),
    HandKey(Qt.Key.Key_Right, "turn_deg_s", 12.0),
    HandKey(Qt.Key.Key_Left, "turn_deg_s", -12.0),
    HandKey(Qt.Key.Key_PageUp, "swing_deg_s", 8.0),
    HandKey(Qt.Key.Key_PageDown, "swing_deg_s", -8.0),
    HandKey(Qt.Key.Key_I, "inject_ml_s", 0.5),
    HandKey(Qt.Key.Key_S, "slide_mm_s", 3.0),
    HandKey(Qt.Key.Key_A, "slide_mm_s", -3.0),
    HandKey(Qt.Key.Key_B, "shift_mm_s", 5.0),
    HandKey(Qt.Key.Key_V, "shift_mm_s", -5.0),
    HandKey(Qt.Key.Key_E, "tilt_deg_s", 5.0),
    HandKey(Qt.Key.Key_Q, "tilt_deg_s", -5.0),
    HandKey(Qt.Key.Key_X, "rock_deg_s", 5.0),
    HandKey(Qt.Key.Key_Z, "rock_deg_s", -5.0),
    HandKey(Qt.Key.Key_L, "pressure", 1.0),
)
"""None of them is a key of the window's own commands."""


class Grip:
    """Which keys are held, and since when (seconds of any clock)."""

    def __init__(self) -> None:
        self._since: dict[HandKey, float] = {}

    @property
    def is_holding(self) -> bool:
        """Whether any key is held."""
        return bool(self._since)

    def press(self, key: int, now_s: float) -> bool:
        """A key went down; false if it is none of ours."""
        found = [hand_key for hand_key in HAND_KEYS if hand_key.key == key]
        for hand_key in found:
            self._since.setdefault(hand_key, now_s)
        return bool(found)

    def release(self, key: int) -> bool:
        """A key came up; false if it is none of ours."""
        for hand_key in [held for held in self._since if held.key == key]:
            del self._since[hand_key]
        return any(hand_key.key == key for hand_key in HAND_KEYS)

    def let_go(self) -> None:
        """Every key came up, e.g. because another window came to the front and has them now."""
        self._since.clear()

    def push(self, now_s: float, *, is_fine: bool) -> Push:
        """What the held keys make of the hands now; opposite keys cancel out."""
        rates: dict[str, Any] = {}
        for hand_key, since_s in self._since.items():
            share = min(1.0, _RAMP_FROM + (1.0 - _RAMP_FROM) * (now_s - since_s) / _RAMP_S)
            if is_fine:
                share *= _FINE
            rates[hand_key.rate] = rates.get(hand_key.rate, 0.0) + share * hand_key.speed
        if "pressure" in rates:
            rates["pressure"] = 1.0
        return Push(**rates)


def needle_drag(dx_mm: float, dy_mm: float, hand: HandState) -> Nudge:
    """A drag on the picture, (right, down) mm: along the shaft it advances, across it, downward, it makes steeper."""
    side, angle = hand.needle_side or 1, math.radians(hand.angle_deg)
    along = dx_mm * side * math.cos(angle) + dy_mm * math.sin(angle)
    across = -dx_mm * side * math.sin(angle) + dy_mm * math.cos(angle)
    return Nudge(advance_mm=along, turn_deg=math.degrees(across / _LEVER_MM))


def probe_drag(dx_mm: float, dy_mm: float, *, is_turning: bool) -> Nudge:
    """A drag of the probe, (right, down) mm: shift and slide, or rock and tilt."""
    if is_turning:
        return Nudge(rock_deg=_DEG_PER_MM * dx_mm, tilt_deg=_DEG_PER_MM * dy_mm)
    return Nudge(shift_mm=dx_mm, slide_mm=_SLIDE_SHARE * dy_mm)
