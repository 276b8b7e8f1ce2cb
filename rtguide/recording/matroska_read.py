"""What is read back of a Matroska file without FFmpeg: the track, one frame, and whether the file is whole."""

from rtguide.errors import RecordingError
from rtguide.recording.ebml import UNKNOWN_SIZE, Name, elements, id_bytes, read_size
from rtguide.recording.matroska import BLOCK_HEAD, Block, VideoTrack

__all__ = ["HEAD_BYTES", "is_cut_short", "read_block", "read_track"]

HEAD_BYTES = 4096
"""Everything before the first frame lies within this in files that `MatroskaWriter` wrote (some 350 bytes)."""


def read_track(head: bytes) -> VideoTrack:
    """The video track, from the first `HEAD_BYTES` of a file that `MatroskaWriter` wrote.

    Raises
    ------
    RecordingError
        The file is something else, or damaged.
    """
    at = _segment_start(head)
    _, at = read_size(head, at + len(id_bytes(Name.SEGMENT)))
    for name, start, stop in elements(head, at, len(head)):
        if name == Name.TRACKS:
            return _track(head, start, stop)
        if name == Name.CLUSTER:
            break
    raise RecordingError("the video is damaged: it names no track")


def read_block(data: bytes) -> Block:
    """The frame in a cluster as `MatroskaWriter.write` wrote it, `data` being exactly that cluster.

    Raises
    ------
    RecordingError
        It is something else, or damaged.
    """
    inside = list(elements(data, 0, len(data)))
    if len(inside) != 1 or inside[0][0] != Name.CLUSTER:
        raise RecordingError("the video is damaged: no frame begins where one should")
    found = {name: data[start:stop] for name, start, stop in elements(data, inside[0][1], inside[0][2])}
    timestamp, block = found.get(Name.TIMESTAMP), found.get(Name.SIMPLE_BLOCK)
    if timestamp is None or block is None or block[: len(BLOCK_HEAD)] != BLOCK_HEAD:
        raise RecordingError("the video is damaged: a frame has another form")
    return Block(int.from_bytes(timestamp, "big"), block[len(BLOCK_HEAD) :], found.get(Name.VOID, b""))


def is_cut_short(head: bytes, file_bytes: int) -> bool:
    """Whether a Matroska file that begins with `head` says it is longer than `file_bytes`.

    False for every other kind of file, and where the file does not tell.
    """
    try:
        at = _segment_start(head) + len(id_bytes(Name.SEGMENT))
        is_unknown = head[at : at + len(UNKNOWN_SIZE)] == UNKNOWN_SIZE
        length, at = read_size(head, at)
    except RecordingError:
        return False
    return not is_unknown and at + length > file_bytes


def _segment_start(head: bytes) -> int:
    """Where the segment's name stands."""
    if head[:4] != id_bytes(Name.EBML):
        raise RecordingError("the video is damaged: it does not begin as Matroska does")
    length, at = read_size(head, 4)
    at += length
    if head[at : at + 4] != id_bytes(Name.SEGMENT):
        raise RecordingError("the video is damaged: it has no segment")
    return at


def _track(head: bytes, start: int, stop: int) -> VideoTrack:
    entries = [(a, b) for name, a, b in elements(head, start, stop) if name == Name.TRACK_ENTRY]
    if len(entries) != 1:
        raise RecordingError(f"the video is damaged: it has {len(entries)} tracks, not one")
    found = {name: head[a:b] for name, a, b in elements(head, *entries[0])}
    video = found.get(Name.VIDEO, b"")
    picture = {name: int.from_bytes(video[a:b], "big") for name, a, b in elements(video, 0, len(video))}
    try:
        return VideoTrack(
            found[Name.CODEC_ID].decode(),
            found[Name.CODEC_PRIVATE],
            picture[Name.PIXEL_WIDTH],
            picture[Name.PIXEL_HEIGHT],
        )
    except (KeyError, UnicodeDecodeError) as error:
        raise RecordingError("the video is damaged: its track says too little") from error
