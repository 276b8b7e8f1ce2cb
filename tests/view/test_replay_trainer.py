"""What a trainer does in the replay window: timeline, loop, marks, notes, drawing, two sessions aligned."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from fake_feed import FakeRecorded
from rtguide.clock import ManualClock
from rtguide.model.side import SideInfo, SideKind
from rtguide.recording.annotations import Annotation, AnnotationKind, Annotations
from rtguide.recording.side_tracks import SideTrack
from rtguide.recording.side_video import side_videos
from rtguide.recording.sides import SideWriter
from rtguide.view.drawing import DRAWN
from rtguide.view.replay_window import ReplayWindow
from scripted import make_frame

pytestmark = pytest.mark.qt

MakeWindow = Callable[..., ReplayWindow]
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


@pytest.fixture
def make_window(qtbot: QtBot, clock: ManualClock) -> Iterator[MakeWindow]:
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


def shows(window: ReplayWindow, qtbot: QtBot, index: int, pane: int = 0) -> None:
    def is_there() -> bool:
        window.look()
        scene = window.panes[pane].canvas.shown.scene
        return scene is not None and scene.frame.seq == index

    qtbot.waitUntil(is_there, timeout=60_000)


def read(window: ReplayWindow, qtbot: QtBot) -> None:
    """Wait until every frame was looked at for the timelines."""

    def is_complete() -> bool:
        window.look()
        data = [pane.timeline.data for pane in window.panes]
        return all(one is not None and one.is_complete for one in data)

    qtbot.waitUntil(is_complete, timeout=60_000)


def at(window: ReplayWindow, seconds: float, pane: int = 0) -> QPoint:
    timeline = window.panes[pane].timeline
    return QPoint(round(timeline.view.x_of(seconds)), timeline.height() // 2)


def said(window: ReplayWindow) -> str:
    window.look()
    return window.bar.status.notice


def added(recorded: FakeRecorded) -> list[tuple[AnnotationKind, int, str]]:
    return [(one.kind, one.seq - FakeRecorded.FIRST_SEQ, one.text) for one in recorded.annotations.there]


def test_the_timeline_tells_confidence_distance_alarms_and_pictures(make_window: MakeWindow, qtbot: QtBot) -> None:
    recorded = FakeRecorded()
    recorded.said = [{"t_ns": 1_500_000_000, "kind": "injected", "amount": 5.0, "unit": "ml"}, {"kind": "timing"}]
    window = make_window(recorded)
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


def test_a_short_alarm_of_a_long_recording_is_drawn(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window(FakeRecorded("long", 9000))
    read(window, qtbot)
    timeline = window.panes[0].timeline
    assert timeline.data is not None
    assert len(timeline.data.times_s) == 4000
    band = next(band for band in timeline._content.bands() if band.name == "alarms")
    picture, y = timeline.grab().toImage(), round(band.top + band.height - 2)
    x = round(timeline.view.x_of(30 / 20))
    assert max(picture.pixelColor(near, y).red() for near in range(x - 2, x + 3)) > 120


def test_a_loop_drawn_with_shift_is_gone_round_until_it_is_given_up(
    make_window: MakeWindow, qtbot: QtBot, clock: ManualClock
) -> None:
    window = make_window(FakeRecorded())
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


def test_brackets_choose_the_loop_and_a_slip_is_none(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window(FakeRecorded())
    window.go(0.5)
    qtbot.keyClick(window, Qt.Key.Key_BracketLeft)
    window.go(1.5)
    qtbot.keyClick(window, Qt.Key.Key_BracketRight)
    assert window.transport.loop == pytest.approx((0.5, 1.5))
    window.go(0.55)
    qtbot.keyClick(window, Qt.Key.Key_BracketRight)
    assert window.transport.loop == pytest.approx((0.5, 1.5))
    assert "too short" in said(window)


def test_speeds_reach_from_a_tenth_to_eight(make_window: MakeWindow, qtbot: QtBot, clock: ManualClock) -> None:
    window = make_window(FakeRecorded(count=400))
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


def test_bookmarks_and_notes_are_kept_beside_the_recording_and_found_again(
    make_window: MakeWindow, qtbot: QtBot
) -> None:
    recorded = FakeRecorded()
    window = make_window(recorded)
    window.go(1.0)
    qtbot.keyClick(window, Qt.Key.Key_B)
    window.go(2.0)
    qtbot.keyClick(window, Qt.Key.Key_N)
    assert window.notes.line.isVisible()
    qtbot.keyClicks(window.notes.line, "tip lost here")
    qtbot.keyClick(window.notes.line, Qt.Key.Key_Return)
    assert not window.notes.line.isVisible()
    assert added(recorded) == [(AnnotationKind.BOOKMARK, 20, ""), (AnnotationKind.NOTE, 40, "tip lost here")]
    qtbot.keyClick(window, Qt.Key.Key_Home)
    read(window, qtbot)
    for key, index in (("needle found", 10), ("bookmark", 20), ("tip lost here", 40), ("tip lost here", 40)):
        qtbot.keyClick(window, Qt.Key.Key_PageDown)
        shows(window, qtbot, index)
        assert said(window) in (key, "no event or mark there")
    qtbot.keyClick(window, Qt.Key.Key_PageUp)
    shows(window, qtbot, 20)
    again = Annotations(recorded.folder, ManualClock())
    assert again.there == recorded.annotations.there


def test_a_note_that_is_given_up_leaves_nothing(make_window: MakeWindow, qtbot: QtBot) -> None:
    recorded = FakeRecorded()
    window = make_window(recorded)
    qtbot.keyClick(window, Qt.Key.Key_N)
    qtbot.keyClicks(window.notes.line, "no")
    qtbot.keyClick(window.notes.line, Qt.Key.Key_Escape)
    assert added(recorded) == []
    assert not window.notes.line.isVisible()


def draw(sheet: QWidget, qtbot: QtBot, *points: QPoint) -> None:
    qtbot.mousePress(sheet, LEFT, pos=points[0])
    for point in points[1:]:
        qtbot.mouseMove(sheet, point)
    qtbot.mouseRelease(sheet, LEFT, pos=points[-1])


def test_a_drawing_lies_on_its_frame_in_its_pixels_and_can_be_taken_back(make_window: MakeWindow, qtbot: QtBot) -> None:
    recorded = FakeRecorded()
    window = make_window(recorded)
    window.go(1.0)
    shows(window, qtbot, 20)
    canvas, sheet = window.panes[0].canvas, window.panes[0].sheet
    fit = canvas.fit()
    assert fit is not None
    points = [QPointF(*fit.view_from_image(p)).toPoint() for p in ((60.0, 60.0), (120.0, 60.0), (180.0, 90.0))]
    draw(canvas, qtbot, *points)
    assert added(recorded) == []  # without the pen the mouse is the canvas's
    qtbot.keyClick(window, Qt.Key.Key_D)
    assert not sheet.testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    draw(sheet, qtbot, *points)
    (one,) = recorded.annotations.there
    assert (one.kind, one.seq) == (AnnotationKind.DRAWING, 120)
    np.testing.assert_allclose(one.strokes_px[0], ((60, 60), (120, 60), (180, 90)), atol=1.0 / fit.scale)
    window.look()
    pixel = canvas.grab().toImage().pixelColor((points[0] + points[1]) / 2)
    assert (pixel.red(), pixel.green(), pixel.blue()) == (DRAWN.red(), DRAWN.green(), DRAWN.blue())
    window.go(0.95)
    shows(window, qtbot, 19)
    assert sheet.strokes == ()
    window.go(1.5)
    shows(window, qtbot, 30)
    assert len(sheet.strokes) == 1
    qtbot.keyClick(window, Qt.Key.Key_H)
    assert sheet.strokes == ()
    qtbot.keyClick(window, Qt.Key.Key_H)
    window.go(2.0)
    shows(window, qtbot, 40)
    assert sheet.strokes == ()
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert added(recorded) == []
    assert "taken back" in said(window)


def test_what_was_added_before_can_be_removed_at_its_frame(make_window: MakeWindow, qtbot: QtBot) -> None:
    recorded = FakeRecorded()
    recorded.annotations.add(AnnotationKind.BOOKMARK, recorded.seq(5))
    window = make_window(recorded)
    qtbot.keyClick(window, Qt.Key.Key_Delete)
    assert "nothing was added to this frame" in said(window)
    window.go(0.25)
    qtbot.keyClick(window, Qt.Key.Key_Delete)
    assert added(recorded) == []


def test_a_folder_that_cannot_be_written_is_said(make_window: MakeWindow, qtbot: QtBot) -> None:
    recorded = FakeRecorded()
    (recorded.folder / "annotations.jsonl").mkdir()
    window = make_window(recorded)
    qtbot.keyClick(window, Qt.Key.Key_B)
    assert "cannot be written" in said(window)
    assert window.panes[0].timeline.marks == ()


def wheel(widget: QWidget, place: QPoint, steps: int) -> None:
    event = QWheelEvent(
        QPointF(place), QPointF(widget.mapToGlobal(place)), QPoint(), QPoint(0, 120 * steps), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(widget, event)


def test_the_wheel_looks_closer_at_what_is_under_the_pointer(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window(FakeRecorded("long", 1201))
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


def two(*, first: list[tuple[float, str]], second: list[tuple[float, str]]) -> tuple[FakeRecorded, FakeRecorded]:
    pair = FakeRecorded("first", 60), FakeRecorded("second", 80)
    for recorded, events in zip(pair, (first, second), strict=True):
        recorded.said = [{"t_ns": round(s * 1e9), "kind": kind} for s, kind in events]
    return pair


def test_two_sessions_are_aligned_by_each_event_both_have(
    make_window: MakeWindow, qtbot: QtBot, clock: ManualClock
) -> None:
    first, second = two(first=[(1.0, "injected"), (2.0, "twitch")], second=[(2.5, "injected"), (3.0, "paraesthesia")])
    window = make_window(first, second)
    read(window, qtbot)
    qtbot.keyClick(window, Qt.Key.Key_A)
    assert said(window) == "aligned by: needle found"
    qtbot.keyClick(window, Qt.Key.Key_A)
    assert said(window) == "aligned by: injected"
    shows(window, qtbot, 20, pane=0)
    shows(window, qtbot, 50, pane=1)
    one, other = (pane.timeline for pane in window.panes)
    assert one.view.x_of(1.0) == pytest.approx(other.view.x_of(2.5))
    qtbot.keyClick(window, Qt.Key.Key_Space)
    clock.advance(0.51)
    shows(window, qtbot, 30, pane=0)
    shows(window, qtbot, 60, pane=1)
    qtbot.keyClick(window, Qt.Key.Key_Home)
    shows(window, qtbot, 0, pane=1)  # the second begins before the first
    qtbot.mouseClick(other, LEFT, pos=at(window, 3.02, pane=1))
    shows(window, qtbot, 60, pane=1)
    shows(window, qtbot, 30, pane=0)
    qtbot.keyClick(window, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    shows(window, qtbot, 61, pane=1)
    qtbot.keyClick(window, Qt.Key.Key_A)
    assert "first frames" in said(window)
    assert window.panes[1].offset_s == 0.0


def test_what_is_added_goes_to_the_session_that_was_chosen(make_window: MakeWindow, qtbot: QtBot) -> None:
    first, second = two(first=[], second=[])
    window = make_window(first, second)
    qtbot.keyClick(window, Qt.Key.Key_B)
    qtbot.keyClick(window, Qt.Key.Key_Tab)
    qtbot.keyClick(window, Qt.Key.Key_B)
    assert (len(added(first)), len(added(second))) == (1, 1)
    qtbot.mouseClick(window.panes[0].timeline, LEFT, pos=at(window, 1.02))
    qtbot.keyClick(window, Qt.Key.Key_B)
    assert added(first)[1] == (AnnotationKind.BOOKMARK, 20, "")


def test_one_session_cannot_be_aligned(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window(FakeRecorded())
    qtbot.keyClick(window, Qt.Key.Key_A)
    assert "needs two sessions" in said(window)


def test_a_side_channel_has_a_line_and_its_value_is_said(make_window: MakeWindow, qtbot: QtBot) -> None:
    recorded = FakeRecorded()
    times = np.arange(0, 3_000_000_000, 500_000_000)
    recorded.sides = (SideTrack("current", "mA", times, np.arange(len(times)) / 10.0),)
    window = make_window(recorded)
    timeline = window.panes[0].timeline
    assert "side 0" in [band.name for band in timeline._content.bands()]
    assert "current 0.3 mA" in timeline.words_at(timeline.view.x_of(1.6))


def test_stepping_back_over_frames_that_were_shown_reads_none_again(make_window: MakeWindow, qtbot: QtBot) -> None:
    recorded = FakeRecorded()
    window = make_window(recorded)
    for index in (1, 2, 3):
        qtbot.keyClick(window, Qt.Key.Key_Right)
        shows(window, qtbot, index)
    for index in (2, 1, 0):
        qtbot.keyClick(window, Qt.Key.Key_Left)
        shows(window, qtbot, index)
    assert recorded.read == [0, 1, 2, 3]


def test_frames_are_read_ahead_while_it_plays(make_window: MakeWindow, qtbot: QtBot, clock: ManualClock) -> None:
    recorded = FakeRecorded()
    window = make_window(recorded)
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


@pytest.mark.parametrize("torn", [b'{"number":9,"kind":"note"', b"\xff\n", b"{}\n"])
def test_annotations_bear_a_torn_file(tmp_path: Path, torn: bytes) -> None:
    notes = Annotations(tmp_path, ManualClock(5))
    first = notes.add(AnnotationKind.NOTE, 7, "äöü", (((1.0, 2.0), (3.0, 4.5)),))
    assert first == Annotation(1, AnnotationKind.NOTE, 7, 5, "äöü", (((1.0, 2.0), (3.0, 4.5)),))
    with (tmp_path / "annotations.jsonl").open("ab") as file:
        file.write(torn)
    again = Annotations(tmp_path, ManualClock(5))
    assert again.there == (first,)
    second = again.add(AnnotationKind.BOOKMARK, 8)
    assert Annotations(tmp_path, ManualClock()).there == (first, second)
    again.remove(1)
    again.remove(77)
    assert Annotations(tmp_path, ManualClock()).there == (second,)


def test_a_second_camera_is_shown_in_step_and_hidden_by_a_key(
    make_window: MakeWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    writer = SideWriter(tmp_path, "hands", SideInfo(SideKind.VIDEO, "grabber:1"))
    frames = [replace(make_frame(seq), t_capture_ns=round(seq * 0.25e9)) for seq in range(10)]
    for frame in frames:
        writer.write(frame)
    writer.close()
    recorded = FakeRecorded()
    recorded.side_videos = side_videos(tmp_path)
    window = make_window(recorded)
    side = window.panes[0].side
    assert side is not None
    window.go(1.3)

    def is_there() -> bool:
        window.look()
        return side.pixels is not None and np.array_equal(side.pixels, frames[5].pixels)

    qtbot.waitUntil(is_there, timeout=60_000)
    canvas = window.panes[0].canvas
    assert canvas.rect().contains(side.geometry())
    qtbot.keyClick(window, Qt.Key.Key_V)
    assert not side.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_V)
    assert side.isVisible()
