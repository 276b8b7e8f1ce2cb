"""Pointing at the needle in the live window."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from rtguide.clock import ManualClock
from window_looks import MakeWindow, at, drag

pytestmark = pytest.mark.qt


def test_the_needle_is_pointed_at_by_a_click_or_a_drawn_line(
    make_window: MakeWindow, clock: ManualClock, qtbot: QtBot
) -> None:
    window, feed = make_window(at(clock))
    scene, fit = feed.scene, window.canvas.fit()
    assert scene is not None
    assert fit is not None
    qtbot.keyClick(window, Qt.Key.Key_M)
    qtbot.keyClick(window, Qt.Key.Key_N)
    assert "click on the needle" in window.bar.status.notice
    place = QPoint(*(round(v) for v in fit.view_from_image((300.0, 200.0))))
    qtbot.mouseClick(window.canvas, Qt.MouseButton.LeftButton, pos=place)
    assert "believed there sooner" in window.bar.status.notice
    qtbot.keyClick(window, Qt.Key.Key_N)
    drag(window, qtbot, (420.0, 90.0), (300.0, 200.0))
    assert feed.marks == []
    assert not window.marks.choice.isVisible()
    (click, where), (line, _) = feed.hints
    assert where is scene.frame
    assert np.array(click.points_px) == pytest.approx(np.array([[300.0, 200.0]]), abs=1.5)
    assert np.array(line.points_px) == pytest.approx(np.array([[420.0, 90.0], [300.0, 200.0]]), abs=1.5)
    assert [kind for kind, _ in feed.events] == ["needle pointed at"] * 2
    clock.advance(4.1)
    window.look()
    assert "believed" not in window.bar.status.notice


def test_escape_ends_pointing_and_a_click_points_at_nothing_then(
    make_window: MakeWindow, clock: ManualClock, qtbot: QtBot
) -> None:
    window, feed = make_window(at(clock))
    qtbot.keyClick(window, Qt.Key.Key_N)
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    drag(window, qtbot, (420.0, 90.0), (300.0, 200.0))
    assert window.marks.choice.isVisible(), "a box is marked again"
    assert feed.hints == []
