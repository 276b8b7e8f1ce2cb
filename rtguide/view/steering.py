"""Steering a simulated patient in the live window: keys, mouse and wheel go to its hands; a panel says what they do."""

from collections.abc import Callable
from html import escape

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QMouseEvent, QWheelEvent, QWindow
from PySide6.QtWidgets import QLabel, QWidget

from rtguide.clock import Clock
from rtguide.model.steering import HandState, Nudge, Push
from rtguide.ports import Hands
from rtguide.view.canvas import VideoCanvas
from rtguide.view.gamepad import GamePad
from rtguide.view.grip import Grip, needle_drag, probe_drag
from rtguide.view.language import said
from rtguide.view.pad import both, pad_push
from rtguide.view.theme import RAISED, font, scaled

__all__ = ["SteeringPanel", "SteeringPilot", "hand_rows"]

PUSH_EVERY_MS = 16
"""The hands are told what to do this often while a key is held; a source lets them rest after 0.3 s of silence."""

_WHEEL_NOTCH = 120
_WHEEL_MM, _WHEEL_DEG = 1.0, 1.0
_FALLBACK_MM_PER_PX = 0.1
"""Only so that a drag does something on a picture without a scale, which no simulation has."""

_MOUSE_ROWS = (
    ("", "Mouse", ""),
    ("left", "needle: along, across", ""),
    ("right", "probe: shift, slide", ""),
    ("wheel", "advance · withdraw", ""),
    ("Shift", "keys: slow; right: rock, tilt; wheel: swing", ""),
)
"""Left out while a pad is plugged in: the panel has to fit beside the picture."""


def hand_rows(hand: HandState, pad_rows: tuple[tuple[str, str], ...] = ()) -> tuple[tuple[str, str, str], ...]:
    """(keys, what they do, how it stands), one row each; an empty key makes a heading. pad_rows: of a `GamePad`."""
    held = "held by tissue" if hand.give < 0.1 else "tissue gives" if hand.give < 0.6 else ""
    angle = f"{hand.angle_deg:.0f}°" + (f", {held}" if held else "")
    return (
        ("", "Needle", ""),
        ("↓ ↑", "advance · withdraw", f"{hand.inserted_mm:.1f} of {hand.length_mm:.0f} mm"),
        ("→ ←", "steeper · flatter", angle),
        ("PgUp PgDn", "swing out of the slice", f"{hand.swing_deg:+.1f}°"),
        ("I", "inject", f"{hand.injected_ml:.1f} ml"),
        ("", "Probe", ""),
        ("A S", "slide across", f"{hand.slide_mm:+.1f} mm"),
        ("V B", "shift along", f"{hand.shift_mm:+.1f} mm"),
        ("Q E", "tilt", f"{hand.tilt_deg:+.1f}°"),
        ("Z X", "rock", f"{hand.rock_deg:+.1f}°"),
        ("L", "lean on it", f"{100 * hand.pressure:.0f} %"),
        *(_MOUSE_ROWS if len(pad_rows) <= 1 else ()),
        ("Backspace", "back to the start", ""),
        ("P", "let go", ""),
        ("", "Game pad", ""),
        *((control, action, "") for control, action in pad_rows),
    )


