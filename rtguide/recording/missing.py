"""Numbers that were passed over: a frame that comes after all was late, not lost."""

from collections.abc import Iterable

__all__ = ["MissingNumbers", "newest"]

MOST = 4096
"""So many of the newest are remembered: a minute at 60 frames/s."""


class MissingNumbers:
    """Remembers the numbers that are missing."""

    def __init__(self) -> None:
        self._numbers: dict[int, None] = {}

    def add(self, numbers: Iterable[int]) -> None:
        """These are missing."""
        self._numbers.update(dict.fromkeys(numbers))
        while len(self._numbers) > MOST:
            del self._numbers[next(iter(self._numbers))]

    def is_found(self, number: int) -> bool:
        """It has come: whether it was missing until now."""
        if number not in self._numbers:
            return False
        del self._numbers[number]
        return True


def newest(first: int, stop: int) -> range:
    """The newest of the numbers from `first` up to `stop` that are worth remembering."""
    return range(max(first, stop - MOST), stop)
