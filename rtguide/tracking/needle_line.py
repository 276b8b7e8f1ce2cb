"""A shaft's line on the work grid: straight or slightly bent, entering the region and running inward."""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from rtguide.kernels.needle_line import enter_line, line_length
from rtguide.tracking.grid import WorkGrid

__all__ = ["ShaftLine"]

SHORTEST_CHORD = 8.0
"""Cells between the two points that give the line its direction: with fewer it would turn on a speckle."""


@dataclass(frozen=True, slots=True)
class ShaftLine:
    """Where a shaft lies, in cells of the grid.

    start: where it enters the region · angle_rad: direction of travel of its chord, y down · chord: length over which
    `bow`, the deviation halfway, is measured.
    """

    start: tuple[float, float]
    angle_rad: float
    chord: float
    bow: float = 0.0

    @classmethod
    def through(cls, start: tuple[float, float], stop: tuple[float, float]) -> "ShaftLine":
        """The straight line from one point toward another."""
        dx, dy = stop[0] - start[0], stop[1] - start[1]
        return cls(start, math.atan2(dy, dx), max(math.hypot(dx, dy), SHORTEST_CHORD))

    @property
    def unit(self) -> tuple[float, float]:
        """Direction of the chord."""
        return math.cos(self.angle_rad), math.sin(self.angle_rad)

    def row(self) -> NDArray[np.float64]:
        """The line as the kernels take it: (x0, y0, x1, y1, bow)."""
        ux, uy = self.unit
        x, y = self.start
        return np.array([x, y, x + ux * self.chord, y + uy * self.chord, self.bow])

    def points(self, s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Grid points (n, 2) at lengths s along the chord."""
        ux, uy = self.unit
        t = s / self.chord
        side = 4.0 * self.bow * np.where(t < 1.0, t * (1.0 - t), 1.0 - t)
        return np.column_stack([self.start[0] + ux * s - uy * side, self.start[1] + uy * s + ux * side])

    def point(self, s: float) -> tuple[float, float]:
        """The grid point at length s along the chord."""
        ux, uy = self.unit
        t = s / self.chord
        side = 4.0 * self.bow * (t * (1.0 - t) if t < 1.0 else 1.0 - t)
        return self.start[0] + ux * s - uy * side, self.start[1] + uy * s + ux * side

    def place_of(self, x: float, y: float) -> tuple[float, float]:
        """(along, across) of a point relative to the start and the chord."""
        ux, uy = self.unit
        dx, dy = x - self.start[0], y - self.start[1]
        return dx * ux + dy * uy, -dx * uy + dy * ux

    def moved(self, shift_start: tuple[float, float], shift_end: tuple[float, float]) -> "ShaftLine":
        """The line with both ends of its chord displaced."""
        ux, uy = self.unit
        x0, y0 = self.start[0] + shift_start[0], self.start[1] + shift_start[1]
        x1 = self.start[0] + ux * self.chord + shift_end[0]
        y1 = self.start[1] + uy * self.chord + shift_end[1]
        return replace(ShaftLine.through((x0, y0), (x1, y1)), bow=self.bow)

    def across(self, start: float, end: float, chord: float) -> "ShaftLine":
        """The line with its start, and its point at length `chord`, shifted sideways; that point ends its new chord."""
        ux, uy = self.unit
        line = replace(self, chord=chord)
        return line.moved((-uy * start, ux * start), (-uy * end, ux * end))

    def entered(self, grid: WorkGrid) -> "tuple[ShaftLine, float] | None":
        """The same line starting where it enters the region, and by how many cells the start moved along it.

        None where it does not lie in the region at all.
        """
        s = float(enter_line(grid.inside, self.row()))
        if math.isnan(s):
            return None
        ux, uy = self.unit
        start = self.start[0] + ux * s, self.start[1] + uy * s
        return replace(self, start=start, chord=max(self.chord - s, SHORTEST_CHORD)), s

    def length(self, grid: WorkGrid) -> int:
        """How many cells it runs inside the region from its start."""
        return int(line_length(grid.inside, self.row()))
