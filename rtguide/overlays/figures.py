"""The words beside the tip: distances and the angle when it is seen, and what it is when it is not."""

import math

from rtguide.model.guidance import Guidance
from rtguide.model.needle import NeedleMode, TipState
from rtguide.model.scene import Scene
from rtguide.overlays.ink import Ink
from rtguide.overlays.shapes import TextLine, Tone
from rtguide.overlays.structures import title

__all__ = ["distance_text", "tip_lines"]


def tip_lines(scene: Scene, ink: Ink) -> tuple[TextLine, ...]:
    """What is said about the tip, the most important line first and largest."""
    large, small = ink.size(42.0), ink.size(28.0)
    needle = scene.tracking.needle
    if needle.mode is NeedleMode.OUT_OF_PLANE and needle.section_px is not None and not needle.tip.is_seen:
        return _section_figures(scene, large, small)
    match needle.tip.state:
        case TipState.SEEN:
            return _figures(scene, large, small)
        case TipState.PREDICTED:
            return (TextLine("predicted", small),)
        case TipState.HIDDEN if needle.curve_px:
            reason = f" – {needle.tip.hidden_reason}" if needle.tip.hidden_reason else ""
            return TextLine("tip not visible", large, is_bold=True), TextLine(
                f"end of visible shaft{reason}", small, Tone.MUTED
            )
    return ()


def _section_figures(scene: Scene, large: float, small: float) -> tuple[TextLine, ...]:
    """Of the dot of a needle that crosses the plane: how far from the target, and that nobody knows what crosses."""
    guidance = scene.guidance
    target = distance_text(guidance.section_to_target_mm, guidance.section_to_target_px)
    what = TextLine("cross-section", small), TextLine("tip or shaft", small, Tone.MUTED)
    return (TextLine(target, large, is_bold=True), *what) if target else what


def distance_text(mm: float | None, px: float | None) -> str:
    """A signed distance in words: millimetres where they are known, else pixels, inside where it is negative."""
    value, unit = (mm, "mm") if mm is not None else (px, "px")
    if value is None:
        return ""
    digits = 1 if unit == "mm" and abs(value) < 9.95 else 0
    return f"{abs(value):.{digits}f} {unit}{' inside' if value < 0 else ''}"


def _figures(scene: Scene, large: float, small: float) -> tuple[TextLine, ...]:
    guidance: Guidance = scene.guidance
    target = distance_text(guidance.tip_to_target_mm, guidance.tip_to_target_px)
    avoid = distance_text(guidance.nearest_avoid_mm, guidance.nearest_avoid_px)
    lines = [TextLine(target, large, is_bold=True)] if target else []
    if avoid:
        lines.append(TextLine(f"{_avoid_title(scene)} {avoid}".strip(), small))
    if scene.tracking.needle.mode is NeedleMode.OUT_OF_PLANE:
        return (*lines, *_depth(scene, small))
    if guidance.angle_rad is not None:
        lines.append(TextLine(f"{math.degrees(guidance.angle_rad):.0f}°", small))
    return tuple(lines)


def _depth(scene: Scene, size: float) -> tuple[TextLine, ...]:
    """How deep a tip lies that crosses the plane; an angle in the picture would say nothing of its way."""
    tip_px = scene.tracking.needle.tip.px
    place = None if tip_px is None else scene.geometry.mm_from_px(tip_px)
    return () if place is None else (TextLine(f"depth {place[1]:.0f} mm", size),)


def _avoid_title(scene: Scene) -> str:
    structures = scene.tracking.structures
    return next((title(s, structures) for s in structures if s.name == scene.guidance.nearest_avoid_name), "")
