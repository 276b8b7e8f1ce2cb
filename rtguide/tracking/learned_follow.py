"""Follows the needle that the learned cue sees: locks when it is there look after look, then looks round its tip."""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from rtguide.model.needle import HiddenReason, NeedleMode, NeedleState, NeedleTrack, Tip, TipState
from rtguide.model.points import as_points
from rtguide.tracking.grid import WorkGrid
from rtguide.tracking.grid_motion import TissueMotion
from rtguide.tracking.grid_tracker import GridPicture
from rtguide.tracking.learned_cue import CueLook, LearnedCue
from rtguide.tracking.learned_lines import CueLine
from rtguide.tracking.learned_lock import CueLock
from rtguide.tracking.learned_shadow import is_dark_ahead
from rtguide.tracking.needle_line import ShaftLine
from rtguide.tracking.needle_tip import BORDER_MM, PREDICT_MM, PREDICT_S

__all__ = ["CueFollower"]

SEARCH_S, GLANCE_S = 0.095, 0.3
"""The whole picture is looked at so often: without a needle, and with one."""

SEEN, STILL_SEEN = 0.45, 0.3
"""Mean chance from which a tip is seen, and down to which it stays so."""

SMOOTH_S, LEAST_NOW = 0.2, 0.12
"""The chance is averaged over so long, for it flickers on a tip that is there and fades on an end that is not; and
what it must be in this picture, for a seen tip is measured in it."""

NEAR_MM, SPEED_MM_S, FARTHEST_MM = 1.0, 15.0, 4.0
"""How far from where it is expected a tip is looked for: at once, more for each second since it was seen, at most."""

ASIDE_MM = 1.5
"""How far beside the line that was followed a tip may lie: another needle, or none, is farther."""

BACK_MM, SURE = 2.5, 0.5
"""An end that went back so far through the tissue was withdrawn, or its tip has left the plane: it must be surer."""

SURE_IN_DARK = 0.6
"""Nothing comes back from ahead of the end: it must be surer, for the tip may lie in a shadow."""

SWITCH_AFTER_S = 0.5
"""A needle whose tip was not seen for so long gives way to another."""

TURN_RAD = math.radians(12.0)
"""A line turns by less from look to look."""

COAST_AFTER_S, LOSE_AFTER_S = 0.2, 0.7
"""Without a line a needle coasts, then is lost."""

SHAFT = 0.35
"""Mean chance of a shaft that keeps a needle whose tip is not seen."""

SPEED_TIME_S = 0.25
"""Over so long the speed of the tip through the tissue is averaged."""

GAIN = 0.7
"""Share of a look in where the tip is said to be: its own error is about half a cell of the work grid."""

SIGMA_SPREADS = 1.0
"""Radius within which 68 % of the tips lie, in the network's standard deviations along each axis: 1.5 for one look of a
normal law; less, for looks are averaged and tips that are seen are better than most."""


@dataclass(slots=True)
class _Followed:
    """line: as seen last, carried along · speed: cells a second along the line, through the tissue · seen_s, line_s:
    when its tip, its line was seen last · chance, mean_chance: of the tip in the last look, and over the last ones ·
    is_shadowed: whether it is not called the tip because nothing comes back from ahead of it.
    """

    line: CueLine
    speed: float
    seen_s: float
    line_s: float
    chance: float
    is_seen: bool
    seen_place: tuple[float, float]
    farthest: tuple[float, float]
    mean_chance: float
    is_shadowed: bool = False


