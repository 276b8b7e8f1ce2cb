"""What is said of a needle from picture to picture, whichever part finds it: that it was lost, and its passes."""

import math
from dataclasses import dataclass, replace
from itertools import pairwise

from rtguide.model.needle import NeedleState, NeedleTrack
from rtguide.model.points import Points, as_array, as_points
from rtguide.tracking.grid import WorkGrid

__all__ = ["NeedleCourse"]

SAY_LOST_S = 1.0
"""That a needle was lost stays on screen for a while."""

SAME_TURN_RAD, SAME_ASIDE_MM = math.radians(10.0), 5.0
"""A needle that is found again so near to its old line is the same insertion: a probe slides, a hand tilts."""

WITHDRAWN_MM = 8.0
"""A needle found again so much shorter than it was, or lost so far back from where it had been, came out in between."""

NEARLY_OUT_MM = 8.0
"""With no more than this in the picture when it is lost, a needle that was being withdrawn came out."""

SETTLING_S = 0.3
"""The length inside the picture is believed when it is seen to be so long for so long: one wrong end is no pass."""

HELD = (NeedleTrack.LOCKED, NeedleTrack.COASTING)


@dataclass(slots=True)
class _Insertion:
    """The insertion that is going on, lengths in mm inside the picture: the last one and the farthest.

    middle, angle_rad: of the line, grid cells.
    """

    middle: tuple[float, float]
    angle_rad: float
    length_mm: float
    farthest_mm: float
    settled_s: float

    @property
    def has_come_out(self) -> bool:
        """Whether a needle lost now was withdrawn."""
        return self.length_mm <= NEARLY_OUT_MM and self.farthest_mm - self.length_mm >= WITHDRAWN_MM


class NeedleCourse:
    """The needle's way so far. Distinct pictures in order of time.

    A pass is an insertion: one more is counted for a needle on another line, or on the same one after it came out. A
    needle that is only lost from sight and found again goes on with its pass.
    """

    def __init__(self, grid: WorkGrid) -> None:
        self._grid = grid
        self._held_s = -math.inf
        self._is_held = False
        self._passes = 0
        self._insertion: _Insertion | None = None

    def update(self, found: NeedleState, time_s: float) -> NeedleState:
        """What a needle part found, with what its past adds to it."""
        is_held = found.track in HELD
        if is_held and len(found.curve_px) > 1:
            self._note(found, time_s, is_new=not self._is_held)
        elif is_held and self._passes == 0:  # a cross-section: whether it is inserted anew cannot be seen
            self._passes = 1
        self._is_held = is_held
        if is_held:
            self._held_s = time_s
        elif time_s - self._held_s < SAY_LOST_S:
            return NeedleState(NeedleTrack.LOST, found.mode, self._passes)
        return replace(found, pass_number=self._passes)

    def _note(self, found: NeedleState, time_s: float, *, is_new: bool) -> None:
        """Whether the needle is the one of before, and how far in it is."""
        curve = as_points(self._grid.grid_from_px(as_array(found.curve_px)))
        length_mm = _length(curve) * self._grid.cell_mm
        (x0, y0), (x1, y1) = curve[0], curve[-1]
        middle, angle = ((x0 + x1) / 2, (y0 + y1) / 2), math.atan2(y1 - y0, x1 - x0)
        last = self._insertion
        if last is None or (is_new and not self._goes_on(last, middle, angle, length_mm)):
            self._passes += 1
            self._insertion = _Insertion(middle, angle, length_mm, length_mm, time_s)
            return
        last.middle, last.angle_rad = middle, angle
        if found.tip.is_seen:
            last.length_mm = length_mm
        if not found.tip.is_seen or length_mm <= last.farthest_mm:
            last.settled_s = time_s
        elif time_s - last.settled_s >= SETTLING_S:
            last.farthest_mm = length_mm

    def _goes_on(self, last: _Insertion, middle: tuple[float, float], angle: float, length_mm: float) -> bool:
        turn = abs((angle - last.angle_rad + math.pi) % (2 * math.pi) - math.pi)
        aside = (middle[1] - last.middle[1]) * math.cos(angle) - (middle[0] - last.middle[0]) * math.sin(angle)
        is_same_line = turn <= SAME_TURN_RAD and abs(aside) * self._grid.cell_mm <= SAME_ASIDE_MM
        is_shorter = last.farthest_mm - length_mm >= WITHDRAWN_MM and last.length_mm - length_mm >= WITHDRAWN_MM / 2
        return is_same_line and not last.has_come_out and not is_shorter


def _length(curve: Points) -> float:
    return sum(math.dist(a, b) for a, b in pairwise(curve))
