"""Time as a value that is handed in: the system's clock for people, a manual one for tests."""

import threading
import time
from typing import Protocol

__all__ = ["Clock", "ManualClock", "SystemClock"]


class Clock(Protocol):
    """Monotonic host time in nanoseconds, wall time in nanoseconds, and a wait that can be cut short."""

    def now_ns(self) -> int:
        """Monotonic time; only differences mean anything."""
        ...

    def wall_ns(self) -> int:
        """Nanoseconds since 1970-01-01 UTC."""
        ...

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Wait until `event` is set or `seconds` have passed; true if it was set."""
        ...


class SystemClock:
    """The host's own clock."""

    def now_ns(self) -> int:
        """Monotonic time of the host."""
        return time.monotonic_ns()

    def wall_ns(self) -> int:
        """Wall time of the host."""
        return time.time_ns()

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Wait on the event in real time."""
        return event.wait(max(0.0, seconds))


class ManualClock:
    """A clock that moves only when told, or when something waits on it. For tests and deterministic runs."""

    def __init__(self, start_ns: int = 0) -> None:
        self._now_ns = start_ns
        self._lock = threading.Lock()

    def now_ns(self) -> int:
        """The time last set."""
        with self._lock:
            return self._now_ns

    def wall_ns(self) -> int:
        """The same as `now_ns`: a manual clock began in 1970."""
        return self.now_ns()

    def advance(self, seconds: float) -> None:
        """Move time on."""
        with self._lock:
            self._now_ns += round(seconds * 1e9)

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Return at once, as if the whole time had passed."""
        if event.is_set():
            return True
        self.advance(max(0.0, seconds))
        return event.is_set()
