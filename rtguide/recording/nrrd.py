"""NRRD headers (`.nrrd`, `.igs.nrrd`, `.seq.nrrd`), as IGSIO and 3D Slicer write sequences."""

import math
import re

import numpy as np

from rtguide.errors import DeviceError
from rtguide.recording.sequence_header import Coding, SequenceHeader, frame_fields, parse_numbers, spatial_sizes

__all__ = ["read_nrrd"]

_TYPES = {
    "i1": ("signed char", "int8", "int8_t"), "u1": ("uchar", "unsigned char", "uint8", "uint8_t"),
    "i2": ("short", "short int", "signed short", "signed short int", "int16", "int16_t"),
    "u2": ("ushort", "unsigned short", "unsigned short int", "uint16", "uint16_t"),
    "i4": ("int", "signed int", "int32", "int32_t"), "u4": ("uint", "unsigned int", "uint32", "uint32_t"),
    "f4": ("float",), "f8": ("double",),
}  # fmt: skip
_CODINGS = {"raw": Coding.RAW, "gz": Coding.GZIP, "gzip": Coding.GZIP, "bz2": Coding.BZIP2, "bzip2": Coding.BZIP2}
_COLOUR_KINDS = ("rgb-color", "3-color", "vector", "3-vector")
_END = re.compile(rb"\r?\n\r?\n")
_INDEX_VALUES = re.compile(r"^axis \d+ index values$")


def read_nrrd(head: bytes) -> SequenceHeader:
    """The header at the beginning of these bytes.

    Raises
    ------
    DeviceError
        It is none, or describes something that cannot be shown.

    References
    ----------
    "Definition of NRRD File Format", Teem.
    """
    end = _END.search(head)
    if end is None or not head.startswith(b"NRRD"):
        raise DeviceError("its header breaks off before the pixels; copy it again from where it was recorded")
    fields, keys = _lines(head[: end.start()])
    for field in ("data file", "datafile", "line skip", "lineskip", "byte skip", "byteskip"):
        if fields.get(field, "0") != "0":
            raise DeviceError(f"its pixels do not follow its header ({field}); save it as one .nrrd file")
    coding = _CODINGS.get(fields.get("encoding", "").lower())
    if coding is None:
        raise DeviceError(f"its pixels are coded as {fields.get('encoding', '')[:20]!r}; save it as raw or gzip")
    sizes, kinds = _axes(fields)
    channels, is_frame_first = 1, False
    if kinds[0] in _COLOUR_KINDS and len(sizes) > 2 and sizes[0] in (1, 3):
        channels, sizes, kinds = sizes[0], sizes[1:], kinds[1:]
    elif kinds[0] == "list" and len(sizes) > 2:
        is_frame_first, sizes, kinds = True, [*sizes[1:], sizes[0]], [*kinds[1:], "list"]
    width, height, count = spatial_sizes(sizes, f"sizes: {fields['sizes'][:40]}")
    if is_frame_first and channels == 1 and kinds[0] in _COLOUR_KINDS:
        raise DeviceError("its frames run before its colours; save it anew with a newer version of its program")
    return SequenceHeader(
        width=width,
        height=height,
        channels=channels,
        count=count,
        dtype=_type(fields),
        coding=coding,
        data_at=end.end(),
        is_frame_first=is_frame_first,
        spacing=_spacing(fields, len(fields["sizes"].split()) - len(sizes) + int(is_frame_first)),
        orientation=_either(keys, "ultrasound image orientation", "UltrasoundImageOrientation"),
        image_type=_either(keys, "ultrasound image type", "UltrasoundImageType"),
        has_time_axis=len(sizes) == 2 or kinds[-1] == "list",
        fields=frame_fields(keys, count),
        index_values=_index_values(keys, count),
    )


def _lines(head: bytes) -> tuple[dict[str, str], dict[str, str]]:
    """The format's own fields, and the keys that a program added."""
    fields: dict[str, str] = {}
    keys: dict[str, str] = {}
    for line in head.decode("latin-1").splitlines()[1:]:
        if ":=" in line:
            key, _, value = line.partition(":=")
            keys[key.strip()] = value.strip()
        elif not line.startswith("#") and ": " in line:
            key, _, value = line.partition(": ")
            fields[key.strip().lower()] = value.strip()
    return fields, keys


def _axes(fields: dict[str, str]) -> tuple[list[int], list[str]]:
    """Sizes and kinds of the axes, fastest first; kinds that are not given are `domain`."""
    numbers = parse_numbers(fields.get("sizes", ""))
    if not numbers or not all(abs(number) < 1e15 and number == int(number) for number in numbers):
        raise DeviceError(f"its sizes are {fields.get('sizes', 'missing')[:40]!r}, not the sizes of its axes")
    kinds = fields.get("kinds", "").lower().split()
    if len(kinds) != len(numbers):
        kinds = ["domain"] * len(numbers)
    return [int(number) for number in numbers], kinds


def _type(fields: dict[str, str]) -> np.dtype[np.generic]:
    name = fields.get("type", "missing").lower()
    is_big = fields.get("endian", "little").lower() == "big"
    for code, names in _TYPES.items():
        if name in names:
            return np.dtype(code).newbyteorder(">" if is_big else "<")
    raise DeviceError(f"its values are of type {name[:40]!r}, which cannot be shown")


def _either(keys: dict[str, str], *names: str) -> str:
    return next((keys[name] for name in names if name in keys), "")


def _spacing(fields: dict[str, str], first: int) -> tuple[float, float] | None:
    """(x, y) where it is given and not the default of 1; `first` is the number of the x axis."""
    if "spacings" in fields:
        words = fields["spacings"].split()
        pair = [_number(word) for word in words[first : first + 2]]
    else:
        vectors = re.findall(r"\([^)]*\)|none", fields.get("space directions", ""))
        pair = [_length(vector) for vector in vectors[first : first + 2]]
    if len(pair) != 2 or not all(0 < size < 1e6 for size in pair) or pair == [1.0, 1.0]:
        return None
    return pair[0], pair[1]


def _length(vector: str) -> float:
    return math.hypot(*(_number(word) for word in vector.strip("()").split(",")))


def _number(word: str) -> float:
    try:
        return float(word)
    except ValueError:
        return math.nan


def _index_values(keys: dict[str, str], count: int) -> tuple[float, ...]:
    for key, value in keys.items():
        if _INDEX_VALUES.match(key):
            numbers = parse_numbers(value) or []
            return tuple(numbers) if len(numbers) == count else ()
    return ()
