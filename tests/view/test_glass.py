"""The window's code, taken off the screen and held back for a known time, is read as that much later."""

import collections
import threading
from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication, QImage
from pytestqt.qtbot import QtBot

from rtguide.app.bench.glass import SETTLE_READINGS, GlassMeter, GlassReport
from rtguide.app.bench.time_code import picture_of
from rtguide.clock import SystemClock
from rtguide.errors import RtguideError, SourceEnded
from rtguide.model.frame import Frame, SourceInfo, SourceKind
from rtguide.view.code_window import CodeWindow

pytestmark = pytest.mark.qt

PATIENCE_MS = 90_000
READINGS = 40


class ScreenLoop:
    """A source that sees a window's screen as it was `added_s` ago."""

    def __init__(self, window: CodeWindow, added_s: float) -> None:
        self.geometry = None
        self.info = SourceInfo("screen", SourceKind.LIVE, (window.height(), window.width()), None)
        self._clock, self._added_ns, self._window = SystemClock(), round(added_s * 1e9), window
        self._waiting: collections.deque[tuple[int, np.ndarray]] = collections.deque()
        self._closed = threading.Event()
        self._seq = 0
        self._timer = QTimer(window)
        self._timer.timeout.connect(self._grab)
        self._timer.start(20)

    def _grab(self) -> None:
        """In the GUI thread, where the screen may be read."""
        t_ns = self._clock.now_ns()
        image = self._window.screen().grabWindow(0).toImage().convertToFormat(QImage.Format.Format_Grayscale8)
        rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
        self._waiting.append((t_ns + self._added_ns, rows[:, : image.width()].copy()))

    def read(self, timeout_s: float) -> Frame | None:
        if self._closed.is_set():
            raise SourceEnded("closed")
        now_ns = self._clock.now_ns()
        if not self._waiting or self._waiting[0][0] > now_ns:
            self._closed.wait(min(timeout_s, 0.001))
            return None
        _, pixels = self._waiting.popleft()
        self._seq += 1
        return Frame(self._seq, self._clock.now_ns(), None, pixels)

    def close(self) -> None:
        self._closed.set()


@pytest.fixture
def measure(qtbot: QtBot) -> Callable[[float], GlassReport]:
    if QGuiApplication.platformName() == "offscreen":
        pytest.skip("an offscreen Qt has no screen that could be looked at; run under Xvfb or on a desktop")

    def run(added_s: float) -> GlassReport:
        clock = SystemClock()
        window = CodeWindow(picture_of, clock)
        window.resize(900, 400)
        window.show()
        qtbot.waitExposed(window)
        loop = ScreenLoop(window, added_s)
        meter = GlassMeter("screen", lambda: loop, clock)
        meter.start()
        try:
            qtbot.waitUntil(lambda: len(meter._delays_ns) >= SETTLE_READINGS + READINGS, timeout=PATIENCE_MS)
        finally:
            meter.close()
            window.close()
        return meter.report()

    return run


def test_an_added_delay_is_found_as_such(measure: Callable[[float], GlassReport]) -> None:
    plain, later = measure(0.0), measure(0.3)
    assert plain.shortest_ns >= 0
    # What lies between is the wait of two threads for a processor; the shortest readings have the least of it.
    assert later.shortest_ns >= 300e6, "never earlier than it was held back"
    assert (later.shortest_ns - plain.shortest_ns) / 1e6 == pytest.approx(300, abs=60)
    assert later.delay.median_ns > plain.delay.median_ns
    assert later.delay.count == later.read - SETTLE_READINGS >= READINGS


def test_a_source_that_shows_no_code_says_what_to_do() -> None:
    meter = GlassMeter("grabber:0", lambda: None, SystemClock())  # type: ignore[arg-type, return-value]
    with pytest.raises(RtguideError, match="no delay could be read"):
        meter.report()
