"""The needle tracker: searching, locked, coasting, lost; and what may be said of the tip."""

import itertools
import math

import numpy as np

from rtguide.model.frame import Frame
from rtguide.model.geometry import ImageGeometry
from rtguide.model.needle import NeedleMode, NeedleState, NeedleTrack
from rtguide.model.points import as_points
from rtguide.opencv import cv2
from rtguide.tracking.grid import GridFrame, GridSampler, WorkGrid
from rtguide.tracking.needle_bank import NeedleBank, own_proposers
from rtguide.tracking.needle_evidence import Evidence, EvidenceMaker
from rtguide.tracking.needle_proposal import ProposerMaker
from rtguide.tracking.needle_shaft import Shaft
from rtguide.tracking.needle_tip import TipJudge

__all__ = ["NeedleTracker"]

COAST_AFTER_S, LOSE_AFTER_S, SAY_LOST_S = 0.2, 1.0, 1.0
"""A shaft without support coasts, then is lost; that it was lost stays on screen for a while."""

CLEARLY_BETTER = 6.0
"""Log-likelihood ratio by which another line must be better than the one that is followed to take its place."""

LEAST_SUPPORT = 4.0
"""Log-likelihood ratio of the whole shaft below which a picture does not support it."""

KEEP_MM = 0.7
"""Half-width of the band along a locked shaft in which the background does not learn."""


class NeedleTracker:
    """Follows one needle. Frames come in order of time; used by one thread at a time.

    proposers: builds the sources of possible needles for a grid (see `needle_proposal`).
    """

    def __init__(self, proposers: ProposerMaker = own_proposers) -> None:
        self._grid: WorkGrid | None = None
        self._proposers = proposers

    def start(self, geometry: ImageGeometry) -> None:
        """Forget everything and work in this geometry from now on."""
        self._grid = WorkGrid.from_geometry(geometry)
        self._sampler = GridSampler(self._grid)
        self._evidence = EvidenceMaker(self._grid)
        self._bank = NeedleBank(self._grid, self._proposers(self._grid))
        self._shaft: Shaft | None = None
        self._passes = 0
        self._state = NeedleState()
        self._supported_s = 0.0
        self._lost_s = -math.inf
        self._judge = TipJudge(self._grid)
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
            self._judge = TipJudge(self._known_grid)
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
            self._judge.change_line(shaft, rival)
            self._lock_onto(rival, now_s)
            shaft, unsupported_s = rival, 0.0
        track = NeedleTrack.COASTING if unsupported_s > COAST_AFTER_S else NeedleTrack.LOCKED
        self._state = self._describe(shaft, track, now_s)

    def _mark_kept(self, shaft: Shaft) -> None:
        self._keep[:] = 0.0
        points = [(round(float(x)), round(float(y))) for x, y in shaft.curve()]
        width = 2 * round(KEEP_MM / self._known_grid.cell_mm) + 1
        for start, stop in itertools.pairwise(points):
            cv2.line(self._keep, start, stop, 1.0, width)

    @property
    def _known_grid(self) -> WorkGrid:
        assert self._grid is not None
        return self._grid

    def _describe(self, shaft: Shaft, track: NeedleTrack, now_s: float) -> NeedleState:
        curve = self._known_grid.px_from_grid(shaft.curve())
        tip = self._judge.judge(shaft, track, now_s)
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
