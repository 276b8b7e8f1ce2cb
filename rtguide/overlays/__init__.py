"""From a scene to shapes in image pixels; no Qt."""

from rtguide.overlays.compose import compose, hints_of
from rtguide.overlays.freshness import Freshness, freshness_of
from rtguide.overlays.hud import NOTICE, standing_shapes
from rtguide.overlays.ink import Hint, OverlayOptions

__all__ = ["NOTICE", "Freshness", "Hint", "OverlayOptions", "compose", "freshness_of", "hints_of", "standing_shapes"]
