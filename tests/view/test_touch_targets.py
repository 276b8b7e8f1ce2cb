"""Everything that is pressed is at least 12 mm: a gloved finger has no corners."""

import pytest
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QToolButton
from pytestqt.qtbot import QtBot

from rtguide.clock import ManualClock
from rtguide.view.theme import touch_px
from window_looks import MakeWindow, at

pytestmark = pytest.mark.qt


def test_buttons_are_large_enough_for_a_gloved_finger(make_window: MakeWindow, clock: ManualClock) -> None:
    window, _ = make_window(at(clock))
    side = touch_px(window)
    assert side >= 28
    for button in window.findChildren(QToolButton):
        assert min(button.width(), button.height()) >= side
        assert button.accessibleName()


def test_everything_that_is_pressed_in_a_procedure_is_large_enough(
    make_window: MakeWindow, clock: ManualClock, qtbot: QtBot
) -> None:
    """Buttons, lines and rows of every page and panel: 12 mm at least, at the window's smallest usual size."""
    window, _ = make_window(at(clock))
    side = touch_px(window)
    pages = (
        window.procedure.scale_panel,
        window.procedure.panel,
        window.procedure.stop_page,
        window.procedure.done_page,
        window.events.panel,
        window.start_page,
    )
    for page in pages:
        pressed = [*page.findChildren(QAbstractButton), *page.findChildren(QLineEdit)]
        assert pressed
        for widget in pressed:
            if widget.objectName() != "qt_spinbox_lineedit":
                assert widget.sizeHint().height() >= side or widget.minimumHeight() >= side, widget
