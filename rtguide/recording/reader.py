"""Opens a session folder: its frames, its scenes, and what is missing from it."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtguide.errors import RecordingError
from rtguide.model.frame import Frame, SourceInfo
from rtguide.model.geometry import ImageGeometry
from rtguide.model.plan import Plan
from rtguide.model.scene import Scene
from rtguide.model.structure import Structure, StructureTrack
from rtguide.recording.folder_lock import CAN_TELL
from rtguide.recording.glance import UNKNOWN, Glance, glance_of
from rtguide.recording.layout import EVENTS_NAME, FRAMES_NAME, SCENES_NAME, TRUTH_NAME, FrameLine, SessionHead
from rtguide.recording.part_reader import PartReader
from rtguide.recording.recovery import recover, recovery_texts
from rtguide.recording.scene_json import RecordedScene, read_scene_line
from rtguide.recording.session_lines import read_frame_lines, read_head, read_json, read_line_places, read_lines

__all__ = ["Session", "open_session"]


def open_session(folder: Path) -> "Session":
    """Open a session folder. What a crash left unfinished is mended first, and `Session.warnings` say what is missing.

    Raises
    ------
    RecordingError
        The folder is no session, or nothing of it can be read.
    """
    head, warnings = _recovered_head(folder)
    lines, line_warnings = read_frame_lines(folder / FRAMES_NAME)
    warnings += line_warnings
    parts = {part.number: PartReader(folder, part) for part in head.parts}
    sizes = {number: part.size_bytes() for number, part in parts.items()}
    whole = [line for line in lines if line.pos + line.length <= sizes.get(line.part, 0)]
    lost = len(lines) - len(whole)
    if lost:
        kept = {line.seq for line in whole}
        first = next(line.seq for line in lines if line.seq not in kept)
        warnings.append(f"the video lacks the pictures of {lost} frames, from frame {first} on; they are left out")
    missing = lost if head.ledger is None else max(lost, head.ledger.written - len(whole))
    if missing > lost:
        warnings.append(f"{missing} frames that were written are missing")
    if head.recovery is not None:
        missing += head.recovery.missing_frames
    return Session(folder, head, _Pictures(tuple(whole), parts, missing), tuple(warnings))


def _recovered_head(folder: Path) -> tuple[SessionHead, list[str]]:
    """The head and what is to be said of it, after a recording that was broken off has been mended."""
    head = read_head(folder)
    if head.ledger is not None:
        texts = () if head.recovery is None else recovery_texts(head.recovery)
        return head, [*texts, *head.ledger.contradictions()]
    warning = "the recording was not closed properly: it ends where it was broken off"
    if not CAN_TELL:
        return head, [warning]
    try:
        recover(folder, is_thorough=False)
    except RecordingError as error:
        return head, [warning, f"it could not be recovered ({error})"]
    return _recovered_head(folder)


@dataclass(frozen=True, slots=True)
class _Pictures:
    """The frames whose pictures are there, where to read them, and how many are known to be missing."""

    lines: tuple[FrameLine, ...]
    parts: dict[int, PartReader]
    missing: int


class Session:
    """A recorded session. `index` counts its frames from 0; a frame's own number at the time is `frames[index].seq`.

    warnings: what is not as it should be, a line each · missing_frames: written once, and no longer there.

    Any thread may ask; one is answered at a time.
    """

    def __init__(
        self,
        folder: Path,
        head: SessionHead,
        pictures: _Pictures,
        warnings: tuple[str, ...],
    ) -> None:
        self.folder = folder
        self.head = head
        self.frames, self._parts = pictures.lines, pictures.parts
        self.missing_frames = pictures.missing
        self._times_ns = _times_ns(self.frames)
        self._lock = threading.Lock()
        self._scene_places, scene_warnings = _scene_places(folder / SCENES_NAME, len(self.frames))
        self._truth_places, truth_warnings = _truth_places(folder / TRUTH_NAME, self.frames)
        self.warnings = warnings + scene_warnings + truth_warnings

    def __len__(self) -> int:
        return len(self.frames)

    @property
    def source(self) -> SourceInfo:
        """The source that was recorded."""
        return self.head.source

    @property
    def geometry(self) -> ImageGeometry:
        """The geometry in force at the first frame."""
        return self.head.geometries[0]

    def geometry_at(self, index: int) -> ImageGeometry | None:
        """The geometry in force at a frame; None where the session has more than one and the frame was never tracked.

        Raises
        ------
        RecordingError
            Its line is damaged.
        """
        if len(self.head.geometries) == 1:
            return self.geometry
        recorded = self.scene(index)
        return None if recorded is None else recorded.geometry

    @property
    def plan(self) -> Plan:
        """The plan in force at the first frame; `head.plans` holds all."""
        return self.head.plans[0]

    @property
    def is_whole(self) -> bool:
        """Whether the session was closed and lacks nothing."""
        return not self.warnings

    def time_ns(self, index: int) -> int:
        """Nanoseconds from the first frame to this one, by the source's clock where it has one. It always rises."""
        return self._times_ns[index]

    def index_of(self, seq: int) -> int | None:
        """The index of the frame that had this number when it was recorded."""
        low, high = 0, len(self.frames)
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if self.frames[middle].seq < seq else (low, middle)
        return low if low < len(self.frames) and self.frames[low].seq == seq else None

    def pixels(self, index: int) -> NDArray[np.uint8]:
        """The full frame, uint8 (h, w) or (h, w, 3) RGB, zero outside the recorded region.

        Raises
        ------
        RecordingError
            The video is damaged there.
        """
        line = self.frames[index]
        with self._lock:
            region = self._parts[line.part].region(line)
        box = self.head.parts[line.part - 1].region_px
        full = np.zeros(self.head.full_shape_px + region.shape[2:], np.uint8)
        place = full[box.y : box.y + box.height, box.x : box.x + box.width]
        place[:] = region[: place.shape[0], : place.shape[1]]
        return full

    def scene(self, index: int) -> RecordedScene | None:
        """What was said of this frame then; None where the tracker never took it, or the line is lost.

        Raises
        ------
        RecordingError
            The line is damaged.
        """
        place = self._scene_places.get(self.frames[index].seq)
        if place is None:
            return None
        text = _text_at(self.folder / SCENES_NAME, place)
        return read_scene_line(read_json(text), self.head.geometries, self.head.plans)

    def glance(self, index: int) -> Glance:
        """A few figures of this frame, for a timeline: thirty times as fast as the scene, and no picture."""
        place = self._scene_places.get(self.frames[index].seq)
        if place is None:
            return UNKNOWN
        try:
            return glance_of(read_json(_text_at(self.folder / SCENES_NAME, place)))
        except RecordingError:
            return UNKNOWN

    @property
    def has_truth(self) -> bool:
        """Whether it was simulated and recorded with what was true of it."""
        return bool(self._truth_places)

    def truth(self, index: int) -> dict[str, Any] | None:
        """What was true of this simulated frame (`docs/session-format.md` tells the keys); None where nobody knows.

        Raises
        ------
        RecordingError
            The line is damaged.
        """
        place = self._truth_places.get(self.frames[index].seq)
        if place is None:
            return None
        truth = read_json(_text_at(self.folder / TRUTH_NAME, place))
        if not isinstance(truth, dict):
            raise RecordingError(f"{self.folder / TRUTH_NAME}: the line of frame {self.frames[index].seq} is no object")
        return truth

    def full_scene(self, index: int) -> Scene | None:
        """The scene of this frame as it was, its picture and its original number and times included."""
        recorded = self.scene(index)
        if recorded is None:
            return None
        line = self.frames[index]
        frame = Frame(line.seq, line.t_capture_ns, line.t_device_ns, self.pixels(index))
        return recorded.with_frame(frame, self.source)

    def events(self) -> Iterator[dict[str, Any]]:
        """What people did, in order; damaged lines are passed over."""
        for text in read_lines(self.folder / EVENTS_NAME):
            try:
                event = read_json(text)
            except RecordingError:
                continue
            if isinstance(event, dict):
                yield event

    def structures(self) -> tuple[Structure, ...]:
        """The structures planned at the first frame, as they lie there: where the tracker had them, else as marked."""
        first = self.scene(0) if self.frames else None
        if first is None:
            return self.head.plans[0].structures
        places = {s.name: s.outline_px for s in first.tracking.structures if s.track is not StructureTrack.LOST}
        return tuple(replace(s, outline_px=places.get(s.name, s.outline_px)) for s in first.plan.structures)

    def close(self) -> None:
        """Close the files; may be called twice, and from any thread."""
        with self._lock:
            for part in self._parts.values():
                part.close()


