"""Every picture and clip of the shared material opens or is refused with its reason; figures against other readers."""

import numpy as np
import pydicom
import pytest
from pydicom.pixels import pixel_array
from pydicom.pixels.processing import apply_color_lut, apply_modality_lut, apply_windowing
from pydicom.uid import MPEG4HP41

from dicom_files import clip_dataset, encapsulated, write
from rtguide.app.plugins import open_source
from rtguide.clock import ManualClock
from rtguide.errors import DeviceError
from rtguide.recording.video_reader import VideoReader

pytestmark = pytest.mark.data

SUFFIXES = {".png", ".jpg", ".mp4", ".mkv", ".dcm", ".mha", ".nrrd"}
REFUSED = {"WaterTankBottomTranslationTrackerBuffer.igs.mha": "5000 frames without pictures"}
SPACING_MM = {  # ten times the tags' centimetres, read with dcmdump; all others have no usable scale
    "JPGLosslessP14SV1_1s_1f_8b": 0.25476696592378,
    "OBXXXX1A": 0.26228787661970,
    "OBXXXX1A_rle_2frame": 0.26228787661970,
    "color3d_jpeg_baseline": 0.51049705594778,
    "gdcm-US-ALOKA-16": 0.38265306502581,
    "sonoque_anechoic-3mm-3mm": 0.0291,
}
NEAR = 3
"""Levels by which two decoders of lossy JPEG may differ."""


def opened(path):
    return open_source(str(path), ManualClock(), is_paced=False)


def test_everything_opens_or_is_refused_with_its_reason(data):
    count = 0
    for path in sorted(path for path in data.rglob("*") if path.suffix in SUFFIXES):
        if path.name in REFUSED:
            with pytest.raises(DeviceError, match=REFUSED[path.name]):
                opened(path)
            continue
        source = opened(path)
        frame = source.read(1.0)
        assert frame.shape_px == source.info.shape_px, path
        source.close()
        count += 1
    assert count > 90


def dicom_files(data):
    return sorted([*(data / "dicom").glob("*.dcm"), *(data / "scale").glob("*.dcm")])


@pytest.mark.filterwarnings("ignore::UserWarning")  # pydicom's remarks on odd files
def test_counts_sizes_and_scales_of_dicom(data):
    for path in dicom_files(data):
        tags = pydicom.dcmread(path, stop_before_pixels=True)
        source = opened(path)
        assert source.info.frame_count == int(tags.get("NumberOfFrames", 1)), path
        assert source.info.shape_px == (tags.Rows, tags.Columns), path
        spacing = None if source.geometry is None else source.geometry.spacing_mm
        wanted = SPACING_MM.get(path.stem)
        assert spacing == (None if wanted is None else pytest.approx((wanted, wanted), rel=1e-9)), path
        if "FrameTime" in tags:
            assert source.info.rate_hz == pytest.approx(1000 / float(tags.FrameTime))
        source.close()


def test_the_resized_clip_is_not_believed(data):
    source = opened(data / "dicom" / "examples_ybr_color.dcm")
    assert source.geometry is None
    assert any("another grid" in text for text in source.warnings)
    source.close()


@pytest.mark.filterwarnings("ignore::UserWarning")  # pydicom's remarks on odd files
def test_pixels_of_dicom_against_pydicom(data):
    for path in dicom_files(data):
        tags = pydicom.dcmread(path)
        if "JPGLossless" in path.name:
            continue  # pydicom has no decoder for it here
        source = opened(path)
        frame = source.read(1.0).pixels.astype(int)
        source.close()
        stored = pixel_array(tags, index=0)
        if tags.PhotometricInterpretation == "PALETTE COLOR":
            exact = apply_color_lut(stored, tags)
            exact = exact >> 8 if exact.max() > 255 else exact
        elif "WindowCenter" in tags:
            shown = apply_windowing(apply_modality_lut(stored, tags), tags).astype(float)
            ends = apply_windowing(np.array([-1e9, 1e9]), tags)
            exact = (shown - ends[0]) / (ends[1] - ends[0]) * 255
            exact = 255 - exact if tags.PhotometricInterpretation == "MONOCHROME1" else exact
        elif stored.ndim == 3:
            exact = stored
        else:
            continue  # no window: spread from its darkest to its brightest, tested elsewhere
        assert np.abs(frame - exact).max() <= NEAR, path


def test_a_clip_in_h264_inside_dicom(data, tmp_path):
    video = data / "needle_tissue" / "ph_1_3_1.mp4"
    dataset = clip_dataset(np.zeros((1, 860, 1080, 3), np.uint8), "YBR_PARTIAL_420", FrameTime=1000 / 60)
    dataset.NumberOfFrames = 448
    source = opened(write(tmp_path / "a.dcm", encapsulated(dataset, MPEG4HP41, [video.read_bytes()])))
    assert source.info.frame_count == 448
    reader = VideoReader(video)
    for _ in range(3):
        np.testing.assert_array_equal(source.read(1.0).pixels, reader.read().pixels)
    source.seek(100)
    reader.seek(100)
    np.testing.assert_array_equal(source.read(1.0).pixels, reader.read().pixels)
    reader.close()
    source.close()


def test_sequences_against_simpleitk(data):
    sitk = pytest.importorskip("SimpleITK")
    for path in sorted((data / "plus").glob("*.igs.*")):
        if path.name in REFUSED:
            continue
        image = sitk.ReadImage(str(path))
        values = sitk.GetArrayFromImage(image).reshape(-1, image.GetSize()[1], image.GetSize()[0])
        source = opened(path)
        assert source.info.frame_count == len(values), path
        for index in {0, len(values) // 2, len(values) - 1}:
            source.seek(index)
            frame = source.read(1.0).pixels
            stored = values[index].T if "CurvilinearBrightness" in path.name else values[index]
            assert frame.shape == stored.shape, path
            assert np.abs(frame.astype(int) - np.clip(stored, 0, 255)).max() == 0, path
        source.close()


def test_times_and_transforms_of_a_tracked_sequence(data):
    source = opened(data / "plus" / "SpinePhantomFreehand.igs.mha")
    times = [source.read(0.0).t_device_ns for _ in range(21)]
    assert times[1] == pytest.approx((215.190114 - 215.102186) * 1e9, abs=1)
    assert times == sorted(set(times))
    clip = source.frames
    assert clip.header.transform_names == ("ProbeToTracker", "ReferenceToTracker", "StylusToTracker")
    probe = clip.transform(0, "ProbeToTracker")
    assert probe.is_valid
    assert probe.to_from[0, :2] == pytest.approx((0.231245, 0.951424))
    assert probe.to_from[:3, :3] @ probe.to_from[:3, :3].T == pytest.approx(np.eye(3), abs=1e-4)
    source.close()
    cropped = opened(data / "plus" / "NwirePhantomFreehandCropped.igs.mha")
    assert not cropped.frames.transform(0, "StylusToTracker").is_valid
    cropped.close()
