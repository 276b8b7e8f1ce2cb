"""From a scene to shapes in image pixels; no Qt."""

from rtguide.overlays.compose import compose, hints_of
from rtguide.overlays.freshness import Freshness, freshness_of
from rtguide.overlays.hud import standing_shapes
from rtguide.overlays.ink import PICTURE_LATE, Hint, OverlayOptions

__all__ = [
    "PICTURE_LATE",
    "Freshness",
    "Hint",
    "OverlayOptions",
    "compose",
    "freshness_of",
    "hints_of",
    "standing_shapes",
]
