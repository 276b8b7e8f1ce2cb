"""Reads a video file frame by frame, or at any frame, at true times."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.error import FFmpegError
from av.video.stream import VideoStream
from numpy.typing import NDArray

from rtguide.errors import DeviceError, SourceEnded
from rtguide.recording.ffv1_checksum import are_slices_whole
from rtguide.recording.video_index import FrameIndex, build_index
from rtguide.recording.video_open import open_video
from rtguide.recording.video_pixels import PixelReader

__all__ = ["VideoPicture", "VideoReader"]

INDEX_AT_ONCE_BYTES = 256 << 20
"""Files up to this size are indexed when they are opened (a second from a slow disk), larger ones when first sought."""

FALLBACK_PERIOD_NS = 40_000_000
"""What a frame is taken to last where neither the file nor its frames tell: 25 frames/s."""

KEYS_TRIED = 3
"""How many key frames before a wanted frame are tried (a stream may begin to refresh before it is clean)."""

FASTEST_HZ = 480.0
"""A rate above this is a file's time base, not a rate."""


@dataclass(frozen=True, slots=True)
class VideoPicture:
    """number: index of the frame in the file · time_ns: from the first frame · pixels: uint8 (h, w) or (h, w, 3)."""

    number: int
    time_ns: int
    pixels: NDArray[np.uint8]


