"""What a tracker is held against: limits of the scorer's figures, by probe kind. `docs/scoring.md` lists them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

__all__ = ["AIMS", "Aim"]


@dataclass(frozen=True, slots=True)
class Aim:
    """A figure lies within its aim between these, both included. Shares 0 to 1, lengths mm, times s, angles deg."""

    least: float = -math.inf
    most: float = math.inf

    def is_met(self, value: float) -> bool | None:
        """None where the figure is not known."""
        return None if math.isnan(value) else self.least <= value <= self.most


_SAME = {
    "hidden_shown": Aim(most=0.05),
    "late_median_s": Aim(most=0.3),
    "late_p95_s": Aim(most=0.6),
    "locks_per_min": Aim(most=0.2),
    "inside_sigma": Aim(0.55, 0.80),
    "target_wrong": Aim(most=0.0),
}

AIMS: Mapping[str, Mapping[str, Aim]] = MappingProxyType(
    {
        "linear": MappingProxyType(
            _SAME
            | {
                "found": Aim(least=0.92),
                "tip_median_mm": Aim(most=0.4),
                "tip_p95_mm": Aim(most=1.5),
                "wrong": Aim(most=0.02),
                "beyond": Aim(most=0.005),
                "angle_median_deg": Aim(most=0.5),
                "target_held": Aim(least=0.98),
                "target_mean_mm": Aim(most=0.15),
            }
        ),
        "curved": MappingProxyType(
            _SAME
            | {
                "found": Aim(least=0.85),
                "tip_median_mm": Aim(most=0.8),
                "tip_p95_mm": Aim(most=3.0),
                "wrong": Aim(most=0.03),
                "beyond": Aim(most=0.01),
                "angle_median_deg": Aim(most=0.7),
                "target_held": Aim(least=0.97),
                "target_mean_mm": Aim(most=0.3),
            }
        ),
    }
)
"""By probe kind, by the name of the figure; other probes and pools of several kinds have none."""
