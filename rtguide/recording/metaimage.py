"""MetaImage headers (`.mha`), as the PLUS toolkit and IGSIO write tracked sequences."""

import numpy as np

from rtguide.errors import DeviceError
from rtguide.recording.sequence_header import Coding, SequenceHeader, frame_fields, parse_numbers, spatial_sizes

__all__ = ["DATA_KEY", "read_metaimage"]

DATA_KEY = b"ElementDataFile"
"""The last key of a header; the pixels follow its line."""

_TYPES = {
    "MET_CHAR": "i1", "MET_UCHAR": "u1", "MET_SHORT": "i2", "MET_USHORT": "u2", "MET_INT": "i4", "MET_UINT": "u4",
    "MET_FLOAT": "f4", "MET_DOUBLE": "f8",
}  # fmt: skip


def read_metaimage(head: bytes) -> SequenceHeader:
    """The header at the beginning of these bytes.

    Raises
    ------
    DeviceError
        It is none, or describes something that cannot be shown.

    References
    ----------
    MetaIO documentation of ITK; "MetaImage sequence" of the PLUS toolkit's user guide.
    """
    key_at = head.find(DATA_KEY)
    line_end = head.find(b"\n", key_at)
    if key_at < 0 or line_end < 0:
        raise DeviceError("its header breaks off before the pixels; copy it again from where it was recorded")
    items: dict[str, str] = {}
    for line in head[:line_end].decode("latin-1").splitlines():
        key, mark, value = line.partition("=")
        if mark:
            items[key.strip()] = value.strip()
    _refuse(items)
    sizes = parse_numbers(items.get("DimSize", ""))
    if not sizes or not all(size == int(size) for size in sizes if abs(size) < 1e15) or max(map(abs, sizes)) >= 1e15:
        raise DeviceError(f"its DimSize is {items.get('DimSize', 'missing')[:40]!r}, not the sizes of its axes")
    width, height, count = spatial_sizes([int(size) for size in sizes], f"DimSize = {items['DimSize'][:40]}")
    channels = parse_numbers(items.get("ElementNumberOfChannels", "1")) or [0]
    is_big = _is_true(items, "BinaryDataByteOrderMSB") or _is_true(items, "ElementByteOrderMSB")
    length = parse_numbers(items.get("CompressedDataSize", ""))
    return SequenceHeader(
        width=width,
        height=height,
        channels=int(channels[0]),
        count=count,
        dtype=np.dtype(_type(items)).newbyteorder(">" if is_big else "<"),
        coding=Coding.ZLIB if _is_true(items, "CompressedData") else Coding.RAW,
        data_at=line_end + 1,
        data_bytes=int(length[0]) if length and 0 < length[0] < 1e15 else None,
        spacing=_spacing(items),
        orientation=items.get("UltrasoundImageOrientation", ""),
        image_type=items.get("UltrasoundImageType", ""),
        has_time_axis=len(sizes) == 2 or items.get("Kinds", "").endswith("list"),
        fields=frame_fields(items, count),
    )


def _refuse(items: dict[str, str]) -> None:
    """Forms of the format that are not read."""
    if items.get("ElementDataFile") != "LOCAL":
        other = items.get("ElementDataFile", "")[:60]
        raise DeviceError(f"its pixels lie in another file ({other!r}); save it as one .mha file")
    if items.get("BinaryData", "True").lower() != "true":
        raise DeviceError("its pixels are written as text; save it as binary data")
    if items.get("HeaderSize", "0") not in ("0", "-1"):
        raise DeviceError("its pixels do not follow its header (HeaderSize); save it anew")
    if "CompressedData" in items and items["CompressedData"].lower() not in ("true", "false"):
        raise DeviceError(f"CompressedData is {items['CompressedData'][:20]!r}, neither True nor False; it is damaged")


def _type(items: dict[str, str]) -> str:
    name = items.get("ElementType", "missing").removesuffix("_ARRAY")
    if name not in _TYPES:
        raise DeviceError(f"its values are of type {name[:40]!r}; known are {', '.join(_TYPES)}")
    return _TYPES[name]


def _is_true(items: dict[str, str], key: str) -> bool:
    return items.get(key, "False").lower() == "true"


def _spacing(items: dict[str, str]) -> tuple[float, float] | None:
    """(x, y) where it is not the default of 1."""
    numbers = parse_numbers(items.get("ElementSpacing") or items.get("ElementSize") or "") or []
    pair = (numbers[0], numbers[1]) if len(numbers) >= 2 else (1.0, 1.0)
    return None if pair == (1.0, 1.0) or not all(0 < size < 1e6 for size in pair) else pair
