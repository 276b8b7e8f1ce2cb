"""Draws what stands still on a timeline: pictures, curves, alarms, events, the ruler. The play head is not here."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from rtguide.overlays.shapes import Tone
from rtguide.view.drawing import DRAWN
from rtguide.view.language import said
from rtguide.view.painter import qimage_of
from rtguide.view.theme import RAISED, font, tone_colour
from rtguide.view.timeline_marks import MarkKind, TimelineMark
from rtguide.view.timeline_reader import TimelineData

__all__ = ["MARGIN_PX", "Band", "TimelineContent", "TimelineSide", "TimelineView", "clock_text", "paint_timeline"]

MARGIN_PX = 104.0
"""Left of it stand the names of the bands."""

_FACE_PX = 12.0
_THINNEST_PX = 30.0
_STEPS_S = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600)
_TICK_EVERY_PX = 90.0
_ALARMS = {1: Tone.ALARM_LOW, 2: Tone.ALARM_MEDIUM, 3: Tone.ALARM_HIGH}
_GLYPHS = {
    MarkKind.EVENT: "▼", MarkKind.ALARM: "!", MarkKind.FOUND: "◇", MarkKind.BOOKMARK: "⚑", MarkKind.NOTE: "✎",
    MarkKind.DRAWING: "✎",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class TimelineView:
    """What part of a recording is shown, in its own seconds, how wide the track is, in view pixels, and how long the
    recording is. A part may begin before it and end behind it.
    """

    start_s: float
    stop_s: float
    width_px: float
    length_s: float

    def x_of(self, seconds: float) -> float:
        """Where a moment lies, from the widget's left edge."""
        return MARGIN_PX + (seconds - self.start_s) / (self.stop_s - self.start_s) * self.width_px

    def seconds_of(self, x: float) -> float:
        """The moment there, cut to what is shown."""
        share = min(max((x - MARGIN_PX) / max(self.width_px, 1.0), 0.0), 1.0)
        return self.start_s + share * (self.stop_s - self.start_s)


@dataclass(frozen=True, slots=True)
class Band:
    """One row: its name, top and height in view pixels."""

    name: str
    top: float
    height: float


@dataclass(frozen=True, slots=True, eq=False)
class TimelineSide:
    """A side channel on the recording's own clock."""

    name: str
    unit: str
    times_s: NDArray[np.float64]
    values: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class TimelineContent:
    """What there is to draw. has_pictures: there is room for them."""

    data: TimelineData | None = None
    marks: tuple[TimelineMark, ...] = ()
    sides: tuple[TimelineSide, ...] = ()
    has_pictures: bool = True

    def bands(self) -> tuple[Band, ...]:
        """The rows from top to bottom."""
        has_pictures = self.has_pictures and self.data is not None and bool(self.data.thumbnails)
        heights = [("pictures", 46.0)] if has_pictures else []
        heights += [("confidence", 26.0), ("distance", 30.0)]
        heights += [(f"side {place}", 22.0) for place in range(len(self.sides))]
        heights += [("alarms", 9.0), ("events", 18.0), ("time", 17.0)]
        bands, top = [], 2.0
        for name, height in heights:
            bands.append(Band(name, top, height))
            top += height + 2
        return tuple(bands)


@dataclass(frozen=True, slots=True, eq=False)
class _Sheet:
    painter: QPainter
    view: TimelineView
    data: TimelineData | None

    def name(self, band: Band, text: str) -> None:
        """The band's name at its left."""
        self.painter.setPen(tone_colour(Tone.MUTED))
        self.painter.setFont(font(_FACE_PX))
        box = QRectF(6, band.top, MARGIN_PX - 12, band.height)
        cut = QFontMetricsF(font(_FACE_PX)).elidedText(said(text), Qt.TextElideMode.ElideRight, box.width())
        self.painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), cut)

    def ground(self, band: Band) -> None:
        """As far as there is a recording: of two that are aligned, one may begin later or end sooner."""
        left = max(MARGIN_PX, self.view.x_of(0.0))
        right = min(MARGIN_PX + self.view.width_px, self.view.x_of(self.view.length_s))
        self.painter.fillRect(QRectF(left, band.top, max(0.0, right - left), band.height), QColor(RAISED))

    def most(self, band: Band, value: float) -> None:
        """What the top of the band means."""
        self.painter.setPen(tone_colour(Tone.MUTED))
        self.painter.setFont(font(_FACE_PX - 2))
        box = QRectF(MARGIN_PX + 3, band.top, self.view.width_px - 6, band.height)
        self.painter.drawText(box, int(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight), f"{value:.3g}")


