"""One picture and where it came from."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from rtguide.errors import GeometryError
from rtguide.model.geometry import ImageGeometry

__all__ = ["Frame", "FrameNote", "SourceInfo", "SourceKind"]


class SourceKind(StrEnum):
    """What the picture is. Always on screen."""

    LIVE = "live"
    REPLAY = "replay"
    SIMULATED = "simulated"


class FrameNote(StrEnum):
    """What the ledger noted of a frame.

    late: it came more than a period later than the source's own clock had it come · duplicate: the picture in the image
    region is that of the frame before, to the last bit · frozen: the picture has been the same for a second.
    """

    LATE = "late"
    DUPLICATE = "duplicate"
    FROZEN = "frozen"


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What a source says of itself when it opens.

    name: what a user would call it (a file name, a device name, a scenario) · shape_px: (height, width) of its frames ·
    rate_hz: nominal rate, None where unknown · frame_count: None for an endless or unknown length ·
    address: the text that opened it · speed: seconds of its own clock in one of the host's; a recording may be played
    slower or faster.
    """

    name: str
    kind: SourceKind
    shape_px: tuple[int, int]
    rate_hz: float | None = None
    frame_count: int | None = None
    address: str = ""
    speed: float = 1.0

    def __post_init__(self) -> None:
        if min(self.shape_px) <= 0:
            raise GeometryError(f"a source's frames must have a size, not {self.shape_px}")


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture.

    seq: number of the frame in its source; a gap means frames were lost · t_capture_ns: host monotonic time at which it
    was received · t_device_ns: the source's own time (a recording's presentation time, a driver's stamp), None where
    there is none · pixels: uint8 (h, w) grey or (h, w, 3) RGB, read-only, never reused by the source · geometry: what
    the source itself knows of this very picture (its depth may have been changed), None where it says nothing ·
    spacing_mm: (x, y) millimetres per pixel, of a source that tells them without knowing where the picture lies ·
    t_wall_ns, notes: wall time of its capture and what the ledger noted of it; a running pipeline adds both.
    """

    seq: int
    t_capture_ns: int
    t_device_ns: int | None
    pixels: NDArray[np.uint8]
    geometry: ImageGeometry | None = None
    t_wall_ns: int | None = None
    notes: tuple[FrameNote, ...] = ()
    spacing_mm: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        shape = self.pixels.shape
        if self.pixels.dtype != np.uint8 or not (len(shape) == 2 or (len(shape) == 3 and shape[2] == 3)):
            raise GeometryError(f"a frame is uint8 (h, w) or (h, w, 3), not {self.pixels.dtype} {shape}")
        self.pixels.flags.writeable = False

    @property
    def shape_px(self) -> tuple[int, int]:
        """(height, width)."""
        return self.pixels.shape[0], self.pixels.shape[1]

    @property
    def time_ns(self) -> int:
        """The time motion is measured in: the source's own where it has one, else the time of capture."""
        return self.t_capture_ns if self.t_device_ns is None else self.t_device_ns
