"""Scatterers onto the beam grid: where tissue has moved to, what it weighs in the slice, with which phase it answers.

The sum over scatterers before the point spread function, for several looks at once (spatial compounding).
"""

import numpy as np
from numpy.typing import NDArray

from rtguide.kernels import kernel

__all__ = ["PHASE_STEPS", "WEIGHT_STEPS_PER_UNIT", "deposit", "warm_up"]

PHASE_STEPS = 4096
"""Entries of the table of phases over one turn; 0.09°, far below anything that shows in 8 bit."""

WEIGHT_STEPS_PER_UNIT = 64
"""Entries of the table of slice weights per unit of (distance / sigma)²."""


@kernel
def deposit(
    points: NDArray[np.float32],
    spans: NDArray[np.int64],
    lattice: NDArray[np.float32],
    shear: NDArray[np.float32],
    group_gain: NDArray[np.float32],
    look_turns: NDArray[np.float32],
    phase_table: NDArray[np.float32],
    slice_table: NDArray[np.float32],
    inverse_slice: NDArray[np.float32],
    out: NDArray[np.float32],
) -> None:
    """Add every scatterer's complex amplitude to the four grid points around it.

    points float32 (n, 8): column and row in `lattice`, elevation in mm, amplitude, phase in turns, carrier (1 for
    diffuse scatterers, 0 for smooth reflectors, whose echoes add in phase), group, spare · spans int64 (k, 2): start
    and stop of the runs of points that are added, the others are left out · lattice float32 (m, k, 3): for each node
    of resting tissue its present beam, its present sample (grid units) and its distance from the slice in mm · shear
    float32 (3,): what one mm of elevation adds to those three · group_gain float32 (groups,) · look_turns float32
    (looks, 2): turns of carrier phase a beam and a sample · phase_table float32 (PHASE_STEPS, 2): cosine and sine over
    one turn · slice_table float32 (t,): amplitude weight over (distance / sigma)² × WEIGHT_STEPS_PER_UNIT, zero beyond
    · inverse_slice float32 (samples,): 1 / sigma of the slice, 1/mm · out float32 (samples, beams, 2 × looks): added
    to in place.
    """
    rows, columns = lattice.shape[0] - 1, lattice.shape[1] - 1
    samples, beams = out.shape[0], out.shape[1]
    last = np.float32(slice_table.shape[0])
    zero, one, steps = np.float32(0.0), np.float32(1.0), np.float32(PHASE_STEPS)
    for span in range(spans.shape[0]):
        for i in range(spans[span, 0], spans[span, 1]):
            gain = group_gain[int(points[i, 6])] * points[i, 3]
            if gain == zero:
                continue
            lu, lv, y = points[i, 0], points[i, 1], points[i, 2]
            column, row = int(lu), int(lv)
            if column < 0 or row < 0 or column >= columns or row >= rows:
                continue
            a, b = lu - np.float32(column), lv - np.float32(row)
            w00, w01 = (one - a) * (one - b), a * (one - b)
            w10, w11 = (one - a) * b, a * b
            n00, n01 = lattice[row, column], lattice[row, column + 1]
            n10, n11 = lattice[row + 1, column], lattice[row + 1, column + 1]
            v = w00 * n00[1] + w01 * n01[1] + w10 * n10[1] + w11 * n11[1] + y * shear[1]
            if v < zero:
                continue
            sample = int(v)
            if sample >= samples - 1:
                continue
            w = w00 * n00[2] + w01 * n01[2] + w10 * n10[2] + w11 * n11[2] + y * shear[2]
            q = w * inverse_slice[sample]
            scaled = q * q * np.float32(WEIGHT_STEPS_PER_UNIT)
            if scaled >= last:
                continue
            step = int(scaled)
            u = w00 * n00[0] + w01 * n01[0] + w10 * n10[0] + w11 * n11[0] + y * shear[0]
            if u < zero:
                continue
            beam = int(u)
            if beam >= beams - 1:
                continue
            amplitude = gain * slice_table[step]
            fu, fv = u - np.float32(beam), v - np.float32(sample)
            c00 = amplitude * (one - fu) * (one - fv)
            c01 = amplitude * fu * (one - fv)
            c10 = amplitude * (one - fu) * fv
            c11 = amplitude * fu * fv
            base = points[i, 4] + points[i, 5] * look_turns[0, 1] * v
            slant = points[i, 5] * look_turns[1, 0] * u
            e0 = int(base * steps) & (PHASE_STEPS - 1)
            e1 = int((base + slant) * steps) & (PHASE_STEPS - 1)
            e2 = int((base - slant) * steps) & (PHASE_STEPS - 1)
            r0, i0 = phase_table[e0, 0], phase_table[e0, 1]
            r1, i1 = phase_table[e1, 0], phase_table[e1, 1]
            r2, i2 = phase_table[e2, 0], phase_table[e2, 1]
            p = out[sample, beam]
            p[0] += c00 * r0
            p[1] += c00 * i0
            p[2] += c00 * r1
            p[3] += c00 * i1
            p[4] += c00 * r2
            p[5] += c00 * i2
            p = out[sample, beam + 1]
            p[0] += c01 * r0
            p[1] += c01 * i0
            p[2] += c01 * r1
            p[3] += c01 * i1
            p[4] += c01 * r2
            p[5] += c01 * i2
            p = out[sample + 1, beam]
            p[0] += c10 * r0
            p[1] += c10 * i0
            p[2] += c10 * r1
            p[3] += c10 * i1
            p[4] += c10 * r2
            p[5] += c10 * i2
            p = out[sample + 1, beam + 1]
            p[0] += c11 * r0
            p[1] += c11 * i0
            p[2] += c11 * r1
            p[3] += c11 * i1
            p[4] += c11 * r2
            p[5] += c11 * i2


def warm_up() -> None:
    """Compile with the types in use."""
    one, fixed = np.ones(1, dtype=np.float32), np.ones(1, dtype=np.float32)
    fixed.flags.writeable = False  # Numba tells the two apart, and both are in use
    for gains in (one, fixed):
        _warm_up_deposit(gains, one)


def _warm_up_deposit(gains: NDArray[np.float32], one: NDArray[np.float32]) -> None:
    deposit(
        np.zeros((1, 8), dtype=np.float32),
        np.array([[0, 1]], dtype=np.int64),
        np.zeros((2, 2, 3), dtype=np.float32),
        np.zeros(3, dtype=np.float32),
        gains,
        np.zeros((2, 2), dtype=np.float32),
        np.zeros((PHASE_STEPS, 2), dtype=np.float32),
        one,
        np.ones(2, dtype=np.float32),
        np.zeros((2, 2, 6), dtype=np.float32),
    )
