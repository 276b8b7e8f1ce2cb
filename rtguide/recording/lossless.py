"""Pictures to FFV1 packets and back, bit for bit, each packet on its own.

References
----------
RFC 9043 (FFV1, version 3). Intra only: every frame can be decoded alone, and a lost one costs no other. A checksum in
every slice tells damage from picture.
"""

from fractions import Fraction

import av
import numpy as np
from av.error import FFmpegError
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from rtguide.errors import RecordingError
from rtguide.recording.ffv1_checksum import are_slices_whole
from rtguide.recording.matroska import TICK_NS, VideoTrack

__all__ = ["LosslessDecoder", "LosslessEncoder"]

_OPTIONS = {"level": "3", "coder": "0", "context": "0", "slices": "4", "slicecrc": "1"}
"""coder 0 is Golomb-Rice: half to three quarters of the range coder's time, and 3 % smaller to 8 % larger (measured on
five real pictures of 700×700 grey: 1.5 to 2.4 times a 7×7 Gaussian blur of a 1080p frame on the same core)."""

_ONE_THREAD_PIXELS = 1_000_000
"""Above this a second thread is used: 1080p takes longer than a period of 60 Hz with one, half as long with two."""


class LosslessEncoder:
    """Packs pictures of one size and form: uint8 (h, w) grey or (h, w, 3) RGB."""

    def __init__(self, shape_px: tuple[int, int], is_grey: bool) -> None:
        height, width = shape_px
        self._is_grey = is_grey
        self._format = "gray" if is_grey else "bgr0"
        self._reformatter = VideoReformatter()
        self._context = av.CodecContext.create("ffv1", "w")
        self._context.width, self._context.height = width, height
        self._context.pix_fmt = self._format
        self._context.time_base = Fraction(TICK_NS, 1_000_000_000)
        self._context.gop_size = 1
        self._context.options = _OPTIONS
        self._context.thread_type = "SLICE"
        self._context.thread_count = 1 if width * height <= _ONE_THREAD_PIXELS else 2
        try:
            self._context.open()
        except FFmpegError as error:
            raise RecordingError(f"no lossless video of {width}×{height} pixels can be written: {error}") from error

    @property
    def track(self) -> VideoTrack:
        """What the file has to say of this video."""
        private = self._context.extradata or b""
        return VideoTrack("V_FFV1", bytes(private), self._context.width, self._context.height)

    def encode(self, pixels: NDArray[np.uint8]) -> bytes:
        """One picture as one packet."""
        picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="gray" if self._is_grey else "rgb24")
        if not self._is_grey:
            picture = self._reformatter.reformat(picture, format=self._format, threads=1)
        picture.pts = None
        try:
            packets = self._context.encode(picture)
        except FFmpegError as error:
            raise RecordingError(f"a picture could not be packed: {error}") from error
        return b"".join(bytes(packet) for packet in packets)


class LosslessDecoder:
    """Unpacks what `LosslessEncoder` packed, in any order."""

    def __init__(self, track: VideoTrack) -> None:
        self._context = av.CodecContext.create("ffv1", "r")
        self._context.width, self._context.height = track.width_px, track.height_px
        self._context.extradata = track.codec_private
        self._context.thread_type = "NONE"
        self._context.thread_count = 1
        self._shape_px = (track.height_px, track.width_px)
        self._reformatter = VideoReformatter()

    def decode(self, packet: bytes) -> NDArray[np.uint8]:
        """One packet as uint8 (h, w) or (h, w, 3) RGB.

        Raises
        ------
        RecordingError
            The packet is damaged.
        """
        if not are_slices_whole(packet):
            raise RecordingError("a frame of the video is damaged: its checksum does not hold")
        try:
            pictures = self._context.decode(av.Packet(packet))
            if len(pictures) == 1 and (pictures[0].height, pictures[0].width) == self._shape_px:
                return self._array(pictures[0])
        except (FFmpegError, ValueError) as error:
            raise RecordingError(f"a frame of the video is damaged ({error})") from error
        raise RecordingError("a frame of the video is damaged: it holds no picture of the right size")

    def _array(self, picture: av.VideoFrame) -> NDArray[np.uint8]:
        if picture.format.name != "gray":
            picture = self._reformatter.reformat(picture, format="rgb24", threads=1)
        pixels: NDArray[np.uint8] = picture.to_ndarray().astype(np.uint8, copy=False)
        return pixels
