"""Small tracked sequences as PLUS, IGSIO and 3D Slicer write them, with known pictures."""

import bz2
import gzip
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

PACKERS = {"raw": bytes, "gzip": gzip.compress, "bzip2": bz2.compress}
TYPES = {
    "u1": "MET_UCHAR",
    "i2": "MET_SHORT",
    "u2": "MET_USHORT",
    "f4": "MET_FLOAT",
    "i1": "MET_CHAR",
    "f8": "MET_DOUBLE",
}
NRRD_TYPES = {"u1": "unsigned char", "i2": "int16", "u2": "ushort", "f4": "float"}


def frames(count: int, shape: tuple[int, ...] = (24, 32), kind: str = "u1") -> NDArray[np.generic]:
    """Noise, (n, *shape)."""
    rng = np.random.default_rng(7)
    if kind.startswith("f"):
        return rng.normal(0, 50, (count, *shape)).astype(kind)
    info = np.iinfo(kind)
    return rng.integers(info.min, info.max, (count, *shape), dtype=kind, endpoint=True)


def frame_lines(times_s: list[float], mark: str, invalid: tuple[int, ...] = ()) -> list[str]:
    """Fields of every frame: a time, a status, a transform that shifts by the frame's number in x."""
    lines = []
    for index, time_s in enumerate(times_s):
        name, status = f"Seq_Frame{index:04}_", "INVALID" if index in invalid else "OK"
        lines += [
            f"{name}ProbeToTrackerTransform{mark}1 0 0 {index} 0 1 0 0.5 0 0 1 -2 0 0 0 1",
            f"{name}ProbeToTrackerTransformStatus{mark}{status}",
            f"{name}Timestamp{mark}{time_s:.6f}",
            f"{name}ImageStatus{mark}{status}",
        ]
    return lines


def write_mha(path: Path, values: NDArray[np.generic], *lines: str, is_packed: bool = True) -> Path:
    """A MetaImage of (n, h, w) or (n, h, w, 3); `lines` are put before the data and win over what stands there."""
    data = values.tobytes()
    packed = zlib.compress(data) if is_packed else data
    height, width = values.shape[1:3]
    head = {
        "ObjectType": "Image",
        "NDims": "3",
        "BinaryData": "True",
        "BinaryDataByteOrderMSB": "False",
        "CompressedData": str(is_packed),
        "CompressedDataSize": f"{len(packed)}    ",
        "DimSize": f"{width} {height} {len(values)}      ",
        "Kinds": "domain domain list",
        "ElementNumberOfChannels": str(values.shape[3] if values.ndim == 4 else 1),
        "ElementSpacing": "1 1 1",
        "ElementType": TYPES[values.dtype.str[1:]],
        "UltrasoundImageOrientation": "MFA",
        "UltrasoundImageType": "BRIGHTNESS",
    }
    for line in lines:
        key, _, value = line.partition(" = ")
        head[key] = value
    text = "".join(f"{key} = {value}\n" for key, value in head.items())
    path.write_bytes(text.encode() + b"ElementDataFile = LOCAL\n" + packed)
    return path


def write_nrrd(path: Path, values: NDArray[np.generic], *lines: str, encoding: str = "gzip") -> Path:
    """An NRRD of (n, h, w) or (n, h, w, 3); `lines` as `field: value` or `key:=value` win over what stands there."""
    height, width = values.shape[1:3]
    is_colour = values.ndim == 4
    head = {
        "type": f": {NRRD_TYPES[values.dtype.str[1:]]}",
        "dimension": f": {values.ndim}",
        "sizes": f": {'3 ' * is_colour}{width} {height} {len(values)}",
        "kinds": f": {'vector ' * is_colour}domain domain list",
        "endian": ": little",
        "encoding": f": {encoding}",
    }
    for line in lines:
        mark = ":=" if ":=" in line else ": "
        key, _, value = line.partition(mark)
        head[key] = mark + value
    text = "NRRD0004\n# a comment: no field\n" + "".join(key + value + "\n" for key, value in head.items())
    path.write_bytes(text.encode() + b"\n" + PACKERS[encoding](values.tobytes()))
    return path
