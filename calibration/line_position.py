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

__all__ = ["ImageLine", "echo_peaks", "find_line"]

SCAN_LINES = 40
PEAK_SHARE = 0.5
LEAST_PEAK_GREY = 1
"""A scan line that is all black holds no echo; in a water tank the faintest one is the bottom's."""

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
    points = echo_peaks(image, clip)
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


def echo_peaks(image: NDArray[np.uint8], clip: RectRegion) -> NDArray[np.float64]:
    """The centre of the largest peak of each scan line, float64 (n, 2) from left to right.

    A peak is what is brighter than half of the scan line's maximum; one that the clip's lower end cuts off is none.
    """
    found = []
    y0, y1 = int(clip.y), int(clip.y + clip.height)
    for x in (clip.x + (clip.width - 1) / (SCAN_LINES - 1) * np.arange(SCAN_LINES)).astype(int).tolist():
        profile = image[y0:y1, x].astype(np.float64)
        half = PEAK_SHARE * profile.max()
        if profile.max() < LEAST_PEAK_GREY or (centre := _centre_of_largest(profile, half)) is None:
            continue
        found.append((float(x), y0 + centre))
    return np.array(found).reshape(-1, 2)


def _centre_of_largest(profile: NDArray[np.float64], half: float) -> float | None:
    """Centre of gravity of the largest peak of a profile; pixels of just half neither end a peak nor belong to it."""
    is_under = np.concatenate([[False], profile >= half, [False]]).astype(int)
    starts, stops = np.nonzero(np.diff(is_under) == 1)[0], np.nonzero(np.diff(is_under) == -1)[0]
    ended = stops < len(profile)
    if not ended.any():
        return None
    sums = np.concatenate([[0.0], np.cumsum(np.where(profile > half, profile, 0.0))])
    largest = int((sums[stops] - sums[starts])[ended].argmax())
    first = int(starts[largest] + np.argmax(profile[starts[largest] :] > half))
    length = int(np.argmin(profile[first:] > half))
    rows = np.arange(first, first + length)
    return float(rows @ profile[rows] / profile[rows].sum())
