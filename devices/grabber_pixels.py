"""A grabber's bytes as pictures: YUYV and its kin, grey, RGB, motion JPEG."""

import numpy as np
from numpy.typing import NDArray

from rtguide.opencv import cv2

__all__ = ["decoded"]

_PACKED = {"YUYV": (2, cv2.COLOR_YUV2RGB_YUY2), "UYVY": (2, cv2.COLOR_YUV2RGB_UYVY), "BGR3": (3, cv2.COLOR_BGR2RGB)}


def decoded(data: NDArray[np.uint8], form: str, size_px: tuple[int, int], stride: int) -> NDArray[np.uint8] | None:
    """The picture in memory of its own: uint8 (h, w) for GREY, else (h, w, 3) RGB; None where it is damaged.

    data: uint8 (n,), the driver's own memory · size_px: (width, height) · stride: bytes from one row to the next.
    Colours by ITU-R BT.601, studio range, as OpenCV converts: what is grey stays grey whichever matrix was meant.
    """
    width, height = size_px
    if form == "MJPG":
        return _from_jpeg(data, (height, width))
    row_count = height * 3 // 2 if form == "NV12" else height
    if data.size < stride * row_count:
        return None
    rows = data[: stride * row_count].reshape(row_count, stride)
    if form == "GREY":
        return rows[:, :width].copy()
    if form == "RGB3":
        return rows[:, : width * 3].reshape(height, width, 3).copy()
    if form == "NV12":
        return np.asarray(cv2.cvtColor(np.ascontiguousarray(rows[:, :width]), cv2.COLOR_YUV2RGB_NV12), np.uint8)
    channels, code = _PACKED[form]
    packed = rows[:, : width * channels].reshape(height, width, channels)
    return np.asarray(cv2.cvtColor(packed, code), np.uint8)


def _from_jpeg(data: NDArray[np.uint8], shape_px: tuple[int, int]) -> NDArray[np.uint8] | None:
    """A whole JPEG only: one that was cut off on the way would show grey where the picture is missing."""
    tail = data[-64:].tobytes().rstrip(b"\0")
    if data[:2].tobytes() != b"\xff\xd8" or not tail.endswith(b"\xff\xd9"):
        return None
    picture = cv2.imdecode(data, cv2.IMREAD_COLOR_RGB)
    if picture is None or picture.shape[:2] != shape_px:
        return None
    return np.asarray(picture, np.uint8)
