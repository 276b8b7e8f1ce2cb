"""A movie to look at: pictures with their overlay burned in, compressed, true times."""

from fractions import Fraction
from pathlib import Path
from types import TracebackType

import av
import numpy as np
from numpy.typing import NDArray

from rtguide.errors import RecordingError
from rtguide.recording.movie_sound import RATE_HZ, MovieSound

__all__ = ["MovieWriter"]

TIME_BASE = Fraction(1, 1000)
"""Matroska's own clock; a millisecond is far below a frame."""

OPTIONS = {"crf": "24", "b": "0", "deadline": "realtime", "cpu-used": "8", "row-mt": "1"}
"""libvpx-vp9's constant-quality mode at its fastest: text stays sharp at 24, a 720p frame takes some 10 ms."""


class MovieWriter:
    """Writes RGB pictures of one size into a Matroska (or `mp4`) file as VP9. Use as a context manager."""

    def __init__(
        self, path: Path, shape_px: tuple[int, int], container: str = "matroska", sound: MovieSound | None = None
    ) -> None:
        """`sound` goes in as Opus."""
        self._path = path
        self._shape_px = shape_px
        height, width = shape_px
        try:
            self._container = av.open(str(path), "w", format=container)
            stream = self._container.add_stream("libvpx-vp9", options=OPTIONS)
        except (OSError, av.FFmpegError) as error:
            raise RecordingError(f"{path}: cannot be written ({error}); choose a folder you may write to") from error
        stream.width, stream.height = width + width % 2, height + height % 2
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = TIME_BASE
        stream.codec_context.thread_count = 2
        self._stream = stream
        self._last_pts = -1
        self._sound = None if sound is None else sound.frames()
        self._sound_stream = None if sound is None else self._container.add_stream("libopus", rate=RATE_HZ)
        self._sound_s = 0.0

    def __enter__(self) -> "MovieWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def write(self, picture: NDArray[np.uint8], time_s: float) -> None:
        """Append one picture, uint8 (h, w, 3) RGB, shown from `time_s` on."""
        if picture.shape != (*self._shape_px, 3):
            raise RecordingError(f"{self._path}: a picture of {picture.shape} does not fit {self._shape_px}")
        height, width = self._shape_px
        if height % 2 or width % 2:
            picture = np.pad(picture, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        frame.pts = self._last_pts = max(self._last_pts + 1, round(time_s / TIME_BASE))
        frame.time_base = TIME_BASE
        self._mux(frame)
        self._mux_sound(time_s)

    def close(self) -> None:
        """Finish the file; may be called twice."""
        if self._last_pts >= 0:
            self._mux(None)
            self._end_sound()
        self._last_pts = -1
        self._container.close()

    def _mux_sound(self, until_s: float) -> None:
        """As much of the sound as was heard until this picture."""
        while self._sound is not None and self._sound_stream is not None and self._sound_s <= until_s:
            frame = next(self._sound, None)
            if frame is None:
                self._sound = None
                break
            self._sound_s += frame.samples / RATE_HZ
            try:
                self._container.mux(self._sound_stream.encode(frame))
            except (OSError, av.FFmpegError) as error:
                raise RecordingError(f"{self._path}: its sound cannot be written ({error})") from error

    def _end_sound(self) -> None:
        """What comes after the last picture is left out."""
        stream, self._sound, self._sound_stream = self._sound_stream, None, None
        if stream is not None:
            self._container.mux(stream.encode(None))

    def _mux(self, frame: av.VideoFrame | None) -> None:
        try:
            self._container.mux(self._stream.encode(frame))
        except (OSError, av.FFmpegError) as error:
            raise RecordingError(f"{self._path}: cannot be written ({error}); is the disk full?") from error
