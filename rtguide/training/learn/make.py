"""Whole samples of another make: an image formation of its own, independent of the phantom's.

Echoes are complex amplitudes on a flat grid of cells, blurred by a pulse that widens with depth, and compressed by a
logarithm: so that a tip blooms beyond its place as much as its speckle is wide. Beams may run aslant, as in curved
pictures. A needle may leave the plane, or lie in a shadow. Points in cells.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtguide.opencv import cv2
from rtguide.phantom.truth import TipVisibility, visibility
from rtguide.tracking.learned_view import LAGS_S

__all__ = ["Made", "made"]

Map = NDArray[np.float32]
Field = NDArray[np.float32]
"""Complex echoes, float32 (rows, columns, 2)."""
Rng = np.random.Generator

_SHIFT = 4
"""Fraction bits of OpenCV's drawing coordinates."""

NEEDLE, LEAVES, SHADOW, BEVELLED = 0.75, 0.4, 0.3, 0.8
"""Shares of samples with a needle; of needles that leave the plane; of samples with a shadow; of needles whose bevel
returns more or less than the shaft does, mostly less."""

TILTED, SWAYS = 0.2, 0.3
"""Shares of samples whose speckle is mostly new in each picture; of needles that move across themselves."""

SLOPES_DEG, SLOPE_SHARES = ((0.0, 18.0), (0.0, 60.0), (40.0, 88.0)), (0.3, 0.45, 0.25)
"""Of needles, and how often."""

AT_TIP, AHEAD = (-2.5, 0.4), (3.0, 9.0)
"""Cells along the shaft that make the tip's echo, and what lies ahead of it, as in the phantom's truth."""


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """picture: float32 (side, side, 4), newest first, 0 to 255 · curve: float64 (n, 2), from entry to tip, empty
    without a needle · visibility: of the tip, None without a needle.
    """

    picture: Map
    curve: NDArray[np.float64]
    visibility: TipVisibility | None


@dataclass(frozen=True, slots=True, eq=False)
class _Pulse:
    """Standard deviations in cells: along the beam, and across it at the top and at the bottom."""

    axial: float
    upper: float
    lower: float

    def blur(self, field: Field) -> Field:
        share = np.linspace(0.0, 1.0, len(field), dtype=np.float32)[:, None, None]
        upper, lower = (
            np.asarray(cv2.GaussianBlur(field, (0, 0), sigmaX=across, sigmaY=self.axial), np.float32)
            for across in (self.upper, self.lower)
        )
        return (1 - share) * upper + share * lower


@dataclass(frozen=True, slots=True, eq=False)
class _Needle:
    """tip, along: of the newest picture · moves: cells by which the tip lay farther on at each lag · asides, turns:
    cells by which it lay beside its line, and radians by which it was turned: a probe that rocks carries the tissue
    along while the needle stays · leaves: how fast it leaves the plane, slice widths a cell, at each lag · crosses:
    cells before the tip where it does · level: of its echo in the newest picture, amplitude along its length, from
    the tip back.
    """

    tip: NDArray[np.float64]
    along: NDArray[np.float64]
    bow: float
    moves: NDArray[np.float64]
    asides: NDArray[np.float64]
    turns: NDArray[np.float64]
    leaves: NDArray[np.float64]
    crosses: float
    level: NDArray[np.float64]
    ghosts: tuple[tuple[float, float], ...]

    def points(self, lag: int) -> NDArray[np.float64]:
        """From the tip back, every half cell."""
        s = np.arange(len(self.level)) / 2
        normal = np.array([-self.along[1], self.along[0]])
        end = self.tip + self.along * self.moves[lag]
        beside = self.asides[lag] + self.turns[lag] * s + self.bow * s * s
        points: NDArray[np.float64] = end - s[:, None] * self.along + beside[:, None] * normal
        return points

    def echo(self, shape: tuple[int, int], lag: int) -> Map:
        """Amplitude of its echo before the pulse blurs it."""
        points = self.points(lag)
        s = np.arange(len(points)) / 2
        off = self.leaves[lag] * np.minimum(s - self.crosses, 0.0)
        level = self.level * np.exp(-(off**2))
        echo = np.zeros((shape[0], shape[1], 1), np.float32)
        for down, share in ((0.0, 1.0), *self.ghosts):
            _deposit(echo[..., 0], points + np.array([0.0, down]), level * share)
        return echo[..., 0]


