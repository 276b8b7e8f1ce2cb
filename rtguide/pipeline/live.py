"""A source running live: capture, track and record threads, and what the window asks of them."""

import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rtguide.clock import Clock
from rtguide.model.frame import Frame
from rtguide.model.geometry import ImageGeometry
from rtguide.model.needle import NeedleHint, NeedleMode
from rtguide.model.plan import Approach
from rtguide.model.scene import Scene
from rtguide.model.side import SideStatus
from rtguide.model.status import DelayFigures, Fault, PipelineStatus, SourceTiming
from rtguide.model.structure import Structure
from rtguide.pipeline.capture import Capture
from rtguide.pipeline.engine import Engine
from rtguide.pipeline.loop import Loop
from rtguide.pipeline.publish import PublishFeed
from rtguide.pipeline.record import OpenSink, Recorder
from rtguide.pipeline.sides import SideFeed
from rtguide.pipeline.slots import Latest
from rtguide.ports import (
    FrameSource,
    FrameTruth,
    Hands,
    PreRollSink,
    Publisher,
    SteeredSource,
    TruthSource,
    WarningSource,
)
from rtguide.recording.delays import Delays, figures_of
from rtguide.recording.side_ring import SideRing
from rtguide.side_ports import SideChannel

__all__ = ["Latencies", "LiveParts", "LivePipeline"]

WAIT_S = 0.1
"""How long the track thread waits for a frame before it looks whether it should stop."""

JOIN_S = 2.0
"""How long closing waits for each thread; a source that hangs in its driver is left behind after that."""

KEPT_FAULTS = 20
"""The newest faults that the status keeps."""

SHOWN_DELAYS = 600
"""The window says how long the last so many frames took: ten seconds at 60 frames/s."""


@dataclass(frozen=True, slots=True)
class LiveParts:
    """How to open the source, how to build its engine, where recordings go.

    marks: structures that are marked from the first frame on (the demo's nerve), given the open source · publisher:
    sends every scene out; it is left open · pre_roll: keeps the seconds before a recording, None for not at all.
    """

    open_source: Callable[[], FrameSource]
    build_engine: Callable[[FrameSource], Engine]
    open_sink: OpenSink
    clock: Clock
    marks: Callable[[FrameSource], Sequence[Structure]] = field(default=lambda _source: ())
    publisher: Publisher | None = None
    pre_roll: Callable[[], PreRollSink] | None = None


@dataclass(frozen=True, slots=True)
class Latencies:
    """From a frame's capture until its scene was complete, and until it was on screen; None where there was none."""

    tracked: DelayFigures | None
    painted: DelayFigures | None
    skipped_by_screen: int


