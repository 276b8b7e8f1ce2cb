"""Numbers over a serial line: `serial:/dev/ttyUSB0?baud=9600&unit=mA`, e.g. a nerve stimulator's current."""

import re
from collections.abc import Sequence
from contextlib import suppress

from rtguide.clock import Clock
from rtguide.errors import DeviceError, SourceEnded
from rtguide.model.address import SourceAddress
from rtguide.model.side import SideInfo, SideKind, SideSample
from rtguide.ports import DeviceListing
from rtguide.side_ports import SideChannel

__all__ = ["SerialSide"]

MOST_LINE_BYTES = 4096
"""A line that never ends is no line."""

_NUMBER = re.compile(r"[-+]?(?:\d+[.,]?\d*|[.,]\d+)(?:[eE][-+]?\d{1,3})?")


class SerialSide:
    """Opens serial ports, `socket://HOST:PORT` and whatever else pyserial opens by URL."""

    def list(self) -> Sequence[DeviceListing]:
        """Every serial port of this computer, where pyserial is installed."""
        about = "beside the picture (--side NAME=…): the number in each line"
        pattern = DeviceListing("serial:PORT?baud=9600&unit=mA", about, is_pattern=True)
        try:
            from serial.tools.list_ports import comports  # noqa: PLC0415 - optional
        except ImportError:
            return (pattern,)
        return (
            *(DeviceListing(f"serial:{port.device}", f"serial port: {port.description}") for port in comports()),
            pattern,
        )

    def open(self, address: SourceAddress, clock: Clock) -> SideChannel:
        """Lines of text; the `field`-th number in each (from 0) is its value, a line without one is kept as words."""
        address.refuse_unknown_options(("baud", "unit", "field"))
        return _SerialChannel(address, clock)


class _SerialChannel:
    def __init__(self, address: SourceAddress, clock: Clock) -> None:
        try:
            import serial  # noqa: PLC0415 - optional
        except ImportError as error:
            raise DeviceError(f"{address.text}: needs pyserial; pip install 'rtguide[sides]'") from error
        self._errors = (serial.SerialException, OSError, TypeError)
        self._clock = clock
        self._field = round(address.number("field", 0, 0, 99))
        self._info = SideInfo(SideKind.VALUES, address.text, address.options.get("unit", ""))
        baud = round(address.number("baud", 9600, 50, 4_000_000))
        try:
            self._port = serial.serial_for_url(address.body, baudrate=baud, timeout=0)
        except (*self._errors, ValueError) as error:
            raise DeviceError(f"{address.text}: cannot be opened ({error}); check name, plug and permission") from error
        self._is_closed = False
        self._waiting = bytearray()

    @property
    def info(self) -> SideInfo:
        return self._info

    def read(self, timeout_s: float) -> SideSample | None:
        line = self._line()
        if line is None:
            try:
                self._port.timeout = timeout_s
                self._waiting += self._port.read(1)
                self._port.timeout = 0
                self._waiting += self._port.read(MOST_LINE_BYTES)
            except self._errors as error:
                if self._is_closed:
                    raise SourceEnded("the serial line was closed") from error
                raise DeviceError(f"{self._info.address}: gone ({error}); plug it in again") from error
            if self._is_closed:
                raise SourceEnded("the serial line was closed")
            line = self._line()
        if line is None:
            return None
        numbers = _NUMBER.findall(line)
        value = float(numbers[self._field].replace(",", ".")) if self._field < len(numbers) else line
        return SideSample(self._clock.now_ns(), None, value)

    def close(self) -> None:
        self._is_closed = True
        with suppress(*self._errors):
            self._port.close()

    def _line(self) -> str | None:
        """The next whole line that holds anything."""
        while True:
            end = min((at for at in (self._waiting.find(b"\n"), self._waiting.find(b"\r")) if at >= 0), default=-1)
            if end < 0:
                if len(self._waiting) > MOST_LINE_BYTES:
                    self._waiting.clear()
                return None
            text = self._waiting[:end].decode("utf-8", "replace").strip()
            del self._waiting[: end + 1]
            if text:
                return "".join(letter if letter.isprintable() else "?" for letter in text)
