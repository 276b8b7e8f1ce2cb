"""The cross-section of a needle that meets the plane from outside: found, followed, and said to be hidden.

Nobody can tell from the picture whether what crosses the plane is the tip or the shaft behind it: the tip is never said
to be seen here.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtguide.model.needle import HiddenReason, NeedleMode, NeedleState, NeedleTrack, Tip, TipState
from rtguide.model.points import Point
from rtguide.opencv import cv2
from rtguide.tracking.grid import WorkGrid
from rtguide.tracking.grid_tracker import GridPicture
from rtguide.tracking.section_spots import SAME_TISSUE, NewSpots, Spot, SpotFinder

__all__ = ["CrossSection"]

LEAST_STRENGTH = 1.0
"""Local deviations by which a dot is brighter than its surroundings, to be thought of as a needle."""

NEUTRAL_NEWNESS, FULL_NEWNESS = 0.85, 1.4
"""Newness that says nothing, and that which counts a second for each second."""

FASTEST = 2.0
"""No picture counts more than this many times its duration."""

LOCK_S, LOCK_AGAIN_S = 0.35, 0.2
"""Seconds of full newness that prove a needle; and where one was walked to from a place it was at just before."""

WALK_S, WALK_MM = 8.0, 4.0
"""A needle that is walked down comes back within this time, and no farther to the side."""

SAME_MM = 1.0
"""A spot so near to one of the last picture is the same one."""

DRIFT_MM = 1.0
"""What drifts farther through the tissue before it is believed is no needle that crosses at one place: a bubble."""

ONE_AS_MOVES = 0.85
"""Share of the picture that must move as one: else dots come and go by themselves."""

USUAL_NEWNESS, USUAL_LIKENESS, UNLIKE_WEIGHT = 0.5, 0.9, 2.0
"""Where the third newest spot is newer than this, or the picture less like that of a second ago, dots come and go by
themselves, as in a tilt, a sweep or among bubbles: a dot counts for that much less."""

PATIENCE_S = 3.0
"""A candidate that is not believed by then belongs to the tissue."""

FORGET_S = 0.4
"""So long a candidate may be out of sight."""

KEEP_SHARE, KEEP_NEWNESS = 0.45, 0.7
"""Share of its usual newness, and newness, with which a dot that is followed is still there."""

REACH_MM = 1.3
"""How far a dot may lie from where the tissue has taken it: a jiggle, and a needle tilted by a degree."""

LOSE_AFTER_S = 1.0
"""As for a shaft (see `needle`)."""

TORN, TORN_S = 0.5, 0.5
"""Share of the picture that moves as one below which, for so long, the tissue is another one."""

BELOW_MM = 2.0
"""The middle of a steep dot lies no farther below its upper end."""

TAKE_BACK_S = 1.5
"""A dot that came up just before the tissue turned out to be another one came with it: a tilt, and no needle."""

BETTER = 1.5
"""How many times as strong another proven dot must be to be the needle instead."""


@dataclass(slots=True)
class _Candidate:
    """A dot that may be a needle, in cells of the tissue's frame. evidence_s: see `LOCK_S` · born: its first place."""

    x: float
    y: float
    born: Point
    born_s: float
    seen_s: float
    newness: float
    evidence_s: float = 0.0

    def take(self, spot: Spot, share: float, now_s: float) -> None:
        """It is there in this picture."""
        self.x += share * (spot.x - self.x)
        self.y += share * (spot.y - self.y)
        more = spot.newness - self.newness
        self.newness += (0.3 if more > 0.0 else 0.03) * more
        self.seen_s = now_s

    def move(self, by: NDArray[np.float64]) -> None:
        """The tissue's frame was drawn anew."""
        self.x, self.y = _moved((self.x, self.y), by)
        self.born = _moved(self.born, by)


