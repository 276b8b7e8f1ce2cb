"""Sequences that 3D Slicer and PLUS open: `.igs.mha` and `.seq.nrrd`, uncompressed.

References
----------
PLUS toolkit, "Sequence metafile format" (one image a frame, `Seq_FrameNNNN_Timestamp` in seconds); MetaIO
`MET_UCHAR_ARRAY`; NRRD 5, section "kinds: list".
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rtguide.recording.session_files import guarded

__all__ = ["FrameSeries", "write_metaimage", "write_nrrd"]


@dataclass(frozen=True, slots=True)
class FrameSeries:
    """Frames to export. pixels: gives frame `index` as uint8 (h, w) · spacing_mm: (x, y), None where not verified."""

    times_s: tuple[float, ...]
    shape_px: tuple[int, int]
    spacing_mm: tuple[float, float] | None
    pixels: Callable[[int], NDArray[np.uint8]]

    def __len__(self) -> int:
        return len(self.times_s)


def write_metaimage(path: Path, series: FrameSeries) -> None:
    """Write `.igs.mha`. Without a verified scale the spacing is 1 and a comment says that it means pixels.

    Raises
    ------
    RecordingError
        It cannot be written.
    """
    height, width = series.shape_px
    x_mm, y_mm = series.spacing_mm or (1.0, 1.0)
    head = [
        "ObjectType = Image", "NDims = 3", "BinaryData = True", "BinaryDataByteOrderMSB = False",
        "CompressedData = False", "TransformMatrix = 1 0 0 0 1 0 0 0 1", "Offset = 0 0 0", "CenterOfRotation = 0 0 0",
        f"ElementSpacing = {x_mm!r} {y_mm!r} 1", f"DimSize = {width} {height} {len(series)}",
        "Kinds = domain domain list", "AnatomicalOrientation = RAI", "ElementType = MET_UCHAR",
        "UltrasoundImageOrientation = MF", "UltrasoundImageType = BRIGHTNESS",
        f"SpacingUnit = {'mm' if series.spacing_mm else 'pixel'}",
    ]  # fmt: skip
    for index, time_s in enumerate(series.times_s):
        head += [f"Seq_Frame{index:04d}_Timestamp = {time_s:.9f}", f"Seq_Frame{index:04d}_ImageStatus = OK"]
    head.append("ElementDataFile = LOCAL")
    guarded(path, _write, path, "\n".join(head) + "\n", series)


def write_nrrd(path: Path, series: FrameSeries) -> None:
    """Write `.seq.nrrd`, axes x, y, frame.

    Raises
    ------
    RecordingError
        It cannot be written.
    """
    height, width = series.shape_px
    head = [
        "NRRD0005", "type: uint8", "dimension: 3", f"sizes: {width} {height} {len(series)}",
        "encoding: raw", "kinds: domain domain list",
    ]  # fmt: skip
    if series.spacing_mm is not None:
        head += [f"spacings: {series.spacing_mm[0]!r} {series.spacing_mm[1]!r} NaN", 'units: "mm" "mm" ""']
    head += [f"Seq_Frame{index:04d}_Timestamp:={time_s:.9f}" for index, time_s in enumerate(series.times_s)]
    guarded(path, _write, path, "\n".join(head) + "\n\n", series)


def _write(path: Path, head: str, series: FrameSeries) -> None:
    with path.open("wb") as file:
        file.write(head.encode())
        for index in range(len(series)):
            file.write(np.ascontiguousarray(series.pixels(index)).data)