def made(side: int, rng: Rng) -> Made:
    """One sample of so many cells a side."""
    wide = math.ceil(1.5 * side)
    shape = wide, wide
    pulse = _Pulse(rng.uniform(0.5, 1.1), rng.uniform(0.6, 1.8), rng.uniform(0.8, 3.6))
    tissue = _tissue(shape, rng)
    needle = _needle(side, wide, rng) if rng.random() < NEEDLE else None
    passed = _passed(shape, rng)
    still = rng.standard_normal((*shape, 2), np.float32)
    change = rng.uniform(0.6, 1.0) if rng.random() < TILTED else rng.uniform(0.0, 0.6)
    phase = _phase(shape, rng.uniform(2, 40), rng)
    tilt = 0.0 if rng.random() < 0.5 else math.radians(rng.uniform(-36, 36))
    bounds = _Bounds(rng.uniform(42, 76), rng.uniform(-6, 14))
    unit = float(pulse.blur(still).std()) * math.sqrt(2)
    noise = 10 ** (rng.uniform(-45, -22) / 20)
    pictures = np.empty((*shape, len(LAGS_S)), np.float32)
    contrast_db = math.nan
    for lag in range(len(LAGS_S)):
        grain = still
        if lag:
            grain = math.sqrt(1 - change**2) * still + change * rng.standard_normal((*shape, 2), np.float32)
        field = pulse.blur(grain * tissue[..., None]) / unit
        echo = np.zeros((*shape, 2), np.float32)
        if needle is not None:
            echo = pulse.blur(needle.echo(shape, lag)[..., None] * phase) * np.float32(pulse.axial * 2.5)
        field, echo = field * passed[..., None], echo * passed[..., None]
        if lag == 0 and needle is not None:
            contrast_db = _contrast_db(field, echo, needle)
        field = field + echo + np.float32(noise) * rng.standard_normal((*shape, 2), np.float32)
        pictures[..., lag] = bounds.grey(np.hypot(field[..., 0], field[..., 1]))
    return _turned(pictures, needle, contrast_db, tilt, side)


@dataclass(frozen=True, slots=True)
class _Bounds:
    range_db: float
    gain_db: float

    def grey(self, amplitude: Map) -> Map:
        db = 20 * np.log10(amplitude + np.float32(1e-5)) + np.float32(self.gain_db)
        return np.asarray(np.clip(np.float32(150) + db * np.float32(255 / self.range_db), 0, 255), np.float32)


def _turned(pictures: Map, needle: _Needle | None, contrast_db: float, tilt: float, side: int) -> Made:
    """Beams turned by the tilt; cut to the side."""
    wide = len(pictures)
    linear = np.array([[math.cos(tilt), -math.sin(tilt)], [math.sin(tilt), math.cos(tilt)]])
    shift = np.full(2, (side - 1) / 2) - linear @ np.full(2, (wide - 1) / 2)
    mapped = np.column_stack([linear, shift])
    picture = np.asarray(cv2.warpAffine(pictures, mapped, (side, side), flags=cv2.INTER_LINEAR), np.float32)
    if needle is None:
        return Made(picture, np.empty((0, 2)), None)
    curve = needle.points(0)[::-2] @ linear.T + shift
    keep = ((curve > -1) & (curve < side)).all(axis=1)
    if keep.any():
        curve = curve[np.flatnonzero(keep)[0] :]
    return Made(picture, curve, visibility(contrast_db))


