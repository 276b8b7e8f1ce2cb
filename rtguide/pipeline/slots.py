"""The only two ways a value crosses threads: the newest one, or every one in order."""

import threading
from collections import deque
from typing import Generic, TypeVar

__all__ = ["Fifo", "Latest"]

T = TypeVar("T")


class Latest(Generic[T]):
    """Holds the newest value only: a slow reader skips, it never lags. `skipped` counts what nobody took."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._value: T | None = None
        self._generation = 0
        self._is_taken = True
        self._skipped = 0

    @property
    def skipped(self) -> int:
        """How many values were replaced before anybody took them."""
        with self._condition:
            return self._skipped

    def put(self, value: T) -> None:
        """Replace the value. Never waits for a reader."""
        with self._condition:
            self._skipped += not self._is_taken
            self._value, self._is_taken = value, False
            self._generation += 1
            self._condition.notify_all()

    def give_up(self) -> None:
        """Nobody will take the value any more: it counts as skipped."""
        with self._condition:
            self._skipped += not self._is_taken
            self._is_taken = True

    def newest(self) -> tuple[int, T | None]:
        """(generation, value) as it stands: generation 0 and None before the first. Counts as taking it."""
        with self._condition:
            self._is_taken = True
            return self._generation, self._value

    def newer(self, generation: int, timeout_s: float) -> tuple[int, T] | None:
        """Wait for a value newer than `generation`; None if none came in time. Counts as taking it."""
        with self._condition:
            if not self._condition.wait_for(lambda: self._generation > generation, timeout_s):
                return None
            assert self._value is not None
            self._is_taken = True
            return self._generation, self._value


class Fifo(Generic[T]):
    """Every value in order, bounded. A full queue refuses the new value and says so; it never blocks the writer."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._items: deque[T] = deque()
        self._condition = threading.Condition()

    def __len__(self) -> int:
        with self._condition:
            return len(self._items)

    def put(self, value: T) -> bool:
        """Append; false if there was no room and the value was not taken."""
        with self._condition:
            if len(self._items) >= self._capacity:
                return False
            self._items.append(value)
            self._condition.notify()
            return True

    def get(self, timeout_s: float) -> T | None:
        """The oldest value, or None if none came in time."""
        with self._condition:
            if not self._condition.wait_for(lambda: bool(self._items), timeout_s):
                return None
            return self._items.popleft()
