"""A person's hands at the phantom in time: pushes and nudges come from one thread, frames are drawn in another.

The same pushes at the same times give the same frames.
"""

import threading
from dataclasses import fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtguide.model.steering import HandState, Nudge, Push
from rtguide.phantom.phantom import Phantom
from rtguide.phantom.steering import FASTEST_DEG_S, FASTEST_MM_S, Steering
from rtguide.phantom.truth import Truth

__all__ = ["Practice"]

PUSH_HOLDS_S = 0.3
"""A push that is not given again for this long has ended: a window that hangs must not drive a needle on."""

_MOST_NUDGE = 20.0
"""mm or degrees that may be waiting: a fling of the wheel must not go on for seconds."""
_FEWEST_SECONDS = 1e-4
_RATES = {
    "slide_mm": "slide_mm_s",
    "shift_mm": "shift_mm_s",
    "rock_deg": "rock_deg_s",
    "tilt_deg": "tilt_deg_s",
    "advance_mm": "advance_mm_s",
    "turn_deg": "turn_deg_s",
    "swing_deg": "swing_deg_s",
}


class Practice:
    """Steers one phantom. `frame` belongs to one thread; everything else may be called from any. Times in seconds."""

    def __init__(self, phantom: Phantom) -> None:
        self._phantom = phantom
        self._lock = threading.Lock()
        self._steering = Steering(phantom.scenario)
        self._state = self._steering.state
        self._pushes: list[tuple[float, Push]] = [(0.0, Push())]
        self._waiting = Nudge()
        self._moved_to_s = 0.0
        self._is_restart_due = False

    def push(self, push: Push, time_s: float) -> None:
        """From this time on the hands move like this, for `PUSH_HOLDS_S` unless it is said again."""
        with self._lock:
            at_s = max(time_s, self._pushes[-1][0], self._moved_to_s)
            self._pushes.append((at_s, push))

    def nudge(self, nudge: Nudge) -> None:
        """Move by so much, as soon and as fast as a hand can."""
        with self._lock:
            sums = {f.name: getattr(self._waiting, f.name) + getattr(nudge, f.name) for f in fields(Nudge)}
            self._waiting = Nudge(**{name: _within(amount, _MOST_NUDGE) for name, amount in sums.items()})

    def restart(self) -> None:
        """Needle and probe back where they started, and no fluid, from the next frame on."""
        with self._lock:
            self._is_restart_due = True
            self._waiting = Nudge()
            self._pushes = [(self._moved_to_s, Push())]

    def state(self) -> HandState:
        """How the hands stood in the last frame."""
        with self._lock:
            return self._state

    def frame(self, index: int) -> tuple[NDArray[np.uint8], Truth, HandState]:
        """Frame `index`, after everything that was pushed up to its time; later frames only."""
        until_s = index / self._phantom.rate_hz
        with self._lock:
            if self._is_restart_due:
                self._steering, self._is_restart_due = Steering(self._phantom.scenario), False
            spans = self._spans(until_s)
        for start_s, seconds, push in spans:
            tip = self._phantom.tip_of(self._steering.control, start_s)
            self._steering.step(self._with_nudge(push, seconds), seconds, tip)
        pixels, truth = self._phantom.steered_frame(index, self._steering.control)
        state = self._steering.state
        with self._lock:
            self._state = state
        return pixels, truth, state

    def _spans(self, until_s: float) -> list[tuple[float, float, Push]]:
        """(start, seconds, push) of everything from the last frame to this time."""
        spans = []
        for number, (at_s, push) in enumerate(self._pushes):
            is_last = number + 1 == len(self._pushes)
            end_s = until_s if is_last else min(self._pushes[number + 1][0], until_s)
            ends = (min(end_s, at_s + PUSH_HOLDS_S), end_s)
            for start_s, stop_s, what in ((at_s, ends[0], push), (ends[0], ends[1], Push())):
                begin_s = max(start_s, self._moved_to_s)
                if stop_s - begin_s >= _FEWEST_SECONDS:
                    spans.append((begin_s, stop_s - begin_s, what))
        past = [entry for entry in self._pushes if entry[0] <= until_s]
        self._pushes = past[-1:] + [entry for entry in self._pushes if entry[0] > until_s]
        self._moved_to_s = max(self._moved_to_s, until_s)
        return spans

    def _with_nudge(self, push: Push, seconds: float) -> Push:
        """The push with as much of the waiting nudge as a hand can do in this time."""
        rates: dict[str, Any] = {}
        done: dict[str, float] = {}
        with self._lock:
            for amount_name, rate_name in _RATES.items():
                most = (FASTEST_DEG_S if amount_name.endswith("deg") else FASTEST_MM_S) * seconds
                done[amount_name] = _within(getattr(self._waiting, amount_name), most)
                rates[rate_name] = getattr(push, rate_name) + done[amount_name] / seconds
            left = {name: getattr(self._waiting, name) - amount for name, amount in done.items()}
            self._waiting = Nudge(**left)
        return replace(push, **rates)


def _within(value: float, most: float) -> float:
    return min(most, max(-most, value))
