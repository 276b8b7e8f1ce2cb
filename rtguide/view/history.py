"""What the plots show: a few figures of every scene that was looked at."""

import math
from collections import deque
from dataclasses import dataclass

from rtguide.model.scene import Scene

__all__ = ["Sample", "new_history"]

_KEPT = 2400
"""Samples kept: twenty seconds at 120 frames/s."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One scene's figures at the time it was first looked at; NaN where there is none."""

    t_ns: int
    age_ms: float
    depth_mm: float
    distance_mm: float
    confidence: float

    @classmethod
    def of(cls, scene: Scene, now_ns: int, age_ns: int) -> "Sample":
        """From a scene; depth and distance only for a seen tip with a verified scale,
        confidence only while there is a needle.
        """
        tip = scene.tracking.needle.tip
        place = scene.geometry.mm_from_px(tip.px) if tip.is_seen and tip.px is not None else None
        distance = scene.guidance.tip_to_target_mm
        return cls(
            now_ns,
            age_ns / 1e6,
            math.nan if place is None else place[1],
            math.nan if distance is None else distance,
            scene.tracking.needle.confidence if scene.tracking.needle.curve_px else math.nan,
        )


def new_history() -> deque[Sample]:
    """An empty history that forgets the oldest."""
    return deque(maxlen=_KEPT)
