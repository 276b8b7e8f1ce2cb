"""Where a person says that the needle is: what it is worth, and for how long."""

import math
from dataclasses import dataclass

import numpy as np

from rtguide.errors import GeometryError
from rtguide.model.points import Point
from rtguide.tracking.grid_motion import TissueMotion

__all__ = ["GridHint"]

HOLD_S = 4.0
"""A hint counts for so long: time to settle for a search that turns through the picture, not for another needle."""

NEAR_MM = 3.0
"""How far from a click, or beside a drawn line, the shaft may lie: hands point so well at a moving picture."""

TURN_RAD = math.radians(12.0)
"""How far the shaft may be turned from a drawn line."""


@dataclass(frozen=True, slots=True)
class GridHint:
    """A hint on the work grid, in cells. points: a click, or a line from the entry to the tip · time_s: when given."""

    points: tuple[Point, ...]
    time_s: float
    cell_mm: float

    def __post_init__(self) -> None:
        if len(self.points) not in (1, 2):
            raise GeometryError(f"a hint is a point or a line, not {len(self.points)} points")

    def carried(self, motion: TissueMotion, time_s: float) -> "GridHint | None":
        """The same hint in the next distinct picture: it moves with the tissue; None when its time is over."""
        if time_s - self.time_s > HOLD_S:
            return None
        places = np.array(self.points)
        moved = places + motion.at(places)
        return GridHint(tuple((float(x), float(y)) for x, y in moved), self.time_s, self.cell_mm)

    @property
    def line(self) -> tuple[float, float, float, float] | None:
        """(x0, y0, x1, y1) of a drawn line."""
        return (*self.points[0], *self.points[1]) if len(self.points) == 2 else None

    def fits(self, start: Point, end: Point) -> bool:
        """Whether a line from start to end is what was meant."""
        if len(self.points) == 1:
            return _distance(self.points[0], start, end) * self.cell_mm <= NEAR_MM
        (x0, y0), (x1, y1) = self.points
        turn = math.atan2(y1 - y0, x1 - x0) - math.atan2(end[1] - start[1], end[0] - start[0])
        if abs((turn + math.pi) % (2 * math.pi) - math.pi) > TURN_RAD:
            return False
        middle = (x0 + x1) / 2, (y0 + y1) / 2
        return _distance(middle, start, end) * self.cell_mm <= NEAR_MM


def _distance(point: Point, start: Point, end: Point) -> float:
    """From a point to the piece of a line between two others."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    share = ((point[0] - start[0]) * dx + (point[1] - start[1]) * dy) / max(dx * dx + dy * dy, 1e-9)
    kept = min(max(share, 0.0), 1.0)
    return math.hypot(point[0] - start[0] - kept * dx, point[1] - start[1] - kept * dy)
