"""Other ways to see the same: untouched beside the overlay, on a second screen, and as plots."""

import importlib
import threading
from collections import deque
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QScreen
from PySide6.QtWidgets import QHBoxLayout, QWidget

from rtguide.view.bottom_bar import StatusLine
from rtguide.view.canvas import Shown, VideoCanvas
from rtguide.view.commands import Command
from rtguide.view.history import Sample, new_history
from rtguide.view.second_view import SecondView

__all__ = ["SIGHT_COMMANDS", "Sights"]

SIGHT_COMMANDS = (
    Command("details", "Details", ("D",), "plots: frame age, tip depth, distance, confidence", is_checkable=True),
    Command("beside", "", ("F4",), "the untouched picture beside the overlay", is_checkable=True),
    Command("second", "", ("F3",), "a second view on another screen; again: untouched; again: none"),
)

PLOTS_AFTER_MS = 2_000
"""The plots' library is loaded by then, in a thread: opening them later does not hold the window up for 0.2 s."""


class Sights(QObject):
    """Made for one window. row: where its picture stands, at the left; status: whose words the second view has."""

    troubled = Signal(str)
    """What went wrong, for the line under the picture."""

    def __init__(self, window: QWidget, row: QHBoxLayout, status: StatusLine) -> None:
        super().__init__(window)
        self._window, self._row, self._status = window, row, status
        self.history: deque[Sample] = new_history()
        self.beside: VideoCanvas | None = None
        self.second: SecondView | None = None
        self.details: QWidget | None = None
        self._loader = threading.Thread(target=_load_plots, name="rtguide-plots", daemon=True)
        QTimer.singleShot(PLOTS_AFTER_MS, self, self._loader.start)
        app = QGuiApplication.instance()
        if isinstance(app, QGuiApplication):
            app.screenRemoved.connect(self.screen_removed)

    def look(self, shown: Shown, *, is_picture: bool) -> None:
        """What the window shows now. is_picture: its page is the picture's."""
        if self.beside is not None:
            self.beside.setVisible(is_picture)
            plain = replace(shown, is_overlay_hidden=True)
            if plain != self.beside.shown:
                self.beside.show_this(plain)
        if self.second is not None and self.second.isVisible():
            self.second.look(shown, self._status.segments, self._status.notice)

    def show_details(self, is_shown: bool) -> None:
        """The plots."""
        if self.details is None:
            from rtguide.view.details import DetailsPanel  # noqa: PLC0415 - see PLOTS_AFTER_MS

            self.details = DetailsPanel(self.history, self._window)
            self._row.addWidget(self.details)
        self.details.setVisible(is_shown)

    def show_beside(self, is_shown: bool) -> None:
        """The untouched picture at the right of the other one, both as large as the room allows."""
        if is_shown and self.beside is None:
            self.beside = VideoCanvas(None, self._window)
            self.beside.setAccessibleName(self.tr("Untouched ultrasound picture"))
            self._row.insertWidget(1, self.beside, 1)
        elif not is_shown and self.beside is not None:
            self._row.removeWidget(self.beside)
            self.beside.deleteLater()
            self.beside = None

    def next_second(self) -> None:
        """Closed, as the operator has it, untouched, closed."""
        if self.second is None:
            self.second = SecondView(self._window)
        if not self.second.isVisible():
            self.second.is_untouched = False
            self.second.open()
        elif not self.second.is_untouched:
            self.second.is_untouched = True
        else:
            self.second.hide()

    def screen_removed(self, screen: QScreen) -> None:
        """Whatever was on it must not come to lie over the picture, and the picture must be somewhere."""
        words = self.tr("a screen was unplugged")
        if self.second is not None and self.second.isVisible():
            self.second.hide()
            words = self.tr("a screen was unplugged: the second view is closed, F3 opens it again")
        left = [one for one in QGuiApplication.screens() if one is not screen]
        if left and not any(one.geometry().intersects(self._window.frameGeometry()) for one in left):
            self._window.setGeometry(left[0].availableGeometry())
        self.troubled.emit(words)

    def close(self) -> None:
        """The window closes."""
        if self.second is not None:
            self.second.close()


def _load_plots() -> None:
    importlib.import_module("rtguide.view.details")
