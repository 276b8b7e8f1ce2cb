"""One possible needle: its line kept on the ridge, and the place of its end as a probability along the line."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtguide.kernels.needle_line import fit_bow, fit_line
from rtguide.kernels.needle_look import describe_look
from rtguide.kernels.needle_step import describe_end, end_likelihood, filter_end, first_gap, newest_start
from rtguide.kernels.needle_strip import best_path, read_path, ridge_rows, straighten
from rtguide.tracking.grid import WorkGrid
from rtguide.tracking.needle_evidence import Evidence
from rtguide.tracking.needle_line import SHORTEST_CHORD, ShaftLine
from rtguide.tracking.needle_look import Look, look_log_odds

__all__ = ["Measured", "Shaft"]

FLANK_MM = 0.9
"""Distance of the sides a shaft is compared with: beyond a needle's bloom, nearer than the next layer of tissue."""

APART_MM = 1.5
"""Parallels at least this far away show the tissue: clear of shaft and bloom."""

BAND_MM = 0.6
"""How far from where it was the shaft is looked for in the next picture."""

LANE_MM = 0.6
"""How far a bent shaft may leave its straight line, to either side."""

PATH_STIFFNESS = 0.7
"""Price of one sideways cell in ridge units: a bend of 20° costs a quarter of a needle's own strength."""

MISPLACED_MM = 0.45
"""How far the carried background may be out of place: a ridge that was so near before is not new."""

WINDOW = 6
"""Cells along the shaft that give one sideways offset: two speckles."""

NEAR_MM = 2.0
"""Length before and beyond the end over which it is judged: four to six speckles."""

CORRELATION = 4.0
"""Cells over which neighbouring values along a line repeat each other: blur, resampling and the speckle's width."""

NEW_WEIGHT = 0.8
"""Weight of newness beside contrast: both see the same echo, so together they count less than twice."""

FIRST_LEVEL = 1.2
"""Ridge strength expected of a shaft that was not measured yet, in local deviations of the picture."""

LEAST_LEVEL = 0.8
"""A shaft is never taken to be dimmer: else one that was followed too far would fade until nothing calls it back."""

LEVEL_GAIN = 0.2
"""Share of each picture in what is known of the shaft's brightness."""

END_RESTLESS_MM, END_SPEED_MM_S = 0.12, 6.0
"""Deviation of the end's motion from one picture to the next: a fixed part and a part that grows with time."""

LEAK = 1e-4
"""Probability that the end is somewhere else altogether."""

FASTEST_MM_S, SPEED_TIME_S = 30.0, 0.25
"""Needles are pushed by hand: faster is a jump. How long the speed of the end is averaged."""

GAP_MM, DIM_SHARE, BROKEN = 2.0, 0.4, 8.0
"""An even shaft does not go dark for so long and then go on: what follows is bone or fascia. Dim is less than this
share of what the shaft usually stands out by. Log-likelihood taken from ends beyond."""

NEW_BEFORE, AS_NEW = 0.5, 0.7
"""Newness of the ridge before a gap from which on the stretch behind is compared; the share that counts as as new."""

LOOK_MM, CORE_MM, BESIDE_MM = 12.0, 0.3, (0.8, 2.6)
"""Length before the end whose look is judged, half-width of its core, and where its sides lie: clear of the bloom."""

HISTORY = 60
"""Pictures remembered, two seconds at 30 a second: longer than any judgement looks back."""

EXPECTED_MM = 1.5
"""Deviation of the end that a source proposes with its line."""

YOUNG = 3
"""Pictures in which a new line may still turn onto the ridge from farther away."""

FIRST_STOP_MM = 4.0
"""A line is fitted over at least so much of its length."""

