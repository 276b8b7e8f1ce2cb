"""What a timeline shows of one frame: a few figures out of its line, without building the scene, and no picture."""

from dataclasses import dataclass
from math import nan
from typing import Any

from rtguide.model.guidance import AlarmPriority, Guidance
from rtguide.model.needle import NeedleTrack
from rtguide.model.scene import Tracking

__all__ = ["ALARM_LEVELS", "UNKNOWN", "Glance", "glance_of", "glance_of_said"]

ALARM_LEVELS: dict[str, int] = {AlarmPriority.LOW: 1, AlarmPriority.MEDIUM: 2, AlarmPriority.HIGH: 3}


@dataclass(frozen=True, slots=True)
class Glance:
    """Of one frame. confidence: of the needle, 0 to 1 · distance_mm, distance_px: from the tip to the target, negative
    inside · alarm_level: of the worst alarm, 0 for none (`ALARM_LEVELS`) · is_needle: one is followed. nan: unknown.
    """

    confidence: float = nan
    distance_mm: float = nan
    distance_px: float = nan
    alarm_level: int = 0
    is_needle: bool = False


UNKNOWN = Glance()
"""Of a frame that was never tracked."""


def glance_of(record: object) -> Glance:
    """Of a line of `scenes.jsonl`; what is damaged in it is unknown."""
    if not isinstance(record, dict) or record.get("skipped") is True:
        return UNKNOWN
    needle, guidance = _object(_object(record, "tracking"), "needle"), _object(record, "guidance")
    alarms = guidance.get("alarms")
    there = alarms if isinstance(alarms, list) else ()
    levels = [ALARM_LEVELS.get(str(_object(alarm, "").get("priority")), 0) for alarm in there]
    return Glance(
        _number(needle.get("confidence")),
        _number(guidance.get("tip_to_target_mm")),
        _number(guidance.get("tip_to_target_px")),
        max(levels, default=0),
        needle.get("track") == NeedleTrack.LOCKED,
    )


def glance_of_said(tracking: Tracking, guidance: Guidance) -> Glance:
    """Of a scene that is there already."""
    needle = tracking.needle
    mm, px = guidance.tip_to_target_mm, guidance.tip_to_target_px
    return Glance(
        needle.confidence,
        nan if mm is None else mm,
        nan if px is None else px,
        max((ALARM_LEVELS[alarm.priority] for alarm in guidance.alarms), default=0),
        needle.track is NeedleTrack.LOCKED,
    )


def _object(record: Any, key: str) -> dict[str, Any]:
    """The object under this key, or the record itself for an empty one; an empty one for anything else."""
    found = record.get(key) if key and isinstance(record, dict) else record
    return found if isinstance(found, dict) else {}


def _number(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else nan
