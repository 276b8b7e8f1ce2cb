"""A microphone through FFmpeg: `mic:default` (ALSA on Linux, AVFoundation on macOS, DirectShow on Windows)."""

import sys
import threading
from collections.abc import Sequence
from contextlib import suppress

import av
import numpy as np

from rtguide.clock import Clock
from rtguide.errors import ConfigError, DeviceError, SourceEnded
from rtguide.model.address import SourceAddress
from rtguide.model.side import SideInfo, SideKind, SoundChunk
from rtguide.ports import DeviceListing
from rtguide.side_ports import SideChannel

__all__ = ["MicrophoneSide"]

FORMATS = {"linux": "alsa", "darwin": "avfoundation", "win32": "dshow"}
PREFIXES = {"avfoundation": ":", "dshow": "audio="}
"""How these formats write that the name is one of sound."""


class MicrophoneSide:
    """Opens sound inputs."""

    def list(self) -> Sequence[DeviceListing]:
        """How a microphone is written; FFmpeg does not list them the same way everywhere."""
        return (DeviceListing("mic:default", "beside the picture (--side NAME=…): a microphone", is_pattern=True),)

    def open(self, address: SourceAddress, clock: Clock) -> SideChannel:
        """Sound of 16 bits as the device gives it; `format` names another of FFmpeg's inputs (pulse, lavfi)."""
        address.refuse_unknown_options(("format",))
        form = address.options.get("format", FORMATS.get(sys.platform, "alsa"))
        if form not in av.formats_available:
            raise ConfigError(f"{address.text!r}: this build of PyAV has no input {form!r}; leave format away")
        return _Microphone(address, form, clock)


class _Microphone:
    def __init__(self, address: SourceAddress, form: str, clock: Clock) -> None:
        self._clock, self._lock = clock, threading.Lock()
        try:
            self._container = av.open(PREFIXES.get(form, "") + address.body, format=form)
            stream = self._container.streams.audio[0]
        except (av.FFmpegError, OSError, IndexError, ValueError) as error:
            raise DeviceError(f"{address.text}: cannot be opened ({error}); check its name and permission") from error
        self._resampler = av.AudioResampler(format="s16", layout=stream.layout.name, rate=stream.rate)
        self._info = SideInfo(SideKind.SOUND, address.text, "", float(stream.rate))
        self._channels = stream.codec_context.layout.nb_channels
        self._frames = self._container.decode(stream)
        self._is_closed = False

    @property
    def info(self) -> SideInfo:
        return self._info

    def read(self, timeout_s: float) -> SoundChunk | None:
        """The next piece; a microphone always gives some, so the wait is its own."""
        del timeout_s
        with self._lock:
            if self._is_closed:
                raise SourceEnded("the microphone was closed")
            try:
                pieces = [piece.to_ndarray() for piece in self._resampler.resample(next(self._frames))]
            except StopIteration as error:
                raise SourceEnded("the sound has ended") from error
            except (av.FFmpegError, OSError) as error:
                raise DeviceError(f"{self._info.address}: gone ({error}); plug it in again") from error
        if not pieces:
            return None
        samples = np.concatenate([piece.reshape(-1, self._channels) for piece in pieces])
        return SoundChunk(self._clock.now_ns(), np.ascontiguousarray(samples, np.int16))

    def close(self) -> None:
        self._is_closed = True
        if self._lock.acquire(timeout=1.0):
            try:
                with suppress(av.FFmpegError, OSError):
                    self._container.close()
            finally:
                self._lock.release()
