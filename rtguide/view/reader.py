"""Reads recorded scenes in a thread of its own: the window asks for a frame and looks later whether it is there."""

import threading

from rtguide.clock import Clock
from rtguide.errors import RtguideError
from rtguide.model.scene import Scene
from rtguide.model.status import Fault
from rtguide.pipeline.loop import Loop
from rtguide.pipeline.slots import Latest
from rtguide.view.feed import Recorded

__all__ = ["ReadScene", "SceneReader"]

_WAIT_S = 0.1


class ReadScene:
    """What came of asking: the scene, or the words that say why it cannot be read."""

    __slots__ = ("fault", "index", "scene")

    def __init__(self, index: int, scene: Scene | None, fault: str = "") -> None:
        self.index = index
        self.scene = scene
        self.fault = fault


class SceneReader:
    """The newest wish wins: frames that were asked for and passed over are never read."""

    def __init__(self, recorded: Recorded, clock: Clock) -> None:
        self._recorded = recorded
        self._wishes: Latest[int] = Latest()
        self._answers: Latest[ReadScene] = Latest()
        self._generation = 0
        self._last_wish: int | None = None
        self._lock = threading.Lock()
        self._loop = Loop("reader", self._step, self._died, clock)
        self._loop.start()

    def ask(self, index: int) -> None:
        """Wish for frame `index`; asking again for the same one does nothing."""
        if index != self._last_wish:
            self._last_wish = index
            self._wishes.put(index)

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
        self._generation, index = newer
        try:
            answer = ReadScene(index, self._recorded.scene(index))
        except RtguideError as error:
            answer = ReadScene(index, None, str(error))
        self._answers.put(answer)
        return True

    def _died(self, fault: Fault) -> None:
        self._answers.put(ReadScene(-1, None, fault.text))
