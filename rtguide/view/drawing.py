"""A transparent sheet over the picture: what trainers draw, in pixels of the frame. It never covers a control."""

from collections.abc import Callable

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from rtguide.model.points import Point, Points
from rtguide.view.fit import Fit
from rtguide.view.theme import HALO

__all__ = ["DRAWN", "DrawingSheet"]

DRAWN = QColor("#ffa8d2")
"""A pale pink: neither an alarm's colour nor the needle's, and none that a scanner draws."""

_STEP_PX = 2.0
"""Points of a stroke lie at least so far apart, in view pixels."""

_PEN_UNITS, _HALO_UNITS = 3.0, 6.0


class DrawingSheet(QWidget):
    """Lies over a canvas. While `is_pen` the mouse draws; else it falls through to the canvas.

    fit, unit: the canvas's, asked at every paint.
    """

    drawn = Signal(object)
    """A stroke that was finished, its points (x, y) in pixels of the frame."""

    def __init__(self, fit: Callable[[], Fit | None], unit: Callable[[], float], parent: QWidget) -> None:
        super().__init__(parent)
        self._fit, self._unit = fit, unit
        self._strokes: tuple[Points, ...] = ()
        self._growing: list[Point] = []
        self._is_pen = False
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName(self.tr("Drawing"))

    @property
    def strokes(self) -> tuple[Points, ...]:
        """What is shown."""
        return self._strokes

    def show_strokes(self, strokes: tuple[Points, ...]) -> None:
        """Show these from the next paint on."""
        if strokes != self._strokes:
            self._strokes = strokes
            self.update()

    def set_pen(self, *, is_pen: bool) -> None:
        """Take the mouse, or leave it to the canvas."""
        self._is_pen = is_pen
        self._growing.clear()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, not is_pen)
        self.setCursor(Qt.CursorShape.CrossCursor if is_pen else Qt.CursorShape.ArrowCursor)
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Begin a stroke, on the picture only."""
        fit = self._fit()
        if event.button() is Qt.MouseButton.LeftButton and fit is not None and fit.rect.contains(event.position()):
            self._growing = [fit.image_from_view(event.position().x(), event.position().y())]

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Go on with it, within the picture."""
        fit = self._fit()
        if not self._growing or fit is None:
            return
        x = min(max(event.position().x(), fit.rect.left()), fit.rect.right())
        y = min(max(event.position().y(), fit.rect.top()), fit.rect.bottom())
        last_x, last_y = fit.view_from_image(self._growing[-1])
        if abs(x - last_x) + abs(y - last_y) >= _STEP_PX:
            self._growing.append(fit.image_from_view(x, y))
            self.update()

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:  # noqa: N802
        """Give the stroke to whoever listens; a click alone is none."""
        stroke, self._growing = tuple((round(x, 1), round(y, 1)) for x, y in self._growing), []
        if len(stroke) > 1:
            self.drawn.emit(stroke)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Every stroke, on a dark halo."""
        fit = self._fit()
        if fit is None or not (self._strokes or self._growing):
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        unit = self._unit()
        lines = [QPolygonF([QPointF(*fit.view_from_image(point)) for point in stroke]) for stroke in self._all()]
        for colour, units in ((HALO, _HALO_UNITS), (DRAWN, _PEN_UNITS)):
            pen = QPen(colour, max(units * unit, units), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
            pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            painter.setPen(pen)
            for line in lines:
                painter.drawPolyline(line)
        painter.end()

    def _all(self) -> tuple[Points, ...]:
        return (*self._strokes, tuple(self._growing)) if self._growing else self._strokes
