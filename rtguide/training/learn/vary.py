"""Samples varied beyond what the phantom draws, and what the network is to answer to them."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtguide.opencv import cv2
from rtguide.tracking.learned_view import LAGS_S, as_input
from rtguide.training.learn.make import Made, made
from rtguide.training.learn.paste import draw_fascia, draw_marks, draw_needle
from rtguide.training.learn.samples import GREY, HIDDEN, NONE, STATES, VISIBLE, Sample

__all__ = ["SIDE", "Lesson", "lesson"]

SIDE = 112
"""Cells of a lesson's sides."""

SHAFT_SIGMA, TIP_SIGMA = 1.0, 1.5
"""Width of the answers in cells: a needle's echo is two or three cells wide."""

NEAR, FAR = 1.5, 6.0
"""Cells beside the shaft within which its echo lies, and up to which its surroundings are taken."""

_MADE, _PASTED, _FASCIA, _MARKS, _STILL, _SLIPPED = 0.35, 0.4, 0.35, 0.25, 0.15, 0.3
"""Shares of lessons of another make, of needle-free ones with a drawn needle, with fascia, with writing, without any
look back, and with a look back that was carried along wrongly."""

NOT_ASKED = 4.0
"""Cells round a hidden tip within which nothing is asked: who takes its shaft's end for it there is right."""

END_WEIGHT, END_NEAR = 3.0, 5.0
"""What it counts for to take the visible end of a shaft for a hidden tip, within so many cells."""

Map = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """given: float32 (5, SIDE, SIDE) · shaft, tip: wanted answers, 0 to 1, float32 (SIDE, SIDE) · shaft_weight,
    tip_weight: 0 where nothing is asked.
    """

    given: Map
    shaft: Map
    shaft_weight: Map
    tip: Map
    tip_weight: Map


def lesson(sample: Sample, rng: np.random.Generator, make: Callable[[], Made] | None = None) -> Lesson:
    """One lesson from a sample: turned, scaled, drawn into, shown by another scanner.

    make: gives samples of another make; drawn anew if None.
    """
    picture, inside, curve, tip = _placed(sample, rng)
    state = sample.tip
    if rng.random() < _MADE:
        other = made(SIDE, rng) if make is None else make()
        picture, curve = other.picture.copy(), other.curve
        state = NONE if other.visibility is None or not len(curve) else STATES[other.visibility]
        if rng.random() < 0.5:
            picture, curve = picture[:, ::-1].copy(), np.array([SIDE - 1, 0]) + curve * np.array([-1, 1])
        tip = curve[-1] if state else tip
    elif state == NONE and rng.random() < _PASTED:
        if rng.random() < _FASCIA:
            draw_fascia(picture, rng)
        curve = draw_needle(picture, rng).curve
        tip, state = curve[-1], VISIBLE
    elif rng.random() < _FASCIA:
        draw_fascia(picture, rng)
    if rng.random() < _STILL:
        picture[..., 1:] = picture[..., :1]
    elif rng.random() < _SLIPPED:
        _slip(picture, rng)
    picture = _shown(picture, rng)
    if rng.random() < _MARKS:
        draw_marks(picture, rng)
    stacked = np.clip(picture, 0, 255).astype(np.uint8)
    given = as_input(stacked, inside)[0]
    if state == VISIBLE and not _holds(inside, tip):
        state = HIDDEN
    return _answers(given, curve, tip, state)


def _holds(inside: NDArray[np.bool_], point: NDArray[np.float64]) -> bool:
    x, y = (round(float(v)) for v in point)
    return 0 <= x < SIDE and 0 <= y < SIDE and bool(inside[y, x])


