"""The last seconds before somebody presses record, kept in memory as packed frames within a bound of bytes."""

import contextlib
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from rtguide.errors import RecordingError
from rtguide.model.frame import Frame
from rtguide.model.scene import Scene
from rtguide.ports import LostWhy, Sink
from rtguide.recording.packing import FramePacker, PackedFrame, without_picture
from rtguide.recording.writer import SessionWriter

__all__ = ["DEFAULT_BYTES", "PouredSession", "PreRoll"]

DEFAULT_BYTES = 512_000_000

FRAME_BYTES, SCENE_BYTES, TRUTH_BYTES, NOTE_BYTES = 2_000, 20_000, 20_000, 500
"""What is counted for these beside the packet: more than a scene of five structures, or its truth, was seen to take."""

POURED_AT_ONCE = 32
"""For each new thing so many old ones go to disk: a minute is there after some two seconds (until then a crash may cost
what still waits), and no step takes long."""


@dataclass(frozen=True, slots=True)
class _Event:
    kind: str
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Painted:
    t_ns: int


@dataclass(frozen=True, slots=True)
class _Truth:
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    """One thing, in the order it came, with the frame it belongs to (an event: the newest one then)."""

    seq: int
    what: PackedFrame | Scene | _Truth | _Painted | _Event | LostWhy
    size: int


class PreRoll:
    """A `ports.PreRollSink`: it forgets what is oldest when the bound is reached. One thread uses it."""

    location = ""

    def __init__(self, limit_bytes: int = DEFAULT_BYTES) -> None:
        self._limit = limit_bytes
        self._scene: Scene | None = None
        self.clear()

    def clear(self) -> None:
        """Forget everything but where the picture lies."""
        self._packer = FramePacker()
        self._kept: deque[_Kept] = deque()
        self._frames: deque[Frame] = deque()
        self._bytes = 0
        self._is_poured = False

    @property
    def size_bytes(self) -> int:
        """What is kept now, as counted against the bound."""
        return self._bytes

    @property
    def frames(self) -> int:
        """How many frames are kept."""
        return len(self._frames)

    @property
    def first(self) -> Frame | None:
        """The oldest frame that is kept, without its picture."""
        return self._frames[0] if self._frames else None

    @property
    def seconds(self) -> float:
        """How far back it reaches."""
        return (self._frames[-1].time_ns - self._frames[0].time_ns) / 1e9 if self._frames else 0.0

    def see(self, scene: Scene) -> None:
        """The picture lies as in this scene: what comes from now on is cut like it. Nothing is kept before."""
        self._scene = replace(scene, frame=without_picture(scene.frame))

    def write_frame(self, frame: Frame) -> None:
        """Keep a frame. One of another size, or that is not newer than the last, starts anew."""
        if self._scene is None:
            return
        newest = self._frames[-1] if self._frames and not self._is_poured else None
        if newest is not None and (frame.seq <= newest.seq or frame.shape_px != newest.shape_px):
            self.clear()
        packed = self._packer.pack(frame, self._scene.geometry)
        self._frames.append(packed.frame)
        self._keep(frame.seq, packed, len(packed.packet) + FRAME_BYTES)

    def write_scene(self, scene: Scene) -> None:
        """Keep what was said of a frame that is kept; its picture is packed already."""
        self._keep(scene.frame.seq, replace(scene, frame=without_picture(scene.frame)), SCENE_BYTES)

    def write_truth(self, seq: int, truth: Mapping[str, Any]) -> None:
        """Keep what is true of a simulated frame."""
        self._keep(seq, _Truth(truth), TRUTH_BYTES)

    def write_painted(self, seq: int, t_ns: int) -> None:
        """Keep when a scene came on screen."""
        self._keep(seq, _Painted(t_ns), NOTE_BYTES)

    def write_event(self, kind: str, details: Mapping[str, Any] | None = None) -> None:
        """Keep what somebody did. details: with its time, as `t_ns`."""
        if self._frames:
            self._keep(self._frames[-1].seq, _Event(kind, details or {}), NOTE_BYTES)

    def declare_lost(self, seq: int, why: LostWhy = LostWhy.DISK) -> None:
        """Keep that a frame is missing."""
        self._keep(seq, why, NOTE_BYTES)

    def close(self) -> None:
        """Forget everything; nothing was promised."""
        self.clear()

    def into(self, sink: Sink) -> "PouredSession":
        """The new session, into which everything that is kept goes before what comes from now on."""
        if not isinstance(sink, SessionWriter):
            raise RecordingError("the last seconds can be poured into a session folder only")
        oldest = self._frames[0].seq if self._frames else None
        self._kept = deque(kept for kept in self._kept if oldest is not None and kept.seq >= oldest)
        self._is_poured = True
        return PouredSession(self, sink)

    def pour(self, session: SessionWriter, count: int) -> bool:
        """Write the `count` oldest things into a session; whether there are more."""
        for _ in range(min(count, len(self._kept))):
            kept = self._kept.popleft()
            self._bytes -= kept.size
            match kept.what:
                case PackedFrame():
                    self._frames.popleft()
                    self._write_packed(session, kept.what)
                case Scene():
                    session.write_scene(kept.what)
                case _Truth():
                    session.write_truth(kept.seq, kept.what.values)
                case _Painted():
                    session.write_painted(kept.seq, kept.what.t_ns)
                case _Event():
                    session.write_event(kept.what.kind, kept.what.details)
                case LostWhy():
                    session.declare_lost(kept.seq, kept.what)
        return bool(self._kept)

    def give_up(self) -> tuple[int, ...]:
        """Forget everything; the numbers of the frames that were kept."""
        numbers = tuple(frame.seq for frame in self._frames)
        self.clear()
        return numbers

    def _write_packed(self, session: SessionWriter, packed: PackedFrame) -> None:
        try:
            session.write_packed(packed)
        except RecordingError:
            with contextlib.suppress(RecordingError):  # the first refusal is the one that is said
                session.declare_lost(packed.frame.seq)
            raise

    def _keep(self, seq: int, what: "PackedFrame | Scene | _Truth | _Painted | _Event | LostWhy", size: int) -> None:
        """Add it, unless it belongs to a frame from before the oldest one; then forget what is too much.

        What is being poured is promised: of that nothing is forgotten.
        """
        if not self._is_poured and (not self._frames or seq < self._frames[0].seq):
            return
        self._kept.append(_Kept(seq, what, size))
        self._bytes += size
        while self._bytes > self._limit and self._frames and not self._is_poured:
            gone = self._frames.popleft().seq
            while self._kept and self._kept[0].seq <= gone:
                self._bytes -= self._kept.popleft().size


