"""What may be said of the tip: seen, predicted or hidden, and why."""

import math

import numpy as np

from rtguide.model.needle import HiddenReason, NeedleTrack, Tip, TipState
from rtguide.tracking.grid import WorkGrid
from rtguide.tracking.needle_shaft import Measured, Shaft

__all__ = ["BORDER_MM", "TipJudge"]

BORDER_MM = 2.0
"""An end so near to the far border of the region is where the picture ends."""

PREDICT_S, PREDICT_MM = 0.3, 1.5
"""A tip is predicted at most so long and so far after it was seen."""

SEEN_DEVIATION_MM = 0.7
"""A tip whose place along the shaft is known worse is not seen."""

SEEN_STRENGTH, SEEN_STEP = 0.8, 0.6
"""Deviations of the last 2 mm over the tissue, and over the 2 mm beyond, for the end to be a tip."""

SEEN_FRESH = 0.5
"""Deviations by which the last 2 mm must be newer than tissue: a line that goes on ahead was there before."""

PROVEN_NEWS, PROVEN_FRESH = 1.2, 2.0
"""One of the two must be reached, by the whole shaft or by its last 2 mm, or the look below: else nothing tells them
from old fascia."""

PROVEN_LOOK, PARTLY_NEW = 2.5, 0.6
"""A look that fascia does not have. Where no part of the shaft is new it was there from the start, and its end need not
be new; where a part is, an end that is not lies beyond the tip."""

JUMP_MM, JUMP_MM_S = 2.0, 10.0
"""From where the tip was last seen it may have gone so far, and so much more for each second since."""

JUMP_NEWS = 1.2
"""Mean newness of the stretch of shaft that a farther tip would have left behind it."""

JUMP_WAIT_S = 1.0
"""So long the tip must have been out of sight: before, a new bright line beyond it is bone or fascia that moved."""

WITHDRAWN_S = 0.5
"""An end that has stayed back so long has been withdrawn; before, the shaft may only be dark there."""

SAME_NEEDLE_MM = 3.0
"""Distance of the last seen tip from a new line up to which that line is the same needle, followed better."""

BLOOM_CELLS = 1.8
"""Error of the tip along the shaft from its echo's bloom, which grows with depth as the cells do."""

ACROSS_MM = 0.2
"""Error of the tip across the shaft: a third of the width of a needle's echo."""


class TipJudge:
    """Judges the end of the shaft that is followed, picture by picture."""

    def __init__(self, grid: WorkGrid) -> None:
        self._grid = grid
        self._seen_s = -math.inf
        self._seen_travelled: float | None = None
        self._back_since_s: float | None = None

    def judge(self, shaft: Shaft, track: NeedleTrack, now_s: float) -> Tip:
        """The tip in the picture the shaft was measured in last."""
        measured, cell = shaft.last, self._grid.cell_mm
        reason = self._why_hidden(shaft, track, now_s)
        x, y = self._grid.px_from_grid(shaft.curve())[-1]
        px_per_mm = 0.5 * (self._grid.step_px[0] + self._grid.step_px[1]) / cell
        sigma_px = math.hypot(1.1 * measured.deviation * cell, ACROSS_MM, BLOOM_CELLS * cell) * px_per_mm
        if reason is None:
            self._seen_s, self._seen_travelled, self._back_since_s = now_s, measured.travelled, None
            return Tip(TipState.SEEN, (float(x), float(y)), None, sigma_px)
        way_mm = self._way_mm(measured)
        is_near = way_mm is not None and now_s - self._seen_s <= PREDICT_S and abs(way_mm) <= PREDICT_MM
        if is_near and reason is not HiddenReason.LEFT_VIEW:
            return Tip(TipState.PREDICTED, (float(x), float(y)), None, 1.5 * sigma_px)
        return Tip(TipState.HIDDEN, hidden_reason=reason)

    def change_line(self, before: Shaft, after: Shaft) -> None:
        """Go on with another line: what is known of the tip's place stays if it lies on that line too."""
        self._back_since_s = None
        if self._seen_travelled is None:
            return
        place = before.last.end - (before.last.travelled - self._seen_travelled)
        x, y = before.seen_line.points(np.array([place]))[0]
        along, across = after.seen_line.place_of(float(x), float(y))
        if abs(across) * self._grid.cell_mm > SAME_NEEDLE_MM:
            self._seen_travelled, self._seen_s = None, -math.inf
        else:
            self._seen_travelled = after.last.travelled - (after.last.end - along)

    def _way_mm(self, measured: Measured) -> float | None:
        """How far the end has gone through the tissue since the tip was seen; None before it ever was."""
        if self._seen_travelled is None:
            return None
        return (measured.travelled - self._seen_travelled) * self._grid.cell_mm

    def _why_hidden(self, shaft: Shaft, track: NeedleTrack, now_s: float) -> HiddenReason | None:
        measured, cell = shaft.last, self._grid.cell_mm
        if shaft.room * cell < BORDER_MM:
            return HiddenReason.LEFT_VIEW
        if track is not NeedleTrack.LOCKED or measured.strength < SEEN_STRENGTH:
            return HiddenReason.LOW_CONTRAST
        is_vague = measured.deviation * cell > SEEN_DEVIATION_MM or measured.strength - measured.ahead < SEEN_STEP
        is_proven = measured.look >= PROVEN_LOOK or measured.news >= PROVEN_NEWS or measured.fresh >= PROVEN_FRESH
        was_still = measured.news < PARTLY_NEW and measured.look >= PROVEN_LOOK
        has_end = measured.fresh >= SEEN_FRESH or was_still
        if self._has_jumped(shaft, now_s) or is_vague or not (is_proven and has_end):
            return HiddenReason.UNCERTAIN
        return None

    def _has_jumped(self, shaft: Shaft, now_s: float) -> bool:
        """Whether the end lies where the tip cannot have got to in this time; the shaft is then held back."""
        way_mm = self._way_mm(shaft.last)
        if way_mm is None or abs(way_mm) <= JUMP_MM + JUMP_MM_S * (now_s - self._seen_s):
            return False
        if way_mm > 0:
            end = shaft.last.end
            seen = end - way_mm / self._grid.cell_mm
            if now_s - self._seen_s > JUMP_WAIT_S and shaft.newness_between(seen, end) >= JUMP_NEWS:
                return False
            shaft.hold_back(seen + (JUMP_MM + JUMP_MM_S * (now_s - self._seen_s)) / self._grid.cell_mm)
            return True
        if self._back_since_s is None:
            self._back_since_s = now_s
        return now_s - self._back_since_s < WITHDRAWN_S
