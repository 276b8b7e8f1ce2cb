"""Numbers and words over OpenIGTLink: `igtl://HOST:18944/NAME`, messages of the kinds STRING and SENSOR."""

import socket
from collections.abc import Sequence
from contextlib import suppress
from urllib.parse import unquote, urlsplit

from rtguide.clock import Clock
from rtguide.errors import ConfigError, DeviceError, SourceEnded
from rtguide.model.address import SourceAddress
from rtguide.model.side import SideInfo, SideKind, SideSample
from rtguide.ports import DeviceListing
from rtguide.recording.igtl_wire import HEADER_BYTES, IgtlHeader, content_of, parse_header, parse_sensor, parse_string
from rtguide.side_ports import SideChannel

__all__ = ["IgtlSide"]

USUAL_PORT = 18944
CONNECT_TIMEOUT_S = 3.0


class IgtlSide:
    """Connects to a server of OpenIGTLink."""

    def list(self) -> Sequence[DeviceListing]:
        """How a server is written: they do not announce themselves."""
        about = "beside the picture (--side NAME=…): numbers and words (STRING, SENSOR)"
        return (DeviceListing("igtl://HOST:18944/NAME", about, is_pattern=True),)

    def open(self, address: SourceAddress, clock: Clock) -> SideChannel:
        """Messages of this device name, of any where none is given; `channel` is the number of a SENSOR's value."""
        address.refuse_unknown_options(("unit", "channel"))
        return _IgtlChannel(address, clock)


class _IgtlChannel:
    def __init__(self, address: SourceAddress, clock: Clock) -> None:
        try:
            parts = urlsplit(f"igtl:{address.body}")
            host, port = parts.hostname, parts.port or USUAL_PORT
        except ValueError:
            host = None
        if not host:
            raise ConfigError(f"{address.text!r} names no server; write e.g. igtl://192.168.0.9:18944/Current")
        self._name = unquote(parts.path.strip("/"))
        self._clock, self._channel = clock, round(address.number("channel", 0, 0, 255))
        self._info = SideInfo(SideKind.VALUES, address.text, address.options.get("unit", ""))
        try:
            self._socket = socket.create_connection((host, port), CONNECT_TIMEOUT_S)
        except (OSError, UnicodeError, OverflowError) as error:
            raise DeviceError(f"{address.text}: no answer; start the server, check host and port") from error
        self._is_closed = False
        self._waiting = bytearray()

    @property
    def info(self) -> SideInfo:
        return self._info

    def read(self, timeout_s: float) -> SideSample | None:
        while True:
            message = self._message()
            if message is not None:
                sample = self._sample(*message)
                if sample is not None:
                    return sample
                continue
            if not self._receive(timeout_s):
                return None

    def close(self) -> None:
        self._is_closed = True
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _receive(self, timeout_s: float) -> bool:
        try:
            self._socket.settimeout(max(timeout_s, 0.001))
            data = self._socket.recv(1 << 16)
        except TimeoutError:
            return False
        except OSError as error:
            if self._is_closed:
                raise SourceEnded("the connection was closed") from error
            raise DeviceError(f"{self._info.address}: the connection is lost ({error})") from error
        if self._is_closed:
            raise SourceEnded("the connection was closed")
        if not data:
            raise DeviceError(f"{self._info.address}: the server has closed the connection")
        self._waiting += data
        return True

    def _message(self) -> tuple[IgtlHeader, bytes] | None:
        """The next whole message."""
        if len(self._waiting) < HEADER_BYTES:
            return None
        header = parse_header(bytes(self._waiting[:HEADER_BYTES]))
        end = HEADER_BYTES + header.body_bytes
        if len(self._waiting) < end:
            return None
        body = bytes(self._waiting[HEADER_BYTES:end])
        del self._waiting[:end]
        return header, body

    def _sample(self, header: IgtlHeader, body: bytes) -> SideSample | None:
        if self._name not in ("", header.name) or header.kind not in ("STRING", "SENSOR"):
            return None
        content = content_of(header, body)
        if header.kind == "SENSOR":
            values = parse_sensor(content)
            value: float | str | None = values[self._channel] if self._channel < len(values) else None
        else:
            value = _number_or_words(parse_string(content))
        return None if value is None else SideSample(self._clock.now_ns(), header.time_ns or None, value)


def _number_or_words(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text
