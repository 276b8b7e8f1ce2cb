"""One video file of a session: the region of every frame, lossless, at its own time."""

from pathlib import Path

from rtguide.recording.checksums import PieceSum
from rtguide.recording.frame_stamp import FrameStamp
from rtguide.recording.layout import FrameLine, Part, video_name
from rtguide.recording.matroska import TICK_NS, Block, MatroskaWriter, VideoTrack
from rtguide.recording.packing import PackedFrame

__all__ = ["PartWriter"]


class PartWriter:
    """Puts packed frames into the part's file.

    Raises
    ------
    OSError
        From every method that writes.
    """

    def __init__(self, folder: Path, part: Part, track: VideoTrack, rate_hz: float | None = None) -> None:
        self.part = part
        self.track = track
        self._default_ticks = None if rate_hz is None else round(1e9 / rate_hz / TICK_NS)
        self._file = MatroskaWriter(folder / video_name(part.number), track, self._default_ticks)
        self._last_pts = -1
        self._last_step = self._default_ticks or 0

    def takes(self, packed: PackedFrame) -> bool:
        """Whether the frame is of this file's form."""
        return packed.box == self.part.region_px and packed.track == self.track

    def write(self, packed: PackedFrame, pts: int) -> FrameLine:
        """Add one frame at `pts` microseconds; gives the line that says where it lies. Times have to rise."""
        frame, flags = packed.frame, packed.flags
        stamp = FrameStamp(frame.seq, frame.t_capture_ns, frame.t_device_ns, flags, frame.t_wall_ns)
        pos, length = self._file.write(Block(pts, packed.packet, stamp.to_bytes()))
        if self._last_pts >= 0:
            self._last_step = pts - self._last_pts
        self._last_pts = pts
        times = (frame.t_capture_ns, frame.t_device_ns, pts)
        return FrameLine(frame.seq, *times, self.part.number, pos, length, flags, frame.t_wall_ns)

    def sync(self) -> None:
        """Bring the disk itself up to date."""
        self._file.sync()

    def close(self) -> None:
        """Finish the file: its length and an index are added. May be called twice."""
        self._file.close(self._last_step)

    def take_sums(self) -> tuple[PieceSum, ...]:
        """Checksums of what filled up since this was asked last; all that are left once it is closed."""
        return self._file.take_sums()

    def abandon(self) -> None:
        """Close the file as it is; it can be played."""
        self._file.abandon()
