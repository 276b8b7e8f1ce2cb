"""The names and shapes of what a session folder holds. `docs/session-format.md` tells the rest."""

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from rtguide.errors import RecordingError
from rtguide.model.frame import SourceInfo
from rtguide.model.geometry import ImageGeometry
from rtguide.model.plan import Plan
from rtguide.model.status import DelayFigures

__all__ = [
    "CHECKSUMS_NAME",
    "EVENTS_NAME",
    "FORMAT_NAME",
    "FRAMES_NAME",
    "LARGEST_SIDE_PX",
    "PAINTS_NAME",
    "SCENES_NAME",
    "SCHEMA_VERSION",
    "SESSION_NAME",
    "SIDE_HEAD_NAME",
    "TRUTH_NAME",
    "Box",
    "FrameFlag",
    "FrameLine",
    "Ledger",
    "Part",
    "Recovery",
    "SessionHead",
    "folder_name",
    "recorded_box",
    "video_name",
]

FORMAT_NAME = "rtguide session"
SCHEMA_VERSION = 1
SESSION_NAME = "session.json"
FRAMES_NAME = "frames.jsonl"
SCENES_NAME = "scenes.jsonl"
EVENTS_NAME = "events.jsonl"
TRUTH_NAME = "truth.jsonl"
PAINTS_NAME = "paints.jsonl"
CHECKSUMS_NAME = "checksums.jsonl"
SIDE_HEAD_NAME = "side.json"

LARGEST_SIDE_PX = 16_384
"""No screen is wider; a folder that claims more is damaged, and is refused before memory is asked for."""


class FrameFlag:
    """Marks on a frame's line. Where the stored form is not the frame's own, they say how it is turned back."""

    GREY = "grey"
    """The frame was grey (h, w); the part it lies in is colour."""
    RGB = "rgb"
    """The frame was RGB (h, w, 3) with three equal channels inside the region; the part it lies in is grey."""


@dataclass(frozen=True, slots=True)
class Box:
    """Whole pixels of the full frame: left and top edge, width and height. It may overhang right and bottom by one."""

    x: int
    y: int
    width: int
    height: int

    def __post_init__(self) -> None:
        if min(self.x, self.y) < 0 or not 0 < self.width <= LARGEST_SIDE_PX or not 0 < self.height <= LARGEST_SIDE_PX:
            raise RecordingError(f"a session cannot hold a region of {self.width}×{self.height} at {self.x}, {self.y}")


@dataclass(frozen=True, slots=True)
class Part:
    """One video file. number counts from 1 · first_seq: the first frame in it · is_grey: gray, else RGB."""

    number: int
    region_px: Box
    is_grey: bool
    first_seq: int


@dataclass(frozen=True, slots=True)
class FrameLine:
    """One line of `frames.jsonl`.

    pts: microseconds since the session's first frame, the frame's time stamp in its video · part: number of its video
    file · pos, length: where its cluster lies there, in bytes · flags: `FrameFlag` and `FrameNote` · t_wall_ns: None in
    recordings that did not keep it; the head's moment tells it nearly.
    """

    seq: int
    t_capture_ns: int
    t_device_ns: int | None
    pts: int
    part: int
    pos: int
    length: int
    flags: tuple[str, ...] = ()
    t_wall_ns: int | None = None


