"""Frame grabbers and capture cards: `grabber:0?size=1920x1080&fps=60&format=YUYV`, also by name."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from devices.grabber_capture import Capture, NotNow, Trouble
from devices.grabber_mode import Grabber, Mode, Wish, choose, parse_wish
from devices.grabber_source import GrabberSource
from rtguide.errors import ConfigError
from rtguide.model.address import SourceAddress
from rtguide.ports import DeviceListing, FrameSource, OpenContext

__all__ = ["FrameGrabberDevice", "find"]


class FrameGrabberDevice:
    """Opens capture devices: on Linux by V4L2 itself, on Windows and macOS through OpenCV."""

    takes_scheme = True

    def __init__(
        self,
        list_grabbers: Callable[[], Sequence[Grabber]] | None = None,
        open_capture: Callable[[Grabber, Wish], Capture] | None = None,
    ) -> None:
        self._list_grabbers = list_grabbers or _list_grabbers
        self._open_capture = open_capture or _open_capture

    def sniff(self, path: Path, head: bytes) -> int:
        """Never: a grabber is no file."""
        del path, head
        return 0

    def list(self) -> Sequence[DeviceListing]:
        """Every grabber as it opens unasked, then each of its sizes and pixel formats with its fastest rate."""
        listings = []
        for number, grabber in enumerate(self._list_grabbers()):
            best = choose(grabber.modes, Wish())
            about = "in use, or no permission" if best is None and not grabber.modes else f"opens with {best}"
            inputs = f"; inputs: {', '.join(grabber.inputs)} (add ?input=NAME)" if len(grabber.inputs) > 1 else ""
            listings.append(DeviceListing(f"grabber:{number}", f"{grabber.name} ({grabber.place}): {about}{inputs}"))
            listings += [DeviceListing(_address(number, mode), f"{grabber.name}: {mode}") for mode in grabber.modes]
        return listings

    def open(self, address: SourceAddress, context: OpenContext) -> FrameSource:
        """Open it; always live, whether paced or not.

        `size`, `fps`, `format` are asked for and read back: what the device does otherwise stands in the source's
        warnings. `input` is a socket's name or number. Found again by where it is plugged in, else by its name.

        Raises
        ------
        DeviceError
            Not there, in use, no permission, no signal: the message names it; `is_passing` is true.
        ConfigError
            The address is written wrongly, or more than one grabber has this name.
        """
        wish = parse_wish(address)
        first = find(self._list_grabbers(), address)

        def connect() -> Capture:
            return self._open_capture(_again(first, self._list_grabbers()), wish)

        return GrabberSource(connect, wish, address.text, context.clock)


def find(grabbers: Sequence[Grabber], address: SourceAddress) -> Grabber:
    """The grabber that the address means: a number from 0, a path, or a part of its name.

    Raises
    ------
    NotNow
        There is none now.
    ConfigError
        More than one has this name.
    """
    body = address.body
    there = ", ".join(f"{number} {grabber.name}" for number, grabber in enumerate(grabbers)) or "none"
    if body.isdigit():
        fits = list(grabbers[int(body) : int(body) + 1])
    else:
        fits = [g for g in grabbers if g.place == body or g.name.lower() == body.lower()]
        fits = fits or [g for g in grabbers if body.lower() in g.name.lower()]
    if len(fits) > 1:
        raise ConfigError(f"{address.text!r} fits more than one grabber; there are: {there}; open it by its number")
    if not fits:
        raise NotNow(Trouble.GONE, f"{address.text}: no such grabber; plug it in; there are: {there}")
    return fits[0]


def _again(was: Grabber, there: Sequence[Grabber]) -> Grabber:
    """The same grabber, also after it was plugged in anew: the same socket, else the only one of its name."""
    same_place = [g for g in there if g.name == was.name and g.bus == was.bus]
    same_name = [g for g in there if g.name == was.name]
    if len(same_place) >= 1:
        return next((g for g in same_place if g.place == was.place), same_place[0])
    if len(same_name) == 1:
        return same_name[0]
    raise NotNow(Trouble.GONE, f"{was.name} ({was.place}): gone; plug it in again")


def _is_linux() -> bool:
    return sys.platform.startswith("linux")


def _address(number: int, mode: Mode) -> str:
    rate = "" if mode.rate_hz is None else f"&fps={mode.rate_hz:.6g}"
    return f"grabber:{number}?size={mode.size_px[0]}x{mode.size_px[1]}{rate}&format={mode.form}"


def _list_grabbers() -> Sequence[Grabber]:
    if _is_linux():
        from devices import grabber_v4l2  # noqa: PLC0415 - fcntl is Linux's own

        return grabber_v4l2.list_grabbers()
    from devices import grabber_opencv  # noqa: PLC0415 - imports OpenCV

    return grabber_opencv.list_grabbers()


def _open_capture(grabber: Grabber, wish: Wish) -> Capture:
    if _is_linux():
        from devices.grabber_v4l2 import V4l2Capture  # noqa: PLC0415

        return V4l2Capture(grabber, wish)
    from devices.grabber_opencv import OpenCvCapture  # noqa: PLC0415

    return OpenCvCapture(grabber, wish)
