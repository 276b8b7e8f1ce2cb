"""From summed scatterers to grey levels: point spread function, detection, log compression."""

import numpy as np
from numpy.typing import NDArray

from rtguide.kernels import kernel

__all__ = ["GREY_TABLE_SIZE", "compress", "detect", "spread_axially", "spread_laterally", "warm_up"]

GREY_TABLE_SIZE = 1 << 16
"""The upper half of a float32's bits: sign, exponent and 7 bits of mantissa; steps of 0.07 dB of amplitude at most."""


@kernel
def spread_laterally(
    grid: NDArray[np.float32],
    weights: NDArray[np.float32],
    radius: NDArray[np.int64],
    channels: int,
    out: NDArray[np.float32],
) -> None:
    """Convolve each row with its own symmetric kernel.

    grid float32 (samples, beams × channels): `channels` values a beam · weights float32 (samples, r): weight at
    distance 0, 1, … beams · radius int64 (samples,): how far they reach · out float32 (samples, beams × channels),
    written but for the first and last `radius` beams.
    """
    samples, length = grid.shape
    for row in range(samples):
        reach = radius[row] * channels
        count = length - 2 * reach
        source = grid[row, reach : reach + count]
        target = out[row, reach : reach + count]
        centre = weights[row, 0]
        for i in range(count):
            target[i] = centre * source[i]
        for tap in range(1, radius[row] + 1):
            weight, shift = weights[row, tap], tap * channels
            right = grid[row, reach + shift : reach + shift + count]
            left = grid[row, reach - shift : reach - shift + count]
            for i in range(count):
                target[i] += weight * (right[i] + left[i])


@kernel
def spread_axially(grid: NDArray[np.float32], weights: NDArray[np.float32], out: NDArray[np.float32]) -> None:
    """Convolve along samples with one symmetric kernel.

    grid float32 (samples, n) · weights float32 (r + 1,): at distance 0, 1, … samples · out float32
    (samples, n), written but for the first and last r rows.
    """
    samples, length = grid.shape
    reach = weights.shape[0] - 1
    for row in range(reach, samples - reach):
        target, source = out[row], grid[row]
        centre = weights[0]
        for i in range(length):
            target[i] = centre * source[i]
        for tap in range(1, reach + 1):
            weight = weights[tap]
            below, above = grid[row + tap], grid[row - tap]
            for i in range(length):
                target[i] += weight * (below[i] + above[i])


@kernel
def detect(
    iq: NDArray[np.float32],
    gain: NDArray[np.float32],
    noise: NDArray[np.float32],
    noise_level: NDArray[np.float32],
    out: NDArray[np.float32],
) -> None:
    """Mean over looks of the magnitude of the received signal with its noise.

    iq float32 (samples, beams, 2 × looks) · gain float32 (samples, beams): attenuation and time gain together ·
    noise float32 (samples, beams, 2): unit complex noise, shared by the looks with rotated roles · noise_level float32
    (samples,) · out float32 (samples, beams), written.
    """
    samples, beams = out.shape
    looks = iq.shape[2] // 2
    share = np.float32(1.0 / looks)
    for row in range(samples):
        level = noise_level[row]
        for beam in range(beams):
            g = gain[row, beam]
            nr, ni = level * noise[row, beam, 0], level * noise[row, beam, 1]
            total = np.float32(0.0)
            for look in range(looks):
                re, im = g * iq[row, beam, 2 * look] + nr, g * iq[row, beam, 2 * look + 1] + ni
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
    grid = np.zeros((2, 4), dtype=np.float32)
    iq = np.zeros((2, 2, 2), dtype=np.float32)
    two = np.ones((2, 2), dtype=np.float32)
    spread_axially(grid, np.ones(2, dtype=np.float32), np.empty_like(grid))
    spread_laterally(grid, two, np.ones(2, dtype=np.int64), 1, np.empty_like(grid))
    bits, grey = np.zeros((2, 4), dtype=np.uint32)[:, 1:3], np.zeros((2, 2), dtype=np.uint8)
    compress(bits, np.zeros(GREY_TABLE_SIZE, dtype=np.uint8), grey)
    noise = np.zeros((3, 3, 2), dtype=np.float32)[:2, :2]
    detect(iq, two, noise, np.ones(2, dtype=np.float32), np.empty((2, 2), dtype=np.float32))
