"""The capture thread: open the source, stamp, count, hand on. Nothing behind it can hold it up."""

import threading
from collections import deque
from collections.abc import Callable

from rtguide.clock import Clock
from rtguide.errors import DeviceError, RtguideError, SourceEnded
from rtguide.model.frame import Frame, SourceInfo
from rtguide.model.status import FrameCounts, SourceState, SourceStatus, SourceTiming
from rtguide.pipeline.ledger import FrameLedger
from rtguide.ports import FrameSource, TroubledSource, WarningSource

__all__ = ["Capture"]

READ_TIMEOUT_S = 0.1
"""How long one read may wait; a stop is noticed within this time."""

QUIET_AFTER_S = 0.5
"""A source that gave no frame for this long is called quiet: a third of the slowest scanner's rate would be 0.1 s."""

OPEN_AGAIN_AFTER_S = 0.3
"""Pause between two tries to open a source whose trouble may pass: in use, unplugged, no signal."""

MOST_OUT_OF_ORDER = 30
"""So many frames in a row that are numbered no higher than one before: the source has begun to count anew, and none of
its pictures can be shown or recorded in order any more."""

RATE_OVER_FRAMES = 60
"""The measured rate is the mean over this many frames, one to three seconds."""


class Capture:
    """Reads one source. `step` belongs to the capture thread; everything else may be called from any.

    `on_frame` is given every frame in order, with what the ledger noted; of one out of order its number only.
    """

    def __init__(
        self,
        open_source: Callable[[], FrameSource],
        on_open: Callable[[FrameSource], None],
        on_frame: Callable[[Frame | int], None],
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
        self._ledger: FrameLedger | None = None
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
        return frame is None or self._take(frame)

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

    def counts(self) -> FrameCounts:
        """What the ledger counts of frames that came; what became of them further on, others know."""
        ledger = self._ledger
        return FrameCounts() if ledger is None else ledger.counts

    def timing(self) -> SourceTiming | None:
        """How frames come; None before enough came."""
        ledger = self._ledger
        return None if ledger is None else ledger.timing

    def look_inside(self, bounds_px: tuple[int, int, int, int]) -> None:
        """Pictures are compared in the image region only: (left, top, right, bottom)."""
        if self._ledger is not None:
            self._ledger.bounds_px = bounds_px

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
            self._ledger = FrameLedger(source.info)
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

    def _take(self, frame: Frame) -> bool:
        """Enter it into the ledger and hand it on; false when the source has begun to count anew."""
        ledger = self._ledger
        assert ledger is not None
        noted = ledger.take(frame, self._clock.wall_ns())
        with self._lock:
            if ledger.counts.received == 1:
                self._arrivals_ns.clear()
            self._arrivals_ns.append(frame.t_capture_ns)
        self._on_frame(frame.seq if noted is None else noted)
        if ledger.out_of_order_in_a_row < MOST_OUT_OF_ORDER:
            return True
        count, name = ledger.out_of_order_in_a_row, "" if self._info is None else self._info.name
        self._finish(
            SourceState.FAILED, f"{name}: numbers its frames anew ({count} in a row, now {frame.seq}); open it again"
        )
        return False

    def _finish(self, state: SourceState, text: str) -> None:
        with self._lock:
            source, is_closed = self._source, self._is_closed
            if not is_closed:
                self._state, self._text = state, text
        if source is not None:
            source.close()
