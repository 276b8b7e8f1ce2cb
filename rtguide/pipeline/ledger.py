"""The frame ledger: every frame that comes is numbered, timed and judged before anybody else sees it."""

from dataclasses import replace

import numpy as np

from rtguide.model.frame import Frame, FrameNote, SourceInfo
from rtguide.model.status import FrameCounts, SourceTiming
from rtguide.pipeline.freeze import FROZEN_AFTER_S
from rtguide.pipeline.source_clock import SourceClock
from rtguide.recording.missing import MissingNumbers, newest

__all__ = ["FrameLedger"]

TIMING_EVERY_NS = 250_000_000
"""How often rate, jitter and lag are worked out: faster than that nobody reads them."""

FEW_ROWS = 16
"""Two pictures differ in every sixteenth row already, or are compared as a whole."""


class FrameLedger:
    """`take` belongs to the capture thread; `counts` and `timing` are whole values that any thread may read.

    bounds_px: (left, top, right, bottom) in which pictures are compared, set once the image region is known; a clock on
    the scanner's screen goes on while its picture is frozen.
    """

    def __init__(self, info: SourceInfo) -> None:
        self.counts = FrameCounts()
        self.timing: SourceTiming | None = None
        self.bounds_px: tuple[int, int, int, int] | None = None
        self.out_of_order_in_a_row = 0
        self._clock = SourceClock(info)
        self._timed_ns: int | None = None
        self._last: Frame | None = None
        self._changed_ns = 0
        self._missing = MissingNumbers()

    def take(self, frame: Frame, wall_ns: int) -> Frame | None:
        """The frame with its wall time and notes; None for one out of order, which must go no further."""
        last = self._last
        if last is not None and frame.seq <= last.seq:
            self.out_of_order_in_a_row += 1
            self._count(received=1, out_of_order=1, lost=-self._missing.is_found(frame.seq))
            return None
        self.out_of_order_in_a_row = 0
        self._last = frame
        gap = 0 if last is None else frame.seq - last.seq - 1
        self._missing.add(newest(frame.seq - gap, frame.seq))
        is_late = self._clock.take(frame)
        is_duplicate = last is not None and self._is_same(last, frame)
        if not is_duplicate:
            self._changed_ns = frame.time_ns
        is_frozen = is_duplicate and frame.time_ns - self._changed_ns >= FROZEN_AFTER_S * 1e9
        self._count(received=1, lost=gap, late=is_late, duplicated=is_duplicate, frozen=is_frozen)
        if self._timed_ns is None or frame.t_capture_ns - self._timed_ns >= TIMING_EVERY_NS:
            self._timed_ns, self.timing = frame.t_capture_ns, self._clock.timing()
        said = ((FrameNote.LATE, is_late), (FrameNote.DUPLICATE, is_duplicate), (FrameNote.FROZEN, is_frozen))
        return replace(frame, t_wall_ns=wall_ns, notes=tuple(note for note, is_so in said if is_so))

    def _is_same(self, one: Frame, other: Frame) -> bool:
        """Whether the pictures agree to the last bit in the region."""
        left, top, right, bottom = self.bounds_px or (0, 0, other.shape_px[1], other.shape_px[0])
        before, now = (frame.pixels[top:bottom, left:right] for frame in (one, other))
        return np.array_equal(before[::FEW_ROWS], now[::FEW_ROWS]) and np.array_equal(before, now)

    def _count(self, **more: int) -> None:
        self.counts = replace(self.counts, **{name: getattr(self.counts, name) + n for name, n in more.items()})
