"""A recording as a DICOM Ultrasound Multi-frame Image.

References
----------
DICOM PS3.3 A.7 (Ultrasound Multi-frame Image IOD), C.8.5.5 (US Region Calibration), C.7.6.5 (Cine, Frame Time Vector);
PS3.15 E.1 (de-identification): the file is written from scratch and holds no patient data.
"""

import hashlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, UltrasoundMultiFrameImageStorage, generate_uid

from rtguide.errors import RecordingError
from rtguide.model.geometry import ImageGeometry
from rtguide.recording.sequence_export import FrameSeries
from rtguide.recording.session_files import guarded

__all__ = ["write_dicom"]

_MOST_PIXEL_BYTES = 0xFFFFFFFE
_MOST_VECTOR_BYTES = 0xFFFE
"""What fits into a decimal string (PS3.5 6.2): the frame time vector of some five minutes."""

_PIXEL_DATA_HEAD = struct.Struct("<HH2sHI")
"""Tag (7FE0,0010), VR OB, two reserved bytes, length (PS3.5 7.1.2)."""

_SEED_PICTURES = 8
"""So many pictures, spread over the recording, make its numbers its own."""

_CM = 3
_TISSUE, _TWO_D = 1, 1


@dataclass(frozen=True, slots=True)
class _Clip:
    """Frames `first` to `stop` of a recording, in one file; number: of this file, from 1."""

    number: int
    first: int
    stop: int
    steps_ms: tuple[str, ...]


def write_dicom(
    path: Path, series: FrameSeries, geometry: ImageGeometry, created_wall_ns: int | None
) -> tuple[Path, ...]:
    """Write the frames, their times, and the region with its scale where that is verified; gives the files.

    What one file cannot hold (4 GB, or the times of some 9,000 frames) goes on in `NAME-2.dcm` and so on, instances of
    the same series. One frame is in memory at a time. Numbers of study, series and instances follow from
    pictures and times: the same recording gives the same ones, another one others, and nothing can be read from them
    that is not in the file. created_wall_ns: None leaves the day out.

    Raises
    ------
    RecordingError
        It cannot be written.
    """
    clips = tuple(_clips(series))
    paths = tuple(path if clip.number == 1 else path.with_stem(f"{path.stem}-{clip.number}") for clip in clips)
    there = next((one for one in paths if one.exists()), None)
    if there is not None:
        raise RecordingError(f"{there}: is there already; give another name, or remove it")
    seed = _seed(series, created_wall_ns)
    try:
        for clip, one in zip(clips, paths, strict=True):
            data = _dataset(series, created_wall_ns, clip, seed)
            if len(clips) > 1:
                data.DerivationDescription += f", part {clip.number} of {len(clips)}, from {_start_s(series, clip)} s"
            if series.spacing_mm is not None:
                data.SequenceOfUltrasoundRegions = [_region(geometry, series.spacing_mm)]
            guarded(one, _write, one, data, series, clip)
    except BaseException:
        for one in paths:
            one.unlink(missing_ok=True)
        raise
    return paths


def _clips(series: FrameSeries) -> Iterator[_Clip]:
    """As many frames in each as a file can hold."""
    height, width = series.shape_px
    most_frames = max(1, _MOST_PIXEL_BYTES // (height * width))
    number, first = 1, 0
    while first < len(series):
        steps, length, stop = ["0.0"], 3, first + 1
        while stop < len(series) and stop - first < most_frames:
            step = f"{1000 * (series.times_s[stop] - series.times_s[stop - 1]):.3f}"
            length += 1 + len(step)
            if length > _MOST_VECTOR_BYTES:
                break
            steps.append(step)
            stop += 1
        yield _Clip(number, first, stop, tuple(steps))
        number, first = number + 1, stop


def _write(path: Path, data: FileDataset, series: FrameSeries, clip: _Clip) -> None:
    """The head by pydicom, then frame by frame: pydicom would want all of them in memory."""
    data.save_as(path, enforce_file_format=True)
    height, width = series.shape_px
    length = height * width * (clip.stop - clip.first)
    with path.open("ab") as file:
        file.write(_PIXEL_DATA_HEAD.pack(0x7FE0, 0x0010, b"OB", 0, length + length % 2))
        for index in range(clip.first, clip.stop):
            file.write(np.ascontiguousarray(series.pixels(index)).data)
        file.write(b"\0" * (length % 2))


def _start_s(series: FrameSeries, clip: _Clip) -> str:
    return f"{series.times_s[clip.first]:.3f}"


def _seed(series: FrameSeries, created_wall_ns: int | None) -> str:
    """What tells this recording from every other: two of them may have the same times, to the last digit."""
    known = hashlib.sha256(f"{created_wall_ns} {series.shape_px} {series.times_s}".encode())
    for index in sorted({round(k * (len(series) - 1) / (_SEED_PICTURES - 1)) for k in range(_SEED_PICTURES)}):
        known.update(np.ascontiguousarray(series.pixels(index)).data)
    return known.hexdigest()


def _dataset(series: FrameSeries, created_wall_ns: int | None, clip: _Clip, seed: str) -> FileDataset:
    moment = None if created_wall_ns is None else datetime.fromtimestamp(created_wall_ns / 1e9, UTC)
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = UltrasoundMultiFrameImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=[seed, f"instance {clip.number}"])
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    data.SOPClassUID, data.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    data.StudyInstanceUID = generate_uid(entropy_srcs=[seed, "study"])
    data.SeriesInstanceUID = generate_uid(entropy_srcs=[seed, "series"])
    data.SpecificCharacterSet = "ISO_IR 192"
    data.Modality, data.ImageType = "US", ["DERIVED", "SECONDARY"]
    data.DerivationDescription = "recorded by rtguide, research use only"
    for name in ("PatientName", "PatientBirthDate", "PatientSex", "AccessionNumber", "ReferringPhysicianName"):
        setattr(data, name, "")
    data.PatientID = f"RTG-{seed[:12]}"
    data.StudyID, data.SeriesNumber, data.InstanceNumber = "1", 1, clip.number
    data.Manufacturer, data.Laterality, data.PatientOrientation = "rtguide", "", ""
    data.StudyDate = data.SeriesDate = data.ContentDate = f"{moment:%Y%m%d}" if moment else ""
    data.StudyTime = data.SeriesTime = data.ContentTime = f"{moment:%H%M%S}" if moment else ""
    data.LossyImageCompression = "00"
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
    data.Rows, data.Columns = series.shape_px
    data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 8, 8, 7, 0
    data.NumberOfFrames = clip.stop - clip.first
    data.FrameTimeVector = list(clip.steps_ms)
    data.FrameIncrementPointer = 0x00181065
    return data


def _region(geometry: ImageGeometry, spacing_mm: tuple[float, float]) -> Dataset:
    x0, y0, x1, y1 = geometry.bounds_px()
    region = Dataset()
    region.RegionSpatialFormat, region.RegionDataType, region.RegionFlags = _TWO_D, _TISSUE, 0
    region.RegionLocationMinX0, region.RegionLocationMinY0 = int(x0), int(y0)
    region.RegionLocationMaxX1, region.RegionLocationMaxY1 = int(x1) - 1, int(y1) - 1
    region.PhysicalUnitsXDirection = region.PhysicalUnitsYDirection = _CM
    region.PhysicalDeltaX, region.PhysicalDeltaY = spacing_mm[0] / 10, spacing_mm[1] / 10
    return region
