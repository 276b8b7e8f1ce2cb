"""A Matroska file with one video track, written so that whatever is on disk can be played.

Why not FFmpeg's muxer: it rounds every time to a millisecond and keeps clusters in memory. Here the time base is a
microsecond, every frame is a cluster of its own, written with one call, and its place in the file is known.

References
----------
RFC 9559 (Matroska); RFC 9043, section 4.3.3 (FFV1 in Matroska).
"""

import os
from dataclasses import dataclass
from pathlib import Path

from rtguide.recording.ebml import UNKNOWN_SIZE, Name, element, id_bytes, number, real, void

__all__ = ["BLOCK_HEAD", "TICK_NS", "Block", "MatroskaWriter", "VideoTrack"]

TICK_NS = 1000
"""Nanoseconds of one time stamp in the file: a microsecond."""

BLOCK_HEAD = b"\x81\x00\x00\x80"
"""Head of a block: track 1, 0 ticks after its cluster, a key frame, no lacing."""

_SEEK_HEAD_BYTES = 96
"""Room kept for the table of contents, which is known only at the end."""

_DURATION_BYTES = 11

_CUE_EVERY_TICKS = 200_000
"""One cue at least 0.2 s after the last: a player then lands within a few frames of where it was sent."""


@dataclass(frozen=True, slots=True)
class VideoTrack:
    """What a player must know before the first frame. codec_private: the decoder's set-up, as the encoder gave it."""

    codec_id: str
    codec_private: bytes
    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True)
class Block:
    """One coded frame and its time in ticks."""

    timestamp: int
    payload: bytes


class MatroskaWriter:
    """Writes one file. Nothing is buffered: when `write` returns, the operating system has the frame.

    Raises
    ------
    OSError
        From every method that writes: the disk is full, the folder is gone, and so on.
    """

    def __init__(self, path: Path, track: VideoTrack, default_ticks: int | None = None) -> None:
        """`default_ticks`: what a frame usually lasts, for players that show a rate; the blocks' own times rule."""
        self._file = path.open("xb", buffering=0)
        self._cues: list[tuple[int, int]] = []
        self._last_timestamp = 0
        head = _ebml_head() + id_bytes(Name.SEGMENT) + UNKNOWN_SIZE
        self._segment_start = len(head)
        info = _info(None)
        tracks = _tracks(track, default_ticks)
        self._info_at = len(head) + _SEEK_HEAD_BYTES
        self._tracks_at = self._info_at + len(info)
        head += void(_SEEK_HEAD_BYTES) + info + tracks
        self._size = len(head)
        try:
            self._write_all(head)
        except OSError:
            self._file.close()
            raise

    @property
    def size_bytes(self) -> int:
        """Length of the file so far."""
        return self._size

    def write(self, block: Block) -> tuple[int, int]:
        """Append one frame; gives (place, length) in bytes of its cluster. Time stamps have to rise.

        A write that fails is taken back as far as the disk allows, so that the file still ends with a whole frame.
        """
        place = self._size
        body = number(Name.TIMESTAMP, block.timestamp) + element(Name.SIMPLE_BLOCK, BLOCK_HEAD + block.payload)
        cluster = element(Name.CLUSTER, body)
        try:
            self._write_all(cluster)
        except OSError:
            self._file.truncate(place)
            self._file.seek(place)
            raise
        self._size += len(cluster)
        if not self._cues or block.timestamp - self._cues[-1][0] >= _CUE_EVERY_TICKS:
            self._cues.append((block.timestamp, place - self._segment_start))
        self._last_timestamp = block.timestamp
        return place, len(cluster)

    def sync(self) -> None:
        """Ask the operating system to put the file on the disk itself."""
        os.fsync(self._file.fileno())

    def close(self, last_duration: int) -> None:
        """Add what makes seeking fast and the length known. `last_duration`: ticks the last frame lasts."""
        if self._file.closed:
            return
        try:
            self._finish(last_duration)
        finally:
            self._file.close()

    def abandon(self) -> None:
        """Close the file as it is. It can be played, without an index."""
        self._file.close()

    def _finish(self, last_duration: int) -> None:
        cues_at = self._size
        cues = element(Name.CUES, b"".join(_cue(time, place) for time, place in self._cues))
        self._write_all(cues)
        self._size += len(cues)
        places = ((Name.INFO, self._info_at), (Name.TRACKS, self._tracks_at), (Name.CUES, cues_at))
        seek_head = element(Name.SEEK_HEAD, b"".join(_seek(name, at - self._segment_start) for name, at in places))
        self._write_at(self._info_at, _info(self._last_timestamp + last_duration))
        self._write_at(self._info_at - _SEEK_HEAD_BYTES, seek_head + void(_SEEK_HEAD_BYTES - len(seek_head)))
        length = self._size - self._segment_start
        self._write_at(self._segment_start - 8, (length | 1 << 56).to_bytes(8, "big"))

    def _write_at(self, place: int, data: bytes) -> None:
        self._file.seek(place)
        self._write_all(data)

    def _write_all(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            written = self._file.write(view)
            view = view[written or 0 :]


def _ebml_head() -> bytes:
    body = number(Name.EBML_VERSION, 1) + number(Name.EBML_READ_VERSION, 1)
    body += number(Name.EBML_MAX_ID_LENGTH, 4) + number(Name.EBML_MAX_SIZE_LENGTH, 8)
    body += element(Name.DOC_TYPE, b"matroska")
    body += number(Name.DOC_TYPE_VERSION, 4) + number(Name.DOC_TYPE_READ_VERSION, 2)
    return element(Name.EBML, body)


def _info(duration: int | None) -> bytes:
    """The segment's description; as long with its duration as without."""
    body = number(Name.TIMESTAMP_SCALE, TICK_NS)
    body += element(Name.MUXING_APP, b"rtguide") + element(Name.WRITING_APP, b"rtguide")
    body += void(_DURATION_BYTES) if duration is None else real(Name.DURATION, float(duration))
    return element(Name.INFO, body)


def _tracks(track: VideoTrack, default_ticks: int | None) -> bytes:
    picture = number(Name.FLAG_INTERLACED, 2)
    picture += number(Name.PIXEL_WIDTH, track.width_px) + number(Name.PIXEL_HEIGHT, track.height_px)
    entry = number(Name.TRACK_NUMBER, 1) + number(Name.TRACK_UID, 1)
    entry += number(Name.TRACK_TYPE, 1) + number(Name.FLAG_LACING, 0)
    if default_ticks:
        entry += number(Name.DEFAULT_DURATION, default_ticks * TICK_NS)
    entry += element(Name.CODEC_ID, track.codec_id.encode()) + element(Name.CODEC_PRIVATE, track.codec_private)
    return element(Name.TRACKS, element(Name.TRACK_ENTRY, entry + element(Name.VIDEO, picture)))


def _seek(name: Name, place: int) -> bytes:
    return element(Name.SEEK, element(Name.SEEK_ID, id_bytes(name)) + number(Name.SEEK_POSITION, place))


def _cue(time: int, place: int) -> bytes:
    positions = number(Name.CUE_TRACK, 1) + number(Name.CUE_CLUSTER_POSITION, place)
    return element(Name.CUE_POINT, number(Name.CUE_TIME, time) + element(Name.CUE_TRACK_POSITIONS, positions))
