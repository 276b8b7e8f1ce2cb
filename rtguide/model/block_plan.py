"""A block as it is planned: what belongs to it, where the needle comes from, what is checked before. No advice."""

import math
from dataclasses import dataclass
from enum import StrEnum

from rtguide.errors import ConfigError
from rtguide.model.plan import Approach
from rtguide.model.structure import Role, StructureKind, Tissue

__all__ = ["BlockPlan", "BodySide", "PlannedStructure", "VolumeCeiling"]


class BodySide(StrEnum):
    """The patient's side, not the screen's."""

    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class PlannedStructure:
    """What should be marked for a block."""

    name: str
    kind: StructureKind
    tissue: Tissue
    role: Role


@dataclass(frozen=True, slots=True)
class VolumeCeiling:
    """How much the user wants to give at most, and where that comes from; rtguide ships none."""

    ml: float
    source: str

    def __post_init__(self) -> None:
        if not (math.isfinite(self.ml) and self.ml > 0):
            raise ConfigError(f"a ceiling of {self.ml:g} ml: give a number above 0")
        if not self.source.strip():
            raise ConfigError("a ceiling needs its source: say where the figure comes from")


@dataclass(frozen=True, slots=True)
class BlockPlan:
    """One block.

    name: short and unique · depth_mm, angle_deg: (from, to), what is usual, None where nobody said · checklist: what is
    ticked off before · source: where the plan comes from.
    """

    name: str
    title: str
    structures: tuple[PlannedStructure, ...] = ()
    approach: Approach = Approach.UNKNOWN
    needle_length_mm: float | None = None
    needle_gauge: int | None = None
    depth_mm: tuple[float, float] | None = None
    angle_deg: tuple[float, float] | None = None
    checklist: tuple[str, ...] = ()
    ceiling: VolumeCeiling | None = None
    source: str = ""

    def __post_init__(self) -> None:
        if not self.name or not self.title:
            raise ConfigError("a block plan needs a name and a title")
        for what, span in (("depth_mm", self.depth_mm), ("angle_deg", self.angle_deg)):
            if span is not None and not 0 <= span[0] <= span[1]:
                raise ConfigError(f"{self.name}: {what} = {list(span)}: give the smaller one first, none below 0")
        names = [structure.name for structure in self.structures]
        if len(set(names)) != len(names):
            raise ConfigError(f"{self.name}: every structure has its own name, not {names}")

    def facts(self) -> str:
        """Approach, needle and what is usual, in one line; no angle where the needle crosses the plane."""
        parts = [str(self.approach)] if self.approach is not Approach.UNKNOWN else []
        if self.needle_gauge is not None and self.needle_length_mm is not None:
            parts.append(f"{self.needle_gauge} G, {self.needle_length_mm:g} mm")
        if self.depth_mm is not None:
            parts.append(f"target usually {self.depth_mm[0]:g}–{self.depth_mm[1]:g} mm deep")
        if self.angle_deg is not None and self.approach is not Approach.OUT_OF_PLANE:
            parts.append(f"{self.angle_deg[0]:g}–{self.angle_deg[1]:g}° to the probe")
        return " · ".join(parts)
