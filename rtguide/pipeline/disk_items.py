"""What waits for the disk: frames, scenes, and what is to be said beside them, in one order."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rtguide.model.frame import Frame
from rtguide.model.scene import Scene
from rtguide.ports import FrameTruth, LostWhy

__all__ = ["Event", "Item", "Lost", "Painted", "TrueFrame", "frame_of", "is_of_another_size", "losses"]


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
