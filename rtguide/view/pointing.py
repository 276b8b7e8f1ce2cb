"""What the mouse does in the picture: it marks structures, points at the needle, or neither."""

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction

from rtguide.clock import Clock
from rtguide.model.needle import NeedleHint
from rtguide.model.points import Point
from rtguide.model.scene import Scene
from rtguide.view.canvas import VideoCanvas
from rtguide.view.marking import MarkDesk

__all__ = ["Pointing"]

MARK_PROMPT = "drag a box or click: a structure, the aim · Esc ends"
NEEDLE_PROMPT = "click on the needle, or draw it from its entry to its tip · Esc ends"
SAID = "pointed at: a needle is believed there sooner"

SAID_NS = 4_000_000_000
"""As long as a tracker uses it."""


class Pointing(QObject):
    """Two ways that exclude each other; each ends with what was marked or pointed at."""

    hinted = Signal(object, object)
    """(NeedleHint, Scene): where the needle is in the scene that was pressed."""
    unused = Signal(object, object)
    """(point, scene): a click that marks nothing."""
    changed = Signal()

    def __init__(self, canvas: VideoCanvas, mark: QAction, needle: QAction, clock: Clock) -> None:
        super().__init__(canvas)
        self._canvas, self._mark, self._needle, self._clock = canvas, mark, needle, clock
        self._said_ns: int | None = None
        self.marks = MarkDesk(canvas, mark)
        canvas.clicked.connect(self._clicked)
        canvas.drawn.connect(lambda start, stop, scene: self._pointed((start, stop), scene))

    @property
    def is_on(self) -> bool:
        """Whether the mouse is for marking or pointing."""
        return self._mark.isChecked() or self._needle.isChecked()

    def prompt(self) -> str:
        """What to do, or what was just done; empty without either."""
        if self._mark.isChecked():
            return MARK_PROMPT
        if self._needle.isChecked():
            return NEEDLE_PROMPT
        is_new = self._said_ns is not None and self._clock.now_ns() - self._said_ns < SAID_NS
        return SAID if is_new else ""

    def switched(self, name: str) -> None:
        """The user has switched one of the two: "mark" or "needle"."""
        own, other = (self._mark, self._needle) if name == "mark" else (self._needle, self._mark)
        if own.isChecked():
            other.setChecked(False)
        self._canvas.draws_lines = self._needle.isChecked()
        self._canvas.setCursor(Qt.CursorShape.CrossCursor if self.is_on else Qt.CursorShape.ArrowCursor)
        self.changed.emit()

    def leave(self) -> None:
        """End whichever is on."""
        for action in (self._mark, self._needle):
            if action.isChecked():
                action.trigger()

    def give_up(self) -> None:
        """Another source: forget what was drawn or said."""
        self._said_ns = None
        self.marks.give_up()

    def _clicked(self, point: Point, scene: Scene) -> None:
        if self._needle.isChecked():
            self._pointed((point,), scene)
        elif not self._mark.isChecked():
            self.unused.emit(point, scene)

    def _pointed(self, points: tuple[Point, ...], scene: Scene) -> None:
        self._said_ns = self._clock.now_ns()
        self.hinted.emit(NeedleHint(points), scene)
        self._needle.trigger()
