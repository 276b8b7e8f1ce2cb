"""Side channels: on the frames' clock, in the session, and never in the picture's way."""

import socket
import sys
import threading
import wave
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from igtl_programs import built, free_port, running
from rtguide.app.plugins import open_side
from rtguide.clock import SystemClock
from rtguide.errors import ConfigError, DeviceError, SourceEnded
from rtguide.model.side import SideInfo, SideKind, SideSample, SoundChunk
from rtguide.model.status import RecordingState, RecordingStatus
from rtguide.pipeline.engine import Engine, EngineParts
from rtguide.pipeline.live import LiveParts, LivePipeline
from rtguide.pipeline.sides import SideFeed, sides_from_texts
from rtguide.recording.igtl_wire import pack, pack_sensor, pack_string
from rtguide.recording.layout import Box, FrameLine, Part
from rtguide.recording.packing import PackedFrame
from rtguide.recording.part_reader import PartReader
from rtguide.recording.pre_roll import PreRoll
from rtguide.recording.reader import open_session
from rtguide.recording.recovery import recover
from rtguide.recording.side_ring import SideRing
from rtguide.recording.sides import SideWriter, read_side, side_names
from rtguide.recording.values_json import from_json
from rtguide.recording.writer import SessionWriter
from rtguide.side_ports import SideChannel, SideItem
from scripted import GEOMETRY, INFO, ScriptedFinder, ScriptedSource, ScriptedTracker, make_frame

PATIENCE_S = 60.0
CLOCK = SystemClock()


def until(is_so: Callable[[], object]) -> None:
    pause, end_ns = threading.Event(), CLOCK.now_ns() + PATIENCE_S * 1e9
    while not is_so():
        assert CLOCK.now_ns() < end_ns, "it never came to be"
        pause.wait(0.005)


def next_of(channel: SideChannel) -> SideItem:
    item = None
    end_ns = CLOCK.now_ns() + PATIENCE_S * 1e9
    while item is None:
        assert CLOCK.now_ns() < end_ns, "nothing came"
        item = channel.read(0.1)
    return item


def test_what_cannot_be_opened_says_why() -> None:
    for address, text in (
        ("serial:/dev/no-such-port", "check name, plug"),
        ("igtl://127.0.0.1:1/A", "start the server"),
        ("mic:no such input?format=lavfi", "check its name"),
    ):
        with pytest.raises(DeviceError, match=text):
            open_side(address, CLOCK)
    for address in ("serial:/dev/x?baud=fast", "igtl:///A", "mic:x?format=none", "serial:/dev/x?colour=1"):
        with pytest.raises(ConfigError):
            open_side(address, CLOCK)


def test_sides_are_written_as_name_and_address() -> None:
    assert sides_from_texts(["a=serial:/dev/x?unit=mA", "b-2=mic:default"]) == (
        ("a", "serial:/dev/x?unit=mA"), ("b-2", "mic:default")
    )  # fmt: skip
    for bad in (["serial:/dev/x"], ["../a=mic:x"], ["=mic:x"], ["a="], ["a=mic:x", "a=mic:y"]):
        with pytest.raises(ConfigError, match="--side"):
            sides_from_texts(bad)


def test_numbers_and_words_over_openigtlink() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        channel = open_side(f"igtl://127.0.0.1:{server.getsockname()[1]}/Pressure?channel=1", CLOCK)
        peer, _ = server.accept()
        with peer:
            messages = (
                pack("SENSOR", "Other", 0, pack_sensor([9.0, 9.0]))
                + pack("SENSOR", "Pressure", 1_500_000_000, pack_sensor([1.0, 2.25]))
                + pack("TRANSFORM", "Pressure", 0, b"x")
                + pack("STRING", "Pressure", 0, pack_string("17.5"))
                + pack("STRING", "Pressure", 0, pack_string("high"))
            )
            peer.sendall(messages[:50])
            assert channel.read(0.05) is None
            peer.sendall(messages[50:])
            items = [next_of(channel) for _ in range(3)]
        assert [(i.value, i.t_device_ns) for i in items if isinstance(i, SideSample)] == [
            (2.25, 1_500_000_000), (17.5, None), ("high", None)
        ]  # fmt: skip
        with pytest.raises(DeviceError, match="closed the connection"):
            next_of(channel)
        channel.close()
    with pytest.raises(SourceEnded):
        channel.read(0.1)


