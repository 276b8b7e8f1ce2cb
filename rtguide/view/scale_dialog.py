"""The way to millimetres in the window: region, scale, orientation, name; look, accept, saved."""

import queue
import threading
from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QPainter, QPen, QPixmap
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from rtguide.errors import RtguideError
from rtguide.model.calibration import Calibration
from rtguide.model.geometry import FanRegion, ImageGeometry, MarkSide, RectRegion, SlantRegion
from rtguide.model.look import LookMatcher
from rtguide.overlays.shapes import Tone
from rtguide.view.painter import qimage_of
from rtguide.view.theme import font, scaled, tone_colour, touch_px

__all__ = ["Calibrator", "ScaleDialog"]

POLL_MS = 50
PICTURE_WIDTH = 900
LEAST_AGREEMENT = 0.7
"""Share of the ruler's and the print's pixels that must still be as they were read when the scale is accepted."""

SIDES = (MarkSide.UNKNOWN, MarkSide.LEFT, MarkSide.RIGHT)


class Calibrator(Protocol):
    """Reads a screen's scale and keeps what the user has accepted."""

    def read(self, pixels: NDArray[np.uint8]) -> Calibration:
        """Region and ruler of a frame; takes up to a second.

        Raises
        ------
        CalibrationError
            There is no ruler.
        """
        ...

    def save(self, found: Calibration, tick_mm: float | None, mark_side: MarkSide, name: str) -> ImageGeometry:
        """Keep it as a profile; the geometry to use from now on.

        tick_mm: what the user says that a tick is, None where the screen says it.

        Raises
        ------
        ConfigError, CalibrationError
            The name cannot be used, or there is no scale.
        """
        ...


