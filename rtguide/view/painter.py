"""The one painter: a frame, the shapes over it and the words at the edge, with QPainter on a widget or on an image.

Image coordinates have (0, 0) at the centre of the top-left pixel; the view's have it at a pixel's corner.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from rtguide.model.points import Points
from rtguide.opencv import cv2
from rtguide.overlays.placement import LINE_HEIGHT
from rtguide.overlays.shapes import Bracket, Dash, Ellipse, HudText, Label, Polyline, Segments, Shape, Stroke
from rtguide.view.fit import Fit
from rtguide.view.lettering import Face, Lettering
from rtguide.view.theme import HALO, tone_colour

__all__ = ["ShapePainter", "paint_pixels", "qimage_of"]

_HALO_UNITS = 4.0
_HOLLOW = QColor(0, 0, 0)
_ELLIPSE_CORNERS = 32
_ASIDE_PX = 0.3
"""Corners that lie nearer to the line between their neighbours than this, in view pixels, are left out: an outline has
three to four times as many as anybody can see, and each one costs."""
_MANY_CORNERS = 12
_DASHES = {Dash.DASHED: (9.0, 6.0), Dash.DOTTED: (4.0, 6.0)}
"""Ink and gap in design units; widths are taken off, so that fine and bold lines share a rhythm."""


def qimage_of(pixels: NDArray[np.uint8]) -> QImage:
    """A frame's pixels as an image over the same memory: the array must outlive it."""
    pixels = np.ascontiguousarray(pixels)
    form = QImage.Format.Format_Grayscale8 if pixels.ndim == 2 else QImage.Format.Format_RGB888
    return QImage(pixels.data, pixels.shape[1], pixels.shape[0], pixels.strides[0], form)


def paint_pixels(painter: QPainter, pixels: NDArray[np.uint8], fit: Fit) -> None:
    """Draw the frame, interpolated where it is scaled (OpenCV's bilinear takes half of Qt's time)."""
    width, height = max(1, round(fit.rect.width())), max(1, round(fit.rect.height()))
    pixels = fit.cut(pixels)
    if (height, width) != fit.shape_px:
        method = cv2.INTER_AREA if fit.scale < 0.5 else cv2.INTER_LINEAR
        pixels = np.asarray(cv2.resize(pixels, (width, height), interpolation=method), dtype=np.uint8)
    pixels = np.ascontiguousarray(fit.turned(pixels))
    painter.drawImage(QPointF(fit.left, fit.top), qimage_of(pixels))


class ShapePainter:
    """Draws shapes; keeps the lettering it has once made. For one thread. say: gives words in the user's language."""

    def __init__(self, say: Callable[[str], str] = str) -> None:
        self.lettering, self._say = Lettering(), say

    def paint(self, painter: QPainter, shapes: Sequence[Shape], fit: Fit, unit_px: float) -> None:
        """Draw lines, marks and labels. Lines of one stroke are drawn together, the first stroke lowest.

        unit_px: image pixels in a design unit, the one the shapes were composed with.
        """
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.save()
        painter.setWorldTransform(fit.transform(), combine=True)
        lines: dict[Stroke, list[list[QPointF]]] = {}
        for shape in shapes:
            if isinstance(shape, (Polyline, Segments, Ellipse, Bracket)):
                lines.setdefault(shape.stroke, []).extend(_polygons(shape, _ASIDE_PX / fit.scale))
        for stroke, polygons in lines.items():
            _draw_stroke(painter, polygons, stroke, unit_px)
        painter.restore()
        for shape in shapes:
            if isinstance(shape, Label):
                self._paint_label(painter, shape, fit)
            elif isinstance(shape, HudText) and shape.box_px is not None:
                at = fit.corner(shape.box_px)
                size = shape.box_px[3] / LINE_HEIGHT * fit.scale
                self.lettering.draw(painter, at, self._say(shape.text), Face(size, shape.tone, is_bold=True))

    def _paint_label(self, painter: QPainter, label: Label, fit: Fit) -> None:
        x, y = fit.corner(label.box_px)
        for line in label.lines:
            size = line.size_px * fit.scale
            self.lettering.draw(painter, (x, y), self._say(line.text), Face(size, line.tone, line.is_bold))
            y += size * LINE_HEIGHT


def _polygons(shape: Polyline | Segments | Ellipse | Bracket, aside_px: float) -> list[list[QPointF]]:
    match shape:
        case Segments():
            return [[QPointF(*start), QPointF(*stop)] for start, stop in shape.pieces_px]
        case Polyline():
            points = (*shape.points_px, shape.points_px[0]) if shape.is_closed else shape.points_px
        case Bracket():
            points = shape.points_px()
        case Ellipse():
            points = shape.points_px(_ELLIPSE_CORNERS)
    if len(points) > _MANY_CORNERS:
        points = _fewer(points, aside_px)
    return [[QPointF(x, y) for x, y in points]]


def _fewer(points: Points, aside_px: float) -> Points:
    """The same line without the corners that nobody can see; a closed one stays closed."""
    is_closed = points[0] == points[-1]
    curve = np.array(points[:-1] if is_closed else points, np.float32)[:, None]
    kept = cv2.approxPolyDP(curve, aside_px, closed=is_closed)[:, 0].tolist()
    return tuple((x, y) for x, y in (*kept, *(kept[:1] if is_closed else ())))


def _draw_stroke(painter: QPainter, polygons: list[list[QPointF]], stroke: Stroke, unit_px: float) -> None:
    """A dark halo, the line, and for an old result the line's dark inside.

    Solid lines are drawn piece by piece, which Qt does three times as fast; a dash pattern has to run through.
    """
    pens = [
        _pen(HALO, stroke.width_px + _HALO_UNITS * unit_px, stroke, unit_px),
        _pen(tone_colour(stroke.tone), stroke.width_px, stroke, unit_px),
    ]
    if stroke.is_hollow:
        pens.append(_pen(_HOLLOW, stroke.width_px * 0.45, stroke, unit_px))
    pieces = [QLineF(a, b) for polygon in polygons for a, b in pairwise(polygon)] if stroke.dash is Dash.SOLID else []
    for pen in pens:
        painter.setPen(pen)
        if stroke.dash is Dash.SOLID:
            painter.drawLines(pieces)
        else:
            for polygon in polygons:
                painter.drawPolyline(polygon)


def _pen(colour: QColor, width: float, stroke: Stroke, unit_px: float) -> QPen:
    pen = QPen(colour, width)
    pattern = _DASHES.get(stroke.dash)
    pen.setCapStyle(Qt.PenCapStyle.SquareCap if pattern is None else Qt.PenCapStyle.FlatCap)
    if pattern is not None:
        pen.setDashPattern([length * unit_px / width for length in pattern])
    return pen
