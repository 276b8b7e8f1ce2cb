"""What a ruler's ticks stand for, from evidence on the screen: the numbers beside them, or the depth that is printed.

The numbers beside a ruler must grow evenly along it; the printed depth must be that of the picture. Each says what a
tick is only where one of the steps that scanners draw fits, and where both speak they must agree.
"""

from dataclasses import dataclass

import numpy as np

from calibration.ruler_ticks import Ruler
from calibration.screen_text import Length, Word, lengths
from rtguide.model.scale_check import TICKS_MM

__all__ = ["Unit", "tick_unit"]

LONGER_MM = (5.0, 10.0, 50.0, 100.0)
"""Distances between their longer ticks."""

DEPTHS_MM = (12.0, 300.0)
"""Shallower and deeper pictures are misread numbers."""

STEPS = {"cm": (1.0, 2.0, 5.0, 10.0), "mm": (5.0, 10.0, 20.0, 50.0)}
"""Between two numbers beside a ruler, in the unit they are in."""

LABEL_REACH_SHARE = 0.06
"""Numbers stand at most this far beside their ruler, in parts of the frame's longer side."""

LABEL_SURE, DEPTH_SURE = 0.75, 0.6
"""How sure a number must be to speak; a printed depth must also be that of the picture, and nothing else that it might
say may be."""

DEPTH_FIT = 0.02
"""How well the printed depth must fit the picture and a tick: depths are printed to the millimetre or half centimetre,
borders are found to a pixel or two. Neighbouring ticks differ by 25 %."""

RULER_FIT = 0.001
"""... and how well the whole ruler, at whose end it stands and which then has exactly that many ticks."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What is known of a tick. tick_mm: None where the screen does not say · why: one line · boxes_px: what was read,
    (x0, y0, x1, y1) each · confidence: 0 to 1.
    """

    tick_mm: float | None
    why: str
    boxes_px: tuple[tuple[int, int, int, int], ...] = ()
    confidence: float = 0.0


@dataclass(frozen=True, slots=True)
class _Labels:
    """Numbers beside a ruler: value = step × (ordinal − zero), in a unit that is not known yet."""

    per_tick: float
    per_label: float
    words: tuple[Word, ...]
    texts: tuple[str, ...]
    confidence: float


def tick_unit(ruler: Ruler, words: list[Word], depth_px: float | None) -> Unit:
    """What a tick of the ruler stands for.

    words: read on the whole screen · depth_px: how deep the picture is, None where that is not known.

    A printed length speaks for itself only where it stands by the ruler's end, as depths do: a measurement in a corner
    may fit some ruler too. Elsewhere it can only confirm or contradict the numbers.
    """
    labels = _labels(ruler, words)
    by_labels = {} if labels is None else _ticks_by_labels(ruler, labels, words, depth_px)
    printed = lengths(words)
    by_depth = _ticks_by_depth(ruler, printed, depth_px)
    told = "" if labels is None else f"the numbers {', '.join(labels.texts)} beside it"
    boxes = () if labels is None else tuple(word.box_px for word in labels.words)
    if len({tick for tick, _ in by_depth}) > 1:
        by_depth = []
    if by_labels and by_depth:
        tick, depth = by_depth[0]
        if tick not in by_labels:
            return Unit(
                None, f"{told} and the printed depth {depth.text} contradict each other", (*boxes, depth.box_px)
            )
        why = f"{told} ({by_labels[tick]}) and the printed depth {depth.text}"
        assert labels is not None
        return Unit(tick, why, (*boxes, depth.box_px), max(labels.confidence, depth.confidence))
    if len(by_labels) == 1:
        assert labels is not None
        tick, unit = next(iter(by_labels.items()))
        return Unit(tick, f"{told}, in {unit}", boxes, labels.confidence)
    by_depth = [(tick, length) for tick, length in by_depth if _is_at_end(ruler, length)]
    if by_depth and labels is None:
        tick, depth = by_depth[0]
        return Unit(tick, f"the printed depth {depth.text}, which is the picture's", (depth.box_px,), depth.confidence)
    return Unit(None, _reason(told, by_labels, printed), boxes)


