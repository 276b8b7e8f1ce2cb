"""Whether a line comes from the side that the plan does not name."""

import math

from rtguide.model.plan import Approach
from rtguide.model.points import Point

__all__ = ["is_from_other_side"]

LEVEL = math.cos(math.radians(80.0))
"""A line that is steeper comes from no side."""


def is_from_other_side(unit: Point, approach: Approach) -> bool:
    """unit: direction of travel, x to the picture's right. False where the plan names no side, or the line is steep."""
    if abs(unit[0]) < LEVEL or approach not in (Approach.IN_PLANE_LEFT, Approach.IN_PLANE_RIGHT):
        return False
    return (unit[0] > 0) != (approach is Approach.IN_PLANE_LEFT)
