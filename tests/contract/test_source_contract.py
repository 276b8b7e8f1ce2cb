"""What every source must do, over every entry point of the group `rtguide.devices`.

A new device needs one entry in `SAMPLES`: an address that opens it, and addresses that must be refused.
Those that need a peer have a suite of their own beside this one.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from importlib.metadata import entry_points
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

import dicom_files
import sequence_files
from live_names import LIVE
from rtguide.app.plugins import open_source
from rtguide.clock import ManualClock, SystemClock
from rtguide.errors import ConfigError, DeviceError, RtguideError, SourceEnded
from rtguide.model.frame import Frame, SourceInfo, SourceKind
from rtguide.model.geometry import ImageGeometry, RectRegion
from rtguide.model.guidance import Guidance
from rtguide.model.plan import Plan
from rtguide.model.scene import Scene, Tracking
from rtguide.ports import FrameSource, SeekableSource
from rtguide.recording.writer import SessionWriter

NAMES = sorted({point.name for point in entry_points(group="rtguide.devices")} - LIVE)
COUNT = 12
JOIN_S = 20.0


@dataclass(frozen=True)
class Sample:
    """An address that opens, how many frames it has, and addresses that do not open."""

    address: str
    bad: tuple[str, ...]
    kind: SourceKind = SourceKind.REPLAY


def write_video(path: Path) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "gray"
        for index in range(COUNT):
            pixels = np.random.default_rng(index).integers(0, 256, (48, 64), dtype=np.uint8)
            frame = av.VideoFrame.from_ndarray(pixels, format="gray")
            frame.pts, frame.time_base = index * 40 + index % 3, Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def write_session(folder: Path) -> Path:
    info = SourceInfo("somewhere", SourceKind.LIVE, (47, 65), 30.0)
    geometry = ImageGeometry((47, 65), RectRegion(5.0, 3.0, 41.0, 33.0))
    clock = ManualClock()
    writer = None
    for index in range(COUNT):
        pixels = np.random.default_rng(index).integers(0, 256, (47, 65, 3), dtype=np.uint8)
        frame = Frame(index + 70, clock.now_ns(), None, pixels)
        scene = Scene(frame, info, geometry, Plan(), Tracking(), Guidance(), clock.now_ns())
        writer = writer or SessionWriter.create(folder, scene, clock)
        writer.write_frame(frame)
        writer.write_scene(scene)
        clock.advance(1 / 30)
    assert writer is not None
    writer.close()
    return writer.folder


def video_sample(folder: Path) -> Sample:
    good = write_video(folder / "clip.mkv")
    data = good.read_bytes()
    (folder / "empty.mp4").touch()
    (folder / "text.mp4").write_text("Dear diary, " * 500)
    (folder / "torn.mkv").write_bytes(data[:200])
    (folder / "folder").mkdir()
    bad = ("missing.mp4", "empty.mp4", "text.mp4", "torn.mkv", "folder")
    return Sample(str(good), tuple(str(folder / name) for name in bad))


def session_sample(folder: Path) -> Sample:
    good = write_session(folder)
    no_frames, broken = folder / "no_frames", folder / "broken"
    for bad in (no_frames, broken):
        bad.mkdir()
        (bad / "session.json").write_bytes((good / "session.json").read_bytes()[: 100 if bad is broken else None])
    return Sample(str(good), (str(no_frames), str(broken)))


def replay_sample(folder: Path) -> Sample:
    good = f"replay:{write_video(folder / 'clip.mkv')}"
    bad = ("?speed=fast", "?speed=0", "?loop=maybe", "?fast=1", ".missing", "?fps=-1")
    return Sample(f"{good}?speed=2", ("replay:", *(good + text for text in bad)))


def simulated_sample(folder: Path) -> Sample:
    bad = ("sim:", "sim:nowhere", "sim:femoral?seed=x", "sim:femoral?speed=1")
    return Sample("sim:femoral?seed=3&seconds=0.4&fps=30", bad, SourceKind.SIMULATED)


def dicom_sample(folder: Path) -> Sample:
    dataset = dicom_files.clip_dataset(dicom_files.noise(COUNT, (48, 64, 3)), FrameTime=40)
    good = dicom_files.write(folder / "clip.dcm", dataset)
    data = good.read_bytes()
    (folder / "torn.dcm").write_bytes(data[:600])
    (folder / "text.dcm").write_text("Dear diary, " * 500)
    del dataset.PixelData
    dicom_files.write(folder / "report.dcm", dataset)
    return Sample(str(good), tuple(str(folder / name) for name in ("torn.dcm", "text.dcm", "report.dcm")))


def sequence_sample(folder: Path) -> Sample:
    lines = sequence_files.frame_lines([5 + 0.04 * index for index in range(COUNT)], " = ")
    good = sequence_files.write_mha(folder / "clip.igs.mha", sequence_files.frames(COUNT), *lines)
    data = good.read_bytes()
    (folder / "torn.mha").write_bytes(data[:200])
    (folder / "text.nrrd").write_text("Dear diary, " * 500)
    sequence_files.write_mha(folder / "tracking.mha", sequence_files.frames(COUNT), "DimSize = 0 0 12")
    return Sample(str(good), tuple(str(folder / name) for name in ("torn.mha", "text.nrrd", "tracking.mha")))


def images_sample(folder: Path) -> Sample:
    good = folder / "pictures"
    good.mkdir()
    for index in range(COUNT):
        pixels = np.random.default_rng(index).integers(0, 256, (48, 64), dtype=np.uint8)
        Image.fromarray(pixels).save(good / f"{index}.png")
    (folder / "text.png").write_text("Dear diary, " * 500)
    (folder / "torn.png").write_bytes((good / "0.png").read_bytes()[:100])
    (folder / "none").mkdir()
    return Sample(str(good), tuple(str(folder / name) for name in ("text.png", "torn.png", "none", "missing.bmp")))


SAMPLES: dict[str, Callable[[Path], Sample]] = {
    "dicom": dicom_sample,
    "images": images_sample,
    "replay": replay_sample,
    "sequence": sequence_sample,
    "session": session_sample,
    "sim": simulated_sample,
    "video": video_sample,
}


@pytest.fixture(scope="module", params=NAMES)
def sample(request, tmp_path_factory) -> Sample:
    assert request.param in SAMPLES, f"the device {request.param} needs an entry in SAMPLES"
    return SAMPLES[request.param](tmp_path_factory.mktemp(request.param))


@dataclass(frozen=True)
class Reading:
    """One source read from its first frame to its end (opening some takes seconds)."""

    infos: tuple[SourceInfo, SourceInfo]
    geometry: ImageGeometry | None
    is_seekable: bool
    frames: list[Frame]
    first_pixels: np.ndarray
    end: SourceEnded


@pytest.fixture(scope="module")
def reading(sample) -> Reading:
    source = open_source(sample.address, ManualClock(), is_paced=False)
    before, first = source.info, source.read(1.0)
    first_pixels = first.pixels.copy()
    frames, end = read_all(source)
    with pytest.raises(SourceEnded):
        source.read(0.0)
    is_seekable = isinstance(source, SeekableSource)
    done = Reading((before, source.info), source.geometry, is_seekable, [first, *frames], first_pixels, end)
    source.close()
    return done


def read_all(source: FrameSource) -> tuple[list[Frame], SourceEnded]:
    frames = []
    while True:
        try:
            frame = source.read(1.0)
        except SourceEnded as end:
            return frames, end
        assert frame is not None
        assert len(frames) <= 1000
        frames.append(frame)


def test_there_are_devices():
    assert {"video", "session", "replay", "sim"} <= set(NAMES)


def test_it_describes_itself(sample, reading):
    info, later = reading.infos
    assert info == later
    assert info.kind is sample.kind
    assert info.name.strip() == info.name != ""
    assert info.address
    assert info.rate_hz is None or 1 < info.rate_hz < 1000
    assert info.frame_count == COUNT
    assert reading.frames[0].shape_px == info.shape_px
    if reading.geometry is not None:
        assert reading.geometry.shape_px == info.shape_px


def test_numbers_and_stamps_are_in_order_and_the_end_is_an_end(reading):
    assert [frame.seq for frame in reading.frames] == list(range(COUNT))
    assert not reading.end.is_damaged
    assert str(reading.end)
    times = [frame.t_device_ns for frame in reading.frames]
    assert times[0] == 0
    assert all(early < late for early, late in pairwise(times))
    captured = [frame.t_capture_ns for frame in reading.frames]
    assert captured == sorted(captured)
    info = reading.infos[0]
    if info.rate_hz is not None and "speed" not in info.address:
        assert (COUNT - 1) / (times[-1] / 1e9) == pytest.approx(info.rate_hz, rel=0.02)


def test_pixels_are_never_touched_again(reading):
    first, others = reading.frames[0], reading.frames[1:]
    assert not first.pixels.flags.writeable
    np.testing.assert_array_equal(first.pixels, reading.first_pixels)
    assert not any(np.shares_memory(first.pixels, other.pixels) for other in others)
    assert any(not np.array_equal(first.pixels, other.pixels) for other in others)


def test_none_while_nothing_is_due(sample):
    clock = ManualClock()
    source = open_source(sample.address, clock, is_paced=True)
    first = source.read(0.0)
    assert first is not None
    assert source.read(0.0) is None
    assert source.read(0.001) is None
    clock.advance(0.15)
    later = source.read(0.0)
    assert later is not None
    assert later.seq > first.seq
    assert later.t_capture_ns == clock.now_ns()
    source.close()


def test_it_opens_again_with_the_same_frames_and_closes_twice(sample, reading):
    again = open_source(sample.address, ManualClock(), is_paced=False)
    for was in reading.frames[:5]:
        frame = again.read(1.0)
        assert (was.seq, was.t_device_ns) == (frame.seq, frame.t_device_ns)
        np.testing.assert_array_equal(was.pixels, frame.pixels)
    again.close()
    again.close()
    with pytest.raises(RtguideError):
        again.read(0.0)


def test_any_frame_can_be_reached(sample, reading):
    if not reading.is_seekable:
        pytest.skip("this source cannot be wound")
    source = open_source(sample.address, ManualClock(), is_paced=False)
    for index in (7, 3, 4, 0, COUNT - 1):
        source.seek(index)
        frame = source.read(1.0)
        assert (frame.seq, frame.t_device_ns) == (index, reading.frames[index].t_device_ns)
        np.testing.assert_array_equal(frame.pixels, reading.frames[index].pixels)
    source.seek(COUNT)
    with pytest.raises(SourceEnded):
        source.read(1.0)
    with pytest.raises(DeviceError):
        source.seek(-1)
    source.close()


@pytest.mark.parametrize("is_paced", [True, False])
def test_close_from_another_thread_ends_the_reader(sample, is_paced):
    source = open_source(sample.address, SystemClock(), is_paced=is_paced)
    begun = threading.Event()
    outcome: list[BaseException] = []

    def read() -> None:
        try:
            while True:
                source.read(60.0)
                begun.set()
        except RtguideError as error:
            outcome.append(error)

    thread = threading.Thread(target=read, name="rtguide-test-reader")
    thread.start()
    assert begun.wait(JOIN_S)
    source.close()
    thread.join(JOIN_S)
    assert not thread.is_alive()
    assert len(outcome) == 1


def test_what_cannot_be_opened_is_refused_in_one_clear_line(sample):
    for address in sample.bad:
        with pytest.raises((DeviceError, ConfigError)) as caught:
            open_source(address, ManualClock(), is_paced=False).close()
        text = str(caught.value)
        assert "\n" not in text
        assert len(text) > 25, text
        assert "Errno" not in text, text
        assert "Invalid data" not in text, text
        named = Path(address.removeprefix("replay:").removeprefix("sim:").partition("?")[0]).name
        assert named in text or address in text, text
