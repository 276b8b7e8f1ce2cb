"""The whole frames in a session's video file, whatever state the file is in."""

import mmap
from collections.abc import Iterator, Mapping
from pathlib import Path

from rtguide.errors import RecordingError
from rtguide.recording.ebml import Name, id_bytes, read_size
from rtguide.recording.ffv1_checksum import are_slices_whole
from rtguide.recording.frame_stamp import read_stamp
from rtguide.recording.layout import FrameLine
from rtguide.recording.matroska_read import read_block

__all__ = ["whole_frames"]

_CLUSTER = id_bytes(Name.CLUSTER)
_SIZE_BYTES = 8


def whole_frames(path: Path, part: int, known: Mapping[int, FrameLine], start: int = 0) -> Iterator[FrameLine]:
    """The frames from byte `start` on whose picture is whole by its checksums, as their lines would say.

    known: lines of this part by the place of their cluster; where there is one it rules. Damage costs the frames it
    lies in, no others. A file that is missing or empty holds none.

    Raises
    ------
    RecordingError
        The file cannot be read.
    """
    try:
        if not path.is_file() or not path.stat().st_size:
            return
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            at = data.find(_CLUSTER, start)
            while at >= 0:
                line = _frame_at(data, at, part, known.get(at))
                if line is not None:
                    yield line
                at = data.find(_CLUSTER, at + (1 if line is None else line.length))
    except OSError as error:
        raise RecordingError(
            f"{path}: cannot be read ({error.strerror}); check the disk and its permissions"
        ) from error


def _frame_at(data: mmap.mmap, at: int, part: int, known: FrameLine | None) -> FrameLine | None:
    """The frame whose cluster begins here; None where it is not whole, or nothing tells which frame it is."""
    body = at + len(_CLUSTER)
    try:
        length, begin = read_size(data[body : body + _SIZE_BYTES], 0)
        stop = body + begin + length
        if stop > len(data):
            return None
        block = read_block(data[at:stop])
    except RecordingError:
        return None
    if not are_slices_whole(block.payload):
        return None
    if known is not None and (known.pts, known.length) == (block.timestamp, stop - at):
        return known
    stamp = read_stamp(block.note)
    if stamp is None:
        return None
    times = (stamp.t_capture_ns, stamp.t_device_ns, block.timestamp)
    return FrameLine(stamp.seq, *times, part, at, stop - at, stamp.flags, stamp.t_wall_ns)
