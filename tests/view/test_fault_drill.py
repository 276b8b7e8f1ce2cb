"""The fault drill: what breaks is said in the window, and the window lives. Real pipeline, broken parts."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from fake_feed import FakeFeed
from rtguide.clock import ManualClock, SystemClock
from rtguide.model.scene import Scene
from rtguide.model.status import SourceState
from rtguide.overlays.shapes import HudSlot, HudText, Label, Polyline
from rtguide.pipeline.engine import Engine, EngineParts
from rtguide.pipeline.live import LiveParts, LivePipeline
from rtguide.ports import FrameSource
from rtguide.view.commands import HelpDialog
from rtguide.view.live_window import LiveSettings, LiveWindow
from scripted import INFO, MemorySink, ScriptedFinder, ScriptedSource, ScriptedTracker, make_frame
from window_looks import MakeWindow, at, painted

pytestmark = pytest.mark.qt

PATIENCE_MS = 60_000


class SmallDisk(MemorySink):
    """A disk that has room for so many more seconds; None: nobody knows."""

    left_s: float | None = None

    def seconds_left(self) -> float | None:
        return self.left_s


class Drill:
    """The real window on the real pipeline, whose parts break when told to."""

    def __init__(self, folder: Path, qtbot: QtBot) -> None:
        self.source, self.tracker, self.qtbot, self.folder = ScriptedSource(), ScriptedTracker(), qtbot, folder
        self.sinks: list[SmallDisk] = []
        clock = SystemClock()
        self.pipeline = LivePipeline(LiveParts(lambda: self.source, self._engine, self._sink, clock))
        self.window = LiveWindow(self.pipeline, clock, LiveSettings(folder))
        self.pipeline.start()
        self.window.resize(1000, 700)
        self.window.show()
        self.seq = -1
        self.give()

    def _engine(self, source: FrameSource) -> Engine:
        return Engine(INFO, source.geometry, EngineParts(self.tracker, ScriptedFinder(), SystemClock()))

    def _sink(self, directory: Path, _scene: Scene) -> SmallDisk:
        self.sinks.append(SmallDisk(directory))
        return self.sinks[-1]

    def give(self) -> None:
        """One more frame, and wait until the window shows it."""
        self.seq += 1
        self.source.give(make_frame(self.seq))
        self.wait(lambda: self.shown_seq() == self.seq)

    def shown_seq(self) -> int:
        scene = self.window.canvas.shown.scene
        return -1 if scene is None else scene.frame.seq

    def wait(self, is_so: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(is_so, timeout=PATIENCE_MS)

    def notice(self) -> str:
        return self.window.bar.status.notice


@pytest.fixture
def drill(tmp_path: Path, qtbot: QtBot) -> Iterator[Drill]:
    one = Drill(tmp_path, qtbot)
    yield one
    one.window.close()


def message(window: LiveWindow) -> str:
    painted(window)
    texts = [s.text for s in window.canvas.shapes if isinstance(s, HudText) and s.slot is HudSlot.MESSAGE]
    return texts[0] if texts else ""


def test_a_source_that_dies_is_said_and_the_window_lives(drill: Drill) -> None:
    drill.source.give(OSError("driver went away"))
    drill.wait(lambda: drill.pipeline.status().source.state is SourceState.FAILED)
    drill.wait(lambda: "driver went away" in drill.notice())
    drill.wait(lambda: drill.window.canvas.shown.sign is not None)
    drill.window.actions_by_name["help"].trigger()
    drill.wait(lambda: drill.window.findChild(HelpDialog) is not None)


def test_a_tracker_that_raises_costs_one_frame_and_is_said(drill: Drill) -> None:
    drill.tracker.bad = {1}
    drill.give()
    drill.wait(lambda: "a bad frame" in drill.notice())
    drill.give()
    assert drill.shown_seq() == 2, "the next frame is tracked again"
    assert drill.window.canvas.shown.scene is not None


def test_a_tracker_that_raises_on_every_frame_leaves_the_picture(drill: Drill) -> None:
    drill.tracker.bad = set(range(1, 40))
    for _ in range(8):
        drill.give()
    drill.wait(lambda: "a bad frame" in drill.notice())
    assert drill.shown_seq() == 8


def test_a_disk_that_fills_up_is_said_ends_the_recording_and_nothing_else(drill: Drill) -> None:
    drill.window.actions_by_name["record"].trigger()
    drill.give()
    drill.wait(lambda: bool(drill.sinks) and "REC" in drill.window.bar.status.text)
    drill.sinks[0].left_s = 2.0
    drill.give()
    drill.wait(lambda: "the disk is full but for a reserve" in drill.notice())
    drill.wait(lambda: "REC" not in drill.window.bar.status.text)
    assert drill.sinks[0].closes == 1, "what was recorded is closed properly"
    drill.give()
    assert drill.shown_seq() == 3


def test_a_disk_that_refuses_to_write_is_said(drill: Drill) -> None:
    drill.window.actions_by_name["record"].trigger()
    drill.give()
    drill.wait(lambda: bool(drill.sinks))
    drill.sinks[0].is_broken = True
    drill.give()
    drill.wait(lambda: "the disk is full: free some space" in drill.notice())
    drill.give()
    assert drill.shown_seq() == drill.seq


@pytest.mark.parametrize("jump_s", [7200.0, -7200.0])
def test_a_clock_that_jumps_takes_the_overlay_away_until_the_next_frame(
    make_window: MakeWindow, clock: ManualClock, jump_s: float
) -> None:
    """Forward as after a night's sleep; backward as no monotonic clock should."""
    window, feed = make_window(at(clock))
    painted(window)
    assert [s for s in window.canvas.shapes if isinstance(s, Polyline)]
    clock._now_ns += round(jump_s * 1e9)
    window.look_again()
    assert message(window) == "picture late"
    assert not [s for s in window.canvas.shapes if isinstance(s, (Polyline, Label))], "nothing says how old it is"
    feed.put(at(clock))
    window.look_again()
    assert message(window) == "on path"
    assert [s for s in window.canvas.shapes if isinstance(s, Polyline)]


def test_kernels_that_cannot_be_kept_are_said_in_the_window(tmp_path: Path, clock: ManualClock, qtbot: QtBot) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    said = subprocess.run(
        [sys.executable, "-c", "from rtguide.app.windows import start_troubles; print(*start_troubles(), sep='\\n')"],
        env={**os.environ, "NUMBA_CACHE_DIR": str(blocked / "below")},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    ).stdout.strip()
    assert said.startswith("compiled kernels cannot be kept")
    window = LiveWindow(FakeFeed(at(clock)), clock, LiveSettings(tmp_path, troubles=(said,)))
    window._timer.stop()
    window.show()
    window.look_again()
    assert window.bar.status.notice == said
    window._take_notice()
    assert window.bar.status.notice != said
    window.close()


def test_a_screen_that_is_gone_leaves_the_picture_on_one_that_is_there(
    make_window: MakeWindow, clock: ManualClock
) -> None:
    window, _ = make_window(at(clock))
    window.move(30_000, 30_000)
    app = QGuiApplication.instance()
    assert isinstance(app, QGuiApplication)
    app.screenRemoved.emit(None)  # as Qt says it; none of those that are left
    screen = QGuiApplication.primaryScreen().geometry()
    assert screen.intersects(window.geometry())
    assert "a screen was unplugged" in window.bar.status.notice
