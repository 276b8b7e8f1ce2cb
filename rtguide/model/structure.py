"""What the user marked, and where the tracker says it is now."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from rtguide.errors import GeometryError
from rtguide.model.points import Point, Points, as_array

__all__ = ["Pulse", "Role", "Structure", "StructureKind", "StructureState", "StructureTrack", "Tissue", "box_outline"]


class StructureKind(StrEnum):
    """Its form: an area with an outline, a point, a plane seen edge-on, or a line to keep away from."""

    STRUCTURE = "structure"
    POINT = "point"
    PLANE = "plane"
    LINE = "line"


class Tissue(StrEnum):
    """What it is made of."""

    NERVE = "nerve"
    ARTERY = "artery"
    VEIN = "vein"
    PLEURA = "pleura"
    BONE = "bone"
    OTHER = "other"


class Role(StrEnum):
    """What it means for the needle: reach it, keep out of it, or reach beside it and never enter it."""

    TARGET = "target"
    AVOID = "avoid"
    BOTH = "both"


class StructureTrack(StrEnum):
    """Where a structure's tracker stands."""

    TRACKED = "tracked"
    COASTING = "coasting"
    LOST = "lost"


_FEWEST_POINTS = {StructureKind.STRUCTURE: 3, StructureKind.POINT: 1, StructureKind.PLANE: 2, StructureKind.LINE: 2}


@dataclass(frozen=True, slots=True)
class Structure:
    """A structure as marked. outline_px: corners of a closed outline, or the points of a line, in image pixels."""

    name: str
    kind: StructureKind
    tissue: Tissue
    role: Role
    outline_px: Points

    def __post_init__(self) -> None:
        _check_outline(self.name, self.kind, self.outline_px)


@dataclass(frozen=True, slots=True)
class Pulse:
    """A structure's area swings with a beat.

    rate_hz: beats a second · swing: amplitude as a share of its area · confidence: the beat's share in all that the
    area does, 0 to 1.
    """

    rate_hz: float
    swing: float
    confidence: float

    def __post_init__(self) -> None:
        if not (self.rate_hz > 0 and 0 <= self.confidence <= 1):
            raise GeometryError(f"a pulse has a rate above 0 and a confidence of 0 to 1, not {self}")


@dataclass(frozen=True, slots=True)
class StructureState:
    """A structure in one frame. outline_px is empty when it is lost: a wrong place is never shown.

    pulse: None where none is known; that is no proof that there is none.
    """

    name: str
    kind: StructureKind
    tissue: Tissue
    role: Role
    track: StructureTrack
    outline_px: Points
    confidence: float
    pulse: Pulse | None = None

    def __post_init__(self) -> None:
        if self.track is StructureTrack.LOST:
            if self.outline_px:
                raise GeometryError(f"{self.name} is lost: it has no outline")
            return
        _check_outline(self.name, self.kind, self.outline_px)

    @property
    def box_px(self) -> tuple[float, float, float, float] | None:
        """(x, y, width, height) around the outline; None when lost."""
        if not self.outline_px:
            return None
        points = as_array(self.outline_px)
        (x0, y0), (x1, y1) = points.min(axis=0), points.max(axis=0)
        return float(x0), float(y0), float(x1 - x0), float(y1 - y0)

    @property
    def centre_px(self) -> Point | None:
        """The middle of `box_px`; None when lost."""
        box = self.box_px
        return None if box is None else (box[0] + box[2] / 2, box[1] + box[3] / 2)


def box_outline(x: float, y: float, width: float, height: float, corners: int = 24) -> Points:
    """The ellipse that fills a box given as top-left corner and size, as `corners` points: what a dragged box means."""
    if width <= 0 or height <= 0:
        raise GeometryError(f"a box needs a width and a height, not {width} × {height}")
    angle = np.arange(corners) * (2 * np.pi / corners)
    xs, ys = x + width / 2 * (1 + np.cos(angle)), y + height / 2 * (1 + np.sin(angle))
    return tuple((float(px), float(py)) for px, py in zip(xs, ys, strict=True))


def _check_outline(name: str, kind: StructureKind, outline_px: Points) -> None:
    fewest = _FEWEST_POINTS[kind]
    if len(outline_px) < fewest:
        raise GeometryError(f"{name}: a {kind} needs at least {fewest} points, not {len(outline_px)}")
    if not np.isfinite(as_array(outline_px)).all():
        raise GeometryError(f"{name}: every point needs a finite x and y")
