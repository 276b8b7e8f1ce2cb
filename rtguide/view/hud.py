"""Draws the words at the edge: in a strip above the picture on a window, else inside the picture."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from rtguide.model.frame import SourceKind
from rtguide.overlays.placement import LINE_HEIGHT
from rtguide.overlays.shapes import HudSlot, HudText, Shape, Tone
from rtguide.view.alarm_board import AlarmSign
from rtguide.view.language import said
from rtguide.view.lettering import Face, Lettering
from rtguide.view.theme import BACKGROUND, font, tone_colour

__all__ = ["INSET_BOTTOM_UNITS", "INSET_TOP_UNITS", "STRIP_UNITS", "paint_inset", "paint_strip"]

STRIP_UNITS = 56.0
"""Height of the strip above the picture, in design units."""

_STRIP_UNITS_WIDE = 1150.0
"""In a strip of fewer units all its words are smaller: source and notice must leave the message its room."""

INSET_TOP_UNITS, INSET_BOTTOM_UNITS = 44.0, 56.0
"""What the words inside the picture take at its edges."""

_WHITE = QColor("#ffffff")
_ON_ALARM = {Tone.ALARM_HIGH: _WHITE, Tone.ALARM_MEDIUM: QColor("#000000"), Tone.ALARM_LOW: QColor("#000000")}


_ALARM_LINE_UNITS = 7.0
"""Height of the line under the strip that an alarm lights: seen from the corner of an eye, outside the picture."""


def paint_strip(
    painter: QPainter, shapes: Sequence[Shape], place: tuple[QRectF, float], sign: AlarmSign | None = None
) -> None:
    """Source at the left, the message in the middle, the notice at the right.

    place: the strip, and view pixels in a design unit · sign: the alarm that takes the message's place.
    """
    strip, unit = place
    unit = min(unit, strip.width() / _STRIP_UNITS_WIDE)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillRect(strip, QColor(BACKGROUND))
    texts = _by_slot(shapes)
    left, right = strip.left() + 16 * unit, strip.right() - 16 * unit
    source = texts.get(HudSlot.SOURCE)
    if source is not None:
        left = _badge(painter, source.text, QPointF(left, strip.center().y()), unit) + 24 * unit
    notice = texts.get(HudSlot.NOTICE)
    if notice is not None:
        face = font(18 * unit)
        width = QFontMetricsF(face).horizontalAdvance(said(notice.text))
        painter.setFont(face)
        painter.setPen(tone_colour(notice.tone))
        room = QRectF(right - width, strip.top(), width + 2, strip.height())
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), said(notice.text))
        right -= width + 24 * unit
    room = QRectF(left, strip.top(), right - left, strip.height())
    message = texts.get(HudSlot.MESSAGE)
    if sign is not None:
        line = QRectF(strip.left(), strip.bottom() - _ALARM_LINE_UNITS * unit, strip.width(), _ALARM_LINE_UNITS * unit)
        painter.fillRect(line, tone_colour(sign.tone) if sign.is_lit else tone_colour(sign.tone).darker(400))
        message = HudText(HudSlot.MESSAGE, _words(sign), sign.tone)
    if message is not None and right > left:
        _message(painter, message, room, (unit, strip.center().x(), sign is None or sign.is_lit))


def paint_inset(painter: QPainter, shapes: Sequence[Shape], view: QRectF, how: tuple[float, Lettering]) -> None:
    """The same words inside the picture, along its edges. how: unit and lettering."""
    unit, lettering = how
    texts = _by_slot(shapes)
    margin = 14 * unit
    source, notice, message = (texts.get(slot) for slot in (HudSlot.SOURCE, HudSlot.NOTICE, HudSlot.MESSAGE))
    if source is not None:
        face = Face(24 * unit, source.tone, is_bold=True)
        _inset(painter, source.text, (view.left() + margin, view.top() + margin), (face, lettering))
    if notice is not None:
        face = Face(20 * unit, notice.tone)
        at = (view.right() - margin - face.width(notice.text), view.bottom() - margin - face.size_px * LINE_HEIGHT)
        _inset(painter, notice.text, at, (face, lettering))
    if message is not None:
        face = Face(32 * unit, message.tone, is_bold=True)
        at = (view.left() + margin, view.bottom() - margin - face.size_px * LINE_HEIGHT)
        _inset(painter, message.text, at, (face, lettering))


def _inset(painter: QPainter, text: str, at: tuple[float, float], how: tuple[Face, Lettering]) -> None:
    """Words on a dark plate: what a scanner burned into the picture's edge must not run into them."""
    face, lettering = how
    pad = 0.3 * face.size_px
    plate = QRectF(at[0] - pad, at[1], face.width(text) + 2 * pad, face.size_px * LINE_HEIGHT)
    painter.fillRect(plate, QColor(13, 15, 18, 190))
    lettering.draw(painter, at, text, face)


def _by_slot(shapes: Sequence[Shape]) -> dict[HudSlot, HudText]:
    return {shape.slot: shape for shape in shapes if isinstance(shape, HudText)}


def _badge(painter: QPainter, text: str, at: QPointF, unit: float) -> float:
    """A filled plate for a live picture, an empty one for anything else; returns its right edge."""
    face = font(26 * unit, is_bold=True)
    width = QFontMetricsF(face).horizontalAdvance(said(text)) + 28 * unit
    plate = QRectF(at.x(), at.y() - 20 * unit, width, 40 * unit)
    is_live = text == SourceKind.LIVE.upper()
    painter.setPen(QPen(_WHITE, 2 * unit))
    painter.setBrush(_WHITE if is_live else Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(plate, 6 * unit, 6 * unit)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setFont(face)
    painter.setPen(QColor("#000000") if is_live else _WHITE)
    painter.drawText(plate, int(Qt.AlignmentFlag.AlignCenter), said(text))
    return plate.right()


def _words(sign: AlarmSign) -> str:
    """A tick where somebody has seen it, and how many more there are."""
    return f"{'✓ ' if sign.is_acknowledged else ''}{said(sign.text)}{f'  +{sign.more}' if sign.more else ''}"


def _message(painter: QPainter, message: HudText, room: QRectF, how: tuple[float, float, bool]) -> None:
    """The message in the middle of the view, or as near as there is room.

    how: the unit, where the middle is, and whether an alarm's plate is filled. Its words can be read either way.
    """
    unit, middle, is_lit = how
    face = font(32 * unit, is_bold=True)
    metrics = QFontMetricsF(face)
    text = metrics.elidedText(said(message.text), Qt.TextElideMode.ElideRight, room.width() - 32 * unit)
    width = metrics.horizontalAdvance(text) + 32 * unit
    middle = min(max(middle, room.left() + width / 2), room.right() - width / 2)
    plate = QRectF(middle - width / 2, room.center().y() - 23 * unit, width, 46 * unit)
    painter.setFont(face)
    ink = _ON_ALARM.get(message.tone)
    if ink is not None:
        painter.setPen(Qt.PenStyle.NoPen if is_lit else QPen(tone_colour(message.tone), 3 * unit))
        painter.setBrush(tone_colour(message.tone) if is_lit else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(plate, 6 * unit, 6 * unit)
        painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(ink if ink is not None and is_lit else tone_colour(message.tone))
    painter.drawText(plate, int(Qt.AlignmentFlag.AlignCenter), text)
