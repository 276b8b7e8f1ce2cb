"""A recorded second camera beside the picture of an export: in a column of its own, so that it covers nothing."""

import numpy as np
from numpy.typing import NDArray

from rtguide.errors import ConfigError
from rtguide.opencv import cv2
from rtguide.recording.side_video import SideVideoFrames

__all__ = ["SideColumn", "side_named"]

SHARE = 0.4
"""Of the picture's width: hands are told apart, and the image stays the larger one."""

STALE_NS = 1_000_000_000
"""A camera that gave nothing for so long shows nothing: an old picture of the hands would be a wrong one."""


def side_named(name: str, videos: tuple[SideVideoFrames, ...]) -> SideVideoFrames:
    """The channel of this name.

    Raises
    ------
    ConfigError
        There is none of pictures.
    """
    for video in videos:
        if video.name == name:
            return video
    names = ", ".join(video.name for video in videos) or "none"
    raise ConfigError(f"--side {name}: the session has no camera of this name; it has {names}")


class SideColumn:
    """Joins the camera's picture of the moment to a picture; shape_px: (height, width) of the latter."""

    def __init__(self, video: SideVideoFrames, shape_px: tuple[int, int]) -> None:
        self._video = video
        self._height, self._width = shape_px[0], 2 * round(shape_px[1] * SHARE / 2)
        self._index, self._column = -2, self._blank()

    def joined_shape_px(self, shape_px: tuple[int, int]) -> tuple[int, int]:
        """(height, width) of a picture with the column."""
        return shape_px[0], shape_px[1] + self._width

    def beside(self, picture: NDArray[np.uint8], t_capture_ns: int) -> NDArray[np.uint8]:
        """The picture, uint8 (h, w, 3), with what the camera showed at this host time at its right."""
        index = int(np.searchsorted(self._video.t_capture_ns, t_capture_ns, side="right")) - 1
        if index >= 0 and t_capture_ns - int(self._video.t_capture_ns[index]) > STALE_NS:
            index = -1
        if index != self._index:
            self._index, self._column = index, self._blank() if index < 0 else self._fitted(self._video.pixels(index))
        return np.ascontiguousarray(np.concatenate((picture, self._column), axis=1))

    def _blank(self) -> NDArray[np.uint8]:
        return np.zeros((self._height, self._width, 3), np.uint8)

    def _fitted(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """As large as fits, at the top."""
        column = self._blank()
        scale = min(self._width / pixels.shape[1], self._height / pixels.shape[0])
        size = max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale))
        small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
        column[: size[1], : size[0]] = small if small.ndim == 3 else small[..., None]
        return column
