"""What a person does at a simulated patient, and how the hands then stand: values between window and simulation."""

import math
from dataclasses import dataclass, fields

from rtguide.errors import ConfigError

__all__ = ["HandState", "Nudge", "Push"]


@dataclass(frozen=True, slots=True)
class Push:
    """What the hands do now, as speeds. Probe: slide (across the picture), shift (along it) mm/s, rock, tilt °/s ·
    needle: advance mm/s, turn (steeper), swing (out of the slice) °/s · inject_ml_s · pressure: of the probe, 0 to 1.
    """

    slide_mm_s: float = 0.0
    shift_mm_s: float = 0.0
    rock_deg_s: float = 0.0
    tilt_deg_s: float = 0.0
    advance_mm_s: float = 0.0
    turn_deg_s: float = 0.0
    swing_deg_s: float = 0.0
    inject_ml_s: float = 0.0
    pressure: float = 0.0

    def __post_init__(self) -> None:
        _check_finite(self)


@dataclass(frozen=True, slots=True)
class Nudge:
    """A move by so much, as a mouse or wheel gives it; carried out as fast as a hand can. Directions as in `Push`."""

    slide_mm: float = 0.0
    shift_mm: float = 0.0
    rock_deg: float = 0.0
    tilt_deg: float = 0.0
    advance_mm: float = 0.0
    turn_deg: float = 0.0
    swing_deg: float = 0.0

    def __post_init__(self) -> None:
        _check_finite(self)


@dataclass(frozen=True, slots=True)
class HandState:
    """How the hands stand.

    Probe: slide_mm, shift_mm, rock_deg, tilt_deg from where it rested; pressure 0 to 1 · needle: inserted_mm of
    length_mm, angle_deg from the skin, swing_deg out of the slice; needle_side: +1 where it travels to the right, -1 to
    the left, 0 without a needle · give: how far tissue lets the needle turn, 1 freely to 0 not at all · injected_ml.
    """

    slide_mm: float = 0.0
    shift_mm: float = 0.0
    rock_deg: float = 0.0
    tilt_deg: float = 0.0
    pressure: float = 0.0
    inserted_mm: float = 0.0
    length_mm: float = 0.0
    angle_deg: float = 0.0
    swing_deg: float = 0.0
    needle_side: int = 0
    give: float = 1.0
    injected_ml: float = 0.0


def _check_finite(value: "Push | Nudge") -> None:
    for field in fields(value):
        number = getattr(value, field.name)
        if not math.isfinite(number):
            raise ConfigError(f"a hand moves at finite speed: {field.name} is {number}")
