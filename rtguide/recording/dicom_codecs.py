"""One compressed DICOM picture to stored values.

RLE by pydicom, JPEG by Pillow, JPEG-LS by CharLS, JPEG 2000 by OpenJPEG. Lossless JPEG by FFmpeg, since the other
decoders of it are under the GPL.
"""

import struct
from typing import Any

import av
import numpy as np
from av.error import FFmpegError
from numpy.typing import NDArray
from pydicom.encaps import encapsulate
from pydicom.pixels.common import PhotometricInterpretation
from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import (
    HTJ2K,
    UID,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    JPEG2000TransferSyntaxes,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSTransferSyntaxes,
    JPEGTransferSyntaxes,
    RLELossless,
)

from rtguide.errors import DeviceError
from rtguide.recording.dicom_open import OpenDicom

__all__ = ["check_codec", "decoded", "native"]

_LOSSLESS = frozenset((JPEGLossless, JPEGLosslessSV1))
_J2K = frozenset((*JPEG2000TransferSyntaxes, HTJ2K, HTJ2KLossless, HTJ2KLosslessRPCL))
_KNOWN = frozenset((RLELossless, *JPEGTransferSyntaxes, *JPEGLSTransferSyntaxes, *_J2K))

_START_OF_FRAME = frozenset((*range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0), 0xF7))
"""JPEG's markers that carry a picture's size (ISO 10918-1 table B.1), and that of JPEG-LS (ISO 14495-1)."""


_END_OF_IMAGE = b"\xff\xd9"


def check_codec(syntax: UID, bits_stored: int) -> None:
    """Whether pictures coded so can be decoded.

    Raises
    ------
    DeviceError
        They cannot.
    """
    if syntax not in _KNOWN:
        name = syntax.name if syntax.is_valid else "an unknown way"
        raise DeviceError(f"its pictures are coded as {name}, which nothing here decodes; convert it to uncompressed")
    if syntax in _LOSSLESS and bits_stored > 8:
        raise DeviceError(f"lossless JPEG of {bits_stored} bits cannot be decoded here; convert it to uncompressed")


def native(file: OpenDicom, index: int) -> tuple[NDArray[np.generic], str]:
    """Stored values (h, w) or (h, w, 3) of a picture that is not compressed, and their photometric interpretation."""
    pixels, meta = get_decoder(file.syntax).as_array(file.dataset, index=index, raw=True, validate=False)
    return pixels, str(meta["photometric_interpretation"])


def decoded(file: OpenDicom, index: int) -> tuple[NDArray[np.generic], str]:
    """Stored values (h, w) or (h, w, 3) of a compressed picture, and their photometric interpretation.

    Raises
    ------
    ValueError
        The picture is damaged; decoders raise many others.
    """
    data, dataset = file.frames[index], file.dataset
    size = _coded_size(data, file.syntax)
    if size is not None and size != file.shape_px:
        raise ValueError(f"the picture is {size[1]}×{size[0]} pixels, not {file.shape_px[1]}×{file.shape_px[0]}")
    if file.syntax in _LOSSLESS:
        return _lossless_jpeg(data)
    if file.syntax in JPEGLSTransferSyntaxes and not data.rstrip(b"\0").endswith(_END_OF_IMAGE):
        raise ValueError("the picture breaks off")  # CharLS takes seconds to find that out
    samples = int(dataset.SamplesPerPixel)
    options: Any = {
        "transfer_syntax_uid": file.syntax, "rows": file.shape_px[0], "columns": file.shape_px[1],
        "number_of_frames": 1, "samples_per_pixel": samples, "bits_allocated": int(dataset.BitsAllocated),
        "bits_stored": int(dataset.BitsStored), "pixel_representation": int(dataset.PixelRepresentation),
        "photometric_interpretation": str(dataset.PhotometricInterpretation), "pixel_keyword": "PixelData",
    }  # fmt: skip
    if samples > 1:
        options["planar_configuration"] = int(dataset.get("PlanarConfiguration") or 0)
    decoder = get_decoder(file.syntax)
    pixels, meta = decoder.as_array(encapsulate([data], has_bot=False), index=0, raw=True, **options)
    return pixels, str(meta["photometric_interpretation"])


def _lossless_jpeg(data: bytes) -> tuple[NDArray[np.generic], str]:
    try:
        context = av.CodecContext.create("mjpeg", "r")
        context.thread_count = 1
        pictures = [*context.decode(av.Packet(data)), *context.decode(None)]
    except FFmpegError as error:
        raise ValueError(f"the picture cannot be decoded ({error.strerror})") from error
    if not pictures or pictures[0].is_corrupt:
        raise ValueError("the picture cannot be decoded")
    picture = pictures[0]
    if picture.format.name == "gray":
        return picture.to_ndarray(), PhotometricInterpretation.MONOCHROME2
    if picture.format.name in {"yuvj444p", "yuv444p"}:
        return picture.to_ndarray(channel_last=True), PhotometricInterpretation.YBR_FULL
    return picture.to_ndarray(format="rgb24"), PhotometricInterpretation.RGB


def _coded_size(data: bytes, syntax: UID) -> tuple[int, int] | None:
    """(height, width) that the coded picture itself claims, before a decoder allocates it; None for RLE."""
    if syntax == RLELossless:
        return None
    if syntax in _J2K:
        at = data.find(b"\xff\x4f\xff\x51")
        if at < 0 or len(data) < at + 24:
            raise ValueError("this is no JPEG 2000 picture")
        x1, y1, x0, y0 = struct.unpack_from(">4I", data, at + 8)
        return y1 - y0, x1 - x0
    at = 2
    while at + 9 <= len(data):
        if data[at] != 0xFF:
            raise ValueError("this is no JPEG picture")
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker in _START_OF_FRAME:
            height, width = struct.unpack_from(">2H", data, at + 5)
            return height, width
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    raise ValueError("the picture breaks off")