class SteeringPanel(QLabel):
    """Keys, and what the hands do. Drawn beside the picture, never over it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.setFont(font(scaled(15)))
        self.setWordWrap(True)
        self.setFixedWidth(round(scaled(330)))
        self.setMargin(14)
        self.setStyleSheet(f"background: {RAISED}")
        self.setAccessibleName(self.tr("Keys and position of the hands"))
        self.hide()

    def show_hand(self, hand: HandState, pad_rows: tuple[tuple[str, str], ...] = ()) -> None:
        """Say how the hands stand."""
        cells = []
        for keys, action, value in hand_rows(hand, pad_rows):
            if not keys:
                cells.append(f"<tr><td colspan=2 style='padding-top:10px'><b>{said(action) or '&nbsp;'}</b></td></tr>")
                continue
            shown = f"<br><b>{said(value)}</b>" if value else ""
            key = f"<td style='padding:3px 14px 3px 0'><b>{said(keys)}</b></td>"
            cells.append(f"<tr>{key}<td style='padding:3px 0'>{escape(said(action))}{shown}</td></tr>")
        text = f"<table>{''.join(cells)}</table>"
        if text != self.text():
            self.setText(text)


class SteeringPilot(QObject):
    """Hands keys, drags and the wheel on to the hands of the open source, while it is flying.

    is_marking: whether the mouse is marking structures, which goes before steering.
    """

    injecting = Signal(bool)
    """Fluid begins to come out of the needle, or stops."""

    def __init__(self, canvas: VideoCanvas, clock: Clock, is_marking: Callable[[], bool]) -> None:
        super().__init__(canvas)
        self.panel = SteeringPanel(canvas.window())
        self._canvas, self._clock, self._is_marking = canvas, clock, is_marking
        self._grip, self.pad = Grip(), GamePad()
        self._was_start = False
        self._hands: Hands | None = None
        self._drag: tuple[Qt.MouseButton, QPointF] | None = None
        self._was_moving = self._was_injecting = False
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(PUSH_EVERY_MS)
        self._timer.timeout.connect(self.tick)
        QGuiApplication.instance().focusWindowChanged.connect(self.focus_changed)  # type: ignore[union-attr]

    @property
    def is_flying(self) -> bool:
        """Whether keys and mouse steer."""
        return self._hands is not None

    def take(self, hands: Hands) -> None:
        """Steer these from now on."""
        self.let_go()
        self._hands = hands
        self._canvas.installEventFilter(self)
        self.pad.open()
        self.panel.show_hand(hands.state(), self.pad.rows())
        self.panel.show()
        self._timer.start()

    def let_go(self) -> None:
        """Steer nothing; the hands rest where they are."""
        if self._hands is None:
            return
        self.rest()
        self._hands = None
        self._timer.stop()
        self._canvas.removeEventFilter(self)
        self.panel.hide()

    def rest(self) -> None:
        """As if every key and button were released."""
        self._grip.let_go()
        self._drag = None
        if self._hands is not None:
            self._hands.push(Push())
        self._say_injecting(False)

    def _say_injecting(self, is_injecting: bool) -> None:
        if is_injecting != self._was_injecting:
            self._was_injecting = is_injecting
            self.injecting.emit(is_injecting)

    def focus_changed(self, focus: QWindow | None) -> None:
        """Rest when another window gets the keys: the release of a held one would never come here."""
        if focus is not self._canvas.window().windowHandle():
            self.rest()

    def tick(self) -> None:
        """Say what the held keys do, and show how the hands stand."""
        if self._hands is None:
            return
        is_fine = bool(QGuiApplication.keyboardModifiers() & Qt.KeyboardModifier.ShiftModifier)
        by_pad = self._pad_push(self._hands)
        is_moving = self._grip.is_holding or by_pad != Push()
        if is_moving or self._was_moving:
            push = both(self._grip.push(self._now_s(), is_fine=is_fine), by_pad)
            self._hands.push(push)
            self._say_injecting(push.inject_ml_s > 0)
        self._was_moving = is_moving
        self.panel.show_hand(self._hands.state(), self.pad.rows())

    def _pad_push(self, hands: Hands) -> Push:
        """What the pad does, as long as this window is the one in front; Start begins again, once a press."""
        reading = self.pad.poll()
        if reading is None or not self._canvas.window().isActiveWindow():
            self._was_start = reading is not None and reading.is_start
            return Push()
        if reading.is_start and not self._was_start:
            hands.restart()
        self._was_start = reading.is_start
        return pad_push(reading)

    def key_pressed(self, event: QKeyEvent) -> bool:
        """Take a key that steers; false if it is none."""
        if self._hands is None:
            return False
        if event.key() == Qt.Key.Key_Backspace:
            if not event.isAutoRepeat():
                self._hands.restart()
            return True
        is_ours = self._grip.press(event.key(), self._now_s())
        if is_ours and not event.isAutoRepeat():
            self.tick()
        return is_ours

    def key_released(self, event: QKeyEvent) -> bool:
        """Stop what the key did; a repeat that the keyboard makes up is no release."""
        if self._hands is None or event.isAutoRepeat():
            return False
        is_ours = self._grip.release(event.key())
        if is_ours:
            self.tick()
        return is_ours

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """The mouse on the picture."""
        if self._hands is None or (self._is_marking() and self._drag is None):
            return super().eventFilter(watched, event)
        if isinstance(event, QWheelEvent):
            return self._wheel(event)
        if isinstance(event, QMouseEvent):
            return self._mouse(event)
        return super().eventFilter(watched, event)

    def _mouse(self, event: QMouseEvent) -> bool:
        match event.type():
            case QEvent.Type.MouseButtonPress:
                if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton):
                    self._drag = (event.button(), event.position())
            case QEvent.Type.MouseMove if self._drag is not None:
                button, before = self._drag
                self._drag = (button, event.position())
                is_turning = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
                self._dragged(button, event.position() - before, is_turning=is_turning)
            case QEvent.Type.MouseButtonRelease if self._drag is not None and event.button() is self._drag[0]:
                self._drag = None
        return True

    def _dragged(self, button: Qt.MouseButton, by: QPointF, *, is_turning: bool) -> None:
        assert self._hands is not None
        scale, fit = self._mm_per_view_px(), self._canvas.fit()
        dx, dy = (0.0, 0.0) if fit is None else fit.way(by.x(), by.y())
        dx_mm, dy_mm = dx * scale, dy * scale
        if button is Qt.MouseButton.LeftButton:
            self._hands.nudge(needle_drag(dx_mm, dy_mm, self._hands.state()))
        else:
            self._hands.nudge(probe_drag(dx_mm, dy_mm, is_turning=is_turning))

    def _wheel(self, event: QWheelEvent) -> bool:
        assert self._hands is not None
        delta = event.angleDelta()
        notches = (delta.y() or delta.x()) / _WHEEL_NOTCH
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._hands.nudge(Nudge(swing_deg=_WHEEL_DEG * notches))
        else:
            self._hands.nudge(Nudge(advance_mm=_WHEEL_MM * notches))
        return True

    def _mm_per_view_px(self) -> float:
        scene, fit = self._canvas.shown.scene, self._canvas.fit()
        if scene is None or fit is None:
            return 0.0
        spacing = scene.geometry.spacing_mm
        return (_FALLBACK_MM_PER_PX if spacing is None else spacing[0]) / fit.scale

    def _now_s(self) -> float:
        return self._clock.now_ns() / 1e9
