"""A Matroska file with one video track, written so that whatever is on disk can be played.

Why not FFmpeg's muxer: it rounds every time to a millisecond and keeps clusters in memory. Here the time base is a
microsecond, every frame is a cluster of its own, written with one call, and its place in the file is known.

References
----------
RFC 9559 (Matroska); RFC 9043, section 4.3.3 (FFV1 in Matroska).
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from rtguide.errors import RecordingError
from rtguide.recording.checksums import FileSummer, PieceSum, piece_on_disk
from rtguide.recording.ebml import UNKNOWN_SIZE, Name, element, elements, id_bytes, number, real, size_bytes, void

__all__ = ["BLOCK_HEAD", "TICK_NS", "Block", "MatroskaWriter", "VideoTrack", "finish_file"]

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
    """One coded frame and its time in ticks. note: bytes (at most 126) that players pass over; none if empty."""

    timestamp: int
    payload: bytes
    note: bytes = b""


@dataclass(frozen=True, slots=True)
class _Places:
    """Where in the file the segment's content, its description and its list of tracks begin, in bytes."""

    segment: int
    info: int
    tracks: int


class MatroskaWriter:
    """Writes one file. Nothing is buffered: when `write` returns, the operating system has the frame.

    Raises
    ------
    OSError
        From every method that writes: the disk is full, the folder is gone, and so on.
    """

    def __init__(self, path: Path, track: VideoTrack, default_ticks: int | None = None) -> None:
        """`default_ticks`: what a frame usually lasts, for players that show a rate; the blocks' own times rule."""
        self._path = path
        self._file = path.open("xb", buffering=0)
        self._sums = FileSummer(path.name)
        self._cues: list[tuple[int, int]] = []
        self._last_timestamp = 0
        head = _ebml_head() + id_bytes(Name.SEGMENT) + UNKNOWN_SIZE
        info = _info(None)
        at = len(head) + _SEEK_HEAD_BYTES
        self._places = _Places(len(head), at, at + len(info))
        head += void(_SEEK_HEAD_BYTES) + info + _tracks(track, default_ticks)
        self._size = len(head)
        try:
            self._write_all(head)
        except OSError:
            self._file.close()
            raise
        self._sums.add(head)

    @property
    def size_bytes(self) -> int:
        """Length of the file so far."""
        return self._size

    def write(self, block: Block) -> tuple[int, int]:
        """Append one frame; gives (place, length) in bytes of its cluster. Time stamps have to rise.

        A write that fails is taken back as far as the disk allows, so that the file still ends with a whole frame.
        """
        place = self._size
        body = number(Name.TIMESTAMP, block.timestamp)
        if block.note:
            body += id_bytes(Name.VOID) + size_bytes(len(block.note)) + block.note
        cluster = element(Name.CLUSTER, body + element(Name.SIMPLE_BLOCK, BLOCK_HEAD + block.payload))
        try:
            self._write_all(cluster)
        except OSError:
            self._file.truncate(place)
            self._file.seek(place)
            raise
        self._sums.add(cluster)
        self._size += len(cluster)
        _add_cue(self._cues, block.timestamp, place)
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
            self._sums.add(_finish(self._file, self._places, self._cues, self._last_timestamp + last_duration))
        finally:
            self._file.close()

    def abandon(self) -> None:
        """Close the file as it is. It can be played, without an index."""
        self._file.close()

    def take_sums(self) -> tuple[PieceSum, ...]:
        """Checksums of what filled up since this was asked last; once the file is closed, all that are left.

        The first piece comes last: what the head says is known only then.
        """
        if not self._file.closed:
            return tuple(one for one in self._sums.complete() if one.piece)
        return (piece_on_disk(self._path, 0), *(one for one in self._sums.rest() if one.piece))

    def _write_all(self, data: bytes) -> None:
        _write_all(self._file, data)


def finish_file(path: Path, frames: Sequence[tuple[int, int]], end: int) -> None:
    """Finish a file of `MatroskaWriter` that was broken off: cut at `end`, with an index and its length.

    frames: (time stamp, place in bytes) of every frame, in order; at least one · end: where the last of them ends.

    Raises
    ------
    OSError
        It cannot be written.
    RecordingError
        The file is something else, or damaged before its first frame.
    """
    cues: list[tuple[int, int]] = []
    for timestamp, place in frames:
        _add_cue(cues, timestamp, place)
    step = frames[-1][0] - frames[-2][0] if len(frames) > 1 else 0
    with path.open("r+b", buffering=0) as file:
        places = _find_places(file.read(frames[0][1]))
        file.truncate(end)
        _finish(file, places, cues, frames[-1][0] + step)
        os.fsync(file.fileno())


def _finish(file: FileIO, places: _Places, cues: list[tuple[int, int]], duration: int) -> bytes:
    """Add the index behind the last frame, and say in the head where it is and how long everything takes.

    Gives the index.
    """
    cues_at = file.seek(0, os.SEEK_END)
    index = element(Name.CUES, b"".join(_cue(time, place - places.segment) for time, place in cues))
    _write_all(file, index)
    length = file.tell() - places.segment
    known = ((Name.INFO, places.info), (Name.TRACKS, places.tracks), (Name.CUES, cues_at))
    seek_head = element(Name.SEEK_HEAD, b"".join(_seek(name, at - places.segment) for name, at in known))
    _write_at(file, places.info, _info(duration))
    _write_at(file, places.info - _SEEK_HEAD_BYTES, seek_head + void(_SEEK_HEAD_BYTES - len(seek_head)))
    _write_at(file, places.segment - 8, (length | 1 << 56).to_bytes(8, "big"))
    return index


def _find_places(head: bytes) -> _Places:
    """From everything before the first frame."""
    _, _, stop = next(elements(head, 0, len(head)))
    segment = stop + len(id_bytes(Name.SEGMENT)) + 8
    found = {}
    at = segment
    for name, _, stop in elements(head, segment, len(head)):
        found[name] = at
        at = stop
    if Name.INFO not in found or Name.TRACKS not in found or found[Name.INFO] - segment != _SEEK_HEAD_BYTES:
        raise RecordingError("the video is damaged before its first frame")
    return _Places(segment, found[Name.INFO], found[Name.TRACKS])


def _add_cue(cues: list[tuple[int, int]], timestamp: int, place: int) -> None:
    if not cues or timestamp - cues[-1][0] >= _CUE_EVERY_TICKS:
        cues.append((timestamp, place))


def _write_at(file: FileIO, place: int, data: bytes) -> None:
    file.seek(place)
    _write_all(file, data)


def _write_all(file: FileIO, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[file.write(view) or 0 :]


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
