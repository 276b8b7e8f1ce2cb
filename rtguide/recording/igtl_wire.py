"""OpenIGTLink messages as bytes: versions 1 and 2 of the header; IMAGE, TRANSFORM, POINT, SENSOR and STRING.

References
----------
OpenIGTLink protocol specification, versions 2 and 3. Every number is big-endian.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtguide.errors import DeviceError
from rtguide.recording.igtl_crc import crc64

__all__ = [
    "HEADER_BYTES",
    "IgtlHeader",
    "IgtlImage",
    "IgtlPoint",
    "content_of",
    "pack",
    "pack_image",
    "pack_points",
    "pack_sensor",
    "pack_string",
    "pack_transform",
    "parse_header",
    "parse_image",
    "parse_sensor",
    "parse_string",
    "parse_transform",
]

HEADER_BYTES = 58
MOST_BODY_BYTES = 256 << 20
"""Three 8K pictures in colour: a header that announces more is damaged."""

_HEADER = struct.Struct(">H12s20sIIQQ")
_EXTENDED = struct.Struct(">HHII")
_IMAGE = struct.Struct(">H4B3H12f6H")
_MATRIX = struct.Struct(">12f")
_POINT = struct.Struct(">64s32s4B4f20s")
_UINT8, _BIG_ENDIAN, _RAS = 3, 1, 1
"""Scalar type, byte order and coordinate system of the pictures that are sent."""

_ENCODING_UTF8 = 106
"""IANA's number of the character set."""

MOST_STRING_BYTES = 65_535


@dataclass(frozen=True, slots=True)
class IgtlHeader:
    """A message's header. time_ns: of the sender's clock, nanoseconds since 1970 or since anything, 0 where not set."""

    version: int
    kind: str
    name: str
    time_ns: int
    body_bytes: int
    checksum: int


@dataclass(frozen=True, slots=True, eq=False)
class IgtlImage:
    """A picture. pixels: uint8 (h, w) or (h, w, 3) · spacing_mm: (x, y) as its matrix says."""

    pixels: NDArray[np.uint8]
    spacing_mm: tuple[float, float]


@dataclass(frozen=True, slots=True)
class IgtlPoint:
    """A named point, millimetres; colour as RGBA."""

    name: str
    group: str
    xyz_mm: tuple[float, float, float]
    rgba: tuple[int, int, int, int] = (255, 255, 255, 255)


def parse_header(data: bytes) -> IgtlHeader:
    """The header in these 58 bytes.

    Raises
    ------
    DeviceError
        They are none.
    """
    version, kind, name, seconds, fraction, size, checksum = _HEADER.unpack(data)
    if version not in (1, 2) or size > MOST_BODY_BYTES:
        raise DeviceError("the peer speaks no OpenIGTLink, or another version of it")
    time_ns = seconds * 1_000_000_000 + (fraction * 1_000_000_000 + (1 << 31) >> 32)
    return IgtlHeader(version, _text(kind), _text(name), time_ns, size, checksum)


def content_of(header: IgtlHeader, body: bytes) -> bytes:
    """The body without the extended header and the metadata of version 2.

    Raises
    ------
    DeviceError
        The checksum fails, or the lengths do not fit.
    """
    if crc64(body) != header.checksum:
        raise DeviceError(f"a damaged {header.kind} message came (its checksum fails)")
    if header.version == 1:
        return body
    if len(body) < _EXTENDED.size:
        raise DeviceError(f"a damaged {header.kind} message came (it breaks off)")
    head_bytes, index_bytes, metadata_bytes, _ = _EXTENDED.unpack_from(body)
    end = len(body) - index_bytes - metadata_bytes
    if not _EXTENDED.size <= head_bytes <= end:
        raise DeviceError(f"a damaged {header.kind} message came (its lengths do not fit)")
    return body[head_bytes:end]


def parse_image(content: bytes) -> IgtlImage:
    """The picture in an IMAGE message.

    Raises
    ------
    DeviceError
        It is no picture of 8 bits in grey or RGB, or not whole.
    """
    if len(content) < _IMAGE.size:
        raise DeviceError("a damaged IMAGE message came (it breaks off)")
    _, channels, kind, _, _, width, height, depth, *rest = _IMAGE.unpack_from(content)
    matrix, offset, size = rest[:12], rest[12:15], rest[15:18]
    if kind != _UINT8 or channels not in (1, 3):
        raise DeviceError(f"it sends {channels} values of type {kind} a pixel; let it send 8 bits, grey or RGB")
    if depth != 1 or not width or not height:
        raise DeviceError(f"it sends volumes of {width}×{height}×{depth}; let it send single pictures")
    if offset != [0, 0, 0] or size != [width, height, depth]:
        raise DeviceError("it sends parts of pictures; let it send whole ones")
    values = np.frombuffer(content, np.uint8, offset=_IMAGE.size)
    if len(values) != width * height * channels:
        raise DeviceError("a damaged IMAGE message came (its length does not fit its size)")
    shape = (height, width) if channels == 1 else (height, width, 3)
    x_mm, y_mm = (float(np.linalg.norm(matrix[at : at + 3])) for at in (0, 3))
    return IgtlImage(values.reshape(shape).copy(), (x_mm, y_mm))


