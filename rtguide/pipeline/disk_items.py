"""What waits for the disk: frames, scenes, and what is to be said beside them, in one order."""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rtguide.model.frame import Frame
from rtguide.model.scene import Scene
from rtguide.ports import FrameTruth, LostWhy

__all__ = ["Event", "Item", "Lost", "Painted", "TrueFrame", "UnsaidLosses", "frame_of", "is_of_another_size", "losses"]


@dataclass(frozen=True, slots=True)
class TrueFrame:
    """A simulated frame with what is true of it: they stay together, however long they wait."""

    frame: Frame
    truth: FrameTruth


@dataclass(frozen=True, slots=True)
class Lost:
    """Frame `seq` was received and is not written."""

    seq: int
    why: LostWhy = LostWhy.DISK


class UnsaidLosses:
    """Frames that are lost while there is no room to say so, as runs of numbers: hours of them take no memory.

    Not for several threads at once.
    """

    MOST_RUNS = 100_000
    """Runs end where the source's own numbering has a gap; so many take some 10 MB."""

    def __init__(self) -> None:
        self._runs: deque[tuple[int, int, LostWhy]] = deque()

    @property
    def first(self) -> Lost | None:
        """The oldest one; None where all is said."""
        return Lost(self._runs[0][0], self._runs[0][2]) if self._runs else None

    def add(self, lost: Lost) -> bool:
        """Keep it in mind; false where there are too many, and it is not kept."""
        if self._runs:
            first, last, why = self._runs[-1]
            if lost.why is why and lost.seq == last + 1:
                self._runs[-1] = (first, lost.seq, why)
                return True
        if len(self._runs) >= self.MOST_RUNS:
            return False
        self._runs.append((lost.seq, lost.seq, lost.why))
        return True

    def said(self) -> None:
        """The oldest one is written down."""
        first, last, why = self._runs.popleft()
        if first < last:
            self._runs.appendleft((first + 1, last, why))

    def all(self) -> Iterator[Lost]:
        """Every one, the oldest first."""
        for first, last, why in self._runs:
            for seq in range(first, last + 1):
                yield Lost(seq, why)


@dataclass(frozen=True, slots=True)
class Painted:
    """The scene of frame `seq` is on screen since `t_ns`, host monotonic."""

    seq: int
    t_ns: int


@dataclass(frozen=True, slots=True)
class Event:
    """What somebody did or was told, as plain values."""

    kind: str
    details: Mapping[str, Any]


Item = Frame | TrueFrame | Scene | Lost | Painted | Event


def frame_of(item: Item) -> Frame | None:
    """The frame that it is; None for anything else."""
    frame = item.frame if isinstance(item, TrueFrame) else item
    return frame if isinstance(frame, Frame) else None


def is_of_another_size(item: Item, shape_px: tuple[int, int]) -> bool:
    """Whether it is a frame of another size."""
    frame = frame_of(item)
    return frame is not None and frame.shape_px != shape_px


def losses(item: Item | None) -> list[Lost]:
    """The frame that was to be written, or declared lost; nothing for anything else."""
    if item is None or isinstance(item, Lost):
        return [] if item is None else [item]
    frame = frame_of(item)
    return [] if frame is None else [Lost(frame.seq)]
