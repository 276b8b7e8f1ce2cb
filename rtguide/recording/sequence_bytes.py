"""The bytes of a tracked sequence: its header, and its frames unpacked."""

import bz2
import zlib
from pathlib import Path
from typing import BinaryIO

from rtguide.errors import DeviceError
from rtguide.recording.metaimage import DATA_KEY, read_metaimage
from rtguide.recording.nrrd import read_nrrd
from rtguide.recording.sequence_header import Coding, SequenceHeader

__all__ = ["packed_frames", "read_header", "unpacked_frames"]

MOST_HEADER_BYTES = 64 << 20
"""A header has some 800 bytes a frame where three tools are tracked; this is 80,000 frames."""

MOST_UNPACKED_BYTES = 2 << 30
"""A compressed sequence is unpacked into memory as a whole: a quarter of a small laptop's."""

_CHUNK_BYTES = 1 << 16


def read_header(path: Path) -> SequenceHeader:
    """The header of the file at this path.

    Raises
    ------
    DeviceError
        It cannot be read, is none, or describes what cannot be shown; the message names the path.
    """
    try:
        with path.open("rb") as file:
            head = _head(file)
            return read_nrrd(head) if head.startswith(b"NRRD") else read_metaimage(head)
    except OSError as error:
        raise DeviceError(f"{path}: cannot be read ({error.strerror}); check its permissions") from error
    except DeviceError as error:
        raise DeviceError(f"{path}: {error}") from error


def packed_frames(file: BinaryIO, header: SequenceHeader) -> bytes:
    """Every frame of a file that is not compressed.

    Raises
    ------
    DeviceError
        They need too much memory.
    """
    if header.frame_bytes * header.count > MOST_UNPACKED_BYTES:
        raise DeviceError(f"it needs more than {MOST_UNPACKED_BYTES >> 30} GiB of memory; cut it shorter")
    file.seek(header.data_at)
    return file.read(header.frame_bytes * header.count)


def unpacked_frames(file: BinaryIO, header: SequenceHeader) -> bytes:
    """Every frame of a compressed file, as far as the data goes.

    Raises
    ------
    DeviceError
        They need too much memory.
    """
    wanted = header.frame_bytes * header.count
    if wanted > MOST_UNPACKED_BYTES:
        raise DeviceError(f"it needs more than {MOST_UNPACKED_BYTES >> 30} GiB of memory; save it without compression")
    file.seek(header.data_at)
    unpacker = bz2.BZ2Decompressor() if header.coding is Coding.BZIP2 else None
    inflater = zlib.decompressobj(31 if header.coding is Coding.GZIP else 15)
    out = bytearray()
    try:
        while len(out) < wanted and (data := file.read(_CHUNK_BYTES)):
            left = wanted - len(out)
            out += inflater.decompress(data, left) if unpacker is None else unpacker.decompress(data, left)
            while inflater.unconsumed_tail and len(out) < wanted:
                out += inflater.decompress(inflater.unconsumed_tail, wanted - len(out))
            if inflater.eof or (unpacker is not None and unpacker.eof):
                break
    except (zlib.error, OSError, EOFError, ValueError):
        pass  # what came out before the damage is whole; what is missing is counted
    return bytes(out)


def _head(file: BinaryIO) -> bytes:
    """The beginning of the file as far as the header goes, and a little more."""
    head = bytearray(file.read(_CHUNK_BYTES))
    is_nrrd = head.startswith(b"NRRD")
    at = 0
    while len(head) < MOST_HEADER_BYTES:
        if is_nrrd:
            has_end = head.find(b"\n\n", at) >= 0 or head.find(b"\n\r\n", at) >= 0
        else:
            place = head.find(DATA_KEY, at)
            has_end = place >= 0 and head.find(b"\n", place) >= 0
        more = b"" if has_end else file.read(_CHUNK_BYTES)
        if not more:
            break
        at = max(0, len(head) - 200)
        head += more
    return bytes(head)