def parse_transform(content: bytes) -> NDArray[np.float64]:
    """The matrix in a TRANSFORM message, float64 (4, 4), millimetres.

    Raises
    ------
    DeviceError
        It is not whole, or holds no numbers.
    """
    if len(content) != _MATRIX.size:
        raise DeviceError("a damaged TRANSFORM message came (its length does not fit)")
    matrix = np.eye(4)
    matrix[:3] = np.array(_MATRIX.unpack(content)).reshape(4, 3).T
    if not np.isfinite(matrix).all():
        raise DeviceError("a damaged TRANSFORM message came (it holds no numbers)")
    return matrix


def pack(kind: str, name: str, time_ns: int, body: bytes) -> bytes:
    """A message of version 1; names are cut to the protocol's 20 bytes."""
    seconds, rest_ns = divmod(max(0, time_ns), 1_000_000_000)
    fraction = (rest_ns << 32) // 1_000_000_000
    head = _HEADER.pack(1, kind.encode(), _cut(name, 20), seconds & 0xFFFFFFFF, fraction, len(body), crc64(body))
    return head + body


def pack_image(pixels: NDArray[np.uint8], spacing_mm: tuple[float, float]) -> bytes:
    """The body of an IMAGE: pixel (x, y) of (h, w) or (h, w, 3) lies at (x · spacing, y · spacing, 0), RAS."""
    height, width = pixels.shape[:2]
    x_mm, y_mm = spacing_mm
    centre = ((width - 1) / 2 * x_mm, (height - 1) / 2 * y_mm, 0.0)
    channels = 3 if pixels.ndim == 3 else 1
    head = _IMAGE.pack(
        1, channels, _UINT8, _BIG_ENDIAN, _RAS, width, height, 1,
        x_mm, 0, 0, 0, y_mm, 0, 0, 0, 1, *centre, 0, 0, 0, width, height, 1,
    )  # fmt: skip
    return head + pixels.tobytes()


def pack_transform(matrix: NDArray[np.float64]) -> bytes:
    """The body of a TRANSFORM; matrix float64 (4, 4), millimetres."""
    return _MATRIX.pack(*matrix[:3].T.ravel())


def pack_points(points: Sequence[IgtlPoint]) -> bytes:
    """The body of a POINT message."""
    return b"".join(
        _POINT.pack(_cut(point.name, 64), _cut(point.group, 32), *point.rgba, *point.xyz_mm, 0.0, b"")
        for point in points
    )


def pack_string(text: str) -> bytes:
    """The body of a STRING, UTF-8; cut where it is too long for the protocol."""
    data = _cut(text, MOST_STRING_BYTES)
    return struct.pack(">HH", _ENCODING_UTF8, len(data)) + data


def pack_sensor(values: Sequence[float]) -> bytes:
    """The body of a SENSOR message: at most 255 numbers, their unit not told."""
    return struct.pack(f">BBHQ{len(values)}d", len(values), 0, 0, 0, *values)


def parse_string(content: bytes) -> str:
    """The text in a STRING message, one line.

    Raises
    ------
    DeviceError
        It is not whole.
    """
    if len(content) < 4 or len(content) < 4 + int.from_bytes(content[2:4], "big"):
        raise DeviceError("a damaged STRING message came (it breaks off)")
    return _text(content[4 : 4 + int.from_bytes(content[2:4], "big")])


def parse_sensor(content: bytes) -> tuple[float, ...]:
    """The numbers in a SENSOR message.

    Raises
    ------
    DeviceError
        It is not whole.
    """
    count = content[0] if content else 0
    if len(content) < 12 + 8 * count:
        raise DeviceError("a damaged SENSOR message came (it breaks off)")
    return struct.unpack_from(f">{count}d", content, 12)


def _cut(text: str, most_bytes: int) -> bytes:
    """UTF-8 of at most so many bytes, no letter cut in two."""
    return text.encode()[:most_bytes].decode(errors="ignore").encode()


def _text(data: bytes) -> str:
    letters = data.partition(b"\0")[0].decode("utf-8", errors="replace").strip()
    return "".join(letter if letter.isprintable() else "?" for letter in letters)
