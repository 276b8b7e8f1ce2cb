"""Things drawn into samples that the phantom does not make: other needles, fascia, writing.

Independent of the phantom's physics on purpose: so its signature is not what is learned. Pictures are float32
(rows, columns, 4), newest first, as in `LookBack.stack`; points in half-size cells.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtguide.opencv import cv2

__all__ = ["draw_fascia", "draw_marks", "draw_needle"]

Picture = NDArray[np.float32]
Rng = np.random.Generator

_SHIFT = 4
"""Fraction bits of OpenCV's drawing coordinates."""


@dataclass(frozen=True, slots=True, eq=False)
class DrawnNeedle:
    """curve: float64 (n, 2), from entry to the tip of the newest picture."""

    curve: NDArray[np.float64]


def _stroke(shape: tuple[int, int], curve: NDArray[np.float64], sigma: float) -> Picture:
    """A soft line of height 1 along a curve."""
    canvas = np.zeros(shape, np.float32)
    cv2.polylines(canvas, [np.round(curve * (1 << _SHIFT)).astype(np.int32)], False, 1.0, 1, cv2.LINE_8, _SHIFT)
    soft = np.asarray(cv2.GaussianBlur(canvas, (0, 0), sigma), np.float32)
    return soft * np.float32(sigma * 2.2)


def _grain(shape: tuple[int, int], depth: float, rng: Rng) -> Picture:
    """Uneven brightness along an echo."""
    noise = np.asarray(
        cv2.GaussianBlur(rng.standard_normal(shape, np.float32), (0, 0), rng.uniform(0.8, 3.0)), np.float32
    )
    grain: Picture = np.clip(1.0 + depth * noise / float(noise.std() + 1e-6), 0.0, 2.0).astype(np.float32)
    return grain


def draw_needle(picture: Picture, rng: Rng) -> DrawnNeedle:
    """A needle that rests, jiggles, advances or is withdrawn, with its shadow and ghosts; drawn in place."""
    rows, columns = picture.shape[:2]
    side = rng.choice([-1.0, 1.0])
    slope = math.radians(rng.uniform(0, 75))
    tip = np.array([rng.uniform(0.15, 0.85) * columns, rng.uniform(0.12, 0.85) * rows])
    along = np.array([side * math.cos(slope), math.sin(slope)])
    length = 1.6 * max(rows, columns)
    bow = rng.normal(0, 0.01) * length
    normal = np.array([-along[1], along[0]])
    lags = np.array([0.0, 0.1, 0.3, 0.9])
    kind = rng.integers(4)
    if kind == 0:
        moves = np.zeros(4)
    elif kind == 1:
        moves = np.r_[0.0, rng.normal(0, 2.5, 3)]
    else:
        moves = lags * rng.uniform(3, 50) * (-1 if kind == 2 else 0.3)
    sigma = rng.uniform(0.55, 1.6)
    bright = rng.uniform(25, 190)
    grain = _grain((rows, columns), rng.uniform(0.05, 0.6), rng)
    fade = rng.uniform(-0.6, 0.3)
    ghosts = [(rng.uniform(3, 14), rng.uniform(0.1, 0.6)) for _ in range(int(rng.integers(0, 3)))]
    shade = rng.uniform(0, 0.5) if rng.random() < 0.4 else 0.0
    curve = np.empty((0, 2))
    for k in range(4):
        s = np.linspace(0, 1, 13)
        end = tip + along * moves[k]
        points = end - along * length * (1 - s)[:, None] + (4 * bow * s * (1 - s))[:, None] * normal
        line = _stroke((rows, columns), points, sigma)
        for apart, strength in ghosts:
            line = np.maximum(
                line, np.float32(strength) * _stroke((rows, columns), points + np.array([0.0, apart]), sigma)
            )
        gain = (
            np.linspace(1 + fade, 1, columns, dtype=np.float32)
            if side > 0
            else np.linspace(1, 1 + fade, columns, dtype=np.float32)
        )
        if shade:
            below = np.cumsum(line, axis=0)
            picture[..., k] *= 1 - np.float32(shade) * np.clip(below / (2 * sigma) - line, 0, 1)
        picture[..., k] += bright * line * grain * gain
        if k == 0:
            curve = points
    np.clip(picture, 0, 255, picture)
    keep = (curve[:, 0] > -1) & (curve[:, 0] < columns) & (curve[:, 1] > -1) & (curve[:, 1] < rows)
    return DrawnNeedle(curve[np.flatnonzero(keep)[0] :] if keep.any() else curve[-1:])


