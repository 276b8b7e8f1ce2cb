from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from rtguide.clock import ManualClock
from rtguide.errors import RecordingError
from rtguide.model.scene import Scene
from rtguide.model.status import Fault, RecordingState
from rtguide.pipeline import record
from rtguide.pipeline.disk_items import UnsaidLosses
from rtguide.pipeline.engine import Engine, EngineParts
from rtguide.pipeline.record import Recorder
from rtguide.ports import LostWhy
from rtguide.recording import disk_space
from rtguide.recording.reader import open_session
from rtguide.recording.writer import SessionWriter
from scripted import GEOMETRY, INFO, MemorySink, ScriptedFinder, ScriptedTracker, make_frame


class Bench:
    def __init__(self) -> None:
        self.sinks: list[MemorySink] = []
        self.faults: list[Fault] = []
        self.recorder = Recorder(self._open, self.faults.append, ManualClock())
        self.engine = Engine(INFO, GEOMETRY, EngineParts(ScriptedTracker(), ScriptedFinder(), ManualClock()))

    def _open(self, directory: Path, scene: Scene) -> MemorySink:
        if directory.name == "forbidden":
            raise RecordingError("forbidden: cannot be written; choose another folder")
        self.sinks.append(MemorySink(directory))
        return self.sinks[-1]

    def scene(self, seq: int) -> Scene:
        return self.engine.process(make_frame(seq))

    def run(self, seqs: range, steps: int = 0) -> None:
        for seq in seqs:
            self.recorder.offer_frame(make_frame(seq))
            self.recorder.offer_scene(self.scene(seq))
            self.recorder.step()
            self.recorder.step()
        for _ in range(steps):
            self.recorder.step()


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setattr(record, "WAIT_S", 0.0)
    return Bench()


def test_every_frame_and_scene_is_written_in_order_once_the_region_is_known(bench: Bench, tmp_path: Path) -> None:
    bench.recorder.start(tmp_path)
    assert bench.recorder.status().state is RecordingState.WAITING
    unknown = replace(bench.scene(0), is_region_known=False)
    bench.recorder.offer_frame(make_frame(0))
    bench.recorder.offer_scene(unknown)
    bench.recorder.step()
    assert bench.recorder.status().state is RecordingState.WAITING
    assert bench.sinks == []
    bench.run(range(1, 6))
    bench.recorder.stop()
    for _ in range(5):
        bench.recorder.step()
    assert bench.recorder.status().state is RecordingState.OFF
    sink = bench.sinks[0]
    assert sink.frames == sink.scenes == [2, 3, 4, 5]
    assert sink.lost == []
    assert sink.closes == 1
    assert bench.faults == []


def test_a_disk_that_is_too_slow_costs_declared_frames_and_never_blocks(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.recorder.start(tmp_path)
    bench.recorder.offer_scene(bench.scene(0))
    bench.recorder.step()
    count = record.QUEUE_ITEMS + 10
    for seq in range(1, count + 1):
        bench.recorder.offer_frame(make_frame(seq))
    assert bench.recorder.status().lost == 10
    bench.recorder.finish()
    sink = bench.sinks[0]
    assert sink.frames == list(range(1, record.QUEUE_ITEMS + 1))
    assert sink.lost == list(range(record.QUEUE_ITEMS + 1, count + 1))
    assert len(sink.frames) + len(sink.lost) == count


def test_large_pictures_wait_within_a_bound_of_bytes(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "QUEUE_BYTES", 5 * make_frame(0).pixels.nbytes)
    bench.recorder.start(tmp_path)
    bench.recorder.offer_scene(bench.scene(0))
    bench.recorder.step()
    for seq in range(1, 9):
        bench.recorder.offer_frame(make_frame(seq))
    assert bench.recorder.status().lost == 3
    for _ in range(4):
        bench.recorder.step()
    for seq in range(9, 12):
        bench.recorder.offer_frame(make_frame(seq))
    bench.recorder.finish()
    assert bench.sinks[0].frames == [1, 2, 3, 4, 5, 9, 10, 11]
    assert bench.sinks[0].lost == [6, 7, 8]


def test_lost_frames_are_declared_in_order_when_the_disk_comes_back(bench: Bench, tmp_path: Path) -> None:
    bench.recorder.start(tmp_path)
    bench.recorder.offer_scene(bench.scene(0))
    bench.recorder.step()
    for seq in range(record.QUEUE_ITEMS + 3):
        bench.recorder.offer_frame(make_frame(seq))
    for _ in range(50):
        bench.recorder.step()
    bench.recorder.offer_frame(make_frame(record.QUEUE_ITEMS + 3))
    bench.recorder.finish()
    sink = bench.sinks[0]
    assert sink.lost == [record.QUEUE_ITEMS + i for i in range(3)]
    assert sink.frames[-1] == record.QUEUE_ITEMS + 3


def test_a_disk_that_refuses_ends_the_recording_and_says_so(bench: Bench, tmp_path: Path) -> None:
    bench.recorder.start(tmp_path)
    bench.run(range(3))
    bench.sinks[0].is_broken = True
    bench.run(range(3, 5))
    assert bench.recorder.status().state is RecordingState.OFF
    assert [fault.text for fault in bench.faults] == [
        "recording stopped (1 frames not written): the disk is full: free some space"
    ]
    assert bench.sinks[0].lost == [3]
    assert bench.sinks[0].closes == 1
    bench.recorder.start(tmp_path)
    bench.run(range(5, 8))
    assert bench.recorder.status().state is RecordingState.RECORDING
    assert bench.sinks[1].frames == [6, 7]
    bench.recorder.finish()


def test_a_folder_that_cannot_be_written_is_said_and_nothing_is_recorded(bench: Bench, tmp_path: Path) -> None:
    bench.recorder.start(tmp_path / "forbidden")
    bench.run(range(2))
    assert bench.recorder.status().state is RecordingState.OFF
    assert bench.faults[0].text.startswith("not recording: forbidden")
    assert bench.recorder.status().trouble == "not recording: it could not begin"
    bench.recorder.stop()
    assert bench.recorder.status().trouble == "", "whoever stops has taken note"


class SmallDisk(MemorySink):
    left_s: float | None = None

    def seconds_left(self) -> float | None:
        return self.left_s


def test_a_disk_that_fills_up_is_said_at_ten_and_two_minutes_and_the_recording_is_closed_in_time(
    tmp_path: Path,
) -> None:
    clock, faults, sink = ManualClock(), list[Fault](), SmallDisk(tmp_path)
    recorder = Recorder(lambda _directory, _scene: sink, faults.append, clock)
    scene = Bench().scene(0)
    recorder.start(tmp_path)
    recorder.offer_scene(scene)
    recorder.step()
    said: list[int] = []
    for seq, left_s in enumerate((None, 5000.0, 601.0, 599.0, 300.0, 119.0, 60.0, 4.0, 2.0), start=1):
        sink.left_s = left_s
        clock.advance(1.0)
        recorder.offer_frame(make_frame(seq))
        recorder.step()
        said.append(len(faults))
    assert said == [0, 0, 0, 1, 1, 2, 2, 2, 3]
    assert [fault.text.split(":")[0] for fault in faults[:2]] == [
        "the disk has room for 10 more minutes of recording",
        "the disk has room for 2 more minutes of recording",
    ]
    assert "the disk is full but for a reserve" in faults[2].text
    assert recorder.status().trouble == "recording stopped by itself"
    assert recorder.status().state is RecordingState.OFF
    assert sink.closes == 1
    assert sink.frames == list(range(1, 10))
    assert sink.lost == []


def test_room_is_measured_by_how_fast_the_folder_grew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "video.mkv").write_bytes(bytes(1000))
    usage = SimpleNamespace(free=disk_space.RESERVE_BYTES + 5000)
    monkeypatch.setattr(disk_space.shutil, "disk_usage", lambda _folder: usage)
    assert disk_space.seconds_left(tmp_path, 1.0) is None
    assert disk_space.seconds_left(tmp_path, 10.0) == 50.0
    usage.free = disk_space.RESERVE_BYTES
    assert disk_space.seconds_left(tmp_path, 1.0) == 0.0


