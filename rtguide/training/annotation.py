"""What a person says is true of a clip: key frames with tip, shaft and outlines, each marked by hand.

Between key frames places may be interpolated, which is always said and never scored unless asked for.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import pairwise

import numpy as np

from rtguide.errors import ConfigError
from rtguide.model.points import Point, Points, as_array, as_points

__all__ = ["Annotation", "Clip", "KeyFrame", "TipSight"]


class TipSight(StrEnum):
    """What can be said of the tip in one frame."""

    VISIBLE = "visible"
    UNSURE = "cannot tell"
    HIDDEN = "hidden"
    ABSENT = "no needle"


@dataclass(frozen=True, slots=True)
class KeyFrame:
    """One frame as somebody marked it. Places in image px.

    tip: None while nobody has said · tip_px: where it is, or must be though it is hidden · shaft_px: from the entry
    into the picture towards the tip, two points or more, or none · outlines_px: closed, of each structure by its name.
    """

    frame: int
    tip: TipSight | None = None
    tip_px: Point | None = None
    shaft_px: Points = ()
    outlines_px: Mapping[str, Points] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.frame < 0:
            raise ConfigError(f"frames are counted from 0: there is none of number {self.frame}")
        places = [
            self.tip_px or (0.0, 0.0),
            *self.shaft_px,
            *(p for points in self.outlines_px.values() for p in points),
        ]
        if not np.isfinite(places).all():
            raise ConfigError(f"frame {self.frame}: a place that is no number: nan and infinity mark nothing")
        if self.tip is TipSight.VISIBLE and self.tip_px is None:
            raise ConfigError(f"frame {self.frame}: a visible tip has a place: click on it")
        if self.tip in (None, TipSight.ABSENT) and (self.tip_px is not None or self.shaft_px):
            raise ConfigError(f"frame {self.frame}: where no needle is said to be, none can be drawn")
        if len(self.shaft_px) == 1:
            raise ConfigError(f"frame {self.frame}: a shaft has two points or more")
        if any(len(points) < 3 for points in self.outlines_px.values()):
            raise ConfigError(f"frame {self.frame}: an outline has three points or more")

    @property
    def is_empty(self) -> bool:
        """Whether nothing is said."""
        return self.tip is None and not self.outlines_px


@dataclass(frozen=True, slots=True)
class Clip:
    """What was marked. name: of the file or session · shape_px: (height, width) · rate_hz · mm_per_px: None unknown."""

    name: str
    shape_px: tuple[int, int]
    frame_count: int
    rate_hz: float
    mm_per_px: float | None = None

    def __post_init__(self) -> None:
        if self.frame_count < 1 or min(self.shape_px) < 1 or not self.rate_hz > 0:
            raise ConfigError(f"{self.name}: a clip has frames, a size and a rate")
        if self.mm_per_px is not None and not self.mm_per_px > 0:
            raise ConfigError(f"{self.name}: mm per px must be positive, not {self.mm_per_px}")


@dataclass(frozen=True, slots=True)
class Annotation:
    """All that one annotator says of one clip; key frames in order."""

    clip: Clip
    annotator: str
    keys: tuple[KeyFrame, ...] = ()

    def __post_init__(self) -> None:
        frames = [key.frame for key in self.keys]
        if frames != sorted(set(frames)):
            raise ConfigError(f"{self.clip.name}: key frames must come in order, each once")
        if frames and frames[-1] >= self.clip.frame_count:
            raise ConfigError(f"{self.clip.name} has {self.clip.frame_count} frames, and a key frame {frames[-1]}")

    def key(self, frame: int) -> KeyFrame | None:
        """What was marked in this very frame."""
        return next((key for key in self.keys if key.frame == frame), None)

    def marked(self, key: KeyFrame) -> "Annotation":
        """With this key frame in place of what was said of it; an empty one takes it away."""
        others = [one for one in self.keys if one.frame != key.frame]
        keys = others if key.is_empty else [*others, key]
        return replace(self, keys=tuple(sorted(keys, key=lambda one: one.frame)))

    def between(self, frame: int) -> KeyFrame | None:
        """Interpolated between the key frames around; None in one, outside them, or where they do not say the same."""
        for before, after in pairwise(self.keys):
            if before.frame < frame < after.frame:
                return _interpolated(before, after, frame)
        return None


def _interpolated(before: KeyFrame, after: KeyFrame, frame: int) -> KeyFrame | None:
    share = (frame - before.frame) / (after.frame - before.frame)
    outlines = {
        name: _mixed(points, after.outlines_px[name], share)
        for name, points in before.outlines_px.items()
        if len(after.outlines_px.get(name, ())) == len(points)
    }
    tip: TipSight | None = before.tip
    tip_px: Point | None = None
    shaft: Points = ()
    if before.tip is not after.tip:
        tip = None
    elif before.tip_px is not None and after.tip_px is not None:
        tip_px = _mixed((before.tip_px,), (after.tip_px,), share)[0]
        if len(before.shaft_px) == len(after.shaft_px):
            shaft = _mixed(before.shaft_px, after.shaft_px, share) if before.shaft_px else ()
    elif before.tip is TipSight.VISIBLE:
        tip = None
    found = KeyFrame(frame, tip, tip_px, shaft, outlines)
    return None if found.is_empty else found


def _mixed(a: Points, b: Points, share: float) -> Points:
    return as_points(np.asarray((1.0 - share) * as_array(a) + share * as_array(b)))
