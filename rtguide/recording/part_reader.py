"""One video file of a session, read at any place."""

from io import FileIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rtguide.errors import RecordingError
from rtguide.recording.layout import FrameFlag, FrameLine, Part, video_name
from rtguide.recording.lossless import LosslessDecoder
from rtguide.recording.matroska_read import HEAD_BYTES, read_block, read_track

__all__ = ["PartReader"]


class PartReader:
    """Unpacks frames of one part. One thread at a time.

    Raises
    ------
    RecordingError
        From every method: the file is missing, cannot be read, or is damaged at that place.
    """

    def __init__(self, folder: Path, part: Part) -> None:
        self._path = folder / video_name(part.number)
        self._part = part
        self._open: tuple[FileIO, LosslessDecoder] | None = None

    def size_bytes(self) -> int:
        """Length of the file; 0 where it is missing."""
        try:
            return self._path.stat().st_size
        except OSError:
            return 0

    def region(self, line: FrameLine) -> NDArray[np.uint8]:
        """The recorded region of one frame in the frame's own form: uint8 (h, w) or (h, w, 3)."""
        file, decoder = self._opened()
        block = read_block(self._bytes(file, line.pos, line.length))
        if block.timestamp != line.pts:
            raise RecordingError(f"{self._path}: damaged, frame {line.seq} is not where it should be")
        pixels = decoder.decode(block.payload)
        if (pixels.ndim == 2) is not self._part.is_grey:
            raise RecordingError(f"{self._path}: damaged, frame {line.seq} has another form than its part")
        if FrameFlag.RGB in line.flags and pixels.ndim == 2:
            return np.repeat(pixels[:, :, np.newaxis], 3, axis=2)
        if FrameFlag.GREY in line.flags and pixels.ndim == 3:
            return np.ascontiguousarray(pixels[:, :, 0])
        return pixels

    def close(self) -> None:
        """Close the file; may be called twice."""
        if self._open is not None:
            self._open[0].close()
        self._open = None

    def _opened(self) -> tuple[FileIO, LosslessDecoder]:
        if self._open is None:
            try:
                file = FileIO(self._path, "rb")
            except OSError as error:
                raise RecordingError(f"{self._path}: cannot be read ({error.strerror}); take it from a copy") from error
            try:
                self._open = file, self._decoder_for(file)
            except RecordingError:
                file.close()
                raise
        return self._open

    def _decoder_for(self, file: FileIO) -> LosslessDecoder:
        track = read_track(self._bytes(file, 0, min(HEAD_BYTES, self.size_bytes())))
        box = self._part.region_px
        if track.codec_id != "V_FFV1" or (track.width_px, track.height_px) != (box.width, box.height):
            raise RecordingError(f"{self._path}: not the video that belongs to this session; take it from a copy")
        return LosslessDecoder(track)

    def _bytes(self, file: FileIO, pos: int, length: int) -> bytes:
        try:
            file.seek(pos)
            data = file.read(length)
        except OSError as error:
            raise RecordingError(f"{self._path}: cannot be read ({error.strerror}); take it from a copy") from error
        if len(data) != length:
            raise RecordingError(f"{self._path}: damaged, it breaks off at byte {pos + len(data)}")
        return data