def _reason(told: str, by_labels: dict[float, str], printed: list[Length]) -> str:
    if len(by_labels) > 1:
        return f"{told} may be centimetres or millimetres"
    if told:
        return f"{told} fit no ruler that scanners draw"
    if printed:
        return f"{printed[0].text} is printed, but is not the depth of this picture, or does not stand by the ruler"
    return "no number beside it and no depth could be read"


def _is_drawn(ruler: Ruler, tick_mm: float) -> bool:
    """Whether scanners draw rulers of such ticks with such longer ones."""
    return tick_mm in TICKS_MM and (not ruler.periods or tick_mm * ruler.periods[-1] in LONGER_MM)


def _ticks_by_labels(ruler: Ruler, labels: _Labels, words: list[Word], depth_px: float | None) -> dict[float, str]:
    """{tick in mm: unit of the numbers} of every reading that makes sense."""
    units = [unit for unit in ("cm", "mm") if _says_unit(ruler, words, unit)] or ["cm", "mm"]
    found = {}
    for unit in units:
        tick = labels.per_tick * (10.0 if unit == "cm" else 1.0)
        depth = (depth_px or ruler.length_px) / ruler.pitch_px * tick
        is_deep = DEPTHS_MM[0] <= depth < DEPTHS_MM[1]
        near = [known for known in TICKS_MM if abs(known - tick) < 1e-6]
        if (
            near
            and is_deep
            and _is_drawn(ruler, near[0])
            and any(abs(labels.per_label - s) < 1e-6 for s in STEPS[unit])
        ):
            found[near[0]] = unit
    return found


def _says_unit(ruler: Ruler, words: list[Word], unit: str) -> bool:
    """Whether the unit alone is printed beside the ruler."""
    return any(word.text == unit and word.confidence >= LABEL_SURE and _is_beside(ruler, word) for word in words)


def _is_beside(ruler: Ruler, word: Word) -> bool:
    x0, y0, x1, y1 = word.box_px
    low, high = (y0, y1) if ruler.is_across else (x0, x1)
    reach = LABEL_REACH_SHARE / 0.3 * ruler.length_px
    at = word.middle_px(is_across=ruler.is_across)
    is_along = ruler.along_px[0] - ruler.pitch_px <= at <= ruler.along_px[-1] + ruler.pitch_px
    return is_along and high >= ruler.span_px[0] - reach and low <= ruler.span_px[1] + reach


def _is_at_end(ruler: Ruler, length: Length) -> bool:
    """Whether a printed length stands beside or behind the deeper half of a ruler that runs down."""
    x0, y0, x1, y1 = length.box_px
    reach = LABEL_REACH_SHARE / 0.3 * ruler.length_px
    is_beside = x1 >= ruler.span_px[0] - reach and x0 <= ruler.span_px[1] + reach
    is_deep = ruler.along_px[0] + 0.5 * ruler.length_px <= 0.5 * (y0 + y1) <= ruler.along_px[-1] + 0.5 * reach
    return not ruler.is_across and is_beside and is_deep


def _labels(ruler: Ruler, words: list[Word]) -> _Labels | None:
    """The numbers that grow evenly along the ruler and stand in one line beside it; None where fewer than two do."""
    beside = [word for word in words if word.text.isdigit() and len(word.text) <= 3 and _is_beside(ruler, word)]
    best: _Labels | None = None
    for column in _columns(ruler, beside):
        labels = _even(ruler, column)
        if labels is not None and (best is None or len(labels.words) > len(best.words)):
            best = labels
    return best


def _columns(ruler: Ruler, words: list[Word]) -> list[list[Word]]:
    """Words of one height whose near or far ends, or middles, stand in line."""
    low, high = (1, 3) if ruler.is_across else (0, 2)
    columns = []
    for first in words:
        column = []
        for word in words:
            a, b = first.box_px, word.box_px
            offsets = (a[low] - b[low], a[high] - b[high], 0.5 * (a[low] + a[high] - b[low] - b[high]))
            is_level = min(abs(offset) for offset in offsets) <= 0.35 * first.height_px + 1
            is_alike = abs(first.height_px - word.height_px) <= max(1.0, 0.2 * first.height_px)
            if is_level and is_alike:
                column.append(word)
        columns.append(column)
    return columns


