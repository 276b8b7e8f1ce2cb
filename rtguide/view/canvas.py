"""The video widget: one frame with its overlay, the words above it, and the mouse in image pixels."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QElapsedTimer, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from rtguide.model.paths import PathFan
from rtguide.model.points import Points
from rtguide.model.scene import Scene
from rtguide.model.structure import box_outline
from rtguide.overlays import PICTURE_LATE, Freshness, Hint, OverlayOptions, compose, hints_of, standing_shapes
from rtguide.overlays.ink import UNITS_HIGH
from rtguide.overlays.shapes import Box, HudText, Shape, Tone
from rtguide.view.alarm_board import AlarmSign
from rtguide.view.fit import UNTURNED, Fit, Turn
from rtguide.view.hud import STRIP_UNITS, paint_strip
from rtguide.view.language import said
from rtguide.view.lettering import Face
from rtguide.view.painter import ShapePainter, paint_pixels
from rtguide.view.theme import BACKGROUND, looks, tone_colour
from rtguide.view.turned_words import mark_sign, turned_shapes

__all__ = ["Shown", "VideoCanvas"]

LARGEST_OVERLAY = 1.5
"""Words over the picture grow no further: larger ones find no place that is clear."""

_SMALLEST_DRAG_PX = 8
"""A press that moves less than this, in view pixels, is a click."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the canvas shows. Equal values look the same: scenes are equal only to themselves.

    late: why there is no overlay, when it is gone, or no picture · sign: the alarm that stands above it · fan: straight
    paths of this scene, None while nobody asks for them · is_blind: an attempt of a study without overlay · turn: to
    the operator's side · is_bolus: somebody has just given a test bolus.
    """

    scene: Scene | None = None
    freshness: Freshness = Freshness.FRESH
    late: HudText = PICTURE_LATE
    is_overlay_hidden: bool = False
    sign: AlarmSign | None = None
    fan: PathFan | None = None
    is_blind: bool = False
    turn: Turn = UNTURNED
    is_bolus: bool = False


class VideoCanvas(QWidget):
    """Shows one scene, as large as fits. Dragging gives a box, and a click a point, in image pixels.

    `on_painted` is called with a scene once it has been painted for the first time.
    """

    dragged = Signal(object, object)
    """(box, scene): a box (x, y, width, height) in image pixels, and the scene it was drawn on."""

    clicked = Signal(object, object)
    """(point, scene): a point (x, y) in image pixels, and the scene it lies on."""

    drawn = Signal(object, object, object)
    """(start, stop, scene): a line in image pixels, and the scene it was drawn on; see `draws_lines`."""

    strip_pressed = Signal()
    """The strip above the picture was pressed."""

    def __init__(self, on_painted: Callable[[Scene], None] | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._on_painted = on_painted
        self._shown = Shown()
        self._shape_painter = ShapePainter(said)
        self._hints: tuple[Hint, ...] = ()
        self._shapes: tuple[Shape, ...] = ()
        self._composed_for: tuple[Shown, float, float] | None = None
        self._last_painted: Scene | None = None
        self.paint_took: Callable[[int, int], None] | None = None
        """Is told how long every paint took and how much of it this thread ran, in ns; None where nobody asks."""
        self._drag: tuple[QPointF, QPointF] | None = None
        self._kept: Points | None = None
        self.draws_lines = False
        """Whether a drag is a line from where it began, not a box."""
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(320, 240)
        self.setAccessibleName(self.tr("Ultrasound picture with overlay"))

    @property
    def shown(self) -> Shown:
        """What is on screen, or will be with the next paint."""
        return self._shown

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """The shapes of the last paint."""
        return self._shapes

    def show_this(self, shown: Shown) -> None:
        """Show this from the next paint on."""
        self._shown = shown
        self.update()

    def keep_outline(self, outline_px: Points | None) -> None:
        """Leave an outline on screen, in image pixels, while the user says what it is; None takes it away."""
        self._kept = outline_px
        self.update()

    @property
    def unit(self) -> float:
        """View pixels in a design unit, in the user's scale as far as the picture bears it."""
        return max(self.height(), 1) / UNITS_HIGH * min(looks().text_scale, LARGEST_OVERLAY)

    def fit(self) -> Fit | None:
        """Where the frame lies on this widget, or its image region where that is turned; None without a frame.

        What surrounds the region are the scanner's own words and marks, which would be turned too.
        """
        scene, turn = self._shown.scene, self._shown.turn
        if scene is None:
            return None
        is_same_size = scene.geometry.shape_px == scene.frame.shape_px
        if turn.is_any and scene.is_region_known and is_same_size:
            return Fit.of_part(scene.geometry.bounds_px(), self._room(), turn)
        height, width = scene.frame.shape_px
        return Fit.of_part((0, 0, width, height), self._room(), turn)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the picture, the shapes, the strip above, and the box that is being dragged."""
        since = QElapsedTimer()
        since.start()
        ran_ns = time.thread_time_ns()
        painter = QPainter(self)
        fit, scene = self.fit(), self._shown.scene
        if fit is None or scene is None:
            painter.fillRect(self.rect(), QColor(BACKGROUND))
            self._shapes = (*standing_shapes(None), self._shown.late)
        else:
            room = self._room()
            for bar in _beside(fit.rect, room):
                painter.fillRect(bar, QColor(BACKGROUND))
            paint_pixels(painter, scene.frame.pixels, fit)
            self._compose(scene, fit, room)
            painter.setClipRect(room)
            self._shape_painter.paint(painter, self._shapes, fit, self.unit / fit.scale)
            self._paint_box(painter, fit)
            if self._shown.turn.is_any:
                self._paint_mark(painter, scene, fit)
            painter.setClipping(False)
        paint_strip(painter, self._shapes, (self._strip(), self.unit), self._shown.sign)
        painter.end()
        if self.paint_took is not None:
            self.paint_took(since.nsecsElapsed(), time.thread_time_ns() - ran_ns)
        if scene is not None and scene is not self._last_painted:
            self._last_painted = scene
            if self._on_painted is not None:
                self._on_painted(scene)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Begin a drag."""
        if self._strip().contains(event.position()):
            self.strip_pressed.emit()
        elif event.button() is Qt.MouseButton.LeftButton and self._shown.scene is not None:
            self._drag = (event.position(), event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Stretch the box."""
        if self._drag is not None:
            self._drag = (self._drag[0], event.position())
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Give the box, or the point, to whoever listens."""
        drag, self._drag = self._drag, None
        scene, fit = self._shown.scene, self.fit()
        if drag is None or scene is None or fit is None:
            return
        start, stop = drag[0], event.position()
        box = _inside(fit, start, stop)
        if max(abs(stop.x() - start.x()), abs(stop.y() - start.y())) < _SMALLEST_DRAG_PX:
            if fit.rect.contains(start):
                self.clicked.emit(fit.image_from_view(start.x(), start.y()), scene)
        elif self.draws_lines:
            self.drawn.emit(*(fit.image_from_view(point.x(), point.y()) for point in (start, stop)), scene)
        elif box is not None:
            self.dragged.emit(box, scene)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Escape gives up a drag; other keys are the window's."""
        if event.key() == Qt.Key.Key_Escape and self._drag is not None:
            self._drag = None
            self.update()
        else:
            super().keyPressEvent(event)

    def _strip(self) -> QRectF:
        return QRectF(0, 0, self.width(), round(STRIP_UNITS * self.unit))

    def _room(self) -> QRectF:
        top = self._strip().height()
        return QRectF(0, top, max(self.width(), 1), max(self.height() - top, 1))

    def _compose(self, scene: Scene, fit: Fit, room: QRectF) -> None:
        """Compose once for each scene and size, however often it is painted."""
        key = (self._shown, room.width(), room.height())
        if self._composed_for == key:
            return
        options = OverlayOptions(
            unit_px=self.unit / fit.scale,
            view_px=fit.image_box(room),
            hints=self._hints,
            is_hidden=self._shown.is_overlay_hidden,
            late=self._shown.late,
            fan=self._shown.fan,
            is_blind=self._shown.is_blind,
            is_bolus=self._shown.is_bolus,
            words=said,
        )
        shapes = compose(scene, self._shown.freshness, options)
        self._hints = hints_of(shapes) or self._hints
        self._shapes = turned_shapes(shapes, self._shown.turn)
        self._composed_for = key

    def _paint_mark(self, painter: QPainter, scene: Scene, fit: Fit) -> None:
        """The picture's marked side, always on a turned view: a disc, and in words whose it is."""
        at_px, sign = mark_sign(scene.geometry)
        words = said(sign)
        (x, y), radius = fit.view_from_image(at_px), 11 * self.unit
        x = min(max(x, fit.rect.left() + radius), fit.rect.right() - radius)
        y = min(max(y, fit.rect.top() + radius), fit.rect.bottom() - radius)
        painter.setPen(QPen(QColor(0, 0, 0, 190), 3 * self.unit))
        painter.setBrush(tone_colour(Tone.TEXT))
        painter.drawEllipse(QPointF(x, y), radius, radius)
        face = Face(22 * self.unit, Tone.TEXT)
        aside = radius + 6 * self.unit
        is_left = x < fit.rect.center().x()
        left = x + aside if is_left else x - aside - face.width(words)
        self._shape_painter.lettering.draw(painter, (left, y - 13 * self.unit), words, face)

    def _paint_box(self, painter: QPainter, fit: Fit) -> None:
        box = None if self._drag is None else _inside(fit, *self._drag)
        outline = self._kept if box is None else box_outline(*box, corners=96)
        if self._drag is not None and self.draws_lines:
            points = list(self._drag)
        elif outline is None:
            return
        else:
            points = [QPointF(*fit.view_from_image(point)) for point in outline]
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, width in ((QColor(0, 0, 0, 190), 5 * self.unit), (tone_colour(Tone.STRUCTURE), 2 * self.unit)):
            painter.setPen(QPen(colour, width, Qt.PenStyle.SolidLine))
            painter.drawPolygon(points)


def _beside(frame: QRectF, room: QRectF) -> tuple[QRectF, ...]:
    """What a frame leaves of its room: bars at its sides, or above and below."""
    return (
        QRectF(room.left(), room.top(), room.width(), max(0.0, frame.top() - room.top())),
        QRectF(room.left(), frame.bottom() - 1, room.width(), max(0.0, room.bottom() - frame.bottom() + 1)),
        QRectF(room.left(), room.top(), max(0.0, frame.left() - room.left()), room.height()),
        QRectF(frame.right() - 1, room.top(), max(0.0, room.right() - frame.right() + 1), room.height()),
    )


def _inside(fit: Fit, start: QPointF, stop: QPointF) -> Box | None:
    """A dragged box in image pixels, cut to the frame; None when nothing of it lies inside."""
    frame = fit.rect
    cut = QRectF(start, stop).normalized().intersected(frame)
    if cut.width() < 2 or cut.height() < 2:
        return None
    return fit.image_box(cut)
