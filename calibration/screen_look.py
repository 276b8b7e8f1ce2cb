"""What to know a screen by: its ruler's ticks and the gaps between them, and what is printed beside the ruler.

Another depth moves the ticks, or leaves them and changes the numbers; gain, freeze and clocks do neither.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from calibration.ruler_ticks import Ruler
from rtguide.model.look import LookGroup, ScreenLook
from rtguide.opencv import cv2

__all__ = ["screen_look"]

LABEL_REACH_SHARE = 0.06
"""How far beside the ruler its numbers stand, in parts of the frame's longer side."""

LEAST_CONTRAST = 45
"""Print that stands out by fewer grey levels is not used."""

MOST_SIGNS, MOST_PIXELS = 40, 24

MOST_LIT = 0.6
"""An area of which more is bright is no print."""

TALLEST_SHARE = 0.05
"""Signs are at most this tall, in parts of the frame's height."""


def screen_look(
    grey: NDArray[np.uint8], ruler: Ruler, boxes_px: Sequence[tuple[int, int, int, int]] = ()
) -> ScreenLook | None:
    """The look of a screen with this ruler; None where its ticks cannot be told from the gaps between them.

    grey: uint8 (h, w) · boxes_px: the print that says what a tick is, (x0, y0, x1, y1) each; where there is none,
    whatever is printed beside the ruler stands in for it.
    """
    ticks = _ticks(grey, ruler)
    if ticks is None:
        return None
    areas = boxes_px or [_beside(grey, ruler, way) for way in (-1, 1)]
    signs = [sign for area in areas for sign in _signs(grey, ruler, _wider(area, grey.shape))]
    return ScreenLook((grey.shape[0], grey.shape[1]), ticks, tuple(signs[:MOST_SIGNS]))


def _ticks(grey: NDArray[np.uint8], ruler: Ruler) -> LookGroup | None:
    """Ticks and gaps, along the line that all ticks share."""
    view = grey.T if ruler.is_across else grey
    rows = np.round(ruler.along_px).astype(int)
    low, high = (round(value) for value in ruler.span_px)
    shared = view[rows, low : high + 1].min(axis=0)
    column = low + int(shared.argmax())
    gaps = np.round(0.5 * (ruler.along_px[1:] + ruler.along_px[:-1])).astype(int)
    gaps = gaps[np.diff(ruler.index) == 1]
    lit, dark = view[rows, column].astype(int), view[gaps, column].astype(int)
    level = round((np.quantile(lit, 0.1) + np.quantile(dark, 0.9)) / 2)
    rows, gaps = rows[lit > level], gaps[dark < level]
    if len(rows) < 4 or len(gaps) < 3 or np.quantile(lit, 0.1) - np.quantile(dark, 0.9) < 20:
        return None
    return LookGroup(level, _points(rows, column, ruler), _points(gaps, column, ruler))


def _points(along: NDArray[np.int64], column: int, ruler: Ruler) -> tuple[tuple[int, int], ...]:
    return tuple((int(at), column) if ruler.is_across else (column, int(at)) for at in along)


def _beside(grey: NDArray[np.uint8], ruler: Ruler, way: int) -> tuple[int, int, int, int]:
    """The strip on one side of the ruler in which its numbers stand, (x0, y0, x1, y1)."""
    reach = round(LABEL_REACH_SHARE * max(grey.shape))
    near = round(ruler.span_px[0]) - 2 if way < 0 else round(ruler.span_px[1]) + 2
    low, high = sorted((near, near + way * reach))
    start, stop = round(ruler.along_px[0] - ruler.pitch_px), round(ruler.along_px[-1] + ruler.pitch_px)
    x0, y0, x1, y1 = (start, low, stop, high) if ruler.is_across else (low, start, high, stop)
    return max(0, x0), max(0, y0), min(grey.shape[1] - 1, x1), min(grey.shape[0] - 1, y1)


def _wider(box: tuple[int, int, int, int], shape_px: tuple[int, ...]) -> tuple[int, int, int, int]:
    """The box with some ground around it."""
    x0, y0, x1, y1 = box
    return max(0, x0 - 3), max(0, y0 - 3), min(shape_px[1] - 1, x1 + 3), min(shape_px[0] - 1, y1 + 3)


def _signs(grey: NDArray[np.uint8], ruler: Ruler, box: tuple[int, int, int, int]) -> Iterator[LookGroup]:
    """The signs in a box of the screen that is otherwise flat; tissue is none."""
    x0, y0, x1, y1 = box
    area = np.ascontiguousarray(grey[y0 : y1 + 1, x0 : x1 + 1])
    if area.size == 0:
        return
    ground = int(np.median(area))
    lit = (area.astype(int) - ground >= LEAST_CONTRAST).astype(np.uint8)
    if lit.mean() > MOST_LIT:
        return
    _, labels, stats, _ = cv2.connectedComponentsWithStats(lit, connectivity=8)
    tallest = TALLEST_SHARE * grey.shape[0]
    for number, (x, y, width, height, size) in enumerate(stats[1:].tolist(), start=1):
        is_sign = 5 <= height <= tallest and 2 <= width <= 2 * tallest and size >= 6
        if not is_sign or ruler.span_px[0] - 1 <= (y0 + y if ruler.is_across else x0 + x) <= ruler.span_px[1]:
            continue
        part = area[y : y + height, x : x + width]
        own = labels[y : y + height, x : x + width] == number
        peak = int(part[own].max())
        is_bright = own & (part >= ground + 0.75 * (peak - ground))
        is_dark = part <= ground + 0.25 * (peak - ground)
        if is_bright.sum() >= 4 and is_dark.sum() >= 3:
            level = round((ground + peak) / 2)
            yield LookGroup(level, _some(is_bright, x0 + x, y0 + y), _some(is_dark, x0 + x, y0 + y))


def _some(mask: NDArray[np.bool_], x0: int, y0: int) -> tuple[tuple[int, int], ...]:
    """Pixels spread evenly over a mask."""
    ys, xs = np.nonzero(mask)
    pick = np.unique(np.linspace(0, len(xs) - 1, min(len(xs), MOST_PIXELS)).round().astype(int))
    return tuple((int(x0 + xs[n]), int(y0 + ys[n])) for n in pick)
