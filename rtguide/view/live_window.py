"""The bedside window: the picture with its overlay, one bar, a key for everything."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCloseEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from rtguide.clock import Clock
from rtguide.model.needle import NeedleHint
from rtguide.model.scene import Scene
from rtguide.model.status import Fault, PipelineStatus, RecordingState, RecordingStatus, SourceState
from rtguide.model.structure import Structure
from rtguide.overlays import Freshness, freshness_of
from rtguide.view.alarm_board import AlarmBoard, BoardEntry, Sight
from rtguide.view.bottom_bar import BottomBar
from rtguide.view.canvas import Shown, VideoCanvas
from rtguide.view.commands import HelpDialog, make_actions
from rtguide.view.desks import Desks
from rtguide.view.feed import Feed
from rtguide.view.feed_closer import FeedCloser
from rtguide.view.hands_desk import HandsDesk
from rtguide.view.history import Sample
from rtguide.view.live_commands import COMMANDS, HINTS
from rtguide.view.live_settings import LiveSettings
from rtguide.view.notices import Notices
from rtguide.view.open_panel import OpenDialog
from rtguide.view.pedal import PedalDesk
from rtguide.view.pointing import Pointing
from rtguide.view.preferences import PreferenceStore
from rtguide.view.previews import Offer
from rtguide.view.scale_dialog import ScaleDialog
from rtguide.view.settings_dialog import AboutDialog, SettingsDialog
from rtguide.view.sights import Sights
from rtguide.view.start_page import StartPage
from rtguide.view.status_text import late_notice, status_segments
from rtguide.view.steering import SteeringPilot

__all__ = ["LiveSettings", "LiveWindow"]

LOOK_EVERY_MS = 4
"""How often the newest scene is looked for; a 16 ms poll would add half a frame of latency."""

STATUS_EVERY_NS = 50_000_000
"""How often the feed is asked how it stands: a quarter of the time in which an alarm has to be there."""

LINE_EVERY_NS = 200_000_000
"""How often the status line changes: faster than that it cannot be read."""


_ALWAYS = ("open", "full", "help", "settings", "about")
"""Actions that need no source."""


class LiveWindow(QWidget):
    """Shows a feed until it is closed, and closes the feed with it. Without a feed it shows the start page."""

    def __init__(self, feed: Feed | None, clock: Clock, settings: LiveSettings) -> None:
        super().__init__()
        self._feed = feed
        self._clock = clock
        self._settings, self._memory = settings, PreferenceStore(settings.memory)
        self._generation = 0
        self._scene: Scene | None = None
        self._status: PipelineStatus | None = None
        self._status_due_ns = self._line_due_ns = 0
        self.alarms = AlarmBoard(settings.limits)
        self._notices = Notices()
        for text in settings.troubles:
            self._notices.say(Fault("start", text, clock.now_ns()))
        self._closer = FeedCloser()
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("rtguide")
        self.resize(1280, 800)
        self.canvas = VideoCanvas(self._painted, self)
        offers = [Offer(text, address) for text, address in settings.offers]
        self.start_page = StartPage(offers, settings.open_source, settings.find_sources, self)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self.start_page)
        self._stack.addWidget(self.canvas)
        self.desks = Desks(self, self, clock, settings, self._stack)
        self.procedure, self.events, self.paths = self.desks.procedure, self.desks.events, self.desks.paths
        self.actions_by_name = make_actions(self, COMMANDS, self._slots())
        self.bar = BottomBar([self.actions_by_name[c.name] for c in COMMANDS if c.label], self)
        self.pedals = PedalDesk(settings.pedals, clock, self)
        self.pedals.fired.connect(self._pedal_pressed)
        self.bar.add_light(self.pedals.light)
        self.pointing = Pointing(self.canvas, self.actions_by_name["mark"], self.actions_by_name["needle"], clock)
        self.pilot = SteeringPilot(self.canvas, clock, lambda: self.pointing.is_on)
        self.pilot.injecting.connect(self.set_injecting)
        self.marks = self.pointing.marks
        self.marks.marked.connect(self._mark)
        self.marks.begun.connect(self.pilot.rest)
        self.hands = HandsDesk(self.pilot, self.actions_by_name["steer"])
        self.hands.to_open.connect(self.open_address)
        self._lay_out()
        self.sights = Sights(self, self._top, self.bar.status)
        self._connect()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.look)
        self._stack.setCurrentWidget(self.start_page if feed is None else self.canvas)
        self._allow(is_open=feed is not None)
        self._memory.restore(self, self.actions_by_name)
        self._timer.start(LOOK_EVERY_MS)
        self.look()

    def _connect(self) -> None:
        self.start_page.chosen.connect(self.open_address)
        self.canvas.strip_pressed.connect(self._acknowledge)
        self.pointing.unused.connect(self.paths.pick_at)
        self.bar.status.noticed.connect(self._take_notice)
        self.sights.troubled.connect(self._say)
        self.pointing.hinted.connect(self._hint)
        self.pointing.changed.connect(self.look_again)

    def _slots(self) -> dict[str, Callable[[], None]]:
        """What each command does."""
        return self.desks.slots() | {
            "mark": lambda: self.pointing.switched("mark"),
            "needle": lambda: self.pointing.switched("needle"),
            "clear": self._clear_marks,
            "record": self._toggle_recording,
            "open": self._ask_to_open,
            "seen": self._acknowledge,
            "inject": self._toggle_injecting,
            "hide": self.look_again,
            "events": self._toggle_events,
            "details": lambda: self.sights.show_details(self.actions_by_name["details"].isChecked()),
            "beside": lambda: self.sights.show_beside(self.actions_by_name["beside"].isChecked()),
            "second": lambda: self.sights.next_second(),  # noqa: PLW0108 - sights come later
            "full": self._toggle_full_screen,
            "whole": self._accept_whole_frame,
            "scale": self.ask_for_scale,
            "steer": self._toggle_steering,
            "help": lambda: HelpDialog(COMMANDS, HINTS, self).show(),
            "settings": lambda: SettingsDialog(self._memory, self).open(),
            "about": lambda: AboutDialog(self).open(),
        }

    def look(self) -> None:
        """Look at the newest scene; repaint if it is new, if it has grown old, or if the reason changed."""
        if self._feed is None:
            return
        now_ns = self._clock.now_ns()
        generation, scene = self._feed.latest_scene()
        is_new = generation != self._generation
        if is_new:
            self._generation, self._scene = generation, scene
        age_ns = None if self._scene is None else now_ns - self._scene.frame.t_capture_ns
        if self._status is None or now_ns >= self._status_due_ns:
            self._status_due_ns = now_ns + STATUS_EVERY_NS
            self._update_status(self._feed.status(), age_ns, now_ns)
        if is_new and self._scene is not None and age_ns is not None:
            self.sights.history.append(Sample.of(self._scene, now_ns, age_ns))
        assert self._status is not None
        self.desks.study.look(self._status.recording.state, now_ns)
        is_blind = self.alarms.is_blind = self.desks.study.is_blind
        self._log(self.alarms.update(Sight(self._scene, self._status, age_ns, now_ns)))
        freshness = _freshness(age_ns, self._status)
        self.desks.sound.hear(
            self.alarms.wish(), self._scene if freshness is Freshness.FRESH and not is_blind else None
        )
        shown = Shown(
            self._scene,
            freshness,
            late_notice(self._status, has_scene=self._scene is not None),
            self.actions_by_name["hide"].isChecked(),
            self.alarms.sign(now_ns),
            self.paths.fan(self._scene, self.procedure.plan_in_mind),
            is_blind,
            self.desks.turn,
            self.events.log.is_bolus(now_ns),
        )
        if is_new or shown != self.canvas.shown:
            self.canvas.show_this(shown)
        self.sights.look(shown, is_picture=self._stack.currentWidget() is self.canvas)
        self.desks.apply_mode(self._feed)
        self.procedure.look(shown, is_injecting=self._status.injecting_ns is not None)

    def open_address(self, address: str) -> None:
        """Close what is open and open this instead; the old one ends in its own thread, so that the window lives on."""
        if self._settings.open_feed is None:
            return
        self._close_feed()
        self._feed = self._settings.open_feed(address)
        self._generation, self._scene, self._status = 0, None, None
        self._notices.forget()
        self.alarms.forget()
        self.desks.opened(address)
        self.pointing.give_up()
        self._stack.setCurrentWidget(self.canvas)
        self._allow(is_open=True)
        self.procedure.suggest(address)
        self.look()

    def _allow(self, *, is_open: bool) -> None:
        """Without a source the keys belong to the start page."""
        for name, action in self.actions_by_name.items():
            action.setEnabled(is_open or name in _ALWAYS)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Vanish at once, then finish what runs."""
        self._timer.stop()
        self._memory.remember(self, self.actions_by_name)
        self.hide()
        self.start_page.close_previews()
        self.desks.sound.close()
        self.sights.close()
        self._close_feed()
        self._closer.join()
        super().closeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Escape leaves marking, then full screen, then takes note of a fault or of what the source says."""
        is_pointing = self.pointing.is_on
        if (not is_pointing and self.procedure.key_pressed(event)) or self.pilot.key_pressed(event):
            return
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif is_pointing:
            self.pointing.leave()
        elif self.isFullScreen():
            self.actions_by_name["full"].trigger()
        else:
            self._take_notice()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Hands stop when their key is released."""
        if not self.pilot.key_released(event):
            super().keyReleaseEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """A screen of another density has another 12 mm."""
        self.bar.fit_to_screen()
        super().resizeEvent(event)

    def _lay_out(self) -> None:
        self._top = QHBoxLayout()
        self._top.setSpacing(0)
        self._top.addWidget(self._stack, 1)
        self._top.addWidget(self.pilot.panel)
        self._top.addWidget(self.events.panel)
        self._top.addWidget(self.procedure.scale_panel)
        self._top.addWidget(self.procedure.panel)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._top, 1)
        column.addWidget(self.bar)

    def _painted(self, scene: Scene) -> None:
        if self._feed is not None:
            self._feed.painted(scene, self._clock.now_ns())

    def _update_status(self, status: PipelineStatus, age_ns: int | None, now_ns: int) -> None:
        self._status = status
        if now_ns < self._line_due_ns:
            return
        self._line_due_ns = now_ns + LINE_EVERY_NS
        if status.source.info is not None:
            self.desks.source_is(status.source.info.address)
        self.hands.follow(self._feed)
        first = self.desks.segments(now_ns)
        self.bar.status.set_segments((*first, *status_segments(self._tracked(), status, (age_ns, now_ns))))
        self.events.refresh()
        self.actions_by_name["events"].setChecked(self.events.panel.isVisible())
        self.actions_by_name["paths"].setChecked(self.paths.is_on)
        self.actions_by_name["record"].setChecked(status.recording.state is not RecordingState.OFF)
        self.actions_by_name["inject"].setChecked(status.injecting_ns is not None)
        notice = self._notices.choose(self._scene, status, self.alarms.line(), self.pointing.prompt())
        self.bar.status.set_notice(notice.text, notice.tone)

    def _tracked(self) -> Scene | None:
        """What may be said of the scene: nothing in an attempt without overlay."""
        return None if self.desks.study.is_blind else self._scene

    def _say(self, text: str) -> None:
        """Something went wrong in the window itself."""
        self._notices.say(Fault("window", text, self._clock.now_ns()))
        self.look_again()

    def _take_notice(self) -> None:
        """Of the line in the bar: what is shown there and nothing else."""
        if self._status is not None and not self._notices.take_note(self._status):
            self._log(self.alarms.acknowledge(is_low_only=True))
        self.look_again()

    def _acknowledge(self) -> None:
        self._log(self.alarms.acknowledge())
        self.look_again()

    def _log(self, entries: Sequence[BoardEntry]) -> None:
        for entry in entries:
            self.note(entry.kind, entry.details)

    def note(self, kind: str, details: Mapping[str, Any]) -> bool:
        """Keep an event; false where nothing is recorded."""
        return self._feed is not None and self._feed.note_event(kind, details)

    def _toggle_injecting(self) -> None:
        self.set_injecting(self._status is not None and self._status.injecting_ns is None)

    def set_injecting(self, is_injecting: bool) -> None:
        """Somebody begins to inject, or stops."""
        if self._feed is not None:
            self._feed.set_injecting(is_injecting=is_injecting)
        self.look_again()

    def look_again(self) -> None:
        """Something has changed that is shown."""
        self._status_due_ns = self._line_due_ns = 0
        self.look()

    def _pedal_pressed(self, action: str) -> None:
        """Next and back are the procedure's; the rest are commands, events by their own names."""
        own = {"next": self.procedure.go_on, "back": self.procedure.go_back}
        if action in own:
            own[action]()
        else:
            (self.actions_by_name.get(action) or self.actions_by_name[f"event {action}"]).trigger()

    def _mark(self, structure: Structure, scene: Scene) -> None:
        if self._feed is not None:
            self._feed.mark((structure,), scene.frame)

    def _hint(self, hint: NeedleHint, scene: Scene) -> None:
        if self._feed is not None:
            self._feed.hint(hint, scene.frame)
            self.note("needle pointed at", {"points_px": hint.points_px})

    def _clear_marks(self) -> None:
        if self._feed is not None:
            self._feed.clear_marks()

    def _toggle_recording(self) -> None:
        if self._feed is None or self._status is None:
            self.actions_by_name["record"].setChecked(False)
        else:
            self.record(self._status.recording.state is RecordingState.OFF)

    def record(self, is_recording: bool) -> None:
        """Begin to record, or end it; said again it changes nothing."""
        if self._feed is not None and self._status is not None:
            is_off = self._feed.status().recording.state is RecordingState.OFF
            if is_recording and is_off:
                self._feed.start_recording(self._settings.record_dir)
            elif not is_recording and not is_off:
                self._feed.stop_recording()
        self.look_again()

    def summary(self) -> tuple[str, ...]:
        """What was said, and where it is recorded."""
        recording = RecordingStatus() if self._feed is None else self._feed.status().recording
        where = f"recorded in {recording.folder}" if recording.folder else "not recorded"
        return f"events: {len(self.events.log.events)} · injected: {self.events.log.injected_ml:g} ml", where

    def _toggle_steering(self) -> None:
        self.hands.toggle(self._feed)
        self.look_again()

    def _ask_to_open(self) -> None:
        dialog = OpenDialog(self._settings.offers, self)
        dialog.chosen.connect(self.open_address)
        dialog.open()

    def _toggle_events(self) -> None:
        self.events.panel.setVisible(self.actions_by_name["events"].isChecked())

    def _toggle_full_screen(self) -> None:
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def _accept_whole_frame(self) -> None:
        if self._feed is not None:
            self._feed.accept_whole_frame()
            self.look_again()

    def ask_for_scale(self) -> None:
        """Read this screen's ruler, look, accept, keep."""
        if self._feed is not None and self._scene is not None and self._settings.calibrator is not None:
            first = self._scene
            dialog = ScaleDialog(lambda: (self._scene or first).frame.pixels, self._settings.calibrator, self)
            dialog.accepted_geometry.connect(self._feed.accept_geometry)
            dialog.open()

    def _close_feed(self) -> None:
        self.events.keep_words()
        feed, self._feed = self._feed, None
        self.hands.let_go()
        self._closer.close(feed)


def _freshness(age_ns: int | None, status: PipelineStatus) -> Freshness:
    """By age; what a source that says it has no picture showed last is gone at once."""
    if status.source.state is SourceState.INTERRUPTED:
        return Freshness.GONE
    return Freshness.FRESH if age_ns is None else freshness_of(age_ns)