class VideoReader:
    """An open video file. Used by one thread at a time.

    Frame N is the same, bit for bit, whether it is sought or reached by reading. Frames that come before the first
    whole one (a clip cut out of a stream) are no frames.

    Raises
    ------
    DeviceError
        The file cannot be opened, or changes its picture size on the way.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._pixels = PixelReader()
        self._video = open_video(path)
        self._index: FrameIndex | None = None
        self._origin_pts: int | None = None
        self._end: SourceEnded | None = None
        self._has_checksums: bool | None = None
        self._pictures = self._decoded()
        self._next_number = 0
        self._last_time_ns = -1
        try:
            if path.stat().st_size <= INDEX_AT_ONCE_BYTES:
                self._index = build_index(path)
            self._pending: VideoPicture | None = self._first()
        except (DeviceError, OSError):
            self.close()
            raise

    @property
    def shape_px(self) -> tuple[int, int]:
        """(height, width) of every frame, upright."""
        return self._shape_px

    @property
    def frame_count(self) -> int | None:
        """Exactly how many frames there are; None where that is not known without reading them all."""
        index = self._index
        return len(index.pts) if index is not None and index.is_exact and index.is_whole else None

    @property
    def rate_hz(self) -> float | None:
        """Mean rate of the frames where they are known, else what the file says; None where it says nothing."""
        index = self._index
        if index is not None and index.is_exact and len(index.pts) > 1:
            return float((len(index.pts) - 1) / ((index.pts[-1] - index.pts[0]) * self._time_base))
        rate = self._video.stream.average_rate
        return float(rate) if rate is not None and 0 < rate <= FASTEST_HZ else None

    def read(self) -> VideoPicture:
        """The next frame.

        Raises
        ------
        SourceEnded
            There is none; `is_damaged` where the file breaks off or is damaged.
        """
        if self._pending is None:
            self._pending = self._next()
        picture, self._pending = self._pending, None
        return picture

    def seek(self, number: int) -> None:
        """Make this frame the next one. Behind the last frame, or behind damage, `read` says that the file has ended.

        Raises
        ------
        DeviceError
            The number is negative.
        """
        if number < 0:
            raise DeviceError(f"{self._path}: there is no frame {number}; frames are counted from 0")
        self._pending = None
        index = self._known_index()
        if index.is_exact and number >= len(index.pts):
            self._next_number = len(index.pts)
            self._last_time_ns = self._time_ns(index.pts[-1]) or 0
            self._end = self._proper_end()
            return
        target = index.pts[number] if index.is_exact else None
        keys = index.keys_before(target)[:KEYS_TRIED] if target is not None else ()
        if target is None or not any(self._try_from(key, target) for key in keys):
            self._read_up_to(number)

    def close(self) -> None:
        """Let go of the file; may be called twice."""
        self._video.container.close()

    @property
    def _time_base(self) -> Fraction:
        return Fraction(self._video.stream.time_base or Fraction(1, 1000))

    def _first(self) -> VideoPicture:
        try:
            picture = next(self._pictures)
        except SourceEnded as end:
            raise DeviceError(f"{self._path}: no picture in it can be decoded; it is damaged, copy it again") from end
        self._origin_pts = picture.pts
        if self._index is not None and picture.pts is not None:
            self._index = self._index.starting_at(picture.pts)
        pixels = self._pixels.read(picture)
        self._shape_px = (pixels.shape[0], pixels.shape[1])
        return self._numbered(picture)

    def _next(self) -> VideoPicture:
        if self._end is not None:
            raise SourceEnded(str(self._end), is_damaged=self._end.is_damaged)
        return self._numbered(next(self._pictures))

    def _numbered(self, picture: av.VideoFrame) -> VideoPicture:
        """The picture with its number and time. Times always rise: one that does not is put a period after the last."""
        number = None
        if self._index is not None and self._index.is_exact and picture.pts is not None:
            number = self._index.number_of(picture.pts)
        number = self._next_number if number is None else number
        time_ns = self._time_ns(picture.pts)
        if time_ns is None or time_ns <= self._last_time_ns:
            time_ns = self._last_time_ns + self._period_ns() if self._last_time_ns >= 0 else 0
        self._next_number, self._last_time_ns = number + 1, time_ns
        pixels = self._pixels.read(picture)
        if pixels.shape[:2] != self._shape_px:
            was, now = (f"{shape[1]}×{shape[0]}" for shape in (self._shape_px, pixels.shape))
            raise DeviceError(f"{self._path}: frame {number} is {now} pixels, those before {was}; cut the file there")
        return VideoPicture(number, time_ns, pixels)

    def _time_ns(self, pts: int | None) -> int | None:
        if pts is None or self._origin_pts is None:
            return None
        return round((pts - self._origin_pts) * self._time_base * 1_000_000_000)

    def _period_ns(self) -> int:
        rate = self.rate_hz
        return FALLBACK_PERIOD_NS if rate is None else round(1e9 / rate)

    def _decoded(self, key_pts: int | None = None) -> Iterator[av.VideoFrame]:
        """Whole pictures from where the file stands up to its end or its first damage; then raises `SourceEnded`.

        `key_pts`: what comes before this key frame is passed over, undecoded.
        """
        video = self._video
        is_damaged = False
        has_begun = False
        try:
            for packet in video.container.demux(video.stream):
                if key_pts is not None and packet.pts != key_pts:
                    continue
                key_pts = None
                if packet.is_corrupt or not self._is_whole(packet):
                    is_damaged = True
                    break
                for picture in packet.decode():
                    if picture.is_corrupt and has_begun:
                        is_damaged = True
                        break
                    if not picture.is_corrupt:
                        has_begun = True
                        yield picture
                if is_damaged:
                    break
        except (FFmpegError, OSError, ValueError):
            is_damaged = True
        if is_damaged:
            yield from self._left_in_decoder()
        self._end = self._damaged_end() if is_damaged else self._proper_end()
        raise SourceEnded(str(self._end), is_damaged=self._end.is_damaged)

    def _is_whole(self, packet: "av.Packet[VideoStream]") -> bool:
        """Whether the packet's own checksums hold, where the first one showed that it has some."""
        if self._video.stream.codec_context.name != "ffv1" or not packet.size:
            return True
        if self._has_checksums is None:
            self._has_checksums = are_slices_whole(bytes(packet))
        return not self._has_checksums or are_slices_whole(bytes(packet))

    def _left_in_decoder(self) -> list[av.VideoFrame]:
        """Whole pictures from before the damage that the decoder still holds back."""
        whole = []
        try:
            for picture in self._video.stream.codec_context.decode(None):
                if picture.is_corrupt:
                    break
                whole.append(picture)
        except (FFmpegError, OSError, ValueError):
            return whole
        return whole

    def _proper_end(self) -> SourceEnded:
        is_cut = self._video.is_cut or (self._index is not None and not self._index.is_whole)
        return self._damaged_end() if is_cut else SourceEnded(f"{self._path.name} has ended")

    def _damaged_end(self) -> SourceEnded:
        time_s = (max(0, self._last_time_ns) + self._period_ns()) / 1e9
        return SourceEnded(
            f"{self._path}: breaks off at frame {self._next_number} ({time_s:.2f} s), the file is damaged or cut short "
            "there; copy it again from where it was recorded",
            is_damaged=True,
        )

    def _known_index(self) -> FrameIndex:
        if self._index is None:
            self._index = build_index(self._path)
            if self._origin_pts is not None:
                self._index = self._index.starting_at(self._origin_pts)
        return self._index

    def _try_from(self, key_pts: int, target_pts: int) -> bool:
        """Decode from this key frame up to the wanted one; false where that does not lead to it."""
        try:
            self._video.container.seek(key_pts, stream=self._video.stream, backward=True, any_frame=False)
        except (FFmpegError, OSError, ValueError):
            return False
        self._restart(key_pts)
        try:
            for picture in self._pictures:
                if picture.pts is None or picture.pts > target_pts:
                    return False
                if picture.pts == target_pts:
                    self._pending = self._numbered(picture)
                    return True
        except SourceEnded:
            return False
        return False

    def _read_up_to(self, number: int) -> None:
        """The slow way that always works: from the beginning."""
        self._video.container.close()
        self._video = open_video(self._path)
        self._restart()
        self._next_number = 0
        try:
            while self._pending is None or self._pending.number < number:
                self._pending = self._next()
        except SourceEnded:
            self._pending = None

    def _restart(self, key_pts: int | None = None) -> None:
        self._end = None
        self._pending = None
        self._last_time_ns = -1
        self._pictures = self._decoded(key_pts)
