"""The pictures of a recorded second camera, fetched by number."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rtguide.errors import RecordingError
from rtguide.model.side import SideKind
from rtguide.recording.layout import FrameFlag, FrameLine, video_name
from rtguide.recording.lossless import LosslessDecoder
from rtguide.recording.matroska_read import HEAD_BYTES, read_block, read_track
from rtguide.recording.sides import SIDES_NAME, read_side, side_names
from rtguide.recording.values_json import from_json

__all__ = ["SideVideoFrames", "side_videos"]


class SideVideoFrames:
    """One channel of pictures. One thread asks at a time. t_capture_ns: int64 (n,), host monotonic, of every frame."""

    def __init__(self, folder: Path, name: str, lines: tuple[FrameLine, ...]) -> None:
        self.name = name
        self.t_capture_ns = np.array([line.t_capture_ns for line in lines], np.int64)
        self._folder, self._lines = folder, lines
        self._decoders: dict[int, LosslessDecoder] = {}

    def __len__(self) -> int:
        return len(self._lines)

    def pixels(self, index: int) -> NDArray[np.uint8]:
        """Frame `index`, uint8 (h, w) or (h, w, 3).

        Raises
        ------
        RecordingError
            It cannot be read, or is damaged.
        """
        line = self._lines[index]
        path = self._folder / video_name(line.part)
        try:
            with path.open("rb") as file:
                if line.part not in self._decoders:
                    self._decoders[line.part] = LosslessDecoder(read_track(file.read(HEAD_BYTES)))
                file.seek(line.pos)
                block = read_block(file.read(line.length))
        except OSError as error:
            raise RecordingError(f"{path}: cannot be read ({error.strerror}); take it from a copy") from error
        pixels = self._decoders[line.part].decode(block.payload)
        if FrameFlag.GREY in line.flags and pixels.ndim == 3:
            return np.ascontiguousarray(pixels[:, :, 0])
        return pixels


def side_videos(session: Path) -> tuple[SideVideoFrames, ...]:
    """The channels of pictures of a session that have any; a line that tells no frame is passed over."""
    found = []
    for name in side_names(session):
        try:
            record = read_side(session, name)
        except RecordingError:
            continue
        if record.info.kind is SideKind.VIDEO:
            lines = []
            for line in record.lines:
                try:
                    lines.append(from_json(FrameLine, line))
                except RecordingError:
                    continue
            if lines:
                found.append(SideVideoFrames(session / SIDES_NAME / name, name, tuple(lines)))
    return tuple(found)
