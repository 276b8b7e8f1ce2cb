"""The disk path: every frame in order, bounded, counted; it never blocks capture and never loses a frame silently."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, cast

from rtguide.clock import Clock
from rtguide.errors import RecordingError
from rtguide.model.frame import Frame
from rtguide.model.scene import Scene
from rtguide.model.status import Fault, RecordingState, RecordingStatus, SourceTiming
from rtguide.pipeline.disk_items import (
    Event,
    Item,
    Lost,
    Painted,
    TrueFrame,
    UnsaidLosses,
    frame_of,
    is_of_another_size,
    losses,
)
from rtguide.pipeline.loop import attempt
from rtguide.pipeline.slots import Fifo
from rtguide.ports import BoundedSink, EventSink, FrameTruth, LostWhy, PaintedSink, PreRollSink, Sink, TruthSink

__all__ = ["OpenSink", "Recorder"]

OpenSink = Callable[[Path, Scene], Sink]
"""Opens a new recording inside a directory, for pictures like those of the scene."""

QUEUE_ITEMS = 720
"""Frames, scenes and paints that may wait for the disk: four seconds at 60 frames/s, longer than a disk
stands still when it is synced."""

QUEUE_BYTES = 512 << 20
"""Pictures that may wait: four seconds of 1080p grey at 60 frames/s, over one of RGB."""

LOW_DISK_S = (600.0, 120.0)
"""Said when the disk has room for no more than this: ten minutes, and again at two."""

LAST_S = 3.0
"""With less room than this the recording is closed, so that everything in it is kept."""

SPACE_EVERY_NS = 1_000_000_000
"""How often the disk is asked for its room."""

TIMING_EVERY_NS = 60_000_000_000
"""How often it is noted how frames come: enough to see a lag grow over hours."""

WAIT_S = 0.05
"""How long one step waits for something to write; a stop is noticed within this time."""


class Recorder:
    """Takes frames from the capture thread and scenes from the track thread; its own thread writes them.

    `offer_frame`, `offer_scene`, `start`, `stop` and `status` return at once and may be called from any thread.
    `step` belongs to the record thread.
    """

    def __init__(
        self,
        open_sink: OpenSink,
        on_fault: Callable[[Fault], None],
        clock: Clock,
        timing: Callable[[], SourceTiming | None] = lambda: None,
        pre_roll: Callable[[], PreRollSink] | None = None,
    ) -> None:
        self._open_sink = open_sink
        self._on_fault = on_fault
        self._clock = clock
        self._queue: Fifo[Item] = Fifo(QUEUE_ITEMS)
        self._lock = threading.Lock()
        self._directory: Path | None = None
        self._parent: Path | None = None
        self._shape_px = (0, 0)
        self._known_scene: Scene | None = None
        self._is_taking = False
        self._sink: Sink | None = None
        self._unsaid = UnsaidLosses()
        self._queued_bytes = 0
        self._status = RecordingStatus()
        self._first_seq: int | None = None
        self._first_ns = 0
        self._timing = timing
        self._make_pre_roll = pre_roll
        self._pre_roll: PreRollSink | None = None
        self._space_asked_ns = self._timed_ns = clock.now_ns()
        self._unsaid_low = list(LOW_DISK_S)

    def start(self, directory: Path) -> None:
        """Record into a new folder inside `directory`, as soon as the image region is known."""
        with self._lock:
            if self._status.state is RecordingState.OFF:
                self._directory = directory
                self._status = RecordingStatus(RecordingState.WAITING)

    def stop(self) -> None:
        """Take nothing more; what is queued is still written, then the recording is closed."""
        with self._lock:
            self._is_taking = False
            self._directory = None
            if self._sink is None:
                self._status = RecordingStatus()

    def status(self) -> RecordingStatus:
        """How the recording stands."""
        with self._lock:
            return self._status

    def offer_frame(self, frame: Frame, truth: FrameTruth | None = None) -> None:
        """A frame was captured; truth: what is true of it, from a simulation."""
        is_too_much = False
        with self._lock:
            if not self._is_wanted:
                return
            if self._first_seq is None:
                self._first_seq, self._first_ns = frame.seq, frame.time_ns
            while (lost := self._unsaid.first) is not None and self._queue.put(lost):
                self._unsaid.said()
            item, size = frame if truth is None else TrueFrame(frame, truth), frame.pixels.nbytes
            is_full = self._queued_bytes + size > QUEUE_BYTES
            if self._unsaid.first is not None or is_full or not self._queue.put(item):
                is_too_much = self._lose(Lost(frame.seq))
            else:
                self._queued_bytes += size
        if is_too_much:
            self._say_too_much()

    def offer_lost(self, seq: int) -> None:
        """A frame came out of order and goes no further."""
        with self._lock:
            if not self._is_wanted or self._first_seq is None:
                return
            lost, is_too_much = Lost(seq, LostWhy.OUT_OF_ORDER), False
            if self._unsaid.first is not None or not self._queue.put(lost):
                is_too_much = self._lose(lost)
            else:
                self._count(lost=1)
        if is_too_much:
            self._say_too_much()

    def _lose(self, lost: Lost) -> bool:
        """Keep in mind that it has to be declared lost. Past what can be kept in mind nothing more is taken: true."""
        self._count(lost=1)
        if self._unsaid.add(lost) or not self._is_taking:
            return False
        self._is_taking = False
        return True

    def _say_too_much(self) -> None:
        text = "recording stopped: the disk has stood still for too long; what was written is kept"
        self._on_fault(Fault("record", text, self._clock.now_ns()))

    def offer_scene(self, scene: Scene) -> None:
        """A scene is ready. Without room it is given up: its frame is then marked as one that was never tracked."""
        with self._lock:
            if scene.is_region_known:
                self._known_scene = scene
            if self._is_wanted and self._first_seq is not None and scene.frame.seq >= self._first_seq:
                self._queue.put(scene)

    def offer_painted(self, seq: int, t_ns: int) -> None:
        """The scene of frame `seq` is on screen since `t_ns`. Where the disk falls behind that is not kept."""
        with self._lock:
            is_kept = self._is_wanted and self._first_seq is not None and seq >= self._first_seq
            if is_kept and len(self._queue) < QUEUE_ITEMS // 2:
                self._queue.put(Painted(seq, t_ns))

    def offer_event(self, kind: str, details: Mapping[str, Any]) -> bool:
        """Keep what somebody did or was told, now; false where nothing is recorded. Without room that is a fault."""
        event = Event(kind, {"t_ns": self._clock.now_ns(), **details})
        with self._lock:
            if not self._is_wanted:
                return False
            is_kept, is_recorded = self._queue.put(event), self._is_taking
        if not is_kept:
            self._on_fault(Fault("record", f"the disk is behind: '{kind}' was not kept", self._clock.now_ns()))
        return is_kept and is_recorded

    def step(self) -> bool:
        """Open, write one thing, or close."""
        if self._sink is None:
            self._open_if_asked()
        item = self._next(WAIT_S)
        if self._sink is None:
            if item is not None:
                self._keep_for_later(item)
            return True
        if item is None:
            with self._lock:
                is_done = not self._is_taking and not len(self._queue)
            if is_done:
                self._close()
            return True
        if is_of_another_size(item, self._shape_px):
            self._begin_anew()
            return True
        _, problem = attempt(self._write, self._sink, item)
        if problem is not None:
            self._fail(problem, item)
            return True
        _, problem = attempt(self._watch_space)
        if problem is not None:
            self._fail(problem, None)
        elif self._clock.now_ns() - self._timed_ns >= TIMING_EVERY_NS:
            self._note_timing()
        return True

    def _next(self, timeout_s: float) -> Item | None:
        item = self._queue.get(timeout_s)
        frame = None if item is None else frame_of(item)
        if frame is not None:
            with self._lock:
                self._queued_bytes -= frame.pixels.nbytes
        return item

    def finish(self) -> None:
        """Write what is left and close. For the end of the program, after the record thread has ended."""
        self.stop()
        while self._sink is not None:
            self.step()

    @property
    def _is_wanted(self) -> bool:
        """Whether what comes is kept, on disk or for the case that somebody presses record."""
        is_keeping = self._sink is None and self._make_pre_roll is not None and self._known_scene is not None
        return self._is_taking or is_keeping

    def _keep_for_later(self, item: Item) -> None:
        """Give it to the pre-roll. One that fails is done without, and that is said."""
        with self._lock:
            make, scene = self._make_pre_roll, self._known_scene
            if scene is not None and is_of_another_size(item, scene.frame.shape_px):
                self._known_scene = self._pre_roll = scene = None
        if make is None or scene is None:
            return
        if self._pre_roll is None:
            self._pre_roll, problem = attempt(make)
        if self._pre_roll is not None:
            self._pre_roll.see(item if isinstance(item, Scene) and item.is_region_known else scene)
            _, problem = attempt(self._write, self._pre_roll, item)
            with self._lock:
                if self._status.state is RecordingState.OFF:
                    self._status = replace(self._status, reach_s=self._pre_roll.seconds)
        if problem is not None:
            with self._lock:
                self._make_pre_roll, self._pre_roll = None, None
                self._status = replace(self._status, reach_s=None)
            text = f"the seconds before a recording are not kept any more: {problem}"
            self._on_fault(Fault("record", text, self._clock.now_ns()))

    def _opened(self, directory: Path, scene: Scene) -> Sink:
        sink = self._open_sink(directory, scene)
        if self._pre_roll is None or self._pre_roll.first is None:
            return sink
        kept = {"frames": self._pre_roll.frames, "seconds": self._pre_roll.seconds}
        self._pre_roll.write_event("record pressed", {"t_ns": self._clock.now_ns(), **kept})
        return self._pre_roll.into(sink)

    def _open_if_asked(self) -> None:
        with self._lock:
            directory, scene = self._directory, self._known_scene
        if directory is None or scene is None:
            return
        first, kept = (None, 0) if self._pre_roll is None else (self._pre_roll.first, self._pre_roll.frames)
        sink, problem = attempt(self._opened, directory, scene)
        with self._lock:
            self._directory = None
            if sink is None:
                self._status = RecordingStatus(trouble="not recording: it could not begin")
            else:
                self._sink, self._unsaid_low = sink, list(LOW_DISK_S)
                self._parent, self._shape_px = directory, scene.frame.shape_px
                begins_ns = None if first is None else first.t_capture_ns
                self._status = RecordingStatus(
                    RecordingState.RECORDING, sink.location, frames=kept, begins_ns=begins_ns
                )
                if first is not None:
                    self._first_seq, self._first_ns = first.seq, first.time_ns
                elif self._make_pre_roll is None:
                    self._first_seq, self._unsaid = None, UnsaidLosses()
                self._is_taking = True
        if problem is not None:
            self._on_fault(Fault("record", f"not recording: {problem}", self._clock.now_ns()))

    def _begin_anew(self) -> None:
        """The picture has another size: this recording ends, the next begins when the new picture's region is known."""
        with self._lock:
            is_wanted, self._is_taking = self._is_taking, False
            self._known_scene = self._pre_roll = self._first_seq = None
        self._close()
        with self._lock:
            if is_wanted:
                self._directory = self._parent
                self._status = RecordingStatus(RecordingState.WAITING)
        text = "the picture's size has changed: the recording was closed, a new one begins once its region is known"
        self._on_fault(Fault("record", text, self._clock.now_ns()))

    def _write(self, sink: Sink, item: Item) -> None:
        if isinstance(item, (Frame, TrueFrame)):
            truth = item.truth if isinstance(item, TrueFrame) else None
            item = item.frame if isinstance(item, TrueFrame) else item
            sink.write_frame(item)
            with self._lock:
                self._count(frames=1, seconds=(item.time_ns - self._first_ns) / 1e9)
            if truth is not None and isinstance(sink, TruthSink):
                sink.write_truth(item.seq, truth.as_line())
        elif isinstance(item, Scene):
            sink.write_scene(item)
        elif isinstance(item, Painted):
            if isinstance(sink, PaintedSink):
                sink.write_painted(item.seq, item.t_ns)
        elif isinstance(item, Event):
            if isinstance(sink, EventSink):
                sink.write_event(item.kind, item.details)
        else:
            sink.declare_lost(item.seq, item.why)

    def _watch_space(self) -> None:
        """Say in time that the disk is filling up; stop while everything can still be kept."""
        now_ns, sink = self._clock.now_ns(), cast(object, self._sink)
        if not isinstance(sink, BoundedSink) or now_ns - self._space_asked_ns < SPACE_EVERY_NS:
            return
        self._space_asked_ns = now_ns
        left_s = sink.seconds_left()
        with self._lock:
            self._status = replace(self._status, seconds_left=left_s)
        if left_s is None:
            return
        if left_s < LAST_S:
            raise RecordingError("the disk is full but for a reserve; free space, or record to another disk")
        due = [limit_s for limit_s in self._unsaid_low if left_s <= limit_s]
        if due:
            self._unsaid_low = [limit_s for limit_s in self._unsaid_low if limit_s < min(due)]
            text = f"the disk has room for {max(1, round(left_s / 60))} more minutes of recording: free space soon"
            self._on_fault(Fault("record", text, now_ns))

    def _note_timing(self) -> None:
        """How the source's frames come now, for whoever asks later how it was."""
        self._timed_ns = self._clock.now_ns()
        timing, sink = self._timing(), cast(object, self._sink)
        if timing is not None and isinstance(sink, EventSink):
            attempt(sink.write_event, "timing", asdict(timing))

    def _close(self) -> None:
        self._note_timing()
        with self._lock:
            sink, self._sink = self._sink, None
            unsaid, self._unsaid = self._unsaid, UnsaidLosses()
        assert sink is not None
        problem = None
        for lost in unsaid.all():
            _, problem = attempt(sink.declare_lost, lost.seq, lost.why)
        _, closing = attempt(sink.close)
        problem = closing or problem
        with self._lock:
            self._status = RecordingStatus()
        if problem is not None:
            self._on_fault(Fault("record", f"the recording did not end cleanly: {problem}", self._clock.now_ns()))

    def _fail(self, problem: str, failed: Item | None) -> None:
        """The disk refuses: stop taking, declare what was queued lost, say it, close what can be closed."""
        assert self._sink is not None
        with self._lock:
            self._is_taking = False
        given_up = losses(failed)
        while (item := self._next(0.0)) is not None:
            given_up += losses(item)
        for lost in given_up:
            attempt(self._sink.declare_lost, lost.seq, lost.why)
        not_written = f" ({len(given_up)} frames not written)" if given_up else ""
        self._on_fault(Fault("record", f"recording stopped{not_written}: {problem}", self._clock.now_ns()))
        self._close()
        with self._lock:
            self._status = replace(self._status, trouble="recording stopped by itself")

    def _count(self, frames: int = 0, lost: int = 0, seconds: float | None = None) -> None:
        now = self._status
        if now.state is not RecordingState.RECORDING:
            return
        self._status = replace(
            now,
            seconds=now.seconds if seconds is None else seconds,
            frames=now.frames + frames,
            lost=now.lost + lost,
        )
