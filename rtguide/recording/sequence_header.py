"""What the headers of tracked sequences (MetaImage and NRRD) have in common."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from rtguide.errors import DeviceError

__all__ = ["Coding", "FrameTransform", "SequenceHeader", "frame_fields", "parse_numbers", "spatial_sizes"]

MOST_PIXELS = 64 << 20
"""Twice 8K, as for videos: a header that claims larger pictures is damaged."""

MOST_FRAMES = 10_000_000
"""Two days at 60 frames/s."""

_FRAME_FIELD = re.compile(r"^Seq_Frame(\d{1,9})_(\w+)$")
_TRANSFORM, _STATUS = "Transform", "TransformStatus"


class Coding(StrEnum):
    """How the pixels' bytes are packed."""

    RAW = "raw"
    ZLIB = "zlib"
    GZIP = "gzip"
    BZIP2 = "bzip2"


@dataclass(frozen=True, slots=True, eq=False)
class FrameTransform:
    """One tracked transform of one frame.

    to_from: float64 (4, 4), takes points of the frame of reference named first into the one named second (of
    `ProbeToTracker`: probe into tracker), millimetres but for `Image…`, which is in pixels · is_valid: false where the
    tracker said that it was not measured.
    """

    to_from: NDArray[np.float64]
    is_valid: bool


@dataclass(frozen=True, slots=True)
class SequenceHeader:
    """A sequence's header.

    width, height: of a frame as stored, pixels · channels: 1, or 3 for RGB, interleaved · count: frames ·
    dtype: of a stored value, in its byte order · is_frame_first: the frames' index runs fastest, not slowest ·
    data_at: where the pixels begin in the file · data_bytes: their coded length, None to the end ·
    spacing: what the file says of pixel sizes (x, y), None where it says nothing or 1 by default ·
    orientation: where the stored axes point, e.g. MF (x to the marked side, y far from the probe) ·
    image_type: BRIGHTNESS, RGB_COLOR or a kind of raw data, empty where the file does not say ·
    has_time_axis: the file says that its last axis is a list of frames · fields: of every frame, by name ·
    index_values: numbers along the list axis, as 3D Slicer writes them.
    """

    width: int
    height: int
    channels: int
    count: int
    dtype: np.dtype[np.generic]
    coding: Coding
    data_at: int
    data_bytes: int | None = None
    is_frame_first: bool = False
    spacing: tuple[float, float] | None = None
    orientation: str = ""
    image_type: str = ""
    has_time_axis: bool = True
    fields: tuple[Mapping[str, str], ...] = field(default=(), repr=False)
    index_values: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if self.width == 0 or self.height == 0:
            raise DeviceError(f"it holds tracking of {self.count} frames without pictures; give the video's own file")
        if not (self.width > 0 and self.height > 0 and self.width * self.height <= MOST_PIXELS):
            raise DeviceError(f"it claims pictures of {self.width}×{self.height} pixels; it is damaged, copy it again")
        if not 1 <= self.count <= MOST_FRAMES:
            raise DeviceError(f"it claims to hold {self.count} frames; it is damaged, copy it again")
        if self.channels not in (1, 3):
            raise DeviceError(f"its pixels have {self.channels} values; only grey (1) and RGB (3) can be shown")

    @property
    def frame_bytes(self) -> int:
        """Length of one frame, not coded."""
        return self.width * self.height * self.channels * self.dtype.itemsize

    def field(self, index: int, name: str) -> str | None:
        """A frame's own field, e.g. `Timestamp`; None where it has none."""
        return self.fields[index].get(name) if index < len(self.fields) else None

    @property
    def transform_names(self) -> tuple[str, ...]:
        """Names of the transforms that any frame has, e.g. `ProbeToTracker`, in order of the alphabet."""
        names = {name.removesuffix(_TRANSFORM) for own in self.fields for name in own if name.endswith(_TRANSFORM)}
        return tuple(sorted(names))

    def transform(self, index: int, name: str) -> FrameTransform | None:
        """A frame's transform by its name (`ProbeToTracker`); None where the frame has none of that name.

        Raises
        ------
        DeviceError
            It is written as something else than 16 numbers.
        """
        text = self.field(index, name + _TRANSFORM)
        if text is None:
            return None
        numbers = parse_numbers(text)
        if numbers is None or len(numbers) != 16:
            raise DeviceError(f"frame {index}: {name} is no transform of 16 numbers; the file is damaged")
        is_valid = (self.field(index, name + _STATUS) or "OK").strip() == "OK"
        matrix = np.array(numbers).reshape(4, 4)
        return FrameTransform(matrix, is_valid and bool(np.isfinite(matrix).all()))

    def is_image_valid(self, index: int) -> bool:
        """Whether the recorder marked the frame's picture as good; frames without a mark are."""
        status = self.field(index, "ImageStatus") or self.field(index, "Status") or "OK"
        return status.strip() == "OK"


def frame_fields(items: Mapping[str, str], count: int) -> tuple[dict[str, str], ...]:
    """The fields `Seq_Frame0007_Name` of a header, frame by frame; those of frames it does not have are dropped."""
    frames: list[dict[str, str]] = []
    for key, value in items.items():
        match = _FRAME_FIELD.match(key)
        if match is None or (index := int(match.group(1))) >= count:
            continue
        while len(frames) <= index:
            frames.append({})
        frames[index][match.group(2)] = value
    return tuple(frames)


def parse_numbers(text: str) -> list[float] | None:
    """Numbers between blanks; None where something else stands there."""
    try:
        return [float(word) for word in text.split()]
    except ValueError:
        return None


def spatial_sizes(sizes: list[int], path_says: str) -> tuple[int, int, int]:
    """(width, height, count) of two, three or four sizes, the last of them frames, a third of four the depth.

    Raises
    ------
    DeviceError
        These are volumes, or no pictures at all.
    """
    if len(sizes) == 4 and sizes[2] != 1:
        raise DeviceError(f"its frames are volumes of {sizes[2]} slices ({path_says}); only pictures can be shown")
    if len(sizes) not in (2, 3, 4):
        raise DeviceError(f"it has {len(sizes)} dimensions ({path_says}); only pictures and lists of them can be shown")
    return sizes[0], sizes[1], sizes[-1] if len(sizes) > 2 else 1
