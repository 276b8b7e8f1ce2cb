"""Pictures of a simulation, drawn in a thread of their own: ahead of their time where nobody steers."""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from typing import Generic, TypeVar

from rtguide.errors import SourceEnded

__all__ = ["DrawnAhead"]

T = TypeVar("T")


class DrawnAhead(Generic[T]):
    """Draws pictures by number, in order, one at a time, and up to `ahead` beyond the one that is asked for.

    `take` belongs to one thread, `close` may be called from any. A picture that nobody will ask for any more is not
    begun.

    ahead: 0 where a picture depends on what happens until its time · count: how many there are, None without end.
    """

    def __init__(self, draw: Callable[[int], T], ahead: int, count: int | None) -> None:
        self._draw, self._ahead, self._count = draw, ahead, count
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="rtguide-simulation")
        self._waiting: deque[tuple[int, Future[T]]] = deque()
        self._lock = threading.Lock()
        self._is_closed = False

    def take(self, index: int) -> T:
        """Picture `index`, which is later than any that was taken; waits until it is drawn.

        Raises
        ------
        SourceEnded
            It was closed before or meanwhile.
        """
        with self._lock:
            if self._is_closed:
                raise SourceEnded("the simulation was closed")
            wanted = self._wanted(index)
        try:
            return wanted.result()
        except CancelledError:
            raise SourceEnded("the simulation was closed") from None

    def close(self) -> None:
        """Draw no more; waits for the picture that is being drawn. May be called twice."""
        with self._lock:
            self._is_closed = True
            self._waiting.clear()
        self._executor.shutdown(wait=True, cancel_futures=True)

    def _wanted(self, index: int) -> "Future[T]":
        while self._waiting and self._waiting[0][0] < index:
            self._waiting.popleft()[1].cancel()
        if not self._waiting:
            self._submit(index)
        wanted = self._waiting.popleft()[1]
        following = self._waiting[-1][0] + 1 if self._waiting else index + 1
        end = index + 1 + self._ahead if self._count is None else min(index + 1 + self._ahead, self._count)
        for number in range(following, end):
            self._submit(number)
        return wanted

    def _submit(self, index: int) -> None:
        self._waiting.append((index, self._executor.submit(self._draw, index)))