def draw_fascia(picture: Picture, rng: Rng) -> None:
    """Bright lines that stay with the tissue: long ones, and short ones with ends; drawn in place."""
    rows, columns = picture.shape[:2]
    for _ in range(int(rng.integers(1, 4))):
        middle = np.array([rng.uniform(0, columns), rng.uniform(0.05, 1) * rows])
        slope = rng.normal(0, 0.35)
        half = rng.uniform(8, 90)
        t = np.linspace(-1, 1, 15)
        wave = rng.normal(0, 3.0) * np.sin(t * rng.uniform(1, 5) + rng.uniform(0, 6)) + rng.normal(0, 3) * t**2
        points = middle + np.column_stack([half * t * math.cos(slope), half * t * math.sin(slope) + wave])
        line = _stroke((rows, columns), points, rng.uniform(0.5, 2.0)) * _grain(
            (rows, columns), rng.uniform(0.1, 0.6), rng
        )
        # The ends of fascia fade away, a needle's tip does not.
        ends = np.ones((rows, columns), np.float32)
        for end in (points[0], points[-1]):
            square = (np.arange(columns) - end[0]) ** 2 + (np.arange(rows)[:, None] - end[1]) ** 2
            ends *= np.minimum(np.sqrt(square) / rng.uniform(4, 18), 1.0).astype(np.float32)
        line *= ends
        bright = rng.uniform(20, 160)
        for k in range(4):
            shift = np.array([[1, 0, rng.normal(0, 0.3)], [0, 1, rng.normal(0, 0.3)]], np.float32)
            picture[..., k] += bright * cv2.warpAffine(line, shift, (columns, rows))
    np.clip(picture, 0, 255, picture)


def draw_marks(picture: Picture, rng: Rng) -> None:
    """Writing, rulers, guide lines and boxes as scanners lay them over the picture; the same in all four."""
    rows, columns = picture.shape[:2]
    layer = np.zeros((rows, columns), np.uint8)
    for _ in range(int(rng.integers(1, 4))):
        grey = int(rng.integers(90, 256))
        x, y = int(rng.integers(0, columns)), int(rng.integers(0, rows))
        kind = rng.integers(5)
        if kind == 0:
            text = "".join(rng.choice(list("ABCDEGHIKLMNRSTX0123456789 .:/"), int(rng.integers(2, 9))))
            cv2.putText(layer, text, (x - 10, y), int(rng.integers(0, 3)), rng.uniform(0.2, 0.6), grey, 1, cv2.LINE_AA)
        elif kind == 1:
            step, count, is_row = rng.uniform(3, 14), int(rng.integers(4, 16)), rng.random() < 0.3
            long = int(rng.integers(0, 4))
            for i in range(count):
                at = (int(x + i * step), y) if is_row else (x, int(y + i * step))
                to = (at[0], at[1] + long) if is_row else (at[0] + long, at[1])
                cv2.line(layer, at, to, grey, 1)
        elif kind == 2:
            other = int(rng.integers(0, columns)), int(rng.integers(0, rows))
            gaps = int(rng.integers(1, 14))
            for i in range(0, 2 * gaps, 2):
                a, b = i / (2 * gaps), (i + 1 + (gaps == 1)) / (2 * gaps)
                ends = [(int(x + (other[0] - x) * s), int(y + (other[1] - y) * s)) for s in (a, b)]
                cv2.line(layer, ends[0], ends[1], grey, 1, cv2.LINE_AA if rng.random() < 0.5 else cv2.LINE_8)
        elif kind == 3:
            cv2.rectangle(layer, (x, y), (x + int(rng.integers(5, 60)), y + int(rng.integers(5, 60))), grey, 1)
        else:
            cv2.ellipse(
                layer, (x, y), (int(rng.integers(3, 25)), int(rng.integers(3, 25))), 0, 0, 360, grey, 1, cv2.LINE_AA
            )
    np.maximum(picture, layer[..., None].astype(np.float32), out=picture)