class CueFollower:
    """One needle by the learned cue alone. Distinct pictures in order of time."""

    def __init__(self, grid: WorkGrid, cue: LearnedCue) -> None:
        self._grid = grid
        self._cue = cue
        self._lock = CueLock(grid.cell_mm)
        self._followed: _Followed | None = None
        self._whole_s = self._last_s = -math.inf

    @property
    def is_busy(self) -> bool:
        """Whether all of the last picture was looked at."""
        return self._whole_s == self._last_s

    def update(self, picture: GridPicture) -> NeedleState:
        """The needle in this picture."""
        motion, time_s = picture.motion, picture.time_s
        self._cue.take(picture.cells, motion, time_s)
        self._lock.carry(motion)
        step_s, self._last_s = time_s - self._last_s, time_s
        followed = self._followed
        is_due = time_s - self._whole_s >= (SEARCH_S if followed is None else GLANCE_S)
        if followed is None:
            if is_due:
                self._search(self._cue.look(), picture)
        else:
            self._carry(followed, motion, step_s)
            look = self._cue.look(None if is_due else followed.line)
            self._follow(followed, look, picture, step_s)
            if time_s - followed.line_s > LOSE_AFTER_S:
                self._followed = None
            if is_due:
                self._search(look, picture)
        return NeedleState() if self._followed is None else self._state(self._followed, time_s)

    def _search(self, look: CueLook, picture: GridPicture) -> None:
        time_s, hint = picture.time_s, picture.hint
        self._whole_s = time_s
        found = self._lock.update(look.lines, time_s, hint, picture.approach)
        followed = self._followed
        if found is None:
            return
        is_meant = hint is not None and hint.fits(found.tail, found.tip)
        if followed is not None and self._is_same(found, followed.line):
            return
        if followed is not None and time_s - followed.seen_s < SWITCH_AFTER_S:
            is_followed_meant = hint is not None and hint.fits(followed.line.tail, followed.line.tip)
            if is_followed_meant or not is_meant:
                return
        is_seen = found.tip_chance >= (SEEN if is_meant else STILL_SEEN) and not self._is_shadowed(found, picture)
        seen_s = time_s if is_seen else -math.inf
        self._followed = _Followed(
            found, 0.0, seen_s, time_s, found.tip_chance, is_seen, found.tip, found.tip, found.tip_chance
        )

    def _is_same(self, line: CueLine, other: CueLine) -> bool:
        """Whether a line with its end is one that is followed already, whose end may be hidden for a reason."""
        cell = self._grid.cell_mm
        is_near = math.dist(line.tip, other.tip) * cell <= FARTHEST_MM
        return is_near and abs(_aside(other, line.tip)) * cell <= ASIDE_MM and _turn(line, other) <= TURN_RAD

    def _is_shadowed(self, line: CueLine, picture: GridPicture, chance: float | None = None) -> bool:
        """Whether the end may be a shadow's border. chance: of the tip, of this look if None."""
        is_sure = (line.tip_chance if chance is None else chance) >= SURE_IN_DARK
        return not is_sure and is_dark_ahead(picture.cells, self._grid, line)

    def _carry(self, followed: _Followed, motion: TissueMotion, step_s: float) -> None:
        """With the tissue, and on along the shaft as fast as it went."""
        line = followed.line
        ends = np.array([line.tip, line.tail, followed.seen_place, followed.farthest])
        ends += motion.at(ends)
        ux, uy = line.unit
        on = followed.speed * min(step_s, 0.2)
        tip = float(ends[0, 0]) + on * ux, float(ends[0, 1]) + on * uy
        tail = float(ends[1, 0]), float(ends[1, 1])
        followed.line = replace(line, tip=tip, tail=tail)
        followed.seen_place = float(ends[2, 0]), float(ends[2, 1])
        followed.farthest = float(ends[3, 0]), float(ends[3, 1])

    def _follow(self, followed: _Followed, look: CueLook, picture: GridPicture, step_s: float) -> None:
        cell, expected = self._grid.cell_mm, followed.line
        time_s = picture.time_s
        reach = min(NEAR_MM + SPEED_MM_S * (time_s - followed.seen_s), FARTHEST_MM)
        best, most = None, 0.0
        for line in look.lines:
            away = math.dist(line.tip, expected.tip) * cell
            worth = line.tip_chance * math.exp(-0.5 * (away / reach) ** 2)
            aside = abs(_aside(expected, line.tip)) * cell
            if away <= 2 * reach and aside <= ASIDE_MM and _turn(line, expected) <= TURN_RAD and worth > most:
                best, most = line, worth
        followed.chance = 0.0 if best is None else best.tip_chance
        followed.mean_chance += (1.0 - math.exp(-step_s / SMOOTH_S)) * (followed.chance - followed.mean_chance)
        is_likely = followed.mean_chance >= (STILL_SEEN if followed.is_seen else SEEN)
        followed.is_seen = is_likely and followed.chance >= LEAST_NOW
        followed.is_shadowed = False
        if best is None:
            followed.speed *= 0.7
            return
        if best.shaft_chance >= SHAFT:
            followed.line_s = time_s
        ux, uy = best.unit
        ahead = (best.tip[0] - expected.tip[0]) * ux + (best.tip[1] - expected.tip[1]) * uy
        gain = GAIN if followed.is_seen else 0.3
        if step_s > 0:
            followed.speed += (1.0 - math.exp(-step_s / SPEED_TIME_S)) * gain * ahead / step_s
        x, y = (gain * new + (1.0 - gain) * old for new, old in zip(best.tip, expected.tip, strict=True))
        spread = gain * best.spread + (1.0 - gain) * expected.spread
        followed.line = replace(best, tip=(x, y), spread=spread)
        back = (followed.farthest[0] - x) * ux + (followed.farthest[1] - y) * uy
        if back < 0.0 and followed.is_seen:
            followed.farthest = x, y
        if back * cell > BACK_MM and followed.mean_chance < SURE:
            followed.is_seen = False
        if self._is_shadowed(followed.line, picture, followed.mean_chance):
            followed.is_seen, followed.is_shadowed = False, True
        if followed.is_seen:
            followed.seen_s, followed.seen_place = time_s, (x, y)

    def _state(self, followed: _Followed, time_s: float) -> NeedleState:
        line = followed.line
        shaft = ShaftLine(line.tail, line.angle_rad, max(line.length, 1.0), line.bow)
        entered = shaft.entered(self._grid)
        moved = 0.0 if entered is None else entered[1]
        places = np.linspace(min(moved, 0.0), line.length, 13)
        curve = self._grid.px_from_grid(shaft.points(places))
        is_coasting = time_s - followed.line_s > COAST_AFTER_S
        return NeedleState(
            NeedleTrack.COASTING if is_coasting else NeedleTrack.LOCKED,
            NeedleMode.IN_PLANE,
            entry_px=as_points(curve[:1])[0],
            curve_px=as_points(curve),
            tip=self._tip(followed, shaft, curve[-1], time_s),
            confidence=min(max(0.5 * (line.shaft_chance + followed.chance), 0.0), 1.0),
        )

    def _tip(self, followed: _Followed, shaft: ShaftLine, tip_px: NDArray[np.float64], time_s: float) -> Tip:
        cell = self._grid.cell_mm
        px = float(tip_px[0]), float(tip_px[1])
        sigma_px = SIGMA_SPREADS * followed.line.spread * 0.5 * sum(self._grid.step_px)
        if (shaft.length(self._grid) - followed.line.length) * cell < BORDER_MM:
            return Tip(TipState.HIDDEN, hidden_reason=HiddenReason.LEFT_VIEW)
        if followed.is_seen:
            return Tip(TipState.SEEN, px, None, sigma_px)
        way_mm = math.dist(followed.line.tip, followed.seen_place) * cell
        if time_s - followed.seen_s <= PREDICT_S and way_mm <= PREDICT_MM:
            return Tip(TipState.PREDICTED, px, None, 1.5 * sigma_px)
        reason = HiddenReason.SHADOW if followed.is_shadowed else HiddenReason.UNCERTAIN
        return Tip(TipState.HIDDEN, hidden_reason=reason)


def _turn(line: CueLine, other: CueLine) -> float:
    """Radians between two directions of travel, 0 to π."""
    return abs((line.angle_rad - other.angle_rad + math.pi) % (2 * math.pi) - math.pi)


def _aside(line: CueLine, point: tuple[float, float]) -> float:
    """How far a point lies beside a line's chord, in cells."""
    ux, uy = line.unit
    return (point[1] - line.tip[1]) * ux - (point[0] - line.tip[0]) * uy
