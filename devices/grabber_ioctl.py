"""The part of Linux's V4L2 interface that a frame grabber needs: structures, request numbers, one call.

Written from the kernel's userspace API guide, part "Video for Linux API" (structures by name in its chapter 7).
"""

import ctypes
import errno
import fcntl
from ctypes import Structure, Union, c_char, c_int, c_int32, c_long, c_uint8, c_uint32, c_uint64, c_ulong
from typing import Any

__all__ = ["CAPTURE", "MMAP", "call", "fourcc", "fourcc_text"]

CAPTURE, MMAP = 1, 1
"""V4L2_BUF_TYPE_VIDEO_CAPTURE, V4L2_MEMORY_MMAP."""


class Capability(Structure):
    """v4l2_capability."""

    _fields_ = [("driver", c_char * 16), ("card", c_char * 32), ("bus_info", c_char * 32), ("version", c_uint32),
                ("capabilities", c_uint32), ("device_caps", c_uint32), ("reserved", c_uint32 * 3)]  # fmt: skip


class Input(Structure):
    """v4l2_input."""

    _fields_ = [("index", c_uint32), ("name", c_char * 32), ("type", c_uint32), ("audioset", c_uint32),
                ("tuner", c_uint32), ("std", c_uint64), ("status", c_uint32), ("capabilities", c_uint32),
                ("reserved", c_uint32 * 3)]  # fmt: skip


class FormatName(Structure):
    """v4l2_fmtdesc."""

    _fields_ = [("index", c_uint32), ("type", c_uint32), ("flags", c_uint32), ("description", c_char * 32),
                ("pixelformat", c_uint32), ("mbus_code", c_uint32), ("reserved", c_uint32 * 3)]  # fmt: skip


class _Pix(Structure):
    _fields_ = [(name, c_uint32) for name in (
        "width", "height", "pixelformat", "field", "bytesperline", "sizeimage", "colorspace", "priv", "flags",
        "ycbcr_enc", "quantization", "xfer_func")]  # fmt: skip


class _FormatUnion(Union):
    _fields_ = [("pix", _Pix), ("raw", c_uint8 * 200), ("align", c_ulong)]


class Format(Structure):
    """v4l2_format."""

    _fields_ = [("type", c_uint32), ("fmt", _FormatUnion)]


class RequestBuffers(Structure):
    """v4l2_requestbuffers."""

    _fields_ = [("count", c_uint32), ("type", c_uint32), ("memory", c_uint32), ("capabilities", c_uint32),
                ("flags", c_uint32)]  # fmt: skip


class Buffer(Structure):
    """v4l2_buffer, its `timeval` and `timecode` spelt out."""

    _fields_ = [("index", c_uint32), ("type", c_uint32), ("bytesused", c_uint32), ("flags", c_uint32),
                ("field", c_uint32), ("seconds", c_long), ("microseconds", c_long), ("timecode", c_uint32 * 4),
                ("sequence", c_uint32), ("memory", c_uint32), ("offset", c_ulong), ("length", c_uint32),
                ("reserved2", c_uint32), ("request_fd", c_int32)]  # fmt: skip


class Fraction(Structure):
    """v4l2_fract."""

    _fields_ = [("numerator", c_uint32), ("denominator", c_uint32)]


class StreamParameters(Structure):
    """v4l2_streamparm for capture."""

    _fields_ = [("type", c_uint32), ("capability", c_uint32), ("capturemode", c_uint32), ("timeperframe", Fraction),
                ("rest", c_uint8 * 184)]  # fmt: skip


class FrameSize(Structure):
    """v4l2_frmsizeenum. values: (width, height), or least, most and step of width, then of height."""

    _fields_ = [("index", c_uint32), ("pixel_format", c_uint32), ("type", c_uint32), ("values", c_uint32 * 6),
                ("reserved", c_uint32 * 2)]  # fmt: skip


class FrameInterval(Structure):
    """v4l2_frmivalenum. values: one fraction of a second, or shortest, longest and step."""

    _fields_ = [("index", c_uint32), ("pixel_format", c_uint32), ("width", c_uint32), ("height", c_uint32),
                ("type", c_uint32), ("values", Fraction * 3), ("reserved", c_uint32 * 2)]  # fmt: skip


