"""A session folder as the replay window sees it."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtguide.clock import SystemClock
from rtguide.errors import RecordingError
from rtguide.model.frame import Frame, SourceInfo, SourceKind
from rtguide.model.geometry import ImageGeometry
from rtguide.model.guidance import Guidance
from rtguide.model.scene import Scene, Tracking
from rtguide.recording.annotations import Annotations
from rtguide.recording.glance import Glance
from rtguide.recording.movie_sound import MovieSound, session_sound
from rtguide.recording.reader import Session, open_session
from rtguide.recording.side_tracks import SideTrack, side_tracks
from rtguide.recording.side_video import SideVideoFrames, side_videos

__all__ = ["RecordedSession", "open_recorded"]


def open_recorded(folder: Path) -> "RecordedSession":
    """Open a session folder for replay.

    Raises
    ------
    RecordingError
        It is no session, or has no frame to show.
    """
    session = open_session(folder)
    if not len(session):
        session.close()
        raise RecordingError(f"{folder}: the session holds no frame; it was stopped before the first one was written")
    return RecordedSession(session)


class RecordedSession:
    """`rtguide.view.feed.Recorded` over a session."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._source = replace(session.source, kind=SourceKind.REPLAY)

    @property
    def name(self) -> str:
        """The folder's name."""
        return self._session.folder.name

    @property
    def frame_count(self) -> int:
        """How many recorded frames it has."""
        return len(self._session)

    @property
    def geometries(self) -> tuple[ImageGeometry, ...]:
        """Every geometry that was in force."""
        return self._session.head.geometries

    @property
    def created_wall_ns(self) -> int:
        """When it was begun: nanoseconds since 1970, UTC."""
        return self._session.head.created_wall_ns

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is missing from it."""
        return self._session.warnings + self._side_tracks[1]

    @property
    def missing_frames(self) -> int:
        """How many frames were written and are lost."""
        return self._session.missing_frames

    def time_s(self, index: int) -> float:
        """Seconds from the first frame to frame `index`."""
        return self._session.time_ns(index) / 1e9

    @property
    def origin(self) -> SourceInfo:
        """The source that was recorded."""
        return self._session.source

    def truth(self, index: int) -> dict[str, Any] | None:
        """What was true of a simulated frame; None where nobody knows."""
        return self._session.truth(index) if self._session.has_truth else None

    def events(self) -> Iterator[dict[str, Any]]:
        """What happened beside the frames, in order."""
        return self._session.events()

    def moment_s(self, t_ns: int) -> float:
        """When on the recording's clock host monotonic time `t_ns` was."""
        return float(self.moments_s(np.array([t_ns], np.int64))[0])

    def moments_s(self, t_ns: NDArray[np.int64]) -> NDArray[np.float64]:
        """When on the recording's clock these host monotonic times were."""
        captured, times = self._clocks
        moments: NDArray[np.float64] = np.interp(t_ns - captured[0], captured - captured[0], times) / 1e9
        return moments

    @cached_property
    def _clocks(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Each frame's host time and its time in the recording, ns."""
        captured = np.array([line.t_capture_ns for line in self._session.frames], np.int64)
        return captured, np.array([self._session.time_ns(index) for index in range(len(captured))], np.int64)

    def seq(self, index: int) -> int:
        """The number that frame `index` had when it was recorded."""
        return self._session.frames[index].seq

    def index_of(self, seq: int) -> int | None:
        """The frame that had this number."""
        return self._session.index_of(seq)

    def glance(self, index: int) -> Glance:
        """A few figures of frame `index`, without its picture."""
        return self._session.glance(index)

    @cached_property
    def annotations(self) -> Annotations:
        """What was added to it in the replay window."""
        return Annotations(self._session.folder, SystemClock())

    def captured_ns(self, index: int) -> int:
        """When frame `index` was received, host monotonic: the clock of the side channels."""
        return self._session.frames[index].t_capture_ns

    def sound(self) -> MovieSound | None:
        """The sound that was recorded beside it."""
        return session_sound(self._session.folder, self._session.frames[0].t_capture_ns)

    @cached_property
    def sides(self) -> tuple[SideTrack, ...]:
        """The side channels that can be drawn as a line."""
        return self._side_tracks[0]

    @cached_property
    def _side_tracks(self) -> tuple[tuple[SideTrack, ...], tuple[str, ...]]:
        return side_tracks(self._session.folder)

    @cached_property
    def side_videos(self) -> tuple[SideVideoFrames, ...]:
        """The side channels of pictures."""
        return side_videos(self._session.folder)

    def scene(self, index: int) -> Scene:
        """The recorded scene; frames the tracker never took come with an empty tracking."""
        return self._on(index, self._session.pixels(index))

    def said(self, index: int) -> Scene:
        """The same on a black picture: what was said is read ten times as fast as the picture."""
        blank = np.broadcast_to(np.zeros((), np.uint8), self._session.head.full_shape_px)
        return self._on(index, blank)

    def _on(self, index: int, pixels: NDArray[np.uint8]) -> Scene:
        line = self._session.frames[index]
        frame = Frame(line.seq, line.t_capture_ns, line.t_device_ns, pixels)
        recorded = self._session.scene(index)
        if recorded is not None:
            return recorded.with_frame(frame, self._source)
        return Scene(
            frame, self._source, self._session.geometry, self._session.plan, Tracking(), Guidance(), line.t_capture_ns
        )

    def close(self) -> None:
        """Close the files."""
        self._session.close()
