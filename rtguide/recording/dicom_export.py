"""A recording as a DICOM Ultrasound Multi-frame Image.

References
----------
DICOM PS3.3 A.7 (Ultrasound Multi-frame Image IOD), C.8.5.5 (US Region Calibration), C.7.6.5 (Cine, Frame Time Vector);
PS3.15 E.1 (de-identification): the file is written from scratch and holds no patient data.
"""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, UltrasoundMultiFrameImageStorage, generate_uid

from rtguide.errors import RecordingError
from rtguide.model.geometry import ImageGeometry
from rtguide.recording.sequence_export import FrameSeries
from rtguide.recording.session_files import guarded

__all__ = ["write_dicom"]

_MOST_BYTES = 0xFFFFFFFE
_CM = 3
_TISSUE, _TWO_D = 1, 1


def write_dicom(path: Path, series: FrameSeries, geometry: ImageGeometry, created_wall_ns: int | None) -> None:
    """Write the frames, their times, and the region with its scale where that is verified.

    Numbers of study, series and instance follow from the pictures' moment: the same recording gives the same ones.
    created_wall_ns: None leaves the day out.

    Raises
    ------
    RecordingError
        It cannot be written, or is longer than a DICOM file can be.
    """
    height, width = series.shape_px
    size = height * width * len(series)
    if size > _MOST_BYTES:
        raise RecordingError(
            f"{path}: {len(series)} frames are {size >> 20} MB, DICOM holds 4096: export a part as mkv"
        )
    data = _dataset(series, created_wall_ns)
    if series.spacing_mm is not None:
        data.SequenceOfUltrasoundRegions = [_region(geometry, series.spacing_mm)]
    pixels = b"".join(series.pixels(index).tobytes() for index in range(len(series)))
    data.PixelData = pixels + b"\0" * (len(pixels) % 2)
    data["PixelData"].VR = "OB"
    guarded(path, lambda: data.save_as(path, enforce_file_format=True))


def _dataset(series: FrameSeries, created_wall_ns: int | None) -> FileDataset:
    moment = None if created_wall_ns is None else datetime.fromtimestamp(created_wall_ns / 1e9, UTC)
    seed = hashlib.sha256(f"{created_wall_ns} {series.shape_px} {series.times_s}".encode()).hexdigest()
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = UltrasoundMultiFrameImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=[seed, "instance"])
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
    data.StudyID, data.SeriesNumber, data.InstanceNumber = "1", 1, 1
    data.Manufacturer, data.Laterality, data.PatientOrientation = "rtguide", "", ""
    data.StudyDate = data.SeriesDate = data.ContentDate = f"{moment:%Y%m%d}" if moment else ""
    data.StudyTime = data.SeriesTime = data.ContentTime = f"{moment:%H%M%S}" if moment else ""
    data.LossyImageCompression = "00"
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
    data.Rows, data.Columns = series.shape_px
    data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 8, 8, 7, 0
    data.NumberOfFrames = len(series)
    steps = [1000 * (b - a) for a, b in zip(series.times_s, series.times_s[1:], strict=False)]
    data.FrameTimeVector = [0.0, *(round(step, 3) for step in steps)]
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