def _placed(
    sample: Sample, rng: np.random.Generator
) -> tuple[Map, NDArray[np.bool_], NDArray[np.float64], NDArray[np.float64]]:
    """The sample turned, scaled, mirrored and shifted into the window; points with it."""
    rows, columns = sample.inside.shape
    zoom, turn = math.exp(rng.uniform(-0.3, 0.3)), rng.normal(0, 0.12)
    linear = zoom * np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    linear = linear @ np.diag([rng.choice([-1.0, 1.0]) * rng.uniform(0.92, 1.08), 1.0])
    middle = np.array([(columns - 1) / 2, (rows - 1) / 2])
    if sample.tip and rng.random() < 0.6:
        middle = 0.4 * middle + 0.6 * np.array(sample.tip_at)
    shift = np.array([SIDE / 2, SIDE / 2]) + rng.uniform(-20, 20, 2) - linear @ middle
    mapped = np.column_stack([linear, shift])
    source = sample.stacked.astype(np.float32)
    picture = np.asarray(cv2.warpAffine(source, mapped, (SIDE, SIDE), flags=cv2.INTER_LINEAR), np.float32)
    inside = cv2.warpAffine(sample.inside.astype(np.uint8), mapped, (SIDE, SIDE), flags=cv2.INTER_NEAREST) > 0
    return picture, inside, sample.curve @ linear.T + shift, np.array(sample.tip_at) @ linear.T + shift


def _slip(picture: Map, rng: np.random.Generator) -> None:
    """Earlier pictures lie a little off, the earlier the more, as where the tissue's motion is not affine; in place."""
    turn, grow = rng.normal(0, 0.025), rng.normal(0, 0.02)
    shift = rng.normal(0, 1.5, 2)
    for k in range(1, len(LAGS_S)):
        share = (LAGS_S[k] / LAGS_S[-1]) ** 0.5
        linear = np.eye(2) + share * np.array([[grow, -turn], [turn, grow]])
        mapped = np.column_stack([linear, np.full(2, SIDE / 2) - linear @ np.full(2, SIDE / 2) + share * shift])
        earlier = np.ascontiguousarray(picture[..., k])
        picture[..., k] = cv2.warpAffine(earlier, mapped, (SIDE, SIDE), borderMode=cv2.BORDER_REPLICATE)


def _shown(picture: Map, rng: np.random.Generator) -> Map:
    """The picture as another scanner, grabber or codec would show it."""
    if rng.random() < 0.4:
        share = rng.uniform(0, 0.5)
        picture[..., 0] = (1 - share) * picture[..., 0] + share * picture[..., 1]
    if rng.random() < 0.4:
        picture = np.asarray(
            cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.3, 1.2), sigmaY=rng.uniform(0.3, 1.0)), np.float32
        )
    elif rng.random() < 0.3:
        soft = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.8, 2.0))
        picture += np.float32(rng.uniform(0.2, 1.0)) * (picture - np.asarray(soft, np.float32))
    unit = np.clip(picture / 255, 0, 1) ** np.float32(math.exp(rng.uniform(-0.6, 0.6)))
    rows = np.arange(SIDE, dtype=np.float32)[:, None, None]
    depth_gain = 1 + rng.uniform(-0.4, 0.4) * np.sin(rows / rng.uniform(15, 90) + rng.uniform(0, 6))
    grey = unit * (255 * math.exp(rng.uniform(-0.7, 0.3))) * depth_gain + rng.uniform(-25, 15)
    picture = grey.astype(np.float32)
    if rng.random() < 0.5:
        noise = rng.standard_normal(picture.shape, np.float32) * np.float32(rng.uniform(1, 14))
        if rng.random() < 0.6:
            noise = 2 * np.asarray(cv2.GaussianBlur(noise, (0, 0), rng.uniform(0.5, 1.2)), np.float32)
        picture += noise * (np.float32(0.3) + picture / 128)
    picture = np.clip(picture, 0, 255).astype(np.float32)
    if rng.random() < 0.35:
        quality = int(rng.integers(15, 80))
        for k in range(4):
            coded = cv2.imencode(".jpg", picture[..., k].astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
            picture[..., k] = cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE)
    return picture


