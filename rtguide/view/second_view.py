"""A second window for whoever supervises: the picture as the operator has it, or untouched; nothing to press."""

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QGuiApplication, QScreen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from rtguide.view.bottom_bar import StatusLine
from rtguide.view.canvas import Shown, VideoCanvas
from rtguide.view.status_text import Segment

__all__ = ["SecondView", "other_screen"]

_STATUS_PX = 56


def other_screen(window: QWidget) -> QScreen | None:
    """A screen that this window is not on; None where there is one screen."""
    return next((screen for screen in QGuiApplication.screens() if screen is not window.screen()), None)


class SecondView(QWidget):
    """Never takes the keyboard from the window it belongs to: keys and pedals stay the operator's."""

    def __init__(self, owner: QWidget) -> None:
        kind = Qt.WindowType.Window | Qt.WindowType.WindowDoesNotAcceptFocus
        super().__init__(owner, kind)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setWindowTitle(self.tr("rtguide – second view"))
        self.setAccessibleName(self.tr("Second view"))
        self.is_untouched = False
        self.canvas = VideoCanvas(None, self)
        self.canvas.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.status = StatusLine(self)
        self.status.setFixedHeight(_STATUS_PX)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.canvas, 1)
        column.addWidget(self.status)
        self.resize(960, 640)

    def open(self) -> None:
        """Fill another screen where there is one; else be a window beside the first."""
        owner = self.parentWidget()
        screen = None if owner is None else other_screen(owner)
        if screen is None:
            self.showNormal()
            return
        self.setGeometry(screen.geometry())
        self.showFullScreen()

    def look(self, shown: Shown, words: tuple[Segment, ...], notice: str) -> None:
        """Show what the first window shows."""
        if self.is_untouched:
            shown = replace(shown, is_overlay_hidden=True)
        if shown != self.canvas.shown:
            self.canvas.show_this(shown)
        self.status.set_segments(words)
        self.status.set_notice(notice)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """By its own frame's button: it is hidden and can be opened again."""
        event.accept()
