"""A source, a tracker and a sink that do as they are told."""

import queue
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rtguide.clock import SystemClock
from rtguide.errors import CalibrationError, RecordingError, SourceEnded
from rtguide.model.calibration import Calibration
from rtguide.model.frame import Frame, SourceInfo, SourceKind
from rtguide.model.geometry import ImageGeometry, Provenance, RectRegion
from rtguide.model.scene import Scene, Tracking
from rtguide.model.structure import Structure, StructureState, StructureTrack
from rtguide.ports import LostWhy

SHAPE = (60, 80)
INFO = SourceInfo("scripted", SourceKind.LIVE, SHAPE, 30.0)
GEOMETRY = ImageGeometry(SHAPE, RectRegion(10.0, 5.0, 50.0, 40.0), (0.1, 0.1), Provenance.DEVICE)


def make_frame(seq: int, seed: int | None = None, t_ns: int | None = None) -> Frame:
    pixels = np.random.default_rng(seq if seed is None else seed).integers(0, 255, SHAPE, dtype=np.uint8)
    time_ns = seq * 33_000_000 if t_ns is None else t_ns
    return Frame(seq, SystemClock().now_ns(), time_ns, pixels)


class ScriptedSource:
    """Gives what is put into it: a frame, or an error to raise."""

    def __init__(self, geometry: ImageGeometry | None = GEOMETRY) -> None:
        self.info = INFO
        self.geometry = geometry
        self.items: queue.Queue[Frame | Exception] = queue.Queue()
        self.hang = threading.Event()
        self.is_closed = False

    def give(self, *items: Frame | Exception) -> None:
        for item in items:
            self.items.put(item)

    def read(self, timeout_s: float) -> Frame | None:
        if self.is_closed:
            raise SourceEnded("closed")
        try:
            item = self.items.get(timeout=timeout_s)
        except queue.Empty:
            return None
        if isinstance(item, Exception):
            raise item
        return item

    def close(self) -> None:
        self.is_closed = True


class ScriptedTracker:
    """Follows marks without moving them; fails on the frames it is told to."""

    def __init__(self) -> None:
        self.bad: set[int] = set()
        self.starts: list[ImageGeometry] = []
        self.marks: dict[str, Structure] = {}

    def start(self, geometry: ImageGeometry) -> None:
        self.starts.append(geometry)
        self.marks.clear()

    def mark(self, structures: Sequence[Structure], frame: Frame) -> None:
        self.marks.update({s.name: s for s in structures})

    def clear_marks(self) -> None:
        self.marks.clear()

    def track(self, frame: Frame) -> Tracking:
        if frame.seq in self.bad:
            raise ZeroDivisionError("a bad frame")
        states = (
            StructureState(s.name, s.kind, s.tissue, s.role, StructureTrack.TRACKED, s.outline_px, 1.0)
            for s in self.marks.values()
        )
        return Tracking(structures=tuple(states))


class ScriptedFinder:
    """Finds a fixed region from the n-th try on."""

    def __init__(self, succeeds_at: int = 1) -> None:
        self.tries = 0
        self.geometry = ImageGeometry(SHAPE, GEOMETRY.region)
        self._succeeds_at = succeeds_at

    def calibrate(self, frames: Sequence[NDArray[np.uint8]]) -> Calibration:
        self.tries += 1
        if self.tries < self._succeeds_at:
            raise CalibrationError("nothing that looks like an ultrasound picture")
        return Calibration("scripted", self.geometry, (), 1.0, "")


class MemorySink:
    """Keeps what it is given; breaks when told to."""

    def __init__(self, directory: Path) -> None:
        self.location = str(directory / "session")
        self.frames: list[int] = []
        self.scenes: list[int] = []
        self.lost: list[int] = []
        self.whys: list[LostWhy] = []
        self.is_broken = False
        self.gate = threading.Event()
        self.gate.set()
        self.closes = 0

    def write_frame(self, frame: Frame) -> None:
        self.gate.wait(10.0)
        if self.is_broken:
            raise RecordingError("the disk is full: free some space")
        self.frames.append(frame.seq)

    def write_scene(self, scene: Scene) -> None:
        self.scenes.append(scene.frame.seq)

    def declare_lost(self, seq: int, why: LostWhy = LostWhy.DISK) -> None:
        self.lost.append(seq)
        self.whys.append(why)

    def close(self) -> None:
        self.closes += 1
