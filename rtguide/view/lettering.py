"""Letters with a dark rim, legible on bright and on dark tissue.

Stroking the outline of a line of text costs milliseconds, so rims are made once and kept: of words as a whole, of
digits one by one, since figures change with every frame. The letters themselves come from Qt's own cache.
"""

import re
from dataclasses import dataclass

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFontMetricsF, QImage, QPainter, QPainterPath, QPen

from rtguide.overlays.shapes import Tone
from rtguide.view.theme import HALO, font, tone_colour

__all__ = ["Face", "Lettering"]

_RIM = 0.2
"""Width of the dark rim's pen in font heights; half of it lies outside the letter."""

_MOST_KEPT = 400
"""Rims kept before all are made anew: the words and digits of several sizes, a few megabytes."""

_PIECES = re.compile(r"\d|\D+")


@dataclass(frozen=True, slots=True)
class Face:
    """How words look. size_px: font height in view pixels."""

    size_px: float
    tone: Tone
    is_bold: bool = False

    def width(self, text: str) -> float:
        """How wide a line is, in view pixels."""
        return QFontMetricsF(font(self.size_px, is_bold=self.is_bold)).horizontalAdvance(text)


class Lettering:
    """Draws rimmed words. For one thread."""

    def __init__(self) -> None:
        self._rims: dict[tuple[str, int, bool], QImage] = {}

    def draw(self, painter: QPainter, at: tuple[float, float], text: str, face: Face) -> None:
        """One line, its top-left corner at `at` in view pixels."""
        x, y = round(at[0]), round(at[1])
        size = max(1, round(face.size_px))
        letters = font(size, is_bold=face.is_bold)
        metrics = QFontMetricsF(letters)
        baseline = y + round(metrics.ascent())
        margin = _margin(size)
        for piece in _PIECES.finditer(text):
            left = x + round(metrics.horizontalAdvance(text[: piece.start()]))
            painter.drawImage(left - margin, y - margin, self._rim(piece[0], size, is_bold=face.is_bold))
        painter.setFont(letters)
        painter.setPen(tone_colour(face.tone))
        painter.drawText(QPointF(x, baseline), text)

    def _rim(self, piece: str, size: int, *, is_bold: bool) -> QImage:
        key = (piece, size, is_bold)
        rim = self._rims.get(key)
        if rim is None:
            if len(self._rims) >= _MOST_KEPT:
                self._rims.clear()
            rim = self._rims[key] = _made(piece, size, is_bold=is_bold)
        return rim


def _margin(size: int) -> int:
    return round(size * _RIM) + 2


def _made(piece: str, size: int, *, is_bold: bool) -> QImage:
    """The dark rim of some words or of a digit, their line's top-left corner at (margin, margin)."""
    letters = font(size, is_bold=is_bold)
    metrics = QFontMetricsF(letters)
    margin = _margin(size)
    width = round(metrics.horizontalAdvance(piece)) + 2 * margin + size // 2
    image = QImage(width, round(metrics.height()) + 2 * margin, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    path = QPainterPath()
    path.addText(QPointF(margin, margin + round(metrics.ascent())), letters, piece)
    pen = QPen(HALO, max(2.0, size * _RIM))
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.strokePath(path, pen)
    painter.end()
    return image
