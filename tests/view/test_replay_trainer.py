"""What a trainer does in the replay window: timeline, loop, speeds, two sessions aligned, side channels."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from fake_feed import FakeRecorded
from replay_looks import LEFT, RIGHT, MakeReplay, at, read, said, shows, two
from rtguide.clock import ManualClock
from rtguide.model.side import SideInfo, SideKind
from rtguide.recording.side_tracks import SideTrack
from rtguide.recording.side_video import side_videos
from rtguide.recording.sides import SideWriter
from rtguide.view.replay_window import ReplayWindow
from rtguide.view.side_picture import SidePicture
from rtguide.view.theme import RAISED
from rtguide.view.timeline_paint import clock_text
from scripted import make_frame

pytestmark = pytest.mark.qt


def test_the_timeline_tells_confidence_distance_alarms_and_pictures(make_replay: MakeReplay, qtbot: QtBot) -> None:
    recorded = FakeRecorded()
    recorded.said = [{"t_ns": 1_500_000_000, "kind": "injected", "amount": 5.0, "unit": "ml"}, {"kind": "timing"}]
    window = make_replay(recorded)
    read(window, qtbot)
    data, timeline = window.panes[0].timeline.data, window.panes[0].timeline
    assert data is not None
    np.testing.assert_allclose(data.confidence, np.arange(60) / 60)
    np.testing.assert_allclose(data.distance_mm, 30 - np.arange(60) / 2)
    assert list(np.flatnonzero(data.alarm_level)) == [30, 31, 32, 33, 34]
    assert len(data.thumbnails) == 24
    assert [(mark.text, mark.time_s) for mark in timeline.marks] == [("needle found", 0.5), ("injected 5 ml", 1.5)]
    words = timeline.words_at(timeline.view.x_of(1.5))
    assert words.splitlines()[0] == "1.50 s · confidence 50% · 15.0 mm to target"
    assert "injected 5 ml (1.50 s)" in words
    picture = timeline.grab().toImage()
    alarm_band = next(band for band in timeline._content.bands() if band.name == "alarms")
    y = round(alarm_band.top + alarm_band.height - 2)
    reds = [picture.pixelColor(round(timeline.view.x_of(s)), y).red() for s in (1.6, 2.5)]
    assert reds[0] > 180
    assert reds[1] < 60


def test_a_minute_is_never_sixty_seconds() -> None:
    assert [clock_text(s, 0.1) for s in (59.9, 59.99999999, 60.0)] == ["0:59.9", "1:00.0", "1:00.0"]


def test_confidence_stands_on_its_band_and_a_near_target_lies_low(make_replay: MakeReplay, qtbot: QtBot) -> None:
    window = make_replay(FakeRecorded())  # confidence rises from 0 to 1, the distance falls from 30 mm to 0
    read(window, qtbot)
    timeline = window.panes[0].timeline
    picture, ground = timeline.grab().toImage(), QColor(RAISED)
    bands = {band.name: band for band in timeline._content.bands()}

    def drawn(name: str, seconds: float) -> list[float]:
        """How far down its band, 0 to 1, something is drawn at a moment."""
        band, x = bands[name], round(timeline.view.x_of(seconds))
        rows = range(1, round(band.height) - 1)
        colours = [picture.pixelColor(x, round(band.top) + row) for row in rows]
        apart = [abs(c.red() - ground.red()) + abs(c.green() - ground.green()) for c in colours]
        return [row / band.height for row, far in zip(rows, apart, strict=True) if far > 40]

    assert len(drawn("confidence", 0.6)) < 0.6 * len(drawn("confidence", 2.2))
    assert min(drawn("confidence", 0.6)) > 0.6, "it fills its band from below"
    assert np.mean(drawn("distance", 0.6)) < 0.45
    assert np.mean(drawn("distance", 2.2)) > 0.55


def test_a_short_alarm_of_a_long_recording_is_drawn(make_replay: MakeReplay, qtbot: QtBot) -> None:
    window = make_replay(FakeRecorded("long", 9000))
    read(window, qtbot)
    timeline = window.panes[0].timeline
    assert timeline.data is not None
    assert len(timeline.data.times_s) == 4000
    band = next(band for band in timeline._content.bands() if band.name == "alarms")
    picture, y = timeline.grab().toImage(), round(band.top + band.height - 2)
    x = round(timeline.view.x_of(30 / 20))
    assert max(picture.pixelColor(near, y).red() for near in range(x - 2, x + 3)) > 120


def test_a_loop_drawn_with_shift_is_gone_round_until_it_is_given_up(
    make_replay: MakeReplay, qtbot: QtBot, clock: ManualClock
) -> None:
    window = make_replay(FakeRecorded())
    timeline, shift = window.panes[0].timeline, Qt.KeyboardModifier.ShiftModifier
    qtbot.mousePress(timeline, LEFT, shift, at(window, 1.0))
    qtbot.mouseMove(timeline, at(window, 2.0))
    qtbot.mouseRelease(timeline, LEFT, shift, at(window, 2.0))
    assert window.transport.loop == pytest.approx((1.0, 2.0), abs=0.01)
    assert window.actions_by_name["loop"].isChecked()
    assert window.transport.now_s() == pytest.approx(1.0, abs=0.01)
    qtbot.keyClick(window, Qt.Key.Key_Space)
    clock.advance(2.26)
    shows(window, qtbot, 25)
    qtbot.keyClick(window, Qt.Key.Key_L)
    clock.advance(10.0)
    shows(window, qtbot, 59)
    assert window.transport.loop is None


def test_brackets_choose_the_loop_and_a_slip_is_none(make_replay: MakeReplay, qtbot: QtBot) -> None:
    window = make_replay(FakeRecorded())
    window.go(0.5)
    qtbot.keyClick(window, Qt.Key.Key_BracketLeft)
    window.go(1.5)
    qtbot.keyClick(window, Qt.Key.Key_BracketRight)
    assert window.transport.loop == pytest.approx((0.5, 1.5))
    window.go(0.55)
    qtbot.keyClick(window, Qt.Key.Key_BracketRight)
    assert window.transport.loop == pytest.approx((0.5, 1.5))
    assert "too short" in said(window)


def test_speeds_reach_from_a_tenth_to_eight(make_replay: MakeReplay, qtbot: QtBot, clock: ManualClock) -> None:
    window = make_replay(FakeRecorded(count=400))
    for _ in range(9):
        qtbot.keyClick(window, Qt.Key.Key_Plus)
    qtbot.keyClick(window, Qt.Key.Key_Space)
    clock.advance(1.01)
    shows(window, qtbot, 161)
    assert "×8" in window.bar.status.text
    for _ in range(9):
        qtbot.keyClick(window, Qt.Key.Key_Minus)
    window.look()
    assert "×0.1" in window.bar.status.text


def wheel(widget: QWidget, place: QPoint, steps: int) -> None:
    event = QWheelEvent(
        QPointF(place), QPointF(widget.mapToGlobal(place)), QPoint(), QPoint(0, 120 * steps), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(widget, event)


def test_the_wheel_looks_closer_at_what_is_under_the_pointer(make_replay: MakeReplay, qtbot: QtBot) -> None:
    window = make_replay(FakeRecorded("long", 1201))
    timeline = window.panes[0].timeline
    assert timeline.shown_s == (0.0, 60.0)
    place = at(window, 20.0)
    wheel(timeline, place, 3)
    start, stop = timeline.shown_s
    assert stop - start == pytest.approx(60 / 1.25**3)
    assert timeline.view.seconds_of(place.x()) == pytest.approx(20.0, abs=0.05)
    qtbot.mousePress(timeline, RIGHT, pos=place)
    qtbot.mouseMove(timeline, place - QPoint(100, 0))
    qtbot.mouseRelease(timeline, RIGHT, pos=place - QPoint(100, 0))
    assert timeline.shown_s[0] > start
    window.go(55.0)  # a head that leaves takes along what is shown
    assert timeline.shown_s[0] <= 55.0 <= timeline.shown_s[1]
    wheel(timeline, place, -20)
    assert timeline.shown_s == (0.0, 60.0)


def test_two_sessions_are_aligned_by_each_event_both_have(
    make_replay: MakeReplay, qtbot: QtBot, clock: ManualClock
) -> None:
    first, second = two(first=[(1.0, "injected"), (2.0, "twitch")], second=[(2.5, "injected"), (3.0, "paraesthesia")])
    window = make_replay(first, second)
    read(window, qtbot)
    qtbot.keyClick(window, Qt.Key.Key_A)
    assert said(window) == "aligned by: needle found"
    qtbot.keyClick(window, Qt.Key.Key_A)
    assert said(window) == "aligned by: injected"
    shows(window, qtbot, 20, pane=0)
    shows(window, qtbot, 50, pane=1)
    one, other = (pane.timeline for pane in window.panes)
    assert one.view.x_of(1.0) == pytest.approx(other.view.x_of(2.5))
    assert [pane.name.text() for pane in window.panes] == ["first", "second"]
    qtbot.keyClick(window, Qt.Key.Key_Space)
    clock.advance(0.51)
    shows(window, qtbot, 30, pane=0)
    shows(window, qtbot, 60, pane=1)
    qtbot.keyClick(window, Qt.Key.Key_Home)
    shows(window, qtbot, 0, pane=1)  # the second begins before the first
    assert window.panes[0].name.text() == "first – has not begun: its first picture"
    assert window.panes[1].name.text() == "second"
    assert one.words_at(one.view.x_of(-1.0)) == "-1.00 s"
    assert "confidence" in other.words_at(other.view.x_of(0.5))
    qtbot.mouseClick(other, LEFT, pos=at(window, 3.02, pane=1))
    shows(window, qtbot, 60, pane=1)
    shows(window, qtbot, 30, pane=0)
    qtbot.keyClick(window, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    shows(window, qtbot, 61, pane=1)
    qtbot.keyClick(window, Qt.Key.Key_A)
    assert "first frames" in said(window)
    assert window.panes[1].offset_s == 0.0


def test_one_session_cannot_be_aligned(make_replay: MakeReplay, qtbot: QtBot) -> None:
    window = make_replay(FakeRecorded())
    qtbot.keyClick(window, Qt.Key.Key_A)
    assert "needs two sessions" in said(window)


def test_a_side_channel_has_a_line_and_its_value_is_said(make_replay: MakeReplay, qtbot: QtBot) -> None:
    recorded = FakeRecorded()
    times = np.arange(0, 3_000_000_000, 500_000_000)
    recorded.sides = (SideTrack("current", "mA", times, np.arange(len(times)) / 10.0),)
    window = make_replay(recorded)
    timeline = window.panes[0].timeline
    assert "side 0" in [band.name for band in timeline._content.bands()]
    assert "current 0.3 mA" in timeline.words_at(timeline.view.x_of(1.6))


def test_stepping_back_over_frames_that_were_shown_reads_none_again(make_replay: MakeReplay, qtbot: QtBot) -> None:
    recorded = FakeRecorded()
    window = make_replay(recorded)
    shows(window, qtbot, 0)
    for index in (1, 2, 3):
        qtbot.keyClick(window, Qt.Key.Key_Right)
        shows(window, qtbot, index)
    for index in (2, 1, 0):
        qtbot.keyClick(window, Qt.Key.Key_Left)
        shows(window, qtbot, index)
    assert recorded.read == [0, 1, 2, 3]


def test_frames_are_read_ahead_while_it_plays(make_replay: MakeReplay, qtbot: QtBot, clock: ManualClock) -> None:
    recorded = FakeRecorded()
    window = make_replay(recorded)
    shows(window, qtbot, 0)
    qtbot.keyClick(window, Qt.Key.Key_Space)
    clock.advance(0.051)
    shows(window, qtbot, 1)
    qtbot.waitUntil(lambda: {2, 3, 4, 5} <= set(recorded.read), timeout=60_000)
    clock.advance(0.05)
    window.look()
    scene = window.panes[0].canvas.shown.scene
    assert scene is not None
    assert scene.frame.seq == 2  # there at once


def look_for(window: ReplayWindow, side: SidePicture, wanted: NDArray[np.uint8]) -> bool:
    window.look()
    return side.pixels is not None and np.array_equal(side.pixels, wanted)


def test_a_second_camera_is_shown_in_step_and_hidden_by_a_key(
    make_replay: MakeReplay, qtbot: QtBot, tmp_path: Path
) -> None:
    writer = SideWriter(tmp_path, "hands", SideInfo(SideKind.VIDEO, "grabber:1"))
    frames = [replace(make_frame(seq), t_capture_ns=round(seq * 0.25e9)) for seq in range(10)]
    for frame in frames:
        writer.write(frame)
    writer.close()
    recorded = FakeRecorded()
    recorded.side_videos = side_videos(tmp_path)
    window = make_replay(recorded)
    side = window.panes[0].side
    assert side is not None
    window.go(1.3)

    def is_there() -> bool:
        return look_for(window, side, frames[5].pixels)

    qtbot.waitUntil(is_there, timeout=60_000)
    canvas = window.panes[0].canvas
    assert canvas.rect().contains(side.geometry())
    window.go(2.95)  # its last picture is 0.7 s old
    qtbot.waitUntil(lambda: look_for(window, side, frames[9].pixels), timeout=60_000)
    recorded.frame_count = 80  # it stopped 1.7 s before the end
    window.transport.set_span(0.0, 3.95)
    window.go(3.95)
    assert side.pixels is None
    window.go(1.3)
    qtbot.waitUntil(is_there, timeout=60_000)
    qtbot.keyClick(window, Qt.Key.Key_V)
    assert not side.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_V)
    assert side.isVisible()


def test_what_is_missing_is_said_until_it_is_read(make_replay: MakeReplay, qtbot: QtBot) -> None:
    recorded = FakeRecorded()
    recorded.warnings = ("3 frames that were written are lost: 7–9", "scenes.jsonl differs")
    window = make_replay(recorded)
    assert said(window) == "attempt 1: 3 frames that were written are lost: 7–9 (1 more)"
    qtbot.keyClick(window, Qt.Key.Key_B)
    assert said(window) == "bookmark kept"
    for text in ("attempt 1: 3 frames that were written are lost: 7–9 (1 more)", "attempt 1: scenes.jsonl differs", ""):
        qtbot.mouseClick(window.bar.status, LEFT)
        assert said(window) == text
