"""The timeline of one recording: what happened when, with the mouse to go there, loop a part, and look closer."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from rtguide.overlays.shapes import Tone
from rtguide.view.feed import Recorded
from rtguide.view.theme import BACKGROUND, CHOSEN, tone_colour
from rtguide.view.timeline_marks import TimelineMark
from rtguide.view.timeline_paint import MARGIN_PX, TimelineContent, TimelineSide, TimelineView, paint_timeline
from rtguide.view.timeline_reader import TimelineData

__all__ = ["Timeline", "sides_of"]

RIGHT_PX = 10.0
MOST_SIDES = 3
CLOSEST_S = 1.0
"""Nobody looks at less than a second at once."""

_NEAR_PX = 6.0
_ZOOM = 1.25


class Timeline(QWidget):
    """Times are the recording's own seconds, from its first frame."""

    sought = Signal(float)
    """The mouse went to this moment."""

    spanned = Signal(float, float)
    """The mouse chose this part to be shown."""

    loop_chosen = Signal(float, float)
    """This part was drawn with Shift held."""

    def __init__(self, length_s: float, sides: Sequence[TimelineSide] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._length_s = max(length_s, 1e-3)
        self._content = TimelineContent(sides=tuple(sides)[:MOST_SIDES])
        self._range_s = self._shown_s = (0.0, self._length_s)
        self._head_s = 0.0
        self._loop: tuple[float, float] | None = None
        self._sheet: QPixmap | None = None
        self._press: tuple[Qt.MouseButton, QPointF, bool] | None = None
        self._panned_from = (0.0, 0.0)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(self.tr("Timeline"))
        self._fit_height()

    @property
    def data(self) -> TimelineData | None:
        """What is shown."""
        return self._content.data

    @property
    def marks(self) -> tuple[TimelineMark, ...]:
        """The moments on it."""
        return self._content.marks

    @property
    def shown_s(self) -> tuple[float, float]:
        """The part that is shown."""
        return self._shown_s

    @property
    def view(self) -> TimelineView:
        """Where moments lie now."""
        return TimelineView(*self._shown_s, max(1.0, self.width() - MARGIN_PX - RIGHT_PX), self._length_s)

    def show_data(self, data: TimelineData) -> None:
        """Show what was read so far."""
        self._content = replace(self._content, data=data)
        self._fit_height()
        self._redraw()

    def set_pictures(self, *, has_pictures: bool) -> None:
        """Whether there is room for pictures."""
        if has_pictures != self._content.has_pictures:
            self._content = replace(self._content, has_pictures=has_pictures)
            self._fit_height()
            self._redraw()

    def show_marks(self, marks: tuple[TimelineMark, ...]) -> None:
        """Show these moments."""
        if marks != self._content.marks:
            self._content = replace(self._content, marks=marks)
            self._redraw()

    def set_range(self, start_s: float, stop_s: float) -> None:
        """What can be shown at most: more than the recording, where another is beside it. All of it is shown."""
        self._range_s = (start_s, max(stop_s, start_s + 1e-3))
        self.show_span(*self._range_s)

    def show_span(self, start_s: float, stop_s: float) -> None:
        """Show this part, as far as it can be shown."""
        low, high = self._range_s
        span_s = min(max(stop_s - start_s, min(CLOSEST_S, high - low)), high - low)
        start_s = min(max(start_s, low), high - span_s)
        if (start_s, start_s + span_s) != self._shown_s:
            self._shown_s = (start_s, start_s + span_s)
            self._redraw()

    def show_head(self, seconds: float, loop: tuple[float, float] | None) -> None:
        """Where the play head is, and what is looped; a head that leaves what is shown takes it along."""
        if (seconds, loop) == (self._head_s, self._loop):
            return
        self._head_s, self._loop = seconds, loop
        start, stop = self._shown_s
        if self._press is None and not start <= seconds <= stop:
            self.show_span(seconds - (stop - start) / 2, seconds + (stop - start) / 2)
        self.update()

    def _fit_height(self) -> None:
        bands = self._content.bands()
        self.setFixedHeight(round(bands[-1].top + bands[-1].height + 2))

    def _redraw(self) -> None:
        self._sheet = None
        self.update()

    def _choose_span(self, start_s: float, stop_s: float) -> None:
        self.show_span(start_s, stop_s)
        self.spanned.emit(*self._shown_s)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """What stands still is drawn once; the head and the loop every time."""
        ratio = self.devicePixelRatioF()
        if self._sheet is None or self._sheet.size() != self.size() * ratio:
            self._sheet = QPixmap(self.size() * ratio)
            self._sheet.setDevicePixelRatio(ratio)
            self._sheet.fill(QColor(BACKGROUND))
            still = QPainter(self._sheet)
            paint_timeline(still, self.view, self._content)
            still.end()
        painter, view = QPainter(self), self.view
        painter.drawPixmap(0, 0, self._sheet)
        painter.setClipRect(QRectF(MARGIN_PX - 4, 0, view.width_px + 8, self.height()))
        if self._loop is not None:
            left, right = (view.x_of(second) for second in self._loop)
            shade = QColor(CHOSEN)
            shade.setAlpha(70)
            painter.fillRect(QRectF(left, 0, right - left, self.height()), shade)
            painter.setPen(QPen(QColor(CHOSEN), 2))
            for x in (left, right):
                painter.drawLine(QPointF(x, 0), QPointF(x, self.height()))
        x = view.x_of(self._head_s)
        painter.setPen(QPen(tone_colour(Tone.TEXT), 2))
        painter.drawLine(QPointF(x, 0), QPointF(x, self.height()))
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Left: go there, with Shift begin a loop. Right or middle: take hold of what is shown."""
        is_loop = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self._press = (event.button(), event.position(), is_loop)
        self._panned_from = self._shown_s
        if event.button() is Qt.MouseButton.LeftButton and not is_loop:
            self.sought.emit(self.view.seconds_of(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Drag the head, the loop, or what is shown; whoever only rests on a moment reads what was then."""
        if self._press is None:
            at_x = event.position().x()
            self.setToolTip(self.words_at(at_x) if at_x >= MARGIN_PX else "")
            return
        button, begin, is_loop = self._press
        view = self.view
        if button is not Qt.MouseButton.LeftButton:
            start, stop = self._panned_from
            moved_s = (begin.x() - event.position().x()) / view.width_px * (stop - start)
            self._choose_span(start + moved_s, stop + moved_s)
        elif is_loop:
            self._loop = _rising(view.seconds_of(begin.x()), view.seconds_of(event.position().x()))
            self.update()
        else:
            self.sought.emit(view.seconds_of(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """A loop is complete."""
        press, self._press = self._press, None
        if press is not None and press[0] is Qt.MouseButton.LeftButton and press[2]:
            view = self.view
            self.loop_chosen.emit(*_rising(view.seconds_of(press[1].x()), view.seconds_of(event.position().x())))

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:  # noqa: N802
        """Show all of it."""
        self._choose_span(*self._range_s)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Look closer, or less so, at what is under the pointer."""
        steps = event.angleDelta().y() / 120
        start, stop = self._shown_s
        at = self.view.seconds_of(event.position().x())
        span = min((stop - start) * _ZOOM**-steps, self._range_s[1] - self._range_s[0])
        start = at - (at - start) / (stop - start) * span
        self._choose_span(start, start + span)
        event.accept()

    def words_at(self, x: float) -> str:
        """The moment there, its figures, and the marks near it, a line each."""
        view = self.view
        seconds = view.seconds_of(x)
        lines = [f"{seconds:.2f} s{self._figures(seconds)}"]
        lines += [
            f"{mark.text} ({mark.time_s:.2f} s)"
            for mark in self._content.marks
            if abs(view.x_of(mark.time_s) - x) <= _NEAR_PX
        ]
        return "\n".join(lines)

    def _figures(self, seconds: float) -> str:
        """What was known then; nothing where two sessions are aligned and this one had not begun, or had ended."""
        data, text = self._content.data, ""
        if not 0.0 <= seconds <= self._length_s:
            return text
        if data is not None and len(data.times_s):
            column = max(0, int(np.searchsorted(data.times_s, seconds, side="right")) - 1)
            confidence, mm = data.confidence[column], data.distance_mm[column]
            text += f" · confidence {confidence:.0%}" if np.isfinite(confidence) else ""
            text += f" · {mm:.1f} mm to target" if np.isfinite(mm) else ""
        for side in self._content.sides:
            place = int(np.searchsorted(side.times_s, seconds, side="right")) - 1
            if place >= 0 and np.isfinite(side.values[place]):
                text += f" · {side.name} {side.values[place]:.3g} {side.unit}".rstrip()
        return text


def sides_of(recorded: Recorded) -> tuple[TimelineSide, ...]:
    """A recording's side channels on its own clock."""
    return tuple(
        TimelineSide(
            side.name,
            side.unit,
            recorded.moments_s(side.t_capture_ns),
            side.values,
        )
        for side in recorded.sides
    )


def _rising(a: float, b: float) -> tuple[float, float]:
    return (a, b) if a <= b else (b, a)
