"""The grabber's choices, numbers, pixels and troubles, without a device; a real driver is in tests/device."""

import threading
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from devices.framegrabber import FrameGrabberDevice, find
from devices.grabber_capture import NotNow, Trouble
from devices.grabber_mode import Grabber, Mode, Wish, choose, difference, parse_wish
from devices.grabber_opencv import OpenCvCapture
from devices.grabber_pixels import decoded
from devices.grabber_source import GrabberSource
from grabber_peer import GRABBER, FakeGrabber
from rtguide.clock import SystemClock
from rtguide.errors import ConfigError
from rtguide.model.address import SourceAddress, parse_address
from rtguide.model.status import PipelineStatus, SourceState, SourceStatus
from rtguide.opencv import cv2
from rtguide.overlays.shapes import Tone
from rtguide.pipeline.capture import Capture
from rtguide.view.status_text import late_notice

TRIES = 400


def address(text: str) -> SourceAddress:
    return parse_address(text, frozenset({"grabber"}))


def opened(peer: FakeGrabber, wish: Wish | None = None) -> GrabberSource:
    return GrabberSource(lambda: peer.open(GRABBER, Wish()), wish or Wish(), "grabber:0", SystemClock())


def next_frame(source):
    for _ in range(TRIES):
        frame = source.read(0.1)
        if frame is not None:
            return frame
    raise AssertionError("no picture came")


CARD = (
    Mode((3840, 2160), 30.0, "MJPG"),
    Mode((1920, 1080), 5.0, "YUYV"),
    Mode((1920, 1080), 60.0, "MJPG"),
    Mode((1280, 720), 60.0, "YUYV"),
    Mode((1280, 720), 60.0, "H264"),
)


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        (Wish(), CARD[2]),
        (Wish(size_px=(1280, 720)), CARD[3]),
        (Wish(form="YUYV"), CARD[3]),
        (Wish(size_px=(3840, 2160)), CARD[0]),
        (Wish(size_px=(1920, 1080), rate_hz=5.0), CARD[1]),
    ],
)
def test_the_mode_that_fits_is_chosen(wish, expected):
    assert choose(CARD, wish) == expected


def test_uncompressed_is_preferred_where_it_is_as_fast():
    modes = [Mode((1920, 1080), 60.0, "MJPG"), Mode((1920, 1080), 60.0, "YUYV")]
    assert choose(modes, Wish()) == modes[1]
    assert choose([Mode((64, 48), 30.0, "H264")], Wish()) is None


def test_what_is_sent_otherwise_than_asked_is_said():
    got = Mode((1280, 720), 30.0, "MJPG")
    text = difference(Wish((1920, 1080), 60.0, "YUYV"), got)
    assert text is not None
    assert all(part in text for part in ("1280×720 instead of 1920×1080", "30/s instead of 60/s", "MJPG instead of"))
    assert difference(Wish((1280, 720), 30.0, "MJPG"), got) is None
    assert difference(Wish(), got) is None


def test_the_address_is_read_and_mistakes_are_named():
    wish = parse_wish(address("grabber:0?size=1920x1080&fps=60&format=mjpeg&input=HDMI 1"))
    assert wish == Wish((1920, 1080), 60.0, "MJPG", "HDMI 1")
    for text, part in (("size=1920", "size=1920x1080"), ("format=H264", "YUYV"), ("fps=x", "fps"), ("depth=2", "size")):
        with pytest.raises(ConfigError, match=part):
            parse_wish(address(f"grabber:0?{text}"))


def test_a_grabber_is_found_by_number_path_and_name():
    there = [
        Grabber("Cam Link 4K", "/dev/video0"),
        Grabber("USB Video", "/dev/video2"),
        Grabber("USB Video", "/dev/video4"),
    ]
    assert find(there, address("grabber:1")) is there[1]
    assert find(there, address("grabber:/dev/video4")) is there[2]
    assert find(there, address("grabber:cam link")) is there[0]
    with pytest.raises(ConfigError, match="more than one"):
        find(there, address("grabber:USB"))
    with pytest.raises(NotNow, match="0 Cam Link 4K, 1 USB Video"):
        find(there, address("grabber:Epiphan"))


def test_the_list_says_how_to_open_each_mode():
    peer = FakeGrabber()
    listings = FrameGrabberDevice(peer.list, peer.open).list()
    assert [item.address for item in listings] == [
        "grabber:0", "grabber:0?size=64x48&fps=25&format=YUYV", "grabber:0?size=64x48&fps=50&format=MJPG"
    ]  # fmt: skip
    assert "Fake HDMI" in listings[0].description


