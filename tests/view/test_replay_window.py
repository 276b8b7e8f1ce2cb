"""The trainer's window on recordings that the test makes, and its play head without a window."""

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from fake_feed import FakeRecorded
from replay_looks import MakeReplay, shows
from rtguide.clock import ManualClock
from rtguide.overlays.shapes import HudText, Polyline
from rtguide.view.replay_window import ReplayWindow
from rtguide.view.transport import Transport, frame_at

pytestmark = pytest.mark.qt


def test_the_first_frame_is_there_and_marked_as_a_replay(make_replay: MakeReplay, qtbot: QtBot) -> None:
    window = make_replay(FakeRecorded())
    shows(window, qtbot, 0)
    canvas = window.panes[0].canvas
    canvas.grab()
    assert "REPLAY" in [s.text for s in canvas.shapes if isinstance(s, HudText)]
    assert "SIMULATED" not in [s.text for s in canvas.shapes if isinstance(s, HudText)]
    assert "frame 1 of 60" in window.bar.status.text


def test_playing_follows_the_clock_and_stops_at_the_end(
    make_replay: MakeReplay, qtbot: QtBot, clock: ManualClock
) -> None:
    recorded = FakeRecorded(count=60)
    window = make_replay(recorded)
    shows(window, qtbot, 0)
    qtbot.keyClick(window, Qt.Key.Key_Space)
    clock.advance(1.01)
    shows(window, qtbot, 20)
    qtbot.keyClick(window, Qt.Key.Key_Plus)
    clock.advance(0.5)
    shows(window, qtbot, 40)
    clock.advance(60.0)
    shows(window, qtbot, 59)
    assert not window.transport.is_playing
    assert not window.actions_by_name["play"].isChecked()
    qtbot.keyClick(window, Qt.Key.Key_Space)
    shows(window, qtbot, 0)


def test_frames_that_were_passed_over_are_never_read(make_replay: MakeReplay, qtbot: QtBot, clock: ManualClock) -> None:
    recorded = FakeRecorded(count=60)
    window = make_replay(recorded)
    shows(window, qtbot, 0)
    window.go(2.0)
    shows(window, qtbot, 40)
    assert recorded.read == [0, 40]


def test_stepping_goes_frame_by_frame(make_replay: MakeReplay, qtbot: QtBot) -> None:
    window = make_replay(FakeRecorded())
    for _ in range(3):
        qtbot.keyClick(window, Qt.Key.Key_Right)
    shows(window, qtbot, 3)
    qtbot.keyClick(window, Qt.Key.Key_Left)
    shows(window, qtbot, 2)
    qtbot.keyClick(window, Qt.Key.Key_End)
    shows(window, qtbot, 59)
    qtbot.keyClick(window, Qt.Key.Key_Right)
    shows(window, qtbot, 59)
    qtbot.keyClick(window, Qt.Key.Key_Home)
    shows(window, qtbot, 0)


def x_of(window: ReplayWindow, seconds: float, pane: int = 0) -> QPoint:
    timeline = window.panes[pane].timeline
    return QPoint(round(timeline.view.x_of(seconds)), timeline.height() // 2)


def test_a_click_or_a_drag_on_the_timeline_goes_there(make_replay: MakeReplay, qtbot: QtBot) -> None:
    window = make_replay(FakeRecorded())
    timeline = window.panes[0].timeline
    qtbot.mouseClick(timeline, Qt.MouseButton.LeftButton, pos=x_of(window, 1.51))
    shows(window, qtbot, 30)
    qtbot.mousePress(timeline, Qt.MouseButton.LeftButton, pos=x_of(window, 0.51))
    qtbot.mouseMove(timeline, x_of(window, 2.01))
    shows(window, qtbot, 40)
    qtbot.mouseRelease(timeline, Qt.MouseButton.LeftButton, pos=x_of(window, 2.01))
    shows(window, qtbot, 40)


def test_two_sessions_run_side_by_side(make_replay: MakeReplay, qtbot: QtBot, clock: ManualClock) -> None:
    window = make_replay(FakeRecorded("first", 60), FakeRecorded("second", 20))
    qtbot.keyClick(window, Qt.Key.Key_Space)
    clock.advance(0.51)
    shows(window, qtbot, 10, pane=0)
    shows(window, qtbot, 10, pane=1)
    clock.advance(1.0)
    shows(window, qtbot, 30, pane=0)
    shows(window, qtbot, 19, pane=1)


def test_hiding_and_a_broken_frame(make_replay: MakeReplay, qtbot: QtBot) -> None:
    window = make_replay(FakeRecorded("first", 60, broken=5))
    shows(window, qtbot, 0)
    qtbot.keyClick(window, Qt.Key.Key_H)
    window.panes[0].canvas.grab()
    assert not [s for s in window.panes[0].canvas.shapes if isinstance(s, Polyline)]

    def is_said() -> bool:
        window.look()
        return "frame 5 cannot be read" in window.bar.status.notice

    window.go(0.25)
    qtbot.waitUntil(is_said, timeout=60_000)
    window.go(0.3)
    shows(window, qtbot, 6)
    assert window.bar.status.notice == ""


def test_an_empty_recording_is_shown_as_one(make_replay: MakeReplay) -> None:
    window = make_replay(FakeRecorded("nothing", 0))
    window.look()
    window.step(1)
    assert "frame 1 of 0" in window.bar.status.text or "0" in window.bar.status.text


def test_a_time_finds_its_frame() -> None:
    times = [0.0, 0.05, 0.05, 0.4, 1.0]
    for seconds, index in ((-1.0, 0), (0.0, 0), (0.049, 0), (0.05, 2), (0.39, 2), (0.4, 3), (9.0, 4)):
        assert frame_at(times.__getitem__, len(times), seconds) == index


def test_the_head_keeps_its_place_when_the_speed_changes(clock: ManualClock) -> None:
    head = Transport(10.0, clock)
    head.play()
    clock.advance(1.0)
    head.set_speed(0.5)
    clock.advance(2.0)
    assert head.now_s() == pytest.approx(2.0)
    head.pause()
    clock.advance(5.0)
    assert head.now_s() == pytest.approx(2.0)
    head.go(-3.0)
    assert head.now_s() == 0.0
