"""Text burned into a picture: names and dates live there, and whoever passes a clip on should know of them.

Letters are strokes that stand still, much brighter or darker than what is beside them, several of one height in a row.
Speckle moves, and fascia is neither of one height nor in pieces. What is found is shown to a person; nothing is read.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rtguide.opencv import cv2
from rtguide.recording.layout import Box

__all__ = ["MOST_PICTURES", "find_text"]

MOST_PICTURES = 12
"""Pictures that are compared: spread over a recording, enough to see what stands still."""

STILL_LEVELS = 10
"""Grey levels by which lossy video moves a letter that stands still."""

STROKE_LEVELS = 30
"""Contrast of a stroke against its surroundings: letters are made to be read."""

LETTER_PX = (6, 72)
"""Height of letters, from a small label on a 480-line screen to a headline at 4K."""

LEAST_LETTERS = 3
"""So many in a row are a word; fewer are marks, ticks or a probe's sign."""

MARGIN_PX = 3


def find_text(pictures: Sequence[NDArray[np.uint8]]) -> tuple[Box, ...]:
    """Where something like a word stands in all of the pictures, grey uint8 (h, w) of one size, from top to bottom."""
    if not pictures:
        return ()
    darkest, brightest = np.minimum.reduce(pictures), np.maximum.reduce(pictures)
    is_still = cv2.subtract(brightest, darkest) <= STILL_LEVELS
    boxes: list[tuple[int, int, int, int]] = []
    for reach in (9, 25):  # thin strokes, and those of a headline
        kernel = np.ones((reach, reach), np.uint8)
        for operation in (cv2.MORPH_TOPHAT, cv2.MORPH_BLACKHAT):
            strokes = cv2.morphologyEx(darkest, operation, kernel) >= STROKE_LEVELS
            boxes += _words(_letters((strokes & is_still).astype(np.uint8)))
    return tuple(Box(*box) for box in _joined(boxes, darkest.shape))


def _letters(mask: NDArray[np.uint8]) -> list[tuple[int, int, int, int]]:
    """(x, y, width, height) of pieces that are of a letter's size and as filled as letters are."""
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    found = []
    for x, y, width, height, area in stats[1:count].tolist():
        is_sized = LETTER_PX[0] <= height <= LETTER_PX[1] and width <= 1.6 * height
        if is_sized and 0.15 * width * height <= area:
            found.append((x, y, width, height))
    return sorted(found)


def _words(letters: list[tuple[int, int, int, int]]) -> list[tuple[int, int, int, int]]:
    """Rows of at least three letters of about one height that stand close together."""
    words: list[tuple[int, int, int, int]] = []
    open_rows: list[list[tuple[int, int, int, int]]] = []
    for letter in letters:
        x, y, _, height = letter
        for row in open_rows:
            last_x, last_y, last_width, last_height = row[-1]
            is_level = abs((y + height) - (last_y + last_height)) <= 0.25 * max(height, last_height)
            is_alike = 0.6 <= height / last_height <= 1.6
            if is_level and is_alike and 0 <= x - (last_x + last_width) <= 0.9 * max(height, last_height):
                row.append(letter)
                break
        else:
            open_rows.append([letter])
    for row in open_rows:
        if len(row) >= LEAST_LETTERS:
            left, top = row[0][0], min(letter[1] for letter in row)
            right = max(letter[0] + letter[2] for letter in row)
            words.append((left, top, right - left, max(letter[1] + letter[3] for letter in row) - top))
    return words


def _joined(boxes: list[tuple[int, int, int, int]], shape: tuple[int, ...]) -> list[tuple[int, int, int, int]]:
    """Boxes with a margin, those that touch made one, from top to bottom."""
    mask = np.zeros(shape[:2], np.uint8)
    for x, y, width, height in boxes:
        mask[max(0, y - MARGIN_PX) : y + height + MARGIN_PX, max(0, x - MARGIN_PX) : x + width + MARGIN_PX] = 1
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    rows = [(int(x), int(y), int(width), int(height)) for x, y, width, height, _ in stats[1:count]]
    return sorted(rows, key=lambda box: (box[1], box[0]))
