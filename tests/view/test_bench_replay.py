"""`rtguide bench replay` measures what it says, in the real window."""

from pathlib import Path

import pytest

import simulated_session
from rtguide.app.bench import replay
from rtguide.app.bench.replay import measure_replay

pytestmark = pytest.mark.qt


def test_every_jump_ends_at_the_frame_that_was_wished_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay, "JUMPS", 12)
    folder = simulated_session.record("sim:femoral?seed=3&fps=30", tmp_path, 45)
    report = measure_replay(folder, 1.0)
    assert (report.frames, len(report.jumps_ms)) == (45, 12)
    assert report.rate_hz == pytest.approx(30.0)
    assert 0 < report.painted <= report.due + 1
    assert report.due <= 44
    assert len(report.gaps_ms) >= report.painted - 1
    assert report.window_cpu_ms <= report.cpu_ms
    assert "12 jumps in 45 frames" in report.lines()[0]
