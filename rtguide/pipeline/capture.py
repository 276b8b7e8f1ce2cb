"""The capture thread: open the source, stamp, count, hand on. Nothing behind it can hold it up."""

import threading
from collections import deque
from collections.abc import Callable

from rtguide.clock import Clock
from rtguide.errors import DeviceError, RtguideError, SourceEnded
from rtguide.model.frame import Frame, SourceInfo
from rtguide.model.status import SourceState, SourceStatus
from rtguide.ports import FrameSource, TroubledSource, WarningSource

__all__ = ["Capture"]

READ_TIMEOUT_S = 0.1
"""How long one read may wait; a stop is noticed within this time."""

QUIET_AFTER_S = 0.5
"""A source that gave no frame for this long is called quiet: a third of the slowest scanner's rate would be 0.1 s."""

OPEN_AGAIN_AFTER_S = 0.3
"""Pause between two tries to open a source whose trouble may pass: in use, unplugged, no signal."""

RATE_OVER_FRAMES = 60
"""The measured rate is the mean over this many frames, one to three seconds."""


class Capture:
    """Reads one source. `step` belongs to the capture thread; everything else may be called from any."""

    def __init__(
        self,
        open_source: Callable[[], FrameSource],
        on_open: Callable[[FrameSource], None],
        on_frame: Callable[[Frame], None],
        clock: Clock,
    ) -> None:
        self._open_source = open_source
        self._on_open = on_open
        self._on_frame = on_frame
        self._clock = clock
        self._lock = threading.Lock()
        self._source: FrameSource | None = None
        self._is_closed = False
        self._closing = threading.Event()
        self._state = SourceState.OPENING
        self._text = ""
        self._info: SourceInfo | None = None
        self._warnings: tuple[str, ...] = ()
        self._received = 0
        self._lost = 0
        self._last_seq: int | None = None
        self._arrivals_ns: deque[int] = deque(maxlen=RATE_OVER_FRAMES)

    def step(self) -> bool:
        """Open the source, or read one frame; false when there will be no more."""
        try:
            source = self._opened()
            frame = None if source is None else source.read(READ_TIMEOUT_S)
        except SourceEnded as end:
            self._finish(SourceState.FAILED if end.is_damaged else SourceState.ENDED, str(end))
            return False
        except RtguideError as error:
            if isinstance(error, DeviceError) and error.is_passing and self._source is None:
                return self._wait_to_open_again(str(error))
            self._finish(SourceState.FAILED, str(error))
            return False
        if source is None:
            return False
        if frame is not None:
            self._count(frame)
            self._on_frame(frame)
        return True

    def close(self) -> None:
        """Close the source, also while it is being read or opened."""
        with self._lock:
            self._is_closed = True
            source = self._source
        self._closing.set()
        if source is not None:
            source.close()

    def fail(self, text: str) -> None:
        """The capture thread died: say so as the source's state."""
        self._finish(SourceState.FAILED, text)

    def status(self) -> SourceStatus:
        """How the source stands now."""
        with self._lock:
            state, text = self._state, self._text
            last_ns = self._arrivals_ns[-1] if self._arrivals_ns else None
            info, warnings = self._info, self._warnings
            source = self._source
        trouble = source.trouble if isinstance(source, TroubledSource) else None
        if state is SourceState.RUNNING and trouble is not None:
            return SourceStatus(SourceState.INTERRUPTED, trouble, info, warnings)
        if state is SourceState.RUNNING and last_ns is not None:
            silence_s = (self._clock.now_ns() - last_ns) / 1e9
            if silence_s > QUIET_AFTER_S:
                return SourceStatus(SourceState.QUIET, f"no picture for {silence_s:.0f} s", info, warnings)
        return SourceStatus(state, text, info, warnings)

    def received_and_lost(self) -> tuple[int, int]:
        """Frames received, and frames missing from the source's own numbering."""
        with self._lock:
            return self._received, self._lost

    def rate_hz(self) -> float | None:
        """Measured rate of received frames."""
        with self._lock:
            if len(self._arrivals_ns) < 2:
                return None
            span_ns = self._arrivals_ns[-1] - self._arrivals_ns[0]
            return (len(self._arrivals_ns) - 1) / (span_ns / 1e9) if span_ns > 0 else None

    def _opened(self) -> FrameSource | None:
        if self._source is not None:
            return self._source
        source = self._open_source()
        with self._lock:
            self._source, self._info = source, source.info
            self._warnings = source.warnings if isinstance(source, WarningSource) else ()
            is_closed = self._is_closed
        if is_closed:
            source.close()
            return None
        self._on_open(source)
        with self._lock:
            self._state = SourceState.RUNNING
            self._arrivals_ns.append(self._clock.now_ns())
        return source

    def _wait_to_open_again(self, text: str) -> bool:
        """Say why it does not open, and whether to try anew after a while."""
        with self._lock:
            self._state, self._text = SourceState.INTERRUPTED, text
        return not self._clock.wait(self._closing, OPEN_AGAIN_AFTER_S)

    def _count(self, frame: Frame) -> None:
        with self._lock:
            self._received += 1
            if self._last_seq is not None:
                self._lost += max(0, frame.seq - self._last_seq - 1)
            self._last_seq = frame.seq
            if self._received == 1:
                self._arrivals_ns.clear()
            self._arrivals_ns.append(frame.t_capture_ns)

    def _finish(self, state: SourceState, text: str) -> None:
        with self._lock:
            source, is_closed = self._source, self._is_closed
            if not is_closed:
                self._state, self._text = state, text
        if source is not None:
            source.close()
