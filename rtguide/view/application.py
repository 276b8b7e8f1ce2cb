"""The one Qt application of a process."""

import sys
from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget

from rtguide.view.theme import dark_palette

__all__ = ["application", "close_after", "has_fonts"]


def application(*, is_offscreen: bool = False) -> QApplication:
    """The running application, or a new one in the dark theme; `is_offscreen` needs no display.

    The caller keeps it: Qt ends with the last reference.
    """
    running = QApplication.instance()
    if isinstance(running, QApplication):
        return running
    QGuiApplication.setApplicationDisplayName("rtguide")
    app = QApplication([sys.argv[0], *(("-platform", "offscreen") if is_offscreen else ())])
    app.setStyle("Fusion")
    app.setPalette(dark_palette())
    return app


def close_after(window: QWidget, seconds: float, each_second: Callable[[], None]) -> None:
    """Close the window after so long; until then call `each_second`, in the GUI thread."""
    ticks = QTimer(window)
    ticks.timeout.connect(each_second)
    ticks.start(1000)
    end = QTimer(window)
    end.setSingleShot(True)
    end.timeout.connect(window.close)
    end.start(round(seconds * 1000))


def has_fonts() -> bool:
    """Whether Qt finds any font; without one, words are boxes (on Debian: fonts-dejavu-core)."""
    return bool(QFontDatabase.families())
