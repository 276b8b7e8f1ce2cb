"""The learned cue: where a small network sees a needle and its tip. OpenCV runs it."""

from dataclasses import dataclass
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from rtguide.opencv import cv2
from rtguide.tracking.grid import WorkGrid
from rtguide.tracking.grid_motion import TissueMotion
from rtguide.tracking.learned_lines import CueLine, lines_in
from rtguide.tracking.learned_view import LookBack, as_input

__all__ = ["CueLook", "CueNetwork", "LearnedCue"]

WINDOW = 72
"""Sides of a look at one place, half-size cells: 22 mm of a linear picture. 64 shows ends that have left the plane."""

BEHIND = 16.0
"""The window's middle lies so far behind the tip, half-size cells: where the shaft is."""


class CueNetwork:
    """The network; one for each tracker, for it keeps what it works in."""

    def __init__(self) -> None:
        weights = (resources.files("rtguide.tracking") / "learned_cue.onnx").read_bytes()
        self._net = cv2.dnn.readNetFromONNX(np.frombuffer(weights, np.uint8))

    def answer(self, given: NDArray[np.float32]) -> NDArray[np.float32]:
        """Chances of a shaft and of its tip, and how far off a tip there would be (cells), from what `as_input` gives.

        Returns float32 (3, rows, columns).
        """
        _, channels, rows, columns = given.shape
        halves = rows // 2, columns // 2
        cells = given.reshape(channels, halves[0], 2, halves[1], 2).transpose(0, 2, 4, 1, 3)
        self._net.setInput(np.ascontiguousarray(cells).reshape(1, 4 * channels, *halves))
        found = np.asarray(self._net.forward(), np.float32).reshape(3, 2, 2, *halves)
        return found.transpose(0, 3, 1, 4, 2).reshape(3, rows, columns)


@dataclass(frozen=True, slots=True, eq=False)
class CueLook:
    """What one look found. lines: in cells of the work grid, likeliest tip first · is_whole: of the whole region."""

    lines: tuple[CueLine, ...]
    is_whole: bool


class LearnedCue:
    """Looks at distinct pictures in order of time: at all of one, or round a place."""

    def __init__(self, grid: WorkGrid) -> None:
        self._network = CueNetwork()
        self._back = LookBack(grid)

    def take(self, cells: NDArray[np.uint8], motion: TissueMotion, time_s: float) -> None:
        """The next distinct picture, uint8 (rows, columns) of the work grid."""
        self._back.take(cells, motion, time_s)

    def look(self, near: CueLine | None = None) -> CueLook:
        """Look at the picture taken last; near: only round the tip of this line."""
        rows, columns = self._back.shape
        y0, x0, y1, x1 = 0, 0, rows, columns
        if near is not None:
            ux, uy = near.unit
            x, y = ((place - 0.5) / 2 for place in near.tip)
            x0, x1 = _window(x - BEHIND * ux, columns)
            y0, y1 = _window(y - BEHIND * uy, rows)
        part = slice(y0, y1), slice(x0, x1)
        stacked, inside = self._back.stack(*part), self._back.inside[part]
        found = self._network.answer(as_input(stacked, inside))
        shaft, tip = (np.where(inside, one[: y1 - y0, : x1 - x0], np.float32(0.0)) for one in found[:2])
        lines = tuple(line.on_whole_grid(x0, y0) for line in lines_in(shaft, tip, found[2]))
        return CueLook(lines, near is None)


def _window(middle: float, size: int) -> tuple[int, int]:
    """First and last + 1 of `WINDOW` cells round a place, within the picture."""
    first = min(max(round(middle) - WINDOW // 2, 0), max(size - WINDOW, 0))
    return first, min(first + WINDOW, size)
