"""What ffprobe and SimpleITK read of every video, sequence and still of the shared material is what we read."""

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from rtguide.app.plugins import open_source
from rtguide.clock import ManualClock
from rtguide.errors import SourceEnded
from rtguide.ports import FrameSource
from rtguide.recording.indexed_source import IndexedSource
from rtguide.recording.sequence_clip import SequenceClip
from rtguide.recording.video_reader import VideoReader

pytestmark = pytest.mark.data

needs_ffprobe = pytest.mark.skipif(shutil.which("ffprobe") is None, reason="ffprobe (Debian: ffmpeg) is not installed")
sitk = pytest.importorskip("SimpleITK")


def videos(data: Path) -> list[Path]:
    found = sorted([*data.rglob("*.mp4"), *data.rglob("*.mkv")])
    assert len(found) >= 10
    return found


def probed(path: Path) -> tuple[list[float], tuple[int, int]]:
    """Times of all frames in seconds, and (height, width)."""
    show = "packet=pts_time:stream=width,height"
    command = ["ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", show, "-of", "json", str(path)]
    said = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    (stream,) = said["streams"]
    return sorted(float(packet["pts_time"]) for packet in said["packets"]), (stream["height"], stream["width"])


def said_spacing(source: FrameSource) -> tuple[float, float]:
    """What the file says of pixel sizes; 1 where it says nothing, as every reader of these formats has it."""
    assert isinstance(source, IndexedSource)
    assert isinstance(source.frames, SequenceClip)
    return source.frames.header.spacing or (1.0, 1.0)


@needs_ffprobe
def test_counts_sizes_and_times_of_every_video_against_ffprobe(data: Path) -> None:
    for path in videos(data):
        times_s, shape_px = probed(path)
        reader = VideoReader(path)
        assert (reader.frame_count, reader.shape_px) == (len(times_s), shape_px), path
        for index in (0, len(times_s) - 1):
            reader.seek(index)
            picture = reader.read()
            assert picture.number == index
            assert picture.time_ns / 1e9 == pytest.approx(times_s[index] - times_s[0], abs=1e-3), path
        with pytest.raises(SourceEnded):
            reader.read()
        reader.close()


@pytest.mark.slow
@needs_ffprobe
def test_every_frame_of_every_video_is_decoded(data: Path) -> None:
    for path in videos(data):
        reader, wanted = VideoReader(path), len(probed(path)[0])
        assert [reader.read().number for _ in range(wanted)] == list(range(wanted)), path
        with pytest.raises(SourceEnded) as end:
            reader.read()
        assert not end.value.is_damaged
        reader.close()


def test_sizes_counts_and_spacings_of_sequences_against_simpleitk(data: Path) -> None:
    checked = 0
    for path in sorted((data / "plus").glob("*.igs.*")):
        if "TrackerBuffer" in path.name:
            continue  # refused: it holds no pictures
        head = sitk.ImageFileReader()
        head.SetFileName(str(path))
        head.ReadImageInformation()
        size, spacing = (*head.GetSize(), 1)[:3], head.GetSpacing()[:2]
        source = open_source(str(path), ManualClock(), is_paced=False)
        height, width = source.info.shape_px
        assert source.info.frame_count == size[2], path
        assert {height, width} == set(size[:2]), path
        assert said_spacing(source) == spacing, path
        source.close()
        checked += 1
    assert checked == 9


def test_a_spacing_that_simpleitk_wrote_is_read(tmp_path: Path) -> None:
    volume = np.random.default_rng(0).integers(0, 256, (3, 40, 60), dtype=np.uint8)
    image = sitk.GetImageFromArray(volume)
    image.SetSpacing((0.125, 0.25, 1.0))
    for name in ("a.mha", "a.nrrd"):
        sitk.WriteImage(image, str(tmp_path / name))
        source = open_source(str(tmp_path / name), ManualClock(), is_paced=False)
        assert source.info.frame_count == 3
        frame = source.read(0.0)
        assert frame is not None
        np.testing.assert_array_equal(frame.pixels, volume[0])
        source.close()
        assert said_spacing(source) == sitk.ReadImage(str(tmp_path / name)).GetSpacing()[:2] == (0.125, 0.25)
        assert any("a pixel measures 0.125×0.25" in text for text in source.warnings)


def test_sizes_and_pixels_of_every_still_against_simpleitk(data: Path) -> None:
    stills = sorted([*data.rglob("*.png"), *data.rglob("*.jpg")])
    assert len(stills) > 80
    for path in stills:
        stored = sitk.GetArrayFromImage(sitk.ReadImage(str(path)))
        source = open_source(str(path), ManualClock(), is_paced=False)
        frame = source.read(0.0)
        source.close()
        assert frame is not None
        assert (source.info.frame_count, frame.shape_px) == (1, stored.shape[:2]), path
        if path.suffix == ".png" and stored.ndim == 3 and stored.shape[2] == 3:
            np.testing.assert_array_equal(frame.pixels if frame.pixels.ndim == 3 else stored[..., 0], stored)
