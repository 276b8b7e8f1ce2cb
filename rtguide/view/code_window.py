"""A full-screen window that shows, in every paint, a picture made for the moment of that paint."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QColor, QGuiApplication, QImage, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from rtguide.clock import Clock

__all__ = ["CodeWindow"]

PAINT_EVERY_MS = 4
"""More often than any usual screen shows a new picture: what it shows is never older than its own period."""

FILL = 0.8
"""How much of the screen's width the code takes: a camera need not see all of the screen."""


class CodeWindow(QWidget):
    """Paints `picture_at(t_ns)`, uint8 (h, w) grey, scaled up by a whole number, with t_ns the time of the paint."""

    closed = Signal()

    def __init__(self, picture_at: Callable[[int], NDArray[np.uint8]], clock: Clock) -> None:
        super().__init__()
        self._picture_at = picture_at
        self._clock = clock
        self.text = ""
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setWindowTitle("rtguide – time code")
        self.setCursor(Qt.CursorShape.BlankCursor)
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.update)
        self._timer.start(PAINT_EVERY_MS)

    def show_on(self, screen_number: int) -> bool:
        """Fill this screen, counted from 0; false where there is none of that number."""
        screens = QGuiApplication.screens()
        if not 0 <= screen_number < len(screens):
            return False
        self.setGeometry(screens[screen_number].geometry())
        self.showFullScreen()
        return True

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the code of this moment, and a line of text below."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor("#404040"))
        pixels = np.ascontiguousarray(self._picture_at(self._clock.now_ns()))
        height, width = pixels.shape
        scale = max(1, int(min(FILL * self.width() / width, FILL * self.height() / height)))
        left, top = (self.width() - width * scale) // 2, (self.height() - height * scale) // 2
        image = QImage(pixels.data, width, height, width, QImage.Format.Format_Grayscale8)
        painter.drawImage(QRect(left, top, width * scale, height * scale), image)
        painter.setPen(QColor("white"))
        below = QRect(0, top + height * scale, self.width(), self.height() - top - height * scale)
        painter.drawText(below, int(Qt.AlignmentFlag.AlignCenter), self.text)
        painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Escape ends it."""
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Paint no more."""
        self._timer.stop()
        self.closed.emit()
        super().closeEvent(event)
