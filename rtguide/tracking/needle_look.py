"""How a line looks in one picture, and how much that alone speaks for a needle."""

import math
from dataclasses import dataclass

__all__ = ["Look", "look_log_odds"]

INTERCEPT, GAPS, BENT, CROSSING, VAGUE, LENGTH = -6.15, -15.9, -15.7, 15.2, -1.75, 1.58
"""Weights of the log-odds, by logistic regression on 45 phantom clips (every scenario, easy and hard) and the
needle-free and needle-bearing real clips, each clip left out once: at a threshold of 3, 62 % of a needle's pictures and
0.2 % (phantom) and 0.1 % (real) of the other watched lines' pass. An even, straight line with a sharp end that crosses
the layers of the tissue around it speaks for a needle; fascia, bone and muscle fibres run with the layers."""

SHORTEST_MM, NOTHING = 2.0, -6.0
"""A shorter line has no look; what is said of it then."""


@dataclass(frozen=True, slots=True)
class Look:
    """How the last 12 mm of a shaft look in one picture.

    core: mean contrast on the line · width_mm: of its echo at half height · below, above: mean contrast beside it,
    away from and toward the transducer · gaps: share of it that is dim · crossing_rad: how much it crosses the texture
    beside it, 0 where it runs with it or that has no direction.
    """

    core: float
    width_mm: float
    below: float
    above: float
    gaps: float
    crossing_rad: float


def look_log_odds(look: Look, straight_mm: float, deviation_mm: float, length_mm: float) -> float:
    """Log-odds that a line of this look is a needle, whether it moves or not.

    straight_mm: deviation of the bent shaft from its line · deviation_mm: of the place of its end · length_mm: of it.
    """
    if length_mm < SHORTEST_MM:
        return NOTHING
    return (
        INTERCEPT
        + GAPS * min(look.gaps, 0.6)
        + BENT * min(max(straight_mm, 0.03), 0.4)
        + CROSSING * min(look.crossing_rad, 0.61)
        + VAGUE * math.log(min(max(deviation_mm, 0.15), 2.0))
        + LENGTH * math.log(min(max(length_mm, 2.4), 25.0))
    )
