"""The window's actions: one table for keys, buttons and help."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QDialog, QLabel, QVBoxLayout, QWidget

from rtguide import RESEARCH_NOTICE, __version__
from rtguide.view.language import said
from rtguide.view.theme import font, scaled

__all__ = ["Command", "HelpDialog", "make_actions"]


@dataclass(frozen=True, slots=True)
class Command:
    """Something the user can do. label: on its button, empty for none · keys: the first one is shown on the button."""

    name: str
    label: str
    keys: tuple[str, ...]
    help_text: str
    is_checkable: bool = False


def make_actions(
    window: QWidget, commands: Sequence[Command], slots: Mapping[str, Callable[[], None]]
) -> dict[str, QAction]:
    """One action for each command, its keys working in the whole window."""
    actions: dict[str, QAction] = {}
    for command in commands:
        action = QAction(f"{said(command.label)}  {command.keys[0]}" if command.label else command.name, window)
        action.setObjectName(command.name)
        action.setShortcuts([QKeySequence(key) for key in command.keys])
        action.setAutoRepeat(False)
        action.setCheckable(command.is_checkable)
        action.setToolTip(said(command.help_text))
        action.triggered.connect(lambda _checked=False, slot=slots[command.name]: slot())
        window.addAction(action)
        actions[command.name] = action
    return actions


class HelpDialog(QDialog):
    """Every key, and how to mark; the picture goes on behind it. Escape closes it."""

    def __init__(self, commands: Sequence[Command], hints: Sequence[str], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Keys"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        cell = "<td style='padding:1px 14px 1px 0'>"
        cells = [f"{cell}<b>{' · '.join(c.keys)}</b></td>{cell}{said(c.help_text)}</td>" for c in commands]
        half = (len(cells) + 1) // 2
        pairs = zip_longest(cells[:half], cells[half:], fillvalue="")
        rows = "".join(f"<tr>{left}{right}</tr>" for left, right in pairs)  # two columns: it has to fit on 720 lines
        more = "".join(f"<p>{said(hint)}</p>" for hint in hints)
        label = QLabel(f"<table>{rows}</table>{more}<p>rtguide {__version__} – {said(RESEARCH_NOTICE)}</p>", self)
        label.setFont(font(scaled(15)))
        label.setTextFormat(Qt.TextFormat.RichText)
        column = QVBoxLayout(self)
        column.setContentsMargins(28, 24, 28, 24)
        column.addWidget(label)