class LivePipeline:
    """Runs one source until it is closed. Every call returns at once (`close` within a few seconds) from any thread."""

    def __init__(self, parts: LiveParts) -> None:
        self._parts = parts
        self._clock = parts.clock
        self._frames: Latest[Frame] = Latest()
        self._scenes: Latest[Scene] = Latest()
        self._lock = threading.Lock()
        self._faults: deque[Fault] = deque(maxlen=KEPT_FAULTS)
        self._engine: Engine | None = None
        self._source: FrameSource | None = None
        self._standing_warnings: tuple[str, ...] = ()
        self._waiting_for_engine: list[Callable[[Engine], None]] = []
        self._tracked = 0
        self._frame_generation = 0
        self._tracked_delays, self._painted_delays = Delays(), Delays()
        self._last_painted_ns: deque[int] = deque(maxlen=SHOWN_DELAYS)
        self._capture = Capture(parts.open_source, self._source_opened, self._frame_came, parts.clock)
        self._recorder = Recorder(parts.open_sink, self._post, parts.clock, self._capture.timing, parts.pre_roll)
        self._loops = [
            Loop("capture", self._capture.step, self._capture_died, parts.clock),
            Loop("track", self._track_step, self._post, parts.clock),
            Loop("record", self._recorder.step, self._post, parts.clock),
        ]
        self._publish = None
        if parts.publisher is not None:
            self._publish = PublishFeed(parts.publisher, self._post, parts.clock)
            # In front: `close` asks the last one, the recorder's, whether it has ended.
            self._loops.insert(0, Loop("publish", self._publish.step, self._post, parts.clock))
        self._sides: list[SideFeed] = []
        self._is_closed = False
        self._injecting_ns: int | None = None

    def add_side(self, name: str, open_channel: Callable[[], SideChannel]) -> None:
        """Record this beside the picture; before `start`."""
        feed = SideFeed(name, open_channel, self._recorder.status, self._post, self._clock)
        if self._parts.pre_roll is not None:
            feed.keep_before(SideRing())
        self._sides.append(feed)
        self._loops.insert(0, Loop(f"side-{name}", feed.step, self._post, self._clock))

    def start(self) -> None:
        """Begin to open and read the source."""
        for loop in self._loops:
            loop.start()

    def latest_scene(self) -> tuple[int, Scene | None]:
        """The newest scene and its generation."""
        return self._scenes.newest()

    def wait_for_scene(self, generation: int, timeout_s: float) -> tuple[int, Scene] | None:
        """Wait for a scene newer than `generation`; None if none came in time."""
        return self._scenes.newer(generation, timeout_s)

    def status(self) -> PipelineStatus:
        """How things stand now."""
        counts, timing = self._capture.counts(), self._capture.timing()
        sides = tuple(side.status() for side in self._sides)
        with self._lock:
            tracked, faults, painted_ns = self._tracked, tuple(self._faults), tuple(self._last_painted_ns)
            injecting_ns = self._injecting_ns
        faults = (*self._passing_warnings(timing, sides), *faults)
        return PipelineStatus(
            source=self._capture.status(),
            rate_hz=self._capture.rate_hz(),
            counts=replace(counts, tracked=tracked, skipped=self._frames.skipped),
            recording=self._recorder.status(),
            sides=sides,
            served="" if self._publish is None else self._publish.text,
            faults=faults,
            timing=timing,
            painted_delay=figures_of(painted_ns),
            injecting_ns=injecting_ns,
        )

    def _passing_warnings(self, timing: SourceTiming | None, sides: tuple[SideStatus, ...]) -> tuple[Fault, ...]:
        """What is to be said of the source now and was not when it opened; what has failed is shown before it."""
        with self._lock:
            source, standing = self._source, self._standing_warnings
        texts = [] if timing is None or not timing.is_lagging or timing.lag_ns is None else [_lag_text(timing.lag_ns)]
        texts += [f"{side.name}: {side.trouble}" for side in sides if side.trouble not in (None, "opening")]
        if isinstance(source, WarningSource):
            texts += [text for text in source.warnings if text not in standing]
        now_ns = self._clock.now_ns()
        return tuple(Fault("source", text, now_ns) for text in texts)

    def latencies(self) -> Latencies:
        """What was measured so far."""
        with self._lock:
            tracked, painted = self._tracked_delays.figures(), self._painted_delays.figures()
        return Latencies(tracked, painted, self._scenes.skipped)

    def painted(self, scene: Scene, t_ns: int) -> None:
        """`scene` is on screen since `t_ns`."""
        delay_ns = t_ns - scene.frame.t_capture_ns
        with self._lock:
            self._painted_delays.add(delay_ns)
            self._last_painted_ns.append(delay_ns)
        self._recorder.offer_painted(scene.frame.seq, t_ns)

    def mark(self, structures: Sequence[Structure], frame: Frame) -> None:
        """Follow these structures as they lie in `frame`."""
        self._with_engine(lambda engine: engine.mark(structures, frame))

    def hint(self, hint: NeedleHint, frame: Frame) -> None:
        """The needle is there in `frame`."""
        self._with_engine(lambda engine: engine.hint(hint, frame))

    def set_mode(self, mode: NeedleMode) -> None:
        """Look for a needle in the plane, or for one that crosses it."""
        self._with_engine(lambda engine: engine.set_mode(mode))
        self.note_event("needle mode", {"mode": mode.value})

    def expect(self, approach: Approach) -> None:
        """The plan expects the needle from there."""
        self._with_engine(lambda engine: engine.expect(approach))

    def clear_marks(self) -> None:
        """Forget every structure."""
        self._with_engine(lambda engine: engine.clear_marks())

    def accept_whole_frame(self) -> None:
        """Take the whole frame as the image region."""
        self._with_engine(lambda engine: engine.accept_whole_frame())

    def accept_geometry(self, geometry: ImageGeometry) -> None:
        """Take a region and scale that the user has looked at."""
        self._with_engine(lambda engine: engine.accept_geometry(geometry))

    def set_injecting(self, *, is_injecting: bool) -> None:
        """Somebody begins to inject, or stops."""
        with self._lock:
            if is_injecting == (self._injecting_ns is not None):
                return
            self._injecting_ns = self._clock.now_ns() if is_injecting else None
        self._with_engine(lambda engine: engine.set_injecting(is_injecting=is_injecting))
        self.note_event("injecting" if is_injecting else "injecting ended", {})

    def note_event(self, kind: str, details: Mapping[str, Any]) -> bool:
        """Keep what somebody did or was told beside the frames; false where nothing is recorded."""
        return self._recorder.offer_event(kind, details)

    def hands(self) -> Hands | None:
        """The hands at a simulated patient that is steered; None for every other source."""
        with self._lock:
            source = self._source
        return source.hands if isinstance(source, SteeredSource) else None

    def steered_address(self) -> str | None:
        """What to open to steer this patient; None where that cannot be."""
        with self._lock:
            source = self._source
        return source.steered_address if isinstance(source, SteeredSource) else None

    def start_recording(self, directory: Path) -> None:
        """Record into a new session folder inside `directory`."""
        self._recorder.start(directory)

    def stop_recording(self) -> None:
        """Finish the session folder."""
        self._recorder.stop()

    def close(self) -> None:
        """Stop the threads, finish the recording, close the source."""
        if self._is_closed:
            return
        self._is_closed = True
        self._recorder.stop()
        for loop in self._loops:
            loop.ask_to_stop()
        self._capture.close()
        for side in self._sides:
            side.close()
        has_ended = [loop.join(JOIN_S) for loop in self._loops]
        for side, side_has_ended in zip(reversed(self._sides), has_ended, strict=False):
            if side_has_ended:
                side.finish()
        self._frames.give_up()
        self._scenes.give_up()
        if has_ended[-1]:
            self._recorder.finish()

    def _with_engine(self, action: Callable[[Engine], None]) -> None:
        """Do it now, or as soon as the source is open."""
        with self._lock:
            engine = self._engine
            if engine is None:
                self._waiting_for_engine.append(action)
                return
        action(engine)

    def _source_opened(self, source: FrameSource) -> None:
        engine = self._parts.build_engine(source)
        marks = self._parts.marks(source)
        if marks:
            engine.mark(marks)
        with self._lock:
            self._engine, self._source = engine, source
            self._standing_warnings = source.warnings if isinstance(source, WarningSource) else ()
            waiting, self._waiting_for_engine = self._waiting_for_engine, []
        for action in waiting:
            action(engine)

    def _truth_of(self, frame: Frame) -> FrameTruth | None:
        return self._source.truth(frame.seq) if isinstance(self._source, TruthSource) else None

    def _frame_came(self, frame: Frame | int) -> None:
        if isinstance(frame, int):
            self._recorder.offer_lost(frame)
            return
        self._recorder.offer_frame(frame, self._truth_of(frame))
        self._frames.put(frame)

    def _track_step(self) -> bool:
        newer = self._frames.newer(self._frame_generation, WAIT_S)
        if newer is None:
            return True
        self._frame_generation, frame = newer
        assert self._engine is not None
        scene = self._engine.process(frame)
        with self._lock:
            self._tracked += 1
            self._tracked_delays.add(scene.t_tracked_ns - frame.t_capture_ns)
        if scene.is_region_known:
            self._capture.look_inside(scene.geometry.bounds_px())
        if scene.fault is not None:
            self._post(Fault("tracker", scene.fault, scene.t_tracked_ns))
        self._recorder.offer_scene(scene)
        self._scenes.put(scene)
        if self._publish is not None:
            self._publish.offer(scene)
        return True

    def _capture_died(self, fault: Fault) -> None:
        self._capture.fail(fault.text)
        self._post(fault)

    def _post(self, fault: Fault) -> None:
        """Keep the fault; the same one again only moves its time on."""
        with self._lock:
            if self._faults and self._faults[-1].text == fault.text:
                self._faults.pop()
            self._faults.append(fault)


def _lag_text(lag_ns: int) -> str:
    """To a tenth of a second: a text that is the same for a while can be noted."""
    return (
        f"the picture lags: {lag_ns / 1e9:.1f} s later than at first, by the source's own clock; "
        "close other programs, ask for a smaller size or rate, or open it again"
    )
