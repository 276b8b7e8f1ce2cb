"""The ground-truth editor by keys and mouse: what is marked is saved at once, can be undone, and is never lost."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from rtguide import RESEARCH_NOTICE
from rtguide.errors import RecordingError
from rtguide.training.annotation import Annotation, Clip, TipSight
from rtguide.training.annotation_file import read_annotation, write_annotation
from rtguide.view.annotate_window import AnnotateWindow
from rtguide.view.annotation_marks import AnnotationMarks

CLIP = Clip("clip.mkv", (200, 300), 21, 25.0, 0.1)
BROKEN = 13
pytestmark = pytest.mark.qt


class Editor:
    """The window and what presses its keys."""

    def __init__(self, qtbot: QtBot, path: Path, lines: Sequence[dict[str, Any]] = ()) -> None:
        self.qtbot, self.path, self.is_full = qtbot, path, False
        marks = AnnotationMarks(Annotation(CLIP, "ann"), self._save)
        self.window = AnnotateWindow(marks, self._read, ("nerve", "artery"), lines)
        qtbot.addWidget(self.window)
        self.window.show()
        qtbot.waitExposed(self.window)

    def _read(self, index: int) -> NDArray[np.uint8]:
        if index == BROKEN:
            raise RecordingError("its picture is damaged")
        return np.full((200, 300), 5 * index, np.uint8)

    def _save(self, annotation: Annotation) -> None:
        if self.is_full:
            raise RecordingError("the disk is full; make room")
        write_annotation(annotation, self.path)

    def press(self, *keys: Qt.Key, ctrl: bool = False) -> None:
        modifier = Qt.KeyboardModifier.ControlModifier if ctrl else Qt.KeyboardModifier.NoModifier
        for key in keys:
            self.qtbot.keyClick(self.window, key, modifier)

    def click(self, *points: tuple[float, float], button: Qt.MouseButton = Qt.MouseButton.LeftButton) -> None:
        for point in points:
            self.qtbot.mouseClick(self.window.canvas, button, pos=self.window.canvas.view_point(point).toPoint())


@pytest.fixture
def editor(qtbot: QtBot, tmp_path: Path) -> Editor:
    return Editor(qtbot, tmp_path / "ann.json")


def test_tip_shaft_and_outline_by_mouse_and_keys(editor: Editor) -> None:
    editor.click((100.0, 80.0))
    editor.press(Qt.Key.Key_S)
    editor.click((10.0, 20.0), (50.0, 50.0), (100.0, 80.0))
    editor.press(Qt.Key.Key_Return, Qt.Key.Key_2)
    editor.click((150.0, 100.0), (200.0, 100.0), (200.0, 140.0), (20.0, 20.0))
    editor.click((20.0, 20.0), button=Qt.MouseButton.RightButton)
    editor.press(Qt.Key.Key_Return)
    key = read_annotation(editor.path).key(0)
    assert key is not None
    assert key.tip is TipSight.VISIBLE
    assert np.allclose(key.tip_px or (), (100, 80), atol=0.6)
    assert len(key.shaft_px) == 3
    assert np.allclose(key.outlines_px["artery"], [(150, 100), (200, 100), (200, 140)], atol=0.6)


def test_states_frames_and_interpolation(editor: Editor) -> None:
    editor.press(Qt.Key.Key_V)
    assert "click on the tip" in editor.window.trouble.text()
    editor.click((100.0, 80.0))
    editor.press(*[Qt.Key.Key_Right] * 4)
    editor.click((120.0, 80.0))
    editor.press(Qt.Key.Key_Left, Qt.Key.Key_Left)
    assert "interpolated" in editor.window.state.text()
    assert read_annotation(editor.path).key(2) is None
    editor.press(Qt.Key.Key_I)
    assert "nothing marked" in editor.window.state.text()
    editor.press(Qt.Key.Key_A)
    between = read_annotation(editor.path).key(2)
    assert between is not None
    assert np.allclose(between.tip_px or (), (110, 80), atol=0.6)
    editor.press(Qt.Key.Key_End, Qt.Key.Key_X)
    editor.press(Qt.Key.Key_J)
    assert editor.window.frame == 4
    editor.press(Qt.Key.Key_H)
    keys = read_annotation(editor.path).keys
    assert [(key.frame, key.tip) for key in keys] == [
        (0, TipSight.VISIBLE), (2, TipSight.VISIBLE), (4, TipSight.HIDDEN), (20, TipSight.ABSENT),
    ]  # fmt: skip
    editor.press(Qt.Key.Key_Delete)
    assert read_annotation(editor.path).key(4) is None


def test_undo_and_redo_are_saved_too(editor: Editor) -> None:
    editor.click((100.0, 80.0), (50.0, 60.0))
    editor.press(Qt.Key.Key_Z, ctrl=True)
    key = read_annotation(editor.path).key(0)
    assert key is not None
    assert np.allclose(key.tip_px or (), (100, 80), atol=0.6)
    editor.press(Qt.Key.Key_Y, ctrl=True)
    key = read_annotation(editor.path).key(0)
    assert key is not None
    assert np.allclose(key.tip_px or (), (50, 60), atol=0.6)
    editor.press(Qt.Key.Key_Z, Qt.Key.Key_Z, Qt.Key.Key_Z, ctrl=True)
    assert read_annotation(editor.path).keys == ()


def test_what_cannot_be_saved_is_said_kept_and_asked_about(editor: Editor, monkeypatch: pytest.MonkeyPatch) -> None:
    editor.is_full = True
    editor.click((100.0, 80.0))
    assert "disk is full" in editor.window.trouble.text()
    assert "NOT SAVED" in editor.window.state.text()
    asked: list[str] = []

    def answer(*given: object, **_: object) -> QMessageBox.StandardButton:
        asked.append(str(given[2]))
        return QMessageBox.StandardButton.Cancel

    monkeypatch.setattr(QMessageBox, "warning", answer)
    assert not editor.window.close()
    assert "disk is full" in asked[0]
    editor.is_full = False
    editor.press(Qt.Key.Key_S, ctrl=True)
    assert "NOT SAVED" not in editor.window.state.text()
    assert len(read_annotation(editor.path).keys) == 1
    assert editor.window.close()


def test_on_a_frame_that_cannot_be_read_nothing_is_shown_or_marked(editor: Editor) -> None:
    editor.window.go(12)
    editor.window.go(BROKEN)
    editor.press(Qt.Key.Key_H, Qt.Key.Key_X, Qt.Key.Key_A)
    editor.click((100.0, 80.0))
    assert editor.window.marks.annotation.key(BROKEN) is None
    assert editor.window.trouble.text() == f"frame {BROKEN}: its picture is damaged"
    assert not editor.window._pixels.any(), "the picture of the frame before"
    editor.window.go(BROKEN + 1)
    editor.click((100.0, 80.0))
    assert editor.window.marks.annotation.key(BROKEN + 1) is not None
    assert not editor.window.trouble.isVisible()


def test_too_few_points_stay_and_it_is_said_under_the_research_notice(editor: Editor) -> None:
    editor.press(Qt.Key.Key_S)
    editor.click((10.0, 20.0))
    editor.press(Qt.Key.Key_Return)
    assert editor.window.marks.annotation.keys == ()
    assert editor.window.draft
    assert editor.window.trouble.isVisible()
    assert "needs 2 points" in editor.window.trouble.text()
    editor.click((50.0, 50.0))
    editor.press(Qt.Key.Key_Return)
    assert len(editor.window.marks.annotation.keys) == 1
    assert not editor.window.trouble.isVisible()
    assert editor.window.notice.isVisible()
    assert editor.window.notice.text() == RESEARCH_NOTICE


def test_what_was_begun_waits_in_its_frame_and_is_asked_about(editor: Editor, monkeypatch: pytest.MonkeyPatch) -> None:
    editor.press(Qt.Key.Key_1)
    editor.click((150.0, 100.0), (200.0, 100.0))
    editor.press(Qt.Key.Key_S)
    editor.click((10.0, 20.0))
    editor.press(Qt.Key.Key_Right)
    assert editor.window.draft == ()
    assert "begun: outline of nerve in frame 0, shaft in frame 0" in editor.window.state.text()
    asked: list[str] = []

    def answer(*given: object, **_: object) -> QMessageBox.StandardButton:
        asked.append(str(given[2]))
        return QMessageBox.StandardButton.Cancel

    monkeypatch.setattr(QMessageBox, "warning", answer)
    assert not editor.window.close()
    assert "outline of nerve in frame 0, shaft in frame 0" in asked[0]
    editor.press(Qt.Key.Key_Left, Qt.Key.Key_1)
    assert len(editor.window.draft) == 2
    editor.click((200.0, 140.0))
    editor.press(Qt.Key.Key_Return, Qt.Key.Key_S, Qt.Key.Key_Escape)
    key = read_annotation(editor.path).key(0)
    assert key is not None
    assert len(key.outlines_px["nerve"]) == 3
    assert editor.window.close()
    assert len(asked) == 1


def said(frame: int, state: str, tip: tuple[float, float] | None) -> dict[str, Any]:
    """A line of `rtguide track`, as far as it is compared."""
    needle = {"entry_px": [10.0, 20.0], "shaft_end_px": None, "tip": {"state": state, "px": tip and list(tip)}}
    nerve = {"name": "nerve", "box_px": [150.0, 100.0, 50.0, 40.0]}
    return {"frame": frame, "needle": needle, "targets": [nerve]}


def test_the_tracker_stands_beside_marks_and_never_before_them(qtbot: QtBot, tmp_path: Path) -> None:
    lines = [said(0, "seen", (103.0, 84.0)), said(4, "seen", (160.0, 80.0)), said(6, "none", None),
             said(8, "seen", (120.0, 80.0))]  # fmt: skip
    editor = Editor(qtbot, tmp_path / "ann.json", lines)
    panel = editor.window.compare
    assert panel is not None
    editor.press(Qt.Key.Key_R)
    assert panel.isVisible()
    assert editor.window.canvas.said is None, "shown before anything was marked"
    editor.click((100.0, 80.0))
    assert editor.window.canvas.said == lines[0]
    assert "tracker: tip seen, 0.5 mm off" in editor.window.state.text()
    for frame in (4, 6):
        editor.window.go(frame)
        assert editor.window.canvas.said is None
        editor.click((120.0, 80.0))
    editor.window.go(8)
    editor.press(Qt.Key.Key_H)
    assert [panel.list.item(row).text() for row in range(panel.list.count())] == [
        "frame 4: the tracker's tip is 4.0 mm off",
        "frame 6: marked visible, the tracker says none",
        "frame 8: marked hidden, the tracker sees a tip",
    ]
    assert "differs in 3 of 4 marked frames" in panel.head.text()
    editor.press(Qt.Key.Key_Home, Qt.Key.Key_N, Qt.Key.Key_N)
    assert editor.window.frame == 6
    editor.press(Qt.Key.Key_P)
    assert editor.window.frame == 4
    editor.press(Qt.Key.Key_R)
    assert not panel.isVisible()
    assert editor.window.canvas.said is None


def test_without_a_tracker_the_key_says_what_to_give(editor: Editor) -> None:
    editor.press(Qt.Key.Key_R)
    assert "--compare" in editor.window.trouble.text()
