"""The blurred form of a structure: what is left of it when the speckle is smoothed away.

Speckle belongs to one slice of the tissue and changes when the probe tilts or slides across it; the form, bright or
dark against its surroundings, stays, and follows a nerve or vessel that runs obliquely through the slice.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtguide.opencv import cv2
from rtguide.tracking.structure_blocks import Picture

__all__ = ["Form"]

MARGIN_HALF_CELLS = 2
"""How far the form reaches beyond the outline's box, half cells (0.6 mm at 0.15 mm a cell): the outline's contrast and
little of the surroundings, which need not move with it."""

LINE_MARGIN_HALF_CELLS = 6
"""The same for lines and points, which have no inside: 1.8 mm."""

BLUR_HALF_CELLS = 1.25
"""Sigma of the smoothing: about two speckles across."""

BLUR_PAD = 5
"""Half cells added around a window before it is blurred: four sigmas."""

REACH_HALF_CELLS = 4
"""Shifts compared: ±1.2 mm. More is no drift but another place."""

SEARCH_LIKENESS = 0.45
"""Least correlation of the unblurred patch for a place to be tried when the structure is looked for everywhere."""


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """The first picture of a structure on the half-size grid. corner: (x, y) of both patches, half cells."""

    sharp: NDArray[np.uint8]
    blurred: NDArray[np.float32]
    corner: NDArray[np.float64]

    @classmethod
    def cut(cls, picture: Picture, outline: NDArray[np.float64], *, has_inside: bool) -> "Form":
        """Cut around an outline (n, 2) in cells; the form of a line or point is what lies around it."""
        rows, columns = picture.half.shape
        margin = MARGIN_HALF_CELLS if has_inside else LINE_MARGIN_HALF_CELLS
        low = np.clip(np.floor(outline.min(axis=0) / 2) - margin, 0, [columns - 8, rows - 8]).astype(int)
        high = np.clip(np.ceil(outline.max(axis=0) / 2) + margin, low + 8, [columns, rows]).astype(int)
        blurred = _blur(picture.half)[low[1] : high[1], low[0] : high[0]].copy()
        sharp = picture.half[low[1] : high[1], low[0] : high[0]].copy()
        return cls(sharp, blurred, low.astype(np.float64))

    def compare(self, picture: Picture, shift: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
        """The form against this picture where it should have moved by `shift` (x, y) cells since it was cut.

        Returns (by how many cells (x, y) it lies beside that place, its correlation there at the best).
        """
        height, width = self.blurred.shape
        place = self.corner + shift / 2
        whole = np.round(place).astype(int)
        reach, pad = REACH_HALF_CELLS, REACH_HALF_CELLS + BLUR_PAD
        window = _window(picture.half, whole - pad, (width + 2 * pad, height + 2 * pad))
        if window is None:
            return np.zeros(2), 0.0
        blurred = _blur(window)[BLUR_PAD:-BLUR_PAD, BLUR_PAD:-BLUR_PAD]
        surface = np.asarray(cv2.matchTemplate(blurred, self.blurred, cv2.TM_CCOEFF_NORMED), np.float32)
        _, peak, _, (px, py) = cv2.minMaxLoc(surface)
        at = np.array([px + _bend(surface[py, :], px), py + _bend(surface[:, px], py)])
        return 2.0 * (at - reach + whole - place), float(peak)

    def search(self, picture: Picture) -> NDArray[np.float64] | None:
        """By how many cells (x, y) the structure has moved, looked for in the whole picture; None if nowhere."""
        surface = cv2.matchTemplate(picture.half, self.sharp, cv2.TM_CCOEFF_NORMED)
        _, peak, _, place = cv2.minMaxLoc(surface)
        return 2.0 * (np.array(place, np.float64) - self.corner) if peak >= SEARCH_LIKENESS else None


def _window(half: NDArray[np.uint8], corner: NDArray[np.int_], size: tuple[int, int]) -> NDArray[np.uint8] | None:
    """A part of the picture, its border repeated where it hangs out; None where all of it does."""
    rows, columns = half.shape
    x0, y0 = (int(v) for v in corner)
    x1, y1 = x0 + size[0], y0 + size[1]
    part = half[max(0, y0) : max(0, y1), max(0, x0) : max(0, x1)]
    if part.size == 0:
        return None
    out = (max(0, -y0), max(0, y1 - rows), max(0, -x0), max(0, x1 - columns))
    return np.asarray(cv2.copyMakeBorder(part, *out, cv2.BORDER_REPLICATE), np.uint8) if any(out) else part


def _blur(part: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(part.astype(np.float32), (0, 0), BLUR_HALF_CELLS), np.float32)


def _bend(line: NDArray[np.float32], i: int) -> float:
    """Sub-cell offset of a maximum by a parabola; 0 at the ends."""
    if not 0 < i < len(line) - 1:
        return 0.0
    bend = float(line[i - 1] + line[i + 1] - 2 * line[i])
    return float(0.5 * (line[i - 1] - line[i + 1]) / bend) if bend < 0 else 0.0
