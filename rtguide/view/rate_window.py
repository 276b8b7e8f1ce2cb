"""The window in which a blinded rater watches clips and answers the checklist; every answer is saved at once."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QColor, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from rtguide import RESEARCH_NOTICE
from rtguide.errors import RtguideError
from rtguide.training.rating import Answer
from rtguide.training.rubric import CheckItem, CheckKind
from rtguide.view.fit import Fit
from rtguide.view.painter import paint_pixels

__all__ = ["RateWindow", "RatedClip"]

CHOICES: Mapping[CheckKind, tuple[tuple[str, Answer], ...]] = {
    CheckKind.SCALE: tuple((str(number), number) for number in range(1, 6)),
    CheckKind.ERROR: (("seen", True), ("not seen", False)),
}


class RatedClip(Protocol):
    """A clip without a name."""

    @property
    def frame_count(self) -> int:
        """How many frames it has."""
        ...

    @property
    def rate_hz(self) -> float:
        """Of its frames."""
        ...

    def pixels(self, index: int) -> NDArray[np.uint8]:
        """A frame, uint8 (h, w) or (h, w, 3)."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


class _Picture(QWidget):
    """One frame, as large as fits."""

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumSize(480, 320)
        self.setAccessibleName("Clip")
        self.pixels: NDArray[np.uint8] = np.zeros((1, 1), np.uint8)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint it."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor("#101214"))
        height, width = self.pixels.shape[:2]
        paint_pixels(painter, self.pixels, Fit.into((height, width), QRectF(self.rect())))
        painter.end()