def _answers(given: Map, curve: NDArray[np.float64], tip: NDArray[np.float64], state: int) -> Lesson:
    shaft, asked = np.zeros((SIDE, SIDE), np.float32), np.ones((SIDE, SIDE), np.float32)
    point, point_asked = np.zeros((SIDE, SIDE), np.float32), np.ones((SIDE, SIDE), np.float32)
    if state == NONE or len(curve) < 2:
        return Lesson(given, shaft, asked, point, point_asked)
    places, outstanding = _outstanding(given[0], curve)
    lit = np.zeros((SIDE, SIDE), np.uint8)
    unsure = np.zeros((SIDE, SIDE), np.uint8)
    ends = np.round(places * 16).astype(int).tolist()
    for first, last, above in zip(ends[:-1], ends[1:], outstanding[:-1], strict=True):
        if above > 0.5:
            cv2.line(lit, first, last, 255, 1, cv2.LINE_AA, 4)
        else:
            cv2.line(unsure, first, last, 1, 9, cv2.LINE_8, 4)
    soft = np.asarray(cv2.GaussianBlur(lit.astype(np.float32), (0, 0), SHAFT_SIGMA), np.float32)
    shaft = np.minimum(soft / (255 * 0.4), 1.0).astype(np.float32)
    asked[(unsure > 0) & (shaft < 0.3)] = 0.0
    xs, ys = np.meshgrid(np.arange(SIDE, dtype=np.float32), np.arange(SIDE, dtype=np.float32))
    square = (xs - np.float32(tip[0])) ** 2 + (ys - np.float32(tip[1])) ** 2
    step = float(outstanding[-8:-1].mean()) if len(outstanding) > 8 else 0.0
    if state == GREY or (state == VISIBLE and step < 0.4):
        point_asked[square < 8.0**2] = 0.0
    elif state == VISIBLE:
        point = np.exp(-square / (2 * TIP_SIGMA**2)).astype(np.float32)
        if not (3 <= tip[0] < SIDE - 3 and 3 <= tip[1] < SIDE - 3):
            point_asked[square < 8.0**2] = 0.0
    else:
        assert state == HIDDEN
        lit_on = np.r_[outstanding, 0.0] > 0.5
        for end in places[lit_on[:-1] & ~lit_on[1:]]:
            point_asked[(xs - end[0]) ** 2 + (ys - end[1]) ** 2 < END_NEAR**2] = END_WEIGHT
        point_asked[square < NOT_ASKED**2] = 0.0
    return Lesson(given, shaft, asked, point, point_asked)


def _outstanding(contrast: Map, curve: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Places every half cell along the curve, and how much the echo there stands out from both sides, in deviations."""
    steps = np.hypot(*np.diff(curve, axis=0).T)
    length = np.r_[0.0, np.cumsum(steps)]
    s = np.arange(0.0, length[-1] + 1e-6, 0.5)
    places = np.column_stack([np.interp(s, length, curve[:, k]) for k in (0, 1)])
    if len(places) < 2:
        return places, np.zeros(len(places))
    along = np.gradient(places, axis=0)
    along /= np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-6)[:, None]
    across = np.arange(-FAR, FAR + 0.1, 0.5)
    x = (places[:, 0, None] - along[:, 1, None] * across).astype(np.float32)
    y = (places[:, 1, None] + along[:, 0, None] * across).astype(np.float32)
    # OpenCV's remap takes at most 32767 rows; a shaft has some hundreds.
    strip = np.asarray(cv2.remap(contrast, x, y, cv2.INTER_LINEAR), np.float64)
    strip = np.asarray(cv2.blur(strip, (1, 9)), np.float64)
    is_near, is_far = np.abs(across) <= NEAR, np.abs(across) >= 2 * NEAR
    return places, strip[:, is_near].max(axis=1) - strip[:, is_far].mean(axis=1)
