"""The Sequence of Ultrasound Regions: where a DICOM file says its picture lies and how large a pixel is."""

import math
from dataclasses import dataclass

from pydicom.dataset import Dataset

from rtguide.model.geometry import ImageGeometry, Provenance, RectRegion

__all__ = ["region_geometry"]

_TISSUE, _TWO_DIMENSIONAL, _CENTIMETRES = 1, 1, 3
"""Region Data Type, Region Spatial Format and Physical Units codes (PS3.3 C.8.5.5.1.1, .2 and .15)."""

SMALLEST_MM, LARGEST_MM = 0.002, 2.0
"""Pixel sizes that an ultrasound screen can have: a 2 mm wide picture on 1000 pixels, a 40 cm deep one on 200."""

OVERHANG_PX = 1
"""Some makers write the last pixel's number, as the standard has it, others the number after it."""

_PIXEL_SPACING_AGREES = 0.02
"""Relative difference up to which Pixel Spacing and a region's deltas say the same."""


@dataclass(frozen=True, slots=True)
class _Area:
    """One region: its corners in pixels, the last ones inclusive, and its item in the file."""

    x0: int
    y0: int
    x1: int
    y1: int
    item: Dataset

    @property
    def area_px(self) -> int:
        return (self.x1 - self.x0 + 1) * (self.y1 - self.y0 + 1)


def region_geometry(dataset: Dataset, shape_px: tuple[int, int]) -> tuple[ImageGeometry | None, tuple[str, ...]]:
    """Region and scale of the two-dimensional tissue picture, and why something is not used.

    Of several such regions the largest is taken, of equal ones the first. A region that does not fit into the frame
    describes another grid than the pixels (the file was resized after it was written): neither it nor its scale is
    used. The region's left and upper edge are pixel edges of the frame; spacing is in millimetres.

    References
    ----------
    DICOM PS3.3 C.8.5.5 (US Region Calibration module).
    """
    items = dataset.get("SequenceOfUltrasoundRegions") or ()
    areas = [area for item in items if (area := _tissue_area(item)) is not None]
    if not areas:
        return None, ("it describes no two-dimensional tissue region; no scale from DICOM",) if items else ()
    height, width = shape_px
    every = [area for item in items if (area := _area(item)) is not None]
    for area in every:
        if not (
            0 <= area.x0 <= area.x1 <= width - 1 + OVERHANG_PX and 0 <= area.y0 <= area.y1 <= height - 1 + OVERHANG_PX
        ):
            text = (
                f"its ultrasound region ({area.x0}, {area.y0}) to ({area.x1}, {area.y1}) does not fit into pictures of "
                f"{width}×{height} pixels, so it describes another grid; its scale is not used, give --mm-per-px"
            )
            return None, (text,)
    best = max(areas, key=lambda area: area.area_px)
    rest = [area for area in areas if area is not best]
    warnings = []
    if rest:
        warnings.append(
            f"it has {len(areas)} tissue regions; the one at ({best.x0}, {best.y0}) to ({best.x1}, {best.y1}) is used"
        )
    spacing_mm, problem = _spacing(best.item, dataset)
    if problem:
        warnings.append(f"{problem}; its scale is not used, give --mm-per-px")
    right, bottom = min(best.x1 + 1, width), min(best.y1 + 1, height)
    region = RectRegion(float(best.x0), float(best.y0), float(right - best.x0), float(bottom - best.y0))
    return ImageGeometry(shape_px, region, spacing_mm, Provenance.DICOM), tuple(warnings)


def _tissue_area(item: Dataset) -> _Area | None:
    is_tissue = item.get("RegionSpatialFormat") == _TWO_DIMENSIONAL and item.get("RegionDataType") == _TISSUE
    return _area(item) if is_tissue else None


def _area(item: Dataset) -> _Area | None:
    """The region's corners; None where one of them is missing."""
    keywords = ("RegionLocationMinX0", "RegionLocationMinY0", "RegionLocationMaxX1", "RegionLocationMaxY1")
    corners = [item.get(keyword) for keyword in keywords]
    if not all(isinstance(corner, int) for corner in corners):
        return None
    x0, y0, x1, y1 = (int(corner) for corner in corners if corner is not None)
    return _Area(x0, y0, x1, y1, item)


def _spacing(item: Dataset, dataset: Dataset) -> tuple[tuple[float, float] | None, str]:
    """(x, y) millimetres per pixel, or None and why not."""
    units = (item.get("PhysicalUnitsXDirection"), item.get("PhysicalUnitsYDirection"))
    if units != (_CENTIMETRES, _CENTIMETRES):
        return None, f"its region's pixels are not measured in centimetres (units {units[0]!r} and {units[1]!r})"
    try:
        x_mm, y_mm = (abs(float(item.get(f"PhysicalDelta{axis}"))) * 10 for axis in "XY")
    except (TypeError, ValueError):
        return None, "its region does not say how large a pixel is"
    if not all(math.isfinite(mm) and SMALLEST_MM <= mm <= LARGEST_MM for mm in (x_mm, y_mm)):
        return None, f"its region says that pixels are {x_mm:g}×{y_mm:g} mm, which no ultrasound picture has"
    other = _pixel_spacing(dataset)
    if other is not None and any(
        abs(mine / theirs - 1) > _PIXEL_SPACING_AGREES for mine, theirs in zip((x_mm, y_mm), other, strict=True)
    ):
        return None, (
            f"its region says that pixels are {x_mm:g}×{y_mm:g} mm, its Pixel Spacing {other[0]:g}×{other[1]:g} mm"
        )
    return (x_mm, y_mm), ""


def _pixel_spacing(dataset: Dataset) -> tuple[float, float] | None:
    """Pixel Spacing (0028,0030) as (x, y) in millimetres; None where there is none that means anything."""
    try:
        y_mm, x_mm = (float(value) for value in dataset.get("PixelSpacing") or ())
    except (TypeError, ValueError):
        return None
    return (x_mm, y_mm) if x_mm > 0 and y_mm > 0 else None
