"""The real window on the real pipeline: marked by dragging, recorded by key, replayed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from rtguide.app.compose import live_pipeline
from rtguide.app.recorded import open_recorded
from rtguide.clock import SystemClock
from rtguide.kernels.warmup import warm_up
from rtguide.model.status import RecordingState, SourceState
from rtguide.pipeline.live import LivePipeline
from rtguide.view.live_window import LiveSettings, LiveWindow
from rtguide.view.replay_window import ReplayWindow

pytestmark = pytest.mark.qt

PATIENCE_MS = 90_000
ADDRESS = "sim:femoral?seed=5&fps=10"


def open_window(qtbot: QtBot, folder: Path, address: str) -> tuple[LiveWindow, LivePipeline]:
    for _ in warm_up():
        pass
    feed = live_pipeline(address)
    window = LiveWindow(feed, SystemClock(), LiveSettings(folder))
    feed.start()
    window.resize(1100, 760)
    window.show()
    window.activateWindow()
    # The tracker's first scene is shown a little later, and only then does the canvas know where the picture lies.
    qtbot.waitUntil(lambda: window.canvas.fit() is not None, timeout=PATIENCE_MS)
    qtbot.waitUntil(window.isActiveWindow, timeout=PATIENCE_MS)
    return window, feed


def marked_names(feed: LivePipeline) -> list[str]:
    scene = feed.latest_scene()[1]
    assert scene is not None
    return [structure.name for structure in scene.plan.structures]


@pytest.fixture
def close_at_the_end() -> Iterator[list[QWidget]]:
    """Windows put in here are closed even if the test fails."""
    windows: list[QWidget] = []
    yield windows
    for window in windows:
        if isValid(window):
            window.close()


def test_mark_record_and_replay(qtbot: QtBot, tmp_path: Path, close_at_the_end: list[QWidget]) -> None:
    window, feed = open_window(qtbot, tmp_path, ADDRESS)
    close_at_the_end.append(window)
    known = len(marked_names(feed))
    assert known >= 2

    fit = window.canvas.fit()
    assert fit is not None
    left, top = fit.view_from_image((560.0, 500.0))
    right, bottom = fit.view_from_image((640.0, 560.0))
    start, stop = QPoint(round(left), round(top)), QPoint(round(right), round(bottom))
    qtbot.mousePress(window.canvas, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(window.canvas, stop)
    qtbot.mouseRelease(window.canvas, Qt.MouseButton.LeftButton, pos=stop)
    qtbot.keyClick(window.marks.choice, Qt.Key.Key_N)
    qtbot.waitUntil(lambda: len(marked_names(feed)) == known + 1, timeout=PATIENCE_MS)

    qtbot.keyClick(window, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: feed.status().recording.frames >= 8, timeout=PATIENCE_MS)
    qtbot.keyClick(window, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: feed.status().recording.state is RecordingState.OFF, timeout=PATIENCE_MS)
    window.close()

    (folder,) = [path for path in tmp_path.iterdir() if path.is_dir()]
    session = open_recorded(folder)
    assert session.frame_count >= 8
    assert session.warnings == ()
    assert len(session.scene(0).plan.structures) == known + 1
    replay = ReplayWindow((session,), SystemClock())
    close_at_the_end.append(replay)
    with qtbot.waitActive(replay, timeout=60_000):
        replay.show()
        replay.activateWindow()
    qtbot.keyClick(replay, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: replay.panes[0].index == 1, timeout=PATIENCE_MS)
    replay.close()
    session.close()


def test_a_source_that_cannot_be_opened_is_said_in_the_window(qtbot: QtBot, tmp_path: Path) -> None:
    feed = live_pipeline(str(tmp_path / "gone.mp4"))
    window = LiveWindow(feed, SystemClock(), LiveSettings(tmp_path))
    feed.start()
    window.show()
    qtbot.waitUntil(lambda: feed.status().source.state is SourceState.FAILED, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: "no such file" in window.canvas.shown.late.text, timeout=PATIENCE_MS)
    window.close()
