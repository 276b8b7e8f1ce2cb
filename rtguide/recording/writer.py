"""Writes a session folder: every frame, every scene, what people did, and an account of it all at the end."""

import platform
from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from rtguide.clock import Clock
from rtguide.errors import RecordingError
from rtguide.model.frame import Frame, FrameNote
from rtguide.model.geometry import ImageGeometry
from rtguide.model.plan import Plan
from rtguide.model.scene import Scene
from rtguide.ports import LostWhy
from rtguide.recording.delays import Delays
from rtguide.recording.disk_space import seconds_left
from rtguide.recording.layout import (
    EVENTS_NAME,
    FRAMES_NAME,
    PAINTS_NAME,
    SCENES_NAME,
    TRUTH_NAME,
    Ledger,
    Part,
    SessionHead,
    folder_name,
)
from rtguide.recording.matroska import TICK_NS
from rtguide.recording.missing import MissingNumbers, newest
from rtguide.recording.packing import FramePacker, PackedFrame
from rtguide.recording.part_writer import PartWriter
from rtguide.recording.scene_json import scene_line, skipped_line
from rtguide.recording.session_files import SessionFiles, guarded, new_folder
from rtguide.recording.values_json import to_json

__all__ = ["SessionWriter"]

SYNC_EVERY_NS = 1_000_000_000
"""The disk itself is brought up to date once a second: what a power cut may cost."""

LONGEST_WAIT_FRAMES = 1200
"""A frame whose scene has not come after this many others (20 s at 60 Hz) is written down as skipped."""


