"""Reads recorded scenes in a thread of its own: the window asks for a frame and looks later whether it is there."""

import threading
from collections import OrderedDict
from dataclasses import dataclass

from rtguide.clock import Clock
from rtguide.errors import RtguideError
from rtguide.model.scene import Scene
from rtguide.model.status import Fault
from rtguide.pipeline.loop import Loop
from rtguide.pipeline.slots import Latest
from rtguide.view.feed import Recorded

__all__ = ["ReadScene", "SceneReader"]

_WAIT_S = 0.1

_KEPT = 12
"""Scenes that are there already: a few ahead while it plays, and those last shown, for stepping back."""


@dataclass(frozen=True, slots=True, eq=False)
class ReadScene:
    """What came of asking: the scene, or the words that say why it cannot be read."""

    index: int
    scene: Scene | None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class _Wish:
    """A frame, and those that are likely to be wished for next."""

    index: int
    ahead: tuple[int, ...]


class SceneReader:
    """The newest wish wins: frames that were asked for and passed over are never read."""

    def __init__(self, recorded: Recorded, clock: Clock) -> None:
        self._recorded = recorded
        self._wishes: Latest[_Wish] = Latest()
        self._answers: Latest[ReadScene] = Latest()
        self._generation = 0
        self._last_wish: int | None = None
        self._is_answered = False
        self._kept: OrderedDict[int, ReadScene] = OrderedDict()
        self._lock = threading.Lock()
        self._loop = Loop("reader", self._step, self._died, clock)
        self._loop.start()

    def ask(self, index: int, ahead: tuple[int, ...] = ()) -> None:
        """Wish for frame `index`; asking again for the same one does nothing.

        ahead: frames that are read afterwards, while nothing newer is wished for.
        """
        if index == self._last_wish:
            return
        with self._lock:
            self._last_wish = index
            there = self._kept.get(index)
            self._is_answered = there is not None
            if there is not None:
                self._answers.put(there)
        self._wishes.put(_Wish(index, ahead))

    def newest(self) -> tuple[int, ReadScene | None]:
        """(generation, answer) of the newest frame that was read."""
        return self._answers.newest()

    def close(self) -> None:
        """End the thread."""
        self._loop.ask_to_stop()
        self._loop.join(2.0)

    def _step(self) -> bool:
        newer = self._wishes.newer(self._generation, _WAIT_S)
        if newer is None:
            return True
        self._generation, wish = newer
        with self._lock:
            is_answered = self._is_answered and wish.index == self._last_wish
        if not is_answered:
            answer = self._read(wish.index)
            with self._lock:
                if not self._is_answered:  # else a newer wish was met at once, and this one is over
                    self._answers.put(answer)
        for index in wish.ahead:
            if self._wishes.newer(self._generation, 0.0) is not None or self._loop.is_stopping:
                break
            with self._lock:
                is_there = index in self._kept
            if not is_there:
                self._read(index)
        return True

    def _read(self, index: int) -> ReadScene:
        try:
            answer = ReadScene(index, self._recorded.scene(index))
        except RtguideError as error:
            answer = ReadScene(index, None, str(error))
        with self._lock:
            self._kept[index] = answer
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return answer

    def _died(self, fault: Fault) -> None:
        self._answers.put(ReadScene(-1, None, fault.text))
