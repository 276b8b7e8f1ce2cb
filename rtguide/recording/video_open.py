"""Opens a video file, or says in one line why it cannot be and what to do."""

import stat
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.video.stream import VideoStream

from rtguide.errors import DeviceError
from rtguide.recording.matroska_read import HEAD_BYTES, is_cut_short

__all__ = ["OpenVideo", "open_video"]

MOST_PIXELS = 64 << 20
"""Twice 8K: a file that claims larger pictures is damaged, or would exhaust memory."""

_ATTACHED_PICTURE = 0x400
"""FFmpeg's mark of a stream that is a cover picture, not a video (`AV_DISPOSITION_ATTACHED_PIC`)."""


@dataclass(frozen=True, slots=True)
class OpenVideo:
    """An open file and its video stream. is_cut: the file says that it was longer."""

    container: InputContainer
    stream: VideoStream
    is_cut: bool


def open_video(path: Path) -> OpenVideo:
    """Open a file and choose its video stream; one thread decodes, so that every run gives the same bits.

    Raises
    ------
    DeviceError
        It is missing, empty, a folder, unreadable, cut short, no video, or has sound only.
    """
    head, size_bytes = _head(path)
    try:
        # Only this file is read, whatever its content points to.
        container = av.open(f"file:{path.absolute()}", options={"protocol_whitelist": "file"})
    except (FFmpegError, OSError, ValueError) as error:
        raise DeviceError(_why_not(path, head)) from error
    try:
        stream = _video_stream(path, container)
        stream.thread_type = "NONE"
        stream.codec_context.thread_count = 1
        stream.codec_context.options = {"max_pixels": str(MOST_PIXELS)}
    except DeviceError:
        container.close()
        raise
    return OpenVideo(container, stream, is_cut_short(head, size_bytes))


def _head(path: Path) -> tuple[bytes, int]:
    """The beginning of the file and its length."""
    try:
        state = path.stat()
        if stat.S_ISDIR(state.st_mode):
            raise DeviceError(f"{path}: this is a folder, not a video; give a video file, or a session folder")
        if not stat.S_ISREG(state.st_mode):
            raise DeviceError(f"{path}: this is not a file; give a video file")
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except FileNotFoundError:
        raise DeviceError(f"{path}: there is no such file; check the spelling") from None
    except (OSError, ValueError) as error:
        problem = getattr(error, "strerror", None) or str(error)
        raise DeviceError(f"{path}: cannot be read ({problem}); check its permissions") from error
    if not head:
        raise DeviceError(f"{path}: the file is empty; copy it again from where it was recorded")
    return head, state.st_size


def _why_not(path: Path, head: bytes) -> str:
    is_video = head[4:8] == b"ftyp" or head[:4] == b"\x1a\x45\xdf\xa3" or head[:4] == b"RIFF"
    if is_video:
        return f"{path}: cut short or damaged, its index is missing; copy it again from where it was recorded"
    return f"{path}: this is not a video; give e.g. an .mp4, .mkv, .avi or .mov file"


def _video_stream(path: Path, container: InputContainer) -> VideoStream:
    streams = [stream for stream in container.streams.video if not int(stream.disposition) & _ATTACHED_PICTURE]
    if not streams:
        what = "only sound" if container.streams.audio else "no pictures"
        raise DeviceError(f"{path}: holds {what}, no video stream; give a file with a picture")
    stream = streams[0]
    if cast(object, stream.codec_context) is None or not stream.codec_context.name:
        raise DeviceError(f"{path}: coded in a way that cannot be read here; convert it, e.g. to H.264 in .mp4")
    if stream.codec_context.width * stream.codec_context.height > MOST_PIXELS:
        size = f"{stream.codec_context.width}×{stream.codec_context.height}"
        raise DeviceError(f"{path}: claims pictures of {size} pixels, more than can be shown; it is damaged")
    return stream