class Timings(Structure):
    """v4l2_dv_timings of an HDMI or DVI signal (v4l2_bt_timings). blanking: front porch, sync, back porch, h then v."""

    _pack_ = 1
    _fields_ = [("type", c_uint32), ("width", c_uint32), ("height", c_uint32), ("interlaced", c_uint32),
                ("polarities", c_uint32), ("pixelclock", c_uint64), ("blanking", c_uint32 * 9),
                ("rest", c_uint8 * 68)]  # fmt: skip

    def rate_hz(self) -> float | None:
        """Frames a second; None where the driver does not tell the clock."""
        lines = self.height + sum(self.blanking[3:9])
        total = (self.width + sum(self.blanking[0:3])) * lines
        return self.pixelclock / total if total and self.pixelclock else None


class EventSubscription(Structure):
    """v4l2_event_subscription."""

    _fields_ = [("type", c_uint32), ("id", c_uint32), ("flags", c_uint32), ("reserved", c_uint32 * 5)]


class Event(Structure):
    """v4l2_event."""

    _fields_ = [("type", c_uint32), ("u", c_uint64 * 8), ("pending", c_uint32), ("sequence", c_uint32),
                ("seconds", c_long), ("nanoseconds", c_long), ("id", c_uint32), ("reserved", c_uint32 * 8)]  # fmt: skip


class Number(Structure):
    """A plain int, as the requests for inputs and streaming take it."""

    _fields_ = [("value", c_int)]


_WRITE, _READ = 1, 2
_BOTH = _WRITE | _READ
_REQUESTS: dict[str, tuple[int, int, type[Structure]]] = {
    "QUERYCAP": (_READ, 0, Capability),
    "ENUM_FMT": (_BOTH, 2, FormatName),
    "G_FMT": (_BOTH, 4, Format),
    "S_FMT": (_BOTH, 5, Format),
    "REQBUFS": (_BOTH, 8, RequestBuffers),
    "QUERYBUF": (_BOTH, 9, Buffer),
    "QBUF": (_BOTH, 15, Buffer),
    "DQBUF": (_BOTH, 17, Buffer),
    "STREAMON": (_WRITE, 18, Number),
    "STREAMOFF": (_WRITE, 19, Number),
    "G_PARM": (_BOTH, 21, StreamParameters),
    "S_PARM": (_BOTH, 22, StreamParameters),
    "ENUMINPUT": (_BOTH, 26, Input),
    "G_INPUT": (_READ, 38, Number),
    "S_INPUT": (_BOTH, 39, Number),
    "ENUM_FRAMESIZES": (_BOTH, 74, FrameSize),
    "ENUM_FRAMEINTERVALS": (_BOTH, 75, FrameInterval),
    "S_DV_TIMINGS": (_BOTH, 87, Timings),
    "G_DV_TIMINGS": (_BOTH, 88, Timings),
    "DQEVENT": (_READ, 89, Event),
    "SUBSCRIBE_EVENT": (_WRITE, 90, EventSubscription),
    "QUERY_DV_TIMINGS": (_READ, 99, Timings),
}
"""Name without `VIDIOC_` → direction, number, structure (videodev2.h, `_IOC` encoding of asm-generic/ioctl.h)."""


def request_number(name: str) -> int:
    """The number that the kernel knows the request by."""
    direction, number, kind = _REQUESTS[name]
    return direction << 30 | ctypes.sizeof(kind) << 16 | ord("V") << 8 | number


def call(fd: int, name: str, value: Any) -> bool:
    """Make the request `VIDIOC_name`, which fills `value`; false where the driver says that there is no such thing.

    Raises
    ------
    OSError
        Anything else: busy, gone, no link.
    """
    while True:
        try:
            fcntl.ioctl(fd, request_number(name), value)
        except InterruptedError:
            continue
        except OSError as error:
            if error.errno in (errno.EINVAL, errno.ENOTTY, errno.ENODATA):
                return False
            raise
        return True


def fourcc(text: str) -> int:
    """The number of a pixel format's four letters."""
    return int.from_bytes(text.encode("ascii"), "little")


def fourcc_text(number: int) -> str:
    """The letters of a pixel format's number."""
    return (number & 0x7FFFFFFF).to_bytes(4, "little").decode("ascii", "replace").strip()
