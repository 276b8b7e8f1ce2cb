"""The way to millimetres: nothing can be accepted before it was read, told and named; then the feed has it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from rtguide.app import screen_calibrator
from rtguide.app.profiles import read_profiles
from rtguide.app.screen_calibrator import ScreenCalibrator
from rtguide.model.geometry import ImageGeometry, MarkSide, Provenance
from rtguide.view.scale_dialog import ScaleDialog
from ruler_screens import RulerScreen, draw_screen

pytestmark = pytest.mark.qt

DESIGN = RulerScreen(depth_text="4.0 cm")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(screen_calibrator, "profile_folder", lambda: tmp_path)
    return tmp_path


def opened(
    design: RulerScreen, qtbot: QtBot, screens: list[NDArray[np.uint8]] | None = None
) -> tuple[ScaleDialog, list[ImageGeometry]]:
    screens = [] if screens is None else screens
    screens.append(draw_screen(design))
    dialog = ScaleDialog(lambda: screens[-1], ScreenCalibrator())
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    qtbot.addWidget(dialog)
    taken: list[ImageGeometry] = []
    dialog.accepted_geometry.connect(taken.append)
    dialog.open()
    assert not dialog.accept_button.isEnabled()
    qtbot.waitUntil(lambda: dialog.scale.text() != "reading the ruler …", timeout=60_000)
    return dialog, taken


def test_read_named_accepted_and_kept(home: Path, qtbot: QtBot) -> None:
    dialog, taken = opened(DESIGN, qtbot)
    assert "480×548 px" in dialog.region.text()
    assert "= 5 mm by the numbers 1, 2, 3, 4" in dialog.scale.text()
    assert not dialog.tick_mm.isVisibleTo(dialog)
    assert "give it a name" in dialog.problem.text()
    qtbot.keyClicks(dialog.name, "Linear 4 cm")
    dialog.mark_side.setCurrentIndex(1)
    qtbot.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)
    assert taken[0].spacing_mm == pytest.approx([1 / 13.7] * 2, rel=0.005)
    assert taken[0].provenance is Provenance.RULER_ACCEPTED
    assert taken[0].is_verified
    profile = read_profiles(home)[0]
    assert profile.name == "Linear 4 cm"
    assert profile.geometry.mark_side is MarkSide.LEFT
    assert dialog.result() == QDialog.DialogCode.Accepted


def test_what_the_screen_does_not_say_the_user_must(home: Path, qtbot: QtBot) -> None:
    dialog, taken = opened(replace(DESIGN, label_unit=None, depth_text=None), qtbot)
    qtbot.keyClicks(dialog.name, "by word")
    assert not dialog.accept_button.isEnabled()
    assert "say what a tick is" in dialog.problem.text()
    dialog.tick_mm.setValue(5.0)
    qtbot.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)
    assert taken[0].provenance is Provenance.USER
    assert not read_profiles(home)[0].is_distinct


def test_a_name_that_cannot_be_used_is_said_and_nothing_is_taken(home: Path, qtbot: QtBot) -> None:
    dialog, taken = opened(DESIGN, qtbot)
    qtbot.keyClicks(dialog.name, "../x")
    qtbot.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)
    assert "is no name for a profile" in dialog.problem.text()
    assert not taken
    assert not list(home.iterdir())
    dialog.reject()


def test_a_depth_that_changes_while_it_is_asked_is_not_given_the_old_scale(home: Path, qtbot: QtBot) -> None:
    screens: list[NDArray[np.uint8]] = []
    dialog, taken = opened(DESIGN, qtbot, screens)
    qtbot.keyClicks(dialog.name, "Linear 4 cm")
    screens.append(draw_screen(replace(DESIGN, px_per_mm=9.0)))
    qtbot.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)
    assert "not the one that was read" in dialog.problem.text()
    assert not taken
    assert not list(home.iterdir())
    screens.pop()
    qtbot.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)
    assert taken


def test_a_screen_without_a_ruler_says_so(qtbot: QtBot) -> None:
    dialog = ScaleDialog(lambda: np.zeros((200, 300), np.uint8), ScreenCalibrator())
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    qtbot.addWidget(dialog)
    qtbot.waitUntil(lambda: "no ruler was found" in dialog.scale.text(), timeout=60_000)
    assert not dialog.accept_button.isEnabled()
    dialog.reject()


def test_the_whole_way_by_keyboard_alone_in_few_steps(home: Path, qtbot: QtBot) -> None:
    """Region and scale are read by themselves; mark and name are the user's: under a minute by hand."""
    dialog, taken = opened(DESIGN, qtbot)
    steps = 0

    def press(key: Qt.Key) -> None:
        nonlocal steps
        steps += 1
        widget = dialog.focusWidget() or dialog
        qtbot.keyClick(widget, key)

    while dialog.focusWidget() is not dialog.mark_side:
        press(Qt.Key.Key_Tab)
        assert steps < 8, "the mark is not reached by Tab"
    press(Qt.Key.Key_Down)
    assert dialog.mark_side.currentIndex() == 1
    press(Qt.Key.Key_Tab)
    assert dialog.focusWidget() is dialog.name
    qtbot.keyClicks(dialog.name, "Linear 4 cm")
    steps += len("Linear 4 cm")
    press(Qt.Key.Key_Return)
    assert dialog.result() == QDialog.DialogCode.Accepted
    assert taken[0].provenance is Provenance.RULER_ACCEPTED
    assert read_profiles(home)[0].geometry.mark_side is MarkSide.LEFT
    assert steps <= 18, "more key presses than half a minute has room for"
