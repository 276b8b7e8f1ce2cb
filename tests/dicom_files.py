"""Small DICOM files of every kind, with known pictures."""

import io
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pydicom
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import UID, ExplicitVRLittleEndian, UltrasoundMultiFrameImageStorage

SHAPE = (48, 64)


def clip_dataset(pixels: NDArray[np.generic], photometric: str = "RGB", **elements: object) -> Dataset:
    """An ultrasound clip of these frames, (n, h, w) or (n, h, w, 3), not yet coded; `elements` by keyword."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = UltrasoundMultiFrameImageStorage
    dataset.file_meta.MediaStorageSOPInstanceUID = UID("2.25.1")
    dataset.SOPClassUID, dataset.SOPInstanceUID, dataset.Modality = UltrasoundMultiFrameImageStorage, "2.25.1", "US"
    dataset.NumberOfFrames, dataset.Rows, dataset.Columns = pixels.shape[:3]
    dataset.SamplesPerPixel = pixels.shape[3] if pixels.ndim == 4 else 1
    if pixels.ndim == 4:
        dataset.PlanarConfiguration = 0
    dataset.PhotometricInterpretation = photometric
    dataset.BitsAllocated = dataset.BitsStored = 8 * pixels.dtype.itemsize
    dataset.HighBit = dataset.BitsStored - 1
    dataset.PixelRepresentation = int(pixels.dtype.kind == "i")
    for keyword, value in elements.items():
        setattr(dataset, keyword, value)
    data = pixels.tobytes()
    dataset.PixelData = data + b"\0" * (len(data) % 2)
    return dataset


def write(path: Path, dataset: Dataset) -> Path:
    """Save as a file with its preamble."""
    pydicom.dcmwrite(path, dataset, enforce_file_format=True)
    return path


def encapsulated(dataset: Dataset, syntax: UID, frames: list[bytes], **elements: object) -> Dataset:
    """The same clip with its frames coded."""
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.PixelData = encapsulate(frames)
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True
    for keyword, value in elements.items():
        setattr(dataset, keyword, value)
    return dataset


def region(x0: int, y0: int, x1: int, y1: int, **changed: object) -> Dataset:
    """A two-dimensional tissue region of 0.02 cm a pixel, with what is to be different."""
    item = Dataset()
    item.RegionSpatialFormat, item.RegionDataType, item.RegionFlags = 1, 1, 2
    item.RegionLocationMinX0, item.RegionLocationMinY0 = x0, y0
    item.RegionLocationMaxX1, item.RegionLocationMaxY1 = x1, y1
    item.PhysicalUnitsXDirection = item.PhysicalUnitsYDirection = 3
    item.PhysicalDeltaX, item.PhysicalDeltaY = 0.02, 0.025
    for keyword, value in changed.items():
        setattr(item, keyword, value)
    return item


def noise(count: int, shape: tuple[int, ...] = SHAPE, kind: str = "u1") -> NDArray[np.generic]:
    """Frames that nothing compresses, (n, *shape)."""
    dtype = np.dtype(kind)
    info = np.iinfo(dtype)
    return np.random.default_rng(5).integers(info.min, info.max, (count, *shape), dtype=dtype, endpoint=True)


def smooth(count: int, shape: tuple[int, int] = SHAPE) -> NDArray[np.uint8]:
    """RGB frames (n, h, w, 3) that lossy coders keep."""
    rows, columns = np.mgrid[0 : shape[0], 0 : shape[1]]
    frames = [np.stack([rows * 4, columns * 3, 0 * rows + 40 + 5 * index], axis=2) for index in range(count)]
    return np.array(frames).clip(0, 255).astype(np.uint8)


def jpeg(picture: NDArray[np.uint8], **options: object) -> bytes:
    """Baseline, hardly lossy."""
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "JPEG", quality=100, subsampling=0, **options)
    return out.getvalue()


def jpeg2000(picture: NDArray[np.uint8]) -> bytes:
    """Lossless."""
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "JPEG2000", no_jp2=True, irreversible=False, mct=int(picture.ndim == 3))
    return out.getvalue()


def lossless_jpeg(picture: NDArray[np.uint8]) -> bytes:
    """Process 14 of an RGB picture."""
    coder = av.CodecContext.create("ljpeg", "w")
    coder.width, coder.height, coder.pix_fmt, coder.time_base = picture.shape[1], picture.shape[0], "bgr24", Fraction(1)
    frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="bgr24")
    return b"".join(bytes(packet) for packet in [*coder.encode(frame), *coder.encode(None)])