def _even(ruler: Ruler, words: list[Word]) -> _Labels | None:
    """The even growth that most words speak for and no sure one speaks against."""
    at = np.array([word.middle_px(is_across=ruler.is_across) for word in words])
    shift = (at - ruler.first_px) / ruler.pitch_px
    ordinal = np.round(shift).astype(int)
    off = shift - ordinal
    in_place = [
        n for n in range(len(words)) if abs(off[n] - np.median(off)) * ruler.pitch_px <= max(2.0, 0.08 * ruler.pitch_px)
    ]
    best: tuple[int, float, _Labels] | None = None
    for first in in_place:
        for other in in_place:
            if ordinal[other] <= ordinal[first] or min(words[first].confidence, words[other].confidence) < LABEL_SURE:
                continue
            low, high = int(words[first].text), int(words[other].text)
            slope = (high - low) / (ordinal[other] - ordinal[first])
            if slope <= 0:
                continue
            expected = [low + slope * (k - ordinal[first]) for k in ordinal]
            labels = _supported(words, ordinal, expected, in_place)
            if labels is not None and (best is None or len(labels.words) > len(best[2].words)):
                best = (len(labels.words), labels.confidence, labels)
    return None if best is None else best[2]


def _supported(words: list[Word], ordinal: np.ndarray, expected: list[float], in_place: list[int]) -> _Labels | None:
    agree, texts, against = [], [], 0
    for n in in_place:
        text = f"{round(expected[n])}" if abs(expected[n] - round(expected[n])) < 1e-6 and expected[n] >= 0 else ""
        chance = words[n].chance(text) if text else 0.0
        if chance >= 0.3:
            agree.append(n)
            texts.append(text)
        elif words[n].confidence >= LABEL_SURE:
            against += 1
    if len(agree) < 2 or against > 0.25 * len(agree):
        return None
    order = np.argsort(ordinal[agree])
    picked = [agree[n] for n in order]
    steps = np.diff(ordinal[picked])
    if (steps < 1).any():
        return None
    per_tick = (expected[picked[-1]] - expected[picked[0]]) / (ordinal[picked[-1]] - ordinal[picked[0]])
    doubt = np.prod([1.0 - min(words[n].chance(texts[agree.index(n)]), 0.999) for n in picked])
    return _Labels(
        float(per_tick),
        float(per_tick * np.gcd.reduce(steps)),
        tuple(words[n] for n in picked),
        tuple(texts[agree.index(n)] for n in picked),
        float(1.0 - doubt),
    )


def _ticks_by_depth(ruler: Ruler, printed: list[Length], depth_px: float | None) -> list[tuple[float, Length]]:
    """Every (tick in mm, length) where a printed length is the picture's depth in ticks that scanners draw."""
    found = []
    for length in printed:
        extents = [] if depth_px is None else [(depth_px, DEPTH_FIT)]
        if _is_at_end(ruler, length):
            extents.append((ruler.pitch_px * int(ruler.index[-1]), RULER_FIT))
        tick = _tick_by_depth(ruler, length.mm, extents)
        doubts = {_tick_by_depth(ruler, mm, extents) for mm in length.doubts_mm} - {None, tick}
        if length.confidence >= DEPTH_SURE and tick is not None and not doubts:
            found.append((tick, length))
    return found


def _tick_by_depth(ruler: Ruler, mm: float, extents_px: list[tuple[float, float]]) -> float | None:
    """The tick that scanners draw by which one of the extents (px, how well it must fit) is `mm`; else None."""
    if not DEPTHS_MM[0] <= mm < DEPTHS_MM[1]:
        return None
    for extent, fit in extents_px:
        tick = mm * ruler.pitch_px / extent
        known = min(TICKS_MM, key=lambda drawn: abs(np.log(drawn / tick)))
        if abs(tick / known - 1.0) <= fit and _is_drawn(ruler, known):
            return known
    return None