class CrossSection:
    """Follows the dot of one needle. Distinct pictures in order of time; used by one thread at a time."""

    def __init__(self, grid: WorkGrid) -> None:
        self._grid = grid
        self._finder = SpotFinder(grid)
        self._candidates: list[_Candidate] = []
        self._held: _Candidate | None = None
        self._left: tuple[Point, float] | None = None
        self._last_s: float | None = None
        self._whole_s = -math.inf

    @property
    def is_busy(self) -> bool:
        """Every picture takes about the same work."""
        return False

    def update(self, picture: GridPicture) -> NeedleState:
        """The cross-section in this picture: its place only where it is measured in this very picture."""
        now_s = picture.time_s
        step_s = 0.0 if self._last_s is None else min(now_s - self._last_s, 0.2)
        self._last_s = now_s
        keep = [(c.x, c.y) for c in self._candidates if c.evidence_s > 0.0 or c.newness > FULL_NEWNESS]
        if self._held is not None:
            keep.append((self._held.x, self._held.y))
        seen = self._finder.update(picture, keep)
        self._carry(seen)
        measured = self._follow(seen)
        proven = self._weigh(seen, picture, step_s)
        if proven is not None and (self._held is None or not measured or proven.newness > BETTER * self._held.newness):
            self._candidates.remove(proven)
            self._held, measured = proven, True
        return self._describe(seen, picture, is_measured=measured)

    def _carry(self, seen: NewSpots) -> None:
        """Places noted before, in the frame of now."""
        by = seen.redrawn_by
        if by is None:
            return
        for one in (*self._candidates, *([] if self._held is None else [self._held])):
            one.move(by)
        if self._left is not None:
            self._left = _moved(self._left[0], by), self._left[1]

    def _follow(self, seen: NewSpots) -> bool:
        """Whether the dot that is held is there in this picture; it is let go of when it was away for too long."""
        now_s = seen.time_s
        if seen.agreement >= TORN:
            self._whole_s = now_s
        held = self._held
        if held is not None and seen.likeness < SAME_TISSUE and now_s - held.born_s < TAKE_BACK_S:
            held = self._held = None
        if held is None:
            return False
        spot = self._finder.around(held.x, held.y, REACH_MM)
        if spot is not None and spot.newness >= max(KEEP_NEWNESS, KEEP_SHARE * held.newness):
            held.take(spot, 0.6, now_s)
            return True
        if now_s - held.seen_s > LOSE_AFTER_S or now_s - self._whole_s > TORN_S:
            self._left = (held.x, held.y), held.seen_s
            self._held = None
        return False

    def _weigh(self, seen: NewSpots, picture: GridPicture, step_s: float) -> _Candidate | None:
        """Add what this picture says of each candidate; the best one that is proven now."""
        now_s = seen.time_s
        if seen.likeness < SAME_TISSUE:  # what lies in it is no news
            self._candidates = []
            return None
        near = SAME_MM / self._grid.cell_mm
        spots = [s for s in seen.spots if s.strength >= LEAST_STRENGTH and not self._is_held(s)]
        usual = max(0.0, (seen.spots[2].newness if len(seen.spots) > 2 else 0.0) - USUAL_NEWNESS)
        usual += UNLIKE_WEIGHT * max(0.0, USUAL_LIKENESS - seen.likeness)
        is_telling = seen.agreement >= ONE_AS_MOVES and not picture.has_fluid
        kept: list[_Candidate] = []
        for one in self._candidates:
            spot = min(spots, key=lambda s: math.hypot(s.x - one.x, s.y - one.y), default=None)
            if spot is not None and math.hypot(spot.x - one.x, spot.y - one.y) <= near:
                spots.remove(spot)
                one.take(spot, 0.5, now_s)
                gain = (spot.newness - usual - NEUTRAL_NEWNESS) / (FULL_NEWNESS - NEUTRAL_NEWNESS)
                one.evidence_s += min(gain, FASTEST if is_telling else 0.0) * step_s
            else:
                one.evidence_s -= step_s
            has_drifted = math.hypot(one.x - one.born[0], one.y - one.born[1]) * self._grid.cell_mm > DRIFT_MM
            is_over = now_s - one.seen_s > FORGET_S or now_s - one.born_s > PATIENCE_S
            if not (has_drifted or is_over):
                kept.append(one)
        kept += [
            _Candidate(s.x, s.y, (s.x, s.y), now_s, now_s, s.newness) for s in spots if s.newness > NEUTRAL_NEWNESS
        ]
        self._candidates = kept
        ready = [c for c in kept if c.seen_s == now_s and c.evidence_s >= self._needed_s(c, seen, picture)]
        return max(ready, key=lambda c: c.evidence_s, default=None) if is_telling else None

    def _is_held(self, spot: Spot) -> bool:
        """Whether it belongs to the dot that is held: the dot itself, or its comet tail."""
        held = self._held
        if held is None:
            return False
        aside, below = (spot.x - held.x) * self._grid.cell_mm, (spot.y - held.y) * self._grid.cell_mm
        return abs(aside) < 1.5 and -1.5 < below < 8.0

    def _needed_s(self, one: _Candidate, seen: NewSpots, picture: GridPicture) -> float:
        """Less where a needle was just before, or where a person says that one is."""
        needed_s = LOCK_S
        left = self._left
        if left is not None and seen.time_s - left[1] < WALK_S:
            aside_mm = abs(one.x - left[0][0]) * self._grid.cell_mm
            needed_s = LOCK_AGAIN_S if aside_mm < WALK_MM else needed_s
        if picture.hint is not None:
            at = _moved((one.x, one.y), seen.now_from_then)
            needed_s = LOCK_AGAIN_S if picture.hint.fits(at, at) else needed_s
        return needed_s

    def _describe(self, seen: NewSpots, picture: GridPicture, *, is_measured: bool) -> NeedleState:
        held = self._held
        if held is None:
            is_looking = any(one.evidence_s > 0.0 for one in self._candidates)
            return NeedleState(NeedleTrack.SEARCHING if is_looking else NeedleTrack.NONE, NeedleMode.OUT_OF_PLANE)
        hidden = Tip(TipState.HIDDEN, hidden_reason=HiddenReason.OUT_OF_PLANE)
        confidence = min(max(0.5 + 0.5 * (held.newness - NEUTRAL_NEWNESS), 0.1), 0.95)
        if not is_measured:
            return NeedleState(NeedleTrack.COASTING, NeedleMode.OUT_OF_PLANE, tip=hidden, confidence=0.3 * confidence)
        x, y = self._brightest(_moved((held.x, held.y), seen.now_from_then), picture.cells)
        px = self._grid.px_from_grid(np.array([[x, y]]))[0]
        return NeedleState(
            NeedleTrack.LOCKED,
            NeedleMode.OUT_OF_PLANE,
            section_px=(float(px[0]), float(px[1])),
            tip=hidden,
            confidence=confidence,
        )

    def _brightest(self, at: Point, cells: NDArray[np.uint8]) -> Point:
        """The dot's own middle: a steep needle is drawn out up and down by the thickness of the slice."""
        aside, below = (max(round(mm / self._grid.cell_mm), 2) for mm in (0.5, BELOW_MM))
        column, row = round(at[0]), round(at[1])
        left, top = max(column - aside, 0), max(row - aside, 0)
        part = cells[top : row + below + 1, left : column + aside + 1]
        if part.size == 0:
            return at
        smooth = np.asarray(cv2.GaussianBlur(part, (0, 0), 0.35 / self._grid.cell_mm), np.float32)
        weight = np.clip(smooth - 0.85 * smooth.max(), 0.0, None)
        ys, xs = np.ogrid[: part.shape[0], : part.shape[1]]
        total = float(weight.sum())
        return (left + float((weight * xs).sum()) / total, top + float((weight * ys).sum()) / total) if total else at


def _moved(point: Point, by: NDArray[np.float64]) -> Point:
    """A point (x, y) under an affine map, float64 (2, 3)."""
    x, y = point
    return float(by[0, 0] * x + by[0, 1] * y + by[0, 2]), float(by[1, 0] * x + by[1, 1] * y + by[1, 2])
