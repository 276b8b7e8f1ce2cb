"""The trainer's window: one recorded session, or two side by side under one play head."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QVBoxLayout, QWidget

from rtguide.clock import Clock
from rtguide.model.frame import SourceKind
from rtguide.model.scene import Scene
from rtguide.overlays.shapes import HudSlot, HudText, Tone
from rtguide.view.bottom_bar import BottomBar
from rtguide.view.canvas import Shown, VideoCanvas
from rtguide.view.commands import Command, HelpDialog, make_actions
from rtguide.view.feed import Recorded
from rtguide.view.reader import SceneReader
from rtguide.view.status_text import Segment, scale_text
from rtguide.view.theme import font
from rtguide.view.transport import SPEEDS, Transport, frame_at

__all__ = ["COMMANDS", "ReplayWindow"]

LOOK_EVERY_MS = 8
_SLIDER_STEPS_PER_S = 1000

COMMANDS = (
    Command("play", "Play", ("Space", "K"), "play or pause", is_checkable=True),
    Command("back", "◀", (",", "Left"), "one frame back"),
    Command("on", "▶", (".", "Right"), "one frame on"),
    Command("slower", "Slower", ("-",), "slower"),
    Command("faster", "Faster", ("+", "="), "faster"),
    Command("start", "", ("Home",), "to the first frame"),
    Command("end", "", ("End",), "to the last frame"),
    Command("hide", "Hide", ("H",), "hide every overlay: the untouched picture", is_checkable=True),
    Command("full", "Full", ("F", "F11"), "full screen, and back", is_checkable=True),
    Command("help", "?", ("F1", "?"), "this list"),
)


class ReplayPane(QWidget):
    """One session: its name, its picture, and the reader behind it."""

    def __init__(self, recorded: Recorded, clock: Clock, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.recorded = recorded
        self.canvas = VideoCanvas(parent=self)
        self.index = 0
        self.fault = ""
        self._reader = SceneReader(recorded, clock)
        self._generation = 0
        self._scene: Scene | None = None
        name = QLabel(recorded.name, self)
        name.setFont(font(16))
        name.setContentsMargins(14, 4, 14, 4)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(name)
        column.addWidget(self.canvas, 1)

    @property
    def length_s(self) -> float:
        """Time of the last frame."""
        count = self.recorded.frame_count
        return self.recorded.time_s(count - 1) if count else 0.0

    def seek(self, seconds: float) -> None:
        """Wish for the frame of that time."""
        if self.recorded.frame_count:
            self.index = frame_at(self.recorded.time_s, self.recorded.frame_count, seconds)
            self._reader.ask(self.index)

    def look(self, *, is_hidden: bool) -> bool:
        """Show what the reader has; true when it is the frame that was asked for."""
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
        return answer is not None and answer.index == self.index

    def close_reader(self) -> None:
        """End the reading thread."""
        self._reader.close()


class ReplayWindow(QWidget):
    """Plays one or two recorded sessions; two run by the same seconds from their first frames."""

    def __init__(self, sessions: Sequence[Recorded], clock: Clock) -> None:
        super().__init__()
        self.panes = [ReplayPane(recorded, clock, self) for recorded in sessions]
        self.transport = Transport(max(pane.length_s for pane in self.panes), clock)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("rtguide replay")
        self.resize(1280, 800)
        slots: dict[str, Callable[[], None]] = {
            "play": self._toggle_playing,
            "back": lambda: self.step(-1),
            "on": lambda: self.step(1),
            "slower": lambda: self._change_speed(-1),
            "faster": lambda: self._change_speed(1),
            "start": lambda: self.go(0.0),
            "end": lambda: self.go(self.transport.length_s),
            "hide": self.look,
            "full": lambda: self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen),
            "help": self._show_help,
        }
        self.actions_by_name = make_actions(self, COMMANDS, slots)
        self.bar = BottomBar([self.actions_by_name[c.name] for c in COMMANDS if c.label], self)
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.slider.setRange(0, round(self.transport.length_s * _SLIDER_STEPS_PER_S))
        self.slider.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.slider.setMinimumHeight(36)
        self.slider.setAccessibleName(self.tr("Time"))
        self.slider.sliderMoved.connect(lambda value: self.go(value / _SLIDER_STEPS_PER_S))
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.look)
        self._timer.start(LOOK_EVERY_MS)
        self.look()

    def look(self) -> None:
        """Move the head on, ask for its frames, show what has come."""
        seconds = self.transport.now_s()
        for pane in self.panes:
            pane.seek(seconds)
            pane.look(is_hidden=self.actions_by_name["hide"].isChecked())
        if not self.slider.isSliderDown():
            self.slider.setValue(round(seconds * _SLIDER_STEPS_PER_S))
        self.actions_by_name["play"].setChecked(self.transport.is_playing)
        self._update_status(seconds)

    def go(self, seconds: float) -> None:
        """Put the head there."""
        self.transport.go(seconds)
        self.look()

    def step(self, frames: int) -> None:
        """Pause, and go so many frames of the first session on."""
        self.transport.pause()
        pane = self.panes[0]
        index = min(max(pane.index + frames, 0), max(pane.recorded.frame_count - 1, 0))
        if pane.recorded.frame_count:
            self.go(pane.recorded.time_s(index))

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """End the readers."""
        self._timer.stop()
        for pane in self.panes:
            pane.close_reader()
        super().closeEvent(event)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(2)
        for pane in self.panes:
            row.addWidget(pane, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row, 1)
        column.addWidget(self.slider)
        column.addWidget(self.bar)

    def _toggle_playing(self) -> None:
        if self.transport.is_playing:
            self.transport.pause()
        else:
            self.transport.play()
        self.look()

    def _change_speed(self, by: int) -> None:
        place = SPEEDS.index(self.transport.speed) + by
        self.transport.set_speed(SPEEDS[min(max(place, 0), len(SPEEDS) - 1)])
        self.look()

    def _update_status(self, seconds: float) -> None:
        parts = [
            Segment(f"{seconds:.2f} s of {self.transport.length_s:.2f} s", is_bold=True),
            Segment(f"×{self.transport.speed:g}"),
        ]
        for pane in self.panes:
            parts.append(Segment(f"frame {pane.index + 1} of {pane.recorded.frame_count}"))
            scene = pane.canvas.shown.scene
            if scene is not None:
                parts.extend((Segment(f"needle {scene.tracking.needle.track}"), Segment(scale_text(scene.geometry))))
        self.bar.status.set_segments(tuple(parts))
        faults = [f"{pane.recorded.name}: {pane.fault}" for pane in self.panes if pane.fault]
        self.bar.status.set_notice(faults[0] if faults else "", Tone.ALARM_LOW)

    def _show_help(self) -> None:
        HelpDialog(COMMANDS, (self.tr("Drag the slider to go anywhere."),), self).show()


def _as_replay(scene: Scene) -> Scene:
    """A recorded scene is a replay, whatever it was when it was recorded."""
    return replace(scene, source=replace(scene.source, kind=SourceKind.REPLAY))
