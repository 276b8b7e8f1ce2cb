"""Echoes of the wires of an N-wire phantom: three rows of three spots, each row a line, the rows parallel."""

import itertools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtguide.model.geometry import RectRegion
from rtguide.opencv import cv2

__all__ = ["WirePattern", "find_rows", "find_spots", "find_wires", "searched_px"]


LEAST_GREY = 8
LEAST_SHARE = 0.1
"""Of the brightest pixel of the blurred picture: fainter spots are no wires."""

BLUR_PX = 3.0
PEAK_SHARE = 0.9
"""A wire lies where its blurred echo is at its brightest: the tail of reverberations beside it draws a wider centre
aside."""

MOST_SPOTS = 16
MARGIN_PX = 27
"""The rim of the picture, where the probe's own echo and labels are."""


@dataclass(frozen=True, slots=True)
class WirePattern:
    """What the rows must look like, in image pixels: length of a row and distance between rows (shortest, longest),
    how far a row's middle may lie off its line, and how far rows may be turned against each other and the picture.
    """

    row_px: tuple[float, float]
    between_px: tuple[float, float]
    off_px: float
    turn_rad: float = math.radians(10)
    tilt_rad: float = math.radians(30)


def find_spots(image: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Bright compact spots, brightest first: float64 (n, 3), x, y and brightness."""
    inner = np.zeros_like(image)
    core = slice(MARGIN_PX, -MARGIN_PX)
    inner[core, core] = image[core, core]
    blurred = np.asarray(cv2.GaussianBlur(inner.astype(np.float32), (0, 0), BLUR_PX), np.float32)
    level = max(float(LEAST_GREY), LEAST_SHARE * float(blurred.max()))
    _, labels, stats, _ = cv2.connectedComponentsWithStats((blurred > level).astype(np.uint8))
    found = []
    for number, (x, y, width, height, _) in enumerate(stats[1:].tolist(), start=1):
        if width > image.shape[1] / 8 or height > image.shape[0] / 8:
            continue
        part = np.where(labels[y : y + height, x : x + width] == number, blurred[y : y + height, x : x + width], 0.0)
        weight = np.where(part > PEAK_SHARE * part.max(), part, 0.0)
        rows, columns = np.mgrid[y : y + height, x : x + width]
        found.append(((columns * weight).sum() / weight.sum(), (rows * weight).sum() / weight.sum(), part.sum()))
    return np.array(sorted(found, key=lambda spot: -spot[2])[:MOST_SPOTS], np.float64).reshape(-1, 3)


def searched_px(shape_px: tuple[int, int]) -> RectRegion:
    """The part of a picture of this height and width in which spots are looked for."""
    height, width = shape_px
    inner_px = (max(1.0, width - 2.0 * MARGIN_PX), max(1.0, height - 2.0 * MARGIN_PX))
    return RectRegion(float(MARGIN_PX), float(MARGIN_PX), *inner_px)


def find_rows(spots: NDArray[np.float64], pattern: WirePattern) -> list[NDArray[np.float64]]:
    """Every three of the spots (`find_spots`) that could be one row, each float64 (3, 3) from the left."""
    return [row for three in itertools.combinations(spots, 3) if (row := _row(np.array(three), pattern)) is not None]


def find_wires(image: NDArray[np.uint8], pattern: WirePattern) -> NDArray[np.float64] | None:
    """The nine wires, float64 (3, 3, 2): rows from above, in each from the left; None where they are not all there."""
    rows = find_rows(find_spots(image), pattern)
    best: tuple[float, NDArray[np.float64]] | None = None
    for three in itertools.combinations(rows, 3):
        chosen = sorted(three, key=lambda row: float(row[:, 1].mean()))
        if len({tuple(spot) for row in chosen for spot in row.tolist()}) < 9:
            continue
        turns = [_angle(row) for row in chosen]
        gaps = np.diff([row[:, 1].mean() for row in chosen])
        if max(turns) - min(turns) > pattern.turn_rad:
            continue
        if gaps.min() < pattern.between_px[0] or gaps.max() > pattern.between_px[1]:
            continue
        brightness = float(sum(row[:, 2].sum() for row in chosen))
        if best is None or brightness > best[0]:
            best = (brightness, np.stack([row[:, :2] for row in chosen]))
    return None if best is None else best[1]


def _row(spots: NDArray[np.float64], pattern: WirePattern) -> NDArray[np.float64] | None:
    """Three spots from the left if they make a row."""
    spots = spots[spots[:, 0].argsort()]
    along = spots[2, :2] - spots[0, :2]
    length = float(np.hypot(*along))
    if not pattern.row_px[0] < length < pattern.row_px[1] or abs(_angle(spots)) > pattern.tilt_rad:
        return None
    beside = spots[1, :2] - spots[0, :2]
    off = abs(along[0] * beside[1] - along[1] * beside[0]) / length
    return spots if off <= pattern.off_px else None


def _angle(row: NDArray[np.float64]) -> float:
    return math.atan2(row[2, 1] - row[0, 1], row[2, 0] - row[0, 0])
