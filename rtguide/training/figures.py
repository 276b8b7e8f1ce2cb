"""The figures that a tally comes down to, as they are printed."""

import math
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from rtguide.training.score import Tally

__all__ = ["Figures"]


@dataclass(frozen=True, slots=True)
class Figures:
    """What `docs/scoring.md` defines. Shares 0 to 1, lengths mm, times s; NaN where the denominator is empty."""

    scored: int
    found: float
    tip_median_mm: float
    tip_p95_mm: float
    wrong: float
    beyond: float
    hidden: int
    hidden_shown: float
    late_median_s: float
    late_p95_s: float
    locks: int
    locks_per_min: float
    free_shown: float
    inside_sigma: float
    angle_median_deg: float
    target_held: float
    target_mean_mm: float
    target_p95_mm: float
    target_wrong: float

    @classmethod
    def of(cls, tally: Tally) -> "Figures":
        """From counts and errors."""
        return cls(
            scored=tally.scored,
            found=_share(tally.found, tally.scored),
            tip_median_mm=_percentile(tally.tip_mm, 50),
            tip_p95_mm=_percentile(tally.tip_mm, 95),
            wrong=_share(tally.wrong, len(tally.tip_mm)),
            beyond=_share(tally.beyond, tally.seen),
            hidden=tally.hidden,
            hidden_shown=_share(tally.hidden_wrong, tally.hidden),
            late_median_s=_percentile(tally.late_s, 50),
            late_p95_s=_percentile(tally.late_s, 95),
            locks=tally.locks,
            locks_per_min=_share(tally.locks, tally.free_minutes),
            free_shown=_share(tally.free_shown, tally.free),
            inside_sigma=float(np.mean(tally.inside)) if len(tally.inside) else math.nan,
            angle_median_deg=_percentile(tally.angle_deg, 50),
            target_held=_share(tally.held, tally.in_view),
            target_mean_mm=float(np.mean(tally.target_mm)) if len(tally.target_mm) else math.nan,
            target_p95_mm=_percentile(tally.target_mm, 95),
            target_wrong=_share(tally.target_wrong, tally.target_frames),
        )

    def as_json(self) -> dict[str, float | None]:
        """By name; null where a figure has no denominator."""
        return {name: None if math.isnan(value) else value for name, value in asdict(self).items()}


def _share(part: float, whole: float) -> float:
    return part / whole if whole else math.nan


def _percentile(values: NDArray[np.float64], percent: float) -> float:
    return float(np.percentile(values, percent)) if len(values) else math.nan
