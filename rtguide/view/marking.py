"""From a dragged box or a click to a marked structure."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPointF, QRect, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QPolygonF
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from rtguide.model.points import Point, Points
from rtguide.model.scene import Scene
from rtguide.model.structure import Role, Structure, StructureKind, Tissue, box_outline
from rtguide.overlays.shapes import Box
from rtguide.tracking.structure_outline import propose_outline
from rtguide.view.canvas import VideoCanvas
from rtguide.view.language import said
from rtguide.view.theme import font, touch_px

__all__ = ["AIM", "CHOICES", "Choice", "MarkChoice", "MarkDesk", "aim_at", "marked"]


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

AIM = Choice("P", "Aim", "aim", Tissue.OTHER, Role.TARGET)
"""The point that was pressed, not the outline around it."""


def marked(choice: Choice, outline_px: Points, taken: Sequence[str]) -> Structure:
    """An outline as a structure, under a name that is not taken."""
    name, number = choice.name, 1
    while name in taken:
        number += 1
        name = f"{choice.name} {number}"
    return Structure(name, StructureKind.STRUCTURE, choice.tissue, choice.role, outline_px)


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
        for choice in (*CHOICES, AIM, None):
            text = self.tr("Cancel") if choice is None else f"{said(choice.text)}  {choice.key}"
            button = QPushButton(text, self)
            button.setFont(font(side * 0.36))
            button.setMinimumSize(round(side * 1.6), side)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.clicked.connect(lambda _checked=False, choice=choice: self._choose(choice))
            row.addWidget(button)
            if choice is AIM:
                self._aim = button
        self.hide()

    def ask(self, beside: QRect, *, has_aim: bool = False) -> None:
        """Appear below a rectangle of the parent, or above it where there is no room; never over it.

        has_aim: a point was pressed, which can be the aim.
        """
        self._aim.setVisible(has_aim)
        self.adjustSize()
        room = self._room.rect()
        x = max(0, min(beside.center().x() - self.width() // 2, room.width() - self.width()))
        below = beside.bottom() + 12
        above = max(0, beside.top() - 12 - self.height())
        self.move(x, below if below + self.height() <= room.height() else above)
        self.show()
        self.raise_()
        self.setFocus()

    def event(self, event: QEvent) -> bool:
        """Its letters come before the window's shortcuts of the same keys."""
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._offered(event):
            event.accept()
            return True
        return super().event(event)

    def _offered(self, event: QKeyEvent) -> Choice | None:
        offered = CHOICES if self._aim.isHidden() else (*CHOICES, AIM)
        return next((choice for choice in offered if choice.key == event.text().upper()), None)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Choose by letter; Escape gives up."""
        if event.key() == Qt.Key.Key_Escape:
            self._choose(None)
            return
        choice = self._offered(event)
        if choice is not None:
            self._choose(choice)
        else:
            super().keyPressEvent(event)

    def _choose(self, choice: Choice | None) -> None:
        self.hide()
        self.chosen.emit(choice)


class MarkDesk(QObject):
    """Marks what is dragged or pressed on the canvas, after asking what it is: a box at any time; while marking, what
    stands out around a click. A click where nothing does is the aim.

    action: marking, as the user switches it.
    """

    marked = Signal(object, object)
    """(Structure, Scene): the structure as it lies in the scene it was drawn on."""
    begun = Signal()
    """A box was dragged: nothing else is to be done with the mouse."""

    def __init__(self, canvas: VideoCanvas, action: QAction) -> None:
        super().__init__(canvas)
        self._canvas, self._action = canvas, action
        self.choice = MarkChoice(canvas)
        self._pending: tuple[Points, Scene] | None = None
        self._pressed: Point | None = None
        canvas.dragged.connect(self._box_dragged)
        canvas.clicked.connect(self._point_clicked)
        self.choice.chosen.connect(self._chosen)

    def give_up(self) -> None:
        """Forget what was drawn or pressed."""
        self._pending = self._pressed = None
        self._canvas.keep_outline(None)
        self.choice.hide()
        self._canvas.window().setFocus()

    def _box_dragged(self, box: Box, scene: Scene) -> None:
        self._pressed = None
        self._ask(box_outline(*box), scene)

    def _point_clicked(self, point: Point, scene: Scene) -> None:
        if not self._action.isChecked():
            return
        proposal = propose_outline(scene.frame, scene.geometry, point)
        if proposal is None:
            self._aim(point, scene)
        else:
            self._pressed = point
            self._ask(proposal.outline_px, scene)

    def _ask(self, outline_px: Points, scene: Scene) -> None:
        fit = self._canvas.fit()
        if fit is None:
            return
        self.begun.emit()
        self._pending = (outline_px, scene)
        self._canvas.keep_outline(outline_px)
        shape = QPolygonF([QPointF(*fit.view_from_image(point)) for point in outline_px])
        self.choice.ask(shape.boundingRect().toAlignedRect(), has_aim=self._pressed is not None)

    def _aim(self, point: Point, scene: Scene) -> None:
        self.marked.emit(aim_at(point), scene)
        self._action.trigger()

    def _chosen(self, choice: Choice | None) -> None:
        pending, pressed = self._pending, self._pressed
        self.give_up()
        if choice is None or pending is None:
            return
        outline, scene = pending
        if choice is AIM:
            if pressed is not None:
                self._aim(pressed, scene)
            return
        newest = self._canvas.shown.scene or scene
        self.marked.emit(marked(choice, outline, [structure.name for structure in newest.plan.structures]), scene)
        if self._action.isChecked():
            self._action.trigger()
