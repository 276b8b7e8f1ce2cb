"""Any recording played as if it were live: `replay:PATH?speed=1&loop=1&preload=1&fps=60`."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rtguide.errors import DeviceError, RtguideError, SourceEnded
from rtguide.model.address import SourceAddress
from rtguide.model.frame import Frame, SourceInfo
from rtguide.model.geometry import ImageGeometry
from rtguide.ports import DeviceListing, FrameSource, OpenContext, SeekableSource, WarningSource
from rtguide.recording.pacing import paced_if_asked

__all__ = ["ReplayDevice"]

MOST_PRELOADED_BYTES = 4 << 30
"""Half the memory of the smallest laptop that is used for this."""

READ_TIMEOUT_S = 10.0
"""A recording answers at once; one that is silent for this long hangs."""

USUAL_PERIOD_NS = 40_000_000
"""Time from the last frame to the first of the next round, where a recording has one frame only and no rate."""


class ReplayDevice:
    """Opens another address and plays it: speed, in a loop, from memory, at another rate."""

    takes_scheme = True

    def sniff(self, path: Path, head: bytes) -> int:
        """Paths are never meant for it: it is asked for by name."""
        return 0

    def list(self) -> Sequence[DeviceListing]:
        """How any recording is played as if live."""
        about = "any recording as if it were live"
        return (DeviceListing("replay:PATH?speed=1&loop=1&preload=1&fps=60", about, is_pattern=True),)

    def open(self, address: SourceAddress, context: OpenContext) -> FrameSource:
        """Open what the address wraps and play it.

        `speed` 0.01 to 100 · `loop=1` begins again at the end, numbers and times go on · `preload=1` decodes everything
        first · `fps` puts frames at even distances instead of their own times.
        """
        address.refuse_unknown_options(("speed", "loop", "preload", "fps"))
        speed = address.number("speed", 1.0, 0.01, 100.0)
        fps = address.number("fps", 0.0, 0.01, 1000.0) if "fps" in address.options else None
        is_looped, is_preloaded = address.flag("loop"), address.flag("preload")
        source = context.open_nested(address.body)
        try:
            if is_preloaded:
                source = _Preloaded(source)
            if fps is not None:
                source = _Evenly(source, fps)
            if is_looped:
                source = _Looped(_wound(source, "loop=1"))
        except RtguideError:
            source.close()
            raise
        return paced_if_asked(_Named(source, address.text), context, speed)


def _wound(source: FrameSource, option: str) -> SeekableSource:
    if not isinstance(source, SeekableSource):
        raise DeviceError(f"{source.info.name} cannot be wound back, which {option} needs; add preload=1")
    return source


class _Wrapped:
    """A source that stands in for another."""

    def __init__(self, inner: FrameSource, info: SourceInfo) -> None:
        self._inner = inner
        self._info = info

    @property
    def info(self) -> SourceInfo:
        return self._info

    @property
    def geometry(self) -> ImageGeometry | None:
        return self._inner.geometry

    @property
    def warnings(self) -> tuple[str, ...]:
        return self._inner.warnings if isinstance(self._inner, WarningSource) else ()

    def seek(self, index: int) -> None:
        _wound(self._inner, "seeking").seek(index)

    def close(self) -> None:
        self._inner.close()


class _Named(_Wrapped):
    """The same source under the address it was opened by."""

    def __init__(self, inner: FrameSource, address: str) -> None:
        super().__init__(inner, replace(inner.info, address=address))

    def read(self, timeout_s: float) -> Frame | None:
        return self._inner.read(timeout_s)


class _Preloaded(_Wrapped):
    """Every frame in memory; how the recording ended is kept, too."""

    def __init__(self, inner: FrameSource) -> None:
        self._frames: list[Frame] = []
        self._end = SourceEnded()
        self._next = 0
        self._is_closed = False
        expected = inner.info.frame_count
        size_bytes = 0
        while True:
            try:
                frame = inner.read(READ_TIMEOUT_S)
            except SourceEnded as end:
                self._end = end
                break
            if frame is None:
                raise DeviceError(f"{inner.info.name} gave no frame for {READ_TIMEOUT_S:g} s; it cannot be preloaded")
            size_bytes += frame.pixels.nbytes
            if max(size_bytes, frame.pixels.nbytes * (expected or 0)) > MOST_PRELOADED_BYTES:
                limit = MOST_PRELOADED_BYTES >> 30
                raise DeviceError(
                    f"{inner.info.name} needs more than {limit} GiB of memory; leave preload=1 away, or cut it shorter"
                )
            self._frames.append(frame)
        super().__init__(inner, replace(inner.info, frame_count=len(self._frames)))
        if not self._frames:
            raise DeviceError(f"{inner.info.name} holds no frames")

    def read(self, timeout_s: float) -> Frame | None:
        if self._is_closed:
            raise SourceEnded("the source was closed")
        if self._next >= len(self._frames):
            raise SourceEnded(str(self._end), is_damaged=self._end.is_damaged)
        self._next += 1
        return self._frames[self._next - 1]

    def seek(self, index: int) -> None:
        if index < 0:
            raise DeviceError(f"{self._info.name}: there is no frame {index}; frames are counted from 0")
        self._next = index

    def close(self) -> None:
        self._is_closed = True
        super().close()


class _Evenly(_Wrapped):
    """The same frames at even distances in time."""

    def __init__(self, inner: FrameSource, fps: float) -> None:
        super().__init__(inner, replace(inner.info, rate_hz=fps))
        self._period_ns = 1e9 / fps

    def read(self, timeout_s: float) -> Frame | None:
        frame = self._inner.read(timeout_s)
        return None if frame is None else replace(frame, t_device_ns=round(frame.seq * self._period_ns))


class _Looped(_Wrapped):
    """Begins again at the end, numbers and times go on; a round begins a mean period after the last frame."""

    def __init__(self, inner: SeekableSource) -> None:
        super().__init__(inner, replace(inner.info, frame_count=None))
        self._recording = inner
        self._seq_offset = self._time_offset_ns = 0
        self._first: Frame | None = None
        self._last: Frame | None = None

    def read(self, timeout_s: float) -> Frame | None:
        try:
            frame = self._recording.read(timeout_s)
        except SourceEnded as end:
            if end.is_damaged or self._first is None or self._last is None:
                raise
            self._begin_again(self._first, self._last)
            frame = self._recording.read(timeout_s)
        if frame is None:
            return None
        self._first, self._last = self._first or frame, frame
        time_ns = frame.time_ns + self._time_offset_ns
        return Frame(frame.seq + self._seq_offset, frame.t_capture_ns, time_ns, frame.pixels, frame.geometry)

    def seek(self, index: int) -> None:
        self._seq_offset = self._time_offset_ns = 0
        self._first = self._last = None
        self._recording.seek(index)

    def _begin_again(self, first: Frame, last: Frame) -> None:
        self._recording.seek(0)
        steps = last.seq - first.seq
        rate_hz = self._info.rate_hz
        usual_ns = USUAL_PERIOD_NS if rate_hz is None else round(1e9 / rate_hz)
        period_ns = round((last.time_ns - first.time_ns) / steps) if steps else usual_ns
        self._seq_offset += last.seq + 1
        self._time_offset_ns += last.time_ns + period_ns
        self._first = None
