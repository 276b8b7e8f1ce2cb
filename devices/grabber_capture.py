"""What the readers of the three systems have in common: a picture as it was grabbed, and named troubles."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from devices.grabber_mode import Grabber, Mode
from rtguide.errors import DeviceError

__all__ = ["Capture", "Grabbed", "NotNow", "Trouble"]


class Trouble(StrEnum):
    """Why no picture comes; each is tried anew by itself."""

    NO_SIGNAL = "no signal"
    GONE = "device gone"
    BUSY = "device busy"
    NO_PERMISSION = "no permission"
    CHANGED = "signal changes"
    SILENT = "no pictures"
    FAILED = "device failed"


class NotNow(DeviceError):  # noqa: N818 - a state that passes, not a fault of the program
    """The grabber gives nothing now; `trouble` names it, the message says what to do."""

    def __init__(self, trouble: Trouble, message: str) -> None:
        super().__init__(f"{trouble}: {message}", is_passing=True)
        self.trouble = trouble


@dataclass(frozen=True, slots=True, eq=False)
class Grabbed:
    """pixels: None where the picture came damaged · number: the driver's own, None where it does not count ·
    stamp_ns: the driver's time on the host's monotonic clock, None where it gives none.
    """

    pixels: NDArray[np.uint8] | None
    number: int | None
    stamp_ns: int | None


class Capture(Protocol):
    """An open grabber."""

    grabber: Grabber
    mode: Mode

    def grab(self, timeout_s: float) -> Grabbed | None:
        """The next picture, or None if none came in time; NotNow where there is trouble."""
        ...

    def close(self) -> None:
        """Let go; from any thread, also twice."""
        ...
