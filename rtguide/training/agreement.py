"""How far two people agree.

References
----------
Cohen, Educ Psychol Meas 20 (1960), 37: kappa. Shrout and Fleiss, Psychol Bull 86 (1979), 420: ICC(2,1) and its
interval. Dice, Ecology 26 (1945), 297: overlap of outlines.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtguide.errors import ConfigError
from rtguide.model.points import Points, as_array
from rtguide.opencv import cv2
from rtguide.training.annotation import Annotation, TipSight

__all__ = ["AnnotatorAgreement", "Icc", "agreement_of", "cohen_kappa", "dice", "icc_2_1"]

SUB = 4
"""Outlines are filled on a raster so many times finer than pixels."""


def cohen_kappa(a: Sequence[Hashable], b: Sequence[Hashable]) -> float | None:
    """Agreement beyond chance on the same items; None where there is none, or where one answer alone was given."""
    if len(a) != len(b):
        raise ConfigError(f"two raters must judge the same items, not {len(a)} and {len(b)}")
    if not a:
        return None
    observed = sum(x == y for x, y in zip(a, b, strict=True)) / len(a)
    chance = sum((list(a).count(x) / len(a)) * (list(b).count(x) / len(b)) for x in {*a, *b})
    return None if chance >= 1.0 else (observed - chance) / (1.0 - chance)


@dataclass(frozen=True, slots=True)
class Icc:
    """Absolute agreement of single ratings, two-way random, with its 95 % interval."""

    value: float
    low: float
    high: float


def icc_2_1(ratings: NDArray[np.float64]) -> Icc | None:
    """ICC(2,1) of ratings float64 (items, raters); None with too few, or where no item differs."""
    n, k = ratings.shape
    if n < 2 or k < 2:
        return None
    mean = ratings.mean()
    rows = k * float(((ratings.mean(axis=1) - mean) ** 2).sum()) / (n - 1)
    columns = n * float(((ratings.mean(axis=0) - mean) ** 2).sum()) / (k - 1)
    total = float(((ratings - mean) ** 2).sum())
    error = (total - rows * (n - 1) - columns * (k - 1)) / ((n - 1) * (k - 1))
    if rows <= 1e-12 * total:
        return None
    error = 0.0 if error <= 1e-12 * total else error
    below = rows + (k - 1) * error + k * (columns - error) / n
    if below <= 0.0:
        return None
    value = (rows - error) / below
    if value >= 1.0 - 1e-12:
        return Icc(value, value, value)
    a, b = k * value / (n * (1.0 - value)), 1.0 + k * value * (n - 1) / (n * (1.0 - value))
    freedom = (a * columns + b * error) ** 2 / ((a * columns) ** 2 / (k - 1) + (b * error) ** 2 / ((n - 1) * (k - 1)))
    from scipy.stats import f  # noqa: PLC0415 - 0.7 s, and most who annotate or score ask for no interval

    lower, upper = float(f.ppf(0.975, n - 1, freedom)), float(f.ppf(0.975, freedom, n - 1))
    spread = k * columns + (k * n - k - n) * error
    low = n * (rows - lower * error) / (lower * spread + n * rows)
    high = n * (upper * rows - error) / (spread + n * upper * rows)
    return Icc(value, low, high)


def dice(a: Points, b: Points) -> float:
    """Overlap of two closed outlines, 0 to 1."""
    corners = [np.round(SUB * (as_array(points) + 0.0)).astype(np.int32) for points in (a, b)]
    low = np.min([c.min(axis=0) for c in corners], axis=0)
    width, height = (np.max([c.max(axis=0) for c in corners], axis=0) - low + 1).tolist()
    filled = []
    for points in corners:
        mask = np.zeros((height, width), np.uint8)
        cv2.fillPoly(mask, [points - low], 1)
        filled.append(mask)
    both = int((filled[0] & filled[1]).sum())
    return 2.0 * both / int(filled[0].sum() + filled[1].sum())


@dataclass(frozen=True, slots=True)
class AnnotatorAgreement:
    """frames: that both marked · tips: of them with a tip placed by both · tip_median_px, tip_p95_px: apart, None
    without · kappa: of what is said of the tip · dice: mean over the outlines that both drew, by structure.
    """

    frames: int
    tips: int
    tip_median_px: float | None
    tip_p95_px: float | None
    kappa: float | None
    dice: dict[str, float]


def agreement_of(one: Annotation, other: Annotation) -> AnnotatorAgreement:
    """Over the key frames of both: interpolated ones are no second opinion."""
    pairs = [(key, twin) for key in one.keys if (twin := other.key(key.frame)) is not None]
    apart = [float(np.hypot(a.tip_px[0] - b.tip_px[0], a.tip_px[1] - b.tip_px[1]))
             for a, b in pairs if a.tip_px is not None and b.tip_px is not None]  # fmt: skip
    said = [(a.tip, b.tip) for a, b in pairs if a.tip is not None and b.tip is not None]
    names = sorted({name for a, b in pairs for name in a.outlines_px if name in b.outlines_px})
    overlap = {
        name: float(np.mean([dice(a.outlines_px[name], b.outlines_px[name]) for a, b in pairs
                             if name in a.outlines_px and name in b.outlines_px]))
        for name in names
    }  # fmt: skip
    kappa = cohen_kappa([TipSight(a) for a, _ in said], [TipSight(b) for _, b in said])
    median, high = (float(v) for v in np.percentile(apart, (50, 95))) if apart else (None, None)
    return AnnotatorAgreement(len(pairs), len(apart), median, high, kappa, overlap)
