"""Finds rulers on a scanner's screen: ticks or dots that stand in line at even distances.

What is thin along the ruler is kept by a top-hat, small compact parts of it are candidates, and chains of them with
one shared edge (or middle) and one pitch are grown. Whether the ticks are alike, or alike in a rhythm (every fifth
longer), tells a ruler from a column of text. The pitch comes from a straight line through all ticks.

A ruler is searched downward; one that runs across is found in the transposed picture.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtguide.opencv import cv2

__all__ = ["MIN_TICKS", "Ruler", "find_rulers"]

THICKEST_SHARE = 0.035
"""Ticks are thinner than this share of the picture's height (the large dots of tablets: 22 of 860 pixels)."""

LONGEST_SHARE = 0.06
"""Ticks are shorter than this share of the picture's width."""

CONTRASTS = (30, 60, 110, 170)
"""Grey levels above the surroundings at which parts are cut out: faint ticks on black, white dots on tissue."""

ALIGN_PX = 1.6
"""How far edges that are drawn in line may lie apart after a lossy codec."""

MIN_TICKS = 5
"""Four things at even distances are found on any screen."""

MIN_PITCH_PX = 4.5
SHORTEST_SHARE = 0.3
"""A ruler is at least this long, in parts of the picture's height."""

PERIODS = (2, 4, 5, 10)
"""Every how many ticks one may be longer."""

DRAWN_PX = 2.2
"""How far a tick may be from its place: scanners draw some of a rounded pitch and start anew at each centimetre."""

MOST_MISSING = 0.12
"""Share of ticks that may be hidden, e.g. under a focus mark."""

MOST_INTRUDERS = 0.2
"""Share of other parts in the same line: more of them are text or tissue."""

LOOSEST = 0.004
"""Greatest standard error of a ruler's pitch, in parts of it."""

LARGEST_CLUSTER = 160
"""Candidates in one line above which it is tissue."""


