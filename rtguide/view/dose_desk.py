"""Which agent is injected into whom, and how far the user's ceilings are used up. Shown only where there are agents."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QDoubleValidator, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QWidget

from rtguide.errors import ConfigError
from rtguide.model.agent import Agent, Given, dose_sum
from rtguide.model.event import Event
from rtguide.view.commands import Command
from rtguide.view.theme import font, scaled, touch_px

__all__ = ["DOSE_COMMANDS", "DoseDesk"]

DOSE_COMMANDS = (Command("agent", "", ("0",), "which agent is injected: the next of yours"),)


class _DoseRow(QWidget):
    """For the plan: the agent, the patient's weight, and that there is another patient."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        side = touch_px(self)
        self.agent, self.anew = QPushButton(self), QPushButton(self.tr("New patient"), self)
        self.weight = QLineEdit(self)
        self.weight.setPlaceholderText("kg")
        self.weight.setAccessibleName(self.tr("Patient's weight, kg"))
        self.weight.setValidator(QDoubleValidator(0.3, 350.0, 1, self))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        for widget, stretch in ((self.agent, 3), (self.weight, 1), (self.anew, 2)):
            widget.setMinimumHeight(side)
            widget.setFont(font(scaled(15)))
            row.addWidget(widget, stretch)
        for button in (self.agent, self.anew):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Return and Escape end typing; they go no further."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape):
            self.window().setFocus()
        else:
            super().keyPressEvent(event)


class DoseDesk(QObject):
    """Keeps agent and weight for as long as the patient is the same, over any number of sites."""

    changed = Signal()
    patient_changed = Signal()
    """Nothing was given to this one yet."""

    def __init__(self, agents: tuple[Agent, ...], parent: QWidget) -> None:
        super().__init__(parent)
        self._agents = agents
        self._number = 0
        self.weight_kg: float | None = None
        self.row = _DoseRow(parent)
        self.row.setVisible(bool(agents))
        self.row.agent.clicked.connect(self.next_agent)
        self.row.anew.clicked.connect(self.begin_anew)
        self.row.weight.textChanged.connect(self._weigh)
        self._show()

    @property
    def agent_name(self) -> str:
        """What an injection is taken to be; empty where the user has no agents."""
        return self._agents[self._number].name if self._agents else ""

    def next_agent(self) -> None:
        """The next of the user's agents."""
        if self._agents:
            self._number = (self._number + 1) % len(self._agents)
            self._show()
            self.changed.emit()

    def begin_anew(self) -> None:
        """Another patient: no weight, nothing given."""
        self.row.weight.clear()
        self.patient_changed.emit()
        self.changed.emit()

    def words(self, events: Sequence[Event]) -> str:
        """For the status line: how far the ceilings are used up by what was said; empty without agents."""
        if not self._agents:
            return ""
        given = [Given(event.agent, event.amount or 0.0, event.site) for event in events if event.is_dose]
        return dose_sum(given, self._agents, self.weight_kg).words()

    def _weigh(self, text: str) -> None:
        """As typed, as soon as it is a weight."""
        try:
            weight = float(text.replace(",", "."))
            dose_sum((), self._agents, weight)
        except (ValueError, ConfigError):
            self.weight_kg = None
        else:
            self.weight_kg = weight
        self.changed.emit()

    def _show(self) -> None:
        self.row.agent.setText(f"{self.agent_name}  0")
