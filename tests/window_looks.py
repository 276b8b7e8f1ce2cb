"""What the tests of the live window look at."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from fake_feed import FakeFeed
from rtguide.clock import ManualClock
from rtguide.model.scene import Scene
from rtguide.view.live_window import LiveWindow
from synthetic_scenes import Wish, scene

Opened = list[FakeFeed]
MakeWindow = Callable[..., tuple[LiveWindow, FakeFeed]]


def at(clock: ManualClock, wish: Wish | None = None) -> Scene:
    """A scene captured now."""
    return scene(replace(wish or Wish(), t_capture_ns=clock.now_ns()))


def painted(window: LiveWindow) -> NDArray[np.uint8]:
    """What the canvas shows, uint8 (h, w, 3)."""
    image = window.canvas.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width() * 3].reshape(image.height(), image.width(), 3).copy()


def drag(window: LiveWindow, qtbot: QtBot, start: tuple[float, float], stop: tuple[float, float]) -> None:
    """Drag the mouse over the picture, from one place in image pixels to another."""
    fit = window.canvas.fit()
    assert fit is not None
    first, last = (QPoint(*(round(v) for v in fit.view_from_image(p))) for p in (start, stop))
    qtbot.mousePress(window.canvas, Qt.MouseButton.LeftButton, pos=first)
    qtbot.mouseMove(window.canvas, (first + last) / 2)
    qtbot.mouseRelease(window.canvas, Qt.MouseButton.LeftButton, pos=last)
