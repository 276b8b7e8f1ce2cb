"""A frame's number and times inside the video itself, so that `frames.jsonl` can be rebuilt from it.

It lies in the frame's cluster as an EBML Void element, which every player passes over.
"""

import struct
from dataclasses import dataclass

from rtguide.recording.layout import FrameFlag

__all__ = ["FrameStamp", "read_stamp"]

_FORM = struct.Struct(">4sQqqB")
_MAGIC = b"rtg1"
_NO_TIME = -(1 << 63)
_FLAGS = (FrameFlag.RGB, FrameFlag.GREY)


@dataclass(frozen=True, slots=True)
class FrameStamp:
    """What a frame's line says of it, without where it lies. Times in nanoseconds."""

    seq: int
    t_capture_ns: int
    t_device_ns: int | None
    flags: tuple[str, ...]

    def to_bytes(self) -> bytes:
        """29 bytes: `rtg1`, then big-endian seq, capture time, device time (−2⁶³ for none), flags (1 rgb, 2 grey)."""
        bits = sum(1 << bit for bit, flag in enumerate(_FLAGS) if flag in self.flags)
        device = _NO_TIME if self.t_device_ns is None else self.t_device_ns
        return _FORM.pack(_MAGIC, self.seq, self.t_capture_ns, device, bits)


def read_stamp(note: bytes) -> FrameStamp | None:
    """The stamp in a cluster's note; None where there is none."""
    if len(note) != _FORM.size or not note.startswith(_MAGIC):
        return None
    _, seq, capture, device, bits = _FORM.unpack(note)
    flags = tuple(flag for bit, flag in enumerate(_FLAGS) if bits >> bit & 1)
    return FrameStamp(seq, capture, None if device == _NO_TIME else device, flags)
