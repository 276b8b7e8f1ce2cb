"""Clips of plain speckle with a line in it that advances: a needle whose place is known."""

import numpy as np

from rtguide.model.frame import Frame
from rtguide.model.geometry import ImageGeometry, Provenance, RectRegion
from rtguide.opencv import cv2

MM_PER_PX = 0.08
ROWS, COLUMNS = 420, 520
ENTRY, ANGLE = np.array([0.0, 70.0]), np.radians(32.0)


def tissue(rng):
    noise = cv2.GaussianBlur(rng.normal(size=(ROWS, COLUMNS)), (0, 0), 3.0, sigmaY=1.8)
    envelope = np.hypot(noise, cv2.GaussianBlur(rng.normal(size=(ROWS, COLUMNS)), (0, 0), 3.0, sigmaY=1.8))
    return 70 + 28 * np.log(envelope / envelope.mean() + 0.05)


def picture(still, rng, length_px, brightness=90.0):
    """One frame; a needle of this length, or none."""
    needle = np.zeros((ROWS, COLUMNS))
    if length_px > 0:
        stop = ENTRY + length_px * np.array([np.cos(ANGLE), np.sin(ANGLE)])
        cv2.line(needle, (0, 70), tuple(int(v) for v in stop), 1.0, 4, cv2.LINE_AA)
        needle = cv2.GaussianBlur(needle, (0, 0), 2.0)
    grey = np.maximum(still, needle * (110 + brightness)) + 3 * rng.normal(size=still.shape)
    return np.clip(grey, 0, 255).astype(np.uint8)


def geometry(mm_per_px=MM_PER_PX):
    spacing = None if mm_per_px is None else (mm_per_px, mm_per_px)
    return ImageGeometry((ROWS, COLUMNS), RectRegion(0, 0, COLUMNS, ROWS), spacing, Provenance.USER)


def clip(lengths_px, seed=5):
    rng = np.random.default_rng(seed)
    still = tissue(rng)
    return [Frame(k, k * 40_000_000, None, picture(still, rng, length)) for k, length in enumerate(lengths_px)]


def advance(count=50, wait=10, start_px=60.0, px_a_frame=4.0):
    return [0.0] * wait + [start_px + px_a_frame * k for k in range(count - wait)]
