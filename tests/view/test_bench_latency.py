"""The benchmark runs the real window and keeps its books; its figures are the machine's, and are not judged here."""

import gc
import json
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QElapsedTimer, QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from rtguide.app.bench.latency import LatencyJob, measure_latency
from rtguide.model.frame import Frame
from rtguide.model.geometry import ImageGeometry
from rtguide.recording.layout import Part
from rtguide.recording.packing import FramePacker
from rtguide.recording.part_writer import PartWriter
from rtguide.recording.reader import open_session
from rtguide.view.heartbeat import Heartbeat

pytestmark = pytest.mark.qt


def test_every_frame_is_accounted_for_from_capture_to_paint(tmp_path: Path, qapp: QApplication) -> None:
    rng = np.random.default_rng(3)
    packer, writer = FramePacker(), None
    for seq in range(20):
        picture = np.zeros((240, 320), np.uint8)
        picture[20:220, 60:260] = rng.integers(30, 200, (200, 200))
        packed = packer.pack(Frame(seq, 0, None, picture), ImageGeometry.whole_frame((240, 320)))
        writer = writer or PartWriter(tmp_path, Part(1, packed.box, True, 0), packed.track, 12.0)
        writer.write(packed, seq * 83_333)
    assert writer is not None
    writer.close()
    address = f"replay:{tmp_path / 'video.mkv'}?preload=1&loop=1&fps=12"
    report = measure_latency(LatencyJob(address, 8.0, tmp_path / "sessions", (900, 700), has_everything=True))
    assert qapp is not None
    assert gc.get_freeze_count() == 0, "the collector looks at everything again"
    assert report.period_ns == pytest.approx(1e9 / 12, rel=0.02)
    assert report.contradictions == ()
    assert 0 < report.painted.count <= report.tracked.count <= report.received
    assert report.tracked.median_ns <= report.painted.median_ns
    assert report.tracked.count == report.received - report.skipped_by_tracker
    ledger = report.ledger
    assert 0 < ledger.painted <= ledger.scenes <= ledger.written
    assert ledger.painted_delay is not None
    assert ledger.painted_delay.count == ledger.painted
    assert report.paint.count > 0
    assert report.paint.median_ns <= report.paint.p99_ns <= report.paint.longest_ns
    assert report.canvas_px[0] < 900, "the plots stand beside the picture"
    assert report.held_ns > 0
    assert 0 < report.paint_ran.median_ns <= report.paint.longest_ns
    said = json.loads(json.dumps(report.as_json()))
    assert [wish["wish"] for wish in said["wishes"]][2] == "frames lost on disk: 0"
    (folder,) = (tmp_path / "sessions").iterdir()
    session = open_session(folder)
    assert "pleura" in (folder / "scenes.jsonl").read_text(), "everything was marked"
    assert len(session) == ledger.written
    lines = [json.loads(line) for line in (folder / "paints.jsonl").read_text().splitlines()]
    assert len(lines) == ledger.painted
    captured = {line.seq: line.t_capture_ns for line in session.frames}
    assert all(captured[line["seq"]] < line["t_painted_ns"] for line in lines)
    timing = [event for event in session.events() if event["kind"] == "timing"]
    assert timing[-1]["rate_hz"] == pytest.approx(12, rel=0.02)
    session.close()


def test_a_heartbeat_notices_what_holds_the_thread(qtbot: QtBot) -> None:
    heartbeat = Heartbeat()

    def hold() -> None:
        since = QElapsedTimer()
        since.start()
        while since.elapsed() < 80:
            pass

    heartbeat.begin()
    QTimer.singleShot(0, hold)
    qtbot.waitUntil(lambda: heartbeat.over(70_000_000) == 1, timeout=60_000)
    assert heartbeat.longest_ns > 70_000_000
