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

WHOLE_AFTER_NS = 50_000_000
"""A sender that was silent for so long after the port was opened begins a line; one heard sooner may be in it."""

_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?")
_DECIMAL_COMMA = re.compile(r"(?<![\d,])(\d+),(\d+)(?![\d,])")
"""A comma between two numbers that is not one of a row of them."""


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
        """Lines of text; the `field`-th number in each (from 0) is its value, a line without one is kept as words.

        A comma is a decimal comma where the line has no point and it stands alone between two numbers; others separate.
        A line that was under way when the port was opened is passed over: the rest of a number is another number.
        """
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
        self._opened_ns = clock.now_ns()
        self._is_heard = self._is_midway = False

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
            if self._waiting and not self._is_heard:
                self._is_heard = True
                self._is_midway = self._clock.now_ns() - self._opened_ns < WHOLE_AFTER_NS
            line = self._line()
        if line is None:
            return None
        numbers = _numbers(line)
        value = numbers[self._field] if self._field < len(numbers) else line
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
            if self._is_midway:
                self._is_midway = False
                continue
            if text:
                return "".join(letter if letter.isprintable() else "?" for letter in text)


def _numbers(line: str) -> list[float]:
    if "." not in line:
        line = _DECIMAL_COMMA.sub(r"\1.\2", line)
    return [float(number) for number in _NUMBER.findall(line)]
