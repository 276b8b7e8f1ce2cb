"""What comes beside the picture, on the same clock: a scalar, words, sound; a second camera's frames are frames."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from rtguide.errors import DeviceError

__all__ = ["SideInfo", "SideKind", "SideSample", "SideStatus", "SoundChunk"]


class SideKind(StrEnum):
    """What a side channel gives: values (numbers or words), sound, or pictures."""

    VALUES = "values"
    SOUND = "sound"
    VIDEO = "video"


@dataclass(frozen=True, slots=True)
class SideInfo:
    """What a side channel says of itself. unit: of its numbers, empty where unknown · rate_hz: of sound's samples."""

    kind: SideKind
    address: str
    unit: str = ""
    rate_hz: float | None = None


@dataclass(frozen=True, slots=True)
class SideSample:
    """One value. t_capture_ns: host monotonic, when it came · t_device_ns: the sender's own time, None if not said."""

    t_capture_ns: int
    t_device_ns: int | None
    value: float | str


@dataclass(frozen=True, slots=True, eq=False)
class SoundChunk:
    """A piece of sound. t_capture_ns: host monotonic, when it came, so when it ended · samples: int16 (n, channels)."""

    t_capture_ns: int
    samples: NDArray[np.int16]

    def __post_init__(self) -> None:
        if self.samples.dtype != np.int16 or self.samples.ndim != 2:
            raise DeviceError(f"sound is int16 (n, channels), not {self.samples.dtype} {self.samples.shape}")
        self.samples.flags.writeable = False


@dataclass(frozen=True, slots=True)
class SideStatus:
    """How a side channel stands. text: the newest value, or what comes · trouble: why nothing comes, or None."""

    name: str
    text: str = ""
    trouble: str | None = None
