"""Decoded pictures as arrays: grey formats as (h, w), all others as RGB (h, w, 3), upright.

A video coded as luma and colour is always handed on as RGB, also where it looks grey: lossy coding leaves colour noise
(up to 10 levels on a real grey screen, in some frames and not in others), and a source whose form changed from frame
to frame would be a trap.
"""

from functools import cache

import av
import numpy as np
from av.video.reformatter import ColorRange, VideoReformatter
from numpy.typing import NDArray

__all__ = ["PixelReader", "is_grey_format"]

_GREY_FORMATS = ("gray", "ya8", "ya16", "yaf", "mono")
_BLACK, _WHITE = 16, 235
"""Studio range of 8-bit luma (ITU-R BT.601 and BT.709)."""


class PixelReader:
    """Turns decoded pictures into arrays of their own. Colour comes within one level of exact arithmetic."""

    def __init__(self) -> None:
        self._reformatter = VideoReformatter()

    def read(self, picture: av.VideoFrame) -> NDArray[np.uint8]:
        """uint8 (h, w) or (h, w, 3) RGB, full range, turned as the file says it is to be shown."""
        name = picture.format.name
        if name.startswith("gray") and not name.startswith("grayf"):
            pixels = _grey(picture)
        else:
            wanted = "gray" if is_grey_format(name) else "rgb24"
            pixels = self._converted(picture, wanted)
        turns = round(picture.rotation / 90) % 4
        return np.ascontiguousarray(np.rot90(pixels, turns)) if turns else pixels

    def _converted(self, picture: av.VideoFrame, name: str) -> NDArray[np.uint8]:
        if picture.format.name != name:
            picture = self._reformatter.reformat(picture, format=name, threads=1)
        return picture.to_ndarray().astype(np.uint8, copy=False)


def is_grey_format(name: str) -> bool:
    """Whether FFmpeg's pixel format of this name holds no colour."""
    return name.startswith(_GREY_FORMATS)


def _grey(picture: av.VideoFrame) -> NDArray[np.uint8]:
    """Grey of 8 to 16 bits, rounded to 8; studio range is spread to full range where the file says so."""
    bits = picture.format.components[0].bits
    order = ">" if picture.format.is_big_endian else "<"
    kind = np.dtype(np.uint8 if bits == 8 else f"{order}u2")
    plane = picture.planes[0]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[: picture.height]
    values = np.ascontiguousarray(rows[:, : picture.width * kind.itemsize]).view(kind)
    if bits == 8 and picture.color_range != ColorRange.MPEG:
        return np.array(values, np.uint8)
    pixels: NDArray[np.uint8] = _levels(bits, picture.color_range == ColorRange.MPEG)[values]
    return pixels


@cache
def _levels(bits: int, is_studio: bool) -> NDArray[np.uint8]:
    """The 8-bit level of every value of `bits` bits: uint8 (2 ** 16 or 256,)."""
    low, high = (_BLACK << bits - 8, _WHITE << bits - 8) if is_studio else (0, (1 << bits) - 1)
    values = np.arange(256 if bits == 8 else 1 << 16, dtype=np.float64)
    return np.clip(np.rint((values - low) * (255 / (high - low))), 0, 255).astype(np.uint8)
