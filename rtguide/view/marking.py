"""From a dragged box or a click to a marked structure."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from rtguide.model.points import Point
from rtguide.model.structure import Role, Structure, StructureKind, Tissue, box_outline
from rtguide.overlays.shapes import Box
from rtguide.view.theme import font, touch_px

__all__ = ["CHOICES", "Choice", "MarkChoice", "aim_at", "marked"]


@dataclass(frozen=True, slots=True)
class Choice:
    """What a box can be. key: the letter that chooses it."""

    key: str
    text: str
    name: str
    tissue: Tissue
    role: Role


CHOICES = (
    Choice("N", "Nerve", "nerve", Tissue.NERVE, Role.BOTH),
    Choice("A", "Artery", "artery", Tissue.ARTERY, Role.AVOID),
    Choice("V", "Vein", "vein", Tissue.VEIN, Role.AVOID),
    Choice("T", "Target", "target", Tissue.OTHER, Role.TARGET),
)
"""A nerve is to be reached beside and never entered; vessels are to be kept out of."""


def marked(choice: Choice, box: Box, taken: Sequence[str]) -> Structure:
    """The ellipse that fills a box (image pixels) as a structure, under a name that is not taken."""
    name, number = choice.name, 1
    while name in taken:
        number += 1
        name = f"{choice.name} {number}"
    return Structure(name, StructureKind.STRUCTURE, choice.tissue, choice.role, box_outline(*box))


def aim_at(point: Point) -> Structure:
    """The one point (image pixels) that is aimed at; a new one replaces it."""
    return Structure("aim", StructureKind.POINT, Tissue.OTHER, Role.TARGET, (point,))


class MarkChoice(QFrame):
    """Asks what a box is: large buttons and their letters. Nothing waits for it; the picture goes on."""

    chosen = Signal(object)
    """The Choice, or None when the user gives up."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._room = parent
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("What is marked?"))
        side = touch_px(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 8, 8, 8)
        for choice in (*CHOICES, None):
            text = self.tr("Cancel") if choice is None else f"{choice.text}  {choice.key}"
            button = QPushButton(text, self)
            button.setFont(font(side * 0.36))
            button.setMinimumSize(round(side * 1.6), side)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.clicked.connect(lambda _checked=False, choice=choice: self._choose(choice))
            row.addWidget(button)
        self.hide()

    def ask(self, beside: QRect) -> None:
        """Appear below a rectangle of the parent, or above it where there is no room; never over it."""
        self.adjustSize()
        room = self._room.rect()
        x = max(0, min(beside.center().x() - self.width() // 2, room.width() - self.width()))
        below = beside.bottom() + 12
        above = max(0, beside.top() - 12 - self.height())
        self.move(x, below if below + self.height() <= room.height() else above)
        self.show()
        self.raise_()
        self.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Choose by letter; Escape gives up."""
        if event.key() == Qt.Key.Key_Escape:
            self._choose(None)
            return
        choice = next((c for c in CHOICES if c.key == event.text().upper()), None)
        if choice is not None:
            self._choose(choice)
        else:
            super().keyPressEvent(event)

    def _choose(self, choice: Choice | None) -> None:
        self.hide()
        self.chosen.emit(choice)
