"""A frame's number and times inside the video itself, so that `frames.jsonl` can be rebuilt from it.

It lies in the frame's cluster as an EBML Void element, which every player passes over.
"""

import struct
from dataclasses import dataclass

from rtguide.model.frame import FrameNote
from rtguide.recording.layout import FrameFlag

__all__ = ["FrameStamp", "read_stamp"]

_FORM = struct.Struct(">4sQqqqB")
_MAGIC = b"rtg2"
_OLD_FORM = struct.Struct(">4sQqqB")
_OLD_MAGIC = b"rtg1"
_NO_TIME = -(1 << 63)
_FLAGS = (FrameFlag.RGB, FrameFlag.GREY, FrameNote.LATE, FrameNote.DUPLICATE, FrameNote.FROZEN)


@dataclass(frozen=True, slots=True)
class FrameStamp:
    """What a frame's line says of it, without where it lies. Times in nanoseconds."""

    seq: int
    t_capture_ns: int
    t_device_ns: int | None
    flags: tuple[str, ...]
    t_wall_ns: int | None = None

    def to_bytes(self) -> bytes:
        """37 bytes: `rtg2`, then big-endian seq, capture, device and wall time (−2⁶³ for none), and flags.

        Flags: 1 rgb, 2 grey, 4 late, 8 duplicate, 16 frozen. `rtg1` was the same without wall time.
        """
        bits = sum(1 << bit for bit, flag in enumerate(_FLAGS) if flag in self.flags)
        device, wall = (_NO_TIME if ns is None else ns for ns in (self.t_device_ns, self.t_wall_ns))
        return _FORM.pack(_MAGIC, self.seq, self.t_capture_ns, device, wall, bits)


def read_stamp(note: bytes) -> FrameStamp | None:
    """The stamp in a cluster's note; None where there is none."""
    wall = _NO_TIME
    if len(note) == _FORM.size and note.startswith(_MAGIC):
        _, seq, capture, device, wall, bits = _FORM.unpack(note)
    elif len(note) == _OLD_FORM.size and note.startswith(_OLD_MAGIC):
        _, seq, capture, device, bits = _OLD_FORM.unpack(note)
    else:
        return None
    flags = tuple(str(flag) for bit, flag in enumerate(_FLAGS) if bits >> bit & 1)
    device_ns, wall_ns = (None if ns == _NO_TIME else ns for ns in (device, wall))
    return FrameStamp(seq, capture, device_ns, flags, wall_ns)
