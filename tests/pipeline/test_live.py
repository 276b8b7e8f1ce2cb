import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from rtguide.clock import ManualClock, SystemClock
from rtguide.errors import DeviceError, SourceEnded
from rtguide.model.calibration import Calibration
from rtguide.model.frame import Frame
from rtguide.model.geometry import ImageGeometry, RectRegion
from rtguide.model.scene import Scene
from rtguide.model.status import RecordingState, SourceState
from rtguide.model.structure import Role, Structure, StructureKind, Tissue, box_outline
from rtguide.pipeline import live
from rtguide.pipeline.engine import Engine, EngineParts
from rtguide.pipeline.live import LiveParts, LivePipeline
from rtguide.ports import FrameSource, LostWhy, Publisher
from rtguide.recording.reader import open_session
from rtguide.recording.writer import SessionWriter
from scripted import INFO, MemorySink, ScriptedFinder, ScriptedSource, ScriptedTracker, make_frame

PATIENCE_S = 60.0
NERVE = Structure("nerve", StructureKind.STRUCTURE, Tissue.NERVE, Role.BOTH, box_outline(20, 20, 10, 8))


def until(is_so: Callable[[], bool]) -> None:
    """Look again until it is so; a failing test, not a hanging one, if it never is."""
    pause, clock = threading.Event(), SystemClock()
    end_ns = clock.now_ns() + PATIENCE_S * 1e9
    while not is_so():
        assert clock.now_ns() < end_ns, "it never came to be"
        pause.wait(0.005)


class Rig:
    def __init__(self, source: ScriptedSource | Exception, publisher: Publisher | None = None) -> None:
        self.source = source
        self.tracker = ScriptedTracker()
        self.sinks: list[MemorySink] = []
        self.is_open_allowed = threading.Event()
        self.is_open_allowed.set()
        parts = LiveParts(self._open, self._engine, self._sink, SystemClock(), lambda _source: (NERVE,), publisher)
        self.pipeline = LivePipeline(parts)

    def _open(self) -> FrameSource:
        self.is_open_allowed.wait(PATIENCE_S)
        if isinstance(self.source, Exception):
            raise self.source
        return self.source

    def _engine(self, source: FrameSource) -> Engine:
        return Engine(INFO, source.geometry, EngineParts(self.tracker, ScriptedFinder(), SystemClock()))

    def _sink(self, directory: Path, _scene: Scene) -> MemorySink:
        self.sinks.append(MemorySink(directory))
        return self.sinks[-1]

    def newest_seq(self) -> int:
        scene = self.pipeline.latest_scene()[1]
        return -1 if scene is None else scene.frame.seq


def test_frames_become_scenes_marks_are_followed_and_the_ledger_adds_up(tmp_path: Path) -> None:
    source = ScriptedSource()
    rig = Rig(source)
    rig.pipeline.start()
    source.give(make_frame(0))
    until(lambda: rig.newest_seq() == 0)
    rig.pipeline.start_recording(tmp_path)
    until(lambda: rig.pipeline.status().recording.state is RecordingState.RECORDING)
    for seq in (1, 2, 5):
        source.give(make_frame(seq))
        until(lambda seq=seq: rig.newest_seq() == seq)
    scene = rig.pipeline.latest_scene()[1]
    assert scene is not None
    assert [state.name for state in scene.tracking.structures] == ["nerve"]
    rig.pipeline.painted(scene, scene.t_tracked_ns + 7)
    until(lambda: rig.pipeline.status().recording.frames == 3)
    source.give(SourceEnded("over"))
    until(lambda: rig.pipeline.status().source.state is SourceState.ENDED)
    counts = rig.pipeline.status().counts
    assert (counts.received, counts.lost) == (4, 2)
    assert counts.received == counts.tracked + counts.skipped
    latencies = rig.pipeline.latencies()
    assert latencies.tracked is not None
    assert latencies.painted is not None
    assert (latencies.tracked.count, latencies.painted.count) == (4, 1)
    delay_ns = scene.t_tracked_ns + 7 - scene.frame.t_capture_ns
    assert latencies.painted.longest_ns == delay_ns
    shown = rig.pipeline.status().painted_delay
    assert shown is not None
    assert shown.median_ns == delay_ns
    rig.pipeline.close()
    rig.pipeline.close()
    assert rig.sinks[0].frames == [1, 2, 5]
    assert rig.sinks[0].closes == 1
    assert source.is_closed


