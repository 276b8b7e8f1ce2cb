"""Where the ultrasound picture lies in the frame and how large its pixels are.

Frames of reference as in the PLUS toolkit: **image** (pixels, (0, 0) at the centre of the top-left pixel of the
source's full frame) and **transducer** (millimetres, origin at the centre of the probe's face, x across, y in depth).
"""

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from rtguide.errors import GeometryError
from rtguide.model.points import Point

__all__ = ["FanRegion", "ImageGeometry", "MarkSide", "Provenance", "RectRegion", "Region", "SlantRegion"]


class Provenance(StrEnum):
    """Who says how large a pixel is."""

    DICOM = "dicom"
    DEVICE = "device"
    RULER_ACCEPTED = "ruler-accepted"
    PROFILE = "profile"
    USER = "user"
    RULER_UNACCEPTED = "ruler-unaccepted"
    GUESS = "guess"


VERIFIED = frozenset(
    {Provenance.DICOM, Provenance.DEVICE, Provenance.RULER_ACCEPTED, Provenance.PROFILE, Provenance.USER}
)


class MarkSide(StrEnum):
    """The side of the picture that shows the probe's marked edge."""

    LEFT = "left"
    RIGHT = "right"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class RectRegion:
    """An upright rectangle in image pixels: left edge, top edge, width, height (all may be fractional)."""

    x: float
    y: float
    width: float
    height: float

    def __post_init__(self) -> None:
        if self.width <= 0 or self.height <= 0:
            raise GeometryError(f"a region needs a width and a height, not {self.width} × {self.height}")

    def bounds(self) -> "RectRegion":
        """The region itself."""
        return self

    def contains(self, points_px: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which of the points (n, 2) lie inside."""
        x, y = points_px[:, 0], points_px[:, 1]
        return (x >= self.x) & (x <= self.x + self.width) & (y >= self.y) & (y <= self.y + self.height)

    def face_px(self) -> Point:
        """The middle of the upper edge, where the probe touches the skin."""
        return self.x + self.width / 2, self.y


@dataclass(frozen=True, slots=True)
class FanRegion:
    """A sector of a ring, as curved probes show it.

    apex_px: where the beams would meet · inner_px, outer_px: radii of the face and of the deepest echo · start_rad,
    stop_rad: angles of the outermost beams from straight down, positive toward image right, start < stop ·
    clip: the rectangle that cuts the fan where the screen ends.
    """

    apex_px: Point
    inner_px: float
    outer_px: float
    start_rad: float
    stop_rad: float
    clip: RectRegion

    def __post_init__(self) -> None:
        if not 0 <= self.inner_px < self.outer_px:
            raise GeometryError(f"a fan needs 0 ≤ inner < outer radius, not {self.inner_px} and {self.outer_px}")
        if not -math.pi / 2 <= self.start_rad < self.stop_rad <= math.pi / 2:
            raise GeometryError(f"a fan's angles must rise within ±90°, not {self.start_rad} to {self.stop_rad} rad")

    def bounds(self) -> RectRegion:
        """The smallest upright rectangle that holds the fan inside its clip."""
        angles = np.linspace(self.start_rad, self.stop_rad, 65)
        radii = np.array([[self.inner_px], [self.outer_px]])
        x = self.apex_px[0] + radii * np.sin(angles)
        y = self.apex_px[1] + radii * np.cos(angles)
        x0, y0 = max(float(x.min()), self.clip.x), max(float(y.min()), self.clip.y)
        x1 = min(float(x.max()), self.clip.x + self.clip.width)
        y1 = min(float(y.max()), self.clip.y + self.clip.height)
        return RectRegion(x0, y0, x1 - x0, y1 - y0)

    def contains(self, points_px: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which of the points (n, 2) lie inside."""
        dx, dy = points_px[:, 0] - self.apex_px[0], points_px[:, 1] - self.apex_px[1]
        radius, angle = np.hypot(dx, dy), np.arctan2(dx, dy)
        in_ring = (radius >= self.inner_px) & (radius <= self.outer_px)
        return in_ring & (angle >= self.start_rad) & (angle <= self.stop_rad) & self.clip.contains(points_px)

    def face_px(self) -> Point:
        """The middle of the probe's face."""
        angle = (self.start_rad + self.stop_rad) / 2
        return (
            self.apex_px[0] + self.inner_px * math.sin(angle),
            self.apex_px[1] + self.inner_px * math.cos(angle),
        )


@dataclass(frozen=True, slots=True)
class SlantRegion:
    """A parallelogram: what a linear array shows whose beams are all steered to one side.

    x, y: left end of the level upper edge, where the face is · width, height · slant_rad: of the sides from straight
    down, positive where they run toward image right.
    """

    x: float
    y: float
    width: float
    height: float
    slant_rad: float

    def __post_init__(self) -> None:
        if self.width <= 0 or self.height <= 0:
            raise GeometryError(f"a region needs a width and a height, not {self.width} × {self.height}")
        if not -math.pi / 4 <= self.slant_rad <= math.pi / 4:
            raise GeometryError(f"a region's sides may slant by 45° at most, not {math.degrees(self.slant_rad):g}°")

    def bounds(self) -> RectRegion:
        """The smallest upright rectangle that holds it."""
        aside = self.height * math.tan(self.slant_rad)
        return RectRegion(self.x + min(aside, 0.0), self.y, self.width + abs(aside), self.height)

    def contains(self, points_px: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which of the points (n, 2) lie inside."""
        down = points_px[:, 1] - self.y
        across = points_px[:, 0] - self.x - down * math.tan(self.slant_rad)
        return (down >= 0) & (down <= self.height) & (across >= 0) & (across <= self.width)

    def face_px(self) -> Point:
        """The middle of the upper edge, where the probe touches the skin."""
        return self.x + self.width / 2, self.y


Region = RectRegion | FanRegion | SlantRegion


@dataclass(frozen=True, slots=True)
class ImageGeometry:
    """What is known of the picture in the frame.

    shape_px: (height, width) of the full frame · region: the B-mode picture · spacing_mm: (x, y) millimetres per pixel,
    None where unknown · provenance: who says so · mark_side: which side shows the probe's marked edge.
    """

    shape_px: tuple[int, int]
    region: Region
    spacing_mm: tuple[float, float] | None = None
    provenance: Provenance = Provenance.GUESS
    mark_side: MarkSide = MarkSide.UNKNOWN

    def __post_init__(self) -> None:
        if self.spacing_mm is not None and not all(0 < s < math.inf for s in self.spacing_mm):
            raise GeometryError(f"millimetres per pixel must be positive, not {self.spacing_mm}")

    @classmethod
    def whole_frame(cls, shape_px: tuple[int, int]) -> "ImageGeometry":
        """The whole frame as the region, for when none was found; no scale."""
        height, width = shape_px
        return cls(shape_px, RectRegion(0.0, 0.0, float(width), float(height)))

    @property
    def is_whole_frame(self) -> bool:
        """Whether the region is the whole frame: found so, accepted, or a stand-in for one that was not found."""
        return self.region == self.whole_frame(self.shape_px).region

    @property
    def is_verified(self) -> bool:
        """Whether millimetres may be shown."""
        return self.spacing_mm is not None and self.provenance in VERIFIED

    def bounds_px(self) -> tuple[int, int, int, int]:
        """(x0, y0, x1, y1), whole pixels inside the frame that hold the region; x1 and y1 are exclusive."""
        box = self.region.bounds()
        height, width = self.shape_px
        x0, y0 = max(0, math.floor(box.x)), max(0, math.floor(box.y))
        x1, y1 = min(width, math.ceil(box.x + box.width)), min(height, math.ceil(box.y + box.height))
        if x1 <= x0 or y1 <= y0:
            raise GeometryError(f"the region {box} lies outside the frame of {width}×{height} pixels")
        return x0, y0, x1, y1

    def mask(self) -> NDArray[np.bool_]:
        """bool (h, w) over `bounds_px`: which pixels belong to the region."""
        x0, y0, x1, y1 = self.bounds_px()
        xs, ys = np.meshgrid(np.arange(x0, x1, dtype=np.float64), np.arange(y0, y1, dtype=np.float64))
        inside = self.region.contains(np.column_stack([xs.ravel(), ys.ravel()]))
        return inside.reshape(xs.shape)

    def mm_from_px(self, point_px: Point) -> Point | None:
        """A point in the transducer frame, None without a verified scale.

        x runs toward the marked side (image right where that is unknown), y in depth from the face.
        """
        if self.spacing_mm is None or not self.is_verified:
            return None
        face = self.region.face_px()
        sign = -1.0 if self.mark_side is MarkSide.LEFT else 1.0
        return (
            sign * (point_px[0] - face[0]) * self.spacing_mm[0],
            (point_px[1] - face[1]) * self.spacing_mm[1],
        )

    def length_mm(self, start_px: Point, stop_px: Point) -> float | None:
        """The distance between two image points, None without a verified scale."""
        if self.spacing_mm is None or not self.is_verified:
            return None
        dx, dy = (stop_px[0] - start_px[0]) * self.spacing_mm[0], (stop_px[1] - start_px[1]) * self.spacing_mm[1]
        return math.hypot(dx, dy)
