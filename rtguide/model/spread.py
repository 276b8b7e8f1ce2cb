"""Injected fluid as it is seen in one frame."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from rtguide.errors import GeometryError
from rtguide.model.points import Point, Points, as_array

__all__ = ["Spread", "SpreadAround", "SpreadSight"]


class SpreadSight(StrEnum):
    """Whether injected fluid is seen in a frame. cannot tell: it might be there and not be seen, which is no `none`."""

    SEEN = "seen"
    NONE = "none"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, slots=True)
class SpreadAround:
    """How fluid lies to one structure, by its name.

    direction_rad: from the structure's middle to the fluid's, y down · share: of the outline that fluid lies beside, 0
    to 1 · swelling: by how much of its area it has grown since before the fluid, None where that is not known.
    """

    name: str
    direction_rad: float
    share: float
    swelling: float | None = None


@dataclass(frozen=True, slots=True)
class Spread:
    """New dark fluid in the slice, all of it as one.

    outline_px: of its largest pool, image pixels · area_px2: of all · around: of the structures that are tracked, in
    their order.
    """

    outline_px: Points
    area_px2: float
    around: tuple[SpreadAround, ...] = ()

    def __post_init__(self) -> None:
        if len(self.outline_px) < 3 or not self.area_px2 > 0:
            raise GeometryError(f"fluid has an area and an outline, not {self.area_px2} px² in {self.outline_px}")

    @property
    def centre_px(self) -> Point:
        """The mean of the outline's corners."""
        x, y = as_array(self.outline_px).mean(axis=0)
        return float(x), float(y)

    def area_mm2(self, spacing_mm: tuple[float, float] | None) -> float | None:
        """In square millimetres of the slice; None without a scale."""
        return None if spacing_mm is None else float(self.area_px2 * np.prod(spacing_mm))
