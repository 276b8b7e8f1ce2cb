"""When what the learned cue sees is a needle: its line must be there look after look. A sequential test."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rtguide.model.plan import Approach
from rtguide.tracking.grid_motion import TissueMotion
from rtguide.tracking.learned_lines import CueLine
from rtguide.tracking.needle_hint import GridHint
from rtguide.tracking.needle_side import is_from_other_side

__all__ = ["CueLock"]

NEAR_MM, SPEED_MM_S = 1.5, 20.0
"""Between two looks a tip moves through the tissue by so much, and by so much more for each second."""

TURN_RAD = math.radians(12.0)
"""Between two looks a line turns by less, at the accuracy of the looks."""

EVEN_CHANCE, STILL_CHANCE, MOVED_MM = 0.4, 0.5, 0.7
"""Chance of a tip at which a look speaks neither for nor against a needle; the same for an end that has not moved
so far through the tissue since it was first watched: fascia that ends in the picture looks like a needle at rest."""

HINTED_CHANCE = 0.32
"""The even chance where a person says the needle is: believed sooner, if the network sees it. At 0.25 wrong tips and
false locks came (two in one simulated clip without a needle, hinted at random all the time)."""

OTHER_WAIT_S = 0.3
"""For so long a line from the side that the plan does not name must have been a needle by the same evidence as without
a plan: plans err, probes are turned. More evidence (even chance 0.5) hid one needle altogether; less for the planned
side (0.36) made a false lock."""

SHORT_MM, LONG_MM, DIM = 3.0, 25.0, 0.22
"""A shorter line, or one with a smaller mean chance of a shaft, does not count."""

LONGEST_MM, NEAR_SKIN_MM, LEVEL = 150.0, 15.0, math.sin(math.radians(1.5))
"""No needle is longer than this from the skin to its tip: a flat line deep in the picture, deeper than the second, is
pleura, fascia or bone. An angle is that accurate."""

TIP, SHAFT, LENGTH, LINE = 1.05, 5.54, -2.17, 2.84
"""Weights of a line as a whole: log-odds of its tip, of its shaft, logarithm of its length in mm, and what is added.
Logistic regression on the looks at 75 clips of the matrix and at the real clips: a needle's tip is often dim where its
shaft is sure. The fit, on the first weights of the network, adds 5.84. With the present weights a line in a needle-free
real clip locks at 3.84, none at 3.34."""

MOST_A_LOOK, ENOUGH, FORGET_S = 1.2, 2.4, 0.5
"""Log-odds add up, at most so much a look, to `ENOUGH`: two looks at least; a line not seen for `FORGET_S` is
forgotten."""


@dataclass(slots=True)
class _Watched:
    line: CueLine
    time_s: float
    place: tuple[float, float]
    began: tuple[float, float]
    sum: float
    wait_s: float = 0.0
    ready_s: float = math.inf


class CueLock:
    """Watches the cue's lines. cell_mm: of the work grid, whose cells its lines are in."""

    def __init__(self, cell_mm: float) -> None:
        self._cell_mm = cell_mm
        self._watched: list[_Watched] = []

    def carry(self, motion: TissueMotion) -> None:
        """Move what is watched along with the tissue, once for each distinct picture."""
        if not self._watched:
            return
        places = np.array([point for watched in self._watched for point in (watched.place, watched.began)])
        moved = (places + motion.at(places)).reshape(-1, 2, 2)
        for watched, (place, began) in zip(self._watched, moved, strict=True):
            watched.place = float(place[0]), float(place[1])
            watched.began = float(began[0]), float(began[1])

    def update(
        self,
        lines: Sequence[CueLine],
        time_s: float,
        hint: GridHint | None = None,
        approach: Approach = Approach.UNKNOWN,
    ) -> CueLine | None:
        """The next look; the line that is a needle, if one is.

        hint: where a person says it is, whatever was planned · approach: from where the plan expects it.
        """
        self._watched = [watched for watched in self._watched if time_s - watched.time_s <= FORGET_S]
        taken: set[int] = set()
        for line in lines:
            match = self._match(line, time_s, taken)
            has_moved = match is not None and math.dist(line.tip, match.began) * self._cell_mm >= MOVED_MM
            is_hinted = hint is not None and hint.fits(line.tail, line.tip)
            is_unplanned = not is_hinted and is_from_other_side(line.unit, approach)
            first_chance = HINTED_CHANCE if is_hinted else EVEN_CHANCE
            wait_s = OTHER_WAIT_S if is_unplanned else 0.0
            gain = self._gain(line, first_chance if is_hinted or has_moved else STILL_CHANCE)
            if match is not None:
                taken.add(id(match))
                match.sum = min(max(match.sum + gain, 0.0), ENOUGH + MOST_A_LOOK)
                match.line, match.time_s, match.place, match.wait_s = line, time_s, line.tip, wait_s
            elif line.tip_chance >= first_chance:
                watched = _Watched(line, time_s, line.tip, line.tip, max(gain, 0.1), wait_s)
                taken.add(id(watched))
                self._watched.append(watched)
        for watched in self._watched:
            if id(watched) not in taken:
                watched.sum -= 0.5 * MOST_A_LOOK
        self._watched = [watched for watched in self._watched if watched.sum >= 0.0]
        ready = [watched for watched in self._watched if watched.sum >= ENOUGH and watched.time_s == time_s]
        for watched in ready:
            watched.ready_s = min(watched.ready_s, time_s)
        ready = [watched for watched in ready if time_s - watched.ready_s >= watched.wait_s - 1e-6]
        return max(ready, key=lambda watched: watched.sum + watched.line.tip_chance).line if ready else None

    def _gain(self, line: CueLine, even_chance: float) -> float:
        if line.length * self._cell_mm < SHORT_MM or line.shaft_chance < DIM or self._from_skin_mm(line) > LONGEST_MM:
            return -MOST_A_LOOK
        tip, shaft = _log_odds(line.tip_chance), _log_odds(line.shaft_chance)
        length_mm = min(max(line.length * self._cell_mm, SHORT_MM), LONG_MM)
        whole = TIP * tip + SHAFT * shaft + LENGTH * math.log(length_mm) + LINE
        gain = max(tip - _log_odds(even_chance), whole)
        return min(max(gain, -MOST_A_LOOK), MOST_A_LOOK)

    def _from_skin_mm(self, line: CueLine) -> float:
        """How long a straight needle from the skin, the level of the picture's upper side, would be; 0 where it is near
        the skin, which is not level itself.
        """
        depth_mm, slope = line.tip[1] * self._cell_mm, line.unit[1] + LEVEL
        if depth_mm <= NEAR_SKIN_MM:
            return 0.0
        return depth_mm / slope if slope > 0.0 else math.inf

    def _match(self, line: CueLine, time_s: float, taken: set[int]) -> _Watched | None:
        best: _Watched | None = None
        least = math.inf
        for watched in self._watched:
            away = math.dist(line.tip, watched.place) * self._cell_mm
            turn = (line.angle_rad - watched.line.angle_rad + math.pi) % (2 * math.pi) - math.pi
            reach = NEAR_MM + SPEED_MM_S * (time_s - watched.time_s)
            if id(watched) not in taken and away <= min(reach, least) and abs(turn) <= TURN_RAD:
                best, least = watched, away
        return best


def _log_odds(chance: float) -> float:
    kept = min(max(chance, 0.01), 0.99)
    return math.log(kept / (1.0 - kept))
