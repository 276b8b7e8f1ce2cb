"""Where a replay stands in time: play, pause, step, speed, loop. Seconds after the first frame; no Qt."""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass

from rtguide.clock import Clock

__all__ = ["SHORTEST_LOOP_S", "SPEEDS", "Transport", "frame_at"]

SPEEDS = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)

SHORTEST_LOOP_S = 0.1
"""A shorter loop is a slip of the hand."""


def frame_at(time_s: Callable[[int], float], frame_count: int, seconds: float) -> int:
    """The last frame captured at or before `seconds`; the first one before all."""
    return max(0, bisect_right(range(frame_count), seconds, key=time_s) - 1)


@dataclass(slots=True)
class _Anchor:
    host_ns: int
    seconds: float


class Transport:
    """A play head that runs by the clock, from `begin_s` to `length_s`, and stops at the end, or goes round a loop."""

    def __init__(self, length_s: float, clock: Clock) -> None:
        self.begin_s = 0.0
        self.length_s = length_s
        self.speed = 1.0
        self.is_playing = False
        self._loop: tuple[float, float] | None = None
        self._clock = clock
        self._anchor = _Anchor(clock.now_ns(), 0.0)

    @property
    def loop(self) -> tuple[float, float] | None:
        """What is gone round, (start, end) in seconds; None for all of it, once."""
        return self._loop

    def set_loop(self, loop: tuple[float, float] | None) -> bool:
        """Go round this part; false where it is too short, and nothing changes. The head goes to where it begins."""
        if loop is not None:
            start, stop = (min(max(second, self.begin_s), self.length_s) for second in sorted(loop))
            if stop - start < SHORTEST_LOOP_S:
                return False
            loop = start, stop
        now_s = self.now_s()
        self._loop = loop
        self.go(now_s if loop is None or loop[0] <= now_s < loop[1] else loop[0])
        return True

    def now_s(self) -> float:
        """Where the head is."""
        if not self.is_playing:
            return self._anchor.seconds
        run_s = (self._clock.now_ns() - self._anchor.host_ns) / 1e9
        seconds = self._anchor.seconds + run_s * self.speed
        if self._loop is not None and self._anchor.seconds < self._loop[1]:
            start, stop = self._loop
            return seconds if seconds < stop else start + (seconds - start) % (stop - start)
        if seconds < self.length_s:
            return seconds
        self.go(self.length_s)
        self.is_playing = False
        return self.length_s

    def go(self, seconds: float) -> None:
        """Put the head somewhere; it plays on from there if it was playing."""
        self._anchor = _Anchor(self._clock.now_ns(), min(max(seconds, self.begin_s), self.length_s))

    def play(self) -> None:
        """Run; from the beginning if it stands at the end."""
        self.go(self.begin_s if self.now_s() >= self.length_s else self.now_s())
        self.is_playing = True

    def pause(self) -> None:
        """Stand still."""
        self.go(self.now_s())
        self.is_playing = False

    def set_speed(self, speed: float) -> None:
        """Change the speed where the head is."""
        self.go(self.now_s())
        self.speed = speed

    def set_span(self, begin_s: float, length_s: float) -> None:
        """Run from here to there from now on; a loop is given up."""
        now_s = self.now_s()
        self.begin_s, self.length_s, self._loop = begin_s, length_s, None
        self.go(now_s)
