"""The needle by line evidence: searching, locked, coasting; and what may be said of the tip."""

import itertools
import math

import numpy as np

from rtguide.model.needle import NeedleMode, NeedleState, NeedleTrack
from rtguide.model.points import as_points
from rtguide.opencv import cv2
from rtguide.tracking.grid import WorkGrid
from rtguide.tracking.grid_tracker import GridPicture
from rtguide.tracking.needle_bank import NeedleBank, own_proposers
from rtguide.tracking.needle_evidence import Evidence, EvidenceMaker
from rtguide.tracking.needle_proposal import ProposerMaker
from rtguide.tracking.needle_shaft import Shaft
from rtguide.tracking.needle_tip import TipJudge

__all__ = ["LineNeedle"]

COAST_AFTER_S, LOSE_AFTER_S = 0.2, 1.0
"""A shaft without support coasts, then is lost."""

CLEARLY_BETTER = 6.0
"""Log-likelihood ratio by which another line must be better than the one that is followed to take its place."""

LEAST_SUPPORT = 4.0
"""Log-likelihood ratio of the whole shaft below which a picture does not support it."""

KEEP_MM = 0.7
"""Half-width of the band along a locked shaft in which the background does not learn."""


class LineNeedle:
    """Follows one needle by line evidence. Distinct pictures in order of time; used by one thread at a time.

    proposers: builds the sources of possible needles for a grid (see `needle_proposal`).
    """

    def __init__(self, grid: WorkGrid, proposers: ProposerMaker = own_proposers) -> None:
        self._grid = grid
        self._evidence = EvidenceMaker(grid)
        self._bank = NeedleBank(grid, proposers(grid))
        self._shaft: Shaft | None = None
        self._supported_s = 0.0
        self._judge = TipJudge(grid)
        self._keep = np.zeros(grid.shape, np.float32)

    @property
    def is_busy(self) -> bool:
        """Every picture takes about the same work."""
        return False

    def update(self, picture: GridPicture) -> NeedleState:
        """The needle in this picture."""
        keep = None
        if self._shaft is not None:
            self._mark_kept(self._shaft)
            keep = self._keep
        evidence = self._evidence.update(picture, keep)
        self._bank.hint = picture.hint
        return self._search(evidence) if self._shaft is None else self._follow(self._shaft, evidence)

    def _search(self, evidence: Evidence) -> NeedleState:
        found = self._bank.update(evidence)
        if found is None:
            return NeedleState(NeedleTrack.SEARCHING if self._bank.members else NeedleTrack.NONE)
        self._judge = TipJudge(self._grid)
        self._lock_onto(found, evidence.time_s)
        return self._describe(found, NeedleTrack.LOCKED, evidence.time_s)

    def _lock_onto(self, shaft: Shaft, now_s: float) -> None:
        self._bank.release(shaft)
        self._shaft = shaft
        self._supported_s = now_s

    def _follow(self, shaft: Shaft, evidence: Evidence) -> NeedleState:
        measured = shaft.update(evidence)
        now_s = evidence.time_s
        if measured is not None and measured.support >= LEAST_SUPPORT:
            self._supported_s = now_s
        unsupported_s = now_s - self._supported_s
        if measured is None or unsupported_s > LOSE_AFTER_S:
            self._shaft = None
            return NeedleState()
        rival = self._bank.update(evidence, shaft.line)
        if rival is not None and rival.last.support > measured.support + CLEARLY_BETTER:
            self._judge.change_line(shaft, rival)
            self._lock_onto(rival, now_s)
            shaft, unsupported_s = rival, 0.0
        track = NeedleTrack.COASTING if unsupported_s > COAST_AFTER_S else NeedleTrack.LOCKED
        return self._describe(shaft, track, now_s)

    def _mark_kept(self, shaft: Shaft) -> None:
        self._keep[:] = 0.0
        points = [(round(float(x)), round(float(y))) for x, y in shaft.curve()]
        width = 2 * round(KEEP_MM / self._grid.cell_mm) + 1
        for start, stop in itertools.pairwise(points):
            cv2.line(self._keep, start, stop, 1.0, width)

    def _describe(self, shaft: Shaft, track: NeedleTrack, now_s: float) -> NeedleState:
        curve = self._grid.px_from_grid(shaft.curve())
        tip = self._judge.judge(shaft, track, now_s)
        confidence = 1.0 / (1.0 + math.exp(-0.25 * (shaft.last.support - 12.0)))
        return NeedleState(
            track,
            NeedleMode.IN_PLANE,
            entry_px=as_points(curve[:1])[0],
            curve_px=as_points(curve),
            tip=tip,
            confidence=confidence,
        )
