"""The bar under the picture: the status line, one line for what happened, and the buttons. Its height never changes."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QColor, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QWidget

from rtguide.overlays.shapes import Tone
from rtguide.view.language import said
from rtguide.view.status_text import Segment
from rtguide.view.theme import font, scaled, tone_colour, touch_px

__all__ = ["BottomBar", "StatusLine"]

_SPARE = ("full", "paths", "details", "open", "steer", "hide")
"""Actions that give up their button first where the bar is narrow; their keys stay."""

_STATUS_EMS = 58.0
"""The status line keeps room for so many letters' heights: age, rate and losses in full."""


class StatusLine(QWidget):
    """Two lines of text: how things stand, and what happened or what to do. A click takes note of the latter."""

    noticed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._segments: tuple[Segment, ...] = ()
        self._notice = ""
        self._tone = Tone.TEXT
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumWidth(160)
        self.setAccessibleName(self.tr("Status"))

    @property
    def text(self) -> str:
        """The status line as text."""
        return " · ".join(segment.text for segment in self._segments)

    @property
    def segments(self) -> tuple[Segment, ...]:
        """Its parts."""
        return self._segments

    @property
    def notice(self) -> str:
        """The second line."""
        return self._notice

    def set_segments(self, segments: tuple[Segment, ...]) -> None:
        """Change the first line."""
        if segments != self._segments:
            self._segments = segments
            self.setAccessibleDescription(said(self.text))
            self._explain()
            self.update()

    def set_notice(self, text: str, tone: Tone = Tone.TEXT) -> None:
        """Change the second line; empty text clears it."""
        if (text, tone) != (self._notice, self._tone):
            self._notice, self._tone = text, tone
            self._explain()
            self.update()

    def _explain(self) -> None:
        """All of both lines to whoever points at them: a narrow window cuts them off."""
        self.setToolTip("\n".join(said(text) for text in (self.text, self._notice) if text))

    def mousePressEvent(self, _event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Whoever reads it presses it."""
        if self._notice:
            self.noticed.emit()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Draw both lines; what does not fit is cut off at the right, where the least important part stands."""
        painter = QPainter(self)
        size = min(self.height() * 0.34, scaled(22.0))
        middle = self.height() / 2
        self._paint_segments(painter, size)
        if self._notice:
            face = font(size, is_bold=True)
            painter.setFont(face)
            painter.setPen(tone_colour(self._tone))
            text = QFontMetricsF(face).elidedText(said(self._notice), Qt.TextElideMode.ElideRight, self.width() - 28.0)
            painter.drawText(QRectF(14, middle, self.width(), middle), int(Qt.AlignmentFlag.AlignVCenter), text)
        painter.end()

    def _paint_segments(self, painter: QPainter, size: float) -> None:
        """One line, and the second where no notice needs it."""
        middle = self.height() / 2
        x, y, last_y = 14.0, 0.0, 0.0 if self._notice else middle
        for segment in self._segments:
            face = font(size, is_bold=segment.is_bold)
            width = QFontMetricsF(face).horizontalAdvance(said(segment.text))
            if x > 14.0 and x + width > self.width() and y < last_y:
                x, y = 14.0, middle
            painter.setFont(face)
            painter.setPen(tone_colour(Tone.TEXT if segment.is_bold else Tone.MUTED))
            text = QFontMetricsF(face).elidedText(said(segment.text), Qt.TextElideMode.ElideRight, self.width() - x)
            painter.drawText(QRectF(x, y, self.width(), middle), int(Qt.AlignmentFlag.AlignVCenter), text)
            x += width + size * 1.1
            if x > self.width() - size and y >= last_y:
                break


class BottomBar(QWidget):
    """Status at the left, one large button for each action at the right."""

    def __init__(self, actions: Sequence[QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.status = StatusLine(self)
        self._buttons: list[QToolButton] = []
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 4, 8, 4)
        row.setSpacing(4)
        row.addWidget(self.status, 1)
        for action in actions:
            button = QToolButton(self)
            button.setDefaultAction(action)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setAccessibleName(action.text())
            action.visibleChanged.connect(self._make_room)
            self._buttons.append(button)
            row.addWidget(button)
        self.fit_to_screen()

    def add_light(self, light: QWidget) -> None:
        """A small sign between status and buttons."""
        row = self.layout()
        assert isinstance(row, QHBoxLayout)
        row.insertWidget(1, light)

    def fit_to_screen(self) -> None:
        """Make the buttons at least 12 mm high and wide on this screen."""
        side = touch_px(self)
        for button in self._buttons:
            button.setFont(font(side * 0.31))
            button.setMinimumSize(QSize(round(side * 1.5), side))
        self.setFixedHeight(side + 8)
        self._make_room()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """A narrow bar has fewer buttons."""
        self._make_room()
        super().resizeEvent(event)

    def _make_room(self) -> None:
        """Show the buttons of what can be done, and so many that the status can be read."""
        shown = [b for b in self._buttons if b.defaultAction().isVisible()]
        room = self.width() - _STATUS_EMS * min(self.height() * 0.34, scaled(22.0)) / 2
        for name in _SPARE:
            if sum(b.sizeHint().width() + 4 for b in shown) <= room:
                break
            shown = [b for b in shown if b.defaultAction().objectName() != name]
        for button in self._buttons:
            button.setVisible(button in shown)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """The bar's ground."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor("#14171b"))
        painter.end()
