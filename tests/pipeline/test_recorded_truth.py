"""A steered simulation, recorded while hands move it: the truth in the session is that of the very frames in it."""

from pathlib import Path

import numpy as np
import pytest

from rtguide.app.compose import build_engine, known_marks
from rtguide.app.plugins import open_source
from rtguide.clock import ManualClock
from rtguide.errors import RecordingError
from rtguide.model.frame import Frame
from rtguide.model.needle import NeedleTrack
from rtguide.model.steering import Push
from rtguide.phantom import Truth
from rtguide.phantom.truth_line import truth_line
from rtguide.pipeline.record import Recorder
from rtguide.ports import SteeredSource, TruthSource
from rtguide.recording.layout import TRUTH_NAME
from rtguide.recording.reader import open_session
from rtguide.recording.writer import SessionWriter

COUNT = 8


def _record(folder: Path, address: str) -> tuple[Path, list[Frame], list[Truth]]:
    """Read, track and record frames as the live pipeline does, but in one thread."""
    clock = ManualClock(1_000_000_000)
    source = open_source(address, clock, is_paced=False)
    assert isinstance(source, TruthSource)
    assert isinstance(source, SteeredSource)
    engine = build_engine(source, clock)
    engine.mark(known_marks(source))
    recorder = Recorder(lambda place, scene: SessionWriter.create(place, scene, clock), _no_fault, clock)
    recorder.start(folder)
    frames: list[Frame] = []
    truths: list[Truth] = []
    for index in range(COUNT + 1):
        if source.hands is not None:
            source.hands.push(Push(advance_mm_s=12.0, slide_mm_s=3.0))
        frame = source.read(0.0)
        assert frame is not None
        clock.advance(0.05)
        truth = source.truth(frame.seq)
        recorder.offer_frame(frame, truth)
        recorder.offer_scene(engine.process(frame))
        if index == 0:
            recorder.step()  # opens with the first known scene; that frame itself came too early to be written
            continue
        frames.append(frame)
        truths.append(truth.truth)  # type: ignore[attr-defined]
    recorder.finish()
    source.close()
    (session,) = folder.iterdir()
    return session, frames, truths


def _no_fault(fault: object) -> None:
    raise AssertionError(fault)


def test_recorded_truth_is_that_of_the_recorded_frames(tmp_path: Path) -> None:
    folder, frames, truths = _record(tmp_path, "sim:femoral?seed=3&fps=20&steer=1")
    session = open_session(folder)
    assert session.warnings == ()
    assert session.has_truth
    assert len(session) == COUNT
    depths = []
    for index, (frame, truth) in enumerate(zip(frames, truths, strict=True)):
        line = session.truth(index)
        assert line is not None
        assert line["seq"] == session.frames[index].seq == frame.seq
        assert {**truth_line(truth), "seq": frame.seq, "hand": line["hand"]} == line
        assert line["hand"]["inserted_mm"] > 0
        x0, y0, x1, y1 = session.geometry.bounds_px()
        assert np.array_equal(session.pixels(index)[y0:y1, x0:x1], frame.pixels[y0:y1, x0:x1])
        depths.append(line["needle"]["inserted_mm"])
    assert depths[-1] > depths[0] + 3.0, "the hands did move it"
    session.close()


def test_a_planned_simulation_has_truth_too_and_other_sources_have_none(tmp_path: Path) -> None:
    folder, _, truths = _record(tmp_path, "sim:femoral?seed=3&fps=20")
    session = open_session(folder)
    line = session.truth(3)
    assert line is not None
    assert line["hand"] is None
    assert line["needle"]["tip_px"] == truth_line(truths[3])["needle"]["tip_px"]
    assert truths[3].needle_state().track is NeedleTrack.LOCKED
    session.close()
    (folder / TRUTH_NAME).unlink()
    session = open_session(folder)
    assert not session.has_truth
    assert session.truth(3) is None
    assert session.warnings == ()
    session.close()


def test_missing_lines_of_truth_are_told(tmp_path: Path) -> None:
    folder, _, _ = _record(tmp_path, "sim:femoral?seed=3&fps=20")
    lines = (folder / TRUTH_NAME).read_bytes().splitlines(keepends=True)
    (folder / TRUTH_NAME).write_bytes(b"".join(lines[:-2]) + lines[-2][:40])
    session = open_session(folder)
    assert session.warnings == (f"{TRUTH_NAME}: 2 frames have no truth (1 lines are damaged)",)
    assert session.truth(COUNT - 1) is None
    assert session.truth(0) is not None
    session.close()


def test_truth_of_another_frame_is_refused(tmp_path: Path) -> None:
    clock = ManualClock(1_000_000_000)
    source = open_source("sim:femoral?fps=20", clock, is_paced=False)
    frame = source.read(0.0)
    assert frame is not None
    writer = SessionWriter.create(tmp_path, build_engine(source, clock).process(frame), clock)
    writer.write_frame(frame)
    with pytest.raises(RecordingError, match="the truth of frame 4 came after frame 0"):
        writer.write_truth(4, {})
    writer.close()
