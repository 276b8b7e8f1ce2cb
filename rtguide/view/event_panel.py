"""Events by one press: keys, large buttons beside the picture, and the list of what was said."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QListWidget, QPushButton, QVBoxLayout, QWidget

from rtguide.clock import Clock
from rtguide.model.event import Event, EventKind
from rtguide.view.commands import Command
from rtguide.view.event_log import About, EventLog
from rtguide.view.language import said
from rtguide.view.theme import RAISED, font, scaled, touch_px

__all__ = ["EVENT_COMMANDS", "EventDesk", "EventPanel"]

_HELP = {
    EventKind.ASPIRATED_CLEAR: "aspirated, clear",
    EventKind.ASPIRATED_BLOOD: "aspirated, blood",
    EventKind.INJECTED: "injected: + and − set the amount right",
    EventKind.TEST_BOLUS: "a test bolus: + and − likewise",
    EventKind.PARAESTHESIA: "the patient feels it",
    EventKind.TWITCH: "twitch: + and − set the current right",
    EventKind.PRESSURE_HIGH: "injection pressure high",
    EventKind.BOOKMARK: "a bookmark",
    EventKind.NOTE: "a note: type it, Enter keeps it with the time of the press",
}

EVENT_COMMANDS = (
    *(Command(f"event {kind}", "", (str(number),), _HELP[kind]) for number, kind in enumerate(EventKind, start=1)),
    Command("more", "", ("+", "="), "one step more than was just said"),
    Command("less", "", ("-",), "one step less"),
    Command("events", "Events", ("G",), "buttons for events, and what was said", is_checkable=True),
)


class EventPanel(QWidget):
    """Buttons of at least 12 mm, a line for notes, and the events so far with their time."""

    pressed = Signal(object)
    """The EventKind of a button."""
    stepped = Signal(int)
    """One step more (1) or less (-1)."""
    noted = Signal(str)
    """The text of a note."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedWidth(round(scaled(330)))
        self.setAutoFillBackground(True)
        self.setStyleSheet(f"EventPanel {{ background: {RAISED} }}")
        self.setAccessibleName(self.tr("Events"))
        side = touch_px(self)
        grid = QGridLayout()
        grid.setSpacing(4)
        for number, kind in enumerate(EventKind):
            button = self._button(f"{number + 1}  {said(kind)}", side)
            button.clicked.connect(lambda _checked=False, kind=kind: self.pressed.emit(kind))
            grid.addWidget(button, number // 2, number % 2)
        less, more = self._button("−", side), self._button("+", side)
        less.setAccessibleName(self.tr("less"))
        more.setAccessibleName(self.tr("more"))
        less.clicked.connect(lambda: self.stepped.emit(-1))
        more.clicked.connect(lambda: self.stepped.emit(1))
        row = len(EventKind) // 2
        pair = QGridLayout()
        pair.addWidget(less, 0, 0)
        pair.addWidget(more, 0, 1)
        grid.addLayout(pair, row, 1)
        self.line = QLineEdit(self)
        self.line.setPlaceholderText(self.tr("note: type, then Enter"))
        self.line.setAccessibleName(self.tr("note"))
        self.line.setFont(font(side * 0.34))
        self.line.setMinimumHeight(side)
        self.line.returnPressed.connect(self._note)
        self.line.hide()
        self.list = QListWidget(self)
        self.list.setFont(font(scaled(16)))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setAccessibleName(self.tr("what was said"))
        self.total = QLabel(self)
        self.total.setFont(font(scaled(18), is_bold=True))
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.addLayout(grid)
        column.addWidget(self.line)
        column.addWidget(self.total)
        column.addWidget(self.list, 1)
        self.hide()

    def show_events(self, events: tuple[Event, ...], injected_ml: float, now_ns: int) -> None:
        """The newest first, each with how long ago it was."""
        texts = [
            f"{_ago(now_ns - e.t_ns)}  {said(e.words() if e.is_recorded else f'{e.words()} – not recorded')}"
            for e in reversed(events)
        ]
        if texts != [self.list.item(row).text() for row in range(self.list.count())]:
            self.list.clear()
            self.list.addItems(texts)
        self.total.setText(said(f"{injected_ml:g} ml in all") if injected_ml else "")

    def ask_for_note(self) -> None:
        """Take what is typed until Enter or Escape."""
        self.show()
        self.line.clear()
        self.line.show()
        self.line.setFocus()

    def keep_words(self) -> None:
        """What is being typed is a note as it stands."""
        if not self.line.isHidden():
            self._note()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Escape gives up a note, Return was the line's own; other keys are the window's."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return
        if event.key() == Qt.Key.Key_Escape and self.line.isVisible():
            self.line.hide()
            self.window().setFocus()
        else:
            super().keyPressEvent(event)

    def _button(self, text: str, side: int) -> QPushButton:
        button = QPushButton(text, self)
        button.setFont(font(min(side * 0.3, scaled(15))))
        button.setMinimumHeight(side)
        button.setMinimumWidth(side)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setStyleSheet("text-align: left; padding-left: 6px" if len(text) > 1 else "")
        return button

    def _note(self) -> None:
        text = self.line.text().strip()
        self.line.hide()
        self.window().setFocus()
        if text:
            self.noted.emit(text)


class EventDesk(QObject):
    """Takes presses from keys and buttons, keeps the log, and says it.

    note: keeps an event beside the frames · about: what doses are of, and where.
    """

    changed = Signal()
    """Something was said: the status line has news."""

    def __init__(
        self, note: Callable[[str, Mapping[str, Any]], bool], about: About, clock: Clock, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.log = EventLog(note, about)
        self.panel = EventPanel(parent)
        self._clock = clock
        self._note_ns = 0
        self.panel.pressed.connect(self.press)
        self.panel.stepped.connect(self.step)
        self.panel.noted.connect(self._noted)

    def slots_by_command(self) -> dict[str, Callable[[], None]]:
        """What each of `EVENT_COMMANDS` does, but for showing the panel."""
        presses: dict[str, Callable[[], None]] = {f"event {kind}": partial(self.press, kind) for kind in EventKind}
        return presses | {"more": partial(self.step, 1), "less": partial(self.step, -1)}

    def press(self, kind: EventKind) -> None:
        """It happened now."""
        now_ns = self._clock.now_ns()
        if kind is EventKind.NOTE:
            self.keep_words()
            self._note_ns = now_ns
            self.panel.ask_for_note()
            return
        self.log.press(kind, now_ns)
        self._show()

    def step(self, steps: int) -> None:
        """The last amount was more, or less."""
        self.log.amend(steps, self._clock.now_ns())
        self._show()

    def forget(self) -> None:
        """Another source."""
        self.log.forget()
        self._show()

    def keep_words(self) -> None:
        """A note that is being typed is kept with what it belongs to, before that ends."""
        self.panel.keep_words()

    def refresh(self) -> None:
        """Bring the list's times up to now."""
        if self.panel.isVisible():
            self.panel.show_events(self.log.events, self.log.injected_ml, self._clock.now_ns())

    def _noted(self, text: str) -> None:
        self.log.note(text, self._note_ns, self._clock.now_ns())
        self._show()

    def _show(self) -> None:
        self.panel.show_events(self.log.events, self.log.injected_ml, self._clock.now_ns())
        self.changed.emit()


def _ago(ns: int) -> str:
    minutes, seconds = divmod(max(0, int(ns / 1e9)), 60)
    return f"{minutes}:{seconds:02d}"
