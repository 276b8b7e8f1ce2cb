"""Reference bands: where the figures of chosen people's sessions lie."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rtguide.training.skill import Skill

__all__ = ["Band", "bands_of"]


@dataclass(frozen=True, slots=True)
class Band:
    """low to high: all of them where fewer than ten were measured, else the 10th to the 90th percentile."""

    low: float
    median: float
    high: float
    count: int


def bands_of(skills: Sequence[Skill]) -> dict[str, Band]:
    """By name of figure; what nobody's video told is not in it."""
    values: dict[str, list[float]] = {}
    for skill in skills:
        for figure in skill.figures:
            if figure.value is not None:
                values.setdefault(figure.name, []).append(figure.value)
    found = {}
    for name, known in values.items():
        low, median, high = np.percentile(known, (0, 50, 100) if len(known) < 10 else (10, 50, 90)).tolist()
        found[name] = Band(low, median, high, len(known))
    return found
