"""Recorded sessions: the folders that rtguide writes."""

import threading
from collections.abc import Sequence
from pathlib import Path

from rtguide.clock import Clock
from rtguide.errors import DeviceError, RecordingError, SourceEnded
from rtguide.model.address import SourceAddress
from rtguide.model.frame import Frame, SourceInfo, SourceKind
from rtguide.model.geometry import ImageGeometry
from rtguide.model.structure import Structure
from rtguide.ports import DeviceListing, FrameSource, OpenContext
from rtguide.recording.layout import SESSION_NAME
from rtguide.recording.pacing import paced_if_asked
from rtguide.recording.reader import Session, open_session

__all__ = ["SessionFolderDevice", "SessionSource"]


class SessionFolderDevice:
    """Opens session folders by their path."""

    takes_scheme = False

    def sniff(self, path: Path, head: bytes) -> int:
        """Sure of a folder that holds `session.json`."""
        return 95 if path.is_dir() and (path / SESSION_NAME).is_file() else 0

    def list(self) -> Sequence[DeviceListing]:
        """How a session is written."""
        return (DeviceListing("FOLDER", "recorded session (the folder that holds session.json)", is_pattern=True),)

    def open(self, address: SourceAddress, context: OpenContext) -> FrameSource:
        """Open the session at the address."""
        try:
            session = open_session(Path(address.body))
        except RecordingError as error:
            raise DeviceError(str(error)) from error
        if not len(session):
            raise DeviceError(f"{session.folder}: the session holds no frame that can be read; take a copy of it")
        return paced_if_asked(SessionSource(session, context.clock), context)


class SessionSource:
    """A session's frames at full size, zero outside the recorded region, with the geometry that was stored.

    `seq` counts the recorded frames from 0; `t_device_ns` is the recorded time from the first of them.
    """

    def __init__(self, session: Session, clock: Clock) -> None:
        self._session = session
        self._clock = clock
        self._lock = threading.Lock()
        self._is_closed = False
        self._next = 0
        count = len(session)
        span_s = session.time_ns(count - 1) / 1e9
        rate_hz = (count - 1) / span_s if span_s > 0 else session.source.rate_hz
        shape_px, address = session.head.full_shape_px, str(session.folder)
        self._info = SourceInfo(session.folder.name, SourceKind.REPLAY, shape_px, rate_hz, count, address)

    @property
    def session(self) -> Session:
        """The session that is played."""
        return self._session

    @property
    def info(self) -> SourceInfo:
        """The session, its size, mean rate and number of frames."""
        return self._info

    @property
    def geometry(self) -> ImageGeometry | None:
        """The stored geometry of the first frame."""
        return self._session.geometry

    def structures(self) -> tuple[Structure, ...]:
        """The structures that were planned, as they lie in the first frame."""
        return self._session.structures()

    def read(self, timeout_s: float) -> Frame | None:
        """The next frame; a file never keeps one waiting, so `timeout_s` does not matter."""
        with self._lock:
            if self._is_closed:
                raise SourceEnded("the source was closed")
            index = self._next
            if index >= len(self._session):
                raise self._end()
            time_ns = self._session.time_ns(index)
            try:
                pixels = self._session.pixels(index)
                geometry = self._session.geometry_at(index)
            except RecordingError as error:
                raise SourceEnded(
                    f"{self._session.folder}: breaks off at frame {index} ({time_ns / 1e9:.2f} s): {error}",
                    is_damaged=True,
                ) from error
            self._next = index + 1
        return Frame(index, self._clock.now_ns(), time_ns, pixels, geometry)

    def seek(self, index: int) -> None:
        """Make frame `index` the next one."""
        if index < 0:
            raise DeviceError(f"{self._info.name}: there is no frame {index}; frames are counted from 0")
        with self._lock:
            self._next = index

    def close(self) -> None:
        """Let go of the files, after the frame that is being decoded."""
        with self._lock:
            self._is_closed = True
            self._session.close()

    def _end(self) -> SourceEnded:
        lost = self._session.missing_frames
        if lost:
            last = len(self._session) - 1
            return SourceEnded(
                f"{self._session.folder}: breaks off after frame {last}, {lost} frames are missing; look for a copy",
                is_damaged=True,
            )
        return SourceEnded(f"{self._info.name} has ended")
