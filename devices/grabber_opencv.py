"""Windows and macOS: grabbers by OpenCV, over Media Foundation, DirectShow or AVFoundation.

Not run on either system so far; what is here is tested with a stand-in for OpenCV's reader. These systems count no
dropped pictures and give no stamp through OpenCV.
"""

import sys
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np

from devices.grabber_capture import Grabbed, NotNow, Trouble
from devices.grabber_mode import Grabber, Mode, Wish
from rtguide.opencv import cv2

__all__ = ["OpenCvCapture", "list_grabbers", "open_reader"]

DEPTH = 2
"""Pictures that may wait to be read; the oldest is given up and shows as a gap."""

JOIN_S = 1.0
_DEFAULT_SIZE_PX, _DEFAULT_HZ = (1920, 1080), 60.0


def list_grabbers() -> list[Grabber]:
    """By name, through the package cv2-enumerate-cameras; neither system lists modes through OpenCV.

    On Windows Media Foundation's, or DirectShow's where that has none. A place is OpenCV's index, which says by which
    of the two, so that a name never opens another one's device.
    """
    from cv2_enumerate_cameras import enumerate_cameras  # noqa: PLC0415 - installed on these two systems only

    for backend in (cv2.CAP_MSMF, cv2.CAP_DSHOW) if sys.platform == "win32" else (cv2.CAP_AVFOUNDATION,):
        found = enumerate_cameras(backend)
        if found:
            return [Grabber(one.name, str(one.index + backend), str(one.path or "")) for one in found]
    return []


def open_reader(place: str) -> Any:
    """OpenCV's reader of the device of this index."""
    return cv2.VideoCapture(int(place))


class OpenCvCapture:
    """One grabber. A thread reads, since OpenCV's reader waits as long as it likes.

    Raises
    ------
    NotNow
        It cannot be opened, or gives no picture.
    """

    def __init__(self, grabber: Grabber, wish: Wish, reader_of: Callable[[str], Any] = open_reader) -> None:
        self.grabber = grabber
        reader = reader_of(grabber.place)
        if not reader.isOpened():
            what = (
                "cannot be opened; close other programs that use it, allow the camera in the system's privacy settings"
            )
            raise NotNow(Trouble.BUSY, f"{grabber.name}: {what}")
        self._reader = reader
        _ask(reader, wish)
        has_picture, picture = reader.read()
        if not has_picture:
            reader.release()
            raise NotNow(Trouble.SILENT, f"{grabber.name}: opens but gives no picture; check the cable")
        rate_hz = float(reader.get(cv2.CAP_PROP_FPS))
        form = int(reader.get(cv2.CAP_PROP_FOURCC)) & 0xFFFFFFFF
        letters = form.to_bytes(4, "little").decode("ascii", "replace").strip("\0 ")
        height, width = picture.shape[:2]
        self.mode = Mode((width, height), rate_hz if 0 < rate_hz < 500 else None, _known(letters, wish))
        self._number = 0
        self._has_ended = False
        self._waiting: deque[Grabbed] = deque(maxlen=DEPTH)
        self._condition = threading.Condition()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._read_on, name="rtguide-grabber", daemon=True)
        self._thread.start()

    def grab(self, timeout_s: float) -> Grabbed | None:
        """The oldest picture that waits, or None; NotNow once the reader gives no more."""
        with self._condition:
            self._condition.wait_for(lambda: self._waiting or self._has_ended, timeout_s)
            if self._waiting:
                return self._waiting.popleft()
            if self._has_ended and not self._closed.is_set():
                raise NotNow(Trouble.GONE, f"{self.grabber.name}: gone; plug it in again")
            return None

    def close(self) -> None:
        """Ask the thread to let go; one that hangs in the driver is left behind."""
        self._closed.set()
        with self._condition:
            self._condition.notify_all()
        self._thread.join(JOIN_S)

    def _read_on(self) -> None:
        while not self._closed.is_set():
            has_picture, picture = self._reader.read()
            if not has_picture:
                break
            pixels = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8)
            with self._condition:
                self._waiting.append(Grabbed(pixels, self._number, None))
                self._number += 1
                self._condition.notify_all()
        self._reader.release()
        with self._condition:
            self._has_ended = True
            self._condition.notify_all()


def _ask(reader: Any, wish: Wish) -> None:
    """OpenCV's default is 640×480: without a wish, full size is asked for, and what comes is read back."""
    if wish.form is not None:
        reader.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*wish.form))
    width, height = wish.size_px or _DEFAULT_SIZE_PX
    reader.set(cv2.CAP_PROP_FRAME_WIDTH, width)
    reader.set(cv2.CAP_PROP_FRAME_HEIGHT, height)
    reader.set(cv2.CAP_PROP_FPS, wish.rate_hz or _DEFAULT_HZ)
    reader.set(cv2.CAP_PROP_BUFFERSIZE, 1)


def _known(letters: str, wish: Wish) -> str:
    """The pixel format as the reader names it: YUY2 is Windows' name of YUYV."""
    return {"YUY2": "YUYV", "MJPEG": "MJPG"}.get(letters, letters or wish.form or "?")
