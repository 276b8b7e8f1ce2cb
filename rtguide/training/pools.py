"""Pools of cases: by probe, and by how well the tip can be seen, decided from truth before any tracker runs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rtguide.training.case import Case

__all__ = ["Pool", "moderate_cases", "pools_of"]

ALL = "all"


@dataclass(frozen=True, slots=True)
class Pool:
    """Cases whose frames are counted together.

    probe: linear, curved, unknown, or `all` · half: `all`, `moderate` or `other` · members: indices of its cases.
    """

    probe: str
    half: str
    members: tuple[int, ...]

    @property
    def title(self) -> str:
        """As a table calls it."""
        return self.probe if self.half == ALL else f"{self.probe}, {self.half}"


def moderate_cases(cases: Sequence[Case]) -> frozenset[int]:
    """Indices of the half of each probe kind's cases with the higher median echo-to-clutter of the visible tip.

    Of an odd number the middle one is moderate. A case whose tip is never visible is not; a case without a needle has
    no tip that is hard to see, and is.
    """
    moderate = {index for index, case in enumerate(cases) if not case.truth.has_needle.any()}
    for probe in {case.probe for case in cases}:
        rated = [(case.truth.median_contrast(), index) for index, case in enumerate(cases) if case.probe == probe]
        ranked = sorted((item for item in rated if not math.isnan(item[0])), reverse=True)
        moderate |= {index for _, index in ranked[: (len(ranked) + 1) // 2]}
    return frozenset(moderate)


def pools_of(cases: Sequence[Case], *, is_halved: bool) -> list[Pool]:
    """The pools that are reported: each probe kind (with its halves), linear first, then all."""
    moderate = moderate_cases(cases)
    pools = []
    for probe in sorted({case.probe for case in cases}, key=lambda kind: (kind != "linear", kind)):
        members = tuple(index for index, case in enumerate(cases) if case.probe == probe)
        pools.append(Pool(probe, ALL, members))
        if is_halved:
            pools.append(Pool(probe, "moderate", tuple(index for index in members if index in moderate)))
            pools.append(Pool(probe, "other", tuple(index for index in members if index not in moderate)))
    pools.append(Pool(ALL, ALL, tuple(range(len(cases)))))
    return [pool for pool in pools if pool.members]