def test_frames_out_of_order_go_no_further_and_are_declared(tmp_path: Path) -> None:
    source = ScriptedSource()
    rig = Rig(source)
    rig.pipeline.start()
    source.give(make_frame(0))
    until(lambda: rig.newest_seq() == 0)
    rig.pipeline.start_recording(tmp_path)
    until(lambda: rig.pipeline.status().recording.state is RecordingState.RECORDING)
    for seq in (1, 4, 3, 5):
        source.give(make_frame(seq))
    until(lambda: rig.newest_seq() == 5)
    until(lambda: rig.pipeline.status().recording.frames == 3)
    counts = rig.pipeline.status().counts
    assert (counts.received, counts.lost, counts.out_of_order) == (5, 1, 1)
    assert counts.received == counts.tracked + counts.skipped + counts.out_of_order
    assert rig.pipeline.status().recording.lost == 1
    rig.pipeline.close()
    assert rig.sinks[0].frames == [1, 4, 5]
    assert rig.sinks[0].lost == [3]
    assert rig.sinks[0].whys == [LostWhy.OUT_OF_ORDER]


def test_a_source_that_counts_anew_is_a_fault_not_a_frozen_picture() -> None:
    source = ScriptedSource()
    rig = Rig(source)
    rig.pipeline.start()
    source.give(make_frame(1000), *(make_frame(seq) for seq in range(40)))
    until(lambda: rig.pipeline.status().source.state is SourceState.FAILED)
    assert "numbers its frames anew" in rig.pipeline.status().source.text
    assert rig.pipeline.status().counts.out_of_order == 30
    rig.pipeline.close()


class WholeFinder:
    """Finds the whole picture, whatever its size."""

    def calibrate(self, frames: Sequence[NDArray[np.uint8]]) -> Calibration:
        height, width = frames[0].shape[:2]
        region = RectRegion(4.0, 4.0, width - 8.0, height - 8.0)
        return Calibration("whole", ImageGeometry((height, width), region), (), 1.0, "")


def test_a_picture_of_another_size_starts_anew_and_its_recording_too(tmp_path: Path) -> None:
    source, clock = ScriptedSource(None), SystemClock()
    engine = Engine(INFO, None, EngineParts(ScriptedTracker(), WholeFinder(), clock, mm_per_px=0.1))
    engine.mark([NERVE])

    def open_sink(folder: Path, scene: Scene) -> SessionWriter:
        return SessionWriter.create(folder, scene, clock)

    pipeline = LivePipeline(LiveParts(lambda: source, lambda _source: engine, open_sink, clock))
    pipeline.start()
    pipeline.start_recording(tmp_path)

    def shown() -> Scene | None:
        return pipeline.latest_scene()[1]

    def small(seq: int) -> Frame:
        return replace(make_frame(seq), pixels=make_frame(seq).pixels[:48, :64].copy())

    def record_some(first: int, make: Callable[[int], Frame]) -> int:
        """Give frames until three of them are in a session."""
        seq = first
        while pipeline.status().recording.frames < 3 or pipeline.status().recording.state is RecordingState.WAITING:
            source.give(make(seq))
            until(lambda seq=seq: shown() is not None and shown().frame.seq == seq)
            seq += 1
        return seq

    seq = record_some(0, make_frame)
    before = shown()
    assert before is not None
    assert (before.geometry.spacing_mm, len(before.plan.structures)) == ((0.1, 0.1), 1)
    source.give(small(seq))
    until(lambda: any("size has changed" in fault.text for fault in pipeline.status().faults))
    seq = record_some(seq + 1, small)
    after = shown()
    assert after is not None
    assert after.source.shape_px == after.geometry.shape_px == (48, 64)
    assert (after.geometry.spacing_mm, after.plan.structures) == (None, ())
    pipeline.close()
    sessions = [open_session(path.parent) for path in sorted(tmp_path.glob("*/session.json"))]
    assert sorted(session.head.full_shape_px for session in sessions) == [(48, 64), (60, 80)]
    for session in sessions:
        assert session.warnings == ()
        assert len(session) >= 3
        session.close()


def test_a_lag_that_grows_is_said() -> None:
    source = ScriptedSource()
    rig = Rig(source)
    rig.pipeline.start()
    for seq in range(1000):
        source.give(replace(make_frame(seq), t_capture_ns=round(seq * 34.5e6), t_device_ns=seq * 33_000_000))
    until(lambda: rig.pipeline.status().counts.received == 1000)
    assert any("the picture lags: 1.3 s later" in fault.text for fault in rig.pipeline.status().faults)
    rig.pipeline.close()