def test_bytes_become_pictures():
    grey = np.random.default_rng(1).integers(16, 235, (48, 64), np.uint8)
    packed = np.full((48, 64, 2), 128, np.uint8)
    packed[..., 0] = grey
    expected = np.clip(np.rint((grey.astype(float) - 16) * 255 / 219), 0, 255)
    wide = np.zeros((48, 80, 2), np.uint8)
    wide[:, :64] = packed
    for data, form, stride in ((packed, "YUYV", 128), (wide, "YUYV", 160), (packed[..., ::-1], "UYVY", 128)):
        picture = decoded(np.ascontiguousarray(data).reshape(-1), form, (64, 48), stride)
        assert picture is not None
        assert picture.shape == (48, 64, 3)
        assert np.abs(picture.astype(float) - expected[..., None]).max() <= 1
    nv12 = np.concatenate([grey, np.full((24, 64), 128, np.uint8)]).reshape(-1)
    picture = decoded(nv12, "NV12", (64, 48), 64)
    assert picture is not None
    assert np.abs(picture.astype(float) - expected[..., None]).max() <= 1
    rgb = np.random.default_rng(2).integers(0, 255, (48, 64, 3), np.uint8)
    np.testing.assert_array_equal(decoded(rgb.reshape(-1), "RGB3", (64, 48), 192), rgb)
    np.testing.assert_array_equal(decoded(rgb[..., ::-1].reshape(-1).copy(), "BGR3", (64, 48), 192), rgb)
    np.testing.assert_array_equal(decoded(grey.reshape(-1), "GREY", (64, 48), 64), grey)
    assert decoded(packed.reshape(-1)[:-9], "YUYV", (64, 48), 128) is None