@dataclass(frozen=True, slots=True, eq=False)
class Ruler:
    """Ticks in line.

    is_across: it runs along x instead of down y · along_px: float64 (n,), where the ticks stand along the ruler, image
    pixels · index: int (n,), the ordinal of each tick, 0 first (numbers are missing where a tick is hidden) ·
    span_px: the ruler's extent in the other direction · pitch_px, pitch_sigma_px: distance of neighbours and its
    standard error · periods: every how many ticks one is longer, ascending; empty where all are alike · longer: int,
    the ordinals of the longest class.
    """

    is_across: bool
    along_px: NDArray[np.float64]
    index: NDArray[np.int64]
    span_px: tuple[float, float]
    pitch_px: float
    pitch_sigma_px: float
    periods: tuple[int, ...]
    longer: NDArray[np.int64]

    @property
    def first_px(self) -> float:
        """Where tick 0 stands by the line through all ticks."""
        return float(np.mean(self.along_px - self.pitch_px * self.index))

    @property
    def length_px(self) -> float:
        """From the first to the last tick."""
        return float(self.along_px[-1] - self.along_px[0])

    def at_px(self, index: NDArray[np.int64]) -> NDArray[np.float64]:
        """Where ticks of these ordinals stand."""
        return np.asarray(self.first_px + self.pitch_px * index, np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class _Parts:
    """Candidates: float64 (n,) each; along: the middle, low and high: extent across the ruler."""

    along: NDArray[np.float64]
    thick: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def find_rulers(grey: NDArray[np.uint8]) -> tuple[Ruler, ...]:
    """All rulers of the picture, uint8 (h, w), the one with most ticks first."""
    found = [*_down(grey, is_across=False), *_down(np.ascontiguousarray(grey.T), is_across=True)]
    kept: list[Ruler] = []
    for ruler in sorted(found, key=lambda ruler: -ruler.index.size):
        if not any(_is_same(ruler, other) for other in kept):
            kept.append(ruler)
    return tuple(kept)


def _down(grey: NDArray[np.uint8], *, is_across: bool) -> list[Ruler]:
    height, _ = grey.shape
    longest = max(9, round(THICKEST_SHARE * height)) | 1
    column = cv2.getStructuringElement(cv2.MORPH_RECT, (1, longest))
    thin = np.asarray(cv2.morphologyEx(grey, cv2.MORPH_TOPHAT, column), np.uint8)
    rulers: list[Ruler] = []
    for contrast in CONTRASTS:
        parts = _parts(thin, contrast, longest)
        for cluster in _in_line(parts):
            chain = _best_chain(cluster, SHORTEST_SHARE * height)
            if chain is None:
                continue
            ruler = _ruler(thin, cluster, chain, is_across)
            if ruler is not None:
                rulers.append(ruler)
    return rulers


def _is_same(ruler: Ruler, other: Ruler) -> bool:
    """Whether they stand in the same place: a ruler of fewer ticks there is a part of the other."""
    overlap = min(ruler.span_px[1], other.span_px[1]) - max(ruler.span_px[0], other.span_px[0])
    return ruler.is_across == other.is_across and overlap > -2 * ALIGN_PX


def _parts(thin: NDArray[np.uint8], contrast: int, longest: int) -> _Parts:
    """Compact small parts that stand out by `contrast`."""
    lit = (thin >= contrast).astype(np.uint8)
    _, _, stats, middles = cv2.connectedComponentsWithStats(lit, connectivity=8)
    box = stats[1:]
    width, height, area = box[:, cv2.CC_STAT_WIDTH], box[:, cv2.CC_STAT_HEIGHT], box[:, cv2.CC_STAT_AREA]
    is_small = (height <= longest) & (width <= max(12, LONGEST_SHARE * thin.shape[1])) & (area >= 3)
    is_full = area >= 0.6 * width * height
    is_flat = height <= 0.75 * width + 1
    is_round = np.abs(width - height) <= np.maximum(1, 0.25 * width)
    keep = np.nonzero(is_small & is_full & (is_flat | is_round))[0]
    low = box[keep, cv2.CC_STAT_LEFT].astype(np.float64)
    return _Parts(middles[1:][keep, 1], height[keep].astype(np.float64), low, low + width[keep] - 1)


def _in_line(parts: _Parts) -> Iterator[_Parts]:
    """Groups that share a left edge, a right edge or a middle."""
    for edge in (parts.low, parts.high, 0.5 * (parts.low + parts.high)):
        order = np.argsort(edge, kind="stable")
        at = edge[order]
        stop = np.searchsorted(at, at + ALIGN_PX, side="right")
        last_stop = 0
        for first in range(at.size):
            if stop[first] <= last_stop or not MIN_TICKS <= stop[first] - first <= LARGEST_CLUSTER:
                continue
            last_stop = int(stop[first])
            pick = order[first:last_stop]
            pick = pick[np.argsort(parts.along[pick], kind="stable")]
            yield _Parts(parts.along[pick], parts.thick[pick], parts.low[pick], parts.high[pick])


def _best_chain(parts: _Parts, least_px: float) -> dict[int, int] | None:
    """{ordinal: part} of the chain with most ticks that is long enough and has few others between."""
    along, best = parts.along, None
    tried: list[tuple[float, float]] = []
    for start in range(along.size - 1):
        for other in range(start + 1, min(start + 4, along.size)):
            pitch = along[other] - along[start]
            if pitch < MIN_PITCH_PX or any(abs(pitch - p) < 0.2 and _fits(along[start], f, p) for f, p in tried):
                continue
            chain = _grow(along, start, pitch)
            span = along[max(chain.values())] - along[min(chain.values())]
            if len(chain) < MIN_TICKS or span < least_px:
                continue
            tried.append((along[start], pitch))
            inside = max(chain.values()) - min(chain.values()) + 1
            missing = max(chain) - min(chain) + 1 - len(chain)
            if inside - len(chain) > MOST_INTRUDERS * len(chain) or missing > max(1, MOST_MISSING * len(chain)):
                continue
            if best is None or len(chain) > len(best):
                best = chain
    return best


def _fits(at: float, first: float, pitch: float) -> bool:
    return abs((at - first) / pitch - round((at - first) / pitch)) < 0.05


def _grow(along: NDArray[np.float64], start: int, pitch: float) -> dict[int, int]:
    """Follow the pitch from `start` both ways; the pitch is learned on the way. One tick in a row may be hidden."""
    chain = {0: start}
    count, sum_k, sum_kk, sum_y, sum_ky = 1, 0.0, 0.0, float(along[start]), 0.0
    tolerance = min(max(DRAWN_PX, 0.03 * pitch), 0.25 * pitch)
    for way in (1, -1):
        ordinal, missed = 0, 0
        while missed < 2:
            ordinal += way
            slope, offset = pitch, float(along[start])
            if count > 2:
                slope = (count * sum_ky - sum_k * sum_y) / (count * sum_kk - sum_k * sum_k)
                offset = (sum_y - slope * sum_k) / count
            expected = offset + slope * ordinal
            if not along[0] - pitch < expected < along[-1] + pitch:
                break
            after = int(np.searchsorted(along, expected))
            near = min(range(max(0, after - 1), min(along.size, after + 1)), key=lambda n: abs(along[n] - expected))
            if abs(along[near] - expected) > tolerance or near in chain.values():
                missed += 1
                continue
            chain[ordinal], missed, at = near, 0, float(along[near])
            count, sum_k, sum_kk = count + 1, sum_k + ordinal, sum_kk + ordinal * ordinal
            sum_y, sum_ky = sum_y + at, sum_ky + ordinal * at
    return chain


def _ruler(thin: NDArray[np.uint8], parts: _Parts, chain: dict[int, int], is_across: bool) -> Ruler | None:
    """The ruler of a chain whose ticks are alike, or alike in a rhythm; its ticks measured again along their common
    columns.
    """
    ordinals = np.array(sorted(chain))
    pick = np.array([chain[int(k)] for k in ordinals])
    ordinals = ordinals - ordinals[0]
    size = parts.high[pick] - parts.low[pick] + 1
    rhythm = _rhythm(ordinals, size, parts.thick[pick])
    if rhythm is None:
        return None
    periods, longer = rhythm
    low, high = np.quantile(parts.low[pick], 0.6), np.quantile(parts.high[pick], 0.4)
    columns = slice(int(min(low, high)), int(max(low, high)) + 1)
    along = _measured(thin[:, columns].mean(axis=1), parts.along[pick])
    pitch, sigma, keep = _pitch(ordinals, along, np.isin(ordinals, longer))
    if keep.sum() < MIN_TICKS or sigma > LOOSEST * pitch:
        return None
    span = float(parts.low[pick].min()), float(parts.high[pick].max())
    return Ruler(is_across, along[keep], ordinals[keep], span, pitch, sigma, periods, longer)


def _rhythm(
    ordinals: NDArray[np.int64], size: NDArray[np.float64], thick: NDArray[np.float64]
) -> tuple[tuple[int, ...], NDArray[np.int64]] | None:
    """(periods, ordinals of the longest class); None where sizes follow no rhythm, as in text."""
    classes = [(period, phase) for period in PERIODS for phase in range(period)]
    best: tuple[float, tuple[int, ...], NDArray[np.bool_]] = (_misfits(size, thick, []), (), np.ones(size.size, bool))
    for period, phase in classes:
        is_long = ordinals % period == phase
        if is_long.sum() < 1 or (~is_long).sum() < 2 or ordinals[-1] < period - 1:
            continue
        if np.median(size[is_long]) < 1.25 * np.median(size[~is_long]):
            continue
        options: list[tuple[tuple[int, ...], list[NDArray[np.bool_]]]] = [((period,), [is_long])]
        if period == 10:
            is_middle = (ordinals % 5 == phase % 5) & ~is_long
            options.append(((5, 10), [is_long, is_middle]))
        for periods, masks in options:
            misfits = _misfits(size, thick, masks) + 0.02 * len(periods)
            if misfits < best[0] - 1e-9:
                best = (misfits, periods, masks[0])
    if best[0] > 0.2:
        return None
    longer = ordinals[best[2]] if best[1] else np.empty(0, np.int64)
    return best[1], longer


def _misfits(size: NDArray[np.float64], thick: NDArray[np.float64], masks: list[NDArray[np.bool_]]) -> float:
    """Share of ticks that are not like the others of their class."""
    rest = ~np.any(masks, axis=0) if masks else np.ones(size.size, bool)
    bad = 0
    for mask in (*masks, rest):
        if not mask.any():
            continue
        for values, slack in ((size[mask], 0.2), (thick[mask], 0.25)):
            middle = np.median(values)
            bad += int((np.abs(values - middle) > np.maximum(1.6, slack * middle)).sum())
    return bad / size.size


def _measured(profile: NDArray[np.float64], along: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sub-pixel middles of the ticks on the profile along the ruler, float64 (h,)."""
    pitch = float(np.median(np.diff(along)))
    reach = int(min(max(3, 0.2 * pitch), 0.45 * pitch))
    result = along.copy()
    for n, at in enumerate(along):
        low, high = max(0, round(at) - reach), min(profile.size, round(at) + reach + 1)
        window = profile[low:high]
        weight = np.maximum(window - 0.25 * window.max(), 0.0)
        if low > 0 and high < profile.size and weight.sum() > 0:
            result[n] = low + float(weight @ np.arange(high - low)) / weight.sum()
    return result


def _pitch(
    ordinals: NDArray[np.int64], along: NDArray[np.float64], is_long: NDArray[np.bool_]
) -> tuple[float, float, NDArray[np.bool_]]:
    """(pitch, its standard error, ticks kept), from all ticks or, where these are drawn at a rounded pitch between the
    longer ones, from the longer ones.
    """
    pitch, _, sigma, keep = _line(ordinals, along)
    if is_long.sum() >= 3:
        long_pitch, _, long_sigma, _ = _line(ordinals[is_long], along[is_long])
        if long_sigma < 0.5 * sigma:
            return long_pitch, long_sigma, keep
    return pitch, sigma, keep


def _line(ordinals: NDArray[np.int64], along: NDArray[np.float64]) -> tuple[float, float, float, NDArray[np.bool_]]:
    """(pitch, offset, standard error of the pitch, ticks kept) of a straight line without its outliers."""
    keep = np.ones(along.size, bool)
    pitch = offset = 0.0
    for _ in range(4):
        pitch, offset = (float(value) for value in np.polyfit(ordinals[keep], along[keep], 1))
        away = np.abs(along - offset - pitch * ordinals)
        limit = max(0.8, 3.0 * 1.48 * float(np.median(away[keep])))
        fresh = away <= limit
        if fresh.sum() < 3 or (fresh == keep).all():
            break
        keep = fresh
    spread = float(np.sqrt(np.sum((along[keep] - offset - pitch * ordinals[keep]) ** 2) / max(1, keep.sum() - 2)))
    lever = float(np.sqrt(np.sum((ordinals[keep] - ordinals[keep].mean()) ** 2)))
    # drawn to whole pixels: a ruler that fits better than that is no better known
    return pitch, offset, max(spread, 0.5 / 12.0**0.5) / lever, keep
