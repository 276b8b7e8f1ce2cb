"""An open grabber as a source of frames: numbers without silent gaps, named troubles, reconnecting by itself."""

import threading
from collections.abc import Callable
from dataclasses import replace

from devices.grabber_capture import Capture, NotNow, Trouble
from devices.grabber_mode import Mode, Wish, difference
from rtguide.clock import Clock
from rtguide.errors import SourceEnded
from rtguide.model.frame import Frame, SourceInfo, SourceKind
from rtguide.model.geometry import ImageGeometry

__all__ = ["GrabberSource"]

LOOK_EVERY_S = 0.05
"""How long one wait for a picture lasts before the driver is asked again whether there is a signal."""

TRY_EVERY_S = 0.2
"""Pause between two tries to open anew: a trouble that passes is noticed well within half a second."""

_FARTHEST_STEP = 0x7FFFFFFF
"""The driver counts in 32 bits. A number that seems to lie further ahead lies behind: it has begun anew."""

SILENT_AFTER_S = 0.4
"""No picture for this long is a trouble of its own: ten periods at the slowest usual rate, 24/s."""


class GrabberSource:
    """Frames of a grabber. The first connection is made by the constructor, every other one by `read`.

    `seq` counts the driver's pictures while there was a signal: those the driver dropped or that came damaged are gaps;
    pictures that came without a signal are no frames and are not counted. `t_device_ns` is the driver's stamp.
    """

    def __init__(self, connect: Callable[[], Capture], wish: Wish, address: str, clock: Clock) -> None:
        self._connect, self._wish, self._clock = connect, wish, clock
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self._reading = threading.Lock()
        self._capture: Capture | None = connect()
        self._mode = mode = self._capture.mode
        height, width = mode.size_px[1], mode.size_px[0]
        self._info = SourceInfo(
            self._capture.grabber.name, SourceKind.LIVE, (height, width), mode.rate_hz, None, address
        )
        self._warnings = tuple(_warnings(self._capture.grabber.name, wish, mode))
        self._trouble: str | None = None
        self._seq = -1
        self._number: int | None = None
        self._stamp_ns: int | None = None
        self._heard_ns = clock.now_ns()

    @property
    def info(self) -> SourceInfo:
        """Kind live; size and rate as the driver says, anew after the signal came back in another size."""
        return self._info

    @property
    def geometry(self) -> ImageGeometry | None:
        """A grabber knows nothing of its picture."""
        return None

    @property
    def mode(self) -> Mode:
        """What the driver said it would send."""
        return self._mode

    @property
    def warnings(self) -> tuple[str, ...]:
        """A mode that is not what was asked for, an interlaced signal."""
        return self._warnings

    @property
    def trouble(self) -> str | None:
        """Why no picture comes now, in one line; None while they come."""
        with self._lock:
            return self._trouble

    def read(self, timeout_s: float) -> Frame | None:
        """The next picture, or None if none came in time or there is trouble now.

        Raises
        ------
        SourceEnded
            The source was closed.
        """
        with self._reading:
            until_ns = self._clock.now_ns() + round(timeout_s * 1e9)
            while True:
                if self._closed.is_set():
                    raise SourceEnded("the grabber was closed")
                left_s = (until_ns - self._clock.now_ns()) / 1e9
                frame = self._try_to_read(min(max(0.0, left_s), LOOK_EVERY_S))
                if frame is not None:
                    return frame
                if left_s <= LOOK_EVERY_S:
                    if self._closed.is_set():
                        raise SourceEnded("the grabber was closed")
                    return None

    def close(self) -> None:
        """End a waiting `read`, and let go of the device."""
        self._closed.set()
        with self._lock:
            capture = self._capture
        if capture is not None:
            capture.close()
        if self._reading.acquire(timeout=1.0):  # a reader that was just connecting anew has closed that itself by then
            self._reading.release()

    def _try_to_read(self, timeout_s: float) -> Frame | None:
        try:
            capture = self._connected()
            grabbed = capture.grab(timeout_s)
        except NotNow as error:
            self._give_up(error)
            return None
        now_ns = self._clock.now_ns()
        if grabbed is None:
            if now_ns - self._heard_ns > SILENT_AFTER_S * 1e9:
                silence_s = (now_ns - self._heard_ns) / 1e9
                self._say(
                    f"{Trouble.SILENT}: {self._info.name} has sent nothing for {silence_s:.0f} s; check the cable"
                )
            return None
        self._heard_ns = now_ns
        self._count(grabbed.number)
        if grabbed.pixels is None:
            return None
        self._say(None)
        return Frame(self._seq, now_ns, self._rising(grabbed.stamp_ns), grabbed.pixels)

    def _connected(self) -> Capture:
        with self._lock:
            capture = self._capture
        if capture is not None:
            return capture
        capture = self._connect()
        self._take_mode(capture)
        with self._lock:
            self._capture, self._number = capture, None
            is_closed = self._closed.is_set()
        if is_closed:
            capture.close()
        self._heard_ns = self._clock.now_ns()
        return capture

    def _take_mode(self, capture: Capture) -> None:
        """The signal may have come back in another size: frames have it from now on, their numbers go on."""
        mode = capture.mode
        if mode == self._mode:
            return
        height, width = mode.size_px[1], mode.size_px[0]
        said = tuple(_warnings(self._info.name, self._wish, mode))
        if mode.size_px != self._mode.size_px:
            was = f"{self._mode.size_px[0]}×{self._mode.size_px[1]}"
            said += (f"{self._info.name}: sends {width}×{height} now, before {was}: check region, scale and marks",)
        self._mode, self._warnings = mode, said
        self._info = replace(self._info, shape_px=(height, width), rate_hz=mode.rate_hz)

    def _give_up(self, error: NotNow) -> None:
        """Say it, let go of the device, and wait a little before the next try."""
        if not self._closed.is_set():
            self._say(str(error))
        with self._lock:
            capture, self._capture = self._capture, None
        if capture is not None:
            capture.close()
        self._clock.wait(self._closed, TRY_EVERY_S)

    def _say(self, trouble: str | None) -> None:
        with self._lock:
            self._trouble = trouble

    def _count(self, number: int | None) -> None:
        """The number of this picture: on by as many as the driver went on; by one after it began to count anew."""
        step = 1 if number is None or self._number is None else (number - self._number) & 0xFFFFFFFF
        self._seq += step if 0 < step <= _FARTHEST_STEP else 1
        self._number = number

    def _rising(self, stamp_ns: int | None) -> int | None:
        """The driver's stamp, never before the last one."""
        if stamp_ns is not None and self._stamp_ns is not None:
            stamp_ns = max(stamp_ns, self._stamp_ns + 1)
        self._stamp_ns = stamp_ns if stamp_ns is not None else self._stamp_ns
        return stamp_ns


def _warnings(name: str, wish: Wish, mode: Mode) -> list[str]:
    found = difference(wish, mode)
    lines = [] if found is None else [f"{name}: {found}"]
    if mode.is_interlaced:
        size = f"{mode.size_px[0]}×{mode.size_px[1]}"
        lines.append(f"{name}: interlaced ({size}): edges comb, lines are missing; set the scanner to progressive")
    return lines
