"""What a trainer adds in the replay window: bookmarks, notes, drawings, kept beside the recording."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from rtguide.errors import RecordingError
from rtguide.model.points import Points
from rtguide.recording.annotations import AnnotationKind
from rtguide.view.replay_pane import ReplayPane
from rtguide.view.theme import font, scaled

__all__ = ["NoteLine", "ReplayNotes"]


class NoteLine(QLineEdit):
    """One line to write in. Enter keeps it, Escape gives it up. done: takes the words, false where it cannot."""

    def __init__(self, done: Callable[[str], bool], parent: QWidget) -> None:
        super().__init__(parent)
        self._done = done
        self.setFont(font(scaled(18)))
        self.setMinimumHeight(40)
        self.setTextMargins(12, 0, 12, 0)
        self.setPlaceholderText(self.tr("Note to this frame: Enter keeps it, Escape gives it up"))
        self.setAccessibleName(self.tr("Note"))
        self.hide()

    def begin(self) -> None:
        """Appear, empty, and take the keys."""
        self.clear()
        self.show()
        self.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Enter and Escape end it."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._end(self.text().strip())
        elif event.key() == Qt.Key.Key_Escape:
            self._end("")
        else:
            super().keyPressEvent(event)

    def _end(self, text: str) -> None:
        if text and not self._done(text):
            return  # the words stay: what was written is not to be written twice
        self.hide()
        self.window().setFocus()


class ReplayNotes(QObject):
    """Adds to one pane at a time, and takes back. say: shows a line."""

    def __init__(self, panes: Sequence[ReplayPane], say: Callable[[str], None], window: QWidget) -> None:
        super().__init__(window)
        self._panes = list(panes)
        self._say = say
        self._added: list[tuple[ReplayPane, int]] = []
        self.pane = self._panes[0]
        self._noted = self.pane, 0
        self.line = NoteLine(self._keep_note, window)
        for pane in self._panes:
            pane.sheet.drawn.connect(lambda stroke, pane=pane: self._keep_drawing(pane, stroke))
            pane.canvas.clicked.connect(lambda _point, _scene, pane=pane: self.choose(pane))
            pane.canvas.dragged.connect(lambda _box, _scene, pane=pane: self.choose(pane))
        self.choose(self.pane)

    def choose(self, pane: ReplayPane) -> None:
        """From now on this one is added to."""
        self.pane = pane
        for one in self._panes:
            one.set_active(is_active=one is pane and len(self._panes) > 1)

    def other(self) -> None:
        """The other one."""
        self.choose(self._panes[(self._panes.index(self.pane) + 1) % len(self._panes)])
        self._say(self.pane.recorded.name)

    def bookmark(self) -> None:
        """Remember this frame."""
        if self._add(self.pane, AnnotationKind.BOOKMARK):
            self._say(self.tr("bookmark kept"))

    def begin_note(self) -> None:
        """Ask for the words; those that are being written stay, with their frame."""
        if self.line.isHidden():
            self._noted = self.pane, self.pane.index
            self.line.begin()
        self.line.setFocus()

    def set_pen(self, *, is_pen: bool) -> None:
        """The mouse draws, or not."""
        for pane in self._panes:
            pane.sheet.set_pen(is_pen=is_pen)
        if is_pen:
            self._say(self.tr("draw with the mouse; Ctrl+Z takes back, D ends it"))

    def undo(self) -> None:
        """Take back what was added last in this window."""
        if not self._added:
            self._say(self.tr("nothing to take back"))
            return
        self._remove(*self._added.pop())

    def remove_here(self) -> None:
        """Remove the newest of what was added to the frame on screen."""
        pane = self.pane
        if pane.recorded.frame_count:
            seq = pane.recorded.seq(pane.index)
            for one in reversed(pane.recorded.annotations.there):
                if one.seq == seq:
                    self._remove(pane, one.number)
                    return
        self._say(self.tr("nothing was added to this frame"))

    def _keep_note(self, text: str) -> bool:
        is_kept = self._add(self._noted[0], AnnotationKind.NOTE, text)
        if is_kept:
            self._say(self.tr("note kept"))
        return is_kept

    def _keep_drawing(self, pane: ReplayPane, stroke: Points) -> None:
        self.choose(pane)
        self._add(pane, AnnotationKind.DRAWING, strokes_px=(stroke,))

    def _add(self, pane: ReplayPane, kind: AnnotationKind, text: str = "", strokes_px: tuple[Points, ...] = ()) -> bool:
        if not pane.recorded.frame_count:
            return False
        index = self._noted[1] if kind is AnnotationKind.NOTE else pane.index
        try:
            one = pane.recorded.annotations.add(kind, pane.recorded.seq(index), text, strokes_px)
        except RecordingError as error:
            self._say(str(error))
            return False
        self._added.append((pane, one.number))
        pane.mark_anew()
        return True

    def _remove(self, pane: ReplayPane, number: int) -> None:
        try:
            pane.recorded.annotations.remove(number)
        except RecordingError as error:
            self._say(str(error))
            return
        self._added = [added for added in self._added if added != (pane, number)]
        pane.mark_anew()
        self._say(self.tr("taken back"))