CURVE_SHARES = np.linspace(0.0, 1.0, 13)
"""Where on the shaft the points of its curve lie: twelve pieces show any bow that steel makes."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One picture's finding, lengths in cells along the line from its entry.

    time_s · end, deviation: mean and spread of the end · travelled: how far the end has advanced through the tissue
    since the shaft was first looked at · contrast, newness: log-likelihood ratios of the shaft up to the end ·
    strength, ahead, fresh: ridge of the last 2 mm before the end, of the 2 mm beyond, newness of the last 2 mm ·
    news: mean newness of the whole shaft · level: usual ridge of the shaft; all in deviations of the tissue ·
    straight_mm: deviation of the bent shaft from its line · share: of the shaft that stands out by a deviation of
    the tissue · look: log-odds of a needle by the look of this picture alone.
    """

    time_s: float
    end: float
    deviation: float
    travelled: float
    contrast: float
    newness: float
    strength: float
    ahead: float
    fresh: float
    news: float
    level: float
    straight_mm: float
    share: float
    look: float

    @property
    def support(self) -> float:
        """Log-likelihood ratio of the shaft; newness never counts against it: it may have been there before."""
        return self.contrast + max(self.newness, 0.0)


@dataclass(slots=True)
class _Reading:
    """The strip along the line, its ridges, and paths: row 0 of each is the shaft, the others its parallels."""

    strip: NDArray[np.float32]
    ridges: NDArray[np.float32]
    strength: NDArray[np.float32]
    news: NDArray[np.float32]


