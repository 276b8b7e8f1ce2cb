"""Tells a damaged FFV1 packet from a whole one. FFmpeg's decoder patches damage up and says nothing.

References
----------
RFC 9043, section 4.9 (slice footer: slice_size, error_status, slice_crc_parity): the generator polynomial of CRC-32,
most significant bit first, nothing inverted.
"""

import zlib

__all__ = ["are_slices_whole"]

_FOOTER_BYTES = 8
_REVERSED_BITS = bytes(int(f"{value:08b}"[::-1], 2) for value in range(256))
"""zlib takes the least significant bit first; a byte is turned around before it is given to it."""


def are_slices_whole(packet: bytes) -> bool:
    """Whether the packet is made of slices from end to end, each with a checksum that holds.

    False also for a packet whose slices carry no checksums (`slicecrc 0`, or a version before 3).
    """
    stop = len(packet)
    while stop > 0:
        length = int.from_bytes(packet[stop - _FOOTER_BYTES : stop - 5], "big") + _FOOTER_BYTES
        if length > stop or _remainder(packet[stop - length : stop]):
            return False
        stop -= length
    return bool(packet)


def _remainder(data: bytes) -> int:
    """CRC of the data, most significant bit first, beginning at 0; bits in reversed order. 0 if the data is whole."""
    return zlib.crc32(data.translate(_REVERSED_BITS), 0xFFFFFFFF) ^ 0xFFFFFFFF