def _contrast_db(tissue: Field, echo: Field, needle: _Needle) -> float:
    """Echo at the tip over what is ahead of it, as in the phantom's truth."""
    both = tissue + echo
    amplitude = np.hypot(both[..., 0], both[..., 1])
    normal = np.array([-needle.along[1], needle.along[0]])

    def means(first: float, last: float, half: float) -> NDArray[np.float64]:
        s, t = np.meshgrid(np.linspace(first, last, 10), np.linspace(-half, half, 9))
        at = needle.tip + s[..., None] * needle.along + t[..., None] * normal
        read = cv2.remap(amplitude, at[..., 0].astype(np.float32), at[..., 1].astype(np.float32), cv2.INTER_LINEAR)
        along: NDArray[np.float64] = np.asarray(read, np.float64).mean(axis=1)
        return along

    on_shaft, ahead = means(*AT_TIP, 1.6).max(), means(*AHEAD, 2.3).mean()
    return 20 * math.log10((float(on_shaft) + 1e-9) / (float(ahead) + 1e-9))


def _tissue(shape: tuple[int, int], rng: Rng) -> Map:
    """Amplitude of scatterers: layers, lumps, dark and bright ovals, fascias, bone."""
    rows, columns = shape
    across = np.arange(columns, dtype=np.float32)[None, :]
    down = np.arange(rows, dtype=np.float32)[:, None]
    bent = down + rng.uniform(-0.5, 0.5) * across + rng.uniform(0, 4) * np.sin(across / rng.uniform(10, 40))
    edges = np.sort(rng.uniform(0, rows, int(rng.integers(1, 8))))
    level = rng.normal(0, 6, len(edges) + 1)[np.searchsorted(edges, bent.ravel())].reshape(shape)
    level = level + rng.uniform(0, 4) * _lumps(shape, rng.uniform(3, 15), rng)
    ovals = np.zeros(shape, np.float32)
    for _ in range(int(rng.integers(0, 4))):
        at = int(rng.integers(0, columns)), int(rng.integers(0, rows))
        axes = int(rng.integers(4, 25)), int(rng.integers(4, 16))
        dark = float(rng.choice([-22.0, -12.0, 6.0]))
        cv2.ellipse(ovals, at, axes, rng.uniform(-40, 40), 0, 360, dark, -1)
    amplitude = 10 ** ((level + cv2.GaussianBlur(ovals, (0, 0), 0.8)) / 20)
    for _ in range(int(rng.integers(0, 5))):
        _fascia(amplitude, rng)
    return np.asarray(amplitude, np.float32)


def _fascia(amplitude: NDArray[np.float64], rng: Rng) -> None:
    """A bright line with ends that fade, added in place."""
    rows, columns = amplitude.shape
    half, slope = rng.uniform(10, 110), rng.normal(0, 0.35)
    t = np.linspace(-1, 1, int(4 * half))
    aside = rng.normal(0, 3) * np.sin(t * rng.uniform(1, 5) + rng.uniform(0, 6)) + rng.normal(0, 3) * t**2
    middle = np.array([rng.uniform(0, columns), rng.uniform(0, rows)])
    x, y = half * t * math.cos(slope) - aside * math.sin(slope), half * t * math.sin(slope) + aside * math.cos(slope)
    level = 10 ** (rng.uniform(6, 26) / 20) * np.clip((1 - np.abs(t)) * half / rng.uniform(6, 30), 0, 1) ** 2
    layer = np.zeros((rows, columns), np.float32)
    _deposit(layer, middle + np.column_stack([x, y]), level)
    amplitude += np.asarray(cv2.GaussianBlur(layer, (0, 0), rng.uniform(0.4, 1.2)), np.float64)


def _passed(shape: tuple[int, int], rng: Rng) -> Map:
    """Share of amplitude that comes back past a shadow with soft sides, if there is one; and what depth takes."""
    rows, columns = shape
    down = np.arange(rows, dtype=np.float32)[:, None]
    across = np.arange(columns, dtype=np.float32)[None, :]
    lost_db = down / rows * rng.uniform(-4, 12) * np.ones(shape, np.float32)
    if rng.random() < SHADOW:
        begin, middle = rng.uniform(-20, 0.8 * rows), rng.uniform(0.1, 0.9) * columns
        half, soft = rng.uniform(6, 40), rng.uniform(1, 8)
        inside = 1 / (1 + np.exp(np.clip((np.abs(across - middle) - half) / soft, -30, 30)))
        lost_db = lost_db + rng.uniform(6, 40) * inside * np.clip((down - begin) / rng.uniform(1, 6), 0, 1)
    return np.asarray(10 ** (-lost_db / 20), np.float32)


