"""What is shown at each step of a procedure: the plan beside the picture, the stop, the end."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QListWidget, QPushButton, QScroller, QVBoxLayout, QWidget

from rtguide.model.block_plan import BlockPlan, BodySide
from rtguide.model.geometry import ImageGeometry
from rtguide.view.canvas import VideoCanvas
from rtguide.view.language import said
from rtguide.view.status_text import scale_text
from rtguide.view.theme import CHOSEN, RAISED, font, scaled, touch_px
from rtguide.view.workflow import STOP_CHECKS, Procedure

__all__ = ["DonePage", "PlanPanel", "ScalePanel", "StopPage"]


class _Page(QWidget):
    """Large buttons; keys are the window's."""

    ticked = Signal(int)
    """An item of the list was pressed."""
    gone_on = Signal()
    gone_back = Signal()

    def button(self, text: str, factor: float = 0.36) -> QPushButton:
        """At least 12 mm high."""
        side = touch_px(self)
        button = QPushButton(text, self)
        button.setMinimumHeight(side)
        button.setFont(font(side * factor))
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return button

    def label(self, size: float, *, is_bold: bool = False) -> QLabel:
        """Text that may take several lines."""
        label = QLabel(self)
        label.setFont(font(size, is_bold=is_bold))
        label.setWordWrap(True)
        return label

    def checks(self, texts: Sequence[str]) -> list[QPushButton]:
        """One large button for each item."""
        buttons = []
        for number, text in enumerate(texts):
            check = self.button(f"○  {said(text)}")
            check.setStyleSheet("text-align: left; padding-left: 10px")
            check.clicked.connect(lambda _checked=False, number=number: self.ticked.emit(number))
            buttons.append(check)
        return buttons


