"""Recordings played as if live: never ahead, the newest due frame for who is late, and every option of `replay:`."""

import numpy as np
import pytest

from devices import replay
from devices.replay import ReplayDevice
from devices.video_file import VideoFileDevice
from rtguide.clock import ManualClock
from rtguide.errors import ConfigError, DeviceError, SourceEnded
from rtguide.model.address import SourceAddress, parse_address
from rtguide.model.frame import SourceKind
from rtguide.ports import OpenContext
from rtguide.recording.pacing import PacedSource
from video_files import write_video

MS = 1_000_000
SCHEMES = frozenset({"replay"})


def open_video(path, clock, is_paced=True):
    def nested(text):
        return VideoFileDevice().open(SourceAddress(text, "", text), OpenContext(clock, False, nested))

    context = OpenContext(clock, is_paced, nested)
    address = parse_address(str(path), SCHEMES)
    device = ReplayDevice() if address.scheme else VideoFileDevice()
    return device.open(address, context)


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return write_video(tmp_path_factory.mktemp("clips") / "clip.mkv", times_ms=[0, 40, 80, 200, 240, 280])


def drain(source, limit=100):
    frames = []
    while len(frames) < limit:
        try:
            frame = source.read(1.0)
        except SourceEnded:
            return frames
        if frame is not None:
            frames.append(frame)
    return frames


def test_frames_come_at_their_own_times_and_never_before(clip):
    clock = ManualClock(7_000)
    source = open_video(clip, clock)
    assert [(f.seq, f.t_capture_ns, f.t_device_ns) for f in drain(source)] == [
        (index, 7_000 + time * MS, time * MS) for index, time in enumerate([0, 40, 80, 200, 240, 280])
    ]


def test_none_until_a_frame_is_due_and_the_wait_is_no_longer_than_asked(clip):
    clock = ManualClock()
    source = open_video(clip, clock)
    assert source.read(0.0).seq == 0
    assert source.read(0.039) is None
    assert clock.now_ns() == 39 * MS
    assert source.read(0.0) is None
    assert source.read(0.001).seq == 1


def test_a_late_reader_gets_the_newest_frame_that_is_due(clip):
    clock = ManualClock()
    source = open_video(clip, clock)
    source.read(0.0)
    clock.advance(0.100)
    assert source.read(0.0).seq == 2
    assert source.read(0.0) is None
    clock.advance(0.900)
    late = source.read(0.0)
    assert (late.seq, late.t_capture_ns) == (5, 1000 * MS)
    with pytest.raises(SourceEnded):
        source.read(0.0)


def test_a_reader_who_was_away_goes_on_where_it_was(clip):
    clock = ManualClock()
    source = open_video(clip, clock)
    source.read(0.0)
    clock.advance(3600.0)
    again = drain(source)
    assert [frame.seq for frame in again] == [1, 2, 3, 4, 5]
    assert [frame.t_capture_ns - again[0].t_capture_ns for frame in again] == [0, 40 * MS, 160 * MS, 200 * MS, 240 * MS]


def test_decoding_slower_than_the_recording_still_gives_frames(tmp_path):
    clock = ManualClock()
    path = write_video(tmp_path / "long.mkv", times_ms=[10 * index for index in range(90)])
    inner = VideoFileDevice().open(SourceAddress(str(path), "", str(path)), OpenContext(clock, False, lambda _: None))

    class Slow:
        info, geometry = inner.info, None

        def read(self, timeout_s):
            clock.advance(0.015)
            return inner.read(timeout_s)

        def seek(self, index):
            inner.seek(index)

        def close(self):
            inner.close()

    frames = drain(PacedSource(Slow(), clock))
    assert 2 <= len(frames) < 90
    assert frames[1].seq <= 31
    assert [frame.seq for frame in frames] == sorted({frame.seq for frame in frames})


