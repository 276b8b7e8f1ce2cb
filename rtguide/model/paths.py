"""Straight ways for a needle that are clear of what the user has marked. They are many; none of them is *the* path."""

import math
from dataclasses import dataclass

from rtguide.errors import GeometryError
from rtguide.model.plan import Approach
from rtguide.model.points import Point

__all__ = ["PathFan", "PathWish", "StraightPath"]


@dataclass(frozen=True, slots=True)
class PathWish:
    """What the paths are to keep to.

    approach: the side that the needle comes from · needle_length_mm: no path is longer · clearance_mm: from everything
    marked, all along · beyond_mm: so far beyond its goal too a path meets no keep-out.
    """

    approach: Approach
    needle_length_mm: float
    clearance_mm: float
    beyond_mm: float

    def __post_init__(self) -> None:
        for name in ("needle_length_mm", "clearance_mm", "beyond_mm"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                raise GeometryError(f"paths need a {name} above 0, not {value:g}")


@dataclass(frozen=True, slots=True)
class StraightPath:
    """One straight way in the picture's plane.

    is_from_left: of the picture · angle_deg: to the probe's face, 0 is parallel to it · entry_px: at the skin, which
    lies outside the picture · goal_px: where it ends, in or beside the target · length_mm: between the two ·
    clearance_mm: from the nearest marked structure that is not to be entered; infinite where there is none.
    """

    is_from_left: bool
    angle_deg: float
    entry_px: Point
    goal_px: Point
    length_mm: float
    clearance_mm: float

    @property
    def key(self) -> tuple[bool, float]:
        """What stays the same while the tissue moves: its side and its angle."""
        return self.is_from_left, self.angle_deg


@dataclass(frozen=True, slots=True)
class PathFan:
    """Every path of one moment, the flattest from the left first.

    why_none: in words, where there are none · picked: side and angle of the one that the user picked, which may no
    longer be among them.
    """

    paths: tuple[StraightPath, ...] = ()
    why_none: str = ""
    picked: tuple[bool, float] | None = None

    @property
    def chosen(self) -> StraightPath | None:
        """The path that was picked, while it is clear."""
        return None if self.picked is None else self.with_key(self.picked)

    def with_key(self, key: tuple[bool, float]) -> StraightPath | None:
        """The path of this side and angle, if it is clear."""
        return next((path for path in self.paths if path.key == key), None)
