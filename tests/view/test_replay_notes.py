"""What a trainer adds in the replay window: bookmarks, notes, drawings, beside a recording that stays as it is."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from fake_feed import FakeRecorded
from replay_looks import LEFT, MakeReplay, added, at, read, said, shows, two
from rtguide.clock import ManualClock
from rtguide.recording.annotations import Annotation, AnnotationKind, Annotations
from rtguide.view.drawing import DRAWN

pytestmark = pytest.mark.qt


def test_bookmarks_and_notes_are_kept_beside_the_recording_and_found_again(
    make_replay: MakeReplay, qtbot: QtBot
) -> None:
    recorded = FakeRecorded()
    window = make_replay(recorded)
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


def test_a_note_that_is_given_up_leaves_nothing(make_replay: MakeReplay, qtbot: QtBot) -> None:
    recorded = FakeRecorded()
    window = make_replay(recorded)
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


def test_a_drawing_lies_on_its_frame_in_its_pixels_and_can_be_taken_back(make_replay: MakeReplay, qtbot: QtBot) -> None:
    recorded = FakeRecorded()
    window = make_replay(recorded)
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


def test_what_was_added_before_can_be_removed_at_its_frame(make_replay: MakeReplay, qtbot: QtBot) -> None:
    recorded = FakeRecorded()
    recorded.annotations.add(AnnotationKind.BOOKMARK, recorded.seq(5))
    window = make_replay(recorded)
    qtbot.keyClick(window, Qt.Key.Key_Delete)
    assert "nothing was added to this frame" in said(window)
    window.go(0.25)
    qtbot.keyClick(window, Qt.Key.Key_Delete)
    assert added(recorded) == []


def test_a_folder_that_cannot_be_written_is_said(make_replay: MakeReplay, qtbot: QtBot) -> None:
    recorded = FakeRecorded()
    (recorded.folder / "annotations.jsonl").mkdir()
    window = make_replay(recorded)
    qtbot.keyClick(window, Qt.Key.Key_B)
    assert "cannot be written" in said(window)
    assert not [mark for mark in window.panes[0].timeline.marks if mark.number is not None]


def test_words_that_cannot_be_kept_stay_to_be_kept_later(make_replay: MakeReplay, qtbot: QtBot) -> None:
    recorded = FakeRecorded()
    (recorded.folder / "annotations.jsonl").mkdir()
    window = make_replay(recorded)
    qtbot.keyClick(window, Qt.Key.Key_N)
    qtbot.keyClicks(window.notes.line, "tip lost")
    qtbot.keyClick(window.notes.line, Qt.Key.Key_Return)
    assert "cannot be written" in said(window)
    assert window.notes.line.isVisible()
    (recorded.folder / "annotations.jsonl").rmdir()
    qtbot.keyClick(window.notes.line, Qt.Key.Key_Return)
    assert not window.notes.line.isVisible()
    assert added(recorded) == [(AnnotationKind.NOTE, 0, "tip lost")]


def test_a_note_belongs_to_the_frame_and_session_it_was_begun_on(make_replay: MakeReplay, qtbot: QtBot) -> None:
    first, second = two(first=[], second=[])
    window = make_replay(first, second)
    window.go(1.0)
    index = window.panes[0].index
    qtbot.keyClick(window, Qt.Key.Key_N)
    qtbot.keyClicks(window.notes.line, "here")
    window.notes.choose(window.panes[1])
    window.go(2.0)
    window.notes.begin_note()
    qtbot.keyClick(window.notes.line, Qt.Key.Key_Return)
    assert added(first) == [(AnnotationKind.NOTE, index, "here")]
    assert added(second) == []


def test_what_is_added_goes_to_the_session_that_was_chosen(make_replay: MakeReplay, qtbot: QtBot) -> None:
    first, second = two(first=[], second=[])
    window = make_replay(first, second)
    qtbot.keyClick(window, Qt.Key.Key_B)
    qtbot.keyClick(window, Qt.Key.Key_Tab)
    qtbot.keyClick(window, Qt.Key.Key_B)
    assert (len(added(first)), len(added(second))) == (1, 1)
    qtbot.mouseClick(window.panes[0].timeline, LEFT, pos=at(window, 1.02))
    qtbot.keyClick(window, Qt.Key.Key_B)
    assert added(first)[1] == (AnnotationKind.BOOKMARK, 20, "")


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
