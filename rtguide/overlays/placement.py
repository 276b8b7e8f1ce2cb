"""Finds a place for words where they cover nothing that matters."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtguide.model.points import Point, Points, as_array
from rtguide.overlays.shapes import Box, TextLine

__all__ = ["Clearance", "place_around", "place_beside", "place_in_view", "sampled", "text_size"]

EM_WIDTH, BOLD_EM_WIDTH = 0.57, 0.72
"""Mean advance of DejaVu Sans' letters and digits in font heights, rounded up."""

LINE_HEIGHT = 1.25
"""Height of a line of text in font heights."""

_ANGLES = np.arange(16) * (2 * math.pi / 16)
_GAPS_UNITS = (30.0, 60.0, 110.0)
_FAR_COSTS = 0.015
"""What a design unit of distance costs: 70 units as much as one covered point."""

_STAYS_WORTH = 0.7
"""What staying is worth: as much as half a turn to a better side, less than coming 60 units nearer."""


@dataclass(frozen=True, slots=True, eq=False)
class Clearance:
    """What must not be covered: points (n, 2), boxes (m, 4) as x0, y0, x1, y1; and what can be seen, in image px."""

    points_px: NDArray[np.float64]
    boxes_px: NDArray[np.float64]
    view_px: Box

    @property
    def areas_px2(self) -> NDArray[np.float64]:
        """The boxes' areas, float64 (m,)."""
        return np.asarray(np.prod(self.boxes_px[:, 2:] - self.boxes_px[:, :2], axis=1), dtype=np.float64)

    @classmethod
    def of(cls, points: Sequence[Point], boxes: Sequence[Box], view_px: Box) -> "Clearance":
        """From points and boxes as tuples."""
        corners = [(x, y, x + width, y + height) for x, y, width, height in boxes]
        return cls(as_array(points), np.array(corners, dtype=np.float64).reshape(-1, 4), view_px)

    def with_box(self, box: Box) -> "Clearance":
        """The same, and this box as well."""
        x, y, width, height = box
        corners = np.array([[x, y, x + width, y + height]])
        return Clearance(self.points_px, np.vstack([self.boxes_px, corners]), self.view_px)

    def cost(self, corners: NDArray[np.float64], size: tuple[float, float]) -> NDArray[np.float64]:
        """What covering costs, for boxes of one size at top-left corners (k, 2).

        1 for each covered point, 20 for each box that is covered or covers, 60 for each box's worth out of view.
        """
        low, high = corners, corners + np.array(size)
        x0, y0, x1, y1 = (side[:, None] for side in (low[:, 0], low[:, 1], high[:, 0], high[:, 1]))
        px, py = self.points_px[:, 0], self.points_px[:, 1]
        inside = np.count_nonzero((px > x0) & (px < x1) & (py > y0) & (py < y1), axis=1)
        area = size[0] * size[1]
        wide = np.minimum(x1, self.boxes_px[:, 2]) - np.maximum(x0, self.boxes_px[:, 0])
        tall = np.minimum(y1, self.boxes_px[:, 3]) - np.maximum(y0, self.boxes_px[:, 1])
        smaller = np.minimum(self.areas_px2, area)
        covered = (np.maximum(wide, 0.0) * np.maximum(tall, 0.0) / smaller).sum(axis=1)
        x, y, width, height = self.view_px
        seen = np.minimum(high, (x + width, y + height)) - np.maximum(low, (x, y))
        outside = 1.0 - np.maximum(seen, 0.0).prod(axis=1) / area
        return np.asarray(inside + 20.0 * covered + 60.0 * outside, dtype=np.float64)


def text_size(lines: Sequence[TextLine]) -> tuple[float, float]:
    """(width, height) that the lines take, in image pixels; an estimate that needs no font."""
    width = max(len(line.text) * line.size_px * (BOLD_EM_WIDTH if line.is_bold else EM_WIDTH) for line in lines)
    return width, sum(line.size_px * LINE_HEIGHT for line in lines)


def place_beside(
    at_px: Point, size: tuple[float, float], unit_px: float, clearance: Clearance, wish: tuple[Point, Point | None]
) -> Box:
    """The best box of this size near a point.

    wish: a direction (x, y) to prefer, and the offset of the corner where the words stood last time, or None. A box
    stays where it stood unless another place is clearly better: words that jump cannot be read.
    """
    direction, last = wish
    half = np.array(size) / 2
    ways = np.column_stack([np.cos(_ANGLES), np.sin(_ANGLES)])
    gaps = np.array(_GAPS_UNITS) * unit_px
    middles = (ways[:, None, :] * (_reach(ways, half)[:, None] + gaps[None, :])[:, :, None]).reshape(-1, 2)
    bonus = np.zeros(len(middles))
    if last is not None:
        middles = np.vstack([middles, np.array(last) + half])
        bonus = np.append(bonus, _STAYS_WORTH)
    far = np.maximum(np.hypot(middles[:, 0], middles[:, 1]), 1e-9)
    towards = middles / far[:, None]
    gap_units = (far - _reach(towards, half)) / unit_px
    cost = _FAR_COSTS * gap_units - 0.5 * (towards @ np.array(direction)) - bonus
    corners = middles - half + np.array(at_px)
    best = corners[int(np.argmin(cost + clearance.cost(corners, size)))]
    return float(best[0]), float(best[1]), size[0], size[1]


def _reach(ways: NDArray[np.float64], half: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far a box reaches from its middle along unit vectors (n, 2); half: half its width and height."""
    spans = half / np.maximum(np.abs(ways), 1e-9)
    return np.asarray(spans.min(axis=1), dtype=np.float64)


def place_around(box: Box, size: tuple[float, float], unit_px: float, clearance: Clearance) -> Box:
    """The best box of this size just outside another box: above it at the left first, as a letter beside an outline."""
    x, y, width, height = box
    gap = 18.0 * unit_px
    left, right = x - size[0] - gap, x + width + gap
    above, below = y - size[1] - gap, y + height + gap
    middle_x, middle_y = x + (width - size[0]) / 2, y + (height - size[1]) / 2
    corners = np.array(
        [(x, above), (left, middle_y), (right, middle_y), (middle_x, above), (right, above), (x, below), (right, below)]
    )
    best = corners[int(np.argmin(clearance.cost(corners, size) + 0.3 * np.arange(len(corners))))]
    return float(best[0]), float(best[1]), size[0], size[1]


def place_in_view(size: tuple[float, float], unit_px: float, clearance: Clearance) -> Box:
    """The best box of this size along the lower or upper edge of the view, below before above, middle before sides."""
    x, y, width, height = clearance.view_px
    margin = 24.0 * unit_px
    columns = [x + (width - size[0]) / 2, x + margin, x + width - size[0] - margin]
    rows = [y + height - size[1] - margin, y + margin]
    corners = np.array([(column, row) for row in rows for column in columns])
    best = corners[int(np.argmin(clearance.cost(corners, size) + 0.1 * np.arange(len(corners))))]
    return float(best[0]), float(best[1]), size[0], size[1]


def sampled(points: Points, step_px: float) -> list[Point]:
    """Points along a polyline, at most `step_px` apart."""
    out: list[Point] = list(points[:1])
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        count = max(1, math.ceil(math.hypot(x1 - x0, y1 - y0) / step_px))
        out.extend((x0 + (x1 - x0) * k / count, y0 + (y1 - y0) * k / count) for k in range(1, count + 1))
    return out
