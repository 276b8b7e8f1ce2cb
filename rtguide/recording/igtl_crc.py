"""The checksum of OpenIGTLink: CRC-64 of ECMA-182, fast enough for pictures without compiled code."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["crc64"]

_POLYNOMIAL = 0x42F0E1EBA9EA3693
"""ECMA-182, highest power first; the sum begins at 0 and is not inverted, so zeros before the data change nothing."""

_LANE_BYTES = 64
"""Data is cut into lanes of about so many bytes, all of which are summed at once."""

_U64 = np.uint64


def crc64(data: bytes) -> int:
    """The checksum of these bytes.

    Lanes are summed side by side; two neighbours a, b of m bytes each then join as a · x^(8m) + b, pair by pair.

    References
    ----------
    ECMA-182, annex B; OpenIGTLink protocol, "CRC" of the message header.
    """
    if not data:
        return 0
    levels = max(0, (len(data) // _LANE_BYTES).bit_length() - 1)
    lane_bytes = -(-len(data) >> levels) if levels else len(data)
    padded = np.zeros(lane_bytes << levels, np.uint8)
    padded[-len(data) :] = np.frombuffer(data, np.uint8)
    columns = np.ascontiguousarray(padded.reshape(-1, lane_bytes).T)
    table = _table()
    sums = np.zeros(1 << levels, _U64)
    for column in columns:
        sums = (sums << _U64(8)) ^ table[(sums >> _U64(56)).astype(np.uint8) ^ column]
    for level in range(levels):
        sums = _shifted(sums[::2], _shift_tables(lane_bytes << level)) ^ sums[1::2]
    return int(sums[0])


@lru_cache(maxsize=1)
def _table() -> NDArray[np.uint64]:
    """The sum of every single byte: uint64 (256,)."""
    table = np.arange(256, dtype=_U64) << _U64(56)
    for _ in range(8):
        carry = (table >> _U64(63)).astype(bool)
        table = (table << _U64(1)) ^ np.where(carry, _U64(_POLYNOMIAL), _U64(0))
    return table


@lru_cache(maxsize=64)
def _shift_tables(count: int) -> NDArray[np.uint64]:
    """What `count` zero bytes make of each byte of a sum, by its place and value: uint64 (8, 256)."""
    bits = _U64(1) << np.arange(64, dtype=_U64)
    power = (bits << _U64(8)) ^ _table()[(bits >> _U64(56)).astype(np.uint8)]
    columns = bits
    while count:
        if count & 1:
            columns = _mapped(columns, power)
        power = _mapped(power, power)
        count >>= 1
    values = np.arange(256, dtype=_U64)
    return np.stack([_mapped(values << _U64(8 * place), columns) for place in range(8)])


def _shifted(sums: NDArray[np.uint64], tables: NDArray[np.uint64]) -> NDArray[np.uint64]:
    out = np.zeros_like(sums)
    for place in range(8):
        out ^= tables[place][(sums >> _U64(8 * place)).astype(np.uint8)]
    return out


def _mapped(values: NDArray[np.uint64], columns: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The linear map with these columns, uint64 (64,), of each value: the sum of the columns of its bits."""
    out = np.zeros_like(values)
    for bit in range(64):
        out ^= np.where((values >> _U64(bit)) & _U64(1), columns[bit], _U64(0))
    return out
