"""Linux: what grabbers there are, and reading one by V4L2 itself, so that lost pictures are counted by the driver."""

import errno
import mmap
import os
import select
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np

from devices import grabber_ioctl as v4l2
from devices.grabber_capture import Grabbed, NotNow, Trouble
from devices.grabber_mode import FORMATS, Grabber, Mode, Wish, choose
from rtguide.errors import ConfigError

__all__ = ["V4l2Capture", "list_grabbers"]

BUFFERS = 3
"""One that is being filled, and at most two pictures that wait: a hiccup of one period loses nothing, and no picture
is older than two periods when it is read. Drivers that need more say so."""

_IS_CAPTURE, _IS_STREAMING, _HAS_DEVICE_CAPS = 0x1, 0x0400_0000, 0x8000_0000
_DV_TIMINGS = 0x2
_MONOTONIC, _TIMESTAMP_MASK, _BUFFER_ERROR = 0x2000, 0xE000, 0x40
_INTERLACED_FIELDS, _ALTERNATE = (2, 3, 4, 5, 6, 7, 8, 9), 7
"""Values of v4l2_field; alternate: every buffer holds one field, of half the height, twice as often."""
_SOURCE_CHANGE = 5
_OUT_OF_RANGE = "a signal outside its range; choose another resolution on the scanner"
_NO_POWER, _NO_SIGNAL, _NO_LOCK = 0x1, 0x2, 0x0100 | 0x0001_0000 | 0x0002_0000
"""Status bits of VIDIOC_ENUMINPUT: device off; no signal; no horizontal lock, no sync lock, no equalizer lock."""


def list_grabbers(folder: Path = Path("/dev")) -> list[Grabber]:
    """Every node that captures pictures, in order of number; those that cannot be opened now, without modes."""
    nodes = sorted(folder.glob("video*"), key=lambda path: int(path.name[5:]) if path.name[5:].isdigit() else 0)
    return [grabber for node in nodes if (grabber := _looked_at(node)) is not None]


def _looked_at(node: Path) -> Grabber | None:
    try:
        fd = os.open(node, os.O_RDWR | os.O_NONBLOCK)
    except OSError as error:
        sysfs = Path("/sys/class/video4linux") / node.name / "name"
        name = sysfs.read_text().strip() if sysfs.is_file() else node.name
        return Grabber(name, str(node)) if error.errno in (errno.EACCES, errno.EPERM, errno.EBUSY) else None
    try:
        about = _about(fd, str(node))
        return None if about is None else replace(about, modes=tuple(_modes(fd)), inputs=tuple(_inputs(fd)))
    except OSError:  # it does not answer as a grabber does: metadata nodes, devices that are just going away
        return None
    finally:
        os.close(fd)


def _about(fd: int, place: str) -> Grabber | None:
    capability = v4l2.Capability()
    if not v4l2.call(fd, "QUERYCAP", capability):
        return None
    can = capability.device_caps if capability.capabilities & _HAS_DEVICE_CAPS else capability.capabilities
    if not (can & _IS_CAPTURE and can & _IS_STREAMING):
        return None
    return Grabber(capability.card.decode("utf-8", "replace"), place, capability.bus_info.decode("utf-8", "replace"))


def _inputs(fd: int) -> Iterator[str]:
    entry = v4l2.Input()
    while v4l2.call(fd, "ENUMINPUT", entry):
        yield entry.name.decode("utf-8", "replace")
        entry = v4l2.Input(index=entry.index + 1)


def _modes(fd: int) -> Iterator[Mode]:
    """The modes of the chosen input, those that can be read only; the fastest rate of each size."""
    about = v4l2.FormatName(type=v4l2.CAPTURE)
    while v4l2.call(fd, "ENUM_FMT", about):
        form = _form(about.pixelformat)
        if form in FORMATS:
            for size_px in _sizes(fd, about.pixelformat):
                yield Mode(size_px, _fastest(fd, about.pixelformat, size_px), form)
        about = v4l2.FormatName(type=v4l2.CAPTURE, index=about.index + 1)