class PouredSession:
    """A session that begins with what a pre-roll had kept. What comes now waits its turn behind that, in the ring."""

    def __init__(self, ring: PreRoll, session: SessionWriter) -> None:
        self._ring, self._session = ring, session
        self._is_pouring = True

    @property
    def location(self) -> str:
        """The session folder's path."""
        return self._session.location

    def _next(self) -> "PreRoll | SessionWriter":
        """Where what comes now goes; before that, some of what waits goes to disk."""
        self._is_pouring = self._is_pouring and self._ring.pour(self._session, POURED_AT_ONCE)
        return self._ring if self._is_pouring else self._session

    def write_frame(self, frame: Frame) -> None:
        """Take one frame."""
        self._next().write_frame(frame)

    def write_scene(self, scene: Scene) -> None:
        """Take one scene."""
        if self._is_pouring:
            self._ring.see(scene)
        self._next().write_scene(scene)

    def write_truth(self, seq: int, truth: Mapping[str, Any]) -> None:
        """Take what is true of the frame that came last."""
        target = self._ring if self._is_pouring else self._session
        target.write_truth(seq, truth)

    def write_painted(self, seq: int, t_ns: int) -> None:
        """Take when a scene came on screen."""
        self._next().write_painted(seq, t_ns)

    def write_event(self, kind: str, details: Mapping[str, Any] | None = None) -> None:
        """Take what happened."""
        self._next().write_event(kind, details)

    def declare_lost(self, seq: int, why: LostWhy = LostWhy.DISK) -> None:
        """Take that a frame is missing."""
        self._next().declare_lost(seq, why)

    def seconds_left(self) -> float | None:
        """Until the disk is full."""
        return self._session.seconds_left()

    def close(self) -> None:
        """Write what still waits and finish; what the disk refuses is declared lost."""
        try:
            while self._is_pouring:
                self._is_pouring = self._ring.pour(self._session, POURED_AT_ONCE)
        finally:
            self._is_pouring = False
            for seq in self._ring.give_up():
                self._session.declare_lost(seq)
            self._session.close()
