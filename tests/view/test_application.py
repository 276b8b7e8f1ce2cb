"""How a window runs: what it changes in Python while it is open, and that it leaves everything as it was."""

import sys

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

from rtguide.view.application import SWITCH_EVERY_S, after, run


def test_threads_take_short_turns_while_a_window_is_open_and_the_usual_ones_after_it(qapp: QApplication) -> None:
    before_s = sys.getswitchinterval()
    window, found = QWidget(), []
    window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

    def look_and_close() -> None:
        found.append(sys.getswitchinterval())
        window.close()
        qapp.quit()

    after(window, 0.01, look_and_close)
    run(qapp, window)
    assert found == [pytest.approx(SWITCH_EVERY_S)]
    assert before_s > 2 * SWITCH_EVERY_S
    assert sys.getswitchinterval() == pytest.approx(before_s)
