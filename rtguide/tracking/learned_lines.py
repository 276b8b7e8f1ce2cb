"""Possible needles in the learned cue's maps: from each likely tip back along the shaft."""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from rtguide.opencv import cv2

__all__ = ["CueLine", "lines_in"]

Maps = NDArray[np.float32]
Point = tuple[float, float]

MOST_TIPS = 3
"""Likely tips that are looked at."""

LEAST_TIP = 0.1
"""Chance below which a cell is not looked at as a tip."""

APART = 6
"""Half-size cells within which two tips are one: 2 mm on the grid of a linear probe."""

ANGLES, REACH = 144, 110
"""Directions looked at from a tip, 2.5° apart, and how far, in half-size cells."""

FIRST, STRIDE = 2.0, 2
"""Half-size cells from a tip to where a ray is read first, and from there to there while directions are compared."""

PRICE = 0.2
"""What each cell without a shaft costs a line: one in five cells may be dark."""

LEAST_LENGTH = 8.0
"""Half-size cells a shaft must be long to give a direction."""

ASIDE = 4.0
"""Half-size cells beside the ray within which the shaft is laid: the ray is 2.5° coarse."""


ASIDE_HELD, BEND_HELD = 5.0, 1e4
"""What holds a fit: the tip's own place counts as some cells of shaft; a bend shows only beyond some forty cells."""


_AWAY = np.arange(FIRST, REACH)
_TURNS = np.arange(ANGLES)[:, None] * (2 * math.pi / ANGLES)
_RAYS_X = (np.cos(_TURNS) * _AWAY[::STRIDE]).astype(np.float32)
_RAYS_Y = (np.sin(_TURNS) * _AWAY[::STRIDE]).astype(np.float32)


@dataclass(frozen=True, slots=True)
class CueLine:
    """A shaft with its tip.

    tip, tail: (x, y), the tip and the farthest place the shaft is seen back to · bow: how far the shaft lies beside its
    chord halfway, in cells, positive toward (−uy, ux) of the direction of travel u · tip_chance: of the tip's cell ·
    shaft_chance: mean over the line · spread: standard deviation of the tip's place along each axis, in cells.
    """

    tip: Point
    tail: Point
    bow: float
    tip_chance: float
    shaft_chance: float
    spread: float

    @property
    def length(self) -> float:
        """Cells from tail to tip."""
        return math.dist(self.tip, self.tail)

    @property
    def angle_rad(self) -> float:
        """Direction of travel, y down."""
        return math.atan2(self.tip[1] - self.tail[1], self.tip[0] - self.tail[0])

    @property
    def unit(self) -> Point:
        """Direction of travel."""
        return math.cos(self.angle_rad), math.sin(self.angle_rad)

    def on_whole_grid(self, x0: int, y0: int) -> "CueLine":
        """From half-size cells of a window whose first cell is (x0, y0) to cells of the work grid."""
        tip, tail = ((2 * (point[0] + x0) + 0.5, 2 * (point[1] + y0) + 0.5) for point in (self.tip, self.tail))
        return replace(self, tip=tip, tail=tail, bow=2 * self.bow, spread=2 * self.spread)


def lines_in(shaft: Maps, tip: Maps, spread: Maps) -> list[CueLine]:
    """Lines in the maps of chances, float32 (rows, columns), likeliest tip first, in cells of the maps.

    spread: how far off a tip there would be, at least as large as the others.
    """
    rest = tip.copy()
    soft = np.asarray(cv2.GaussianBlur(shaft, (3, 3), 0.7), np.float32)
    found = []
    for _ in range(MOST_TIPS):
        y, x = (int(v) for v in np.unravel_index(int(rest.argmax()), rest.shape))
        chance = float(rest[y, x])
        if chance < LEAST_TIP:
            break
        around = spread[max(0, y - 2) : y + 3, max(0, x - 2) : x + 3]
        line = _line_from(_centre(tip, x, y), chance, float(around.mean()), soft)
        if line is not None:
            found.append(line)
        rest[max(0, y - APART) : y + APART + 1, max(0, x - APART) : x + APART + 1] = 0.0
    return found


def _centre(tip: Maps, x: int, y: int) -> Point:
    """Where the tip lies between the cells."""
    y0, x0 = max(0, y - 2), max(0, x - 2)
    part = tip[y0 : y + 3, x0 : x + 3]
    rows, columns = part.sum(axis=1), part.sum(axis=0)
    total = float(rows.sum())
    return (
        x0 + float(columns @ np.arange(len(columns))) / total,
        y0 + float(rows @ np.arange(len(rows))) / total,
    )


def _line_from(tip: Point, chance: float, spread: float, shaft: Maps) -> CueLine | None:
    """The best supported ray from a tip, laid onto the shaft; None where none is long enough."""
    rough = _read(shaft, _RAYS_X + np.float32(tip[0]), _RAYS_Y + np.float32(tip[1]))
    best = int(np.cumsum(rough - np.float32(PRICE), axis=1).max(axis=1).argmax())
    angle = best * (2 * math.pi / ANGLES)
    back = math.cos(angle), math.sin(angle)
    along = _read(shaft, tip[0] + back[0] * _AWAY, tip[1] + back[1] * _AWAY)[:, 0]
    stop = int(np.cumsum(along - PRICE).argmax())
    s = _AWAY[: stop + 1]
    if s[stop] < LEAST_LENGTH:
        return None
    aside, slope, bent = _laid(shaft, tip, back, s)
    length = float(s[stop])
    side = aside + slope * length + bent * length**2
    tail = tip[0] + back[0] * length - back[1] * side, tip[1] + back[1] * length + back[0] * side
    laid = tip[0] - back[1] * aside, tip[1] + back[0] * aside
    return CueLine(laid, tail, bent * length**2 / 4, chance, float(along[: stop + 1].mean()), spread)


def _laid(shaft: Maps, tip: Point, back: Point, s: NDArray[np.float64]) -> tuple[float, float, float]:
    """Sideways place of the shaft, back from the tip, as aside + slope · s + bent · s²: weighted least squares."""
    across = np.arange(-ASIDE, ASIDE + 0.1, 0.5)
    strip = _read(
        shaft,
        tip[0] + back[0] * s[:, None] - back[1] * across,
        tip[1] + back[1] * s[:, None] + back[0] * across,
    )
    weight = strip.sum(axis=1)
    place = strip @ across / np.maximum(weight, 1e-6)
    terms = np.column_stack([np.ones_like(s), s, s * s])
    normal = terms.T @ (weight[:, None] * terms) + np.diag([ASIDE_HELD, 1e-6, BEND_HELD * float(weight.sum())])
    aside, slope, bent = np.linalg.solve(normal, terms.T @ (weight * place))
    return float(aside), float(slope), float(bent)


def _read(maps: Maps, x: NDArray[np.floating], y: NDArray[np.floating]) -> Maps:
    """Between the cells, 0 outside. x, y: (rows, columns), or (rows,) for one column."""
    found = cv2.remap(maps, x.astype(np.float32, copy=False), y.astype(np.float32, copy=False), cv2.INTER_LINEAR)
    return np.asarray(found, np.float32)