def test_events_are_kept_in_the_session_at_their_own_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "WAIT_S", 0.0)
    clock, faults = ManualClock(), list[Fault]()
    recorder = Recorder(lambda folder, scene: SessionWriter.create(folder, scene, clock), faults.append, clock)
    assert not recorder.offer_event("bookmark", {}), "nothing is recorded yet"
    recorder.start(tmp_path)
    recorder.offer_scene(Bench().scene(0))
    recorder.step()
    recorder.offer_frame(make_frame(1))
    clock.advance(2.0)
    assert recorder.offer_event("bookmark", {})
    assert recorder.offer_event("injected", {"t_ns": 1_500_000_000, "amount": 5.0, "unit": "ml"})
    clock.advance(1.0)
    recorder.finish()
    assert faults == []
    (folder,) = tmp_path.iterdir()
    events = [event for event in open_session(folder).events() if event["kind"] in ("bookmark", "injected")]
    assert events == [
        {"t_ns": 2_000_000_000, "kind": "bookmark"},
        {"t_ns": 1_500_000_000, "kind": "injected", "amount": 5.0, "unit": "ml"},
    ]


def test_an_event_that_finds_no_room_is_said(bench: Bench, tmp_path: Path) -> None:
    bench.recorder.start(tmp_path)
    bench.recorder.offer_scene(bench.scene(0))
    bench.recorder.step()
    kept = [bench.recorder.offer_event("bookmark", {"n": n}) for n in range(record.QUEUE_ITEMS + 1)]
    assert kept == [True] * record.QUEUE_ITEMS + [False]
    assert bench.faults[-1].text == "the disk is behind: 'bookmark' was not kept"


def test_a_disk_that_stands_still_for_hours_takes_no_memory_and_every_loss_is_declared(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.recorder.start(tmp_path)
    bench.run(range(1))
    monkeypatch.setattr(bench.recorder._queue, "put", lambda _item: False)
    frame = make_frame(1)
    for seq in [*range(1, 40_000), *range(50_000, 50_003)]:
        bench.recorder.offer_frame(replace(frame, seq=seq))
    bench.recorder.offer_lost(7)
    assert len(bench.recorder._unsaid._runs) == 3
    monkeypatch.undo()
    bench.recorder.offer_frame(make_frame(50_003))  # as much is said as there is room for
    bench.recorder.finish()
    assert bench.sinks[0].lost == [*range(1, 40_000), *range(50_000, 50_003), 7, 50_003]
    assert bench.sinks[0].whys[-3:] == [LostWhy.DISK, LostWhy.OUT_OF_ORDER, LostWhy.DISK]


def test_more_gaps_than_can_be_kept_in_mind_end_the_recording_and_that_is_said(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(UnsaidLosses, "MOST_RUNS", 3)
    bench.recorder.start(tmp_path)
    bench.run(range(1))
    monkeypatch.setattr(bench.recorder._queue, "put", lambda _item: False)
    for seq in range(1, 20, 2):
        bench.recorder.offer_frame(make_frame(seq))
    assert [fault.text for fault in bench.faults] == [
        "recording stopped: the disk has stood still for too long; what was written is kept"
    ]
    bench.recorder.finish()
    assert bench.sinks[0].closes == 1
    assert bench.sinks[0].lost == [1, 3, 5]
