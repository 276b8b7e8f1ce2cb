"""A simulated block recorded frame by frame as fast as it goes, with its truth: what a window would have recorded."""

from pathlib import Path

from rtguide.app.compose import build_engine, known_marks
from rtguide.app.plugins import open_source
from rtguide.clock import ManualClock
from rtguide.ports import TruthSource
from rtguide.recording.writer import SessionWriter


def record(address: str, folder: Path, frames: int, wall_ns: int = 1_700_000_000_000_000_000) -> Path:
    """Record so many frames of `address` into a new session inside `folder`."""
    clock = ManualClock(wall_ns)
    source = open_source(address, clock, is_paced=False)
    engine = build_engine(source, clock)
    engine.mark(known_marks(source))
    writer = None
    for _ in range(frames):
        frame = source.read(10.0)
        assert frame is not None
        scene = engine.process(frame)
        writer = writer or SessionWriter.create(folder, scene, clock)
        writer.write_frame(frame)
        assert isinstance(source, TruthSource)
        truth = source.truth(frame.seq)
        assert truth is not None
        writer.write_truth(frame.seq, truth.as_line())
        writer.write_scene(scene)
        clock.advance(1 / 30)
    source.close()
    assert writer is not None
    writer.close()
    return writer.folder
