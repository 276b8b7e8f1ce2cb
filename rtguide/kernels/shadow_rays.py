"""What reaches each point along the rays of an aperture: why shadows have soft edges that widen with depth."""

import numpy as np
from numpy.typing import NDArray

from rtguide.kernels import kernel

__all__ = ["ray_shares", "warm_up"]


@kernel
def ray_shares(
    passed: NDArray[np.float32],
    slant: NDArray[np.float32],
    out: NDArray[np.float32],
) -> None:
    """Share of amplitude that is left along slanted rays down to each place of a coarse map.

    passed float32 (rows, columns): share that passes each place of a row · slant float32 (rays, rows): columns by which
    a ray lies aside in the row above, negative to the left · out float32 (rays, rows, columns), written: the product
    along each ray. Rays that come from beside the map pass its outermost column.
    """
    rays, rows, columns = out.shape
    last = np.float32(columns - 1)
    for ray in range(rays):
        for column in range(columns):
            out[ray, 0, column] = passed[0, column]
        for row in range(1, rows):
            aside = slant[ray, row]
            for column in range(columns):
                at = min(max(np.float32(column) + aside, np.float32(0.0)), last)
                low = min(int(at), columns - 2)
                share = at - np.float32(low)
                above = out[ray, row - 1, low]
                out[ray, row, column] = (above + share * (out[ray, row - 1, low + 1] - above)) * passed[row, column]


def warm_up() -> None:
    """Compile with the types in use."""
    two = np.zeros((2, 2), dtype=np.float32)
    ray_shares(two, two.copy(), np.zeros((2, 2, 2), dtype=np.float32))
