"""The seconds before Record is pressed: kept within a bound, recorded first, and all of it accounted for."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rtguide.clock import ManualClock
from rtguide.errors import RecordingError
from rtguide.model.scene import Scene
from rtguide.model.status import Fault, RecordingState
from rtguide.pipeline import record
from rtguide.pipeline.engine import Engine, EngineParts
from rtguide.pipeline.record import Recorder
from rtguide.recording import pre_roll
from rtguide.recording.pre_roll import PreRoll
from rtguide.recording.reader import Session, open_session
from rtguide.recording.writer import SessionWriter
from scripted import GEOMETRY, INFO, ScriptedFinder, ScriptedTracker, make_frame


class Bench:
    """A recorder with a pre-roll, given frames and scenes by hand; scenes come one frame late."""

    def __init__(self, limit_bytes: int, folder: Path) -> None:
        self.clock = ManualClock()
        self.faults: list[Fault] = []
        self.folder = folder
        self.ring = PreRoll(limit_bytes)
        self.recorder = Recorder(
            lambda place, scene: SessionWriter.create(place, scene, self.clock),
            self.faults.append,
            self.clock,
            pre_roll=lambda: self.ring,
        )
        self.engine = Engine(INFO, GEOMETRY, EngineParts(ScriptedTracker(), ScriptedFinder(), self.clock))
        self._late: Scene | None = None

    def run(self, seqs: range) -> None:
        for seq in seqs:
            self.recorder.offer_frame(make_frame(seq))
            if self._late is not None:
                self.recorder.offer_scene(self._late)
                self.recorder.offer_painted(self._late.frame.seq, 1_000 + self._late.frame.seq)
            self._late = self.engine.process(make_frame(seq))
            for _ in range(4):
                self.recorder.step()

    def finish(self) -> None:
        if self._late is not None:
            self.recorder.offer_scene(self._late)
        self.recorder.finish()

    def session(self) -> Session:
        (folder,) = self.folder.iterdir()
        return open_session(folder)


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[int], Bench]:
    monkeypatch.setattr(record, "WAIT_S", 0.0)
    return lambda limit_bytes: Bench(limit_bytes, tmp_path)


def test_what_came_before_the_press_is_recorded_first_and_joins_without_a_gap(bench: Callable[[int], Bench]) -> None:
    made = bench(10_000_000)
    made.run(range(40))
    status = made.recorder.status()
    assert status.state is RecordingState.OFF
    assert status.reach_s == pytest.approx(made.ring.seconds)
    assert made.ring.frames == 38  # the first two came before it was known where the picture lies
    made.recorder.offer_event("bookmark", {"text": "before"})
    made.run(range(40, 41))
    made.recorder.start(made.folder)
    made.run(range(41, 60))
    made.recorder.offer_event("bookmark", {"text": "after"})
    made.finish()
    assert made.faults == []

    session = made.session()
    assert session.warnings == ()
    assert [line.seq for line in session.frames] == list(range(2, 60))
    ledger = session.head.ledger
    assert ledger is not None
    assert (ledger.received, ledger.written, ledger.lost_before) == (58, 58, 0)
    assert (ledger.scenes, ledger.skipped, ledger.orphans, ledger.painted) == (58, 0, 0, 57)
    for index in (0, 20, 57):
        x0, y0, x1, y1 = GEOMETRY.bounds_px()
        inside = (slice(y0, y1), slice(x0, x1))
        np.testing.assert_array_equal(session.pixels(index)[inside], make_frame(index + 2).pixels[inside])
        scene = session.full_scene(index)
        assert scene is not None
        assert scene.frame.seq == index + 2
    events = list(session.events())
    assert [event["kind"] for event in events if event["kind"] != "timing"] == [
        "bookmark",
        "record pressed",
        "bookmark",
    ]
    assert events[1]["frames"] == 39
    session.close()


def test_the_oldest_goes_when_the_bound_is_reached(bench: Callable[[int], Bench]) -> None:
    made = bench(600_000)
    made.run(range(200))
    assert 0 < made.ring.size_bytes <= 600_000
    kept = made.ring.frames
    assert 5 < kept < 100
    made.recorder.start(made.folder)
    made.run(range(200, 203))
    made.finish()
    session = made.session()
    assert session.warnings == ()
    assert [line.seq for line in session.frames] == list(range(200 - kept, 203))
    ledger = session.head.ledger
    assert ledger is not None
    assert (ledger.orphans, ledger.lost_before, ledger.skipped) == (0, 0, 0)
    session.close()


def test_without_it_a_recording_begins_at_the_press(bench: Callable[[int], Bench], tmp_path: Path) -> None:
    made = bench(0)
    made.recorder = Recorder(
        lambda place, scene: SessionWriter.create(place, scene, made.clock), made.faults.append, made.clock
    )
    made.run(range(10))
    assert made.recorder.status().reach_s is None
    made.recorder.start(tmp_path)
    made.run(range(10, 14))
    made.finish()
    session = made.session()
    assert session.frames[0].seq >= 10
    session.close()


def test_a_second_recording_begins_where_the_first_one_ended(bench: Callable[[int], Bench], tmp_path: Path) -> None:
    made = bench(10_000_000)
    made.run(range(10))
    made.recorder.start(tmp_path / "one")
    made.run(range(10, 20))
    made.recorder.stop()
    while made.recorder.status().state is not RecordingState.OFF:
        made.recorder.step()
    made.run(range(20, 30))
    made.recorder.start(tmp_path / "two")
    made.run(range(30, 35))
    made.finish()
    assert made.faults == []
    for name, seqs in (("one", range(2, 20)), ("two", range(20, 35))):
        (folder,) = (tmp_path / name).iterdir()
        session = open_session(folder)
        assert session.warnings == ()
        assert [line.seq for line in session.frames] == list(seqs)
        session.close()


def test_a_source_that_starts_anew_empties_it(bench: Callable[[int], Bench]) -> None:
    made = bench(10_000_000)
    made.run(range(50, 60))
    made.run(range(5))
    assert made.ring.first is not None
    assert made.ring.first.seq == 0


def test_colour_from_before_the_press_does_not_split_the_video(bench: Callable[[int], Bench]) -> None:
    made = bench(10_000_000)
    made.run(range(4))
    for seq in range(4, 12):
        pixels = np.repeat(make_frame(seq).pixels[..., None], 3, axis=2).copy()
        if seq < 8:
            pixels[..., 0] //= 2
        made.recorder.offer_frame(replace(make_frame(seq), pixels=pixels))
        made.recorder.step()
        if seq == 8:
            made.recorder.start(made.folder)
    made.finish()
    session = made.session()
    assert [line.seq for line in session.frames] == list(range(2, 12))
    assert [part.is_grey for part in session.head.parts] == [True, False]
    session.close()


def test_what_is_lost_is_declared_in_its_own_recording_only(
    bench: Callable[[int], Bench], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = bench(10_000_000)
    made.run(range(6))
    made.recorder.start(tmp_path / "one")
    made.run(range(6, 9))
    monkeypatch.setattr(record, "QUEUE_BYTES", 0)
    made.recorder.offer_frame(make_frame(9))
    made.recorder.stop()
    while made.recorder.status().state is not RecordingState.OFF:
        made.recorder.step()
    monkeypatch.undo()
    monkeypatch.setattr(record, "WAIT_S", 0.0)
    made.recorder.start(tmp_path / "two")
    made.run(range(10, 16))
    made.finish()
    for name, lost in (("one", [9]), ("two", [])):
        (folder,) = (tmp_path / name).iterdir()
        session = open_session(folder)
        assert [event["seq"] for event in session.events() if event["kind"] == "frame lost"] == lost
        assert session.warnings == ()
        session.close()


def test_a_disk_that_fills_while_it_is_poured_leaves_an_account(
    bench: Callable[[int], Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = bench(10_000_000)
    made.run(range(30))
    write, refused = SessionWriter.write_packed, 12

    def full(writer: SessionWriter, packed: pre_roll.PackedFrame) -> None:
        if packed.frame.seq >= refused:
            monkeypatch.setattr(writer, "_next_pts", lambda _frame: (_ for _ in ()).throw(RecordingError("disk full")))
        write(writer, packed)

    monkeypatch.setattr(SessionWriter, "write_packed", full)
    made.recorder.start(made.folder)
    made.run(range(30, 40))
    made.finish()
    assert any("recording stopped" in fault.text for fault in made.faults)
    session = made.session()
    assert [line.seq for line in session.frames] == list(range(2, refused))
    lost = {event["seq"] for event in session.events() if event["kind"] == "frame lost"}
    assert set(range(refused, 30)) <= lost
    ledger = session.head.ledger
    assert ledger is not None
    assert ledger.received == ledger.written + ledger.declared_lost
    assert ledger.declared_lost == len(lost)
    session.close()


def test_a_ring_that_fails_is_done_without_and_said(
    monkeypatch: pytest.MonkeyPatch, bench: Callable[[int], Bench]
) -> None:
    made = bench(10_000_000)
    monkeypatch.setattr(made.ring, "write_frame", lambda _frame: (_ for _ in ()).throw(MemoryError("no memory")))
    made.run(range(5))
    assert [fault.text for fault in made.faults] == [
        "the seconds before a recording are not kept any more: MemoryError: no memory"
    ]
    made.recorder.start(made.folder)
    made.run(range(5, 9))
    made.finish()
    session = made.session()
    assert session.frames[0].seq >= 5
    session.close()