def _needle(side: int, wide: int, rng: Rng) -> _Needle:
    slope = math.radians(rng.uniform(*SLOPES_DEG[int(rng.choice(3, p=SLOPE_SHARES))]))
    along = np.array([rng.choice([-1.0, 1.0]) * math.cos(slope), math.sin(slope)])
    tip = np.full(2, wide / 2) + rng.uniform(-0.36, 0.36, 2) * side
    count = 3 * wide
    s = np.arange(count) / 2
    level_db = rng.uniform(3, 30) + rng.uniform(0, 5) * _wander(count, rng.uniform(8, 60), rng)
    level_db = level_db - s * rng.uniform(-0.05, 0.05)
    if rng.random() < BEVELLED:
        level_db = level_db + rng.uniform(-18, 4) * np.clip(1 - s / rng.uniform(3, 10), 0, 1)
    leaves = np.zeros(len(LAGS_S))
    if rng.random() < LEAVES:
        leaves += rng.uniform(0.04, 0.35)
        if rng.random() < 0.5:
            leaves *= np.clip(1 - np.array(LAGS_S) * rng.uniform(0.3, 4), 0, 1)
        elif rng.random() < 0.3:
            leaves *= 1 + np.array(LAGS_S) * rng.uniform(0.3, 4)
    ghosts = tuple((rng.uniform(3, 16), 10 ** (rng.uniform(-24, -5) / 20)) for _ in range(int(rng.integers(0, 3))))
    bow = rng.normal(0, 4e-4)
    asides, turns = (np.array(LAGS_S) * v for v in (rng.normal(0, 4.0), rng.normal(0, 0.1)))
    if rng.random() >= SWAYS:
        asides, turns = 0.0 * asides, 0.0 * turns
    return _Needle(
        tip, along, bow, _moves(rng), asides, turns, leaves, rng.uniform(0, 60), 10 ** (level_db / 20), ghosts
    )


def _moves(rng: Rng) -> NDArray[np.float64]:
    """At rest, jiggled, withdrawn or advanced."""
    kind = int(rng.integers(5))
    if kind == 0:
        return np.zeros(len(LAGS_S))
    if kind == 1:
        return np.append(0.0, rng.normal(0, 2.5, len(LAGS_S) - 1))
    return np.array(LAGS_S) * rng.uniform(2, 50) * (0.4 if kind == 2 else -1.0)


def _phase(shape: tuple[int, int], wide: float, rng: Rng) -> Field:
    """Unit complex numbers that wander over so many cells: a smooth needle scatters alike along itself."""
    angle = math.pi * _lumps(shape, wide, rng)
    return np.stack([np.cos(angle), np.sin(angle)], axis=2).astype(np.float32)


def _lumps(shape: tuple[int, int], wide: float, rng: Rng) -> Map:
    """Smooth noise with standard deviation 1."""
    small = max(3, round(3 * shape[0] / wide)), max(3, round(3 * shape[1] / wide))
    noise = cv2.resize(rng.standard_normal(small, np.float32), shape[::-1], interpolation=cv2.INTER_CUBIC)
    return np.asarray(noise / (noise.std() + 1e-6), np.float32)


def _wander(count: int, wide: float, rng: Rng) -> NDArray[np.float64]:
    knots = max(4, round(count / wide))
    return np.interp(np.linspace(0, knots - 1, count), np.arange(knots), rng.standard_normal(knots))


def _deposit(layer: Map, points: NDArray[np.float64], level: NDArray[np.float64]) -> None:
    """Add amplitudes at places between the cells, shared among the four around each; in place."""
    rows, columns = layer.shape
    first = np.floor(points).astype(np.int64)
    share = points - first
    for dx in (0, 1):
        for dy in (0, 1):
            x, y = first[:, 0] + dx, first[:, 1] + dy
            part = level * (share[:, 0] if dx else 1 - share[:, 0]) * (share[:, 1] if dy else 1 - share[:, 1])
            ok = (x >= 0) & (x < columns) & (y >= 0) & (y < rows)
            np.add.at(layer, (y[ok], x[ok]), part[ok].astype(np.float32))
