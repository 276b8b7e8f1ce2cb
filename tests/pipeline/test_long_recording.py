"""A long recording keeps up, keeps everything and does not grow; a slow disk costs declared frames only."""

import shutil
from pathlib import Path

import pytest

from rtguide.app.bench.recording import LANDS_WITHIN, RecordingJob, RecordingReport, measure_recording
from rtguide.clock import SystemClock
from rtguide.model.frame import SourceInfo, SourceKind
from rtguide.model.geometry import ImageGeometry
from rtguide.model.guidance import Guidance
from rtguide.model.plan import Plan
from rtguide.model.scene import Scene, Tracking
from rtguide.pipeline import record
from rtguide.pipeline.record import Recorder
from rtguide.recording.checksums import differences
from rtguide.recording.reader import open_session
from rtguide.recording.writer import SessionWriter
from scripted import make_frame


def recorded(place: Path, minutes: float) -> RecordingReport:
    """What `rtguide bench recording` does; everything that holds for any length is checked."""
    report = measure_recording(RecordingJob(minutes, place))
    assert report.frames == round(minutes * 60 * 30)
    assert report.declared_lost == 0
    assert (report.closed.frames, report.closed.missing, report.closed.warnings) == (report.frames, 0, ())
    assert (report.recovered.frames, report.recovered.missing) == (report.frames - 1, 1)
    assert f"1 frames that were written are lost: {report.frames - 1}" in report.recovered.warnings
    for opened in (report.closed, report.recovered):
        assert opened.duration_s == pytest.approx(minutes * 60, abs=0.1)
        assert max(opened.player_frames) <= LANDS_WITHIN
        assert opened.probe in ("", None)
    return report


def test_a_short_one_is_whole_and_its_torn_end_is_mended(tmp_path: Path) -> None:
    recorded(tmp_path, 0.1)
    (folder,) = tmp_path.iterdir()
    assert list(differences(folder)) == []


@pytest.mark.slow
@pytest.mark.timeout(7200)
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_an_hour_loses_nothing_and_memory_stays_flat(tmp_path: Path) -> None:
    if shutil.disk_usage(tmp_path).free < 25e9:
        pytest.skip("an hour takes up to 21 GB, and they are not free here")
    try:
        report = recorded(tmp_path, 60.0)
        assert report.growth_mb < 20, report.resident_mb
        print(
            f"\n{3600 / report.took_s:.1f} times as fast as it lasts\n{report.closed.text()}\n{report.recovered.text()}"
        )
    finally:
        shutil.rmtree(tmp_path)  # pytest would keep three hours of it


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
