"""Left and right in words, as they are on the screen when the picture is turned; and where the probe's mark is."""

import re
from collections.abc import Sequence
from dataclasses import replace

from rtguide.model.geometry import ImageGeometry, MarkSide
from rtguide.model.points import Point
from rtguide.overlays.shapes import HudSlot, HudText, Label, Shape
from rtguide.view.fit import Turn

__all__ = ["mark_sign", "turned_shapes"]

_OURS = re.compile(r"^(path passes [\d.]* ?(?:mm )?|picked: \d+° from the )(left|right)\b")
"""Only what rtguide itself says of a side: a structure may be called `left vein`, and stays so."""

_OTHER = {"left": "right", "right": "left"}


def turned_shapes(shapes: Sequence[Shape], turn: Turn) -> tuple[Shape, ...]:
    """The shapes with their words for sides as the screen has them, and the plate that says how it is turned."""
    if not turn.is_any:
        return tuple(shapes)
    return tuple(_turned(shape, turn) for shape in shapes)


def _turned(shape: Shape, turn: Turn) -> Shape:
    match shape:
        case HudText(slot=HudSlot.SOURCE):
            return replace(shape, text=f"{shape.text} · {turn.words()}")
        case HudText(slot=HudSlot.MESSAGE) if turn.flips_x:
            return replace(shape, text=_swapped(shape.text))
        case Label() if turn.flips_x:
            return replace(shape, lines=tuple(replace(line, text=_swapped(line.text)) for line in shape.lines))
    return shape


def _swapped(text: str) -> str:
    return _OURS.sub(lambda found: found[1] + _OTHER[found[2]], text)


def mark_sign(geometry: ImageGeometry) -> tuple[Point, str]:
    """Where in the picture a turned view marks its side, image px, and in words which side that is.

    The probe's marked edge where that is known; else the side that the scanner shows at the left.
    """
    bounds = geometry.region.bounds()
    at = (bounds.x + (bounds.width if geometry.mark_side is MarkSide.RIGHT else 0.0), geometry.region.face_px()[1])
    return at, "scanner's left" if geometry.mark_side is MarkSide.UNKNOWN else "probe mark"
