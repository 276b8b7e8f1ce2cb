"""The bottom of a water tank in an ultrasound picture: a line through the brightest echo of each scan line.

References
----------
Line segmentation of the PLUS toolkit (user guide, temporal calibration): forty scan lines, the largest peak above half
of each one's maximum, its centre of gravity, a line by consensus.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtguide.model.geometry import RectRegion

__all__ = ["ImageLine", "find_line"]

SCAN_LINES = 40
PEAK_SHARE = 0.5
LEAST_PEAK_GREY = 8
"""A scan line whose brightest pixel is darker holds no echo."""

LEAST_SCAN_LINES = 5
CONSENSUS_PX = 0.5
"""Points this near to a line agree with it."""


@dataclass(frozen=True, slots=True)
class ImageLine:
    """A line in image pixels: a point on it and its direction, a unit vector that points toward image right.

    support: share of the scan lines that agree.
    """

    point_px: tuple[float, float]
    direction: tuple[float, float]
    support: float

    def y_px(self, x_px: float) -> float:
        """Its height at a column."""
        return self.point_px[1] + (x_px - self.point_px[0]) * self.direction[1] / self.direction[0]


def find_line(image: NDArray[np.uint8], clip: RectRegion) -> ImageLine | None:
    """The line inside the clip, uint8 (h, w); None where fewer than five scan lines hold an echo or it is upright."""
    points = _peaks(image, clip)
    if len(points) < LEAST_SCAN_LINES:
        return None
    first, second = np.triu_indices(len(points), 1)
    along = points[second] - points[first]
    normal = np.column_stack([-along[:, 1], along[:, 0]]) / np.hypot(along[:, 0], along[:, 1])[:, None]
    away = np.abs(np.einsum("pnk,pk->pn", points[None] - points[first][:, None], normal))
    agrees = (away < CONSENSUS_PX).sum(axis=1)
    # of lines that as many agree with, the one nearest to all: a tie is no coin toss
    spread = np.minimum(away, 4.0).sum(axis=1)
    best = np.lexsort((spread, -agrees))[0]
    chosen = points[away[best] < CONSENSUS_PX]
    middle = chosen.mean(axis=0)
    direction = np.linalg.svd(chosen - middle)[2][0]
    direction *= 1.0 if direction[0] >= 0 else -1.0
    if direction[0] < 0.01:
        return None
    where, way = (float(middle[0]), float(middle[1])), (float(direction[0]), float(direction[1]))
    return ImageLine(where, way, len(chosen) / SCAN_LINES)


def _peaks(image: NDArray[np.uint8], clip: RectRegion) -> NDArray[np.float64]:
    """The centre of the largest peak of each scan line, float64 (n, 2)."""
    found = []
    y0, y1 = int(clip.y), int(clip.y + clip.height)
    for x in (clip.x + (clip.width - 1) / (SCAN_LINES - 1) * np.arange(SCAN_LINES)).astype(int).tolist():
        profile = image[y0:y1, x].astype(np.float64)
        if profile.max() < LEAST_PEAK_GREY:
            continue
        edges = np.diff(np.concatenate([[0], (profile > PEAK_SHARE * profile.max()).astype(int), [0]]))
        starts, stops = np.nonzero(edges == 1)[0], np.nonzero(edges == -1)[0]
        sums = np.concatenate([[0.0], np.cumsum(profile)])
        largest = int((sums[stops] - sums[starts]).argmax())
        rows = np.arange(starts[largest], stops[largest])
        found.append((float(x), y0 + float(rows @ profile[rows] / profile[rows].sum())))
    return np.array(found).reshape(-1, 2)