class ScalePanel(_Page):
    """Before the plan, where nobody stands for the scale; beside the picture."""

    asked = Signal()
    """The ruler shall be read."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedWidth(round(scaled(380)))
        self.setAutoFillBackground(True)
        self.setStyleSheet(f"ScalePanel {{ background: {RAISED} }}")
        self.setAccessibleName(self.tr("Scale"))
        head, self.found, about = self.label(scaled(20), is_bold=True), self.label(scaled(17)), self.label(scaled(16))
        head.setText(self.tr("No scale that somebody stands for"))
        about.setText(
            self.tr(
                "Without it there are no millimetres, no paths, and no alarm that needs them. Once it is kept, "
                "this screen is known again at this depth."
            )
        )
        self.ask, self.on = (
            self.button(self.tr("Read this screen's ruler  U")),
            self.button(self.tr("Go on without  ⏎")),
        )
        back = self.button(self.tr("Give up  Esc"))
        self.ask.clicked.connect(self.asked)
        self.on.clicked.connect(self.gone_on)
        back.clicked.connect(self.gone_back)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 10, 10, 10)
        for widget in (head, self.found, about, self.ask):
            column.addWidget(widget)
        column.addStretch(1)
        column.addWidget(self.on)
        column.addWidget(back)
        self.hide()

    def show_geometry(self, geometry: ImageGeometry | None) -> None:
        """What is known of the scale; None before the first picture."""
        text = self.tr("waiting for a picture") if geometry is None else said(scale_text(geometry))
        if text != self.found.text():
            self.found.setText(text)


class PlanPanel(_Page):
    """Block, side, structures, checklist; beside the picture, on which structures are marked meanwhile."""

    chosen = Signal(object)
    """A BlockPlan."""
    sided = Signal(object)
    """A BodySide."""

    def __init__(self, plans: tuple[BlockPlan, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plans = plans
        self.setFixedWidth(round(scaled(380)))
        self.setAutoFillBackground(True)
        self.setStyleSheet(f"PlanPanel {{ background: {RAISED} }}")
        self.setAccessibleName(self.tr("Plan"))
        self.list = QListWidget(self)
        self.list.setFont(font(scaled(17)))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.addItems([plan.title for plan in plans])
        for row in range(self.list.count()):
            self.list.item(row).setSizeHint(QSize(0, touch_px(self)))
        QScroller.grabGesture(self.list.viewport(), QScroller.ScrollerGestureType.TouchGesture)
        self.list.setAccessibleName(self.tr("Block"))
        self.list.currentRowChanged.connect(self._row_changed)
        self.sides = {side: self.button(f"{'←' if side is BodySide.LEFT else '→'}  {said(side)}") for side in BodySide}
        sides = QHBoxLayout()
        for side, button in self.sides.items():
            button.setCheckable(True)
            button.setStyleSheet(f"QPushButton:checked {{ background: {CHOSEN}; font-weight: bold }}")
            button.clicked.connect(lambda _checked=False, side=side: self.sided.emit(side))
            sides.addWidget(button)
        self.facts, self.structures = self.label(scaled(15)), self.label(scaled(15))
        self._checks_column = QVBoxLayout()
        self.check_buttons: list[QPushButton] = []
        self._checks_of: BlockPlan | None = None
        self.missing = self.label(scaled(16), is_bold=True)
        self.on, back = self.button(self.tr("Go on  ⏎")), self.button(self.tr("Give up  Esc"))
        self.on.clicked.connect(self.gone_on)
        back.clicked.connect(self.gone_back)
        head = self.label(scaled(18), is_bold=True)
        head.setText(self.tr("Plan: block ↑↓, patient's side ← →"))
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 10, 10, 10)
        column.addWidget(head)
        column.addWidget(self.list, 1)
        column.addLayout(sides)
        self._dose_place = QVBoxLayout()
        column.addLayout(self._dose_place)
        column.addWidget(self.facts)
        column.addWidget(self.structures)
        column.addLayout(self._checks_column)
        column.addWidget(self.missing)
        ends = QHBoxLayout()
        ends.addWidget(back)
        ends.addWidget(self.on)
        column.addLayout(ends)
        self.hide()

    def add_dose(self, row: QWidget) -> None:
        """What is injected and into whom."""
        self._dose_place.addWidget(row)

    def move_choice(self, steps: int) -> None:
        """Up or down in the list of blocks."""
        self.list.setCurrentRow(max(0, min(self.list.count() - 1, self.list.currentRow() + steps)))

    def choose_none(self) -> None:
        """A new procedure takes no block for granted: what was chosen for the last one is chosen anew."""
        self.list.setCurrentRow(-1)

    def choose(self, name: str) -> None:
        """The block of this name, if there is one."""
        for row, plan in enumerate(self._plans):
            if plan.name == name:
                self.list.setCurrentRow(row)

    def show_plan(self, procedure: Procedure, not_marked: tuple[str, ...]) -> None:
        """As far as it is."""
        plan = procedure.plan
        for side, button in self.sides.items():
            button.setChecked(side is procedure.side)
        if plan is not self._checks_of:
            self._make_checks(plan)
        if plan is not None:
            self.facts.setText(said(plan.facts()))
            rows = [f"{'○' if s.name in not_marked else '✓'} {said(s.name)} ({said(s.role)})" for s in plan.structures]
            rest = "<br>" + said("○ is not marked: it is not watched") if not_marked else ""
            self.structures.setText(" · ".join(rows) + rest)
            for number, button in enumerate(self.check_buttons):
                button.setText(f"{'✓' if number in procedure.checked else '○'}  {plan.checklist[number]}")
        self.missing.setText(said(procedure.missing()))

    def _make_checks(self, plan: BlockPlan | None) -> None:
        for button in self.check_buttons:
            button.deleteLater()
        self.check_buttons = [] if plan is None else self.checks(plan.checklist)
        for button in self.check_buttons:
            button.setFont(font(scaled(15)))
            self._checks_column.addWidget(button)
        self._checks_of = plan

    def _row_changed(self, row: int) -> None:
        if 0 <= row < len(self._plans):
            self.chosen.emit(self._plans[row])


class StopPage(_Page):
    """The whole window: what is about to be done, and on which side; the living picture beside it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        side = touch_px(self)
        self.setAccessibleName(self.tr("Stop before the needle"))
        stop, self.block = self.label(side * 1.5, is_bold=True), self.label(side * 0.8, is_bold=True)
        stop.setText(said("STOP"))
        self.side_label = self.label(side * 1.5, is_bold=True)
        self.facts, self.not_marked = self.label(side * 0.36), self.label(side * 0.36)
        self.check_buttons = self.checks(STOP_CHECKS)
        self.on, back = self.button(self.tr("Needle  ⏎"), 0.5), self.button(self.tr("Back  Esc"))
        self.on.clicked.connect(self.gone_on)
        back.clicked.connect(self.gone_back)
        left = QVBoxLayout()
        left.setContentsMargins(24, 16, 24, 16)
        for widget in (stop, self.block, self.side_label, self.facts, self.not_marked):
            left.addWidget(widget)
        left.addStretch(1)
        for check in self.check_buttons:
            left.addWidget(check)
        ends = QHBoxLayout()
        ends.addWidget(back)
        ends.addWidget(self.on, 1)
        left.addLayout(ends)
        self.canvas = VideoCanvas(None, self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addLayout(left, 2)
        row.addWidget(self.canvas, 3)

    def show_stop(self, procedure: Procedure, not_marked: tuple[str, ...]) -> None:
        """As far as it is."""
        assert procedure.plan is not None
        self.block.setText(procedure.plan.title)
        self.side_label.setText(said(f"{procedure.side} side").upper())
        self.facts.setText(said(procedure.plan.facts()))
        self.not_marked.setText(
            said(f"not marked, not watched: {', '.join(map(said, not_marked))}") if not_marked else ""
        )
        for number, button in enumerate(self.check_buttons):
            button.setText(f"{'✓' if number in procedure.stopped else '○'}  {said(STOP_CHECKS[number])}")
        self.on.setEnabled(not procedure.missing())


class DonePage(_Page):
    """What was done, a note, and the end of the recording."""

    saved = Signal(str)
    """The note."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        side = touch_px(self)
        self.setAccessibleName(self.tr("Done"))
        head = self.label(side * 0.9, is_bold=True)
        head.setText(self.tr("Done"))
        self.summary = self.label(side * 0.42)
        self.line = QLineEdit(self)
        self.line.setPlaceholderText(self.tr("note (may stay empty)"))
        self.line.setAccessibleName(self.tr("Note"))
        self.line.setFont(font(side * 0.4))
        self.line.setMinimumHeight(side)
        self.line.returnPressed.connect(self._save)
        self.save, back = self.button(self.tr("Save and end  ⏎"), 0.44), self.button(self.tr("Back  Esc"))
        self.save.clicked.connect(self._save)
        back.clicked.connect(self.gone_back)
        ends = QHBoxLayout()
        ends.addWidget(back)
        ends.addWidget(self.save, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(60, 40, 60, 40)
        column.addWidget(head)
        column.addWidget(self.summary)
        column.addStretch(1)
        column.addWidget(self.line)
        column.addLayout(ends)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Return was the line's own: it goes no further."""
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)

    def _save(self) -> None:
        self.saved.emit(self.line.text().strip())
        self.line.clear()
