"""Recorded video files: .mp4, .mkv, .avi, .mov and whatever else FFmpeg reads."""

import threading
from collections.abc import Sequence
from pathlib import Path

from rtguide.clock import Clock
from rtguide.errors import SourceEnded
from rtguide.model.address import SourceAddress
from rtguide.model.frame import Frame, SourceInfo, SourceKind
from rtguide.model.geometry import ImageGeometry
from rtguide.ports import DeviceListing, FrameSource, OpenContext
from rtguide.recording.pacing import paced_if_asked
from rtguide.recording.video_reader import VideoReader

__all__ = ["VideoFileDevice", "VideoFileSource"]

_SUFFIXES = frozenset(
    (".mp4", ".m4v", ".mkv", ".webm", ".avi", ".mov", ".mpg", ".mpeg", ".ts", ".m2ts", ".wmv", ".h264", ".h265", ".y4m")
)
_HEADS = ((4, b"ftyp"), (0, b"\x1a\x45\xdf\xa3"), (8, b"AVI "), (4, b"moov"), (0, b"YUV4MPEG2"))
"""What files of the commonest kinds begin with, and where: MP4 and MOV, Matroska, AVI, older MOV, raw YUV."""


class VideoFileDevice:
    """Opens video files by their path."""

    takes_scheme = False

    def sniff(self, path: Path, head: bytes) -> int:
        """Sure by what a file begins with, fairly by its name; of every other file, barely: FFmpeg knows many kinds."""
        if path.is_dir():
            return 0
        if any(head[at : at + len(mark)] == mark for at, mark in _HEADS):
            return 80
        return 60 if path.suffix.lower() in _SUFFIXES else 1

    def list(self) -> Sequence[DeviceListing]:
        """The suffixes that it reads; others are tried as well."""
        return (DeviceListing("PATH", f"video file: {' '.join(sorted(_SUFFIXES))}", is_pattern=True),)

    def open(self, address: SourceAddress, context: OpenContext) -> FrameSource:
        """Open the file at the address."""
        return paced_if_asked(VideoFileSource(Path(address.body), context.clock), context)


class VideoFileSource:
    """A video file read as fast as it is asked.

    `t_device_ns` is the presentation time, counted from the first frame. Sound is passed over.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._is_closed = False
        self._reader = VideoReader(path)
        reader = self._reader
        self._info = SourceInfo(
            path.name, SourceKind.REPLAY, reader.shape_px, reader.rate_hz, reader.frame_count, str(path)
        )

    @property
    def info(self) -> SourceInfo:
        """Name, size, mean rate and number of frames."""
        return self._info

    @property
    def geometry(self) -> ImageGeometry | None:
        """A video knows nothing of its picture."""
        return None

    def read(self, timeout_s: float) -> Frame | None:
        """The next frame; a file never keeps one waiting, so `timeout_s` does not matter."""
        with self._lock:
            if self._is_closed:
                raise SourceEnded("the source was closed")
            picture = self._reader.read()
        return Frame(picture.number, self._clock.now_ns(), picture.time_ns, picture.pixels)

    def seek(self, index: int) -> None:
        """Make frame `index` the next one."""
        with self._lock:
            if not self._is_closed:
                self._reader.seek(index)

    def close(self) -> None:
        """Let go of the file, after the frame that is being decoded."""
        with self._lock:
            if not self._is_closed:
                self._is_closed = True
                self._reader.close()
