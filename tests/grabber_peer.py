"""A grabber that is not there: noise every 40 ms in place of the system's reader, with troubles on request."""

import threading
import time
from collections.abc import Callable

import numpy as np

from devices import framegrabber
from devices.grabber_capture import Grabbed, NotNow, Trouble
from devices.grabber_mode import Grabber, Mode, Wish

PERIOD_S = 0.04
GRABBER = Grabber("Fake HDMI", "/dev/video9", "usb-1", (Mode((64, 48), 25.0, "YUYV"), Mode((64, 48), 50.0, "MJPG")))


class FakeGrabber:
    """trouble: raised by every try to read or open while it is set · mode: what it sends when it is opened."""

    def __init__(self) -> None:
        self.is_running = threading.Event()
        self.is_running.set()
        self.trouble: Trouble | None = None
        self.mode = GRABBER.modes[0]
        self.number = 0
        self.skips = 0
        self.damaged = 0
        self.opened = 0
        self._undo: Callable[[], None] | None = None

    def list(self) -> list[Grabber]:
        return [] if self.trouble is Trouble.GONE else [GRABBER]

    def open(self, grabber: Grabber, wish: Wish) -> "FakeCapture":
        del wish
        self.refuse()
        self.opened += 1
        return FakeCapture(self, grabber)

    def refuse(self) -> None:
        if self.trouble is not None:
            raise NotNow(self.trouble, f"{GRABBER.name}: told so")

    def pause(self) -> None:
        self.is_running.clear()

    def run(self) -> None:
        self.is_running.set()

    def stop(self) -> None:
        if self._undo is not None:
            self._undo()

    def install(self) -> None:
        """In place of the system's own, for every grabber that is opened by address."""
        before = framegrabber._list_grabbers, framegrabber._open_capture

        def undo() -> None:
            framegrabber._list_grabbers, framegrabber._open_capture = before

        framegrabber._list_grabbers, framegrabber._open_capture = self.list, self.open
        self._undo = undo


class FakeCapture:
    def __init__(self, peer: FakeGrabber, grabber: Grabber) -> None:
        self._peer, self.grabber, self.mode = peer, grabber, peer.mode
        self._closed = threading.Event()

    def grab(self, timeout_s: float) -> Grabbed | None:
        self._peer.refuse()
        if self._closed.wait(min(timeout_s, PERIOD_S)) or timeout_s < PERIOD_S or not self._peer.is_running.is_set():
            return None
        self._peer.number += 1 + self._peer.skips
        self._peer.skips = 0
        width, height = self.mode.size_px
        pixels = np.random.default_rng(self._peer.number).integers(0, 255, (height, width, 3), np.uint8)
        if self._peer.damaged:
            self._peer.damaged -= 1
            return Grabbed(None, self._peer.number, time.monotonic_ns())
        return Grabbed(pixels, self._peer.number, time.monotonic_ns())

    def close(self) -> None:
        self._closed.set()


def plug_in() -> FakeGrabber:
    peer = FakeGrabber()
    peer.install()
    return peer
