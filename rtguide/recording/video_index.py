"""The frames of a video file by number, without decoding them."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from pathlib import Path

from av.error import FFmpegError

from rtguide.recording.video_open import open_video

__all__ = ["FrameIndex", "build_index"]


@dataclass(frozen=True, slots=True)
class FrameIndex:
    """Every frame's time stamp, in the stream's own ticks.

    pts: in the order of showing · key_pts: those from which decoding can begin · is_exact: every frame has a time
    stamp of its own, so that numbers can be told from times · is_whole: the file is not cut short or damaged as far
    as its packets show.
    """

    pts: tuple[int, ...]
    key_pts: tuple[int, ...]
    is_exact: bool
    is_whole: bool

    def number_of(self, pts: int) -> int | None:
        """The number of the frame with this time stamp."""
        at = bisect_left(self.pts, pts)
        return at if at < len(self.pts) and self.pts[at] == pts else None

    def keys_before(self, pts: int) -> tuple[int, ...]:
        """Where decoding can begin in order to reach this frame, nearest first."""
        return self.key_pts[: bisect_right(self.key_pts, pts)][::-1]

    def starting_at(self, first_pts: int) -> "FrameIndex":
        """Without what lies before the first frame that can be shown."""
        keys = tuple(pts for pts in self.key_pts if pts >= first_pts)
        return FrameIndex(self.pts[bisect_left(self.pts, first_pts) :], keys, self.is_exact, self.is_whole)


def build_index(path: Path) -> FrameIndex:
    """Read every packet of the file's video stream, decoding none. A few microseconds a frame, and the disk's time.

    Raises
    ------
    DeviceError
        The file cannot be opened.
    """
    video = open_video(path)
    pts: list[int] = []
    keys: list[int] = []
    packets = 0
    is_exact, is_whole = True, not video.is_cut
    try:
        for packet in video.container.demux(video.stream):
            if not packet.size:
                continue
            packets += 1
            if packet.is_corrupt:
                is_whole = False
                break
            if packet.is_discard:
                continue
            if packet.pts is None:
                is_exact = False
                continue
            pts.append(packet.pts)
            if packet.is_keyframe:
                keys.append(packet.pts)
        expected = video.stream.frames if _counts_frames(video.container.format.name) else 0
        is_whole = is_whole and packets >= expected
    except (FFmpegError, OSError, ValueError):
        is_whole = False
    finally:
        video.container.close()
    is_exact = is_exact and len(set(pts)) == len(pts)
    return FrameIndex(tuple(sorted(pts)), tuple(sorted(keys)), is_exact, is_whole)


def _counts_frames(format_name: str) -> bool:
    """Whether files of this format list every frame in their head (MP4 and MOV do)."""
    return "mp4" in format_name.split(",")
