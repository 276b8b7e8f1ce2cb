"""The scorer: a tracker's answers against the truth. `docs/scoring.md` defines every figure.

Every rate has its own denominator; a `Tally` keeps counts and errors, so that cases can be pooled frame by frame.
"""

from dataclasses import dataclass, fields
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtguide.training.answers import Answers
from rtguide.training.case import Case, CaseTruth

__all__ = [
    "HELD_MM",
    "LIMIT_MM",
    "SETTLING_S",
    "Tally",
    "pooled",
    "rising_edges",
    "score",
    "scored_frames",
    "tip_errors_mm",
]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

LIMIT_MM = 2.0
"""A shown tip further off than this is wrong."""
SETTLING_S = 0.6
"""For this long after a needle becomes visible nothing is asked of the tracker."""
HELD_MM = 1.5
"""A structure's centre further off than this is not held."""
_JUST_VISIBLE = 8
"""A tip that was visible in one of the last 8 frames disappears; another was never there to be seen."""


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """Counts of frames, and errors, of one case or of several pooled.

    scored: frames with a visible tip after settling · found, wrong, seen, beyond: of those · hidden, hidden_wrong ·
    free, free_shown: frames without a needle, and those with a tip shown · locks: rising edges of a shown tip in them ·
    free_minutes · in_view, held, target_wrong, target_frames: of the first target. Arrays float64: tip_mm (of shown
    tips on scored frames) · angle_deg · late_s · inside (1 where the error lies within sigma) · target_mm.
    """

    frames: int
    scored: int
    found: int
    wrong: int
    seen: int
    beyond: int
    hidden: int
    hidden_wrong: int
    free: int
    free_shown: int
    locks: int
    free_minutes: float
    in_view: int
    held: int
    target_wrong: int
    target_frames: int
    tip_mm: Floats
    angle_deg: Floats
    late_s: Floats
    inside: Floats
    target_mm: Floats

    def __add__(self, other: "Tally") -> "Tally":
        sums: dict[str, Any] = {}
        for field in fields(self):
            mine, theirs = getattr(self, field.name), getattr(other, field.name)
            sums[field.name] = np.concatenate([mine, theirs]) if isinstance(mine, np.ndarray) else mine + theirs
        return Tally(**sums)


def pooled(tallies: list[Tally]) -> Tally:
    """One tally of several: every frame counts the same, whatever case it comes from. At least one is needed."""
    return reduce(lambda a, b: a + b, tallies)


def scored_frames(case: Case) -> Flags:
    """Frames whose tip is visible and has been for longer than `SETTLING_S`; of stills, those named: bool (n,)."""
    truth = case.truth
    visible = truth.has_needle & (truth.tip_visible == 1)
    if case.stills is not None:
        is_due = np.zeros(len(truth), bool)
        is_due[list(case.stills)] = True
    else:
        index = np.arange(len(truth))
        last_unseen = np.maximum.accumulate(np.where(visible, -1, index))
        is_due = (index - last_unseen) > SETTLING_S * case.rate_hz
    scored: Flags = visible & is_due & np.isfinite(truth.tip_px[:, 0])
    return scored


def tip_errors_mm(case: Case, answers: Answers) -> Floats:
    """Distance of the shown tip from the true one, frame by frame, mm: float64 (n,), NaN without either."""
    error: Floats = np.hypot(*(answers.tip_px - case.truth.tip_px).T) / case.px_per_mm
    return np.where(answers.is_shown, error, np.nan)


def score(case: Case, answers: Answers) -> Tally:
    """Judge the answers to one case."""
    truth, ppm = case.truth, case.px_per_mm
    use = scored_frames(case)
    error = tip_errors_mm(case, answers)
    seen, shown = answers.is_seen, answers.is_shown
    hidden = _hidden(truth)
    free = ~truth.has_needle
    direction = _unit(truth.tip_px - truth.entry_px)
    ahead_mm = ((truth.tip_px - answers.tip_px) * direction).sum(axis=1) / ppm
    angle = _angle_deg(answers.tip_px - answers.entry_px, direction)[use & shown]
    sigma_mm = answers.sigma_px / ppm
    judged = use & seen & np.isfinite(sigma_mm)
    target = np.hypot(*(answers.target_px - truth.target_px).T) / ppm
    tracked = answers.is_tracked & np.isfinite(target)
    in_view = truth.target_in_view
    return Tally(
        frames=len(truth),
        scored=int(use.sum()),
        found=int((use & seen & (error < LIMIT_MM)).sum()),
        wrong=int((use & shown & (error > LIMIT_MM)).sum()),
        seen=int((use & seen).sum()),
        beyond=int((use & seen & (ahead_mm > LIMIT_MM)).sum()),
        hidden=int(hidden.sum()),
        hidden_wrong=int((hidden & shown & (error > LIMIT_MM)).sum()),
        free=int(free.sum()),
        free_shown=int((free & shown).sum()),
        locks=rising_edges(free & shown),
        free_minutes=float(free.sum()) / case.rate_hz / 60,
        in_view=int(in_view.sum()),
        held=int((tracked & in_view & (target <= HELD_MM)).sum()),
        target_wrong=int((tracked & ((target > HELD_MM) | ~in_view)).sum()),
        target_frames=len(truth) if in_view.any() else 0,
        tip_mm=error[use & shown],
        angle_deg=angle[np.isfinite(angle)],
        late_s=_late_s(case, hidden, seen),
        inside=(error <= sigma_mm)[judged].astype(np.float64),
        target_mm=target[tracked & in_view],
    )


def rising_edges(shown: Flags) -> int:
    """How often it becomes true: bool (n,). Being true in the first frame counts."""
    return int((shown & ~np.concatenate([[False], shown[:-1]])).sum())


def _hidden(truth: CaseTruth) -> Flags:
    """The needle is there, its tip has a place and cannot be seen."""
    hidden: Flags = truth.has_needle & (truth.tip_visible == 0) & np.isfinite(truth.tip_px[:, 0])
    return hidden


def _late_s(case: Case, hidden: Flags, seen: Flags) -> Floats:
    """Seconds from each disappearance of the tip to the first frame in which it is not said to be seen: float64 (k,).

    A tip still said to be seen when it comes back (or the clip ends) is late by the whole time.
    """
    visible = case.truth.has_needle & (case.truth.tip_visible == 1)
    edges = np.diff(np.concatenate([[0], hidden.astype(np.int8), [0]]))
    late = []
    for first, end in zip(np.flatnonzero(edges == 1), np.flatnonzero(edges == -1), strict=True):
        if visible[max(first - _JUST_VISIBLE, 0) : first].any():
            claims = seen[first:end]
            late.append((int(np.argmin(claims)) if not claims.all() else len(claims)) / case.rate_hz)
    return np.array(late, dtype=np.float64)


def _unit(vectors: Floats) -> Floats:
    """Vectors float64 (n, 2) at length 1; along x where a vector is zero, NaN where it is."""
    angle = np.arctan2(vectors[:, 1], vectors[:, 0])
    return np.column_stack([np.cos(angle), np.sin(angle)])


def _angle_deg(found: Floats, true: Floats) -> Floats:
    """Angle between two lines, without sense: 0 to 90 degrees, float64 (n,)."""
    turn = np.degrees(np.arctan2(found[:, 1], found[:, 0]) - np.arctan2(true[:, 1], true[:, 0]))
    between: Floats = np.abs((turn + 90) % 180 - 90)
    return between
