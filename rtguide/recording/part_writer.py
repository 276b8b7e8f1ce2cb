"""One video file of a session: the region of every frame, lossless, at its own time."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rtguide.model.frame import Frame
from rtguide.recording.frame_stamp import FrameStamp
from rtguide.recording.layout import Box, FrameFlag, FrameLine, Part, video_name
from rtguide.recording.lossless import LosslessEncoder
from rtguide.recording.matroska import TICK_NS, Block, MatroskaWriter

__all__ = ["PartWriter", "cut", "is_grey_inside"]


class PartWriter:
    """Packs frames into the part's file.

    Raises
    ------
    OSError
        From every method that writes.
    RecordingError
        The pictures cannot be packed.
    """

    def __init__(self, folder: Path, part: Part, rate_hz: float | None = None) -> None:
        box = part.region_px
        self.part = part
        self._encoder = LosslessEncoder((box.height, box.width), part.is_grey)
        self._default_ticks = None if rate_hz is None else round(1e9 / rate_hz / TICK_NS)
        self._file = MatroskaWriter(folder / video_name(part.number), self._encoder.track, self._default_ticks)
        self._last_pts = -1
        self._last_step = self._default_ticks or 0

    def write(self, frame: Frame, pts: int) -> FrameLine:
        """Add one frame at `pts` microseconds; gives the line that says where it lies. Times have to rise."""
        pixels = cut(frame.pixels, self.part.region_px)
        flags: tuple[str, ...] = ()
        if self.part.is_grey and pixels.ndim == 3:
            pixels, flags = pixels[:, :, 0], (FrameFlag.RGB,)
        elif not self.part.is_grey and pixels.ndim == 2:
            pixels, flags = np.repeat(pixels[:, :, np.newaxis], 3, axis=2), (FrameFlag.GREY,)
        flags = (*flags, *map(str, frame.notes))
        stamp = FrameStamp(frame.seq, frame.t_capture_ns, frame.t_device_ns, flags, frame.t_wall_ns)
        pos, length = self._file.write(Block(pts, self._encoder.encode(pixels), stamp.to_bytes()))
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

    def abandon(self) -> None:
        """Close the file as it is; it can be played."""
        self._file.abandon()


def cut(pixels: NDArray[np.uint8], box: Box) -> NDArray[np.uint8]:
    """The box out of a full frame, (h, w) or (h, w, 3); zero where it overhangs."""
    inside = pixels[box.y : box.y + box.height, box.x : box.x + box.width]
    missing = ((0, box.height - inside.shape[0]), (0, box.width - inside.shape[1]), (0, 0))
    if missing[0][1] or missing[1][1]:
        inside = np.pad(inside, missing[: inside.ndim])
    return inside


def is_grey_inside(pixels: NDArray[np.uint8], box: Box) -> bool:
    """Whether the picture has no colour in the box: grey already, or three equal channels."""
    if pixels.ndim == 2:
        return True
    inside = cut(pixels, box)
    red = inside[:, :, 0]
    return bool(np.array_equal(red, inside[:, :, 1]) and np.array_equal(red, inside[:, :, 2]))