def paint_timeline(
    painter: QPainter,
    view: TimelineView,
    content: TimelineContent,
) -> None:
    """Every band on the painter, whose ground is there already."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    sheet, rest = _Sheet(painter, view, content.data), iter(content.sides)
    drawers: dict[str, Callable[[_Sheet, Band], None]] = {
        "pictures": _pictures,
        "confidence": _confidence,
        "distance": _distance,
        "alarms": _alarms,
        "time": _ruler,
    }
    for band in content.bands():
        if band.name == "events":
            _events(sheet, band, content.marks)
        elif band.name in drawers:
            drawers[band.name](sheet, band)
        else:
            _side(sheet, band, next(rest))


def _pictures(sheet: _Sheet, band: Band) -> None:
    """As many as fit, each at its moment."""
    sheet.name(band, "pictures")
    sheet.ground(band)
    assert sheet.data is not None
    sheet.painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    sheet.painter.setClipRect(QRectF(MARGIN_PX, band.top, sheet.view.width_px, band.height))
    centres = [sheet.view.x_of(seconds) for seconds, _ in sheet.data.thumbnails]
    apart = min((b - a for a, b in pairwise(centres)), default=1e9) - 1
    every = max(1, math.ceil(_THINNEST_PX / max(apart, 1e-3)))
    for centre, (_, picture) in list(zip(centres, sheet.data.thumbnails, strict=True))[every // 2 :: every]:
        height, full = picture.shape[:2]
        shown = min(full, round(apart * every * height / band.height))  # its middle, where they stand close
        cut = np.ascontiguousarray(picture[:, (full - shown) // 2 : (full + shown) // 2])
        width = cut.shape[1] * band.height / height
        sheet.painter.drawImage(QRectF(centre - width / 2, band.top, width, band.height), qimage_of(cut))
    sheet.painter.setClipping(False)


def _confidence(sheet: _Sheet, band: Band) -> None:
    sheet.name(band, "confidence")
    sheet.ground(band)
    if sheet.data is None:
        return
    colour = QColor(tone_colour(Tone.NEEDLE))
    colour.setAlpha(150)
    columns, values = _per_pixel(sheet.view, sheet.data.times_s, sheet.data.confidence, np.fmin)
    for run in _runs(values):
        points = [QPointF(columns[k], band.top + band.height * (1 - float(values[k]))) for k in run]
        base = band.top + band.height
        polygon = [QPointF(points[0].x(), base), *points, QPointF(points[-1].x() + 1, base)]
        sheet.painter.setPen(Qt.PenStyle.NoPen)
        sheet.painter.setBrush(colour)
        sheet.painter.drawPolygon(QPolygonF(polygon))
    sheet.painter.setBrush(Qt.BrushStyle.NoBrush)


def _distance(sheet: _Sheet, band: Band) -> None:
    data = sheet.data
    sheet.ground(band)
    if data is None:
        sheet.name(band, "distance")
        return
    is_mm = bool(np.isfinite(data.distance_mm).any())
    values = data.distance_mm if is_mm else data.distance_px
    known = values[np.isfinite(values)]
    if not len(known):
        sheet.name(band, "no distance")
        return
    low, high = min(0.0, float(known.min())), max(float(np.quantile(known, 0.98)), 1.0)
    sheet.name(band, f"to target, {'mm' if is_mm else 'px'}")
    sheet.most(band, high)
    _line(sheet, band, (data.times_s, values), (low, high), tone_colour(Tone.STRUCTURE))


def _side(sheet: _Sheet, band: Band, side: TimelineSide) -> None:
    sheet.ground(band)
    known = side.values[np.isfinite(side.values)]
    if not len(known):
        sheet.name(band, f"{side.name}: words")
        return
    low, high = min(0.0, float(known.min())), float(known.max())
    sheet.name(band, f"{side.name}, {side.unit}" if side.unit else side.name)
    sheet.most(band, high)
    _line(sheet, band, (side.times_s, side.values), (low, max(high, low + 1e-9)), tone_colour(Tone.MUTED))


def _line(
    sheet: _Sheet,
    band: Band,
    curve: tuple[NDArray[np.float64], NDArray[np.float64]],
    limits: tuple[float, float],
    colour: QColor,
) -> None:
    columns, values = _per_pixel(sheet.view, *curve, np.fmin)
    low, high = limits
    sheet.painter.setPen(QPen(colour, 1.4))
    for run in _runs(values):
        shares = [min(max((float(values[k]) - low) / (high - low), 0.0), 1.0) for k in run]
        points = [
            QPointF(columns[k], band.top + 1 + (band.height - 2) * (1 - share))
            for k, share in zip(run, shares, strict=True)
        ]
        if len(points) == 1:
            points.append(QPointF(points[0].x() + 1.5, points[0].y()))
        sheet.painter.drawPolyline(QPolygonF(points))


def _alarms(sheet: _Sheet, band: Band) -> None:
    """The worst of each pixel; a high one is as high as the band, lower ones less."""
    sheet.name(band, "alarms")
    sheet.ground(band)
    if sheet.data is None:
        return
    levels = sheet.data.alarm_level.astype(np.float64)
    columns, values = _per_pixel(sheet.view, sheet.data.times_s, levels, np.fmax)
    ends = np.append(columns[1:], sheet.view.x_of(sheet.view.length_s))[: len(columns)]
    for x, end, level in zip(columns, ends, values, strict=True):
        if level >= 1:
            left, height = math.floor(x), round(band.height * level / 3)
            box = QRectF(left, band.top + band.height - height, max(2.0, math.ceil(end) - left), height)
            sheet.painter.fillRect(box, tone_colour(_ALARMS[int(level)]))


def _events(sheet: _Sheet, band: Band, marks: Sequence[TimelineMark]) -> None:
    """A sign each, and its words as far as there is room."""
    sheet.name(band, "events")
    sheet.ground(band)
    painter, view = sheet.painter, sheet.view
    face = font(_FACE_PX)
    metrics = QFontMetricsF(face)
    painter.setFont(face)
    shown = [mark for mark in marks if view.start_s <= mark.time_s <= view.stop_s]
    for place, mark in enumerate(shown):
        x = view.x_of(mark.time_s)
        until = view.x_of(shown[place + 1].time_s) if place + 1 < len(shown) else MARGIN_PX + view.width_px
        added = mark.number is not None
        painter.setPen(DRAWN if added else tone_colour(Tone.TEXT))
        painter.drawLine(QPointF(x, band.top), QPointF(x, band.top + band.height))
        room = until - x - 6
        words = f"{_GLYPHS[mark.kind]} {mark.text}"
        text = words if metrics.horizontalAdvance(words) <= room else ""
        if not text and room > 2.5 * metrics.horizontalAdvance("▼"):
            text = metrics.elidedText(words, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRectF(x + 3, band.top, max(room, 0.0), band.height), int(Qt.AlignmentFlag.AlignVCenter), text)


def _ruler(sheet: _Sheet, band: Band) -> None:
    view, painter = sheet.view, sheet.painter
    span = view.stop_s - view.start_s
    least = span * _TICK_EVERY_PX / max(view.width_px, 1.0)
    step = next((one for one in _STEPS_S if one >= least), _STEPS_S[-1])
    painter.setFont(font(_FACE_PX))
    painter.setPen(tone_colour(Tone.MUTED))
    tick = np.ceil(view.start_s / step) * step
    while tick <= min(view.stop_s, view.length_s) + 1e-9:
        if tick < 0:
            tick += step
            continue
        x = view.x_of(float(tick))
        painter.drawLine(QPointF(x, band.top), QPointF(x, band.top + 4))
        painter.drawText(QPointF(x + 3, band.top + 13), clock_text(float(tick), step))
        tick += step


def clock_text(seconds: float, step_s: float) -> str:
    """Minutes and seconds, with tenths where the steps are finer than a second."""
    minutes, rest = divmod(round(seconds, 1), 60)
    return f"{int(minutes)}:{rest:04.1f}" if step_s < 1 else f"{int(minutes)}:{round(rest):02d}"


def _per_pixel(
    view: TimelineView,
    times_s: NDArray[np.float64],
    values: NDArray[np.float64],
    worst: Callable[..., NDArray[np.float64]],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(x, value) of every view pixel that has one, or of every column where those lie wider apart. Nothing between two
    pixels is passed over: the worst is taken.
    """
    inside = np.flatnonzero((times_s >= view.start_s) & (times_s <= view.stop_s))
    if not len(inside):
        return np.empty(0), np.empty(0)
    xs = MARGIN_PX + (times_s[inside] - view.start_s) / (view.stop_s - view.start_s) * view.width_px
    pixels = np.floor(xs)
    begins = np.flatnonzero(np.diff(pixels, prepend=pixels[0] - 1))
    reduced: NDArray[np.float64] = worst.reduceat(values[inside], begins)  # type: ignore[attr-defined]
    return xs[begins], reduced


def _runs(values: NDArray[np.float64]) -> list[list[int]]:
    """Places of values that are known, in runs without a gap: what is not known is not drawn across."""
    runs: list[list[int]] = []
    for place in np.flatnonzero(np.isfinite(values)):
        if runs and runs[-1][-1] == place - 1:
            runs[-1].append(int(place))
        else:
            runs.append([int(place)])
    return runs
