"""How far a layer has slid along itself: what differs along it is all that tells.

A bright line looks the same all along, and so do the fibres above and below it: blocks that are found again on it lie
anywhere along it. Here a strip of picture along the line is compared with the first one after everything that is the
same over a few millimetres along it was taken away, and only a peak that stands alone counts.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtguide.opencv import cv2

__all__ = ["Strip", "lay_strip"]

HALF_THICK_CELLS = 9
"""A strip reaches this far to both sides of its line (1.3 mm at 0.15 mm a cell), as blocks do."""

REACH_CELLS = 8
"""Shifts along the line that are compared: more in one picture is another place."""

SAME_CELLS = 21
"""What is the same over so many cells along the line (3 mm) says nothing about the place along it."""

LEAST_PEAK = 0.2
"""Correlation of what differs that proves a place: strips of other speckle, some hundreds of grains, reach 0.12."""

MOST_RIVAL, APART_CELLS = 0.8, 4
"""How like the best place another one, so many cells away, may be."""


@dataclass(frozen=True, slots=True, eq=False)
class Strip:
    """What differs along a line in one picture.

    points: float32 (2, h, w) as (x, y), model cells, `REACH_CELLS` and one cell across longer than the strip itself ·
    grain: float32 (h - 2, w - 2 × REACH_CELLS).
    """

    points: NDArray[np.float32]
    grain: NDArray[np.float32]

    @classmethod
    def cut(
        cls,
        cells: NDArray[np.uint8],
        inside: NDArray[np.bool_],
        points: NDArray[np.float32],
        affine: NDArray[np.float64],
    ) -> "Strip":
        """Cut where `affine` puts the points in this picture; what lies outside the image counts for nothing."""
        xs, ys = _placed(points, affine)
        within = cv2.remap(inside.astype(np.uint8), xs, ys, cv2.INTER_NEAREST, borderValue=0)
        within = cv2.erode(within, np.ones((3, 5), np.uint8), borderValue=0)
        grain = _differing(cells, xs, ys) * within
        return cls(points, np.ascontiguousarray(grain[1:-1, REACH_CELLS:-REACH_CELLS]))

    def slid(self, cells: NDArray[np.uint8], affine: NDArray[np.float64]) -> tuple[float, float] | None:
        """By how many cells along the line, in the model, it lies beside `affine`, and how alike it is there.

        None where nothing tells.
        """
        if not self.grain.any():
            return None
        surface = cv2.matchTemplate(_differing(cells, *_placed(self.points, affine)), self.grain, cv2.TM_CCORR_NORMED)
        profile = np.asarray(surface, np.float64).max(axis=0)
        at = int(profile.argmax())
        peak = float(profile[at])
        if not 0 < at < len(profile) - 1 or peak < LEAST_PEAK:
            return None
        apart = np.abs(np.arange(len(profile)) - at) >= APART_CELLS
        if float(profile[apart].max()) > MOST_RIVAL * peak:
            return None
        before, after = float(profile[at - 1]), float(profile[at + 1])
        return at - REACH_CELLS + 0.5 * (before - after) / min(before + after - 2.0 * peak, -1e-9), peak


def lay_strip(line: NDArray[np.float64]) -> NDArray[np.float32]:
    """The points (2, h, w) of a strip along a polyline (m, 2), a cell apart, in the line's own frame of reference."""
    steps = np.hypot(*np.diff(line, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    at = np.arange(-REACH_CELLS, max(np.ceil(along[-1]), 2 * REACH_CELLS) + REACH_CELLS + 1)
    middle = np.stack([_onward(at, along, line[:, axis]) for axis in (0, 1)])
    way = np.gradient(middle, axis=1)
    way /= np.maximum(np.hypot(*way), 1e-9)
    off = np.arange(-HALF_THICK_CELLS - 1, HALF_THICK_CELLS + 2)
    normal = np.stack([-way[1], way[0]])
    return np.asarray(middle[:, None, :] + off[None, :, None] * normal[:, None, :], np.float32)


def _onward(at: NDArray[np.float64], along: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values along a line, carried straight on beyond its ends."""
    out = np.interp(at, along, values)
    first = (values[1] - values[0]) / max(along[1] - along[0], 1e-9)
    last = (values[-1] - values[-2]) / max(along[-1] - along[-2], 1e-9)
    out += np.minimum(at, 0.0) * first + np.maximum(at - along[-1], 0.0) * last
    return np.asarray(out, np.float64)


def _placed(
    points: NDArray[np.float32], affine: NDArray[np.float64]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    (a, b, tx), (c, d, ty) = np.asarray(affine, np.float32)
    x, y = points
    return a * x + b * y + tx, c * x + d * y + ty


def _differing(cells: NDArray[np.uint8], xs: NDArray[np.float32], ys: NDArray[np.float32]) -> NDArray[np.float32]:
    """The strip without what is the same along it, and without its strength: a wall counts no more than speckle."""
    strip = cv2.remap(cells, xs, ys, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE).astype(np.float32)
    strip -= cv2.blur(strip, (SAME_CELLS, 1))
    size = np.abs(strip)
    return np.asarray(strip / (size + size.mean() + np.float32(1.0)), np.float32)
