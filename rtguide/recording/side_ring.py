"""The last pieces of a side channel before a recording begins, within a bound of bytes; pictures as packets."""

from collections import deque
from collections.abc import Iterator
from dataclasses import replace

from rtguide.model.frame import Frame
from rtguide.model.geometry import ImageGeometry
from rtguide.model.side import SideSample, SoundChunk
from rtguide.recording.packing import FramePacker, PackedFrame

__all__ = ["SIDE_BYTES", "SidePiece", "SideRing", "pack_whole"]

SIDE_BYTES = 64_000_000
"""Of one channel: hours of numbers, ten minutes of sound, a minute or so of a small camera."""

SAMPLE_BYTES, CHUNK_BYTES, FRAME_BYTES = 300, 300, 2_000
"""What is counted beside the sound and the packets."""

SidePiece = SideSample | SoundChunk | PackedFrame


class SideRing:
    """It forgets what is oldest when the bound is reached. One thread uses it."""

    def __init__(self, limit_bytes: int = SIDE_BYTES) -> None:
        self._limit = limit_bytes
        self._kept: deque[tuple[int, int, SidePiece]] = deque()
        self._bytes = 0
        self._packer = FramePacker()

    @property
    def size_bytes(self) -> int:
        """What is kept now, as counted against the bound."""
        return self._bytes

    def keep(self, item: SideSample | SoundChunk | Frame) -> None:
        """Keep what came.

        Raises
        ------
        RecordingError
            A picture cannot be packed.
        """
        piece: SidePiece
        if isinstance(item, Frame):
            piece = pack_whole(self._packer, item)
            size = len(piece.packet) + FRAME_BYTES
        elif isinstance(item, SoundChunk):
            piece, size = item, item.samples.nbytes + CHUNK_BYTES
        else:
            piece, size = item, SAMPLE_BYTES
        self._kept.append((item.t_capture_ns, size, piece))
        self._bytes += size
        while self._bytes > self._limit:
            self._bytes -= self._kept.popleft()[1]

    def pour(self, since_ns: int) -> Iterator[SidePiece]:
        """What came at or after this host time, in order; afterwards nothing is kept."""
        kept = tuple(self._kept)
        self.clear()
        yield from (piece for t_ns, _, piece in kept if t_ns >= since_ns)

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()
        self._bytes = 0


def pack_whole(packer: FramePacker, frame: Frame) -> PackedFrame:
    """All of the frame: of a side channel's picture nothing is cut off."""
    return packer.pack(replace(frame, geometry=None), ImageGeometry.whole_frame(frame.shape_px))
