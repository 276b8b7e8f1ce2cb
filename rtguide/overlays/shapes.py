"""What an overlay is made of. Places, sizes and widths are in image pixels; the painter knows how large one is."""

import math
from dataclasses import dataclass
from enum import StrEnum

from rtguide.errors import GeometryError
from rtguide.model.points import Point, Points

__all__ = [
    "Box",
    "Bracket",
    "Dash",
    "Ellipse",
    "HudSlot",
    "HudText",
    "Label",
    "Polyline",
    "Segments",
    "Shape",
    "Stroke",
    "TextLine",
    "Tone",
]

Box = tuple[float, float, float, float]
"""(x, y, width, height) with (x, y) the top-left corner."""


class Tone(StrEnum):
    """What a colour is for. The alarm tones are red, yellow and cyan and nothing else is."""

    NEEDLE = "needle"
    PATH = "path"
    STRUCTURE = "structure"
    TEXT = "text"
    MUTED = "muted"
    ALARM_HIGH = "alarm high"
    ALARM_MEDIUM = "alarm medium"
    ALARM_LOW = "alarm low"


class Dash(StrEnum):
    """How sure a line is. solid: measured in this frame · dashed: carried on from before · dotted: where it leads."""

    SOLID = "solid"
    DASHED = "dashed"
    DOTTED = "dotted"


@dataclass(frozen=True, slots=True)
class Stroke:
    """How a line is drawn. is_hollow: only its two edges, because the result is old."""

    tone: Tone
    width_px: float
    dash: Dash = Dash.SOLID
    is_hollow: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.width_px < math.inf:
            raise GeometryError(f"a line needs a positive width, not {self.width_px}")


@dataclass(frozen=True, slots=True)
class Polyline:
    """A line through points, or a closed outline."""

    points_px: Points
    stroke: Stroke
    is_closed: bool = False

    def __post_init__(self) -> None:
        if len(self.points_px) < 2:
            raise GeometryError(f"a line needs two points, not {len(self.points_px)}")
        if not math.isfinite(sum(x + y for x, y in self.points_px)):
            raise GeometryError("every point of a line needs a finite x and y")


@dataclass(frozen=True, slots=True)
class Segments:
    """Separate straight lines of one stroke, each from its first to its second point."""

    pieces_px: tuple[tuple[Point, Point], ...]
    stroke: Stroke

    def __post_init__(self) -> None:
        if not math.isfinite(sum(x + y for piece in self.pieces_px for x, y in piece)):
            raise GeometryError("every point of a line needs a finite x and y")


@dataclass(frozen=True, slots=True)
class Ellipse:
    """An open ellipse. radii_px: along its own x and y · angle_rad: of its own x, clockwise on screen (y down)."""

    centre_px: Point
    radii_px: tuple[float, float]
    angle_rad: float
    stroke: Stroke

    def __post_init__(self) -> None:
        if not all(0 < radius < math.inf for radius in self.radii_px):
            raise GeometryError(f"an ellipse needs positive radii, not {self.radii_px}")

    def points_px(self, count: int) -> Points:
        """So many points along it; the first one comes again at the end."""
        cos, sin = math.cos(self.angle_rad), math.sin(self.angle_rad)
        x, y = self.centre_px
        turns = (2 * math.pi * k / count for k in range(count + 1))
        locals_px = ((self.radii_px[0] * math.cos(t), self.radii_px[1] * math.sin(t)) for t in turns)
        return tuple((x + u * cos - v * sin, y + u * sin + v * cos) for u, v in locals_px)


@dataclass(frozen=True, slots=True)
class Bracket:
    """An open square bracket across a line, its arms pointing along angle_rad (y down). size_px: its full height."""

    at_px: Point
    angle_rad: float
    size_px: float
    stroke: Stroke

    def __post_init__(self) -> None:
        if not 0 < self.size_px < math.inf:
            raise GeometryError(f"a bracket needs a positive size, not {self.size_px}")

    def points_px(self) -> Points:
        """Its four corners: arm, back, back, arm."""
        along = (math.cos(self.angle_rad), math.sin(self.angle_rad))
        half, arm = self.size_px / 2, self.size_px * 0.3
        corners = ((arm, -half), (0.0, -half), (0.0, half), (arm, half))
        x, y = self.at_px
        return tuple((x + a * along[0] - b * along[1], y + a * along[1] + b * along[0]) for a, b in corners)


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line of a label. size_px: the height of the font."""

    text: str
    size_px: float
    tone: Tone = Tone.TEXT
    is_bold: bool = False

    def __post_init__(self) -> None:
        if not self.text or self.size_px <= 0:
            raise GeometryError(f"a line of text needs words and a size, not {self.text!r} at {self.size_px}")


@dataclass(frozen=True, slots=True)
class Label:
    """Words beside something. key: what it belongs to · box_px: where it was placed · at_px: what it speaks of."""

    key: str
    lines: tuple[TextLine, ...]
    box_px: Box
    at_px: Point


class HudSlot(StrEnum):
    """A fixed place at the edge of the view.

    source: what kind of picture this is · notice: research use only · message: the one thing to know now ·
    banner: large letters over the picture, away from needle and structures.
    """

    SOURCE = "source"
    NOTICE = "notice"
    MESSAGE = "message"
    BANNER = "banner"


@dataclass(frozen=True, slots=True)
class HudText:
    """Words at a fixed place. box_px: only for the banner, which is placed inside the picture."""

    slot: HudSlot
    text: str
    tone: Tone = Tone.TEXT
    box_px: Box | None = None

    def __post_init__(self) -> None:
        if (self.box_px is not None) != (self.slot is HudSlot.BANNER):
            raise GeometryError(f"a box belongs to the banner alone, not to {self.slot}")


Shape = Polyline | Segments | Ellipse | Bracket | Label | HudText
