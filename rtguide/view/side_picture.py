"""A second camera's picture in the corner of the replay: the hands beside the image."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from rtguide.clock import Clock
from rtguide.errors import RtguideError
from rtguide.model.status import Fault
from rtguide.overlays.shapes import Tone
from rtguide.pipeline.loop import Loop
from rtguide.pipeline.slots import Latest
from rtguide.recording.side_video import SideVideoFrames
from rtguide.view.fit import Fit
from rtguide.view.painter import paint_pixels
from rtguide.view.theme import RAISED, font, tone_colour
from rtguide.view.transport import frame_at

__all__ = ["SidePicture"]

SHARE, NARROW_SHARE = 0.3, 0.2
"""Of the canvas's width and height; less in one of two panes, where no bar beside the image has room for it."""

PASSED_S = 1.0
"""An older picture does not show what was beside the needle then: the camera had stopped."""

_WAIT_S = 0.1


class SidePicture(QWidget):
    """Lies at the lower right of a canvas; the mouse falls through. times_s: of every picture, the recording's own."""

    def __init__(self, video: SideVideoFrames, times_s: NDArray[np.float64], clock: Clock, parent: QWidget) -> None:
        super().__init__(parent)
        self._video = video
        self._times_s: list[float] = [float(second) for second in times_s]
        self._wishes: Latest[int] = Latest()
        self._answers: Latest[NDArray[np.uint8] | str] = Latest()
        self._asked = -1
        self._taken, self._shown = 0, (0, False)
        self._pixels: NDArray[np.uint8] | None = None
        self._words = video.name
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName(video.name)
        self._loop = Loop("side-picture", self._step, self._died, clock)
        self._loop.start()

    @property
    def index(self) -> int:
        """The picture that was asked for last."""
        return self._asked

    @property
    def pixels(self) -> NDArray[np.uint8] | None:
        """What is shown."""
        return self._pixels

    def look(self, seconds: float) -> None:
        """Ask for the picture of this time, and show what has come."""
        index = frame_at(self._times_s.__getitem__, len(self._times_s), seconds)
        if index != self._asked:
            self._asked = index
            self._wishes.put(index)
        generation, answer = self._answers.newest()
        is_there = 0.0 <= seconds - self._times_s[index] <= PASSED_S
        if answer is not None and (generation, is_there) != self._shown:
            self._shown = generation, is_there
            self._pixels = answer if is_there and isinstance(answer, np.ndarray) else None
            self._words = answer if isinstance(answer, str) else self._video.name
            if not is_there:
                self._words = f"{self._video.name}: " + self.tr("no picture")
            self.update()

    def lie_in(self, width: int, height: int) -> None:
        """Take the corner of a canvas of this size."""
        share = SHARE if width > 1.5 * height else NARROW_SHARE
        own_width, own_height = round(width * share), round(height * share)
        self.setGeometry(width - own_width, height - own_height, own_width, own_height)

    def close_reader(self) -> None:
        """End the reading thread."""
        self._loop.ask_to_stop()
        self._loop.join(2.0)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """The picture, and its name."""
        painter = QPainter(self)
        room = QRectF(self.rect())
        if self._pixels is not None:
            fit = Fit.into(self._pixels.shape[:2], room)
            fit = replace(fit, left=room.right() - fit.rect.width(), top=room.bottom() - fit.rect.height())
            paint_pixels(painter, self._pixels, fit)
            room = fit.rect
        else:
            painter.fillRect(room, QColor(RAISED))
        painter.setPen(tone_colour(Tone.TEXT))
        painter.drawRect(room.adjusted(0, 0, -1, -1))
        painter.setFont(font(13))
        painter.drawText(
            room.adjusted(6, 4, -6, -4), int(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft), self._words
        )
        painter.end()

    def _step(self) -> bool:
        newer = self._wishes.newer(self._taken, _WAIT_S)
        if newer is not None:
            self._taken, index = newer
            self._answers.put(_read(self._video.pixels, index))
        return True

    def _died(self, fault: Fault) -> None:
        self._answers.put(fault.text)


def _read(pixels: Callable[[int], NDArray[np.uint8]], index: int) -> NDArray[np.uint8] | str:
    """The picture, or why it is not there."""
    try:
        return pixels(index)
    except RtguideError as error:
        return str(error)
