"""What a calibration method found, with its evidence."""

from dataclasses import dataclass

from rtguide.model.geometry import ImageGeometry
from rtguide.model.points import Points

__all__ = ["Calibration"]


@dataclass(frozen=True, slots=True)
class Calibration:
    """The outcome of one calibration method.

    method: its entry point's name · geometry: the picture's geometry as far as this method knows it · evidence_px:
    polylines to draw on the image so that a user can see what was found · confidence 0 to 1 · note: one line in words.
    """

    method: str
    geometry: ImageGeometry
    evidence_px: tuple[Points, ...]
    confidence: float
    note: str
