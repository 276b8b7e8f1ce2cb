"""The window in which a person marks what is true of a clip, by keys and mouse."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QCloseEvent, QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMessageBox, QSlider, QVBoxLayout, QWidget

from rtguide import RESEARCH_NOTICE
from rtguide.errors import RtguideError
from rtguide.model.points import Point, Points
from rtguide.training.annotation import KeyFrame, TipSight
from rtguide.view.annotation_marks import AnnotationMarks
from rtguide.view.compare_panel import ComparePanel, paint_line
from rtguide.view.drafts import Drafts
from rtguide.view.fit import Fit
from rtguide.view.painter import paint_pixels

__all__ = ["AnnotateWindow", "AnnotationCanvas", "Tool"]

MARKED, BETWEEN, DRAFT = QColor("#c9b6ff"), QColor("#8a8f99"), QColor("#ffffff")
FAST_STEP = 10

HELP = """\
T tip   S shaft   O outline (1–9 which)   click sets a point   right click takes it back   Enter ends   Esc drops
V visible   C cannot tell   H hidden   X no needle   Del clear frame   A take what is interpolated
← → frame (Shift: ten)   J K key frames   I interpolated on/off   Ctrl+Z undo   Ctrl+Y redo   Ctrl+S save"""

COMPARE_HELP = "\nR tracker on/off, on marked frames only   N P next and last frame in which it says something else"


class Tool(StrEnum):
    """What a click sets."""

    TIP = "tip"
    SHAFT = "shaft"
    OUTLINE = "outline"


class AnnotationCanvas(QWidget):
    """One frame with its marks. Marks made here are light and full, interpolated ones grey and dashed."""

    clicked = Signal(object, bool)
    """(point in image px, whether by the right button)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumSize(480, 320)
        self._pixels: NDArray[np.uint8] = np.zeros((1, 1), np.uint8)
        self._key: KeyFrame | None = None
        self._is_between = False
        self._draft: Points = ()
        self.said: Mapping[str, Any] | None = None
        """A line of `rtguide track` to draw beside the marks."""

    def show_frame(self, pixels: NDArray[np.uint8], key: KeyFrame | None, draft: Points, *, is_between: bool) -> None:
        """What to paint."""
        self._pixels, self._key, self._draft, self._is_between = pixels, key, draft, is_between
        self.update()

    def view_point(self, point: Point) -> QPointF:
        """Where an image pixel lies on this widget."""
        return QPointF(*self._fit().view_from_image(point))

    def _fit(self) -> Fit:
        height, width = self._pixels.shape[:2]
        return Fit.into((height, width), QRectF(self.rect()))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Picture, marks, draft."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor("#101214"))
        paint_pixels(painter, self._pixels, self._fit())
        if self._key is not None:
            self._paint_key(painter, self._key)
        if self.said is not None:
            paint_line(painter, self.said, self.view_point)
        painter.setPen(QPen(DRAFT, 1.5, Qt.PenStyle.DotLine))
        self._line(painter, self._draft, is_closed=False, has_dots=True)
        painter.end()

    def _paint_key(self, painter: QPainter, key: KeyFrame) -> None:
        ink = BETWEEN if self._is_between else MARKED
        style = Qt.PenStyle.DashLine if self._is_between else Qt.PenStyle.SolidLine
        painter.setPen(QPen(ink, 1.8, style))
        for name, points in key.outlines_px.items():
            self._line(painter, points, is_closed=True)
            painter.drawText(self.view_point(points[0]) + QPointF(6, -6), name)
        self._line(painter, key.shaft_px, is_closed=False)
        if key.tip_px is not None:
            place = self.view_point(key.tip_px)
            is_sure = key.tip is TipSight.VISIBLE and not self._is_between
            painter.setPen(QPen(ink, 2.0, Qt.PenStyle.SolidLine if is_sure else Qt.PenStyle.DotLine))
            painter.drawEllipse(place, 9.0, 9.0)
            painter.drawPoint(place)

    def _line(self, painter: QPainter, points: Points, *, is_closed: bool, has_dots: bool = False) -> None:
        places = [self.view_point(point) for point in points]
        if is_closed and places:
            places.append(places[0])
        painter.drawPolyline(QPolygonF(places))
        if has_dots:
            for place in places:
                painter.drawEllipse(place, 3.0, 3.0)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """A point, where the picture is."""
        height, width = self._pixels.shape[:2]
        x, y = self._fit().image_from_view(event.position().x(), event.position().y())
        if -0.5 <= x < width - 0.5 and -0.5 <= y < height - 0.5:
            point = round(x, 2), round(y, 2)
            self.clicked.emit(point, event.button() == Qt.MouseButton.RightButton)


