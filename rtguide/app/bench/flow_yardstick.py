"""The yardstick for a structure: forward-backward pyramidal optical flow, 60 points, windows of 21×21, 3 levels."""

import time

import numpy as np
from numpy.typing import NDArray

from rtguide.model.points import as_array
from rtguide.model.structure import Structure
from rtguide.opencv import cv2

__all__ = ["FlowYardstick"]

ACROSS, DOWN = 10, 6
WINDOW, LEVELS = (21, 21), 3


class FlowYardstick:
    """What following one structure by optical flow alone costs, its two pyramids and nothing else.

    References
    ----------
    Bouguet, "Pyramidal implementation of the affine Lucas Kanade feature tracker", Intel 2000; Kalal et al., "Forward-
    backward error: automatic detection of tracking failures", ICPR 2010.
    """

    def __init__(self, structure: Structure) -> None:
        (x0, y0), (x1, y1) = (as_array(structure.outline_px).min(axis=0), as_array(structure.outline_px).max(axis=0))
        xs, ys = np.meshgrid(np.linspace(x0, x1, ACROSS), np.linspace(y0, y1, DOWN))
        self._points = np.stack([xs.ravel(), ys.ravel()], axis=1)[:, None].astype(np.float32)

    def spend_ns(self, before: NDArray[np.uint8], now: NDArray[np.uint8]) -> int:
        """Follow the points from one grey picture to the next and back; how long it took."""
        begin = time.perf_counter_ns()
        there, _, _ = cv2.calcOpticalFlowPyrLK(before, now, self._points, np.array([]), winSize=WINDOW, maxLevel=LEVELS)
        cv2.calcOpticalFlowPyrLK(now, before, there, np.array([]), winSize=WINDOW, maxLevel=LEVELS)
        return time.perf_counter_ns() - begin