def test_a_source_that_cannot_open_is_a_state_not_a_crash() -> None:
    rig = Rig(DeviceError("nothing at /dev/video7: plug it in"))
    rig.pipeline.start()
    until(lambda: rig.pipeline.status().source.state is SourceState.FAILED)
    assert "plug it in" in rig.pipeline.status().source.text
    rig.pipeline.close()


def test_a_source_that_breaks_in_an_unknown_way_is_said_and_the_rest_lives() -> None:
    source = ScriptedSource()
    rig = Rig(source)
    rig.pipeline.start()
    source.give(make_frame(0), OSError("driver went away"))
    until(lambda: rig.pipeline.status().source.state is SourceState.FAILED)
    status = rig.pipeline.status()
    assert status.faults[-1].text == "capture stopped: OSError: driver went away"
    assert rig.newest_seq() == 0
    rig.pipeline.close()


def test_a_tracker_that_raises_costs_one_frame(tmp_path: Path) -> None:
    source = ScriptedSource()
    rig = Rig(source)
    rig.tracker.bad = {1}
    rig.pipeline.start()
    for seq in range(3):
        source.give(make_frame(seq))
        until(lambda seq=seq: rig.newest_seq() == seq)
    assert "a bad frame" in rig.pipeline.status().faults[-1].text
    assert rig.pipeline.status().source.state is SourceState.RUNNING
    rig.pipeline.close()


def test_a_source_that_falls_silent_is_called_quiet() -> None:
    source = ScriptedSource()
    rig = Rig(source)
    rig.pipeline.start()
    source.give(make_frame(0))
    until(lambda: rig.pipeline.status().source.state is SourceState.QUIET)
    source.give(make_frame(1))
    until(lambda: rig.pipeline.status().source.state is SourceState.RUNNING)
    rig.pipeline.close()


def test_a_source_that_hangs_while_opening_leaves_the_window_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "JOIN_S", 0.05)
    source = ScriptedSource()
    rig = Rig(source)
    rig.is_open_allowed.clear()
    rig.pipeline.start()
    rig.pipeline.mark([NERVE], make_frame(0))
    assert rig.pipeline.status().source.state is SourceState.OPENING
    rig.pipeline.close()
    rig.is_open_allowed.set()
    until(lambda: source.is_closed)


class ScriptedPublisher:
    location = "igtl://here"
    client_count = 2

    def __init__(self) -> None:
        self.scenes: list[Scene] = []
        self.is_broken = False

    def write_scene(self, scene: Scene) -> None:
        if self.is_broken:
            raise OSError("no route")
        self.scenes.append(scene)

    def close(self) -> None:
        raise AssertionError("the pipeline leaves it open")


def test_scenes_are_published_and_a_publisher_that_fails_stops_nothing() -> None:
    source, publisher = ScriptedSource(), ScriptedPublisher()
    source.warnings = ("its scale is not used",)  # type: ignore[attr-defined]
    rig = Rig(source, publisher)
    rig.pipeline.start()
    source.give(make_frame(0))
    until(lambda: [scene.frame.seq for scene in publisher.scenes] == [0])
    assert rig.pipeline.status().served == "serving 2"
    assert rig.pipeline.status().source.warnings == ("its scale is not used",)
    publisher.is_broken = True
    source.give(make_frame(1))
    until(lambda: bool(rig.pipeline.status().faults))
    assert rig.pipeline.status().faults[-1].text == "not served: OSError: no route"
    publisher.is_broken = False
    source.give(make_frame(2))
    until(lambda: publisher.scenes[-1].frame.seq == 2)
    rig.pipeline.close()


def test_the_pipeline_takes_time_from_its_clock() -> None:
    clock = ManualClock(1_000)
    engine = Engine(INFO, ScriptedSource().geometry, EngineParts(ScriptedTracker(), ScriptedFinder(), clock))
    assert engine.process(make_frame(0)).t_tracked_ns == 1_000


class WarningScriptedSource(ScriptedSource):
    """One whose warnings come and go."""

    warnings: tuple[str, ...] = ("its scale is not used",)


def test_what_a_source_warns_of_while_it_runs_is_shown_while_it_is_so() -> None:
    source = WarningScriptedSource()
    rig = Rig(source)
    rig.pipeline.start()
    source.give(make_frame(0))
    until(lambda: rig.newest_seq() == 0)
    assert rig.pipeline.status().faults == ()
    source.warnings = (*source.warnings, "draws 18 of 30 pictures a second")
    (fault,) = rig.pipeline.status().faults
    assert (fault.where, fault.text) == ("source", "draws 18 of 30 pictures a second")
    source.warnings = source.warnings[:1]
    assert rig.pipeline.status().faults == ()
    rig.pipeline.close()
