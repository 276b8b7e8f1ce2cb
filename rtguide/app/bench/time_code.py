"""A picture that says when it was painted, and how to read that off any picture it appears in.

Four markers in a row, each a number from 0 to 999: the time in steps of 0.1 ms, modulo a hundred seconds, as its first
and last three digits, and twice a sum of both, so that a picture torn between two paints is not taken for a third.

References
----------
Garrido-Jurado et al., Automatic generation and detection of highly reliable fiducial markers under occlusion, Pattern
Recognition 47 (2014): the markers, found under perspective, blur and noise by OpenCV's `aruco`.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from rtguide.opencv import cv2

__all__ = ["delay_ns", "picture_of", "read_code"]

STEP_NS = 100_000
STEPS = 1_000_000
"""Times repeat after a hundred seconds."""

DICTIONARY = cv2.aruco.DICT_5X5_1000
CELL_PX = 12
"""Side of a marker's cell: large enough to survive being scaled to a quarter."""

SIDE_PX = 7 * CELL_PX
GAP_PX = 2 * CELL_PX
SHAPE_PX = (SIDE_PX + 2 * GAP_PX, 4 * SIDE_PX + 5 * GAP_PX)


def picture_of(t_ns: int) -> NDArray[np.uint8]:
    """The time code of this moment: uint8 (132, 456), markers on white."""
    picture = np.full(SHAPE_PX, 255, np.uint8)
    for place, number in enumerate(_numbers(t_ns // STEP_NS % STEPS)):
        left = GAP_PX + place * (SIDE_PX + GAP_PX)
        picture[GAP_PX : GAP_PX + SIDE_PX, left : left + SIDE_PX] = _marker(number)
    return picture


def read_code(pixels: NDArray[np.uint8]) -> int | None:
    """The code in a picture, uint8 (h, w) or (h, w, 3) RGB: steps of 0.1 ms; None where there is none to be trusted."""
    grey = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    corners, ids, _ = _detector().detectMarkers(grey)
    if ids is None or len(ids) != 4:
        return None
    middles = np.array([corner.reshape(4, 2).mean(axis=0) for corner in corners])
    directions = np.array([corner.reshape(4, 2)[1] - corner.reshape(4, 2)[0] for corner in corners])
    order = np.argsort(middles @ directions.mean(axis=0))
    high, low, *sums = (int(ids[index, 0]) for index in order)
    code = 1000 * high + low
    return code if tuple(sums) == _numbers(code)[2:] else None


def delay_ns(code: int, now_ns: int) -> int:
    """Nanoseconds from when the code was painted until `now_ns`, both on one clock; under fifty seconds."""
    steps = (now_ns // STEP_NS - code) % STEPS
    return (steps - STEPS if steps > STEPS // 2 else steps) * STEP_NS


def _numbers(code: int) -> tuple[int, int, int, int]:
    high, low = divmod(code, 1000)
    return high, low, (high + 7 * low) % 1000, (11 * high + low + 500) % 1000


@lru_cache(maxsize=64)
def _marker(number: int) -> NDArray[np.uint8]:
    dictionary = cv2.aruco.getPredefinedDictionary(DICTIONARY)
    return np.asarray(cv2.aruco.generateImageMarker(dictionary, number, SIDE_PX), np.uint8)


@lru_cache(maxsize=1)
def _detector() -> "cv2.aruco.ArucoDetector":
    return cv2.aruco.ArucoDetector(cv2.aruco.getPredefinedDictionary(DICTIONARY))