class AnnotateWindow(QWidget):
    """Marks of one annotator over one clip. read: pixels of a frame by its number · names: of the structures · lines:
    what a tracker said, to be compared on wish, and on marked frames only: whoever sees it first marks the same.
    """

    def __init__(
        self,
        marks: AnnotationMarks,
        read: Callable[[int], NDArray[np.uint8]],
        names: Sequence[str],
        lines: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        super().__init__()
        self.marks, self._read, self._names = marks, read, list(names)
        self.frame, self.tool, self.name = 0, Tool.TIP, self._names[0] if self._names else "target"
        self.drafts = Drafts()
        self.compare = ComparePanel(lines) if lines else None
        self.has_between, self.is_compared = True, False
        self._compared: object = None
        self._shown, self._unread = -1, ""
        self._pixels: NDArray[np.uint8] = np.zeros((1, 1), np.uint8)
        clip = marks.annotation.clip
        self.setWindowTitle(f"{clip.name} – marks of {marks.annotation.annotator} – rtguide")
        self.canvas = AnnotationCanvas()
        self.canvas.clicked.connect(self._click)
        self.state, self.trouble = QLabel(), QLabel()
        self.trouble.setWordWrap(True)
        self.trouble.setStyleSheet("background: #ffffff; color: #101214; font-weight: 600; padding: 4px;")
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, clip.frame_count - 1)
        self.slider.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.slider.valueChanged.connect(self.go)
        keys = QLabel(HELP + (COMPARE_HELP if self.compare else ""))
        self.notice = QLabel(RESEARCH_NOTICE)
        top = QHBoxLayout()
        top.addWidget(self.state, 1)
        top.addWidget(self.notice)
        layout = QVBoxLayout(self)
        layout.addLayout(top)
        layout.addWidget(self.trouble)
        middle = QHBoxLayout()
        middle.addWidget(self.canvas, 1)
        if self.compare is not None:
            self.compare.chosen.connect(self.go)
            self.compare.hide()
            middle.addWidget(self.compare)
        layout.addLayout(middle, 1)
        layout.addWidget(self.slider)
        layout.addWidget(keys)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.resize(1280, 860)
        self._refresh()

    def go(self, frame: int) -> None:
        """To a frame; what was begun and not ended waits where it is."""
        self.frame = min(max(0, frame), self.marks.annotation.clip.frame_count - 1)
        self._refresh()

    @property
    def draft(self) -> Points:
        """What was begun in this frame with this tool."""
        return self.drafts.of(self.frame, self._what)

    @property
    def _what(self) -> str:
        return f"outline of {self.name}" if self.tool is Tool.OUTLINE else self.tool.value

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Every key that `HELP` names."""
        key, has_ctrl = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        step = FAST_STEP if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        with_ctrl: dict[int, Callable[[], object]] = {
            Qt.Key.Key_Z: self.marks.undo,
            Qt.Key.Key_Y: self.marks.redo,
            Qt.Key.Key_S: self.marks.save,
        }
        plain: dict[int, Callable[[], object]] = {
            Qt.Key.Key_Left: lambda: self.go(self.frame - step),
            Qt.Key.Key_Right: lambda: self.go(self.frame + step),
            Qt.Key.Key_Home: lambda: self.go(0),
            Qt.Key.Key_End: lambda: self.go(self.marks.annotation.clip.frame_count - 1),
            Qt.Key.Key_J: lambda: self._to_key(-1),
            Qt.Key.Key_K: lambda: self._to_key(1),
            Qt.Key.Key_T: lambda: self._take(Tool.TIP),
            Qt.Key.Key_S: lambda: self._take(Tool.SHAFT),
            Qt.Key.Key_O: lambda: self._take(Tool.OUTLINE),
            Qt.Key.Key_V: lambda: self._say(TipSight.VISIBLE),
            Qt.Key.Key_C: lambda: self._say(TipSight.UNSURE),
            Qt.Key.Key_H: lambda: self._say(TipSight.HIDDEN),
            Qt.Key.Key_X: lambda: self._say(TipSight.ABSENT),
            Qt.Key.Key_Delete: lambda: self.marks.clear(self.frame),
            Qt.Key.Key_A: self._accept,
            Qt.Key.Key_I: self._toggle_between,
            Qt.Key.Key_Return: self._finish,
            Qt.Key.Key_Enter: self._finish,
            Qt.Key.Key_Escape: lambda: self.drafts.drop(self.frame, self._what),
            Qt.Key.Key_R: self._toggle_compared,
            Qt.Key.Key_N: lambda: self._to_trouble(1),
            Qt.Key.Key_P: lambda: self._to_trouble(-1),
        }
        action = (with_ctrl if has_ctrl else plain).get(key)
        number = key - Qt.Key.Key_1
        if action is not None:
            action()
        elif not has_ctrl and 0 <= number < min(9, len(self._names)):
            self.tool, self.name = Tool.OUTLINE, self._names[number]
        else:
            super().keyPressEvent(event)
            return
        self._refresh()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Nothing is lost by closing: where it cannot be saved the window asks, and stays unless told otherwise."""
        lost = [] if not self.marks.unsaved or self.marks.save() else [self.marks.unsaved]
        if self.drafts.words:
            lost.append(f"Begun and not ended: {', '.join(self.drafts.words)}.")
        if not lost or self._may_lose("\n".join(lost)):
            event.accept()
        else:
            event.ignore()

    def _may_lose(self, what: str) -> bool:
        buttons = QMessageBox.StandardButton
        answer = QMessageBox.warning(
            self, "Not saved", f"{what}\n\nClose and lose it?", buttons.Discard | buttons.Cancel, buttons.Cancel
        )
        return answer == buttons.Discard

    def _click(self, point: Point, is_right: bool) -> None:
        if self._unread:
            return  # nothing is marked on a picture that is not there
        if is_right:
            self.drafts.take_back(self.frame, self._what)
        elif self.tool is Tool.TIP:
            self.marks.place_tip(self.frame, point)
        else:
            self.drafts.add(self.frame, self._what, point)
        self._refresh()

    def _finish(self) -> None:
        """Enough points: a mark. Too few stay a draft, and it is said."""
        points = self.draft
        least = {Tool.TIP: 0, Tool.SHAFT: 2, Tool.OUTLINE: 3}[self.tool]
        if len(points) < least:
            self.trouble.setText(f"{self.tool.value} needs {least} points: set more, then Enter")
            return
        if self.tool is Tool.SHAFT:
            self.marks.draw_shaft(self.frame, points)
        elif self.tool is Tool.OUTLINE:
            self.marks.draw_outline(self.frame, self.name, points)
        self.trouble.setText("")
        self.drafts.drop(self.frame, self._what)

    def _take(self, tool: Tool) -> None:
        self.tool = tool

    def _accept(self) -> None:
        if not self._unread:
            self.marks.accept_between(self.frame)

    def _say(self, tip: TipSight) -> None:
        if self._unread:
            return
        todo = self.marks.say_tip(self.frame, tip)
        if todo:
            self.tool = Tool.TIP
        self.trouble.setText(todo)

    def _toggle_between(self) -> None:
        self.has_between = not self.has_between

    def _toggle_compared(self) -> None:
        if self.compare is None:
            self.trouble.setText("nothing to compare with: open with --compare LINES, a file of `rtguide track --out`")
            return
        self.is_compared = not self.is_compared
        self.compare.setVisible(self.is_compared)

    def _to_trouble(self, direction: int) -> None:
        if self.compare is not None and self.is_compared:
            frame = self.compare.neighbour(self.frame, direction)
            if frame is not None:
                self.go(frame)

    def _to_key(self, direction: int) -> None:
        frames = [key.frame for key in self.marks.annotation.keys if direction * (key.frame - self.frame) > 0]
        if frames:
            self.go(min(frames) if direction > 0 else max(frames))

    def _refresh(self) -> None:
        if self._shown != self.frame:
            self.trouble.setText("")
            self._unread = ""
            try:
                self._pixels = self._read(self.frame)
            except RtguideError as error:
                self._pixels = np.zeros_like(self._pixels)  # not the picture of another frame
                self._unread = f"frame {self.frame}: {error}"
            self._shown = self.frame
        if self.slider.value() != self.frame:
            self.slider.blockSignals(True)
            self.slider.setValue(self.frame)
            self.slider.blockSignals(False)
        key, is_between = self.marks.annotation.key(self.frame), False
        if key is None and self.has_between:
            key = self.marks.annotation.between(self.frame)
            is_between = key is not None
        self._compare(None if is_between else key)
        self.canvas.show_frame(self._pixels, key, self.draft, is_between=is_between)
        self.state.setText(self._words(key, is_between=is_between))
        if self.marks.unsaved or self._unread:
            self.trouble.setText(self.marks.unsaved or self._unread)
        self.trouble.setVisible(bool(self.trouble.text()))

    def _compare(self, key: KeyFrame | None) -> None:
        self.canvas.said = None
        if self.compare is not None and self.is_compared:
            if self._compared is not self.marks.annotation:
                self.compare.show_marks(self.marks.annotation)
                self._compared = self.marks.annotation
            if key is not None and not self._unread:
                self.canvas.said = self.compare.line(self.frame)

    def _words(self, key: KeyFrame | None, *, is_between: bool) -> str:
        clip = self.marks.annotation.clip
        said = "nothing marked"
        if key is not None:
            said = f"tip: {key.tip.value if key.tip else 'not said'}" + (", interpolated" if is_between else ", marked")
        if key is not None and not is_between and self.compare is not None and self.is_compared:
            said += f"   |   {self.compare.words(key, clip.mm_per_px)}"
        elsewhere = self.drafts.elsewhere(self.frame, self._what)
        begun = f"   |   begun: {', '.join(elsewhere)}" if elsewhere else ""
        points = f", {len(self.draft)} points, Enter ends" if self.draft else ""
        saved = "NOT SAVED" if self.marks.unsaved else "saved"
        count = len(self.marks.annotation.keys)
        return (
            f"frame {self.frame} of {clip.frame_count - 1}   {said}   |   click sets: {self._what}{points}   |   "
            f"{count} key frames, {saved}{begun}"
        )
