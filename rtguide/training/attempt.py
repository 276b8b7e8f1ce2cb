"""One attempt at a block as numbers over time: what skill is worked out from, whoever measured it.

Lengths in mm, times in s. The same form holds what the tracker saw in a video and what was true of a simulation, so
that both are scored by the same code.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from rtguide.errors import RtguideError

__all__ = ["Attempt", "AttemptError", "Moment", "MomentKind"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


class AttemptError(RtguideError):
    """What was given is no attempt."""


class MomentKind(StrEnum):
    """What somebody did."""

    EVENT = "event"
    ALARM = "alarm"


@dataclass(frozen=True, slots=True)
class Moment:
    """Something at a time: what somebody said by a key, or an alarm."""

    time_s: float
    text: str
    kind: MomentKind = MomentKind.EVENT


@dataclass(frozen=True, slots=True, eq=False)
class Attempt:
    """A frame an entry, in order of time.

    time_s: float64 (n,) · is_needle: a shaft lies in the picture · is_seen: its tip is seen · along_mm: how far the tip
    is along the shaft *in the tissue*, at first sight in each pass the shaft's length in the picture; nan where it is
    not known ·
    sigma_mm: radius that holds 68 % of the tip's errors, nan where unknown · angle_rad: of the shaft to the probe's
    face, nan without one · pass_number: counts insertions from 1, 0 before the first · probe_mm: way of the tissue in
    the picture's middle since the frame before, float64 (n, 2) · target_mm: from tip to the target's outline, negative
    inside, nan where not known · keep_outs_mm: the same of each structure to keep out of · around_target: share of the
    target's outline beside which injected fluid lies, nan where none is seen · injecting: somebody injects.
    """

    name: str
    time_s: Floats
    is_needle: Bools
    is_seen: Bools
    along_mm: Floats
    sigma_mm: Floats
    angle_rad: Floats
    pass_number: NDArray[np.int64]
    probe_mm: Floats
    target_mm: Floats
    keep_outs_mm: Mapping[str, Floats]
    around_target: Floats
    injecting: Bools
    moments: tuple[Moment, ...] = field(default=())

    def __post_init__(self) -> None:
        count = len(self.time_s)
        rows = (self.is_needle, self.is_seen, self.along_mm, self.sigma_mm, self.angle_rad, self.pass_number,
                self.probe_mm, self.target_mm, self.around_target, self.injecting,
                *self.keep_outs_mm.values())  # fmt: skip
        if count < 2 or any(len(row) != count for row in rows):
            raise AttemptError(f"{self.name}: an attempt needs two frames or more, and every figure for each of them")
        if bool((np.diff(self.time_s) < 0).any()):
            raise AttemptError(f"{self.name}: frames must come in order of time")

    @property
    def step_s(self) -> Floats:
        """How long each frame stands for: until the next one, the last as long as most."""
        steps = np.diff(self.time_s)
        return np.append(steps, np.median(steps))
