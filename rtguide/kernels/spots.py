"""Compact bright spots: what stands out against its left, its right and what lies above it."""

import numpy as np
from numpy.typing import NDArray

from rtguide.kernels import kernel

__all__ = ["spot_strength", "warm_up"]


@kernel
def spot_strength(
    means: NDArray[np.float32],
    beside: NDArray[np.float32],
    over: NDArray[np.float32],
    inside: NDArray[np.uint8],
    aside: int,
    above: int,
    out: NDArray[np.float32],
) -> None:
    """How much brighter each cell is than the brightest on three sides of a box around it; a line crosses one of them.

    means: float32 (h, w), local contrast averaged over a dot · beside, over: float32 (h, w), the largest of it within
    the box's height above and below, and within its width left and right · inside: uint8 (h, w), 1 in the region ·
    aside, above: from the cell to the sides of the box and to its top · out: float32 (h, w), at least 0, 0 where the
    box leaves the region, in place. What lies below does not count: a comet tail may be there.
    """
    rows, columns = means.shape
    nothing = np.float32(0.0)
    out[:] = nothing
    for y in range(above, rows):
        for x in range(aside, columns - aside):
            if inside[y, x] and inside[y, x - aside] and inside[y, x + aside] and inside[y - above, x]:
                around = max(beside[y, x - aside], beside[y, x + aside], over[y - above, x])
                out[y, x] = max(means[y, x] - around, nothing)


def warm_up() -> None:
    """Compile for the types in use."""
    a = np.zeros((4, 4), np.float32)
    spot_strength(a, a, a, np.ones((4, 4), np.uint8), 1, 1, a.copy())