@pytest.mark.device
def test_words_from_the_c_library(tmp_path: Path) -> None:
    program, port = built("String/StringServer", tmp_path), free_port()
    pause = threading.Event()
    with running(program, port, 20):
        channel: SideChannel | None = None
        for _ in range(600):
            try:
                channel = open_side(f"igtl://127.0.0.1:{port}/StringMessage", CLOCK)
                break
            except DeviceError:
                pause.wait(0.1)
        assert channel is not None
        items = [next_of(channel) for _ in range(6)]
        channel.close()
    words = ["OpenIGTLink", "Network", "Communication", "Protocol", "Image Guided Therapy"]
    assert [item.value for item in items if isinstance(item, SideSample)] == [*words, words[0]]


def test_a_stream_of_the_lab_streaming_layer(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a stand-in for pylsl, whose library is not on every system: its clock is 5 s ahead of the sender's."""

    class Inlet:
        def __init__(self, _info: object, recover: bool) -> None:
            self.samples = [([1.0, 0.25], 94.9), (None, None), (["a", "b"], 95.0)]

        def pull_sample(self, _timeout: float) -> tuple[list[float] | None, float | None]:
            return self.samples.pop(0)

        def time_correction(self, _timeout: float) -> float:
            return 5.0

    info = SimpleNamespace(channel_count=lambda: 2)
    fake = SimpleNamespace(
        resolve_byprop=lambda prop, value, _least, _timeout: [info] if (prop, value) == ("type", "Stim") else [],
        StreamInlet=Inlet, local_clock=lambda: 100.0, LostError=OSError,
    )  # fmt: skip
    monkeypatch.setitem(sys.modules, "pylsl", fake)
    channel = open_side("lsl:Stim?channel=1&unit=mA", CLOCK)
    first = channel.read(0.1)
    assert isinstance(first, SideSample)
    assert first.value == 0.25
    assert first.t_device_ns is not None
    assert first.t_capture_ns - first.t_device_ns == pytest.approx(100_000_000, abs=10)
    assert channel.read(0.1) is None
    assert getattr(channel.read(0.1), "value", None) == "b"
    channel.close()
    with pytest.raises(DeviceError, match="no such stream"):
        open_side("lsl:Nobody", CLOCK)
    with pytest.raises(DeviceError, match="counted from 0"):
        open_side("lsl:Stim?channel=2", CLOCK)
    monkeypatch.setitem(sys.modules, "pylsl", None)
    with pytest.raises(DeviceError, match="pip install pylsl"):
        open_side("lsl:Stim", CLOCK)


def test_sound_is_kept_to_the_sample(tmp_path: Path) -> None:
    channel = open_side("mic:sine=frequency=440:sample_rate=8000:duration=1?format=lavfi", CLOCK)
    writer = SideWriter(tmp_path, "voice", channel.info)
    pieces: list[np.ndarray] = []
    while sum(map(len, pieces)) < 8000:
        item = channel.read(0.1)
        if isinstance(item, SoundChunk):
            pieces.append(item.samples)
            writer.write(item)
    with pytest.raises(SourceEnded):
        channel.read(0.1)
    channel.close()
    writer.close()
    record = read_side(tmp_path, "voice")
    assert (record.info.kind, record.info.rate_hz, record.is_whole) == (SideKind.SOUND, 8000.0, True)
    whole = np.concatenate(pieces)
    assert len(whole) == 8000
    with wave.open(str(tmp_path / "sides" / "voice" / "sound.wav")) as file:
        assert (file.getframerate(), file.getnchannels()) == (8000, 1)
        np.testing.assert_array_equal(np.frombuffer(file.readframes(8000), "<i2"), whole[:, 0])
    spectrum = np.abs(np.fft.rfft(whole[:, 0].astype(float)))
    assert int(spectrum.argmax()) == 440
    firsts = [line["first_sample"] for line in record.lines]
    assert firsts == list(np.cumsum([0, *(len(piece) for piece in pieces[:-1])]))


def test_a_second_camera_changes_its_size_and_keeps_every_frame(tmp_path: Path) -> None:
    writer = SideWriter(tmp_path, "hands", SideInfo(SideKind.VIDEO, "grabber:1"))
    frames = [make_frame(seq) for seq in range(4)]
    small = [replace(make_frame(seq), pixels=make_frame(seq).pixels[:31, :41]) for seq in range(4, 6)]
    for frame in (*frames, *small):
        writer.write(frame)
    writer.close()
    lines = [from_json(FrameLine, line) for line in read_side(tmp_path, "hands").lines]
    assert [line.part for line in lines] == [1, 1, 1, 1, 2, 2]
    assert [line.t_capture_ns for line in lines] == [frame.t_capture_ns for frame in (*frames, *small)]
    folder = tmp_path / "sides" / "hands"
    for number, box, shown in ((1, Box(0, 0, 80, 60), frames), (2, Box(0, 0, 42, 32), small)):
        part = PartReader(folder, Part(number, box, True, 0))
        for line, frame in zip([line for line in lines if line.part == number], shown, strict=True):
            height, width = frame.shape_px
            np.testing.assert_array_equal(part.region(line)[:height, :width], frame.pixels)
        part.close()


class Channel:
    """Gives values until it is told to fail."""

    def __init__(self) -> None:
        self.info = SideInfo(SideKind.VALUES, "test:", "mA")
        self.number = 0
        self.is_closed = threading.Event()
        self.failing = threading.Event()

    def read(self, timeout_s: float) -> SideSample | None:
        if self.is_closed.wait(min(timeout_s, 0.005)):
            raise SourceEnded("closed")
        if self.failing.is_set():
            raise DeviceError("gone; plug it in again")
        self.number += 1
        return SideSample(CLOCK.now_ns(), None, float(self.number))

    def close(self) -> None:
        self.is_closed.set()


def test_a_side_channel_is_recorded_with_the_session_and_opened_again_when_it_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rtguide.pipeline.sides.OPEN_AGAIN_S", 0.01)
    channels: list[Channel] = []

    def open_channel() -> Channel:
        channels.append(Channel())
        return channels[-1]

    source = ScriptedSource()
    parts = LiveParts(
        lambda: source,
        lambda _source: Engine(INFO, GEOMETRY, EngineParts(ScriptedTracker(), ScriptedFinder(), CLOCK)),
        lambda folder, scene: SessionWriter.create(folder, scene, CLOCK),
        CLOCK,
    )
    pipeline = LivePipeline(parts)
    pipeline.add_side("current", open_channel)
    pipeline.start()
    source.give(make_frame(0))
    until(lambda: pipeline.latest_scene()[0])
    pipeline.start_recording(tmp_path)
    until(lambda: pipeline.status().recording.folder)
    folder = Path(pipeline.status().recording.folder)
    source.give(*(make_frame(seq) for seq in range(1, 4)))
    until(lambda: len(side_names(folder)) and len(read_side(folder, "current").lines) > 5)
    (status,) = pipeline.status().sides
    assert status.name == "current"
    assert status.text.endswith(" mA")
    assert not read_side(folder, "current").is_whole, "not closed yet"
    channels[0].failing.set()
    until(lambda: len(channels) == 2)
    many = len(read_side(folder, "current").lines)
    until(lambda: len(read_side(folder, "current").lines) > many + 3)
    assert pipeline.status().recording.frames == 3
    pipeline.close()
    session = open_session(folder)
    record = read_side(folder, "current")
    assert record.is_whole
    values = [line["value"] for line in record.lines]
    assert values[0] > 0
    begin_ns, end_ns = session.head.created_mono_ns, CLOCK.now_ns()
    assert all(begin_ns - 10**9 < line["t_capture_ns"] < end_ns for line in record.lines)
    assert session.warnings == ()
    session.close()
    assert recover(folder) is None, "nothing to mend"


def test_a_side_channel_that_cannot_be_written_stops_nothing_else(tmp_path: Path) -> None:
    faults: list[str] = []
    (tmp_path / "sides").write_text("in the way")
    status = RecordingStatus(RecordingState.RECORDING, str(tmp_path))
    feed = SideFeed("current", Channel, lambda: status, lambda fault: faults.append(fault.text), CLOCK)
    for _ in range(3):
        assert feed.step()
    assert len(faults) == 1
    assert "current is no longer recorded" in faults[0]
    assert feed.status().trouble is None
    feed.close()
    assert not feed.step()
    feed.finish()
    assert feed.status().trouble == "closed"


def test_what_a_channel_gave_before_the_press_is_recorded_as_far_back_as_the_picture(tmp_path: Path) -> None:
    source = ScriptedSource()
    parts = LiveParts(
        lambda: source,
        lambda _source: Engine(INFO, GEOMETRY, EngineParts(ScriptedTracker(), ScriptedFinder(), CLOCK)),
        lambda folder, scene: SessionWriter.create(folder, scene, CLOCK),
        CLOCK,
        pre_roll=lambda: PreRoll(10_000_000),
    )
    pipeline = LivePipeline(parts)
    pipeline.add_side("current", Channel)
    pipeline.start()
    until(lambda: pipeline.status().sides[0].text)
    source.give(make_frame(0))
    until(lambda: pipeline.latest_scene()[0])
    source.give(make_frame(1), make_frame(2))
    until(lambda: (pipeline.status().recording.reach_s or 0) > 0.03)
    before = pipeline.status().sides[0].text
    until(lambda: pipeline.status().sides[0].text != before)
    press_ns = CLOCK.now_ns()
    pipeline.start_recording(tmp_path)
    until(lambda: pipeline.status().recording.folder)
    folder = Path(pipeline.status().recording.folder)
    source.give(make_frame(3))
    until(lambda: len(side_names(folder)) and len(read_side(folder, "current").lines) > 3)
    pipeline.close()
    session = open_session(folder)
    first_ns = session.frames[0].t_capture_ns
    record = read_side(folder, "current")
    times = [line["t_capture_ns"] for line in record.lines]
    values = [line["value"] for line in record.lines]
    assert first_ns <= times[0] < press_ns
    assert times == sorted(times)
    assert values == [values[0] + step for step in range(len(values))], "none twice, none missing"
    assert record.is_whole
    session.close()


def test_the_ring_of_a_channel_is_bounded_and_keeps_pictures_packed() -> None:
    ring = SideRing(200_000)
    for seq in range(200):
        ring.keep(SideSample(seq, None, float(seq)))
    frames = [replace(make_frame(seq), t_capture_ns=1000 + seq) for seq in range(40)]
    for frame in frames:
        ring.keep(frame)
    assert 150_000 < ring.size_bytes <= 200_000
    pieces = list(ring.pour(1020))
    assert [piece.frame.t_capture_ns for piece in pieces if isinstance(piece, PackedFrame)] == list(range(1020, 1040))
    assert len(pieces) == 20
    assert (ring.size_bytes, list(ring.pour(0))) == (0, [])


def test_packed_pictures_of_before_and_those_that_follow_are_one_video(tmp_path: Path) -> None:
    ring, writer = SideRing(), SideWriter(tmp_path, "hands", SideInfo(SideKind.VIDEO, "grabber:1"))
    frames = [make_frame(seq) for seq in range(6)]
    for frame in frames[:3]:
        ring.keep(frame)
    for piece in ring.pour(0):
        writer.write(piece)
    for frame in frames[3:]:
        writer.write(frame)
    writer.close()
    lines = [from_json(FrameLine, line) for line in read_side(tmp_path, "hands").lines]
    part = PartReader(tmp_path / "sides" / "hands", Part(1, Box(0, 0, 80, 60), True, 0))
    assert {line.part for line in lines} == {1}
    for line, frame in zip(lines, frames, strict=True):
        np.testing.assert_array_equal(part.region(line), frame.pixels)
    part.close()
