"""The sizes of an overlay: how large one design unit is, and how lines look at this freshness.

A design unit is 1/1080 of the view's height, so an overlay looks the same on every screen and stays readable at two
metres: 30 units are 8 mm on a 24-inch screen, of which a digit fills 6 mm, the 10 arc minutes that half of normal
sight can read.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from rtguide.errors import GeometryError
from rtguide.model.paths import PathFan
from rtguide.model.points import Point
from rtguide.overlays.freshness import Freshness
from rtguide.overlays.placement import text_size
from rtguide.overlays.shapes import Box, Dash, HudSlot, HudText, Stroke, TextLine, Tone

__all__ = ["PICTURE_LATE", "UNITS_HIGH", "Hint", "Ink", "OverlayOptions"]

_HOLLOW_UNITS = 3.5
"""How much wider a line is drawn when it is hollow: two edges and what shows between them."""

UNITS_HIGH = 1080.0
"""Design units in the height of a view."""

PICTURE_LATE = HudText(HudSlot.MESSAGE, "picture late", Tone.ALARM_MEDIUM)
"""Why nothing is drawn, where nobody knows a better reason."""

Hint = tuple[str, Point]
"""Where a label stood: its key, and the offset of its box's corner from what it speaks of, in image pixels."""


@dataclass(frozen=True, slots=True)
class OverlayOptions:
    """What compose is told about the screen.

    unit_px: image pixels in one design unit · view_px: the part of the plane that can be seen, in image pixels, which
    may reach beyond the frame; None is the frame · hints: where labels stood, so that they stay · is_hidden: the user
    wants to see the untouched picture · late: why nothing is drawn, for when the result is gone · fan: straight paths
    that are clear in this very scene, None while nobody asks for them · is_blind: a study's attempt without overlay:
    nothing that was tracked is said either · is_bolus: somebody has just given a test bolus · words: gives words as
    they will be drawn, for the room they need.
    """

    unit_px: float = 1.0
    view_px: Box | None = None
    hints: tuple[Hint, ...] = ()
    is_hidden: bool = False
    late: HudText = PICTURE_LATE
    is_blind: bool = False
    is_bolus: bool = False
    words: Callable[[str], str] = str
    fan: PathFan | None = None

    def __post_init__(self) -> None:
        if self.unit_px <= 0:
            raise GeometryError(f"a design unit needs a size, not {self.unit_px} px")

    @classmethod
    def for_frame(cls, shape_px: tuple[int, int]) -> "OverlayOptions":
        """For a picture that is painted at the frame's own size, (height, width)."""
        return cls(unit_px=shape_px[0] / UNITS_HIGH)


@dataclass(frozen=True, slots=True)
class Ink:
    """Makes strokes of this size and freshness."""

    unit_px: float
    freshness: Freshness
    words: Callable[[str], str] = str

    def room(self, lines: Sequence[TextLine]) -> tuple[float, float]:
        """Width and height of these lines in the user's language, (width, height) px."""
        return text_size(tuple(replace(line, text=self.words(line.text)) for line in lines))

    def stroke(self, tone: Tone, units: float, dash: Dash = Dash.SOLID) -> Stroke:
        """A line `units` wide; an old result's line is a little wider, so that its hollow shows."""
        is_hollow = self.freshness is Freshness.HOLLOW
        return Stroke(tone, (units + (_HOLLOW_UNITS if is_hollow else 0.0)) * self.unit_px, dash, is_hollow)

    def size(self, units: float) -> float:
        """Image pixels in so many units."""
        return units * self.unit_px