@dataclass(frozen=True, slots=True)
class Ledger:
    """What became of every frame: `contradictions` tells which sums hold.

    lost_before: missing from the source's own numbering and never received · orphans: scenes whose frame was not
    written · out_of_order: of those declared lost · late, duplicated, frozen: of those written · painted,
    skipped_by_screen: scenes that came on screen, and that did not · tracked_delay, painted_delay: from capture until
    a scene was complete, and until it was on screen; None where there is none.
    """

    received: int = 0
    written: int = 0
    declared_lost: int = 0
    lost_before: int = 0
    scenes: int = 0
    skipped: int = 0
    orphans: int = 0
    out_of_order: int = 0
    late: int = 0
    duplicated: int = 0
    frozen: int = 0
    painted: int = 0
    skipped_by_screen: int = 0
    tracked_delay: DelayFigures | None = None
    painted_delay: DelayFigures | None = None

    @property
    def tracked(self) -> int:
        """Frames that the tracker took; the rest it passed over for a newer one."""
        return self.scenes + self.orphans

    def contradictions(self) -> tuple[str, ...]:
        """The sums that do not hold, a line each."""
        sums = (
            ("received", self.received, "written + declared_lost", self.written + self.declared_lost),
            ("written", self.written, "scenes + skipped", self.scenes + self.skipped),
            ("scenes", self.scenes, "painted + skipped_by_screen", self.painted + self.skipped_by_screen),
        )
        return tuple(
            f"the account is wrong: {name} is {total}, {what} is {parts}"
            for name, total, what, parts in sums
            if total != parts
        )


@dataclass(frozen=True, slots=True)
class Recovery:
    """What was found and mended after a recording had been broken off, or a folder damaged.

    was_closed: the recording had been closed properly before · missing: numbers of frames that were written and are
    lost, as (first, last) runs · rebuilt_lines: lines of `frames.jsonl` taken from the video · lost_scenes: frames
    whose scene had not been written, or was damaged · cut_bytes: torn ends that were cut off · differences: what was
    not as it was written, by the checksums.
    """

    was_closed: bool
    missing: tuple[tuple[int, int], ...] = ()
    rebuilt_lines: int = 0
    lost_scenes: int = 0
    cut_bytes: int = 0
    differences: tuple[str, ...] = ()

    @property
    def missing_frames(self) -> int:
        """How many frames are lost."""
        return sum(last - first + 1 for first, last in self.missing)


@dataclass(frozen=True, slots=True)
class SessionHead:
    """What a session says of itself.

    full_shape_px: (height, width) of the source's frames · created_wall_ns, created_mono_ns: wall and host monotonic
    time of one moment, which turns every other time into a date · versions: of the programs that wrote it ·
    geometries, plans: every one that was in force, in order; a scene names them by number · ledger: None until the
    session is closed properly or recovered · recovery: None unless it had to be recovered.
    """

    source: SourceInfo
    full_shape_px: tuple[int, int]
    created_wall_ns: int
    created_mono_ns: int
    versions: dict[str, str]
    geometries: tuple[ImageGeometry, ...]
    plans: tuple[Plan, ...]
    parts: tuple[Part, ...] = ()
    ledger: Ledger | None = None
    recovery: Recovery | None = None

    def __post_init__(self) -> None:
        if not all(0 < side <= LARGEST_SIDE_PX for side in self.full_shape_px):
            raise RecordingError(f"a session cannot hold frames of {self.full_shape_px} pixels")


def video_name(part: int) -> str:
    """File name of a part: `video.mkv`, `video-2.mkv`, …"""
    return "video.mkv" if part == 1 else f"video-{part}.mkv"


def folder_name(wall_ns: int, source_name: str) -> str:
    """`2025-01-31_14-05-09Z_NAME`: sorts by time, says what it is, safe on every file system."""
    moment = datetime.fromtimestamp(wall_ns / 1e9, UTC)
    plain = re.sub(r"[^A-Za-z0-9]+", "-", source_name).strip("-")[:40].strip("-") or "source"
    return f"{moment:%Y-%m-%d_%H-%M-%SZ}_{plain}"


def recorded_box(geometry: ImageGeometry) -> Box:
    """The region's bounds rounded out to even pixels; where the frame is odd, one column or row hangs over its edge."""
    x0, y0, x1, y1 = geometry.bounds_px()
    left, top = x0 - x0 % 2, y0 - y0 % 2
    return Box(left, top, 2 * math.ceil((x1 - left) / 2), 2 * math.ceil((y1 - top) / 2))
