"""What is said of a needle from picture to picture, whichever part finds it: that it was lost, and its passes."""

import math
from dataclasses import replace

from rtguide.model.needle import NeedleState, NeedleTrack

__all__ = ["NeedleCourse"]

SAY_LOST_S = 1.0
"""That a needle was lost stays on screen for a while."""

HELD = (NeedleTrack.LOCKED, NeedleTrack.COASTING)


class NeedleCourse:
    """The needle's way so far. Distinct pictures in order of time."""

    def __init__(self) -> None:
        self._held_s = -math.inf
        self._is_held = False
        self._passes = 0

    def update(self, found: NeedleState, time_s: float) -> NeedleState:
        """What a needle part found, with what its past adds to it."""
        is_held = found.track in HELD
        self._passes += is_held and not self._is_held
        self._is_held = is_held
        if is_held:
            self._held_s = time_s
        elif time_s - self._held_s < SAY_LOST_S:
            return NeedleState(NeedleTrack.LOST, pass_number=self._passes)
        return replace(found, pass_number=self._passes)