def _form(number: int) -> str:
    return {"JPEG": "MJPG"}.get(v4l2.fourcc_text(number), v4l2.fourcc_text(number))


def _sizes(fd: int, pixelformat: int) -> Iterator[tuple[int, int]]:
    entry = v4l2.FrameSize(pixel_format=pixelformat)
    while v4l2.call(fd, "ENUM_FRAMESIZES", entry):
        if entry.type != 1:  # a range: its largest
            yield entry.values[1], entry.values[4]
            return
        yield entry.values[0], entry.values[1]
        entry = v4l2.FrameSize(pixel_format=pixelformat, index=entry.index + 1)


def _fastest(fd: int, pixelformat: int, size_px: tuple[int, int]) -> float | None:
    rates = []
    for index in range(64):
        entry = v4l2.FrameInterval(index=index, pixel_format=pixelformat, width=size_px[0], height=size_px[1])
        if not v4l2.call(fd, "ENUM_FRAMEINTERVALS", entry):
            break
        if entry.values[0].numerator:
            rates.append(entry.values[0].denominator / entry.values[0].numerator)
    return max(rates, default=None)


class V4l2Capture:
    """One grabber that streams. `grab` belongs to one thread; `close` may be called from any.

    Raises
    ------
    NotNow
        It cannot be opened now, for a reason that may pass; the trouble is named.
    ConfigError
        It has no such input, or no pixel format that can be read.
    """

    def __init__(self, grabber: Grabber, wish: Wish) -> None:
        from devices.grabber_pixels import decoded  # noqa: PLC0415 - imports OpenCV, which a list of devices does not need

        self._decode = decoded
        self.grabber = grabber
        self._lock = threading.Lock()
        self._maps: list[mmap.mmap] = []
        self._wake_read, self._wake_write = os.pipe()
        self._fd = -1
        try:
            self._fd = os.open(grabber.place, os.O_RDWR | os.O_NONBLOCK)
            self._select_input(wish)
            self._is_dv = self._follow_signal()
            self.mode = self._negotiate(wish)
            self._start()
        except OSError as error:
            self.close()
            raise _not_now(grabber, error) from error
        except (ConfigError, NotNow):
            self.close()
            raise

    def grab(self, timeout_s: float) -> Grabbed | None:
        """The oldest picture that waits, or None if none came in time.

        Raises
        ------
        NotNow
            No signal, or the device is gone; what is to be said is in it.
        """
        with self._lock:
            if self._fd < 0:
                return None
            try:
                readable, _, urgent = select.select([self._fd, self._wake_read], [], [self._fd], timeout_s)
                self._check_signal()
                if urgent and self._has_changed():
                    raise NotNow(Trouble.CHANGED, f"{self.grabber.name}: the signal changes; it is read anew")
                if self._fd not in readable:
                    return None
                return self._dequeue()
            except OSError as error:
                raise _not_now(self.grabber, error) from error

    def close(self) -> None:
        """Stop and let go; a waiting `grab` ends at once."""
        with suppress(OSError):  # closed by another thread meanwhile
            os.write(self._wake_write, b"x")
        with self._lock:
            if self._wake_write < 0:
                return
            for memory in self._maps:
                memory.close()
            for fd in (self._fd, self._wake_read, self._wake_write):
                if fd >= 0:
                    os.close(fd)
            self._fd = self._wake_read = self._wake_write = -1

    def _select_input(self, wish: Wish) -> None:
        names = list(_inputs(self._fd))
        self._input = v4l2.Number()
        v4l2.call(self._fd, "G_INPUT", self._input)
        if wish.input_name is not None:
            wanted = wish.input_name.lower()
            fits = [i for i, name in enumerate(names) if wanted in (str(i), name.lower())]
            if not fits:
                raise ConfigError(f"{self.grabber.name} has no input {wish.input_name!r}; it has: {', '.join(names)}")
            if fits[0] != self._input.value:
                self._input = v4l2.Number(fits[0])
                v4l2.call(self._fd, "S_INPUT", self._input)
        self._check_signal()

    def _check_signal(self) -> None:
        """Ask the driver whether there is a signal: pictures keep coming without one, and are noise."""
        entry = v4l2.Input(index=self._input.value)
        if not v4l2.call(self._fd, "ENUMINPUT", entry):
            return
        where = f"{self.grabber.name}, input {entry.name.decode('utf-8', 'replace')}"
        if entry.status & _NO_POWER:
            raise NotNow(Trouble.NO_SIGNAL, f"{where}: the device behind it is off; switch the scanner on")
        if entry.status & _NO_SIGNAL:
            raise NotNow(Trouble.NO_SIGNAL, f"{where}: no signal; check the cable and that the scanner is on")
        if entry.status & _NO_LOCK:
            raise NotNow(Trouble.NO_SIGNAL, f"{where}: a signal that cannot be read; check cable and scanner's output")

    def _follow_signal(self) -> bool:
        """On a digital input, take the timings of the signal; false where there are none (cameras, most USB)."""
        entry = v4l2.Input(index=self._input.value)
        if not (v4l2.call(self._fd, "ENUMINPUT", entry) and entry.capabilities & _DV_TIMINGS):
            return False
        timings = v4l2.Timings()
        try:
            if v4l2.call(self._fd, "QUERY_DV_TIMINGS", timings) and not v4l2.call(self._fd, "S_DV_TIMINGS", timings):
                raise NotNow(Trouble.NO_SIGNAL, f"{self.grabber.name}: {_OUT_OF_RANGE}")
        except OSError as error:
            if error.errno not in (errno.ENOLINK, errno.ENOLCK, errno.ERANGE):
                raise
            what = {errno.ENOLINK: "no signal", errno.ENOLCK: "an unsteady signal"}.get(error.errno or 0, _OUT_OF_RANGE)
            raise NotNow(Trouble.NO_SIGNAL, f"{self.grabber.name}: {what}") from error
        v4l2.call(self._fd, "SUBSCRIBE_EVENT", v4l2.EventSubscription(type=_SOURCE_CHANGE, id=self._input.value))
        return True

    def _has_changed(self) -> bool:
        event, has_changed = v4l2.Event(), False
        while True:
            try:
                if not v4l2.call(self._fd, "DQEVENT", event):
                    return has_changed
            except OSError as error:
                if error.errno == errno.ENOENT:
                    return has_changed
                raise
            has_changed = has_changed or event.type == _SOURCE_CHANGE

    def _negotiate(self, wish: Wish) -> Mode:
        """Ask for the mode that fits best, and read back what the driver made of it."""
        chosen = self._mode_to_ask(wish)
        form = v4l2.Format(type=v4l2.CAPTURE)
        v4l2.call(self._fd, "G_FMT", form)
        pix = form.fmt.pix
        pix.width, pix.height = chosen.size_px
        pix.pixelformat, pix.field, pix.bytesperline, pix.sizeimage = v4l2.fourcc(chosen.form), 0, 0, 0
        v4l2.call(self._fd, "S_FMT", form)
        self._stride = pix.bytesperline
        got = _form(pix.pixelformat)
        if got not in FORMATS:
            raise ConfigError(f"{self.grabber.name} sends {got}, which rtguide cannot read ({', '.join(FORMATS)})")
        rate_hz = self._set_rate(wish.rate_hz or chosen.rate_hz)
        if rate_hz is not None and pix.field == _ALTERNATE and self._is_dv:
            rate_hz *= 2
        return Mode((pix.width, pix.height), rate_hz, got, pix.field in _INTERLACED_FIELDS)

    def _mode_to_ask(self, wish: Wish) -> Mode:
        modes = list(_modes(self._fd))
        if self._is_dv:
            form = v4l2.Format(type=v4l2.CAPTURE)
            v4l2.call(self._fd, "G_FMT", form)
            size_px = wish.size_px or (form.fmt.pix.width, form.fmt.pix.height)
            modes = [Mode(size_px, None, mode_form) for mode_form in {m.form for m in modes} or {"YUYV"}]
        chosen = choose(modes, wish)
        if chosen is None:
            raise ConfigError(f"{self.grabber.name} offers no pixel format that rtguide reads ({', '.join(FORMATS)})")
        return chosen if wish.size_px is None else replace(chosen, size_px=wish.size_px)

    def _set_rate(self, rate_hz: float | None) -> float | None:
        if self._is_dv:
            timings = v4l2.Timings()
            return timings.rate_hz() if v4l2.call(self._fd, "G_DV_TIMINGS", timings) else None
        parameters = v4l2.StreamParameters(type=v4l2.CAPTURE)
        if rate_hz is not None:
            parameters.timeperframe = v4l2.Fraction(1000, round(rate_hz * 1000))
            v4l2.call(self._fd, "S_PARM", parameters)
        if not v4l2.call(self._fd, "G_PARM", parameters) or not parameters.timeperframe.numerator:
            return None
        return float(parameters.timeperframe.denominator / parameters.timeperframe.numerator)

    def _start(self) -> None:
        request = v4l2.RequestBuffers(count=BUFFERS, type=v4l2.CAPTURE, memory=v4l2.MMAP)
        if not v4l2.call(self._fd, "REQBUFS", request):
            raise NotNow(Trouble.FAILED, f"{self.grabber.name}: gives no memory to stream into; plug it in anew")
        for index in range(request.count):
            buffer = v4l2.Buffer(index=index, type=v4l2.CAPTURE, memory=v4l2.MMAP)
            v4l2.call(self._fd, "QUERYBUF", buffer)
            self._maps.append(mmap.mmap(self._fd, buffer.length, offset=buffer.offset, prot=mmap.PROT_READ))
            self._queue(buffer)
        if not v4l2.call(self._fd, "STREAMON", v4l2.Number(v4l2.CAPTURE)):
            raise NotNow(Trouble.FAILED, f"{self.grabber.name}: does not begin to stream; plug it in anew")

    def _queue(self, buffer: v4l2.Buffer) -> None:
        if not v4l2.call(self._fd, "QBUF", buffer):
            raise NotNow(Trouble.FAILED, f"{self.grabber.name}: refuses a buffer; it is started anew")

    def _dequeue(self) -> Grabbed | None:
        buffer = v4l2.Buffer(type=v4l2.CAPTURE, memory=v4l2.MMAP)
        try:
            if not v4l2.call(self._fd, "DQBUF", buffer):
                raise NotNow(Trouble.FAILED, f"{self.grabber.name}: stopped streaming; it is started anew")
        except BlockingIOError:
            return None
        number, stamp_ns = buffer.sequence, None  # read now: queueing the buffer again clears them
        if buffer.flags & _TIMESTAMP_MASK == _MONOTONIC:
            stamp_ns = buffer.seconds * 1_000_000_000 + buffer.microseconds * 1000
        pixels = None
        if not buffer.flags & _BUFFER_ERROR:
            data = np.frombuffer(self._maps[buffer.index], np.uint8, buffer.bytesused)
            pixels = self._decode(data, self.mode.form, self.mode.size_px, self._stride)
            del data
        self._queue(buffer)
        return Grabbed(pixels, number, stamp_ns)


def _not_now(grabber: Grabber, error: OSError) -> NotNow:
    """The system's refusal in the user's terms."""
    name = f"{grabber.name} ({grabber.place})"
    match error.errno:
        case errno.EBUSY:
            return NotNow(Trouble.BUSY, f"{name}: in use by another program; close that (a browser, OBS, VLC)")
        case errno.EACCES | errno.EPERM:
            what = "no permission; add yourself to the group video (sudo usermod -aG video $USER) and log in again"
            return NotNow(Trouble.NO_PERMISSION, f"{name}: {what}")
        case errno.ENODEV | errno.ENXIO | errno.ENOENT:
            return NotNow(Trouble.GONE, f"{name}: gone; plug it in again")
        case errno.ENOLINK | errno.ENOLCK:
            return NotNow(Trouble.NO_SIGNAL, f"{name}: no signal; check the cable and that the scanner is on")
        case _:
            return NotNow(
                Trouble.FAILED, f"{name}: failed ({error.strerror}); it is started anew, else plug it in again"
            )
