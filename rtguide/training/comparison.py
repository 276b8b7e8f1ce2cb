"""What a tracker said of a frame beside what a person marked in it."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rtguide.model.points import Point
from rtguide.training.annotation import Annotation, KeyFrame, TipSight

__all__ = ["Compared", "compared", "comparisons"]

NEAR_MM = 2.0
"""A tip farther off is wrong: the limit of `found` and `wrong` in docs/scoring.md."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One marked frame. tip_off_px: from the marked tip to the one the tracker shows, None where one of them is not
    there · structures_off_px: between the middles of the boxes, by name, of those that are marked and followed ·
    trouble: in words what they disagree about, empty where they do not.
    """

    frame: int
    said: str
    tip_off_px: float | None
    structures_off_px: Mapping[str, float] = field(default_factory=dict)
    trouble: str = ""


def comparisons(annotation: Annotation, lines: Iterable[Mapping[str, Any]]) -> tuple[Compared, ...]:
    """Every key frame beside its line of `rtguide track`, in order; one without a line is left out."""
    by_frame = {line["frame"]: line for line in lines}
    scale = annotation.clip.mm_per_px
    return tuple(compared(key, by_frame[key.frame], scale) for key in annotation.keys if key.frame in by_frame)


def compared(key: KeyFrame, line: Mapping[str, Any], mm_per_px: float | None) -> Compared:
    """One frame. Without a scale no distance is called wrong: they are told in pixels."""
    tip = line["needle"]["tip"]
    place: Point | None = None if tip["px"] is None else (tip["px"][0], tip["px"][1])
    off = None if place is None or key.tip_px is None else math.dist(place, key.tip_px)
    structures = {}
    for target in line["targets"]:
        outline = key.outlines_px.get(target["name"])
        if outline and target["box_px"] is not None:
            x, y, width, height = target["box_px"]
            structures[target["name"]] = math.dist((x + width / 2, y + height / 2), _middle(outline))
    return Compared(key.frame, tip["state"], off, structures, _trouble(key, tip["state"], off, mm_per_px))


def _trouble(key: KeyFrame, said: str, off_px: float | None, mm_per_px: float | None) -> str:
    is_shown = said in ("seen", "predicted")
    if key.tip is TipSight.VISIBLE and not is_shown:
        return f"marked visible, the tracker says {said}"
    if key.tip in (TipSight.HIDDEN, TipSight.ABSENT) and said == "seen":
        return f"marked {key.tip.value}, the tracker sees a tip"
    if key.tip is TipSight.ABSENT and is_shown:
        return f"marked {key.tip.value}, the tracker shows a tip"
    if is_shown and off_px is not None and mm_per_px is not None and off_px * mm_per_px > NEAR_MM:
        return f"the tracker's tip is {off_px * mm_per_px:.1f} mm off"
    return ""


def _middle(points: Iterable[Point]) -> Point:
    """Of the box around them."""
    xs, ys = zip(*points, strict=True)
    return (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
