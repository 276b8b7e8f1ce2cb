"""Frames as they go to disk: the region alone, packed without loss."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from rtguide.model.frame import Frame
from rtguide.model.geometry import ImageGeometry
from rtguide.recording.layout import Box, FrameFlag, recorded_box
from rtguide.recording.lossless import LosslessEncoder
from rtguide.recording.matroska import VideoTrack

__all__ = ["FramePacker", "PackedFrame", "cut", "is_grey_inside"]


@dataclass(frozen=True, slots=True, eq=False)
class PackedFrame:
    """A frame whose picture is a packet of lossless video.

    frame: the frame, its picture left out · box: what of the full frame the packet holds · is_grey: packed as grey,
    else as RGB · flags: how the frame's own form is got back, and what was noted of it · track: what a file has to say
    before it can hold such packets.
    """

    frame: Frame
    box: Box
    is_grey: bool
    flags: tuple[str, ...]
    packet: bytes
    track: VideoTrack


class FramePacker:
    """Packs frames in the order they came. A region that has shown colour stays in colour."""

    def __init__(self) -> None:
        self._encoder: LosslessEncoder | None = None
        self._box: Box | None = None
        self._is_grey = True

    def go_on_from(self, packed: PackedFrame) -> None:
        """What comes next follows a frame that another packer has packed: its colour stays."""
        if (packed.box, packed.is_grey) != (self._box, self._is_grey):
            self._encoder, self._box, self._is_grey = None, packed.box, packed.is_grey

    def pack(self, frame: Frame, geometry: ImageGeometry) -> PackedFrame:
        """The part of the frame that `geometry` calls the image; where the frame brings its own, that one counts.

        Raises
        ------
        RecordingError
            The picture cannot be packed.
        """
        box = recorded_box(frame.geometry or geometry)
        is_grey = is_grey_inside(frame.pixels, box) and (self._is_grey or box != self._box)
        if self._encoder is None or box != self._box or is_grey != self._is_grey:
            self._encoder = LosslessEncoder((box.height, box.width), is_grey)
            self._box, self._is_grey = box, is_grey
        pixels = cut(frame.pixels, box)
        flags: tuple[str, ...] = ()
        if is_grey and pixels.ndim == 3:
            pixels, flags = pixels[:, :, 0], (FrameFlag.RGB,)
        elif not is_grey and pixels.ndim == 2:
            pixels, flags = np.repeat(pixels[:, :, np.newaxis], 3, axis=2), (FrameFlag.GREY,)
        flags = (*flags, *map(str, frame.notes))
        return PackedFrame(
            without_picture(frame), box, is_grey, flags, self._encoder.encode(pixels), self._encoder.track
        )


def without_picture(frame: Frame) -> Frame:
    """The frame with a black picture of the same form that takes no memory."""
    return replace(frame, pixels=np.broadcast_to(np.zeros((), np.uint8), frame.pixels.shape))


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
