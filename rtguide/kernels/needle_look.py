"""What a line looks like in one picture: how thin, even and straight it is, and how the tissue beside it runs."""

import math

import numpy as np
from numpy.typing import NDArray

from rtguide.kernels import kernel

__all__ = ["describe_look", "warm_up"]

DIM = 0.5
"""Local deviations below which a cell of a shaft counts as a gap."""


@kernel
def describe_look(
    strip: NDArray[np.float32], first: int, stop: int, widths: NDArray[np.int64], down: int, out: NDArray[np.float64]
) -> None:
    """The profile across a stretch of a straightened picture, its gaps, and the direction of the texture beside it.

    strip: float32 (2 h + 1, n) as of `straighten`, contrast · first, stop: columns, exclusive end · widths: int64 (3,),
    rows: half-width of the core, inner and outer edge of the two sides · down: 1 where rows grow away from the
    transducer, else -1 · out: float64 (6,), in place: the strongest row's mean in the core · rows around it that are
    above half of it · mean of the side below · of the side above · share of columns that are dim over the whole core
    · angle in radians, 0 to π/2, between the line and the texture of its sides, times the texture's coherence (0 where
    it has no direction).
    """
    half = strip.shape[0] // 2
    core, inner, outer = widths[0], widths[1], widths[2]
    count = max(stop - first, 1)
    profile = np.zeros(strip.shape[0], np.float64)
    for row in range(half - outer, half + outer + 1):
        total = 0.0
        for s in range(first, stop):
            total += strip[row, s]
        profile[row] = total / count
    peak = half
    for row in range(half - core, half + core + 1):
        if profile[row] > profile[peak]:
            peak = row
    above, below = 0.0, 0.0
    for k in range(inner, outer + 1):
        below += profile[half + down * k]
        above += profile[half - down * k]
    below, above = below / (outer - inner + 1), above / (outer - inner + 1)
    level = 0.5 * (profile[peak] + 0.5 * (below + above))
    width = 1
    for step in (-1, 1):
        row = peak + step
        while half - outer <= row <= half + outer and profile[row] > level:
            width += 1
            row += step
    gaps = 0
    for s in range(first, stop):
        best = strip[peak, s]
        for row in range(peak - 2, peak + 3):
            best = max(best, strip[row, s])
        gaps += 1 if best < DIM else 0
    xx, yy, xy = 0.0, 0.0, 0.0
    for side in (-1, 1):
        for k in range(inner, outer):
            row = half + side * k
            for s in range(max(first, 1), min(stop, strip.shape[1] - 1)):
                gx = strip[row, s + 1] - strip[row, s - 1]
                gy = strip[row + 1, s] - strip[row - 1, s]
                xx += gx * gx
                yy += gy * gy
                xy += gx * gy
    # The texture runs square to its gradient.
    turn = 0.5 * math.atan2(2.0 * xy, xx - yy) + 0.5 * math.pi
    turn = abs((turn + 0.5 * math.pi) % math.pi - 0.5 * math.pi)
    coherence = math.sqrt((xx - yy) ** 2 + 4.0 * xy * xy) / (xx + yy + 1e-9)
    out[0], out[1], out[2], out[3] = profile[peak], width, below, above
    out[4], out[5] = gaps / count, turn * coherence


def warm_up() -> None:
    """Compile for the types in use."""
    describe_look(np.zeros((21, 16), np.float32), 0, 12, np.array([2, 4, 8], np.int64), 1, np.zeros(6))
