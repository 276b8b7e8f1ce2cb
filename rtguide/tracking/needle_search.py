"""Straight ridges anywhere in the picture, found by summing along all segments at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtguide.kernels.needle_radon import block_peaks, segment_sums
from rtguide.tracking.grid import WorkGrid

__all__ = ["LineSearch", "Segment"]

LEVELS = 6
"""Segments cross 64 lanes: 10 mm on the grid of a linear probe, the least that stands out from speckle."""

FLANK_MM = 0.9
"""Distance of the two sides a ridge is compared with: beyond a needle's bloom, nearer than the next layer."""

PEAK_BLOCK = 8
"""One peak is kept per 8 × 8 segments (7° and about 1 mm): a bloomed needle fills one or two such blocks."""

PEAKS_PER_QUADRANT = 5


@dataclass(frozen=True, slots=True)
class Segment:
    """A straight ridge. line: (x0, y0, x1, y1) in cells, start nearer to where it may have entered · score: its sum
    over what such sums usually are, in deviations.
    """

    line: tuple[float, float, float, float]
    score: float


class LineSearch:
    """Searches one quarter of all directions a call: from the left or right, flatter or steeper than 45°."""

    def __init__(self, grid: WorkGrid) -> None:
        self._shape = grid.shape
        self._flank = max(3, round(FLANK_MM / grid.cell_mm))
        strip = 1 << LEVELS
        self._buffers = []
        for lanes, positions in ((grid.shape[1], grid.shape[0]), (grid.shape[0], grid.shape[1])):
            padded = -(-lanes // strip) * strip
            size = (padded, positions + self._flank)
            strips, blocks = padded // strip, (-(-strip // PEAK_BLOCK), -(-size[1] // PEAK_BLOCK))
            self._buffers.append(
                (
                    np.zeros(size, np.float32),
                    np.zeros(size, np.float32),
                    np.zeros((strips, *blocks), np.float32),
                    np.zeros((strips, *blocks, 2), np.int32),
                )
            )

    def search(self, picture: NDArray[np.float32], quadrant: int) -> list[Segment]:
        """The strongest ridges of one quadrant, strongest first.

        picture: float32 (rows, columns), zero mean · quadrant: bit 0 = from the right, bit 1 = steeper than 45°.
        """
        columns = self._shape[1]
        is_right, is_steep = bool(quadrant & 1), bool(quadrant & 2)
        view = picture[:, ::-1] if is_right else picture
        lanes, spare, best, where = self._buffers[int(is_steep)]
        turned = view if is_steep else view.T
        lanes[:] = 0.0
        lanes[: turned.shape[0], : turned.shape[1]] = turned
        result = spare if segment_sums(lanes, spare, LEVELS) else lanes
        strip = 1 << LEVELS
        sums = result.reshape(best.shape[0], strip, lanes.shape[1])
        block_peaks(sums, self._flank, PEAK_BLOCK, best, where)
        usable = best[best > 0.0]
        if usable.size < 16:
            return []
        centre = float(np.median(usable))
        spread = 1.4826 * float(np.median(np.abs(usable - centre))) + 1e-3
        flat = best.ravel()
        order = np.argsort(-flat, kind="stable")[:PEAKS_PER_QUADRANT]
        found = []
        for index in order:
            strip_index = int(index) // (best.shape[1] * best.shape[2])
            rise, position = (int(v) for v in where.reshape(-1, 2)[index])
            lane0, lane1 = strip_index * strip, strip_index * strip + strip - 1
            start, stop = (lane0, position), (lane1, position + rise)
            if is_steep:
                start, stop = (position, lane0), (position + rise, lane1)
            x0, x1 = (columns - 1 - start[0], columns - 1 - stop[0]) if is_right else (start[0], stop[0])
            score = (float(flat[index]) - centre) / spread
            found.append(Segment((float(x0), float(start[1]), float(x1), float(stop[1])), score))
        return found
