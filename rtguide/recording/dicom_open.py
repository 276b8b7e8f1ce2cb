"""Reads a DICOM file as far as its pictures, or says in one line why it cannot be and what to do."""

import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pydicom
from pydicom.dataset import Dataset
from pydicom.encaps import generate_fragments, generate_frames
from pydicom.errors import BytesLengthException, InvalidDicomError
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    MPEGTransferSyntaxes,
)

from rtguide.errors import DeviceError

__all__ = ["NATIVE", "PYDICOM_ERRORS", "OpenDicom", "brief", "open_dicom", "quiet_pydicom"]

MOST_FILE_BYTES = 2 << 30
"""The file is held in memory while it is read: a quarter of a small laptop's."""

MOST_PIXELS = 64 << 20
"""Twice 8K, as for videos: a file that claims larger pictures is damaged, or would exhaust memory."""

NATIVE = frozenset((ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian))

PYDICOM_ERRORS = (
    ArithmeticError, AssertionError, AttributeError, EOFError, LookupError, MemoryError, OSError, RuntimeError,
    TypeError, ValueError, struct.error, zlib.error, BytesLengthException, InvalidDicomError,
)  # fmt: skip
"""What pydicom and its decoders answer damaged files with."""

_NEEDED = ("Rows", "Columns", "BitsAllocated", "BitsStored", "PixelRepresentation", "SamplesPerPixel")


@dataclass(frozen=True, slots=True)
class OpenDicom:
    """A file's elements and its coded pictures.

    syntax: how they are coded · shape_px: (height, width) · frames: each one's coded bytes where they are coded one by
    one · movie: the whole stream where they are coded as a video · promised_count: Number of Frames. Pictures that are
    not compressed stay in `dataset`, `native_count` of them.
    """

    dataset: Dataset
    syntax: UID
    shape_px: tuple[int, int]
    promised_count: int
    frames: tuple[bytes, ...] = ()
    movie: bytes = b""
    native_count: int = 0


@contextmanager
def quiet_pydicom() -> Iterator[None]:
    """Keep pydicom's remarks on odd but readable files from the user's screen."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def open_dicom(path: Path) -> OpenDicom:
    """Read the file at this path.

    Raises
    ------
    DeviceError
        It is no DICOM file, holds no pictures, is damaged, or is coded in a way that cannot be read.
    """
    try:
        if path.stat().st_size > MOST_FILE_BYTES:
            limit = MOST_FILE_BYTES >> 30
            raise DeviceError(
                f"{path}: larger than {limit} GiB; compress it, e.g. as RLE or JPEG-LS, or cut it shorter"
            )
        with quiet_pydicom():
            meta = pydicom.dcmread(path, force=True, stop_before_pixels=True, specific_tags=["Modality"]).file_meta
            if meta.get("TransferSyntaxUID") == DeflatedExplicitVRLittleEndian:
                raise DeviceError(f"{path}: the file as a whole is deflated; convert it to Explicit VR Little Endian")
            dataset = pydicom.dcmread(path, force=True)
    except PYDICOM_ERRORS as error:
        raise DeviceError(f"{path}: cannot be read as DICOM; it is damaged, copy it again ({brief(error)})") from error
    try:
        with quiet_pydicom():
            return _checked(path, dataset)
    except PYDICOM_ERRORS as error:
        raise DeviceError(f"{path}: its pictures cannot be read, it is damaged ({brief(error)})") from error


def _checked(path: Path, dataset: Dataset) -> OpenDicom:
    if "PixelData" not in dataset:
        what = dataset.get("Modality") or dataset.get("SOPClassUID") or "unknown"
        if not any(keyword in dataset for keyword in ("SOPClassUID", "Modality", "PatientID", "StudyInstanceUID")):
            raise DeviceError(f"{path}: this is not a DICOM file, or only its beginning; copy it again")
        raise DeviceError(f"{path}: a DICOM file without pictures ({brief(what)}); give an image or a clip")
    missing = [keyword for keyword in _NEEDED if not isinstance(dataset.get(keyword), int)]
    if missing:
        raise DeviceError(f"{path}: does not say its {', '.join(missing)}; it is damaged, copy it again")
    height, width = int(dataset.Rows), int(dataset.Columns)
    if not 0 < height * width <= MOST_PIXELS:
        raise DeviceError(f"{path}: claims pictures of {width}×{height} pixels; it is damaged, copy it again")
    if not dataset.get("PhotometricInterpretation"):
        raise DeviceError(f"{path}: does not say how its colours are coded; it is damaged, copy it again")
    count = int(dataset.get("NumberOfFrames") or 1)
    if count < 1:
        raise DeviceError(f"{path}: says that it holds {count} frames; it is damaged, copy it again")
    return _split(path, dataset, (height, width), count)


def _split(path: Path, dataset: Dataset, shape_px: tuple[int, int], count: int) -> OpenDicom:
    """The coded pictures, one by one."""
    syntax = dataset.file_meta.get("TransferSyntaxUID") if hasattr(dataset, "file_meta") else None
    syntax = UID(str(syntax)) if syntax else _guessed_syntax(dataset)
    data = dataset.PixelData
    if syntax in NATIVE:
        bits = shape_px[0] * shape_px[1] * int(dataset.SamplesPerPixel) * int(dataset.BitsAllocated)
        if dataset.PhotometricInterpretation == "YBR_FULL_422":
            bits = bits * 2 // 3
        there = min(count, len(data) * 8 // bits) if bits else 0
        if not there:
            raise DeviceError(f"{path}: breaks off within its first picture; copy it again from where it was recorded")
        dataset.NumberOfFrames = there
        dataset.PixelData = data[: (there * bits + 7) // 8 + 1 & ~1]
        return OpenDicom(dataset, syntax, shape_px, count, native_count=there)
    if syntax in MPEGTransferSyntaxes:
        movie = b"".join(generate_fragments(data[_offset_table_end(data) :]))
        del dataset.PixelData
        return OpenDicom(dataset, syntax, shape_px, count, movie=movie)
    frames = []
    try:
        for frame in generate_frames(data, number_of_frames=count):
            frames.append(frame)
            if len(frames) == count:
                break
    except PYDICOM_ERRORS as error:
        if not frames:
            raise DeviceError(f"{path}: its first picture cannot be found, it is damaged ({brief(error)})") from error
    if not frames:
        raise DeviceError(f"{path}: holds no picture; it breaks off, copy it again from where it was recorded")
    del dataset.PixelData
    return OpenDicom(dataset, syntax, shape_px, count, frames=tuple(frames))


def _guessed_syntax(dataset: Dataset) -> UID:
    """A file without its header group: the way its elements could be read says how its pixels are stored."""
    is_implicit, is_little_endian = dataset.original_encoding
    if is_implicit:
        return ImplicitVRLittleEndian
    return ExplicitVRLittleEndian if is_little_endian else ExplicitVRBigEndian


def _offset_table_end(data: bytes) -> int:
    """Where the first fragment begins: behind the Basic Offset Table, which is an item of its own (PS3.5 A.4)."""
    length = struct.unpack_from("<L", data, 4)[0]
    return 8 + int(length)


def brief(value: object) -> str:
    """What a file or a decoder says, as one short line that can be shown; its class where that is nothing."""
    text = " ".join("".join(letter if letter.isprintable() else " " for letter in str(value)).split())
    text = text or type(value).__name__
    return text if len(text) <= 80 else f"{text[:77]}…"
