"""The needle tracker: searching, locked, coasting, lost; and what may be said of the tip."""

import itertools
import math

import numpy as np
from numpy.typing import NDArray

from rtguide.model.frame import Frame
from rtguide.model.geometry import ImageGeometry
from rtguide.model.needle import HiddenReason, NeedleMode, NeedleState, NeedleTrack, Tip, TipState
from rtguide.model.points import as_points
from rtguide.opencv import cv2
from rtguide.tracking.grid import GridFrame, GridSampler, WorkGrid
from rtguide.tracking.needle_bank import BORDER_MM, NeedleBank
from rtguide.tracking.needle_evidence import Evidence, EvidenceMaker
from rtguide.tracking.needle_shaft import Measured, Shaft

__all__ = ["NeedleTracker"]

COAST_AFTER_S, LOSE_AFTER_S, SAY_LOST_S = 0.2, 1.0, 1.0
"""A shaft without support coasts, then is lost; that it was lost stays on screen for a while."""

CLEARLY_BETTER = 6.0
"""Log-likelihood ratio by which another line must be better than the one that is followed to take its place."""

LEAST_SUPPORT = 4.0
"""Log-likelihood ratio of the whole shaft below which a picture does not support it."""

PREDICT_S, PREDICT_MM = 0.3, 1.5
"""A tip is predicted at most so long and so far after it was seen."""

SEEN_DEVIATION_MM = 0.7
"""A tip whose place along the shaft is known worse is not seen."""

SEEN_STRENGTH, SEEN_STEP = 0.8, 0.6
"""Deviations of the last 2 mm over the tissue, and over the 2 mm beyond, for the end to be a tip."""

ACROSS_MM = 0.35
"""Error of the tip across the shaft: half the width of a needle's echo."""

KEEP_MM = 0.7
"""Half-width of the band along a locked shaft in which the background does not learn."""