class Shaft:
    """Follows one line from picture to picture. end: cells along it, where it seemed to end when it was found."""

    def __init__(self, grid: WorkGrid, line: ShaftLine, end: float | None = None) -> None:
        self._grid = grid
        cell = grid.cell_mm
        self._flank = max(3, round(FLANK_MM / cell))
        self._lane = max(2, round(LANE_MM / cell))
        self._apart = max(self._flank + 1, round(APART_MM / cell)) + self._lane
        self._band = max(2, round(BAND_MM / cell))
        self._misplaced = max(1, round(MISPLACED_MM / cell))
        self._half = self._apart + self._lane + self._flank + 1
        self._first_stop = round(FIRST_STOP_MM / cell)
        self._gap = round(GAP_MM / cell)
        self.line = self.seen_line = line
        self.length = line.length(grid)
        self._probability = np.full(self.length, 1.0 / self.length)
        self._young_stop = float(self.length)
        if end is not None:
            self._expect(end)
        self._level = [FIRST_LEVEL, 0.0]
        self._speed = 0.0
        self._slid = 0.0
        self.path = np.zeros(self.length, np.int64)
        self._curve: NDArray[np.float64] | None = None
        self._news, self._news_level = np.zeros(self.length, np.float32), (0.0, 1.0)
        self.history: list[Measured] = []

    @property
    def last(self) -> Measured:
        """The newest finding."""
        return self.history[-1]

    @property
    def room(self) -> float:
        """Cells from the end to where the line leaves the region."""
        return self.length - self.last.end

    @property
    def speed_mm_s(self) -> float:
        """How fast the end advances through the tissue."""
        return self._speed * self._grid.cell_mm

    def curve(self) -> NDArray[np.float64]:
        """Points from the entry to the end along the bent shaft, float64 (13, 2) in cells.

        Steel bends in one bow: the brightest path beside the line is smoothed to a parabola.
        """
        if self._curve is None:
            end = min(max(self.last.end, 1.0), len(self.path) - 1.0)
            bow = np.empty(3)
            fit_bow(self.path, int(end) + 1, end, bow)
            aside = bow[0] - (self._apart + self._lane) + CURVE_SHARES * (bow[1] + CURVE_SHARES * bow[2])
            ux, uy = self.seen_line.unit
            self._curve = self.seen_line.points(CURVE_SHARES * end) + aside[:, None] * np.array([[-uy, ux]])
            self._curve.flags.writeable = False
        return self._curve

    def newness_between(self, start: float, stop: float) -> float:
        """Mean newness of a stretch of the line in the last picture, in deviations of the tissue."""
        first = max(0, min(int(start), self.length - 1))
        mean, deviation = self._news_level
        news = (self._news[first : max(first + 1, int(stop) + 1)] - mean) / deviation
        return float(np.clip(news, -2.0, 4.0).mean())

    def hold_back(self, place: float) -> None:
        """The end is not beyond this place, whatever the picture says: look for it again before."""
        stop = max(1, min(int(place), self.length))
        self._probability[stop:] = 0.0
        self._probability[:stop] += 1e-9
        self._probability /= self._probability.sum()
        self._speed = 0.0

    def _expect(self, end: float) -> None:
        """Begin with an end near this place, as likely as anywhere else; lay the line onto its ridge only so far."""
        away = (np.arange(self.length) - end) * self._grid.cell_mm / EXPECTED_MM
        near = np.exp(-0.5 * away**2)
        self._probability = 0.5 * self._probability + 0.5 * near / max(float(near.sum()), 1e-9)
        self._probability /= self._probability.sum()
        self._young_stop = min(float(self.length), end)

    def update(self, evidence: Evidence) -> Measured | None:
        """Look at the next distinct picture. None when the line has left the region."""
        step_s = evidence.time_s - self.last.time_s if self.history else 0.0
        shift = self._carry(evidence)
        if shift is None:
            return None
        reading = self._read(evidence)
        self._level[1] = max(self._level[1], newest_start(reading.news[0], self._first_stop))
        levels, likelihood = np.zeros((2, 3)), np.zeros((2, self.length))
        for k, values in enumerate((reading.strength, reading.news)):
            end_likelihood(values[0], values[1:], self._level[k], CORRELATION, levels[k], likelihood[k])
        self._news, self._news_level = reading.news[0], (float(levels[1, 0]), float(levels[1, 1]))
        total = likelihood[0] + NEW_WEIGHT * likelihood[1]
        dim = float(levels[0, 0]) + DIM_SHARE * (self._level[0] - float(levels[0, 0]))
        gap = int(first_gap(reading.strength[0], dim, self._first_stop, self._gap))
        if not self._goes_on(reading.news[0], gap, int(total.argmax())):
            total[min(gap + self._misplaced, self.length) :] -= BROKEN
        spread = math.hypot(END_RESTLESS_MM, END_SPEED_MM_S * step_s) / self._grid.cell_mm
        after, moments = np.empty(self.length), np.empty(2)
        filter_end(self._probability, total, shift + self._speed * step_s, spread, LEAK, after, moments)
        self._probability = after
        end, deviation = float(moments[0]), float(moments[1])
        found = self._describe(reading, levels, end)
        stop = min(max(int(end), 0), self.length - 1)
        advance = end - self.last.end - shift if self.history else 0.0
        travelled = self.last.travelled + advance if self.history else 0.0
        self._learn_speed(advance, step_s)
        scores = float(likelihood[0, stop]), float(likelihood[1, stop])
        found = (*found, self._look(reading.strip, end, deviation, found[5]))
        self.history.append(Measured(evidence.time_s, end, deviation, travelled, *scores, *found))
        del self.history[:-HISTORY]
        self.seen_line, self._curve = self.line, None
        self._lay_onto(reading.ridges, end)
        return self.last

    def _carry(self, evidence: Evidence) -> float | None:
        """Move the line along with the tissue; the shift of places along it, None when it left."""
        end = self.last.end if self.history else 0.0
        start, chord, tip = (evidence.motion.at_point(*self.line.point(s)) for s in (0.0, self.line.chord, end))
        ux, uy = self.line.unit
        line = self.line.moved(start, chord)
        entered = line.entered(self._grid)
        if entered is None:
            return None
        self.line, start_moved = entered
        origin = start[0] * ux + start[1] * uy + start_moved + self._slid
        self._slid = 0.0
        self.length = self.line.length(self._grid)
        old = self._probability
        if self.length != len(old):
            self._probability = np.full(self.length, 1e-9)
            common = min(self.length, len(old))
            self._probability[:common] += old[:common]
            self._probability /= self._probability.sum()
        return tip[0] * ux + tip[1] * uy - origin

    def _read(self, evidence: Evidence) -> _Reading:
        shape = (2 * self._half + 1, self.length)
        strips, ridges = np.empty((2, *shape), np.float32), np.empty((2, *shape), np.float32)
        straighten(evidence.contrast, evidence.background, self.line.row()[:4], strips[0], strips[1])
        for k in range(2):
            ridge_rows(strips[k], self._flank, ridges[k])
        used = slice(self._flank + 1, shape[0] - self._flank - 1)
        now, before = ridges[0, used], ridges[1, used]
        strength, news = np.empty((3, self.length), np.float32), np.empty((3, self.length), np.float32)
        back = np.empty((2 * self._lane + 1, self.length), np.int8)
        middle = now.shape[0] // 2
        for k, centre in enumerate((middle, middle - self._apart, middle + self._apart)):
            path = np.empty(self.length, np.int64)
            best_path(now, centre, self._lane, PATH_STIFFNESS, back, path)
            read_path(now, before, path, self._misplaced, strength[k], news[k])
            if k == 0:
                self.path = path
        return _Reading(strips[0], now, strength, news)

    def _describe(self, reading: _Reading, levels: NDArray[np.float64], end: float) -> tuple[float, ...]:
        """strength, ahead, fresh, news, level, straight_mm; learns how bright the shaft is."""
        out = np.empty(8)
        near = NEAR_MM / self._grid.cell_mm
        describe_end(reading.strength[0], reading.news[0], self.path, levels, end, near, out)
        for k in range(2):
            if not math.isnan(out[4 + k]):
                self._level[k] += LEVEL_GAIN * (float(out[4 + k]) - self._level[k])
        self._level[0] = max(self._level[0], LEAST_LEVEL)
        level = (self._level[0] - float(levels[0, 0])) / float(levels[0, 1])
        straight_mm = float(out[6]) * self._grid.cell_mm
        return float(out[0]), float(out[1]), float(out[2]), float(out[3]), level, straight_mm, float(out[7])

    def _learn_speed(self, advance: float, step_s: float) -> None:
        if step_s > 0:
            fastest = FASTEST_MM_S / self._grid.cell_mm
            rate = max(-fastest, min(fastest, advance / step_s))
            self._speed += (1.0 - math.exp(-step_s / SPEED_TIME_S)) * (rate - self._speed)

    def _goes_on(self, news: NDArray[np.float32], gap: int, far: int) -> bool:
        """Whether what follows a gap, up to the likeliest end, is as new as what came before it: the same shaft."""
        beyond = gap + self._gap
        if far - beyond < self._gap:
            return False
        before = float(np.clip(news[:gap], -1.0, 4.0).mean())
        return before > NEW_BEFORE and float(np.clip(news[beyond:far], -1.0, 4.0).mean()) > AS_NEW * before

    def _look(self, strip: NDArray[np.float32], end: float, deviation: float, straight_mm: float) -> float:
        """The log-odds of a needle by its look."""
        cell = self._grid.cell_mm
        stop = min(max(int(end), 4), strip.shape[1] - 1)
        first = max(0, stop - round(LOOK_MM / cell))
        widths = np.array([round(CORE_MM / cell), round(BESIDE_MM[0] / cell), round(BESIDE_MM[1] / cell)], np.int64)
        out = np.empty(6)
        describe_look(strip, first, stop + 1, widths, 1 if self.line.unit[0] > 0.0 else -1, out)
        core, width, below, above, gaps, crossing = (float(value) for value in out)
        look = Look(core, width * cell, below, above, gaps, crossing)
        return look_log_odds(look, straight_mm, deviation * cell, end * cell)

    def _lay_onto(self, ridges: NDArray[np.float32], end: float) -> None:
        """Shift and turn the line onto the ridge it lies on."""
        known = end if len(self.history) > 1 else self._young_stop
        stop = max(known, FIRST_STOP_MM / self._grid.cell_mm, SHORTEST_CHORD)
        change = np.zeros(2)
        reach = 2 * self._band if len(self.history) <= YOUNG else self._band
        fit_line(ridges, reach, WINDOW, stop - 0.5 / self._grid.cell_mm, change)
        line = self.line.across(float(change[0]), float(change[1]), float(stop))
        entered = line.entered(self._grid)
        if entered is not None:
            self.line, self._slid = entered
