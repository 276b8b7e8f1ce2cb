"""On which side of the picture the probe's mark stands: the lone logo or dot beside one upper end of the picture."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rtguide.errors import CalibrationError
from rtguide.model.geometry import FanRegion, ImageGeometry, MarkSide
from rtguide.opencv import cv2

__all__ = ["find_mark_side"]

INK = 45
"""Grey levels above the background from which something is drawn."""

SMALLEST, LARGEST = 0.008, 0.045
"""Of the frame's height: a mark is so large."""

ROUND = 0.62
"""Shorter over longer side of a mark; letters and dashes are longer."""

FILLED = 0.35
"""Share of its box that a mark holds at least within its outline."""

ABOVE, BELOW, ASIDE, FAN_ASIDE = 0.25, 0.04, 0.35, 0.05
"""Of the picture's height and width: so far above and below its upper edge, and beside it, marks stand."""

RULER_TICKS = 3
"""So many things straight above or below a spot make it a ruler's dot."""

MIDDLE, FAN_MIDDLE = 0.3, 0.12
"""Of the picture's width around its middle: what stands there marks no side; a fan's stands near its narrow end."""


def find_mark_side(frames: Sequence[NDArray[np.uint8]], geometry: ImageGeometry) -> MarkSide:
    """The side, UNKNOWN where no mark is seen, or one on both sides. What it says is for a user to confirm.

    frames: uint8 (h, w) or (h, w, 3) RGB of one size.

    Raises
    ------
    CalibrationError
        No frame was given.
    """
    if not frames:
        raise CalibrationError("no picture was given: one frame is needed")
    greys = [frame if frame.ndim == 2 else frame.max(axis=2) for frame in frames]
    still = np.minimum.reduce(greys)
    spots = _lone_spots(still, geometry)
    box = geometry.region.bounds()
    middle = geometry.region.face_px()[0]
    around = (FAN_MIDDLE if isinstance(geometry.region, FanRegion) else MIDDLE) * box.width / 2
    left = [x for x in spots if x < middle - around]
    right = [x for x in spots if x > middle + around]
    if bool(left) == bool(right):
        return MarkSide.UNKNOWN
    return MarkSide.LEFT if left else MarkSide.RIGHT


def _lone_spots(still: NDArray[np.uint8], geometry: ImageGeometry) -> list[float]:
    """Columns of the round spots without neighbours around the picture's upper end, outside of it."""
    height, width = still.shape
    box = geometry.region.bounds()
    y0, y1 = max(0, round(box.y - ABOVE * box.height)), min(height, round(box.y + BELOW * box.height))
    aside = (FAN_ASIDE if isinstance(geometry.region, FanRegion) else ASIDE) * box.width
    x0, x1 = max(0, round(box.x - aside)), min(width, round(box.x + box.width + aside))
    ground = int(np.median(still[y0 : max(y0 + 1, round(box.y))]))
    ink = (np.abs(still.astype(np.int16) - ground) >= INK).astype(np.uint8)
    bx0, by0, bx1, by1 = geometry.bounds_px()
    grown = np.zeros_like(ink)
    grown[by0:by1, bx0:bx1] = geometry.mask()
    ink[cv2.dilate(grown, np.ones((7, 7), np.uint8)) > 0] = 0
    # the parts of one logo belong together
    joined = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    count, labels, stats, centres = cv2.connectedComponentsWithStats(joined, connectivity=8)
    small, large = SMALLEST * height, LARGEST * height
    parts = [(k, stats[k], centres[k]) for k in range(1, count) if max(stats[k][2], stats[k][3]) >= 2]
    found = []
    for k, stat, centre in parts:
        x, y, w, h = (int(v) for v in stat[:4])
        if not (small <= max(w, h) <= large and min(w, h) >= ROUND * max(w, h)):
            continue
        rows, columns = np.nonzero(labels[y : y + h, x : x + w] == k)
        hull = cv2.convexHull(np.column_stack([columns, rows]).astype(np.int32))
        if cv2.contourArea(hull.astype(np.float32)) < FILLED * w * h:
            continue
        if not (x0 <= x and x + w <= x1 and y0 <= y and y + h <= y1):
            continue
        reach = 1.2 * max(w, h)
        beside = [o for other, o, _ in parts if other != k and _is_beside((x, y, w, h), o, reach)]
        in_line = sum(abs(o - centre[0]) <= 3 for other, _, (o, _) in parts if other != k)
        if not beside and in_line < RULER_TICKS:
            found.append(float(centre[0]))
    return found


def _is_beside(spot: tuple[int, int, int, int], other: NDArray[np.int32], reach: float) -> bool:
    """Whether something stands in the same line within reach: then it is text."""
    x, y, w, h = spot
    ox, oy, ow, oh = (int(v) for v in other[:4])
    gap = max(ox - (x + w), x - (ox + ow))
    return gap <= reach and oy < y + h and oy + oh > y
