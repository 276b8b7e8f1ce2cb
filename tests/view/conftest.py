"""What the windows' tests share: a clock that moves when told, and a check that no widget is left behind."""

import gc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from fake_feed import FakeFeed, FakeRecorded
from replay_looks import MakeReplay
from rtguide.clock import ManualClock
from rtguide.model.scene import Scene
from rtguide.model.status import SourceState, SourceStatus
from rtguide.view.application import application
from rtguide.view.live_window import LiveSettings, LiveWindow
from rtguide.view.replay_window import ReplayWindow
from window_looks import MakeWindow, Opened


@pytest.fixture(scope="session")
def qapp() -> QApplication:
    """The application as users have it, instead of pytest-qt's own."""
    return application()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(start_ns=10_000_000_000)


@pytest.fixture(autouse=True)
def _no_leaked_widgets(qapp: QApplication) -> Iterator[None]:
    """Fail a test after which a window of ours still lives."""
    yield
    for _ in range(3):
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        qapp.processEvents()
        gc.collect()
    left = [w for w in qapp.topLevelWidgets() if type(w).__module__.startswith("rtguide.")]
    assert not left, f"windows left behind: {left}"


@pytest.fixture
def opened() -> Opened:
    return []


@pytest.fixture
def make_window(qtbot: QtBot, clock: ManualClock, opened: Opened, tmp_path: Path) -> Iterator[MakeWindow]:
    windows: list[LiveWindow] = []

    def open_feed(address: str) -> FakeFeed:
        feed = FakeFeed()
        feed.now = replace(feed.now, source=SourceStatus(SourceState.OPENING, f"opening {address}"))
        opened.append(feed)
        return feed

    def make(first: Scene | None = None, *, has_feed: bool = True) -> tuple[LiveWindow, FakeFeed]:
        feed = FakeFeed(first)
        settings = LiveSettings(tmp_path, open_feed, (("Simulated femoral block", "sim:femoral"),))
        window = LiveWindow(feed if has_feed else None, clock, settings)
        window._timer.stop()  # the tests look themselves, at times they choose
        windows.append(window)
        window.resize(1280, 720)
        with qtbot.waitActive(window, timeout=60_000):
            window.show()
            window.activateWindow()
        window.setFocus()
        return window, feed

    yield make
    for window in windows:
        if isValid(window):
            window.close()


@pytest.fixture
def make_replay(qtbot: QtBot, clock: ManualClock) -> Iterator[MakeReplay]:
    """Replay windows of 1280×720 whose clock the test moves; closed afterwards."""
    windows: list[ReplayWindow] = []

    def make(*sessions: FakeRecorded) -> ReplayWindow:
        window = ReplayWindow(sessions, clock)
        window._timer.stop()
        windows.append(window)
        window.resize(1280, 720)
        with qtbot.waitActive(window, timeout=60_000):
            window.show()
            window.activateWindow()
        window.setFocus()
        return window

    yield make
    for window in windows:
        if isValid(window):
            window.close()
