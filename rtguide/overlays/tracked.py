"""The needle as a tracker has it: a thin dashed line with a cross at the tip, and how far it is from the picture's."""

import math

from rtguide.model.scene import Scene
from rtguide.model.tracked_needle import agreement
from rtguide.overlays.ink import Ink
from rtguide.overlays.shapes import Dash, Polyline, Segments, Shape, Tone

__all__ = ["tracked_shapes", "tracked_words"]

CROSS_UNITS = 7.0


def tracked_shapes(scene: Scene, ink: Ink) -> tuple[Shape, ...]:
    """The tracked needle over the picture; nothing where none is tracked."""
    tracked = scene.tracked
    if tracked is None or math.dist(tracked.tip_px, tracked.shaft_px) < 1.0:
        return ()
    (x, y), arm = tracked.tip_px, ink.size(CROSS_UNITS)
    cross = (((x - arm, y), (x + arm, y)), ((x, y - arm), (x, y + arm)))
    line = Polyline((tracked.shaft_px, tracked.tip_px), ink.stroke(Tone.MUTED, 2.0, Dash.DASHED))
    return line, Segments(cross, ink.stroke(Tone.MUTED, 2.0))


def tracked_words(scene: Scene) -> str | None:
    """One line: where the tracked tip is, and how picture and tracker differ; None where none is tracked."""
    tracked = scene.tracked
    if tracked is None:
        return None
    words = f"tracked needle: tip {abs(tracked.off_plane_mm):.1f} mm off the picture's plane"
    found = agreement(tracked, scene.tracking.needle, scene.geometry)
    if found is None:
        return words
    apart = f"{found.line_px:.0f} px" if found.line_mm is None else f"{found.line_mm:.1f} mm"
    return f"{words}; {apart} and {math.degrees(found.turn_rad):.0f}° from the one in the picture"
