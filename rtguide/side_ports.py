"""The shapes of side channels: what is recorded beside the picture. Found by entry point, as devices are."""

from collections.abc import Sequence
from typing import Protocol

from rtguide.clock import Clock
from rtguide.model.address import SourceAddress
from rtguide.model.frame import Frame
from rtguide.model.side import SideInfo, SideSample, SoundChunk
from rtguide.ports import DeviceListing

__all__ = ["SideChannel", "SideDevice", "SideItem"]

SideItem = SideSample | SoundChunk | Frame


class SideChannel(Protocol):
    """An open side channel. One thread reads; any thread may close."""

    @property
    def info(self) -> SideInfo:
        """What it is."""
        ...

    def read(self, timeout_s: float) -> SideItem | None:
        """What came next, or None if nothing came in time.

        Raises
        ------
        SourceEnded
            There will be no more.
        DeviceError
            It cannot go on; opening it again may help.
        """
        ...

    def close(self) -> None:
        """Let go; may be called twice and from any thread."""
        ...


class SideDevice(Protocol):
    """A way of opening side channels: one entry point in `rtguide.sides` whose name is the scheme of its addresses."""

    def list(self) -> Sequence[DeviceListing]:
        """What is there now, and how such things are written."""
        ...

    def open(self, address: SourceAddress, clock: Clock) -> SideChannel:
        """Open it.

        Raises
        ------
        DeviceError
            It cannot be opened; the message says why and what to do.
        ConfigError
            The address is written wrongly.
        """
        ...
