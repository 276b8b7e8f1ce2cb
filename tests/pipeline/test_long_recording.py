"""A long recording keeps up, keeps everything and does not grow; a slow disk costs declared frames only."""

import json
import shutil
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest

from rtguide.clock import SystemClock
from rtguide.model.frame import Frame, SourceInfo, SourceKind
from rtguide.model.geometry import ImageGeometry
from rtguide.model.guidance import Guidance
from rtguide.model.plan import Plan
from rtguide.model.scene import Scene, Tracking
from rtguide.pipeline import record
from rtguide.pipeline.record import Recorder
from rtguide.recording.reader import open_session
from rtguide.recording.writer import SessionWriter
from scripted import make_frame

SHAPE_PX = (480, 640)
MINUTES, RATE_HZ = 5, 30


def resident_kb() -> int:
    text = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(line for line in text.splitlines() if line.startswith("VmRSS")).split()[1])


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_minutes_of_recording_lose_nothing_and_memory_stays_flat(tmp_path: Path) -> None:
    rng, clock = np.random.default_rng(1), SystemClock()
    speckle = np.clip(rng.gamma(2.0, 20.0, (480, 1280)), 0, 255).astype(np.uint8)
    source, geometry = SourceInfo("long", SourceKind.LIVE, SHAPE_PX, RATE_HZ), ImageGeometry.whole_frame(SHAPE_PX)
    writer, count, resident = None, MINUTES * 60 * RATE_HZ, []
    begin = time.perf_counter()
    for seq in range(count):
        pixels = np.ascontiguousarray(speckle[:, seq % 640 : seq % 640 + 640])
        frame = Frame(seq, clock.now_ns(), seq * 1_000_000_000 // RATE_HZ, pixels)
        scene = Scene(frame, source, geometry, Plan(), Tracking(), Guidance(), clock.now_ns())
        writer = writer or SessionWriter.create(tmp_path, scene, clock)
        writer.write_frame(frame)
        writer.write_scene(scene)
        if seq % 1000 == 999:
            resident.append(resident_kb())
    assert writer is not None
    writer.close()
    speed = MINUTES * 60 / (time.perf_counter() - begin)
    print(f"\n{MINUTES} minutes at 640×480, {RATE_HZ} Hz: {speed:.1f} times as fast as they last")
    assert resident[-1] - resident[1] < 20_000, resident
    session = open_session(writer.folder)
    assert session.warnings == ()
    assert session.head.ledger is not None
    assert session.head.ledger.written == count == len(session)
    session.close()
    if shutil.which("ffprobe"):
        command = ["ffprobe", "-v", "warning", "-show_entries", "format=duration", "-of", "json"]
        done = subprocess.run([*command, str(writer.folder / "video.mkv")], capture_output=True, text=True, check=False)
        assert done.stderr == ""
        assert float(json.loads(done.stdout)["format"]["duration"]) == pytest.approx(MINUTES * 60, abs=0.1)


def test_a_disk_that_cannot_keep_up_leaves_a_declared_gap_in_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "WAIT_S", 0.0)
    monkeypatch.setattr(record, "QUEUE_ITEMS", 8)
    clock, faults = SystemClock(), list[object]()
    recorder = Recorder(lambda folder, scene: SessionWriter.create(folder, scene, clock), faults.append, clock)
    first = make_frame(0)
    source, geometry = SourceInfo("slow", SourceKind.LIVE, first.shape_px), ImageGeometry.whole_frame(first.shape_px)
    recorder.start(tmp_path)
    recorder.offer_scene(Scene(first, source, geometry, Plan(), Tracking(), Guidance(), 0))
    recorder.step()
    for seq in range(20):  # while the disk says nothing: 8 wait, 12 are given up, capture goes on
        recorder.offer_frame(make_frame(seq))
    for _ in range(12):
        recorder.step()
    for seq in range(20, 25):
        recorder.offer_frame(make_frame(seq))
        recorder.step()
    recorder.finish()
    assert not faults
    (folder,) = tmp_path.iterdir()
    session = open_session(folder)
    kept = [line.seq for line in session.frames]
    lost = [event["seq"] for event in session.events() if event["kind"] == "frame lost"]
    assert kept[:8] == list(range(8))
    assert lost[:12] == list(range(8, 20))
    assert sorted(kept + lost) == list(range(25))
    ledger = session.head.ledger
    assert ledger is not None
    assert (ledger.received, ledger.written, ledger.declared_lost) == (25, len(kept), len(lost))
    assert ledger.lost_before == 0
    session.close()