def test_a_jpeg_is_read_whole_or_not_at_all(tmp_path):
    rgb = np.zeros((48, 64, 3), np.uint8)
    rgb[:, :32] = (200, 30, 30)
    Image.fromarray(rgb).save(tmp_path / "a.jpg", quality=95, subsampling=0)
    data = np.frombuffer((tmp_path / "a.jpg").read_bytes(), np.uint8)
    for whole in (data, np.concatenate([data, np.zeros(20, np.uint8)])):
        picture = decoded(whole, "MJPG", (64, 48), 0)
        assert picture is not None
        assert np.abs(picture[:, 4:28].astype(int) - rgb[:, 4:28]).max() < 12
    assert decoded(data[: data.size // 2], "MJPG", (64, 48), 0) is None
    assert decoded(data, "MJPG", (32, 48), 0) is None
    assert decoded(np.zeros(0, np.uint8), "MJPG", (64, 48), 0) is None


def test_dropped_and_damaged_pictures_are_gaps():
    peer = FakeGrabber()
    source = opened(peer)
    try:
        first = next_frame(source)
        peer.skips = 3
        second = next_frame(source)
        peer.damaged = 1
        third = next_frame(source)
    finally:
        source.close()
    assert [second.seq - first.seq, third.seq - second.seq] == [4, 2]


@pytest.mark.parametrize(("before", "after", "gap"), [(0xFFFFFFFE, 1, 3), (5000, 0, 1), (7, 7, 1)])
def test_a_driver_that_wraps_round_or_counts_anew_loses_no_millions(before, after, gap):
    peer = FakeGrabber()
    source = opened(peer)
    try:
        peer.number = before - 1
        first = next_frame(source)
        peer.number = after - 1
        assert next_frame(source).seq - first.seq == gap
    finally:
        source.close()


@pytest.mark.parametrize("trouble", [Trouble.NO_SIGNAL, Trouble.GONE, Trouble.BUSY, Trouble.NO_PERMISSION])
def test_trouble_is_named_and_passes_without_a_gap(trouble):
    peer = FakeGrabber()
    source = opened(peer)
    try:
        before = next_frame(source)
        assert source.trouble is None
        peer.trouble = trouble
        while source.trouble is None:
            source.read(0.1)
        assert source.trouble.startswith(f"{trouble}: ")
        assert source.read(0.1) is None
        peer.trouble = None
        after = next_frame(source)
        assert source.trouble is None
        assert after.seq == before.seq + 1
        assert after.time_ns > before.time_ns
    finally:
        source.close()


def test_a_silent_device_is_named_too():
    peer = FakeGrabber()
    source = opened(peer)
    try:
        next_frame(source)
        peer.pause()
        for _ in range(TRIES):
            source.read(0.1)
            if source.trouble is not None:
                break
        assert source.trouble is not None
        assert source.trouble.startswith("no pictures: ")
        peer.run()
        next_frame(source)
        assert source.trouble is None
    finally:
        source.close()


def test_another_size_after_a_break_goes_on_and_is_said():
    peer = FakeGrabber()
    source = opened(peer)
    try:
        before = next_frame(source)
        assert (before.shape_px, source.warnings) == ((48, 64), ())
        peer.trouble = Trouble.NO_SIGNAL
        source.read(0.1)
        peer.trouble, peer.mode = None, Mode((32, 24), 50.0, "YUYV")
        after = next_frame(source)
        assert after.shape_px == source.info.shape_px == (24, 32)
        assert (after.seq, source.info.rate_hz, source.trouble) == (before.seq + 1, 50.0, None)
        assert source.warnings == ("Fake HDMI: sends 32×24 now, before 64×48: check region, scale and marks",)
    finally:
        source.close()


def test_an_interlaced_mode_warns():
    peer = FakeGrabber()
    peer.mode = Mode((64, 48), 25.0, "YUYV", is_interlaced=True)
    source = opened(peer)
    source.close()
    assert any("interlaced" in line for line in source.warnings)


def test_a_live_window_waits_for_what_cannot_be_opened_yet():
    peer = FakeGrabber()
    peer.trouble = Trouble.BUSY
    frames = []
    capture = Capture(lambda: opened(peer), lambda _: None, frames.append, SystemClock())
    try:
        assert capture.step()
        status = capture.status()
        assert status.state is SourceState.INTERRUPTED
        assert status.text.startswith("device busy: ")
        peer.trouble = None
        while not frames:
            assert capture.step()
        assert capture.status().state is SourceState.RUNNING
        peer.trouble = Trouble.NO_SIGNAL
        assert capture.step()
        assert capture.status().state is SourceState.INTERRUPTED
        assert capture.status().text.startswith("no signal: ")
    finally:
        capture.close()


def test_the_window_says_why_no_picture_comes():
    status = PipelineStatus(SourceStatus(SourceState.INTERRUPTED, "no signal: Fake HDMI: check the cable"))
    for has_scene in (True, False):
        notice = late_notice(status, has_scene=has_scene)
        assert notice.text == "no signal: Fake HDMI: check the cable"
        assert notice.tone is Tone.ALARM_MEDIUM


class FakeReader:
    """Stands in for OpenCV's reader: blue pictures, then nothing."""

    def __init__(self, count: int) -> None:
        self.left, self.asked, self.is_released = count, {}, threading.Event()

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        return self.left > 0

    def set(self, key: int, value: float) -> bool:
        self.asked[key] = value
        return True

    def get(self, key: int) -> float:
        return 30.0 if key == cv2.CAP_PROP_FPS else float(cv2.VideoWriter.fourcc(*"YUY2"))

    def read(self):
        self.left -= 1
        if self.left < 0:
            return False, None
        picture = np.zeros((48, 64, 3), np.uint8)
        picture[..., 0] = 255
        return True, picture

    def release(self) -> None:
        self.is_released.set()


def test_opencvs_reader_is_asked_read_and_let_go():
    reader = FakeReader(60)
    capture = OpenCvCapture(GRABBER, Wish(size_px=(640, 480)), lambda _: reader)
    assert capture.mode == Mode((64, 48), 30.0, "YUYV")
    assert reader.asked[cv2.CAP_PROP_FRAME_WIDTH] == 640
    assert reader.asked[cv2.CAP_PROP_BUFFERSIZE] == 1
    numbers = []

    def read_on() -> None:
        while True:
            grabbed = capture.grab(60.0)
            assert grabbed is not None
            assert tuple(grabbed.pixels[0, 0]) == (0, 0, 255)
            numbers.append(grabbed.number)

    with pytest.raises(NotNow, match="device gone"):
        read_on()
    assert all(early < late for early, late in pairwise(numbers))
    assert numbers[-1] == 58
    assert reader.is_released.is_set()
    capture.close()
    capture.close()


def test_opencvs_reader_that_does_not_open_is_said():
    with pytest.raises(NotNow, match="other programs"):
        OpenCvCapture(GRABBER, Wish(), lambda _: FakeReader(0))
