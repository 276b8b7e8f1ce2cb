"""A learner's course over attempts: has the share of failures become acceptable?

References
----------
Bolsin and Colson, Anaesthesia and Intensive Care 28, 2000, and Williams et al., BMJ 304, 1992 (CUSUM for procedures);
the decision lines are those of Wald's sequential test.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rtguide.training.rubric import Rubric

__all__ = ["Cusum", "cusum_of"]


@dataclass(frozen=True, slots=True)
class Cusum:
    """values: the sum before the first attempt and after each · proficient_at: at or below this line failures are as
    rare as is acceptable · deficient_at: at or above it they are not.
    """

    values: tuple[float, ...]
    proficient_at: float
    deficient_at: float

    @property
    def words(self) -> str:
        """What the last value says."""
        if self.values[-1] <= self.proficient_at:
            return "failures are as rare as is acceptable"
        if self.values[-1] >= self.deficient_at:
            return "there are more failures than is acceptable"
        return "not decided yet: more attempts are needed"


def cusum_of(successes: Sequence[bool], rubric: Rubric) -> Cusum:
    """It rises by 1 - s with a failure and falls by s with a success; s lies between the two shares of failures."""
    low, high, error = rubric.acceptable_failures, rubric.unacceptable_failures, rubric.error
    rise, fall = math.log(high / low), math.log((1.0 - low) / (1.0 - high))
    step = fall / (rise + fall)
    values = [0.0]
    for is_success in successes:
        values.append(values[-1] + (-step if is_success else 1.0 - step))
    line = math.log((1.0 - error) / error) / (rise + fall)
    return Cusum(tuple(values), -line, line)