class ScaleDialog(QDialog):
    """One page: the frame with what was read drawn over it, three questions, one button. The picture behind goes on.

    newest: the pixels that are shown now, uint8 (h, w) or (h, w, 3); a scale that was read from another screen than
    theirs is not taken.
    """

    accepted_geometry = Signal(object)

    def __init__(
        self, newest: Callable[[], NDArray[np.uint8]], calibrator: Calibrator, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Scale of this screen"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._newest, self._pixels, self._calibrator = newest, newest(), calibrator
        self.found: Calibration | None = None
        self._answers: queue.SimpleQueue[Calibration | str] = queue.SimpleQueue()
        self.picture = QLabel(self)
        self.region, self.scale, self.problem = QLabel(self), QLabel(self.tr("reading the ruler …"), self), QLabel(self)
        self.tick_mm = QDoubleSpinBox(self)
        self.tick_mm.setRange(0.0, 100.0)
        self.tick_mm.setSuffix(self.tr(" mm a tick"))
        self.tick_mm.setVisible(False)
        self.mark_side = QComboBox(self)
        self.mark_side.addItems([self.tr("not known"), self.tr("left of the picture"), self.tr("right of the picture")])
        self.name = QLineEdit(self)
        self.name.setPlaceholderText(self.tr("scanner, probe, depth: Linear 4 cm"))
        self.accept_button = QPushButton(self.tr("I see it: use it and keep it"), self)
        self.accept_button.clicked.connect(self._accept)
        self._lay_out()
        for part in (self.tick_mm, self.mark_side, self.name, self.accept_button):
            part.setFont(font(scaled(17)))
            part.setMinimumHeight(touch_px(self))
        self.tick_mm.valueChanged.connect(self._refresh)
        self.name.textChanged.connect(self._refresh)
        self._show_picture()
        self._refresh()
        self._reader = threading.Thread(target=self._read, name="rtguide-scale")
        self._reader.start()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._poll)
        self._timer.start(POLL_MS)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """The reader ends by itself: it has one picture to read, and nobody waits for it."""
        self._timer.stop()
        super().closeEvent(event)

    def done(self, result: int) -> None:
        """Closed by Escape or the button, also while the ruler is read."""
        self._timer.stop()
        super().done(result)

    def _lay_out(self) -> None:
        column = QVBoxLayout()
        column.setSpacing(10)
        steps = (
            (self.tr("1  Region"), self.region),
            (self.tr("2  Scale"), self.scale),
            ("", self.tick_mm),
            (self.tr("3  Probe's mark"), self.mark_side),
            (self.tr("4  Name"), self.name),
        )
        for title, part in steps:
            if title:
                label = QLabel(title, self)
                label.setFont(font(scaled(16), is_bold=True))
                column.addWidget(label)
            column.addWidget(part)
        for text in (self.region, self.scale, self.problem):
            text.setFont(font(scaled(16)))
            text.setWordWrap(True)
            text.setMinimumWidth(round(scaled(330)))
        column.addStretch(1)
        column.addWidget(self.problem)
        column.addWidget(self.accept_button)
        row = QHBoxLayout(self)
        row.setContentsMargins(20, 20, 20, 20)
        row.setSpacing(20)
        row.addWidget(self.picture)
        row.addLayout(column)

    def _read(self) -> None:
        try:
            self._answers.put(self._calibrator.read(self._pixels))
        except RtguideError as error:
            self._answers.put(str(error))

    def _poll(self) -> None:
        try:
            answer = self._answers.get_nowait()
        except queue.Empty:
            return
        self._timer.stop()
        if isinstance(answer, str):
            self.scale.setText(answer)
        else:
            self.found = answer
            box = answer.geometry.region.bounds()
            words = {RectRegion: self.tr("rectangle"), FanRegion: self.tr("fan"), SlantRegion: self.tr("parallelogram")}
            shape = words[type(answer.geometry.region)]
            self.region.setText(f"{shape} ({box.x:.0f}, {box.y:.0f}) {box.width:.0f}×{box.height:.0f} px")
            self.scale.setText(answer.note)
            self.mark_side.setCurrentIndex(SIDES.index(answer.geometry.mark_side))
            is_told = answer.geometry.spacing_mm is not None
            self.tick_mm.setVisible(not is_told)
            if not is_told:
                self.tick_mm.setSpecialValueText(self.tr("how many mm is a tick?"))
        self._show_picture()
        self._refresh()

    def _refresh(self) -> None:
        """The button can be pressed once everything is there; what is missing is said."""
        missing = ""
        if self.found is None:
            missing = self.tr("nothing to accept yet")
        elif self.found.geometry.spacing_mm is None and self.tick_mm.value() <= 0:
            missing = self.tr("say what a tick is: look at the scanner's depth")
        elif not self.name.text().strip():
            missing = self.tr("give it a name")
        self.problem.setText(missing)
        self.accept_button.setEnabled(not missing)

    def _accept(self) -> None:
        assert self.found is not None
        look = self.found.look
        if look is not None and not LookMatcher(look).is_same(self._newest(), LEAST_AGREEMENT):
            self.problem.setText(self.tr("the screen is not the one that was read: close this and read it again"))
            return
        tick = self.tick_mm.value() if self.found.geometry.spacing_mm is None else None
        side = SIDES[self.mark_side.currentIndex()]
        try:
            geometry = self._calibrator.save(self.found, tick, side, self.name.text().strip())
        except RtguideError as error:
            self.problem.setText(str(error))
            return
        self.accepted_geometry.emit(geometry)
        self.accept()

    def _show_picture(self) -> None:
        """The frame, with the region and all that was read of the ruler drawn over it."""
        image = qimage_of(self._pixels)
        scale = PICTURE_WIDTH / image.width()
        shown = QPixmap.fromImage(image.scaledToWidth(PICTURE_WIDTH, Qt.TransformationMode.SmoothTransformation))
        if self.found is not None:
            painter = QPainter(shown)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(tone_colour(Tone.NEEDLE), 1.2))
            for line in self.found.evidence_px:
                painter.drawPolyline([QPointF((x + 0.5) * scale, (y + 0.5) * scale) for x, y in line])
            painter.setPen(QPen(tone_colour(Tone.MUTED), 1, Qt.PenStyle.DashLine))
            x0, y0, x1, y1 = self.found.geometry.bounds_px()
            painter.drawRect(round(x0 * scale), round(y0 * scale), round((x1 - x0) * scale), round((y1 - y0) * scale))
            painter.end()
        self.picture.setPixmap(shown)
