"""Notices two pictures side by side (dual view): a column at which nearly every row jumps, inside the picture."""

import numpy as np
from numpy.typing import NDArray

from rtguide.model.geometry import ImageGeometry

__all__ = ["dual_note", "seam_px"]

LIT_GREY = 12
"""Rows that are no brighter on either side say nothing."""

AROUND_PX = 9
"""A jump is held against the mean change from pixel to pixel so far to both sides."""

TIMES, LEAST_JUMP = 3.0, 6.0
"""A jump is so many times that change, and so many grey levels more."""

LEAST_SHARE = 0.5
"""Of the lit rows that jump at a seam. Two pictures that touch reach 0.75, tissue and cursors 0.1."""

LEAST_ROWS = 0.25
"""Of the picture's height that is lit at a seam."""

MIDDLE = (0.3, 0.7)
"""Of the picture's width: two pictures of one size meet there."""


def seam_px(grey: NDArray[np.uint8], geometry: ImageGeometry) -> int | None:
    """The first column of the right one of two pictures that touch; None where there is one picture.

    grey: uint8 (h, w), one frame.
    """
    x0, y0, x1, y1 = geometry.bounds_px()
    block = grey[y0:y1, x0:x1].astype(np.int16)
    height, width = block.shape
    if width < 8 * AROUND_PX:
        return None
    change = np.abs(np.diff(block, axis=1)).astype(np.float32)
    sums = np.cumsum(np.pad(change, ((0, 0), (1, 0))), axis=1)
    span = 2 * AROUND_PX + 1
    around = np.full_like(change, np.inf)
    inner = slice(AROUND_PX, change.shape[1] - AROUND_PX)
    around[:, inner] = (sums[:, span:] - sums[:, :-span] - change[:, inner]) / (span - 1)
    lit = np.maximum(block[:, 1:], block[:, :-1]) > LIT_GREY
    jumps = (change > TIMES * around + LEAST_JUMP) & lit
    rows = lit.sum(axis=0)
    share = np.where(rows >= LEAST_ROWS * height, jumps.sum(axis=0) / np.maximum(rows, 1), 0.0)
    low, high = (round(part * width) for part in MIDDLE)
    at = low + int(share[low:high].argmax())
    return x0 + at + 1 if share[at] >= LEAST_SHARE else None


def dual_note(grey: NDArray[np.uint8], geometry: ImageGeometry) -> str:
    """What to say of two pictures side by side, to be put behind a note; empty for one picture."""
    seam = seam_px(grey, geometry)
    if seam is None:
        return ""
    return (
        f"; two pictures side by side meet at column {seam}: one of them may be frozen or of another depth, show one "
        "picture alone on the scanner"
    )
