"""Hands the newest scene to a publisher, from a thread of its own: packing pictures must not hold up the tracker."""

from collections.abc import Callable

from rtguide.clock import Clock
from rtguide.model.scene import Scene
from rtguide.model.status import Fault
from rtguide.pipeline.loop import attempt
from rtguide.pipeline.slots import Latest
from rtguide.ports import Publisher

__all__ = ["PublishFeed"]

WAIT_S = 0.1
"""How long one step waits for a scene; a stop is noticed within this time."""


class PublishFeed:
    """`offer` and `text` return at once and may be called from any thread; `step` belongs to the publish thread.

    The publisher outlives it: whoever opened it closes it.
    """

    def __init__(self, publisher: Publisher, on_fault: Callable[[Fault], None], clock: Clock) -> None:
        self._publisher = publisher
        self._on_fault = on_fault
        self._clock = clock
        self._scenes: Latest[Scene] = Latest()
        self._generation = 0

    @property
    def text(self) -> str:
        """To how many it goes; short, for a narrow window: where, whoever asked for it knows."""
        return f"serving {self._publisher.client_count}"

    def offer(self, scene: Scene) -> None:
        """A scene is ready."""
        self._scenes.put(scene)

    def step(self) -> bool:
        """Publish the newest scene, if there is one."""
        newer = self._scenes.newer(self._generation, WAIT_S)
        if newer is not None:
            self._generation, scene = newer
            _, problem = attempt(self._publisher.write_scene, scene)
            if problem is not None:
                self._on_fault(Fault("publish", f"not served: {problem}", self._clock.now_ns()))
        return True
