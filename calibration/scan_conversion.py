"""Beams of a curved probe to a picture.

References
----------
Scan conversion of the PLUS toolkit (its user guide, "ScanConversion"): the centre of the face lies at
`TransducerCenterPixel`; columns are counted from pixel edges, samples divide the radius into as many steps.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtguide.errors import GeometryError
from rtguide.opencv import cv2

__all__ = ["CurvedScan", "scan_convert"]


@dataclass(frozen=True, slots=True)
class CurvedScan:
    """Geometry of a curved scan and of its picture.

    radii_mm: of first and last sample · angles_rad: of first and last beam from straight down · size_px: (width,
    height) · centre_px: the middle of the face · spacing_mm: of the picture (x, y).
    """

    radii_mm: tuple[float, float]
    angles_rad: tuple[float, float]
    size_px: tuple[int, int]
    centre_px: tuple[float, float]
    spacing_mm: tuple[float, float]

    def __post_init__(self) -> None:
        if not 0 <= self.radii_mm[0] < self.radii_mm[1] or not self.angles_rad[0] < self.angles_rad[1]:
            raise GeometryError(f"radii and angles of a scan must rise: {self.radii_mm} mm, {self.angles_rad} rad")
        if max(map(abs, self.angles_rad)) > math.pi / 2 or min(*self.size_px, *self.spacing_mm) <= 0:
            raise GeometryError(f"a scan lies within ±90° and has a size: {self}")


def scan_convert(beams: NDArray[np.uint8], scan: CurvedScan) -> NDArray[np.uint8]:
    """The picture, uint8 (height, width), of beams, uint8 (samples, beams); black outside the scan."""
    samples, count = beams.shape
    width, height = scan.size_px
    x = (np.arange(width) - scan.centre_px[0] + 0.5) * scan.spacing_mm[0]
    z = (np.arange(height) - scan.centre_px[1]) * scan.spacing_mm[1] + scan.radii_mm[0]
    radius, angle = np.hypot(x[None, :], z[:, None]), np.arctan2(x[None, :], z[:, None])
    sample = (radius - scan.radii_mm[0]) / (scan.radii_mm[1] - scan.radii_mm[0]) * samples
    beam = (angle - scan.angles_rad[0]) / (scan.angles_rad[1] - scan.angles_rad[0]) * (count - 1)
    outside = (sample < 0) | (sample >= samples - 1) | (beam < 0) | (beam >= count - 1)
    picture = np.asarray(
        cv2.remap(beams, beam.astype(np.float32), sample.astype(np.float32), cv2.INTER_LINEAR), np.uint8
    )
    picture[outside] = 0
    return picture
