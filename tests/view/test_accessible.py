"""Every control says to a screen reader what it is, and is large enough for a gloved finger."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QCheckBox,
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QLineEdit,
    QListWidget,
    QProgressBar,
    QScrollBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from fake_feed import FakeFeed, FakeRecorded
from rtguide.app.block_plans import block_plans
from rtguide.clock import ManualClock
from rtguide.view.canvas import VideoCanvas
from rtguide.view.live_window import LiveSettings, LiveWindow
from rtguide.view.replay_window import ReplayWindow
from rtguide.view.theme import touch_px
from window_looks import at

pytestmark = pytest.mark.qt

CONTROLS = (
    QAbstractButton,
    QLineEdit,
    QComboBox,
    QDoubleSpinBox,
    QListWidget,
    QAbstractSlider,
    QProgressBar,
    VideoCanvas,
)
OF_QT = ("qt_spinbox_lineedit", "qt_toolbar_ext_button")


def nameless(root: QWidget) -> list[str]:
    """Controls of ours without a name: their own accessible one, or the words they show."""
    found = []
    for control in root.findChildren(QWidget):
        if not isinstance(control, CONTROLS) or isinstance(control, QScrollBar):
            continue
        parent = control.parentWidget()
        if control.objectName() in OF_QT or isinstance(parent, (QComboBox, QDoubleSpinBox, QScrollBar)):
            continue
        words = control.text() if isinstance(control, QAbstractButton) else ""
        if not (control.accessibleName() or words).strip():
            found.append(f"{type(control).__name__} in {type(parent).__name__}")
    return found


@pytest.fixture
def window(qtbot: QtBot, clock: ManualClock, tmp_path: Path):
    one = LiveWindow(FakeFeed(at(clock)), clock, LiveSettings(tmp_path, blocks=block_plans()))
    one._timer.stop()
    one.show()
    yield one
    one.close()


def test_every_control_of_the_bedside_window_has_a_name(window: LiveWindow, clock: ManualClock) -> None:
    window.procedure.begin_or_finish()
    window.procedure.panel.choose(window.procedure.panel._plans[0].name)
    for name in ("details", "beside", "second", "events"):
        window.actions_by_name[name].trigger()
    window.look()
    assert nameless(window) == []


@pytest.mark.parametrize("name", ["open", "help", "settings", "about"])
def test_every_control_of_a_dialog_has_a_name(window: LiveWindow, name: str) -> None:
    window.actions_by_name[name].trigger()
    (dialog,) = window.findChildren(QDialog)
    assert dialog.windowTitle()
    assert nameless(dialog) == []
    dialog.reject()


def test_the_search_finds_a_nameless_control(window: LiveWindow) -> None:
    QLineEdit(window.bar)
    QCheckBox("", window.bar)
    assert nameless(window.bar) == ["QLineEdit in BottomBar", "QCheckBox in BottomBar"]


def test_every_control_of_the_replay_window_has_a_name(clock: ManualClock, qtbot: QtBot) -> None:
    replay = ReplayWindow((FakeRecorded(),), clock)
    replay._timer.stop()
    replay.show()
    assert nameless(replay) == []
    replay.close()


def test_what_is_pressed_is_at_least_12_mm_high(window: LiveWindow) -> None:
    side = touch_px(window)
    for action in ("events",):
        window.actions_by_name[action].trigger()
    window.look()
    pressed = [
        b for b in window.findChildren(QAbstractButton) if b.isVisible() and not isinstance(b.parent(), QScrollBar)
    ]
    assert len(pressed) > 12
    assert [b.text() for b in pressed if b.height() < side] == []