class RateWindow(QWidget):
    """Clips by their codes, in this rater's order. answers: those given so far, by code · save: writes all of them and
    may fail; the window says so, and tries again with the next answer and when it is closed.
    """

    def __init__(
        self,
        items: Sequence[CheckItem],
        answers: Mapping[str, Mapping[str, Answer]],
        open_clip: Callable[[str], RatedClip],
        save: Callable[[Mapping[str, Mapping[str, Answer]]], None],
    ) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.items, self._open_clip, self._save = tuple(items), open_clip, save
        self.answers = {code: dict(given) for code, given in answers.items()}
        self.codes, self.at, self.frame = list(self.answers), 0, 0
        self.trouble_text = self._said = ""
        self._clip: RatedClip | None = None
        self.setWindowTitle("Rating – rtguide")
        self.picture, self.state, self.trouble = _Picture(), QLabel(), QLabel()
        self.trouble.setWordWrap(True)
        self.trouble.setStyleSheet("background: #ffffff; color: #101214; font-weight: 600; padding: 4px;")
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("Frame of the clip")
        self.slider.valueChanged.connect(self.show_frame)
        self.play = self._button("Play (Space)", self.toggle)
        self.back, self.on = (
            self._button("Clip before", lambda: self.go(-1)), self._button("Next clip", lambda: self.go(1))
        )  # fmt: skip
        self.groups: dict[str, QButtonGroup] = {}
        left = QVBoxLayout()
        for widget in (self.state, self.trouble, self.picture, self.slider):
            left.addWidget(widget, 1 if widget is self.picture else 0)
        row = QHBoxLayout()
        for button in (self.back, self.play, self.on):
            row.addWidget(button)
        left.addLayout(row)
        left.addWidget(QLabel(RESEARCH_NOTICE))
        whole = QHBoxLayout(self)
        whole.addLayout(left, 3)
        whole.addWidget(self._questions(), 2)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._tick)
        self.resize(1280, 800)
        self.go(0)

    @property
    def is_playing(self) -> bool:
        """Whether the clip runs."""
        return self._timer.isActive()

    def go(self, by: int) -> None:
        """To another clip."""
        self._timer.stop()
        self._close_clip()
        self.at = min(max(0, self.at + by), len(self.codes) - 1)
        self._said = ""
        try:
            self._clip = self._open_clip(self.codes[self.at])
            self.slider.setRange(0, self._clip.frame_count - 1)
        except RtguideError as error:
            self._said = str(error)
        self.slider.setValue(0)
        self.show_frame(0)
        for key, group in self.groups.items():
            given = self.answers[self.codes[self.at]].get(key)
            group.setExclusive(False)
            for button in group.buttons():
                button.setChecked(given is not None and button.property("answer") == given)
            group.setExclusive(True)
        self._refresh()

    def show_frame(self, index: int) -> None:
        """Show one frame of the clip; black where it cannot be read, and it is said."""
        self.frame = index
        if self._clip is None:
            self.picture.pixels = np.zeros((1, 1), np.uint8)
        else:
            try:
                self.picture.pixels = self._clip.pixels(index)
            except RtguideError as error:
                self.picture.pixels = np.zeros_like(self.picture.pixels)
                self._said = f"frame {index}: {error}"
                self._timer.stop()
                self._refresh()
        self.picture.update()

    def toggle(self) -> None:
        """Play, or pause; from the end it begins anew."""
        if self._timer.isActive() or self._clip is None:
            self._timer.stop()
        else:
            if self.frame >= self._clip.frame_count - 1:
                self.slider.setValue(0)
            self._timer.start(max(1, round(1000 / self._clip.rate_hz)))
        self._refresh()

    def answer(self, key: str, value: Answer) -> None:
        """What the rater says of this clip; saved at once."""
        self.answers[self.codes[self.at]][key] = value
        self._store()
        self._refresh()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Space plays."""
        if event.key() == Qt.Key.Key_Space:
            self.toggle()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """What could not be saved is tried once more."""
        if self.trouble_text:
            self._store()
        self._timer.stop()
        self._close_clip()
        event.accept()

    def _store(self) -> None:
        try:
            self._save(self.answers)
            self.trouble_text = ""
        except RtguideError as error:
            self.trouble_text = f"NOT SAVED: {error}"

    def _tick(self) -> None:
        if self._clip is None or self.frame >= self._clip.frame_count - 1:
            self._timer.stop()
            self._refresh()
        else:
            self.slider.setValue(self.frame + 1)

    def _close_clip(self) -> None:
        clip, self._clip = self._clip, None
        if clip is not None:
            clip.close()

    def _refresh(self) -> None:
        whole = sum(len(given) == len(self.items) for given in self.answers.values())
        code = self.codes[self.at]
        left = len(self.items) - len(self.answers[code])
        todo = f"{left} answers left" if left else "complete"
        self.state.setText(f"{code} ({self.at + 1} of {len(self.codes)}): {todo}   |   {whole} clips complete")
        self.play.setText("Pause (Space)" if self.is_playing else "Play (Space)")
        self.back.setEnabled(self.at > 0)
        self.on.setEnabled(self.at < len(self.codes) - 1)
        self.trouble.setText(self.trouble_text or self._said)
        self.trouble.setVisible(bool(self.trouble.text()))

    def _questions(self) -> QScrollArea:
        body = QWidget()
        layout = QVBoxLayout(body)
        for item in self.items:
            label = QLabel(item.text)
            label.setWordWrap(True)
            layout.addWidget(label)
            row, group = QHBoxLayout(), QButtonGroup(self)
            for text, value in CHOICES[item.kind]:
                button = self._button(text, partial(self.answer, item.key, value))
                button.setCheckable(True)
                button.setProperty("answer", value)
                button.setAccessibleName(f"{item.text} {text}")
                group.addButton(button)
                row.addWidget(button)
            self.groups[item.key] = group
            layout.addLayout(row)
        layout.addStretch(1)
        area = QScrollArea()
        area.setWidget(body)
        area.setWidgetResizable(True)
        area.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        return area

    def _button(self, text: str, action: Callable[[], None]) -> QPushButton:
        button = QPushButton(text)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda _checked=False: action())
        return button