class NeedleTracker:
    """Follows one needle. Frames come in order of time; used by one thread at a time."""

    def __init__(self) -> None:
        self._grid: WorkGrid | None = None

    def start(self, geometry: ImageGeometry) -> None:
        """Forget everything and work in this geometry from now on."""
        self._grid = WorkGrid.from_geometry(geometry)
        self._sampler = GridSampler(self._grid)
        self._evidence = EvidenceMaker(self._grid)
        self._bank = NeedleBank(self._grid)
        self._shaft: Shaft | None = None
        self._passes = 0
        self._state = NeedleState()
        self._track = NeedleTrack.NONE
        self._supported_s = 0.0
        self._lost_s = -math.inf
        self._seen: tuple[float, float] | None = None
        self._keep = np.zeros(self._grid.shape, np.float32)

    def track(self, frame: Frame) -> NeedleState:
        """The needle in this frame."""
        if self._grid is None:
            self.start(ImageGeometry.whole_frame(frame.shape_px))
        return self.track_cells(self._sampler.take(frame))

    def track_cells(self, frame: GridFrame) -> NeedleState:
        """The needle in a frame that was brought onto the grid already. A repeated picture adds no evidence."""
        if frame.is_repeat:
            return self._state
        keep = None
        if self._shaft is not None:
            self._mark_kept(self._shaft)
            keep = self._keep
        evidence = self._evidence.update(frame.cells, frame.time_ns * 1e-9, keep)
        if self._shaft is None:
            self._search(evidence)
        else:
            self._follow(self._shaft, evidence)
        return self._state

    def _search(self, evidence: Evidence) -> None:
        found = self._bank.update(evidence)
        if found is not None:
            self._passes += 1
            self._lock_onto(found, evidence.time_s)
            self._state = self._describe(found, NeedleTrack.LOCKED, evidence.time_s)
            return
        was_lost = evidence.time_s - self._lost_s < SAY_LOST_S
        has_candidates = bool(self._bank.members)
        track = NeedleTrack.LOST if was_lost else NeedleTrack.SEARCHING if has_candidates else NeedleTrack.NONE
        self._state = NeedleState(track, pass_number=self._passes)

    def _lock_onto(self, shaft: Shaft, now_s: float) -> None:
        self._bank.release(shaft)
        self._shaft = shaft
        self._seen = None
        self._supported_s = now_s

    def _follow(self, shaft: Shaft, evidence: Evidence) -> None:
        measured = shaft.update(evidence)
        now_s = evidence.time_s
        if measured is not None and measured.support >= LEAST_SUPPORT:
            self._supported_s = now_s
        unsupported_s = now_s - self._supported_s
        if measured is None or unsupported_s > LOSE_AFTER_S:
            self._shaft = None
            self._lost_s = now_s
            self._state = NeedleState(NeedleTrack.LOST, pass_number=self._passes)
            return
        rival = self._bank.update(evidence, shaft.line)
        if rival is not None and rival.last.support > measured.support + CLEARLY_BETTER:
            self._lock_onto(rival, now_s)
            shaft, unsupported_s = rival, 0.0
        track = NeedleTrack.COASTING if unsupported_s > COAST_AFTER_S else NeedleTrack.LOCKED
        self._state = self._describe(shaft, track, now_s)

    def _mark_kept(self, shaft: Shaft) -> None:
        self._keep[:] = 0.0
        points = [(round(float(x)), round(float(y))) for x, y in shaft.curve(6)]
        width = 2 * round(KEEP_MM / self._cell_mm) + 1
        for start, stop in itertools.pairwise(points):
            cv2.line(self._keep, start, stop, 1.0, width)

    @property
    def _cell_mm(self) -> float:
        assert self._grid is not None
        return self._grid.cell_mm

    def _describe(self, shaft: Shaft, track: NeedleTrack, now_s: float) -> NeedleState:
        assert self._grid is not None
        curve = self._grid.px_from_grid(shaft.curve(12))
        tip = self._tip(shaft, track, now_s, curve[-1])
        confidence = 1.0 / (1.0 + math.exp(-0.25 * (shaft.last.support - 12.0)))
        return NeedleState(
            track,
            NeedleMode.IN_PLANE,
            self._passes,
            as_points(curve[:1])[0],
            as_points(curve),
            None,
            tip,
            confidence,
        )

    def _tip(self, shaft: Shaft, track: NeedleTrack, now_s: float, place: NDArray[np.float64]) -> Tip:
        measured = shaft.last
        reason = self._why_hidden(shaft, measured, track)
        along = measured.deviation * self._cell_mm
        sigma_px = math.hypot(1.3 * along, ACROSS_MM) / self._cell_mm * self._px_per_cell()
        if reason is None:
            self._seen = (now_s, measured.travelled)
            return Tip(TipState.SEEN, (float(place[0]), float(place[1])), None, sigma_px)
        if self._seen is not None:
            since_s, way_mm = now_s - self._seen[0], abs(measured.travelled - self._seen[1]) * self._cell_mm
            if since_s <= PREDICT_S and way_mm <= PREDICT_MM and reason is not HiddenReason.LEFT_VIEW:
                return Tip(TipState.PREDICTED, (float(place[0]), float(place[1])), None, 1.5 * sigma_px)
        return Tip(TipState.HIDDEN, hidden_reason=reason)

    def _px_per_cell(self) -> float:
        assert self._grid is not None
        return 0.5 * (self._grid.step_px[0] + self._grid.step_px[1])

    def _why_hidden(self, shaft: Shaft, measured: Measured, track: NeedleTrack) -> HiddenReason | None:
        cell = self._cell_mm
        if shaft.room < BORDER_MM / cell:
            return HiddenReason.LEFT_VIEW
        if track is not NeedleTrack.LOCKED or measured.strength < SEEN_STRENGTH:
            return HiddenReason.LOW_CONTRAST
        if measured.deviation * cell > SEEN_DEVIATION_MM or measured.strength - measured.ahead < SEEN_STEP:
            return HiddenReason.UNCERTAIN
        return None
