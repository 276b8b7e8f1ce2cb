"""A small window that says what is being made ready, while a thread does it."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from PySide6.QtCore import QEventLoop, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from rtguide import RESEARCH_NOTICE
from rtguide.pipeline.slots import Latest
from rtguide.view.language import said
from rtguide.view.theme import font, scaled, touch_px

__all__ = ["ProgressWindow", "Step", "Steps", "run_with_progress"]

Step = tuple[str, int, int]
"""(what is being made ready, how many are done, how many there are)."""

Steps = Callable[[], Iterator[Step]]
"""Does the work, giving a step before each part."""

SHOW_AFTER_MS = 300
"""Work that is done sooner shows no window."""

_LOOK_EVERY_MS = 30


class ProgressWindow(QWidget):
    """Runs steps in the thread `rtguide-prepare` and shows how far they are. The window never waits for the thread."""

    finished = Signal()
    """The work is over, well or not."""

    def __init__(self, title: str, steps: Steps) -> None:
        super().__init__()
        self.setWindowTitle("rtguide")
        self._steps: Latest[Step] = Latest()
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="rtguide-prepare")
        self._is_given_up = False
        self.heading, self.part = QLabel(said(title), self), QLabel(self.tr("starting"), self)
        self.heading.setFont(font(scaled(26), is_bold=True))
        self.part.setFont(font(scaled(18)))
        self.bar = QProgressBar(self)
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Progress"))
        notice = QLabel(said(RESEARCH_NOTICE), self)
        notice.setFont(font(scaled(15)))
        self.cancel = QPushButton(self.tr("Cancel  Esc"), self)
        self.cancel.setFont(font(scaled(18)))
        self.cancel.setMinimumHeight(touch_px(self))
        self.cancel.setShortcut(QKeySequence(Qt.Key.Key_Escape))
        self.cancel.clicked.connect(self.close)
        column = QVBoxLayout(self)
        column.setContentsMargins(36, 30, 36, 30)
        column.setSpacing(16)
        for widget in (self.heading, self.bar, self.part, notice, self.cancel):
            column.addWidget(widget)
        self.setMinimumWidth(round(scaled(560)))
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, on=False)
        self._future: Future[None] = self._executor.submit(self._work, steps)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.look)
        self._timer.start(_LOOK_EVERY_MS)

    def look(self) -> None:
        """Show the newest step; say when the work is over."""
        _, step = self._steps.newest()
        if step is not None:
            name, done, total = step
            self.part.setText(said(f"{name}  ({done} of {total})"))
            self.bar.setRange(0, max(total, 1))
            self.bar.setValue(done)
        if self._future.done():
            self._timer.stop()
            self._executor.shutdown()
            self.finished.emit()

    @property
    def is_done(self) -> bool:
        """Whether the work is over."""
        return self._future.done()

    @property
    def is_given_up(self) -> bool:
        """Whether the user closed the window before the end."""
        return self._is_given_up

    def result(self) -> None:
        """Raise what the work raised; waits for its end."""
        self._future.result()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Give up after the part that is being made."""
        self._is_given_up = True
        super().closeEvent(event)

    def _work(self, steps: Steps) -> None:
        for step in steps():
            self._steps.put(step)
            if self._is_given_up:
                return


def run_with_progress(title: str, steps: Steps) -> bool:
    """Do the work, with a window if it takes long; false if the user closed the window before the end.

    Raises whatever the work raises.
    """
    window = ProgressWindow(title, steps)
    loop = QEventLoop()
    window.finished.connect(loop.quit)
    delay = QTimer()
    delay.setSingleShot(True)
    delay.timeout.connect(window.show)
    delay.start(SHOW_AFTER_MS)
    loop.exec()
    delay.stop()
    was_given_up = window.is_given_up
    window.close()
    window.deleteLater()
    window.result()
    return not was_given_up
