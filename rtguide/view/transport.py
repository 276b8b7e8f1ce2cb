"""Where a replay stands in time: play, pause, step, speed. Seconds after the first frame; no Qt."""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass

from rtguide.clock import Clock

__all__ = ["SPEEDS", "Transport", "frame_at"]

SPEEDS = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0)


def frame_at(time_s: Callable[[int], float], frame_count: int, seconds: float) -> int:
    """The last frame captured at or before `seconds`; the first one before all."""
    return max(0, bisect_right(range(frame_count), seconds, key=time_s) - 1)


@dataclass(slots=True)
class _Anchor:
    host_ns: int
    seconds: float


class Transport:
    """A play head that runs by the clock, from 0 to `length_s`, and stops at the end."""

    def __init__(self, length_s: float, clock: Clock) -> None:
        self.length_s = length_s
        self.speed = 1.0
        self.is_playing = False
        self._clock = clock
        self._anchor = _Anchor(clock.now_ns(), 0.0)

    def now_s(self) -> float:
        """Where the head is."""
        if not self.is_playing:
            return self._anchor.seconds
        run_s = (self._clock.now_ns() - self._anchor.host_ns) / 1e9
        seconds = self._anchor.seconds + run_s * self.speed
        if seconds < self.length_s:
            return seconds
        self.go(self.length_s)
        self.is_playing = False
        return self.length_s

    def go(self, seconds: float) -> None:
        """Put the head somewhere; it plays on from there if it was playing."""
        self._anchor = _Anchor(self._clock.now_ns(), min(max(seconds, 0.0), self.length_s))

    def play(self) -> None:
        """Run; from the beginning if it stands at the end."""
        self.go(0.0 if self.now_s() >= self.length_s else self.now_s())
        self.is_playing = True

    def pause(self) -> None:
        """Stand still."""
        self.go(self.now_s())
        self.is_playing = False

    def set_speed(self, speed: float) -> None:
        """Change the speed where the head is."""
        self.go(self.now_s())
        self.speed = speed
