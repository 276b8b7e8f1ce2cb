"""Recordings whose frames can be fetched by number, as sources: DICOM clips, sequences, folders of pictures."""

import threading
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rtguide.clock import Clock
from rtguide.errors import DeviceError, RecordingError, SourceEnded
from rtguide.model.frame import Frame, SourceInfo, SourceKind
from rtguide.model.geometry import ImageGeometry

__all__ = ["IndexedFrames", "IndexedSource"]


class IndexedFrames(Protocol):
    """The frames of a recording, by number. Used by one thread at a time."""

    @property
    def shape_px(self) -> tuple[int, int]:
        """(height, width) of every frame."""
        ...

    @property
    def geometry(self) -> ImageGeometry | None:
        """What the recording knows of its picture."""
        ...

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a user must know of it, one line each."""
        ...

    @property
    def missing_count(self) -> int:
        """How many frames at its end are promised but not there."""
        ...

    def __len__(self) -> int:
        """How many frames there are, at least one."""
        ...

    def time_ns(self, index: int) -> int:
        """Time of a frame from the first; rises with every frame."""
        ...

    def pixels(self, index: int) -> NDArray[np.uint8]:
        """A fresh array, (h, w) or (h, w, 3) RGB.

        Raises
        ------
        RecordingError
            The frame is damaged.
        """
        ...

    def close(self) -> None:
        """Let go of the files; may be called twice."""
        ...


class IndexedSource:
    """Reads the frames as fast as it is asked, from any of them on. `seq` is the frame's number in the recording."""

    def __init__(self, path: Path, frames: IndexedFrames, clock: Clock) -> None:
        self._path = path
        self._frames = frames
        self._clock = clock
        self._lock = threading.Lock()
        self._is_closed = False
        self._next = 0
        count = len(frames)
        span_s = frames.time_ns(count - 1) / 1e9
        rate_hz = (count - 1) / span_s if span_s > 0 else None
        self._info = SourceInfo(path.name, SourceKind.REPLAY, frames.shape_px, rate_hz, count, str(path))

    @property
    def info(self) -> SourceInfo:
        """Name, size, mean rate and number of frames."""
        return self._info

    @property
    def geometry(self) -> ImageGeometry | None:
        """What the recording knows of its picture."""
        return self._frames.geometry

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a user must know of the recording, each with its path."""
        return tuple(f"{self._path}: {text}" for text in self._frames.warnings)

    @property
    def frames(self) -> IndexedFrames:
        """The recording itself, for what only its kind has."""
        return self._frames

    def read(self, timeout_s: float) -> Frame | None:
        """The next frame; a file never keeps one waiting, so `timeout_s` does not matter."""
        del timeout_s
        with self._lock:
            if self._is_closed:
                raise SourceEnded("the source was closed")
            index = self._next
            if index >= len(self._frames):
                raise self._end()
            time_ns = self._frames.time_ns(index)
            try:
                pixels = self._frames.pixels(index)
            except RecordingError as error:
                raise SourceEnded(
                    f"{self._path}: breaks off at frame {index} ({time_ns / 1e9:.2f} s): {error}", is_damaged=True
                ) from error
            self._next = index + 1
        return Frame(index, self._clock.now_ns(), time_ns, pixels)

    def seek(self, index: int) -> None:
        """Make frame `index` the next one."""
        if index < 0:
            raise DeviceError(f"{self._path}: there is no frame {index}; frames are counted from 0")
        with self._lock:
            self._next = index

    def close(self) -> None:
        """Let go of the files, after the frame that is being decoded."""
        with self._lock:
            self._is_closed = True
            self._frames.close()

    def _end(self) -> SourceEnded:
        missing, count = self._frames.missing_count, len(self._frames)
        if not missing:
            return SourceEnded(f"{self._info.name} has ended")
        return SourceEnded(
            f"{self._path}: breaks off after frame {count - 1}, {missing} of the frames it promises are missing; "
            "copy it again from where it was recorded",
            is_damaged=True,
        )