def _times_ns(frames: tuple[FrameLine, ...]) -> tuple[int, ...]:
    """Times from the first frame; the video's own where the recorded clocks do not rise."""
    if not frames:
        return ()
    stamps = [line.t_capture_ns if line.t_device_ns is None else line.t_device_ns for line in frames]
    if all(earlier < later for earlier, later in pairwise(stamps)):
        return tuple(stamp - stamps[0] for stamp in stamps)
    times = []
    last = -1
    for line in frames:
        last = max(last + 1, (line.pts - frames[0].pts) * 1000)
        times.append(last)
    return tuple(times)


def _text_at(path: Path, place: tuple[int, int]) -> bytes:
    """The bytes of a line."""
    try:
        with path.open("rb") as file:
            file.seek(place[0])
            return file.read(place[1])
    except OSError as error:
        raise RecordingError(f"{path}: cannot be read ({error.strerror})") from error


def _truth_places(path: Path, frames: tuple[FrameLine, ...]) -> tuple[dict[int, tuple[int, int]], tuple[str, ...]]:
    """Where the lines of truth lie. No file is no fault: what is not simulated has none."""
    if not path.exists():
        return {}, ()
    try:
        places, bad = read_line_places(path)
    except RecordingError as error:
        return {}, (str(error),)
    missing = sum(line.seq not in places for line in frames)
    damaged = f" ({bad} lines are damaged)" if bad else ""
    return places, (f"{path.name}: {missing} frames have no truth{damaged}",) if missing else ()


def _scene_places(path: Path, frame_count: int) -> tuple[dict[int, tuple[int, int]], tuple[str, ...]]:
    try:
        places, bad = read_line_places(path)
    except RecordingError as error:
        return {}, (str(error),)
    warnings = []
    if bad:
        warnings.append(f"{path.name}: {bad} lines are damaged; their frames have no scene")
    if len(places) < frame_count:
        warnings.append(f"{path.name}: {frame_count - len(places)} frames have no line")
    return places, tuple(warnings)
