"""A blinded rater's window: clips play, answers are saved at once, a begun sheet goes on."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from rtguide.errors import RecordingError
from rtguide.training.rating import Answer, blank_sheet, read_begun_sheet, read_sheet, sheet_text
from rtguide.training.rubric import CheckKind, read_rubric
from rtguide.view.rate_window import RateWindow

RUBRIC = read_rubric(None)
CODES = ("clip-310", "clip-120", "clip-777")
pytestmark = pytest.mark.qt


class Clip:
    """Ten frames; the last one of the third cannot be read."""

    open_count = 0

    def __init__(self, code: str) -> None:
        self.code, self.frame_count, self.rate_hz = code, 10, 100.0
        Clip.open_count += 1

    def pixels(self, index: int) -> NDArray[np.uint8]:
        if self.code == CODES[2] and index == 9:
            raise RecordingError("its picture is damaged")
        return np.full((40, 60), 10 + index, np.uint8)

    def close(self) -> None:
        Clip.open_count -= 1


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    path = tmp_path / "sheet.toml"
    path.write_text(blank_sheet(RUBRIC, CODES, "ann"), encoding="utf-8")
    return path


def window_on(sheet: Path, qtbot: QtBot, refusals: list[str] | None = None) -> RateWindow:
    def save(now: Mapping[str, Mapping[str, Answer]]) -> None:
        if refusals:
            raise RecordingError(refusals[0])
        sheet.write_text(sheet_text(RUBRIC, now, "ann"), encoding="utf-8")

    window = RateWindow(RUBRIC.checklist, read_begun_sheet(sheet, RUBRIC), Clip, save)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    return window


def press(window: RateWindow, qtbot: QtBot, key: str, value: Answer) -> None:
    (button,) = [one for one in window.groups[key].buttons() if one.property("answer") == value]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_every_answer_is_saved_and_a_begun_sheet_goes_on(sheet: Path, qtbot: QtBot) -> None:
    window = window_on(sheet, qtbot)
    press(window, qtbot, "tissue", 4)
    assert read_begun_sheet(sheet, RUBRIC)[CODES[0]] == {"tissue": 4}
    press(window, qtbot, "tissue", 2)
    press(window, qtbot, "probe_moved", False)
    window.close()
    again = window_on(sheet, qtbot)
    assert again.answers[CODES[0]] == {"tissue": 2, "probe_moved": False}
    checked = [one.text() for one in again.groups["tissue"].buttons() if one.isChecked()]
    assert checked == ["2"]
    for at in range(3):
        for item in RUBRIC.checklist:
            press(again, qtbot, item.key, 3 if item.kind is CheckKind.SCALE else True)
        assert "complete   |" in again.state.text()
        if at < 2:
            again.on.click()
            assert not any(one.isChecked() for group in again.groups.values() for one in group.buttons())
    assert "3 clips complete" in again.state.text()
    assert set(read_sheet(sheet, RUBRIC)) == set(CODES)
    assert not again.on.isEnabled()
    again.close()
    assert Clip.open_count == 0


def test_a_clip_plays_to_its_end_and_what_cannot_be_read_is_black_and_said(sheet: Path, qtbot: QtBot) -> None:
    window = window_on(sheet, qtbot)
    qtbot.keyClick(window, Qt.Key.Key_Space)
    assert window.is_playing
    qtbot.waitUntil(lambda: window.frame == 9 and not window.is_playing, timeout=60_000)
    assert window.picture.pixels[0, 0] == 19
    window.go(2)
    assert (window.frame, window.slider.value()) == (0, 0)
    window.slider.setValue(9)
    assert not window.picture.pixels.any()
    assert "its picture is damaged" in window.trouble.text()
    assert all(button.accessibleName() or button.text() for button in window.findChildren(QPushButton))
    window.close()


def test_what_cannot_be_saved_is_said_and_tried_again(sheet: Path, qtbot: QtBot) -> None:
    refusals = ["the disk is full; make room"]
    window = window_on(sheet, qtbot, refusals)
    press(window, qtbot, "tissue", 5)
    assert "NOT SAVED: the disk is full" in window.trouble.text()
    assert read_begun_sheet(sheet, RUBRIC)[CODES[0]] == {}
    refusals.clear()
    window.close()
    assert read_begun_sheet(sheet, RUBRIC)[CODES[0]] == {"tissue": 5}
