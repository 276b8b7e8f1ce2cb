"""What the user wants to be told of, and from where on."""

import math
from dataclasses import dataclass, fields

from rtguide.errors import ConfigError

__all__ = ["AlarmLimits"]


@dataclass(frozen=True, slots=True)
class AlarmLimits:
    """From where on an alarm is raised. No guideline gives such numbers: the defaults are our own judgement.

    overshoot_mm: how far ahead of the tip the path is watched for keep-outs; about what a hand overshoots by when a
    fascia gives way · blind_advance_mm: how far the shaft may advance while its tip is hidden · nerve_growth: by what
    share a nerve's area may grow while somebody injects · no_spread_s: how long somebody may inject
    without any fluid that is seen · disk_low_s: seconds of recording for which the disk must have room ·
    path_clearance_mm: how far a path that is offered keeps from everything marked.
    """

    overshoot_mm: float = 5.0
    blind_advance_mm: float = 2.0
    nerve_growth: float = 0.15
    no_spread_s: float = 3.0
    disk_low_s: float = 600.0
    path_clearance_mm: float = 2.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not (math.isfinite(value) and value > 0):
                raise ConfigError(f"alarm limit {field.name} = {value:g}: give a number above 0")
