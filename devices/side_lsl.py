"""Lab Streaming Layer: `lsl:NAME?channel=0`. Its times are turned into the host's by the layer's own clock."""

from collections.abc import Sequence

from rtguide.clock import Clock
from rtguide.errors import DeviceError, SourceEnded
from rtguide.model.address import SourceAddress
from rtguide.model.side import SideInfo, SideKind, SideSample
from rtguide.ports import DeviceListing
from rtguide.side_ports import SideChannel

__all__ = ["LslSide"]

FIND_S = 3.0
"""How long a stream is looked for: they answer within a second on a local network."""


class LslSide:
    """Opens streams by name or type."""

    def list(self) -> Sequence[DeviceListing]:
        """How a stream is written: looking for them takes seconds."""
        about = "beside the picture (--side NAME=…): a Lab Streaming Layer stream"
        return (DeviceListing("lsl:NAME?channel=0", about, is_pattern=True),)

    def open(self, address: SourceAddress, clock: Clock) -> SideChannel:
        """One channel of the stream of this name, or else of this type."""
        address.refuse_unknown_options(("channel", "unit"))
        return _LslChannel(address, clock)


class _LslChannel:
    def __init__(self, address: SourceAddress, clock: Clock) -> None:
        try:
            import pylsl  # noqa: PLC0415 - optional, and it loads a library of its own
        except (ImportError, RuntimeError, OSError) as error:
            raise DeviceError(
                f"{address.text}: needs pylsl (pip install pylsl) and, on Linux, liblsl from its releases page"
            ) from error
        self._clock, self._channel = clock, round(address.number("channel", 0, 0, 4095))
        found = pylsl.resolve_byprop("name", address.body, 1, FIND_S)
        found = found or pylsl.resolve_byprop("type", address.body, 1, FIND_S)
        if not found:
            raise DeviceError(f"{address.text}: no such stream; start its sender, check its name and the network")
        if self._channel >= found[0].channel_count():
            raise DeviceError(f"{address.text}: the stream has {found[0].channel_count()} channels, counted from 0")
        self._inlet, self._lsl = pylsl.StreamInlet(found[0], recover=True), pylsl
        self._info = SideInfo(SideKind.VALUES, address.text, address.options.get("unit", ""))
        self._is_closed = False

    @property
    def info(self) -> SideInfo:
        return self._info

    def read(self, timeout_s: float) -> SideSample | None:
        if self._is_closed:
            raise SourceEnded("the stream was closed")
        try:
            values, sent_s = self._inlet.pull_sample(timeout_s)
            if values is None:
                return None
            age_s = self._lsl.local_clock() - (sent_s + self._inlet.time_correction(timeout_s))
        except (self._lsl.LostError, RuntimeError) as error:
            raise DeviceError(f"{self._info.address}: the stream is lost ({error}); start its sender again") from error
        now_ns, value = self._clock.now_ns(), values[self._channel]
        return SideSample(now_ns, now_ns - round(age_s * 1e9), value if isinstance(value, str) else float(value))

    def close(self) -> None:
        self._is_closed = True
