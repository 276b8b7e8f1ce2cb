"""Numbers and units printed on a scanner's screen: where they stand and how surely they are read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from calibration.glyphs import CLASSES, normalised, probabilities
from rtguide.opencv import cv2

__all__ = ["Length", "Word", "lengths", "screen_words"]

CONTRASTS = (45, 80, 130)
"""Grey levels above the surroundings at which signs are cut out: each lettering is read best at one of them."""

TALLEST_SHARE = 0.055
"""Signs are at most this tall, in parts of the picture's height."""

SMALLEST_PX = 5
"""Signs of less height cannot be told apart."""

SAME_WORD_GAP = 0.55
"""Signs of one word are at most this far apart, in heights of a sign ..."""

WIDEST_STEP = 1.3
"""... or their middles are at most this far apart: a 1 is narrow and stands alone in its place."""

POINT_STEP = 1.1
"""Digits whose middles are further apart have room for a point between them."""

SPACE_GAP = 1.4
"""A number and its unit are at most this far apart, in heights of a sign."""

UNSEEN_POINT = 0.5
"""How sure a number is at most that has room for a point that was not seen."""

DOUBT = 0.02
"""A digit that is less probable is ruled out."""

MOST_SIGNS = 4000
"""More small parts than these are tissue at this contrast."""


@dataclass(frozen=True, slots=True, eq=False)
class Word:
    """Signs side by side.

    box_px: (x0, y0, x1, y1), inclusive · text: as read, `.` for a point, `?` for what is no sign · sure: how sure each
    sign of the text is, 0 to 1 · odds: float32 (n, 13), the probability of each class of `CLASSES` for each sign that
    is no point.
    """

    box_px: tuple[int, int, int, int]
    text: str
    sure: tuple[float, ...]
    odds: NDArray[np.float32]

    @property
    def confidence(self) -> float:
        """Of the least certain sign."""
        return min(self.sure)

    @property
    def height_px(self) -> int:
        """Height of its tallest sign."""
        return self.box_px[3] - self.box_px[1] + 1

    def middle_px(self, *, is_across: bool) -> float:
        """Its middle along a ruler that runs across or down."""
        low, high = (0, 2) if is_across else (1, 3)
        return 0.5 * (self.box_px[low] + self.box_px[high])

    def chance(self, text: str) -> float:
        """How probable it is that it says `text`, digits only: the chance of the least probable sign."""
        if len(text) != len(self.odds) or "." in self.text:
            return 0.0
        return float(min(self.odds[n, CLASSES.index(sign)] for n, sign in enumerate(text)))


def screen_words(grey: NDArray[np.uint8]) -> list[Word]:
    """Every word that may hold a digit or a unit, uint8 (h, w), bright on dark; each as read at the best contrast."""
    tallest = max(9, round(TALLEST_SHARE * grey.shape[0]))
    side = tallest | 1
    square = cv2.getStructuringElement(cv2.MORPH_RECT, (side, side))
    thin = np.asarray(cv2.morphologyEx(grey, cv2.MORPH_TOPHAT, square), np.uint8)
    best: list[Word] = []
    for contrast in CONTRASTS:
        for word in _words(thin, contrast, tallest):
            rivals = [n for n, other in enumerate(best) if _overlap(word, other)]
            if all(word.confidence * len(word.text) > best[n].confidence * len(best[n].text) for n in rivals):
                best = [other for n, other in enumerate(best) if n not in rivals] + [word]
    return best


def _overlap(word: Word, other: Word) -> bool:
    a, b = word.box_px, other.box_px
    return min(a[2], b[2]) >= max(a[0], b[0]) and min(a[3], b[3]) >= max(a[1], b[1])


def _words(thin: NDArray[np.uint8], contrast: int, tallest: int) -> Iterator[Word]:
    _, _, stats, _ = cv2.connectedComponentsWithStats((thin >= contrast).astype(np.uint8), connectivity=8)
    box = stats[1:, :4].astype(np.int64)
    height, width = box[:, 3], box[:, 2]
    is_sign = (height >= SMALLEST_PX) & (height <= tallest) & (width <= 1.6 * height)
    is_speck = (height < 0.4 * tallest) & (width <= height + 2) & (height <= width + 2)
    signs, specks = box[is_sign], box[is_speck]
    if not 0 < len(signs) <= MOST_SIGNS:
        return
    crops = [np.ascontiguousarray(thin[y : y + h, x : x + w]) for x, y, w, h in signs]
    odds = probabilities(np.stack([normalised(crop) for crop in crops]))
    taken = np.zeros(len(signs), bool)
    for first in np.argsort(signs[:, 0], kind="stable"):
        if not taken[first]:
            group = _group(signs, int(first), taken)
            yield _word(signs[group], odds[group], specks)


