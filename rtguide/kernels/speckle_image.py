"""From summed scatterers to grey levels: point spread function, detection, log compression."""

import numpy as np
from numpy.typing import NDArray

from rtguide.kernels import kernel

__all__ = ["GREY_TABLE_SIZE", "compress", "form", "warm_up"]

GREY_TABLE_SIZE = 1 << 16
"""The upper half of a float32's bits: sign, exponent and 7 bits of mantissa; steps of 0.07 dB of amplitude at most."""


@kernel
def form(
    deposited: NDArray[np.float32],
    axial: NDArray[np.float32],
    lateral: NDArray[np.float32],
    radius: NDArray[np.int64],
    gain: NDArray[np.float32],
    noise: NDArray[np.float32],
    noise_level: NDArray[np.float32],
    clutter: NDArray[np.float32],
    looks: NDArray[np.float32],
    out: NDArray[np.float32],
) -> None:
    """Spread what was deposited by the pulse and the beam, and detect: mean magnitude over the looks, with noise.

    Row by row, so that only the deposited grid is read and only the amplitude is written.

    deposited float32 (samples, beams, channels), channels = 2 × looks, real and imaginary · axial float32 (r + 1,):
    weight at distance 0, 1, … samples · lateral float32 (samples, q): weight at distance 0, 1, … beams · radius int64
    (samples,): how far those reach · gain float32 (samples, beams): attenuation and time gain together · noise float32
    (samples, beams, 2): unit complex noise, shared by the looks with rotated roles · noise_level float32 (samples,) ·
    clutter float32 (rows, beams, 2): complex echoes of the uppermost rows that no tissue weakens ·
    looks float32 (1 or samples, beams, channels): the spread field before gain, the last row or all of them, written ·
    out float32 (samples, beams), written. The first and last r samples and `radius` beams are left as they are.
    """
    samples, beams, channels = deposited.shape
    length = beams * channels
    source = deposited.reshape(samples, length)
    kept = looks.reshape(looks.shape[0], length)
    count_looks = channels // 2
    share = np.float32(1.0 / count_looks)
    reach = axial.shape[0] - 1
    line = np.empty(length, dtype=np.float32)
    for row in range(reach, samples - reach):
        centre, here = axial[0], source[row]
        for i in range(length):
            line[i] = centre * here[i]
        for tap in range(1, reach + 1):
            weight, below, above = axial[tap], source[row + tap], source[row - tap]
            for i in range(length):
                line[i] += weight * (below[i] + above[i])
        margin = radius[row] * channels
        count = length - 2 * margin
        target = kept[row % looks.shape[0], margin : margin + count]
        middle = line[margin : margin + count]
        centre = lateral[row, 0]
        for i in range(count):
            target[i] = centre * middle[i]
        for tap in range(1, radius[row] + 1):
            weight, shift = lateral[row, tap], tap * channels
            right = line[margin + shift : margin + shift + count]
            left = line[margin - shift : margin - shift + count]
            for i in range(count):
                target[i] += weight * (right[i] + left[i])
        level = noise_level[row]
        field = looks[row % looks.shape[0]]
        for beam in range(radius[row], beams - radius[row]):
            g = gain[row, beam]
            nr, ni = level * noise[row, beam, 0], level * noise[row, beam, 1]
            if row < clutter.shape[0]:
                nr += clutter[row, beam, 0]
                ni += clutter[row, beam, 1]
            total = np.float32(0.0)
            for look in range(count_looks):
                re, im = g * field[beam, 2 * look] + nr, g * field[beam, 2 * look + 1] + ni
                total += np.sqrt(re * re + im * im)
                nr, ni = -ni, nr
            out[row, beam] = total * share


@kernel
def compress(bits: NDArray[np.uint32], table: NDArray[np.uint8], out: NDArray[np.uint8]) -> None:
    """Grey levels by table: the upper 16 bits of an amplitude are its logarithm in steps of less than 0.07 dB.

    bits uint32 (h, w): float32 amplitudes seen as bits · table uint8 (GREY_TABLE_SIZE,) · out uint8 (h, w), written.
    """
    for row in range(out.shape[0]):
        for column in range(out.shape[1]):
            out[row, column] = table[bits[row, column] >> 16]


def warm_up() -> None:
    """Compile with the types in use."""
    grid = np.zeros((2, 2, 2), dtype=np.float32)
    two = np.ones((2, 2), dtype=np.float32)
    one = np.ones(2, dtype=np.float32)
    noise = np.zeros((3, 3, 2), dtype=np.float32)[:2, :2]
    form(grid, one[:1].copy(), two, np.zeros(2, dtype=np.int64), two, noise, one, grid.copy(), grid.copy(), two.copy())
    bits, grey = np.zeros((2, 4), dtype=np.uint32)[:, 1:3], np.zeros((2, 2), dtype=np.uint8)
    compress(bits, np.zeros(GREY_TABLE_SIZE, dtype=np.uint8), grey)
