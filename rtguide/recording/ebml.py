"""The small binary grammar under Matroska: names, lengths, nested elements.

References
----------
RFC 8794 (EBML); element names from RFC 9559 (Matroska).
"""

import struct
from collections.abc import Iterator
from enum import IntEnum

from rtguide.errors import RecordingError

__all__ = [
    "UNKNOWN_SIZE",
    "Name",
    "element",
    "elements",
    "id_bytes",
    "number",
    "read_size",
    "real",
    "size_bytes",
    "void",
]

UNKNOWN_SIZE = b"\x01" + b"\xff" * 7
"""The length of an element that is still being written, in eight bytes."""


class Name(IntEnum):
    """Names of the elements that are written or read here, as they stand in the file."""

    EBML = 0x1A45DFA3
    EBML_VERSION = 0x4286
    EBML_READ_VERSION = 0x42F7
    EBML_MAX_ID_LENGTH = 0x42F2
    EBML_MAX_SIZE_LENGTH = 0x42F3
    DOC_TYPE = 0x4282
    DOC_TYPE_VERSION = 0x4287
    DOC_TYPE_READ_VERSION = 0x4285
    VOID = 0xEC
    SEGMENT = 0x18538067
    SEEK_HEAD = 0x114D9B74
    SEEK = 0x4DBB
    SEEK_ID = 0x53AB
    SEEK_POSITION = 0x53AC
    INFO = 0x1549A966
    TIMESTAMP_SCALE = 0x2AD7B1
    DURATION = 0x4489
    MUXING_APP = 0x4D80
    WRITING_APP = 0x5741
    TRACKS = 0x1654AE6B
    TRACK_ENTRY = 0xAE
    TRACK_NUMBER = 0xD7
    TRACK_UID = 0x73C5
    TRACK_TYPE = 0x83
    FLAG_LACING = 0x9C
    DEFAULT_DURATION = 0x23E383
    CODEC_ID = 0x86
    CODEC_PRIVATE = 0x63A2
    VIDEO = 0xE0
    FLAG_INTERLACED = 0x9A
    PIXEL_WIDTH = 0xB0
    PIXEL_HEIGHT = 0xBA
    CLUSTER = 0x1F43B675
    TIMESTAMP = 0xE7
    SIMPLE_BLOCK = 0xA3
    CUES = 0x1C53BB6B
    CUE_POINT = 0xBB
    CUE_TIME = 0xB3
    CUE_TRACK_POSITIONS = 0xB7
    CUE_TRACK = 0xF7
    CUE_CLUSTER_POSITION = 0xF1


def id_bytes(name: int) -> bytes:
    """An element's name as it is written."""
    return name.to_bytes((name.bit_length() + 7) // 8, "big")


def size_bytes(length: int) -> bytes:
    """A length in as few bytes as it needs."""
    width = 1
    while length >= (1 << 7 * width) - 1:
        width += 1
    return (length | 1 << 7 * width).to_bytes(width, "big")


def element(name: Name, body: bytes) -> bytes:
    """A whole element."""
    return id_bytes(name) + size_bytes(len(body)) + body


def number(name: Name, value: int) -> bytes:
    """An element that holds a whole number ≥ 0."""
    return element(name, value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big"))


def real(name: Name, value: float) -> bytes:
    """An element that holds a floating-point number."""
    return element(name, struct.pack(">d", value))


def void(length: int) -> bytes:
    """An element that fills `length` bytes (2 to 128) and means nothing."""
    return id_bytes(Name.VOID) + size_bytes(length - 2) + bytes(length - 2)


def elements(data: bytes, start: int, stop: int) -> Iterator[tuple[int, int, int]]:
    """The elements between two places of `data`: name, where its body begins, where it ends.

    Raises
    ------
    RecordingError
        A name or a length is malformed, or the body reaches behind `stop`.
    """
    at = start
    while at < stop:
        name, at = _read_id(data, at)
        length, at = read_size(data, at)
        if at + length > stop:
            raise RecordingError(f"the video is damaged: an element of {length} bytes breaks off")
        yield name, at, at + length
        at += length


def read_size(data: bytes, at: int) -> tuple[int, int]:
    """The length written at `at`, and where what it measures begins."""
    width = _width(data, at, 8)
    value = int.from_bytes(data[at : at + width], "big")
    return value & ((1 << 7 * width) - 1), at + width


def _read_id(data: bytes, at: int) -> tuple[int, int]:
    width = _width(data, at, 4)
    return int.from_bytes(data[at : at + width], "big"), at + width


def _width(data: bytes, at: int, most: int) -> int:
    """How many bytes the number at `at` takes: one more than its leading zero bits."""
    width = 9 - data[at].bit_length() if at < len(data) else most + 1
    if width > most or at + width > len(data):
        raise RecordingError("the video is damaged: a length or a name is malformed")
    return width
