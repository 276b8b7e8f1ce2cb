"""A feed and a recording made of synthetic scenes; they remember what was asked of them."""

import shutil
import threading
import weakref
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtguide.clock import ManualClock
from rtguide.errors import RecordingError
from rtguide.model.frame import Frame
from rtguide.model.geometry import ImageGeometry
from rtguide.model.needle import NeedleHint, NeedleMode
from rtguide.model.plan import Approach
from rtguide.model.scene import Scene
from rtguide.model.status import (
    FrameCounts,
    PipelineStatus,
    RecordingState,
    RecordingStatus,
    SourceState,
    SourceStatus,
)
from rtguide.model.structure import Structure
from rtguide.ports import Hands
from rtguide.recording.annotations import Annotations
from rtguide.recording.glance import Glance
from rtguide.recording.side_tracks import SideTrack
from rtguide.recording.side_video import SideVideoFrames
from synthetic_scenes import Wish, scene


class FakeFeed:
    """Gives what a test puts into it."""

    def __init__(self, first: Scene | None = None) -> None:
        self.generation = 0
        self.scene: Scene | None = None
        state = SourceStatus(SourceState.OPENING, "opening sim:femoral")
        self.now = PipelineStatus(state)
        self.approaches: list[Approach] = []
        self.hints: list[tuple[NeedleHint, Frame]] = []
        self.modes: list[NeedleMode] = []
        self.marks: list[tuple[tuple[Structure, ...], Frame]] = []
        self.paints: list[tuple[Scene, int]] = []
        self.cleared = 0
        self.whole_frames = 0
        self.accepted: list[ImageGeometry] = []
        self.record_dirs: list[Path] = []
        self.closed = 0
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.the_hands: Hands | None = None
        self.to_steer: str | None = None
        if first is not None:
            self.put(first)

    def put(self, scene: Scene) -> None:
        self.generation += 1
        self.scene = scene
        source = SourceStatus(SourceState.RUNNING, "", scene.source)
        counts = FrameCounts(self.generation, self.generation, 0, 0)
        self.now = replace(self.now, source=source, counts=counts, rate_hz=30.0)

    def latest_scene(self) -> tuple[int, Scene | None]:
        return self.generation, self.scene

    def status(self) -> PipelineStatus:
        return self.now

    def painted(self, scene: Scene, t_ns: int) -> None:
        self.paints.append((scene, t_ns))

    def mark(self, structures: Sequence[Structure], frame: Frame) -> None:
        self.marks.append((tuple(structures), frame))

    def expect(self, approach: Approach) -> None:
        self.approaches.append(approach)

    def hint(self, hint: NeedleHint, frame: Frame) -> None:
        self.hints.append((hint, frame))

    def clear_marks(self) -> None:
        self.cleared += 1

    def start_recording(self, directory: Path) -> None:
        self.record_dirs.append(directory)
        self.now = replace(self.now, recording=RecordingStatus(RecordingState.RECORDING, str(directory), 12.0, 360))

    def stop_recording(self) -> None:
        self.now = replace(self.now, recording=RecordingStatus())

    def accept_whole_frame(self) -> None:
        self.whole_frames += 1

    def accept_geometry(self, geometry: ImageGeometry) -> None:
        self.accepted.append(geometry)

    def set_mode(self, mode: NeedleMode) -> None:
        self.modes.append(mode)

    def set_injecting(self, *, is_injecting: bool) -> None:
        self.now = replace(self.now, injecting_ns=0 if is_injecting else None)

    def note_event(self, kind: str, details: Mapping[str, Any]) -> bool:
        self.events.append((kind, dict(details)))
        return self.now.recording.state is RecordingState.RECORDING

    def hands(self) -> Hands | None:
        return self.the_hands

    def steered_address(self) -> str | None:
        return self.to_steer

    def close(self) -> None:
        self.closed += 1


class FakeRecorded:
    """A recording of `count` frames at 20 frames/s; `broken` cannot be read. `read` is what was asked for to be shown.

    Frame numbers are those of a source whose first frame was 100. Needles are followed from frame 10 on, alarms stand
    in frames 30 to 34.
    """

    FIRST_SEQ = 100

    def __init__(self, name: str = "attempt 1", count: int = 60, broken: int | None = None) -> None:
        self.name = name
        self.frame_count = count
        self.broken = broken
        self.read: list[int] = []
        self.said: list[dict[str, Any]] = []
        self.warnings: tuple[str, ...] = ()
        self.sides: tuple[SideTrack, ...] = ()
        self.side_videos: tuple[SideVideoFrames, ...] = ()
        self.folder = Path(mkdtemp())
        weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)
        self.annotations = Annotations(self.folder, ManualClock(1_000))

    def time_s(self, index: int) -> float:
        return index / 20.0

    def seq(self, index: int) -> int:
        return self.FIRST_SEQ + index

    def index_of(self, seq: int) -> int | None:
        return seq - self.FIRST_SEQ if 0 <= seq - self.FIRST_SEQ < self.frame_count else None

    def events(self) -> Iterator[dict[str, Any]]:
        return iter(self.said)

    def moments_s(self, t_ns: NDArray[np.int64]) -> NDArray[np.float64]:
        return t_ns / 1e9

    def glance(self, index: int) -> Glance:
        level = 3 if 30 <= index < 35 else 0
        return Glance(index / self.frame_count, 30.0 - index / 2, 300.0 - 5 * index, level, index >= 10)

    def scene(self, index: int) -> Scene:
        if threading.current_thread().name != "rtguide-timeline":
            self.read.append(index)
        if index == self.broken:
            raise RecordingError(f"frame {index} cannot be read: the file is damaged")
        return scene(Wish(seq=index, t_capture_ns=index * 50_000_000))
