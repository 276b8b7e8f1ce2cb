"""What is known of a needle in one frame."""

import math
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise

from rtguide.errors import GeometryError
from rtguide.model.points import Point, Points

__all__ = ["HiddenReason", "NeedleHint", "NeedleMode", "NeedleState", "NeedleTrack", "Tip", "TipState"]

DISTAL_SHARE = 1 / 3
"""The part of the shaft that says where it travels: shorter and one noisy point turns it, longer and a bend is missed
(a 3 mm bow over 50 mm turns by some 27° from end to end, by 9° over a third)."""


class NeedleTrack(StrEnum):
    """Where the needle tracker's state machine stands."""

    NONE = "none"
    SEARCHING = "searching"
    LOCKED = "locked"
    COASTING = "coasting"
    LOST = "lost"


class NeedleMode(StrEnum):
    """How the needle meets the image plane."""

    IN_PLANE = "in_plane"
    OUT_OF_PLANE = "out_of_plane"
    UNKNOWN = "unknown"


class TipState(StrEnum):
    """What is known of the tip.

    seen: measured in this frame · predicted: at most 0.3 s and 1.5 mm of travel after a seen one · hidden: the shaft is
    there, its visible end is not known to be the tip · none: no needle.
    """

    SEEN = "seen"
    PREDICTED = "predicted"
    HIDDEN = "hidden"
    NONE = "none"


class HiddenReason(StrEnum):
    """Why the end of the visible shaft is not called the tip."""

    OUT_OF_PLANE = "out of plane"
    SHADOW = "shadow"
    STEEP = "steep"
    DEPTH = "depth"
    LOW_CONTRAST = "low contrast"
    LEFT_VIEW = "left the picture"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True)
class NeedleHint:
    """Where a person says the needle is. points_px: a point on it, or its entry and its tip, image pixels."""

    points_px: Points

    def __post_init__(self) -> None:
        if len(self.points_px) not in (1, 2) or len(set(self.points_px)) != len(self.points_px):
            raise GeometryError(f"a hint is a point or a line between two, not {self.points_px}")


@dataclass(frozen=True, slots=True)
class Tip:
    """The tip in one frame.

    px: image pixels, None unless seen or predicted · covariance_px2: (xx, xy, yy) of its error · sigma_px: the radius
    that holds 68 % of tip errors · hidden_reason: only when hidden.
    """

    state: TipState = TipState.NONE
    px: Point | None = None
    covariance_px2: tuple[float, float, float] | None = None
    sigma_px: float | None = None
    hidden_reason: HiddenReason | None = None

    def __post_init__(self) -> None:
        is_shown = self.state in (TipState.SEEN, TipState.PREDICTED)
        if is_shown != (self.px is not None):
            raise GeometryError(
                f"a tip has a place exactly when it is seen or predicted, not {self.state} at {self.px}"
            )
        if is_shown and self.sigma_px is None:
            raise GeometryError("a tip that is shown needs its uncertainty, sigma_px")
        if (self.hidden_reason is not None) and self.state is not TipState.HIDDEN:
            raise GeometryError(f"only a hidden tip has a reason for hiding, not a {self.state} one")

    @property
    def is_seen(self) -> bool:
        """Whether figures may be derived from it."""
        return self.state is TipState.SEEN


@dataclass(frozen=True, slots=True)
class NeedleState:
    """One needle in one frame.

    entry_px: where the shaft enters the image region · curve_px: the visible shaft from entry to its visible end, as a
    polyline · section_px: the cross-section dot of an out-of-plane needle · pass_number counts insertions from 1 ·
    confidence 0 to 1.
    """

    track: NeedleTrack = NeedleTrack.NONE
    mode: NeedleMode = NeedleMode.UNKNOWN
    pass_number: int = 0
    entry_px: Point | None = None
    curve_px: Points = ()
    section_px: Point | None = None
    tip: Tip = field(default_factory=Tip)
    confidence: float = 0.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.confidence <= 1.0:
            raise GeometryError(f"a confidence lies between 0 and 1, not {self.confidence}")
        if len(self.curve_px) == 1:
            raise GeometryError("a shaft needs two points or none")

    @property
    def shaft_end_px(self) -> Point | None:
        """The end of the visible shaft, away from the entry."""
        return self.curve_px[-1] if self.curve_px else None

    @property
    def direction_rad(self) -> float | None:
        """Angle of travel, atan2(dy, dx) with y down: the chord of the distal third of the shaft; None without one."""
        if len(self.curve_px) < 2:
            return None
        lengths = [math.dist(a, b) for a, b in pairwise(self.curve_px)]
        left = sum(lengths) * DISTAL_SHARE
        (x1, y1), (x0, y0) = self.curve_px[-1], self.curve_px[0]
        for index in range(len(lengths) - 1, -1, -1):
            if lengths[index] >= left > 0:
                share = left / lengths[index]
                (ax, ay), (bx, by) = self.curve_px[index], self.curve_px[index + 1]
                x0, y0 = bx + share * (ax - bx), by + share * (ay - by)
                break
            left -= lengths[index]
        return math.atan2(y1 - y0, x1 - x0)
