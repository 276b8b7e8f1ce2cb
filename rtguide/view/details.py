"""Plots for whoever wants to know more: age of the picture, depth and distance of the tip, how sure the needle is."""

from collections.abc import Collection

import numpy as np
import pyqtgraph
from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from rtguide.overlays.shapes import Tone
from rtguide.view.history import Sample
from rtguide.view.theme import BACKGROUND, scaled, tone_colour

__all__ = ["DetailsPanel"]

SHOWN_S = 20.0
"""How far back the plots reach."""

_EVERY_MS = 200
_AXIS_PX = 46


class DetailsPanel(QWidget):
    """Four plots over the last twenty seconds of `samples`, drawn five times a second while visible."""

    def __init__(self, samples: Collection[Sample], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._samples = samples
        self.setFixedWidth(round(scaled(340)))
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 4, 4, 4)
        self._curves: list[pyqtgraph.PlotDataItem] = []
        self.setAccessibleName(self.tr("Plots"))
        titles = (
            self.tr("frame age, ms"),
            self.tr("tip depth, mm"),
            self.tr("distance to target, mm"),
            self.tr("confidence of the needle"),
        )
        for title in titles:
            plot = pyqtgraph.PlotWidget(self, background=BACKGROUND, title=title)
            plot.setMouseEnabled(x=False, y=False)
            plot.hideButtons()
            plot.setMenuEnabled(False)
            plot.setXRange(-SHOWN_S, 0.0, padding=0.0)
            plot.setAccessibleName(title)
            plot.getAxis("left").setWidth(_AXIS_PX)
            if title == titles[-1]:
                plot.setYRange(0.0, 1.0, padding=0.02)
            plot.showGrid(x=False, y=True, alpha=0.25)
            pen = pyqtgraph.mkPen(tone_colour(Tone.NEEDLE), width=2)
            self._curves.append(plot.plot(pen=pen, connect="finite"))
            column.addWidget(plot)
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self.draw)

    def draw(self) -> None:
        """Bring the plots up to the newest sample."""
        if not self._samples:
            return
        rows = np.array(
            [(s.t_ns, s.age_ms, s.depth_mm, s.distance_mm, s.confidence) for s in self._samples], dtype=np.float64
        )
        since_s = (rows[:, 0] - rows[-1, 0]) / 1e9
        is_recent = since_s >= -SHOWN_S
        for curve, values in zip(self._curves, rows[:, 1:].T, strict=True):
            curve.setData(since_s[is_recent], values[is_recent])

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Begin to draw."""
        self._timer.start()
        self.draw()
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        """Stop drawing."""
        self._timer.stop()
        super().hideEvent(event)
