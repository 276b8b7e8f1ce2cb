"""One session in the replay window: its name, its picture, what is drawn on it, and the readers behind it."""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from rtguide.clock import Clock
from rtguide.model.frame import SourceKind
from rtguide.model.scene import Scene
from rtguide.overlays.shapes import HudSlot, HudText, Tone
from rtguide.recording.annotations import AnnotationKind
from rtguide.view.canvas import Shown, VideoCanvas
from rtguide.view.drawing import DrawingSheet
from rtguide.view.feed import Recorded
from rtguide.view.reader import SceneReader
from rtguide.view.side_picture import SidePicture
from rtguide.view.theme import font, scaled
from rtguide.view.timeline import Timeline, sides_of
from rtguide.view.timeline_marks import TimelineMark, marks_of
from rtguide.view.timeline_reader import TimelineReader
from rtguide.view.transport import frame_at

__all__ = ["DRAWING_SHOWN_S", "ReplayPane"]

DRAWING_SHOWN_S = 1.0
"""A drawing stands on its frame, and for so long of the recording after it: played, it can be seen."""

BESIDE_S = 0.1
"""So far beside its first or last frame a session has not begun, or is over."""

_AHEAD = 4
"""Frames read before they are due while it plays."""


class ReplayPane(QWidget):
    """Seconds are the recording's own. offset_s: how much later it is here than at the play head."""

    def __init__(
        self, recorded: Recorded, clock: Clock, on_painted: Callable[[Scene], None] | None, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.recorded = recorded
        self.canvas = VideoCanvas(on_painted, self)
        self.sheet = DrawingSheet(self.canvas.fit, lambda: self.canvas.unit, self.canvas)
        self.side = _side_picture(recorded, clock, self.canvas)
        self.canvas.installEventFilter(self)
        self.timeline = Timeline(self.length_s, sides_of(recorded))
        self.index = 0
        self.fault = ""
        self.offset_s = 0.0
        self._reader = SceneReader(recorded, clock)
        self._looks = TimelineReader(recorded, clock)
        self._generation = self._looked = 0
        self._first_needle: int | None = None
        self._scene: Scene | None = None
        self._drawings: tuple[tuple[float, tuple[tuple[tuple[float, float], ...], ...]], ...] = ()
        self.name = QLabel(recorded.name, self)
        self.name.setFont(font(scaled(16)))
        self.name.setContentsMargins(14, 4, 14, 4)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.name)
        column.addWidget(self.canvas, 1)
        self.mark_anew()

    @property
    def length_s(self) -> float:
        """Time of the last frame."""
        count = self.recorded.frame_count
        return self.recorded.time_s(count - 1) if count else 0.0

    @property
    def marks(self) -> tuple[TimelineMark, ...]:
        """The moments of it."""
        return self.timeline.marks

    @property
    def now_s(self) -> float:
        """Time of the frame that is shown, or will be."""
        return self.recorded.time_s(self.index) if self.recorded.frame_count else 0.0

    def seek(self, head_s: float, frames_a_look: float = 0.0) -> None:
        """Wish for the frame of that time. frames_a_look: how many pass from one look to the next while it plays."""
        count = self.recorded.frame_count
        if not count:
            return
        seconds = head_s + self.offset_s
        self.index = frame_at(self.recorded.time_s, count, seconds)
        self._say_where(seconds)
        step = max(1, round(frames_a_look))
        ahead = range(self.index + step, min(self.index + step * _AHEAD + 1, count), step) if frames_a_look else ()
        self._reader.ask(self.index, tuple(ahead))

    def look(self, *, is_hidden: bool) -> bool:
        """Show what the readers have; true when it is the frame that was asked for."""
        generation, answer = self._reader.newest()
        is_new = generation != self._generation
        self._generation = generation
        if answer is not None and is_new:
            self.fault = answer.fault
            self._scene = None if answer.scene is None else _as_replay(answer.scene)
        late = HudText(HudSlot.MESSAGE, self.fault or self.tr("reading"), Tone.ALARM_LOW if self.fault else Tone.TEXT)
        shown = Shown(self._scene, late=late, is_overlay_hidden=is_hidden)
        if is_new or is_hidden != self.canvas.shown.is_overlay_hidden:
            self.canvas.show_this(shown)
        self._look_at_timeline()
        if self.side is not None:
            self.side.look(self.now_s)
        is_there = answer is not None and answer.index == self.index
        now_s = self.now_s
        strokes = [s for at_s, drawn in self._drawings if at_s <= now_s < at_s + DRAWING_SHOWN_S for s in drawn]
        self.sheet.show_strokes(() if is_hidden or not is_there else tuple(strokes))
        return is_there

    def mark_anew(self) -> None:
        """The annotations have changed, or a needle was found."""
        self.timeline.show_marks(marks_of(self.recorded, self._first_needle))
        drawings = []
        for one in self.recorded.annotations.there:
            index = self.recorded.index_of(one.seq) if one.kind is AnnotationKind.DRAWING else None
            if index is not None:
                drawings.append((self.recorded.time_s(index), one.strokes_px))
        self._drawings = tuple(drawings)

    def set_active(self, *, is_active: bool) -> None:
        """Whether bookmarks, notes and drawings go to this one; said by its name."""
        self.name.setFont(font(scaled(16), is_bold=is_active))

    def close_reader(self) -> None:
        """End the reading threads."""
        self._reader.close()
        self._looks.close()
        if self.side is not None:
            self.side.close_reader()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """The sheet is as large as the canvas."""
        if watched is self.canvas and event.type() is QEvent.Type.Resize:
            self.sheet.resize(self.canvas.size())
            if self.side is not None:
                self.side.lie_in(self.canvas.width(), self.canvas.height())
        return super().eventFilter(watched, event)

    def _say_where(self, seconds: float) -> None:
        """Beside a longer session its first or last picture stands still: that is said, lest it is taken for then."""
        text = self.recorded.name
        if seconds < -BESIDE_S:
            text += self.tr(" – has not begun: its first picture")
        elif seconds > self.length_s + BESIDE_S:
            text += self.tr(" – is over: its last picture")
        self.name.setText(text)

    def _look_at_timeline(self) -> None:
        looked, data = self._looks.newest()
        if data is None or looked == self._looked:
            return
        self._looked = looked
        self.timeline.show_data(data)
        if data.first_needle != self._first_needle:
            self._first_needle = data.first_needle
            self.mark_anew()


def _side_picture(recorded: Recorded, clock: Clock, canvas: VideoCanvas) -> SidePicture | None:
    """The first of its side channels that has pictures."""
    if not recorded.side_videos:
        return None
    video = recorded.side_videos[0]
    return SidePicture(video, recorded.moments_s(video.t_capture_ns), clock, canvas)


def _as_replay(scene: Scene) -> Scene:
    """A recorded scene is a replay, whatever it was when it was recorded."""
    return replace(scene, source=replace(scene.source, kind=SourceKind.REPLAY))
