"""The parallelogram of a linear probe whose beams are all steered to one side."""

import math

import numpy as np
from numpy.typing import NDArray

from calibration.region_borders import fit_rectangle
from rtguide.model.geometry import SlantRegion
from rtguide.opencv import cv2

__all__ = ["fit_slant"]

_STEEPEST_DEG, _LEAST_DEG, _STEP_DEG = 30.0, 3.0, 0.25
_NARROWER = 0.95
"""A picture that is slanted is narrower along its sides than straight down by more than this."""


def fit_slant(lit: NDArray[np.uint8], hull_px: NDArray[np.float64], reach_px: int) -> SlantRegion | None:
    """The parallelogram near the hull whose sides slant alike; None where upright ones fit as well.

    lit: uint8 (h, w), 0 or 1 · hull_px: (n, 2) · reach_px: how far outside the hull a border may lie. The hull is
    looked at along all slants: it is narrowest along its sides. Turned upright by a shear it is a rectangle's fit.
    """
    slopes = np.tan(np.radians(np.arange(-_STEEPEST_DEG, _STEEPEST_DEG + _STEP_DEG, _STEP_DEG)))
    widths = np.ptp(hull_px[:, 0] - slopes[:, None] * hull_px[:, 1], axis=1)
    slope = float(slopes[widths.argmin()])
    is_slanted = abs(math.degrees(math.atan(slope))) >= _LEAST_DEG
    if not is_slanted or widths.min() > _NARROWER * np.ptp(hull_px[:, 0]):
        return None
    height, width = lit.shape
    middle = float(hull_px[:, 1].min() + hull_px[:, 1].max()) / 2
    shear = np.array([[1.0, -slope, slope * middle], [0.0, 1.0, 0.0]])
    upright = np.asarray(cv2.warpAffine(lit, shear, (width, height), flags=cv2.INTER_NEAREST), np.uint8)
    turned = np.column_stack([hull_px[:, 0] - slope * (hull_px[:, 1] - middle), hull_px[:, 1]])
    found = fit_rectangle(upright, turned, reach_px)
    left = found.x + slope * (found.y - middle)
    return SlantRegion(left, found.y, found.width, found.height, math.atan(slope))