def _group(signs: NDArray[np.int64], first: int, taken: NDArray[np.bool_]) -> list[int]:
    """The signs of one word, left to right."""
    group = [first]
    taken[first] = True
    while True:
        x, y, width, height = signs[group[-1]]
        gap = signs[:, 0] - (x + width)
        overlap = np.minimum(signs[:, 1] + signs[:, 3], y + height) - np.maximum(signs[:, 1], y)
        tall = np.maximum(signs[:, 3], height)
        step = signs[:, 0] + 0.5 * signs[:, 2] - x - 0.5 * width
        is_next = ~taken & (gap >= -1) & ((gap <= SAME_WORD_GAP * tall) | (step <= WIDEST_STEP * tall))
        is_next &= (overlap >= 0.6 * np.minimum(signs[:, 3], height)) & (np.minimum(signs[:, 3], height) >= 0.55 * tall)
        if not is_next.any():
            return group
        nearest = int(np.where(is_next, gap, np.iinfo(np.int64).max).argmin())
        group.append(nearest)
        taken[nearest] = True


def _word(signs: NDArray[np.int64], odds: NDArray[np.float32], specks: NDArray[np.int64]) -> Word:
    x0, y0 = int(signs[:, 0].min()), int(signs[:, 1].min())
    x1, y1 = int((signs[:, 0] + signs[:, 2]).max()) - 1, int((signs[:, 1] + signs[:, 3]).max()) - 1
    tall = y1 - y0 + 1
    text, sure = "", []
    for n, (x, _, width, _) in enumerate(signs):
        sign, odd = CLASSES[int(odds[n].argmax())], float(odds[n].max())
        if n:
            before = signs[n - 1]
            gap = (int(before[0] + before[2]), int(x))
            step = x + 0.5 * width - before[0] - 0.5 * before[2]
            if _has_point(specks, gap, y1, tall):
                text += "."
                sure.append(1.0)
            elif text[-1].isdigit() and sign.isdigit() and step > POINT_STEP * tall:
                odd = min(odd, UNSEEN_POINT)
        text += sign
        sure.append(odd)
    return Word((x0, y0, x1, y1), text, tuple(sure), odds)


def _has_point(specks: NDArray[np.int64], gap: tuple[int, int], base: int, tall: int) -> bool:
    """Whether a small thing stands on the base line between two signs."""
    if len(specks) == 0:
        return False
    middle = specks[:, 0] + 0.5 * specks[:, 2]
    bottom = specks[:, 1] + specks[:, 3] - 1
    is_small = (specks[:, 3] <= 0.34 * tall + 1) & (specks[:, 2] <= 0.34 * tall + 1)
    on_line = np.abs(bottom - base) <= max(1.0, 0.12 * tall)
    return bool((is_small & on_line & (middle > gap[0] - 1) & (middle < gap[1] + 1)).any())


NUMBER_WITH_UNIT = re.compile(r"(?<![\d.])(\d{1,3}(?:\.\d)?)(cm|mm)(?![\dcm])")
"""A length as depths are printed; two decimals are a measurement."""


@dataclass(frozen=True, slots=True)
class Length:
    """A length that is printed on the screen: 4.5 cm.

    confidence: of the least certain sign · doubts_mm: what else it might say · box_px: (x0, y0, x1, y1).
    """

    text: str
    mm: float
    confidence: float
    doubts_mm: tuple[float, ...]
    box_px: tuple[int, int, int, int]


def lengths(words: list[Word]) -> list[Length]:
    """Every number with a unit among the words."""
    return [
        _length(hit, entry)
        for word in words
        for entry in (word, *_with_next(word, words))
        for hit in NUMBER_WITH_UNIT.finditer(entry.text)
    ]


def _length(hit: re.Match[str], word: Word) -> Length:
    unit = 10.0 if hit[2] == "cm" else 1.0
    signs = [n for n in range(hit.start(), hit.end(1)) if word.text[n] != "."]
    options = [_options(word.odds[n - word.text[:n].count(".")]) for n in signs]
    readings = {float(_with_point("".join(digits), hit[1])) * unit for digits in product(*options)}
    mm = float(hit[1]) * unit
    sure = min(word.sure[hit.start() : hit.end()])
    return Length(f"{hit[1]} {hit[2]}", mm, sure, tuple(sorted(readings - {mm})), word.box_px)


def _options(odds: NDArray[np.float32]) -> str:
    """The digits that a sign may be."""
    return "".join(CLASSES[n] for n in range(10) if odds[n] >= DOUBT or n == odds[:10].argmax())


def _with_point(digits: str, model: str) -> str:
    at = model.find(".")
    return digits if at < 0 else f"{digits[:at]}.{digits[at:]}"


def _with_next(word: Word, words: list[Word]) -> Iterator[Word]:
    """A number joined with the unit that stands to its right after a space."""
    a = word.box_px
    for other in words:
        b = other.box_px
        gap, overlap = b[0] - a[2], min(a[3], b[3]) - max(a[1], b[1])
        if 0 < gap <= SPACE_GAP * word.height_px and overlap >= 0.5 * other.height_px and other.text in ("cm", "mm"):
            box = (a[0], min(a[1], b[1]), b[2], max(a[3], b[3]))
            yield Word(box, word.text + other.text, word.sure + other.sure, np.vstack([word.odds, other.odds]))
