"""What the tests of the live window look at."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

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
