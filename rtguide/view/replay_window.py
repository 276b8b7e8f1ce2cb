"""The trainer's window: one recorded session, or two side by side under one play head."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCloseEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from rtguide.clock import Clock
from rtguide.model.scene import Scene
from rtguide.overlays.shapes import Tone
from rtguide.view.bottom_bar import BottomBar
from rtguide.view.commands import Command, HelpDialog, make_actions
from rtguide.view.feed import Recorded
from rtguide.view.replay_notes import ReplayNotes
from rtguide.view.replay_pane import ReplayPane
from rtguide.view.status_text import Segment, scale_text
from rtguide.view.timeline_marks import common_moments, next_mark
from rtguide.view.transport import SPEEDS, Transport

__all__ = ["COMMANDS", "ReplayWindow"]

LOOK_EVERY_MS = 8
NOTICE_NS = 4_000_000_000
PICTURES_FROM_PX = 900

COMMANDS = (
    Command("play", "Play", ("Space", "K"), "play or pause", is_checkable=True),
    Command("back", "◀", (",", "Left"), "one frame back"),
    Command("on", "▶", (".", "Right"), "one frame on"),
    Command("slower", "Slower", ("-",), "slower: ×0.1 at least"),
    Command("faster", "Faster", ("+", "="), "faster: ×8 at most"),
    Command("loop", "Loop", ("L",), "loop all of it, or give the loop up", is_checkable=True),
    Command("loop_start", "", ("[",), "the loop begins here (or Shift and the mouse)"),
    Command("loop_end", "", ("]",), "the loop ends here"),
    Command("next", "", ("PgDown",), "to the next event or mark"),
    Command("previous", "", ("PgUp",), "to the one before"),
    Command("bookmark", "Mark", ("B",), "bookmark this frame"),
    Command("note", "Note", ("N",), "write a note to this frame"),
    Command("draw", "Draw", ("D",), "draw on the picture with the mouse", is_checkable=True),
    Command("undo", "", ("Ctrl+Z",), "take back what was added last"),
    Command("remove", "", ("Del",), "remove what was added to this frame"),
    Command("align", "Align", ("A",), "two sessions: align them by the next event that both have"),
    Command("nudge_back", "", ("Ctrl+Left",), "two sessions: the second one frame earlier"),
    Command("nudge_on", "", ("Ctrl+Right",), "two sessions: the second one frame later"),
    Command("other", "", ("Tab",), "two sessions: mark, note and draw on the other"),
    Command("side", "", ("V",), "hide the second camera's picture, and show it again"),
    Command("start", "", ("Home",), "to the first frame"),
    Command("end", "", ("End",), "to the last frame"),
    Command("hide", "Hide", ("H",), "hide every overlay: the untouched picture", is_checkable=True),
    Command("full", "Full", ("F", "F11"), "full screen, and back", is_checkable=True),
    Command("help", "?", ("F1", "?"), "this list"),
)

_HINTS = (
    "Timeline: click or drag to go there, Shift and drag for a loop, wheel to look closer, right button to move it, "
    "double-click for all of it; rest on it to read what was then.",
)


class ReplayWindow(QWidget):
    """Plays one or two recorded sessions; two run by the same seconds, from their first frames or from an event."""

    def __init__(
        self, sessions: Sequence[Recorded], clock: Clock, on_painted: Callable[[Scene], None] | None = None
    ) -> None:
        """on_painted: called with every scene once it is on screen."""
        super().__init__()
        self.panes = [ReplayPane(recorded, clock, on_painted, self) for recorded in sessions]
        self.transport = Transport(max(pane.length_s for pane in self.panes), clock)
        self._clock = clock
        self._said, self._said_ns = "", 0
        self._aligned = -1
        self._warnings = [f"{pane.recorded.name}: {text}" for pane in self.panes for text in pane.recorded.warnings]
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("rtguide replay")
        self.resize(1280, 800)
        self.notes = ReplayNotes(self.panes, self.say, self)
        self.actions_by_name = make_actions(self, COMMANDS, self._slots())
        for name in ("back", "on", "nudge_back", "nudge_on"):
            self.actions_by_name[name].setAutoRepeat(True)
        shown = [c.name for c in COMMANDS if c.label and (c.name != "align" or len(self.panes) > 1)]
        self.bar = BottomBar([self.actions_by_name[name] for name in shown], self)
        self.bar.status.noticed.connect(self._take_note)
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.look)
        self._timer.start(LOOK_EVERY_MS)
        self.look()

    def look(self) -> None:
        """Move the head on, ask for its frames, show what has come."""
        seconds = self.transport.now_s()
        is_hidden = self.actions_by_name["hide"].isChecked()
        for pane in self.panes:
            pane.seek(seconds, self._frames_a_look(pane))
            pane.look(is_hidden=is_hidden)
            loop = self.transport.loop
            shifted = None if loop is None else (loop[0] + pane.offset_s, loop[1] + pane.offset_s)
            pane.timeline.show_head(seconds + pane.offset_s, shifted)
        self.actions_by_name["play"].setChecked(self.transport.is_playing)
        self.actions_by_name["loop"].setChecked(self.transport.loop is not None)
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

    def say(self, text: str) -> None:
        """Show a line for a few seconds."""
        self._said, self._said_ns = text, self._clock.now_ns()

    def _take_note(self) -> None:
        """The line was pressed: what was said is read; of what is missing the next is said."""
        if self._said:
            self._said = ""
        elif self._warnings:
            self._warnings.pop(0)
        self.look()

    def align(self) -> None:
        """By the next moment that both sessions have; after the last one by their first frames again."""
        if len(self.panes) < 2:
            self.say(self.tr("aligning needs two sessions: rtguide replay A B"))
            return
        moments = common_moments(self.panes[0].marks, self.panes[1].marks)
        self._aligned = self._aligned + 1 if self._aligned + 1 < len(moments) else -1
        if self._aligned < 0:
            self._set_offset(0.0)
            none = self.tr("they have no event in common; Ctrl+Left and Ctrl+Right move the second")
            self.say(none if not moments else self.tr("aligned by their first frames"))
            return
        name, first_s, second_s = moments[self._aligned]
        self._set_offset(second_s - first_s)
        self.go(first_s)
        self.say(self.tr("aligned by: ") + name)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Two timelines leave no room for pictures in a low window."""
        for pane in self.panes:
            pane.timeline.set_pictures(has_pictures=len(self.panes) == 1 or self.height() >= PICTURES_FROM_PX)
        super().resizeEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """End the readers."""
        self._timer.stop()
        for pane in self.panes:
            pane.close_reader()
        super().closeEvent(event)

    def _slots(self) -> dict[str, Callable[[], None]]:
        return {
            "play": self._toggle_playing,
            "back": lambda: self.step(-1),
            "on": lambda: self.step(1),
            "slower": lambda: self._change_speed(-1),
            "faster": lambda: self._change_speed(1),
            "loop": self._toggle_loop,
            "loop_start": lambda: self._loop_edge(is_start=True),
            "loop_end": lambda: self._loop_edge(is_start=False),
            "next": lambda: self._go_to_mark(1),
            "previous": lambda: self._go_to_mark(-1),
            "bookmark": self._standing(self.notes.bookmark),
            "note": self._standing(self.notes.begin_note),
            "draw": self._toggle_pen,
            "undo": self._standing(self.notes.undo),
            "remove": self._standing(self.notes.remove_here),
            "align": self.align,
            "nudge_back": lambda: self._nudge(-1),
            "nudge_on": lambda: self._nudge(1),
            "other": self.notes.other,
            "side": self._toggle_side,
            "start": lambda: self.go(self.transport.begin_s),
            "end": lambda: self.go(self.transport.length_s),
            "hide": self.look,
            "full": lambda: self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen),
            "help": lambda: HelpDialog(COMMANDS, _HINTS, self).show(),
        }

    def _standing(self, action: Callable[[], None]) -> Callable[[], None]:
        """What belongs to a frame belongs to the one on screen: stand still first."""

        def act() -> None:
            self.transport.pause()
            self.look()
            action()
            self.look()

        return act

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(2)
        for pane in self.panes:
            row.addWidget(pane, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row, 1)
        column.addWidget(self.notes.line)
        for pane in self.panes:
            pane.timeline.setParent(self)
            column.addWidget(pane.timeline)
            pane.timeline.sought.connect(lambda seconds, pane=pane: self._go_in(pane, seconds))
            pane.timeline.loop_chosen.connect(lambda a, b, pane=pane: self._loop_in(pane, a, b))
            pane.timeline.spanned.connect(lambda a, b, pane=pane: self._show_span(pane, a, b))
            pane.timeline.set_range(0.0, self.transport.length_s)
        column.addWidget(self.bar)

    def _frames_a_look(self, pane: ReplayPane) -> float:
        """How many of its frames pass between two paints, while it plays."""
        count = pane.recorded.frame_count
        if not self.transport.is_playing or count < 2 or pane.length_s <= 0:
            return 0.0
        return max(1.0, self.transport.speed * (count - 1) / pane.length_s / 60.0)

    def _toggle_playing(self) -> None:
        if self.transport.is_playing:
            self.transport.pause()
        else:
            self.actions_by_name["draw"].setChecked(False)
            self.notes.set_pen(is_pen=False)
            self.transport.play()
        self.look()

    def _toggle_side(self) -> None:
        sides = [pane.side for pane in self.panes if pane.side is not None]
        for side in sides:
            side.setVisible(not side.isVisible())
        if not sides:
            self.say(self.tr("no second camera was recorded"))
        self.look()

    def _toggle_pen(self) -> None:
        self.transport.pause()
        self.notes.set_pen(is_pen=self.actions_by_name["draw"].isChecked())
        self.look()

    def _change_speed(self, by: int) -> None:
        place = SPEEDS.index(self.transport.speed) + by
        self.transport.set_speed(SPEEDS[min(max(place, 0), len(SPEEDS) - 1)])
        self.look()

    def _go_in(self, pane: ReplayPane, seconds: float) -> None:
        self.notes.choose(pane)
        self.go(seconds - pane.offset_s)

    def _loop_in(self, pane: ReplayPane, start_s: float, stop_s: float) -> None:
        if not self.transport.set_loop((start_s - pane.offset_s, stop_s - pane.offset_s)):
            self.say(self.tr("too short for a loop"))
        self.look()

    def _toggle_loop(self) -> None:
        if self.transport.loop is not None:
            self.transport.set_loop(None)
        elif not self.transport.set_loop((self.transport.begin_s, self.transport.length_s)):
            self.say(self.tr("too short for a loop"))
        self.look()

    def _loop_edge(self, *, is_start: bool) -> None:
        """One edge here; the other one stays, or waits at the end, or beginning, of the recording."""
        now_s, loop = self.transport.now_s(), self.transport.loop
        start, stop = loop or (self.transport.begin_s, self.transport.length_s)
        chosen = (now_s, stop if stop > now_s else self.transport.length_s) if is_start else (min(start, now_s), now_s)
        if not self.transport.set_loop(chosen):
            self.say(self.tr("too short for a loop"))
        self.look()

    def _go_to_mark(self, direction: int) -> None:
        pane = self.notes.pane
        mark = next_mark(pane.marks, pane.now_s, direction)
        if mark is None:
            self.say(self.tr("no event or mark there"))
        else:
            self.transport.pause()
            self.say(mark.text)
            self.go(mark.time_s - pane.offset_s + 1e-6)  # never a hair before its frame
        self.look()

    def _nudge(self, frames: int) -> None:
        if len(self.panes) < 2 or self.panes[1].recorded.frame_count < 2:
            return
        second = self.panes[1]
        period_s = second.length_s / (second.recorded.frame_count - 1)
        self._set_offset(second.offset_s + frames * period_s)
        self.say(f"{second.offset_s:+.2f} s")
        self.look()

    def _set_offset(self, offset_s: float) -> None:
        first, second = self.panes
        second.offset_s = offset_s
        begin_s, length_s = min(0.0, -offset_s), max(first.length_s, second.length_s - offset_s)
        self.transport.set_span(begin_s, length_s)
        for pane in self.panes:
            pane.timeline.set_range(begin_s + pane.offset_s, length_s + pane.offset_s)

    def _show_span(self, chosen: ReplayPane, start_s: float, stop_s: float) -> None:
        """The same part of both, so that what is at one time is at one place."""
        for pane in self.panes:
            shift_s = pane.offset_s - chosen.offset_s
            pane.timeline.show_span(start_s + shift_s, stop_s + shift_s)

    def _update_status(self, seconds: float) -> None:
        parts = [
            Segment(f"{seconds:.2f} s of {self.transport.length_s:.2f} s", is_bold=True),
            Segment(f"×{self.transport.speed:g}"),
        ]
        loop = self.transport.loop
        if loop is not None:
            parts.append(Segment(f"loop {loop[0]:.1f}–{loop[1]:.1f} s"))
        for pane in self.panes:
            parts.append(Segment(f"frame {pane.index + 1} of {pane.recorded.frame_count}"))
            if pane.offset_s:
                parts.append(Segment(f"aligned by {pane.offset_s:+.2f} s"))
            scene = pane.canvas.shown.scene
            if scene is not None:
                parts.extend((Segment(f"needle {scene.tracking.needle.track}"), Segment(scale_text(scene.geometry))))
        self.bar.status.set_segments(tuple(parts))
        standing = self._warnings[0] if self._warnings else ""
        more = f" ({len(self._warnings) - 1} more)" if len(self._warnings) > 1 else ""
        faults = [f"{pane.recorded.name}: {pane.fault}" for pane in self.panes if pane.fault]
        if self._said and self._clock.now_ns() - self._said_ns > NOTICE_NS:
            self._said = ""
        text = faults[0] if faults else self._said or f"{standing}{more}"
        self.bar.status.set_notice(text, Tone.ALARM_LOW if faults else Tone.TEXT)
