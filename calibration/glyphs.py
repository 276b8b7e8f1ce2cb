"""Reads single printed signs of a scanner's screen: digits, c and m, or "something else".

A network of one hidden layer, trained on many fonts (`glyph_training.py`), gives a probability for every class, so that
what is unsure stays unsure; it is no template of any one scanner's lettering.
"""

from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from rtguide.opencv import cv2

__all__ = ["CLASSES", "GLYPH_SHAPE", "normalised", "probabilities"]

CLASSES = "0123456789cm?"
"""What a sign can be; ? is anything else."""

GLYPH_SHAPE = (20, 16)
"""(rows, columns) of the pictures the network looks at."""

WEIGHTS = "glyphs.npz"


def normalised(crop: NDArray[np.uint8]) -> NDArray[np.float32]:
    """A sign cut out tightly, uint8 (h, w), bright on dark, as the network wants it: float32 `GLYPH_SHAPE`, 0 to 1.

    Its height fills the picture; its width keeps its proportion unless it is wider than the picture.
    """
    rows, columns = GLYPH_SHAPE
    height, width = crop.shape
    fitted = min(columns, max(1, round(width * rows / height)))
    way = cv2.INTER_AREA if height > rows else cv2.INTER_LINEAR
    scaled = np.asarray(cv2.resize(crop, (fitted, rows), interpolation=way), np.float32)
    low, high = float(scaled.min()), float(scaled.max())
    result = np.zeros(GLYPH_SHAPE, np.float32)
    left = (columns - fitted) // 2
    # a full bar (a plain 1) has no dark part to measure against
    low = min(low, 0.5 * high) if fitted >= 3 else 0.0
    result[:, left : left + fitted] = np.clip((scaled - low) / max(1.0, high - low), 0, 1)
    return result


def probabilities(glyphs: NDArray[np.float32]) -> NDArray[np.float32]:
    """Probability of each class of `CLASSES`, float32 (n, 13), of normalised signs, float32 (n, 20, 16)."""
    hidden_w, hidden_b, out_w, out_b = _weights()
    hidden = np.maximum(glyphs.reshape(len(glyphs), -1) @ hidden_w + hidden_b, 0)
    scores = hidden @ out_w + out_b
    scores -= scores.max(axis=1, keepdims=True)
    odds = np.exp(scores)
    return np.asarray(odds / odds.sum(axis=1, keepdims=True), np.float32)


@cache
def _weights() -> tuple[NDArray[np.float32], ...]:
    with (files("calibration") / WEIGHTS).open("rb") as file, np.load(file) as stored:
        return tuple(stored[name].astype(np.float32) for name in ("hidden_w", "hidden_b", "out_w", "out_b"))
