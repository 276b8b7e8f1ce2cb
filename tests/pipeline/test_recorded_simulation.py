"""The whole way: the phantom runs live, is tracked and recorded, and the session gives the same back."""

import json
import threading
from pathlib import Path

import numpy as np
import pytest

from rtguide.app.cli import run
from rtguide.app.compose import build_engine, known_marks
from rtguide.app.plugins import open_source
from rtguide.app.recorded import open_recorded
from rtguide.clock import SystemClock
from rtguide.kernels.warmup import warm_up
from rtguide.model.frame import Frame, SourceInfo, SourceKind
from rtguide.model.geometry import ImageGeometry
from rtguide.model.scene import Scene
from rtguide.model.status import RecordingState
from rtguide.model.structure import Structure
from rtguide.pipeline.live import LiveParts, LivePipeline
from rtguide.pipeline.offline import FrameSpan, frames_of
from rtguide.ports import FrameSource, Sink
from rtguide.recording.writer import SessionWriter

PATIENCE_S = 60.0
WANTED = 25


class Overheard:
    """A source whose frames are kept as they pass."""

    def __init__(self, inner: FrameSource) -> None:
        self._inner = inner
        self.frames: dict[int, Frame] = {}

    @property
    def info(self) -> SourceInfo:
        return self._inner.info

    @property
    def geometry(self) -> ImageGeometry | None:
        return self._inner.geometry

    def structures(self) -> tuple[Structure, ...]:
        return tuple(known_marks(self._inner))

    def read(self, timeout_s: float) -> Frame | None:
        frame = self._inner.read(timeout_s)
        if frame is not None:
            self.frames[frame.seq] = frame
        return frame

    def close(self) -> None:
        self._inner.close()


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Overheard, dict[int, Scene]]:
    """A second or two of the simulated block, recorded while it runs, with all that passed by."""
    for _ in warm_up():
        pass
    clock = SystemClock()
    source = Overheard(open_source("sim:femoral?seed=3&fps=12", clock, is_paced=True))
    folder = tmp_path_factory.mktemp("sessions")

    def open_sink(directory: Path, scene: Scene) -> Sink:
        return SessionWriter.create(directory, scene, clock)

    parts = LiveParts(
        lambda: source,
        lambda opened: build_engine(opened, clock),
        open_sink,
        clock,
        lambda _opened: source.structures(),
    )
    pipeline = LivePipeline(parts)
    scenes: dict[int, Scene] = {}
    pipeline.start()
    try:
        pipeline.start_recording(folder)
        generation, end_ns = 0, clock.now_ns() + PATIENCE_S * 1e9
        while pipeline.status().recording.frames < WANTED:
            assert clock.now_ns() < end_ns, pipeline.status()
            newer = pipeline.wait_for_scene(generation, 0.2)
            if newer is not None:
                generation, scene = newer
                scenes[scene.frame.seq] = scene
        pipeline.stop_recording()
        pause = threading.Event()
        while pipeline.status().recording.state is not RecordingState.OFF:
            pause.wait(0.02)
    finally:
        pipeline.close()
    return next(folder.iterdir()), source, scenes


def test_pixels_come_back_bit_for_bit_inside_the_region(recorded: tuple[Path, Overheard, dict[int, Scene]]) -> None:
    folder, source, _ = recorded
    session = open_source(str(folder), SystemClock(), is_paced=False)
    try:
        assert session.info.kind is SourceKind.REPLAY
        assert session.geometry == source.geometry
        assert session.geometry is not None
        x0, y0, x1, y1 = session.geometry.bounds_px()
        frames = list(frames_of(session, FrameSpan()))
        assert len(frames) >= WANTED
        assert all(frame.shape_px == source.info.shape_px for frame in frames)
        replayed = open_recorded(folder)
        for index in range(replayed.frame_count):
            scene = replayed.scene(index)
            truth = source.frames[scene.frame.seq]
            assert scene.frame.t_device_ns == truth.t_device_ns
            np.testing.assert_array_equal(scene.frame.pixels[y0:y1, x0:x1], truth.pixels[y0:y1, x0:x1])
            outside = scene.frame.pixels.copy()
            outside[y0 - 1 : y1 + 1, x0 - 1 : x1 + 1] = 0
            assert not outside.any()
        replayed.close()
    finally:
        session.close()


def test_scenes_come_back_as_they_were(recorded: tuple[Path, Overheard, dict[int, Scene]]) -> None:
    folder, _, scenes = recorded
    replayed = open_recorded(folder)
    compared = 0
    for index in range(replayed.frame_count):
        scene = replayed.scene(index)
        original = scenes.get(scene.frame.seq)
        if original is None:
            continue
        assert scene.tracking == original.tracking
        assert scene.guidance == original.guidance
        assert scene.plan == original.plan
        assert scene.geometry == original.geometry
        compared += 1
    replayed.close()
    assert compared >= WANTED // 2


def test_the_ledger_adds_up(recorded: tuple[Path, Overheard, dict[int, Scene]]) -> None:
    folder, _, _ = recorded
    ledger = json.loads((folder / "session.json").read_text(encoding="utf-8"))["ledger"]
    assert ledger["received"] == ledger["written"] + ledger["declared_lost"]
    lines = (folder / "scenes.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == ledger["written"]


def test_track_runs_on_the_session(recorded: tuple[Path, Overheard, dict[int, Scene]], tmp_path: Path) -> None:
    folder, source, _ = recorded
    out = tmp_path / "out.jsonl"
    nerve = source.structures()[0]
    xs, ys = zip(*nerve.outline_px, strict=True)
    box = f"nerve={min(xs)},{min(ys)},{max(xs) - min(xs)},{max(ys) - min(ys)}"
    with pytest.raises(SystemExit) as ended:
        run(["track", str(folder), "--out", str(out), "--target", box])
    assert not ended.value.code
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert len(lines) >= WANTED
    assert lines[-1]["targets"][0]["state"] == "tracked"
