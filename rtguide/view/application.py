"""The one Qt application of a process."""

import gc
import sys
from collections.abc import Callable

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget

from rtguide.view.theme import Looks, dress

__all__ = ["after", "application", "close_after", "has_fonts", "run", "run_for"]


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
    dress(app, Looks())
    return app


SETTLED_AFTER_MS = (3_000, 15_000)
"""Kernels and source are loaded by then, on a fast machine and on a slow one."""


SWITCH_EVERY_S = 0.0005
"""How long another thread may keep Python to itself once the window wants it, where Python's own is 5 ms: every call
into Qt gives Python away, so that one paint may wait for its turn many times."""


def run(app: QApplication, window: QWidget) -> None:
    """Show the window and run until it is closed; as long as it is open, threads take shorter turns.

    What has been loaded by the time things have settled lives as long as the window: Python's collector is told to look
    at it no more. Its thorough pass over some 170,000 objects stands every thread still, for up to 0.3 s as measured on
    a busy machine.
    """
    timers = [QTimer(window) for _ in SETTLED_AFTER_MS]
    for timer, after_ms in zip(timers, SETTLED_AFTER_MS, strict=True):
        timer.setSingleShot(True)
        timer.timeout.connect(gc.freeze)
        timer.start(after_ms)
    switched_every_s = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_EVERY_S)
    try:
        window.show()
        app.exec()
    finally:
        sys.setswitchinterval(switched_every_s)
        gc.unfreeze()


def run_for(seconds: float) -> None:
    """Let every window live for so long, without ending the application."""
    loop = QEventLoop()
    QTimer.singleShot(max(1, round(seconds * 1000)), loop.quit)
    loop.exec()


def close_after(window: QWidget, seconds: float, each_second: Callable[[], None]) -> None:
    """Close the window after so long; until then call `each_second`, in the GUI thread."""
    ticks = QTimer(window)
    ticks.timeout.connect(each_second)
    ticks.start(1000)
    after(window, seconds, window.close)


def after(window: QWidget, seconds: float, do: Callable[[], object]) -> None:
    """Do something once, after so long, in the GUI thread."""
    timer = QTimer(window)
    timer.setSingleShot(True)
    timer.timeout.connect(do)
    timer.start(round(seconds * 1000))


def has_fonts() -> bool:
    """Whether Qt finds any font; without one, words are boxes (on Debian: fonts-dejavu-core)."""
    return bool(QFontDatabase.families())
