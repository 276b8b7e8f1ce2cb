"""USB foot pedals in the live window, and the light that says whether a press would do anything."""

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QGuiApplication, QKeyEvent, QKeySequence, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QWidget

from rtguide.clock import Clock
from rtguide.errors import ConfigError
from rtguide.model.pedal import PedalMap
from rtguide.view.language import said
from rtguide.view.pedal_press import Press, PressReader
from rtguide.view.theme import font, touch_px

__all__ = ["PedalDesk", "PedalLight"]

_TICK_MS = 20
_LIT_MS = 250
"""How long the light answers a press."""


class PedalLight(QWidget):
    """A filled ring: armed, a press acts. An empty one: another window is in front. A bright disc: it was pressed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.is_armed = self.is_pressed = False
        side = touch_px(self)
        self.setFixedSize(round(side * 1.3), side)
        self.setAccessibleName(self.tr("Foot pedal"))

    def show_state(self, *, is_armed: bool, is_pressed: bool) -> None:
        """Change what it shows."""
        if (is_armed, is_pressed) != (self.is_armed, self.is_pressed):
            self.is_armed, self.is_pressed = is_armed, is_pressed
            text = self.tr("pedal armed") if is_armed else self.tr("pedal not armed: this window is not in front")
            self.setToolTip(text)
            self.setAccessibleDescription(text)
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Form says it, not colour: those of alarms are not used."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        radius = self.height() * 0.17
        middle, top = self.width() / 2, self.height() * 0.34
        painter.setPen(QPen(QColor("#e8eaed"), 2.0))
        if self.is_pressed:
            painter.setBrush(QColor("#ffffff"))
            radius *= 1.35
        elif self.is_armed:
            painter.setBrush(QColor("#8b9099"))
        painter.drawEllipse(QRectF(middle - radius, top - radius, 2 * radius, 2 * radius))
        painter.setFont(font(self.height() * 0.26, is_bold=self.is_armed))
        words = QRectF(0, self.height() * 0.56, self.width(), self.height() * 0.44)
        painter.drawText(words, int(Qt.AlignmentFlag.AlignCenter), said("pedal") if self.is_armed else "– –")
        painter.end()


class PedalDesk(QObject):
    """Takes the pedals' keys before anything else does, wherever the focus is, as long as its window is in front.

    Raises
    ------
    ConfigError
        A pedal's key is none that Qt knows.
    """

    fired = Signal(str)
    """The action of a press."""

    def __init__(self, pedals: tuple[PedalMap, ...], clock: Clock, window: QWidget) -> None:
        super().__init__(window)
        self.light = PedalLight(window)
        self.light.setVisible(bool(pedals))
        self._clock, self._window = clock, window
        self._pedals = {_key_of(pedal): (pedal, PressReader(has_double=bool(pedal.double))) for pedal in pedals}
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self.tick)
        self._lit = QTimer(self)
        self._lit.setSingleShot(True)
        self._lit.setInterval(_LIT_MS)
        self._lit.timeout.connect(self._show)
        app = QApplication.instance()
        if pedals and isinstance(app, QGuiApplication):
            app.installEventFilter(self)
            app.focusWindowChanged.connect(self._focus_changed)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Downs and ups of the pedals' keys; shortcuts of the same key never see them."""
        del watched
        kind = event.type()
        if kind not in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease, QEvent.Type.ShortcutOverride):
            return False
        if not isinstance(event, QKeyEvent) or event.key() not in self._pedals or not self._window.isActiveWindow():
            return False
        if kind is QEvent.Type.ShortcutOverride:
            event.accept()
        elif not event.isAutoRepeat():
            self._moved(event.key(), is_down=kind is QEvent.Type.KeyPress)
        return True

    def tick(self) -> None:
        """Let time decide what presses and releases have left open."""
        now_ns = self._clock.now_ns()
        for pedal, reader in self._pedals.values():
            self._fire(pedal, reader.tick(now_ns))
        if not any(reader.is_waiting for _, reader in self._pedals.values()):
            self._timer.stop()

    def _moved(self, key: int, *, is_down: bool) -> None:
        pedal, reader = self._pedals[key]
        move: Callable[[int], Press | None] = reader.down if is_down else reader.up
        was_down = reader.is_down
        if is_down and was_down:
            return  # the event comes once for each object on its way
        self._fire(pedal, move(self._clock.now_ns()))
        self._timer.start()
        self._lit.start()
        self._show()

    def _fire(self, pedal: PedalMap, press: Press | None) -> None:
        if press is None:
            return
        action = getattr(pedal, press)
        if action:
            QTimer.singleShot(0, partial(self.fired.emit, action))

    def _focus_changed(self) -> None:
        if not self._window.isActiveWindow():
            for _, reader in self._pedals.values():
                reader.forget()
        self._show()

    def _show(self) -> None:
        is_down = any(reader.is_down for _, reader in self._pedals.values())
        self.light.show_state(is_armed=self._window.isActiveWindow(), is_pressed=is_down or self._lit.isActive())


def _key_of(pedal: PedalMap) -> int:
    sequence: Any = QKeySequence(pedal.key)  # its stubs do not know that it can be indexed
    if sequence.count() != 1 or sequence[0].key() == Qt.Key.Key_unknown:
        raise ConfigError(f"pedal {pedal.key!r} is no key that is known; give its name, for example F13, B or Home")
    return int(sequence[0].key())
