"""Sums along every straight segment of a picture at once: the approximate discrete Radon transform."""

import numpy as np
from numpy.typing import NDArray

from rtguide.kernels import kernel

__all__ = ["block_peaks", "locate_peak", "segment_sums", "warm_up"]


@kernel
def segment_sums(lanes: NDArray[np.float32], spare: NDArray[np.float32], done: int, levels: int) -> None:
    """Sums along all segments that cross a strip of 2**levels lanes with a slope of 0 to 45°.

    On entry `lanes` holds level `done`: level k is the flat array as (lanes >> k, 1 << k, positions), whose element
    (strip, rise, position) is the sum over the segment that starts at `position` on the strip's first lane and ends
    `rise` further on its last; level 0 is the picture as (lane, position). Positions beyond the end count as zero. The
    result lies in `spare` when levels - done is odd, else in `lanes`; both are overwritten.

    lanes, spare: float32 (lanes, positions), lanes a multiple of 2**levels.

    References
    ----------
    Götz and Druck, Pattern Recognition 29, 1996; Brady, SIAM J. Comput. 27, 1998.
    """
    count, positions = lanes.shape
    source, target = lanes, spare
    for level in range(done, levels):
        heights = 1 << level
        for strip in range(count >> (level + 1)):
            for rise in range(heights):
                first = source[(2 * strip) * heights + rise]
                second = source[(2 * strip + 1) * heights + rise]
                flat = target[(strip * heights + rise) * 2]
                steep = target[(strip * heights + rise) * 2 + 1]
                for p in range(positions - rise):
                    flat[p] = first[p] + second[p + rise]
                for p in range(positions - rise, positions):
                    flat[p] = first[p]
                for p in range(positions - rise - 1):
                    steep[p] = first[p] + second[p + rise + 1]
                for p in range(max(0, positions - rise - 1), positions):
                    steep[p] = first[p]
        source, target = target, source


@kernel
def block_peaks(sums: NDArray[np.float32], flank: int, block: int, best: NDArray[np.float32]) -> None:
    """The strongest ridge in each block of neighbouring segments.

    A segment's ridge is its sum minus the larger of the two parallel sums `flank` positions away, so that an edge,
    which has one bright side, is none.

    sums: float32 (strips, rises, positions) · block: side of a block in rises and positions · best: float32 (strips,
    ceil(rises / block), ceil(positions / block)), written in place, -1e9 where there is none.
    """
    strips, rises, positions = sums.shape
    columns = np.empty(positions, np.float32)
    for strip in range(strips):
        for i in range(best.shape[1]):
            for p in range(positions):
                columns[p] = np.float32(-1e9)
            for rise in range(i * block, min(rises, (i + 1) * block)):
                row = sums[strip, rise]
                for p in range(flank, positions - flank):
                    columns[p] = max(columns[p], row[p] - max(row[p - flank], row[p + flank]))
            for j in range(best.shape[2]):
                value = np.float32(-1e9)
                for p in range(j * block, min(positions, (j + 1) * block)):
                    value = max(value, columns[p])
                best[strip, i, j] = value


@kernel
def locate_peak(sums: NDArray[np.float32], flank: int, block: int, place: NDArray[np.int64]) -> None:
    """The strongest segment of one block of `block_peaks`.

    sums: float32 (strips, rises, positions) · place: int64 (3,), on entry (strip, block row, block column), on return
    (strip, rise, position).
    """
    strip, rises, positions = place[0], sums.shape[1], sums.shape[2]
    first_rise, first_position = place[1] * block, place[2] * block
    best = np.float32(-1e9)
    for rise in range(first_rise, min(rises, first_rise + block)):
        row = sums[strip, rise]
        for p in range(max(flank, first_position), min(positions - flank, first_position + block)):
            value = row[p] - max(row[p - flank], row[p + flank])
            if value > best:
                best = value
                place[1], place[2] = rise, p


def warm_up() -> None:
    """Compile for the types in use."""
    lanes, spare = np.zeros((4, 16), np.float32), np.zeros((4, 16), np.float32)
    segment_sums(lanes, spare, 0, 2)
    block_peaks(lanes.reshape(1, 4, 16), 2, 4, np.zeros((1, 1, 4), np.float32))
    locate_peak(lanes.reshape(1, 4, 16), 2, 4, np.zeros(3, np.int64))
