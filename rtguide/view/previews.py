"""Small live pictures of what could be opened, for the start page: read in one thread, twice a second."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtguide.errors import SourceEnded
from rtguide.opencv import cv2
from rtguide.pipeline.loop import attempt
from rtguide.ports import FrameSource

__all__ = ["Offer", "Preview", "Previews"]

_EVERY_S = 0.5
_READ_S = 0.2
_TRY_AGAIN = 10
"""Rounds until what could not be opened is tried again: another program may have let go of it."""

PREVIEW_PX = (240, 135)


@dataclass(frozen=True, slots=True)
class Offer:
    """Something that can be opened: what to call it, and its address."""

    text: str
    address: str


@dataclass(frozen=True, slots=True, eq=False)
class Preview:
    """What was seen there last: pixels uint8 (h, w) or (h, w, 3), None where nothing can be seen; then why."""

    pixels: NDArray[np.uint8] | None
    why: str = ""


class _Looked:
    """One source that is looked into."""

    def __init__(self) -> None:
        self.source: FrameSource | None = None
        self.is_over = False
        self.rest = 0


class Previews:
    """Looks into every offer until it is stopped; sources that come and go are found anew.

    open_source: opens an address for looking into · find: what else is there now, may take seconds.
    """

    def __init__(
        self,
        offers: Sequence[Offer],
        open_source: Callable[[str], FrameSource],
        find: Callable[[], Sequence[Offer]] = tuple,
    ) -> None:
        self._offers, self._open, self._find = tuple(offers), open_source, find
        self._lock = threading.Lock()
        self._found: tuple[Offer, ...] = ()
        self._previews: dict[str, Preview] = {}
        self._stop = threading.Event()
        self._looked: dict[str, _Looked] = {}
        self._thread = threading.Thread(target=self._run, name="rtguide-previews", daemon=True)
        self._thread.start()

    @property
    def found(self) -> tuple[Offer, ...]:
        """What was found beside the offers."""
        with self._lock:
            return self._found

    @property
    def newest(self) -> dict[str, Preview]:
        """The last picture of each address that was looked into."""
        with self._lock:
            return dict(self._previews)

    @property
    def is_closed(self) -> bool:
        """Whether every source has been let go."""
        return not self._thread.is_alive()

    def stop(self) -> None:
        """Begin to let go; returns at once."""
        self._stop.set()

    def join(self, timeout_s: float) -> None:
        """Wait until everything is let go, at most so long."""
        self._thread.join(timeout_s)

    def _run(self) -> None:
        rounds = 0
        try:
            while not self._stop.is_set():
                if rounds % _TRY_AGAIN == 0:
                    self._look_around()
                for offer in (*self._offers, *self.found):
                    if self._stop.is_set():
                        break
                    self._look_into(offer.address)
                rounds += 1
                self._stop.wait(_EVERY_S)
        finally:
            for looked in self._looked.values():
                if looked.source is not None:
                    attempt(looked.source.close)

    def _look_around(self) -> None:
        found, _ = attempt(self._find)  # what is wrong with a device is said when it is opened
        with self._lock:
            self._found = tuple(found or ())

    def _look_into(self, address: str) -> None:
        looked = self._looked.setdefault(address, _Looked())
        if looked.is_over:
            return
        if looked.rest > 0:
            looked.rest -= 1
            return
        preview, why = attempt(self._next, looked, address)
        if why is not None:
            looked.rest = _TRY_AGAIN
            if looked.source is not None:
                attempt(looked.source.close)
            looked.source = None
            preview = Preview(None, why)
        if preview is not None:
            self._keep(address, preview)

    def _next(self, looked: _Looked, address: str) -> Preview | None:
        """What is seen there now; None where nothing new is. It may fail in any way: devices can be plugged in."""
        try:
            if looked.source is None:
                looked.source = self._open(address)
            frame = looked.source.read(_READ_S)
        except SourceEnded:
            looked.is_over = True  # its last picture stays
            return None
        return None if frame is None else Preview(_shrunk(frame.pixels))

    def _keep(self, address: str, preview: Preview) -> None:
        with self._lock:
            self._previews[address] = preview


def _shrunk(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """No larger than a preview."""
    height, width = pixels.shape[:2]
    scale = min(1.0, PREVIEW_PX[0] / width, PREVIEW_PX[1] / height)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
