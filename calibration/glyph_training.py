"""Trains the reader of printed signs: `python -m calibration.glyph_training FONT_FOLDER…` writes `glyphs.npz`.

Signs of every font found there and of OpenCV's stroke fonts are drawn in 7 to 40 pixels, blurred, compressed and cut
out as `screen_text` cuts them. Seeded: the same fonts give the same weights.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from calibration.glyphs import CLASSES, GLYPH_SHAPE, WEIGHTS, normalised
from rtguide.opencv import cv2

__all__ = ["cut_out", "main", "sample"]

SIGNS = {**{digit: digit for digit in "0123456789"}, "c": "c", "C": "c", "m": "m", "M": "m"}
OTHERS = "abdefghknprtuvwxyzADEFGHJKLNPRTUVWXY%+-=/:#@"
"""Signs that are nothing. Left out: those that no network can tell from a digit (O S B Z I l | Q)."""

PAIRS = ("10", "12", "cm", "mm", "45", "00", "1-", "-1", "—1", ".5", "5.")
"""Signs that ran into one another: nothing either."""

HIDDEN = 64
SAMPLES = 160_000
EPOCHS = 14

Draw = Callable[[str, np.random.Generator], NDArray[np.uint8]]


def _with_font(path: Path) -> Draw:
    def draw(text: str, rng: np.random.Generator) -> NDArray[np.uint8]:
        size = int(rng.integers(9, 44))
        font = ImageFont.truetype(str(path), size)
        image = Image.new("L", (size * (len(text) + 2), size * 3))
        ImageDraw.Draw(image).text((size * 0.8 + rng.random(), size * 0.8 + rng.random()), text, 255, font)
        return np.array(image)

    return draw


def _with_strokes(face: int) -> Draw:
    def draw(text: str, rng: np.random.Generator) -> NDArray[np.uint8]:
        size = float(rng.uniform(0.28, 1.2)) * (1.7 if face == cv2.FONT_HERSHEY_PLAIN else 1.0)
        image = np.zeros((110, 60 + 50 * len(text)), np.uint8)
        thick = 1 if size < 0.7 else int(rng.integers(1, 3))
        cv2.putText(image, text, (20, 70), face, size, 255, thick, cv2.LINE_AA if rng.random() < 0.7 else cv2.LINE_8)
        return image

    return draw


def sample(draw: Draw, text: str, rng: np.random.Generator) -> NDArray[np.float32] | None:
    """One sign, drawn, worn as on a grabbed screen and cut out; None where nothing was left of it."""
    image = draw(text, rng)
    if rng.random() < 0.35:
        factor = float(rng.uniform(0.7, 1.5))
        image = np.asarray(cv2.resize(image, None, fx=factor, fy=factor * rng.uniform(0.93, 1.07)), np.uint8)
    if rng.random() < 0.5:
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), float(rng.uniform(0.3, 0.9))), np.uint8)
    ink, ground = int(rng.integers(90, 256)), int(rng.integers(0, 40))
    worn = ground + image.astype(np.float32) * ((ink - ground) / 255) + rng.normal(0, rng.uniform(0, 5), image.shape)
    image = np.clip(worn, 0, 255).astype(np.uint8)
    if rng.random() < 0.5:
        quality = int(rng.integers(35, 95))
        packed = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        image = np.asarray(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE), np.uint8)
    return cut_out(image, float(rng.uniform(0.3, 0.55)))


def cut_out(image: NDArray[np.uint8], share: float) -> NDArray[np.float32] | None:
    """The brightest sign, cut where it is brighter than `share` of its contrast."""
    low, high = float(np.median(image)), float(image.max())
    if high - low < 30:
        return None
    _, _, stats, _ = cv2.connectedComponentsWithStats((image > low + share * (high - low)).astype(np.uint8))
    if len(stats) < 2:
        return None
    x, y, width, height, _ = stats[1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())]
    if height < 5:
        return None
    return normalised(np.ascontiguousarray(image[y : y + height, x : x + width]))


def _samples(draws: list[Draw], rng: np.random.Generator) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    glyphs: list[NDArray[np.float32]] = []
    truth: list[int] = []
    while len(glyphs) < SAMPLES:
        draw = draws[int(rng.integers(len(draws)))]
        kind = rng.random()
        if kind < 0.75:
            text = list(SIGNS)[int(rng.integers(len(SIGNS)))]
            label = CLASSES.index(SIGNS[text])
        else:
            text = OTHERS[int(rng.integers(len(OTHERS)))] if kind < 0.93 else PAIRS[int(rng.integers(len(PAIRS)))]
            label = CLASSES.index("?")
        glyph = sample(draw, text, rng)
        if glyph is not None and (len(text) == 1 or glyph.any(axis=0).sum() > 12):
            glyphs.append(glyph)
            truth.append(label)
    return np.stack(glyphs).reshape(len(glyphs), -1), np.array(truth)


def _train(
    glyphs: NDArray[np.float32], truth: NDArray[np.int64], rng: np.random.Generator
) -> list[NDArray[np.float32]]:
    """Adam on cross-entropy with smoothed labels, one hidden layer."""
    sizes = [(glyphs.shape[1], HIDDEN), (HIDDEN, len(CLASSES))]
    drawn = [a for n, m in sizes for a in (rng.normal(0, (2 / n) ** 0.5, (n, m)), np.zeros(m))]
    weights: list[NDArray[np.float32]] = [weight.astype(np.float32) for weight in drawn]
    mean, square = [np.zeros_like(w) for w in weights], [np.zeros_like(w) for w in weights]
    step = 0
    for epoch in range(EPOCHS):
        rate = 2e-3 * 0.75**epoch
        for pick in np.array_split(rng.permutation(len(glyphs)), len(glyphs) // 128):
            step += 1
            x = glyphs[pick]
            hidden = np.maximum(x @ weights[0] + weights[1], 0)
            scores = hidden @ weights[2] + weights[3]
            odds = np.exp(scores - scores.max(axis=1, keepdims=True))
            odds /= odds.sum(axis=1, keepdims=True)
            wanted = np.full_like(odds, 0.02 / len(CLASSES))
            wanted[np.arange(len(pick)), truth[pick]] += 0.98
            back = (odds - wanted) / len(pick)
            below = (back @ weights[2].T) * (hidden > 0)
            slopes = [x.T @ below, below.sum(0), hidden.T @ back, back.sum(0)]
            for n, slope in enumerate(slopes):
                mean[n] = 0.9 * mean[n] + 0.1 * slope
                square[n] = 0.999 * square[n] + 0.001 * slope**2
                fair = mean[n] / (1 - 0.9**step) / (np.sqrt(square[n] / (1 - 0.999**step)) + 1e-8)
                weights[n] -= np.float32(rate) * (fair + 1e-4 * weights[n])
    return weights


def main(folders: list[str]) -> None:
    """Train on the fonts in these folders and write the weights beside this file."""
    paths = sorted(path for folder in folders for path in Path(folder).rglob("*") if path.suffix in (".ttf", ".otf"))
    strokes = [_with_strokes(face) for face in (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_PLAIN)]
    draws = [_with_font(path) for path in paths] + strokes * max(1, len(paths) // 10)
    rng = np.random.default_rng(1)
    glyphs, truth = _samples(draws, rng)
    weights = _train(glyphs[2000:], truth[2000:], rng)
    names = ("hidden_w", "hidden_b", "out_w", "out_b")
    stored: dict[str, Any] = {name: weight.astype(np.float16) for name, weight in zip(names, weights, strict=True)}
    np.savez_compressed(Path(__file__).with_name(WEIGHTS), **stored)
    hidden = np.maximum(glyphs[:2000] @ weights[0] + weights[1], 0)
    right = ((hidden @ weights[2] + weights[3]).argmax(axis=1) == truth[:2000]).mean()
    rows, columns = GLYPH_SHAPE
    print(f"{len(paths)} fonts, {len(glyphs)} signs of {rows}×{columns}: {right:.1%} of 2000 unseen right")  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1:])
