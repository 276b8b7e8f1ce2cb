"""The whole way: a simulation is recorded by the recorder and played back as a source."""

from pathlib import Path

import numpy as np
import pytest

from rtguide.app.plugins import open_source
from rtguide.clock import ManualClock
from rtguide.model.scene import Scene
from rtguide.pipeline import record
from rtguide.pipeline.engine import Engine, EngineParts
from rtguide.pipeline.record import Recorder
from rtguide.recording.reader import open_session
from rtguide.recording.track_lines import track_line
from rtguide.recording.writer import SessionWriter
from scripted import ScriptedFinder, ScriptedTracker

COUNT = 5


def scenes_of(address: str, clock: ManualClock) -> list[Scene]:
    source = open_source(address, clock, is_paced=False)
    engine = Engine(source.info, source.geometry, EngineParts(ScriptedTracker(), ScriptedFinder(), clock))
    engine.mark(source.structures())  # type: ignore[attr-defined]
    scenes = []
    for _ in range(COUNT):
        frame = source.read(1.0)
        assert frame is not None
        scenes.append(engine.process(frame))
        clock.advance(1 / 30)
    source.close()
    return scenes


def test_a_recorded_simulation_is_played_back_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "WAIT_S", 0.0)
    clock = ManualClock()
    scenes = scenes_of("sim:femoral?seed=2", clock)
    faults: list[object] = []
    recorder = Recorder(lambda folder, scene: SessionWriter.create(folder, scene, clock), faults.append, clock)
    recorder.start(tmp_path)
    recorder.offer_scene(scenes[0])
    recorder.step()
    for scene in scenes:
        recorder.offer_frame(scene.frame)
    for scene in scenes:
        if scene.frame.seq != 2:
            recorder.offer_scene(scene)
    recorder.finish()
    assert not faults
    (folder,) = tmp_path.iterdir()

    session = open_session(folder)
    x0, y0, x1, y1 = scenes[0].geometry.bounds_px()
    source = open_source(str(folder), clock, is_paced=False)
    assert session.warnings == ()
    assert source.geometry == scenes[0].geometry
    assert [s.name for s in source.structures()] == [s.name for s in scenes[0].plan.structures]  # type: ignore[attr-defined]
    for index, was in enumerate(scenes):
        frame = source.read(1.0)
        assert frame is not None
        np.testing.assert_array_equal(frame.pixels[y0:y1, x0:x1], was.frame.pixels[y0:y1, x0:x1])
        assert not frame.pixels[:, : x0 - 1].any()
        assert (frame.seq, frame.t_device_ns) == (index, was.frame.t_device_ns)
        scene = session.full_scene(index)
        if index == 2:
            assert scene is None
            continue
        assert scene is not None
        assert (scene.tracking, scene.guidance, scene.plan) == (was.tracking, was.guidance, was.plan)
        assert track_line(scene) == track_line(was)
    session.close()
    source.close()
    again = scenes_of(str(folder), clock)
    assert [scene.geometry for scene in again] == [scene.geometry for scene in scenes]
