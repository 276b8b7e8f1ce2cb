"""Straight ridges anywhere in the picture, found by summing along all segments at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtguide.kernels.needle_radon import block_peaks, locate_peak, segment_sums
from rtguide.tracking.grid import WorkGrid
from rtguide.tracking.needle_evidence import Evidence
from rtguide.tracking.needle_proposal import LineProposal

__all__ = ["LineSearch", "Segment", "SegmentProposer"]

LEVELS = 6
"""Long segments cross 64 lanes: 10 mm on the grid of a linear probe, enough to stand out of speckle anywhere."""

SHORT_LEVELS = 5
"""Short segments cross 32 lanes; they count only where a needle may just have entered."""

FLANK_MM = 0.9
"""Distance of the two sides a ridge is compared with: beyond a needle's bloom, nearer than the next layer."""

PEAK_BLOCK = 8
"""One peak is kept per 8 × 8 segments (7° and about 1 mm): a bloomed needle fills one or two such blocks."""

NEWNESS_SHARE, CONTRAST_SHARE = 1.0, 0.4
"""What a search looks at: new bright lines first, lines that were always there second."""

LEAST_SCORE = 4.5
"""Deviations a ridge must stand out by: about one line of speckle in a picture does."""

PEAKS = {LEVELS: 5, SHORT_LEVELS: 3}
"""Peaks kept of each length."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A straight ridge.

    line: (x0, y0, x1, y1) in cells, start nearer to where it may have entered · score: its sum over what such sums
    usually are, in deviations · is_short: whether it crosses 32 lanes only.
    """

    line: tuple[float, float, float, float]
    score: float
    is_short: bool


@dataclass(frozen=True, slots=True, eq=False)
class _Buffers:
    lanes: NDArray[np.float32]
    spare: NDArray[np.float32]

    @classmethod
    def of(cls, lanes: int, positions: int) -> "_Buffers":
        padded = -(-lanes // (1 << LEVELS)) << LEVELS
        return cls(np.zeros((padded, positions), np.float32), np.zeros((padded, positions), np.float32))


class LineSearch:
    """Searches one quarter of all directions a call: from the left or right, flatter or steeper than 45°."""

    def __init__(self, grid: WorkGrid) -> None:
        self._columns = grid.shape[1]
        self._flank = max(3, round(FLANK_MM / grid.cell_mm))
        rows, columns = grid.shape
        self._buffers = (_Buffers.of(columns, rows + self._flank), _Buffers.of(rows, columns + self._flank))

    def search(self, picture: NDArray[np.float32], quadrant: int) -> list[Segment]:
        """The strongest ridges of one quadrant, strongest first, long ones before short ones.

        picture: float32 (rows, columns), zero mean · quadrant: bit 0 = from the right, bit 1 = steeper than 45°.
        """
        is_right, is_steep = bool(quadrant & 1), bool(quadrant & 2)
        view = picture[:, ::-1] if is_right else picture
        buffers = self._buffers[int(is_steep)]
        first, second = buffers.lanes, buffers.spare
        turned = view if is_steep else view.T
        first[:] = 0.0
        first[: turned.shape[0], : turned.shape[1]] = turned
        segment_sums(first, second, 0, SHORT_LEVELS)
        if SHORT_LEVELS % 2:
            first, second = second, first
        short = self._peaks(first, SHORT_LEVELS, quadrant)
        segment_sums(first, second, SHORT_LEVELS, LEVELS)
        return self._peaks(second, LEVELS, quadrant) + short

    def _peaks(self, sums: NDArray[np.float32], levels: int, quadrant: int) -> list[Segment]:
        strip, positions = 1 << levels, sums.shape[1]
        shape = (sums.shape[0] // strip, -(-strip // PEAK_BLOCK), -(-positions // PEAK_BLOCK))
        best, by_strip = np.empty(shape, np.float32), sums.reshape(shape[0], strip, positions)
        block_peaks(by_strip, self._flank, PEAK_BLOCK, best)
        usable = best[best > 0.0]
        if usable.size < 16:
            return []
        centre = _middle(usable)
        spread = 1.4826 * _middle(np.abs(usable - centre)) + 1e-3
        flat = best.ravel()
        strongest = np.argpartition(flat, -PEAKS[levels])[-PEAKS[levels] :]
        found = []
        for index in sorted(strongest, key=lambda index: (-flat[index], index)):
            place = np.array(np.unravel_index(int(index), shape), np.int64)
            locate_peak(by_strip, self._flank, PEAK_BLOCK, place)
            lane, rise, position = int(place[0]) * strip, int(place[1]), int(place[2])
            line = self._line((lane, lane + strip - 1), (position, position + rise), quadrant)
            found.append(Segment(line, (float(flat[index]) - centre) / spread, levels < LEVELS))
        return found

    def _line(
        self, lanes: tuple[int, int], places: tuple[int, int], quadrant: int
    ) -> tuple[float, float, float, float]:
        (x0, x1), (y0, y1) = (places, lanes) if quadrant & 2 else (lanes, places)
        if quadrant & 1:
            x0, x1 = self._columns - 1 - x0, self._columns - 1 - x1
        return float(x0), float(y0), float(x1), float(y1)


def _middle(values: NDArray[np.float32]) -> float:
    """The median, the upper one of an even number; a third of what `numpy.median` costs on so few."""
    return float(np.partition(values, values.size // 2)[values.size // 2])


class SegmentProposer:
    """Proposes ridges anywhere in the picture, one quarter of all directions at a time."""

    def __init__(self, grid: WorkGrid) -> None:
        self._search = LineSearch(grid)
        self._quadrant = 0

    def propose(self, evidence: Evidence) -> list[LineProposal]:
        """The strongest ridges of the quarter whose turn it is; new ones are stronger than old ones."""
        picture = np.float32(NEWNESS_SHARE) * evidence.newness + np.float32(CONTRAST_SHARE) * evidence.contrast
        segments = self._search.search(picture, self._quadrant)
        self._quadrant = (self._quadrant + 1) % 4
        return [
            LineProposal(segment.line, segment.score, must_enter=segment.is_short)
            for segment in segments
            if segment.score >= LEAST_SCORE
        ]