def test_speed_changes_when_frames_come_not_the_times_they_carry(clip):
    clock = ManualClock()
    source = open_video(f"replay:{clip}?speed=4", clock)
    assert source.info.rate_hz == pytest.approx(4 * 5 / 0.28)
    assert [(f.t_capture_ns, f.t_device_ns) for f in drain(source)] == [
        (time * MS // 4, time * MS) for time in (0, 40, 80, 200, 240, 280)
    ]


def test_a_loop_goes_on_in_number_and_time(clip):
    clock = ManualClock()
    source = open_video(f"replay:{clip}?loop=1", clock)
    assert source.info.frame_count is None
    frames = drain(source, limit=20)
    assert [frame.seq for frame in frames] == list(range(20))
    lap = 280 + 280 // 5
    wanted = [(index // 6) * lap + (0, 40, 80, 200, 240, 280)[index % 6] for index in range(20)]
    assert [frame.t_device_ns // MS for frame in frames] == wanted
    assert [frame.t_capture_ns // MS for frame in frames] == wanted
    np.testing.assert_array_equal(frames[2].pixels, frames[14].pixels)


def test_fps_puts_frames_at_even_distances(clip):
    source = open_video(f"replay:{clip}?fps=50&loop=1", ManualClock())
    assert source.info.rate_hz == 50
    frames = drain(source, limit=13)
    assert [frame.t_device_ns // MS for frame in frames] == [20 * index for index in range(13)]
    assert [frame.t_capture_ns // MS for frame in frames] == [20 * index for index in range(13)]


def test_preload_gives_the_same_frames_from_memory(clip):
    plain = drain(open_video(clip, ManualClock(), is_paced=False))
    source = open_video(f"replay:{clip}?preload=1", ManualClock(), is_paced=False)
    loaded = drain(source)
    assert source.info.frame_count == 6
    for was, frame in zip(plain, loaded, strict=True):
        assert (was.seq, was.t_device_ns) == (frame.seq, frame.t_device_ns)
        np.testing.assert_array_equal(was.pixels, frame.pixels)
    source.seek(0)
    assert source.read(0.0).pixels is loaded[0].pixels
    source.seek(4)
    assert source.read(0.0).seq == 4


def test_preload_keeps_how_a_damaged_recording_ends(clip, tmp_path):
    torn = tmp_path / "torn.mkv"
    data = clip.read_bytes()
    torn.write_bytes(data[: len(data) * 2 // 3])
    for options in ("preload=1", "preload=1&loop=1", "loop=1"):
        source = open_video(f"replay:{torn}?{options}", ManualClock(), is_paced=False)
        assert 1 <= len(drain(source)) < 6
        with pytest.raises(SourceEnded, match=r"torn\.mkv: breaks off at frame") as caught:
            source.read(0.0)
        assert caught.value.is_damaged


def test_preload_refuses_what_would_fill_the_memory(clip, monkeypatch):
    monkeypatch.setattr(replay, "MOST_PRELOADED_BYTES", 6 * 48 * 64 * 3 - 1)
    with pytest.raises(DeviceError, match=r"clip.mkv needs more than \d+ GiB of memory; leave preload=1 away"):
        open_video(f"replay:{clip}?preload=1", ManualClock())


def test_the_address_is_kept_and_the_kind_is_the_inner_ones(clip):
    source = open_video(f"replay:{clip}?loop=1", ManualClock())
    assert source.info.kind is SourceKind.REPLAY
    assert source.info.address == f"replay:{clip}?loop=1"
    assert source.info.name == "clip.mkv"


@pytest.mark.parametrize("options", ["speed=0", "speed=x", "speed=nan", "fps=0", "loop=2", "rate=5", "fps=inf"])
def test_wrong_options_are_refused(clip, options):
    with pytest.raises(ConfigError):
        open_video(f"replay:{clip}?{options}", ManualClock())


def test_winding_a_paced_source_starts_its_time_anew(clip):
    clock = ManualClock()
    source = open_video(clip, clock)
    source.read(0.0)
    source.seek(4)
    clock.advance(0.5)
    assert [(f.seq, f.t_capture_ns // MS) for f in drain(source)] == [(4, 500), (5, 540)]
    source.seek(1)
    assert source.read(0.0).seq == 1
    with pytest.raises(DeviceError, match="counted from 0"):
        source.seek(-1)


def test_a_source_that_cannot_be_wound_cannot_loop_but_can_be_preloaded(clip):
    class Once:
        def __init__(self):
            self._inner = open_video(clip, ManualClock(), is_paced=False)
            self.info, self.geometry = self._inner.info, None

        def read(self, timeout_s):
            return self._inner.read(timeout_s)

        def close(self):
            self._inner.close()

    context = OpenContext(ManualClock(), False, lambda _text: Once())
    with pytest.raises(DeviceError, match="cannot be wound back, which loop=1 needs; add preload=1"):
        ReplayDevice().open(parse_address("replay:x?loop=1", SCHEMES), context)
    looped = ReplayDevice().open(parse_address("replay:x?loop=1&preload=1", SCHEMES), context)
    assert [frame.seq for frame in drain(looped, limit=8)] == list(range(8))