class SessionWriter:
    """A `ports.Sink` that records into a new folder. One thread uses it.

    Every error leaves as `RecordingError`; what was written before it stays readable.
    """

    def __init__(self, parent: Path, head: SessionHead, clock: Clock) -> None:
        self._head = head
        self._clock = clock
        self._ledger = Ledger()
        self._packer = FramePacker()
        self._part: PartWriter | None = None
        self._waiting: deque[int] = deque()
        self._unpainted: dict[int, int] = {}
        self._missing = MissingNumbers()
        self._refused: int | None = None
        self._tracked_delays, self._painted_delays = Delays(), Delays()
        self._last_seq: int | None = None
        self._given_up: set[int] = set()
        self._origin_ns: int | None = None
        self._last_pts = -1
        self._synced_ns = clock.now_ns()
        self._is_closed = False
        self._folder = new_folder(parent, folder_name(head.created_wall_ns, head.source.name))
        self._files = SessionFiles(self._folder)
        self._files.write_head(head)

    @classmethod
    def create(cls, directory: Path, scene: Scene, clock: Clock) -> "SessionWriter":
        """A new session inside `directory` for pictures like the scene's; its geometry and plan are kept.

        Raises
        ------
        RecordingError
            Nothing can be written there.
        """
        head = SessionHead(
            source=scene.source,
            full_shape_px=scene.geometry.shape_px,
            created_wall_ns=clock.wall_ns(),
            created_mono_ns=clock.now_ns(),
            versions=_versions(),
            geometries=(scene.geometry,),
            plans=(scene.plan,),
        )
        return cls(directory, head, clock)

    @property
    def location(self) -> str:
        """The session folder's path."""
        return str(self._folder)

    @property
    def folder(self) -> Path:
        """The session folder."""
        return self._folder

    @property
    def ledger(self) -> Ledger:
        """The account so far."""
        return self._ledger

    def write_frame(self, frame: Frame) -> None:
        """Add one frame. Frames come in order of `seq`. One that the disk refuses counts as lost."""
        self._check_frame(frame)
        try:
            packed = self._packer.pack(frame, self._head.geometries[-1])
        except RecordingError:
            self._refuse(frame.seq)
            raise
        self.write_packed(packed)

    def write_packed(self, packed: PackedFrame) -> None:
        """Add one frame that is packed already."""
        frame = packed.frame
        self._check_frame(frame)
        self._packer.go_on_from(packed)
        try:
            part = self._part_for(packed)
            line = guarded(self._folder, part.write, packed, self._next_pts(frame))
            self._files.append(FRAMES_NAME, to_json(line))
        except RecordingError:
            self._refuse(frame.seq)
            raise
        self._count(received=1, written=1, lost_before=self._never_came(frame.seq), **_noted(frame.notes))
        self._last_seq, self._given_up = frame.seq, set()
        self._waiting.append(frame.seq)
        while len(self._waiting) > LONGEST_WAIT_FRAMES:
            self._skip(self._waiting.popleft())
        self._sync_if_due()

    def write_scene(self, scene: Scene) -> None:
        """Add the scene of a frame that was written; frames before it that have none yet never get one."""
        self._check_open()
        seq = scene.frame.seq
        if not self._waiting or not self._waiting[0] <= seq <= self._waiting[-1]:
            self._count(orphans=1)
            return
        while self._waiting and self._waiting[0] < seq:
            self._skip(self._waiting.popleft())
        if not self._waiting or self._waiting[0] != seq:
            self._count(orphans=1)
            return
        self._waiting.popleft()
        self._note_setting(scene.geometry, scene.plan)
        geometry, plan = len(self._head.geometries) - 1, len(self._head.plans) - 1
        self._files.append(SCENES_NAME, scene_line(scene, geometry, plan))
        self._count(scenes=1)
        self._tracked_delays.add(scene.t_tracked_ns - scene.frame.t_capture_ns)
        self._unpainted[seq] = scene.frame.t_capture_ns
        while len(self._unpainted) > LONGEST_WAIT_FRAMES:
            del self._unpainted[next(iter(self._unpainted))]

    def write_painted(self, seq: int, t_ns: int) -> None:
        """The scene of frame `seq` is on screen since `t_ns`; of scenes that were not written it is not kept."""
        self._check_open()
        captured_ns = self._unpainted.pop(seq, None)
        if captured_ns is not None:
            self._files.append(PAINTS_NAME, {"seq": seq, "t_painted_ns": t_ns})
            self._count(painted=1)
            self._painted_delays.add(t_ns - captured_ns)

    def write_truth(self, seq: int, truth: Mapping[str, Any]) -> None:
        """Add what is true of simulated frame `seq`, the one that was written last."""
        self._check_open()
        if seq != self._last_seq:
            raise RecordingError(f"the truth of frame {seq} came after frame {self._last_seq}: it belongs to another")
        self._files.append(TRUTH_NAME, {"seq": seq, **truth})

    def write_event(self, kind: str, details: Mapping[str, Any] | None = None) -> None:
        """Note what someone did. kind: a short word, `mark`, `injected`, … · details: plain values."""
        self._check_open()
        self._files.append(EVENTS_NAME, {"t_ns": self._clock.now_ns(), "kind": kind, **to_json(dict(details or {}))})

    def declare_lost(self, seq: int, why: LostWhy = LostWhy.DISK) -> None:
        """Frame `seq` was received but never came here, or was refused here."""
        self._check_open()
        if why is LostWhy.OUT_OF_ORDER:
            self._count(received=1, declared_lost=1, out_of_order=1, lost_before=-self._missing.is_found(seq))
            self.write_event("frame out of order", {"seq": seq})
            return
        if seq != self._refused:
            self._given_up.add(seq)
            self._count(received=1, declared_lost=1)
        self._refused = None
        self.write_event("frame lost", {"seq": seq})

    def seconds_left(self) -> float | None:
        """Until the disk is full; None while that cannot be told."""
        return guarded(self._folder, seconds_left, self._folder, max(0, self._last_pts) * TICK_NS / 1e9)

    def close(self) -> None:
        """Finish: every frame has its line, the account is closed. May be called twice."""
        if self._is_closed:
            return
        self._is_closed = True
        try:
            while self._waiting:
                self._skip(self._waiting.popleft())
            if self._part is not None:
                guarded(self._folder, self._part.close)
            self._files.sync()
            self._ledger = replace(
                self._ledger,
                skipped_by_screen=self._ledger.scenes - self._ledger.painted,
                tracked_delay=self._tracked_delays.figures(),
                painted_delay=self._painted_delays.figures(),
            )
            self._files.write_head(replace(self._head, ledger=self._ledger))
            self._files.note_last_sums(() if self._part is None else guarded(self._folder, self._part.take_sums))
        finally:
            if self._part is not None:
                self._part.abandon()
            self._files.close()

    def _never_came(self, seq: int) -> int:
        """How many frames between the last one and this one were neither written nor given up."""
        if self._last_seq is None:
            return 0
        first = self._last_seq + 1
        self._missing.add(number for number in newest(first, seq) if number not in self._given_up)
        return seq - first - sum(first <= number < seq for number in self._given_up)

    def _next_pts(self, frame: Frame) -> int:
        """The frame's time in microseconds since the first one; it always rises, whatever the source's clock does."""
        if self._origin_ns is None:
            self._origin_ns = frame.time_ns
        self._last_pts = max(self._last_pts + 1, round((frame.time_ns - self._origin_ns) / TICK_NS))
        return self._last_pts

    def _refuse(self, seq: int) -> None:
        self._count(received=1, declared_lost=1)
        self._given_up.add(seq)
        self._refused = seq

    def _part_for(self, packed: PackedFrame) -> PartWriter:
        """The video file this frame goes into; a new one when the region moved or colour came.

        A frame that brings its own geometry is cut by that one: its scene, and with it the new region, comes later.
        """
        old = self._part
        if old is not None and old.takes(packed):
            return old
        if old is not None:
            guarded(self._folder, old.sync)
            guarded(self._folder, old.close)
            self._files.note_sums(guarded(self._folder, old.take_sums))
        part = Part(len(self._head.parts) + 1, packed.box, packed.is_grey, packed.frame.seq)
        new = guarded(self._folder, PartWriter, self._folder, part, packed.track, self._head.source.rate_hz)
        self._part = new
        self._set_head(replace(self._head, parts=(*self._head.parts, part)))
        return new

    def _note_setting(self, geometry: ImageGeometry, plan: Plan) -> None:
        """Keep a geometry or plan that differs from the last one; the next frame is cut to the new region."""
        head = self._head
        if geometry != head.geometries[-1]:
            head = replace(head, geometries=(*head.geometries, geometry))
        if plan != head.plans[-1]:
            head = replace(head, plans=(*head.plans, plan))
        if head is not self._head:
            self._set_head(head)

    def _set_head(self, head: SessionHead) -> None:
        self._head = head
        self._files.write_head(head)

    def _skip(self, seq: int) -> None:
        self._files.append(SCENES_NAME, skipped_line(seq))
        self._count(skipped=1)

    def _count(self, **more: int) -> None:
        self._ledger = replace(
            self._ledger, **{name: getattr(self._ledger, name) + count for name, count in more.items()}
        )

    def _check_open(self) -> None:
        if self._is_closed:
            raise RecordingError(f"the session {self._folder} is closed: start a new recording")

    def _check_frame(self, frame: Frame) -> None:
        self._check_open()
        if frame.shape_px != self._head.full_shape_px:
            height, width = self._head.full_shape_px
            raise RecordingError(
                f"frame {frame.seq} is {frame.shape_px[1]}×{frame.shape_px[0]} pixels, the session holds "
                f"{width}×{height}: start a new recording"
            )
        if self._last_seq is not None and frame.seq <= self._last_seq:
            raise RecordingError(f"frame {frame.seq} came after frame {self._last_seq}: a session keeps their order")

    def _sync_if_due(self) -> None:
        now_ns = self._clock.now_ns()
        if now_ns - self._synced_ns >= SYNC_EVERY_NS:
            self._synced_ns = now_ns
            self._files.note_sums(() if self._part is None else self._part.take_sums())
            self._files.sync()
            if self._part is not None:
                guarded(self._folder, self._part.sync)


def _noted(notes: tuple[FrameNote, ...]) -> dict[str, int]:
    """What of a frame's notes is counted."""
    return {
        "late": FrameNote.LATE in notes,
        "duplicated": FrameNote.DUPLICATE in notes,
        "frozen": FrameNote.FROZEN in notes,
    }


def _versions() -> dict[str, str]:
    """What wrote the session, for whoever has to explain it later."""
    found = {"python": platform.python_version()}
    for name in ("rtguide", "av", "numpy"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found
