"""A recording played as if it were live: the one place where frames wait for their time."""

import threading
from dataclasses import replace

from rtguide.clock import Clock
from rtguide.errors import DeviceError, SourceEnded
from rtguide.model.frame import Frame, SourceInfo
from rtguide.model.geometry import ImageGeometry
from rtguide.ports import FrameSource, OpenContext, SeekableSource, WarningSource

__all__ = ["PacedSource", "paced_if_asked"]

STALL_NS = 1_000_000_000
"""A reader that comes back after more than this (a suspended machine, a breakpoint) goes on where it was."""

MOST_SKIPPED = 30
"""Frames passed over in one read: half a second at 60 Hz. Decoding that is slower than the recording must not hang."""

USUAL_PERIOD_NS = 40_000_000
"""How late a frame may be before a newer one is looked for, where the rate is not known."""


class PacedSource:
    """Gives each frame of another source when its time has come, never before.

    A reader who is late by a frame or more gets the newest frame that is due, as from a live source; `seq` shows the
    gap. Frames are stamped when they are given out. `speed` changes when frames are due, not the times they carry.
    """

    def __init__(self, inner: FrameSource, clock: Clock, speed: float = 1.0) -> None:
        self._inner = inner
        self._clock = clock
        self._speed = speed
        self._closed = threading.Event()
        rate_hz = inner.info.rate_hz
        self._info = replace(inner.info, rate_hz=None if rate_hz is None else rate_hz * speed, speed=speed)
        self._period_ns = USUAL_PERIOD_NS if rate_hz is None else round(1e9 / rate_hz / speed)
        self._pending: Frame | None = None
        self._start: tuple[int, int] | None = None
        self._wanted: int | None = None

    @property
    def info(self) -> SourceInfo:
        """The inner source's, with the rate it is played at."""
        return self._info

    @property
    def geometry(self) -> ImageGeometry | None:
        """The inner source's."""
        return self._inner.geometry

    @property
    def warnings(self) -> tuple[str, ...]:
        """The inner source's."""
        return self._inner.warnings if isinstance(self._inner, WarningSource) else ()

    def read(self, timeout_s: float) -> Frame | None:
        """The newest frame that is due and was not given yet; None if none falls due in time.

        Raises
        ------
        SourceEnded
            The recording is over, or the source was closed.
        DeviceError
            The recording cannot go on.
        """
        deadline_ns = self._clock.now_ns() + round(timeout_s * 1e9)
        frame = self._taken(timeout_s)
        if frame is None:
            return None
        due_ns = self._due_ns(frame)
        if due_ns > deadline_ns:
            self._pending = frame
            self._wait_until(deadline_ns)
            return None
        self._wait_until(due_ns)
        frame = self._newest_due(frame)
        return Frame(frame.seq, self._clock.now_ns(), frame.t_device_ns, frame.pixels, frame.geometry)

    def seek(self, index: int) -> None:
        """Go on from this frame with the next read, from any thread. Only where the inner source can."""
        if not isinstance(self._inner, SeekableSource):
            raise DeviceError(f"{self._info.name} cannot be wound back or forth")
        if index < 0:
            raise DeviceError(f"{self._info.name}: there is no frame {index}; frames are counted from 0")
        self._wanted = index

    def close(self) -> None:
        """End a waiting read and close the inner source; may be called twice and from any thread."""
        self._closed.set()
        self._inner.close()

    def _taken(self, timeout_s: float) -> Frame | None:
        if self._closed.is_set():
            raise SourceEnded("the source was closed")
        wanted, self._wanted = self._wanted, None
        if wanted is not None and isinstance(self._inner, SeekableSource):
            self._pending = self._start = None
            self._inner.seek(wanted)
        frame, self._pending = self._pending, None
        return self._inner.read(timeout_s) if frame is None else frame

    def _due_ns(self, frame: Frame) -> int:
        """Host time at which the frame is to be given out."""
        now_ns = self._clock.now_ns()
        if self._start is not None:
            host_ns, source_ns = self._start
            due_ns = host_ns + round((frame.time_ns - source_ns) / self._speed)
            if now_ns - due_ns <= STALL_NS:
                return due_ns
        self._start = (now_ns, frame.time_ns)
        return now_ns

    def _wait_until(self, moment_ns: int) -> None:
        while (left_ns := moment_ns - self._clock.now_ns()) > 0:
            if self._clock.wait(self._closed, left_ns / 1e9):
                raise SourceEnded("the source was closed")

    def _newest_due(self, frame: Frame) -> Frame:
        """The frame, or a later one if the reader is so late that a later one must be due as well."""
        for _ in range(MOST_SKIPPED):
            if self._clock.now_ns() - self._due_ns(frame) < self._period_ns:
                break
            try:
                later = self._inner.read(0.0)
            except (SourceEnded, DeviceError):
                break
            if later is None or self._due_ns(later) > self._clock.now_ns():
                self._pending = later
                break
            frame = later
        return frame


def paced_if_asked(source: FrameSource, context: OpenContext, speed: float = 1.0) -> FrameSource:
    """The source itself, or as if live where the context wants that."""
    return PacedSource(source, context.clock, speed) if context.is_paced else source
