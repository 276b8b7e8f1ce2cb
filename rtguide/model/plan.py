"""What the user means to do."""

from dataclasses import dataclass
from enum import StrEnum

from rtguide.model.structure import Structure

__all__ = ["Approach", "Plan"]


class Approach(StrEnum):
    """How the needle is to come: from which side, or across the plane."""

    UNKNOWN = "unknown"
    IN_PLANE_LEFT = "in-plane from the left"
    IN_PLANE_RIGHT = "in-plane from the right"
    OUT_OF_PLANE = "out-of-plane"


@dataclass(frozen=True, slots=True)
class Plan:
    """The marked structures and how the needle is to come. `aim` names the structure of kind point that is aimed at."""

    structures: tuple[Structure, ...] = ()
    aim: str | None = None
    approach: Approach = Approach.UNKNOWN
    needle_length_mm: float | None = None
    needle_gauge: int | None = None
