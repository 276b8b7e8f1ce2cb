"""What is said about the needle and the marked structures in one frame."""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Alarm", "AlarmPriority", "Guidance"]


class AlarmPriority(StrEnum):
    """Priorities after the conventions of IEC 60601-1-8."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something the user must know. code: a stable short name · text: what the screen says · about: the structure."""

    code: str
    priority: AlarmPriority
    text: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Guidance:
    """Distances of the tip. All null unless the tip is seen; millimetres null unless the scale is verified.

    tip_to_target: signed distance from the tip to the aim or to the target's outline, negative inside · off_axis: how
    far the projected path passes beside the target, 0 where it crosses the outline, positive when the target lies left
    of the direction of travel as drawn · nearest_avoid: from the near edge of the tip's 95 % region to the nearest
    keep-out outline, negative inside · angle_rad: the shaft's angle to the probe's face, 0 is parallel to it ·
    advice: what is seen, in words; empty when there is nothing to say · section_to_target: signed distance to the same
    outline from where a needle is seen to cross the plane; nobody knows whether that is its tip.
    """

    tip_to_target_px: float | None = None
    tip_to_target_mm: float | None = None
    off_axis_px: float | None = None
    off_axis_mm: float | None = None
    nearest_avoid_px: float | None = None
    nearest_avoid_mm: float | None = None
    nearest_avoid_name: str | None = None
    angle_rad: float | None = None
    advice: str = ""
    alarms: tuple[Alarm, ...] = ()
    section_to_target_px: float | None = None
    section_to_target_mm: float | None = None
