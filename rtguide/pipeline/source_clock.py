"""When frames come against when the source made them: rate, jitter, late frames, and a lag that grows."""

from collections import deque
from statistics import pstdev

from rtguide.model.frame import Frame, SourceInfo, SourceKind
from rtguide.model.status import SourceTiming

__all__ = ["SourceClock"]

WINDOW_NS = 5_000_000_000
"""Frames come late by the fastest way within this time: long enough for hiccups to pass, short enough that two clocks
that run apart by 200 ppm are 1 ms apart."""

OVER_FRAMES = 120
"""Rate and jitter are those of so many frames, two to eight seconds."""

LEAST_LAG_NS = 100_000_000
"""A lag is said from here on: an operator begins to suffer at about 105 ms of added delay."""

LAG_PERIODS = 3.0

CLOCKS_APART = 200e-6
"""Two quartz clocks of 100 ppm each, running apart: no lag."""

JUMP_NS = 1_000_000_000
"""A source's clock that steps back, or ahead of the host's by more than this, was set anew: measuring begins again."""

LATE_INTERVALS = 2.0
"""Without a clock of the source's own, a frame that comes after more than so many usual intervals is late."""

USUAL_PERIOD_NS = 40_000_000


class SourceClock:
    """Takes every frame in order. One thread uses it."""

    def __init__(self, info: SourceInfo) -> None:
        self._is_replay = info.kind is SourceKind.REPLAY
        self._speed = info.speed
        self._nominal_ns = None if not info.rate_hz else 1e9 / info.rate_hz
        self._begin_ns = 0
        self._best_ns: int | None = None
        self._last: Frame | None = None
        self._recent: deque[tuple[int, int, int]] = deque(maxlen=OVER_FRAMES)
        self._lows: deque[tuple[int, int]] = deque()

    def take(self, frame: Frame) -> bool:
        """Whether this frame is late."""
        last, self._last = self._last, frame
        if last is None or self._is_set_anew(last, frame):
            self._recent.clear()
            self._lows.clear()
            self._begin_ns, self._best_ns = frame.t_capture_ns, None
        period_ns = self._period_ns()
        offset_ns = self._offset_ns(frame)
        self._recent.append((frame.seq, frame.t_capture_ns, offset_ns))
        if frame.t_device_ns is None:
            if last is None or len(self._recent) < 2:
                return False
            return frame.t_capture_ns - last.t_capture_ns > LATE_INTERVALS * period_ns * (frame.seq - last.seq)
        lows, now_ns = self._lows, frame.t_capture_ns
        while lows and lows[-1][1] >= offset_ns:
            lows.pop()
        lows.append((now_ns, offset_ns))
        while lows[0][0] < now_ns - WINDOW_NS:
            lows.popleft()
        low_ns = lows[0][1]
        self._best_ns = low_ns if self._best_ns is None else min(low_ns, self._best_ns)
        return offset_ns - low_ns > period_ns

    def timing(self) -> SourceTiming | None:
        """How frames come now; None before three came."""
        if len(self._recent) < 3:
            return None
        seqs, captures, offsets = zip(*self._recent, strict=True)
        steps = seqs[-1] - seqs[0]
        if self._best_ns is None:
            between = [
                (after[1] - before[1]) / (after[0] - before[0])
                for before, after in zip(self._recent, list(self._recent)[1:], strict=False)
            ]
            span_ns = captures[-1] - captures[0]
            return None if span_ns <= 0 else SourceTiming(steps / (span_ns / 1e9), pstdev(between))
        span_ns = captures[-1] - captures[0] - (offsets[-1] - offsets[0])
        if span_ns <= 0:
            return None
        lag_ns = self._lows[0][1] - self._best_ns
        limit_ns = max(LEAST_LAG_NS, LAG_PERIODS * self._period_ns())
        limit_ns += CLOCKS_APART * (captures[-1] - self._begin_ns)
        return SourceTiming(steps / (span_ns / 1e9), pstdev(offsets), lag_ns, lag_ns > limit_ns)

    def _offset_ns(self, frame: Frame) -> int:
        """Host time less the source's, in host nanoseconds; 0 where it has none."""
        return 0 if frame.t_device_ns is None else frame.t_capture_ns - round(frame.t_device_ns / self._speed)

    def _period_ns(self) -> float:
        """The usual time between two frames."""
        if self._nominal_ns is not None:
            return self._nominal_ns
        if len(self._recent) < 3:
            return float(USUAL_PERIOD_NS)
        (first, begin_ns, _), (last, end_ns, _) = self._recent[0], self._recent[-1]
        return (end_ns - begin_ns) / max(1, last - first)

    def _is_set_anew(self, last: Frame, frame: Frame) -> bool:
        if (last.t_device_ns is None) != (frame.t_device_ns is None):
            return True
        host_ns = frame.t_capture_ns - last.t_capture_ns
        if frame.t_device_ns is None or last.t_device_ns is None:
            return False
        step_ns = (frame.t_device_ns - last.t_device_ns) / self._speed
        # A recording waits for a host that was asleep; what is behind a cable or a network does not.
        return step_ns < 0 or step_ns - host_ns > JUMP_NS or (self._is_replay and host_ns - step_ns > JUMP_NS)
