"""A thread that reports its own death. Together with `app/cli.py` the only place that catches every exception."""

import threading
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from rtguide.clock import Clock
from rtguide.errors import RtguideError
from rtguide.model.status import Fault

__all__ = ["Loop", "attempt", "describe"]

P = ParamSpec("P")
R = TypeVar("R")


def describe(error: BaseException) -> str:
    """An exception in one line: rtguide's own by their message, others with their type."""
    text = " ".join(str(error).split())
    if isinstance(error, RtguideError):
        return text
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def attempt(action: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> tuple[R | None, str | None]:
    """Run something that may fail in any way (a plugged-in tracker): (result, None) or (None, what went wrong)."""
    try:
        return action(*args, **kwargs), None
    except Exception as error:  # the boundary to code that is not ours: nothing may pass it
        return None, describe(error)


class Loop:
    """A named thread that calls `step` until it returns false, is stopped, or dies of an exception, which it posts."""

    def __init__(self, name: str, step: Callable[[], bool], on_fault: Callable[[Fault], None], clock: Clock) -> None:
        self._name = name
        self._step = step
        self._on_fault = on_fault
        self._clock = clock
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"rtguide-{name}", daemon=True)

    @property
    def is_alive(self) -> bool:
        """Whether the thread is running."""
        return self._thread.is_alive()

    @property
    def is_stopping(self) -> bool:
        """Whether it was asked to end."""
        return self._stop.is_set()

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Ask it to end after the step it is in."""
        self._stop.set()

    def join(self, timeout_s: float) -> bool:
        """Wait for its end; false if it is still in a step then (a source that hangs)."""
        if self._thread.ident is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            while not self._stop.is_set() and self._step():
                pass
        except Exception as error:  # a loop never dies in silence
            self._on_fault(Fault(self._name, f"{self._name} stopped: {describe(error)}", self._clock.now_ns()))
