"""What was begun by hand and not ended: nothing of it goes away by looking at another frame."""

from rtguide.model.points import Point

__all__ = ["Drafts"]

Place = tuple[int, str]
"""(frame, what is drawn)."""


class Drafts:
    """Points that were set, by frame and by what they are to become."""

    def __init__(self) -> None:
        self._points: dict[Place, list[Point]] = {}

    def of(self, frame: int, what: str) -> tuple[Point, ...]:
        """Those set so far."""
        return tuple(self._points.get((frame, what), ()))

    def add(self, frame: int, what: str, point: Point) -> None:
        """One more."""
        self._points.setdefault((frame, what), []).append(point)

    def take_back(self, frame: int, what: str) -> None:
        """The last one, if there is one."""
        points = self._points.get((frame, what), [])
        if len(points) > 1:
            points.pop()
        else:
            self.drop(frame, what)

    def drop(self, frame: int, what: str) -> None:
        """All of it."""
        self._points.pop((frame, what), None)

    def elsewhere(self, frame: int, what: str) -> list[str]:
        """In words what was begun at other places."""
        return [f"{name} in frame {at}" for at, name in sorted(self._points) if (at, name) != (frame, what)]

    @property
    def words(self) -> list[str]:
        """In words all that was begun."""
        return [f"{name} in frame {at}" for at, name in sorted(self._points)]
