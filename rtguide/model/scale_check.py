"""Whether a scale that a file, a device or a user gives is that of the ruler on the screen."""

import math

from rtguide.model.calibration import Calibration
from rtguide.model.geometry import ImageGeometry, Provenance

__all__ = ["SQUARE_WITHIN", "TICKS_MM", "contradiction", "difference", "stretch"]

TICKS_MM = (1.0, 2.0, 2.5, 5.0, 10.0)
"""Distances between neighbouring ticks that scanners draw."""

RARE_TICKS_MM = (20.0, 25.0, 50.0)

AGREEMENT = 0.015
"""Greatest difference of a ruler's and a given scale."""

SQUARE_WITHIN = 0.015
"""Rulers down and across the picture that differ by more show that its pixels are not square."""


def contradiction(found: Calibration, spacing_mm: tuple[float, float]) -> str | None:
    """Why a given scale (x, y), mm per pixel, is not that of the ruler that was read; None where nothing speaks against
    it.

    The ticks must be a distance that scanners draw, and that of the printed numbers where these can be read; where
    there are rulers in both directions, the pixels must be as wide to high as the given ones.
    """
    if found.ruler is None:
        return None
    given = spacing_mm[1] * found.ruler.pitch_px
    known = (*TICKS_MM, *RARE_TICKS_MM) if found.ruler.tick_mm is None else (found.ruler.tick_mm,)
    nearest = min(known, key=lambda mm: abs(math.log(mm / given)))
    if abs(given / nearest - 1.0) > AGREEMENT:
        return (
            f"the ruler on the screen has ticks every {found.ruler.pitch_px:.2f} px; by the given "
            f"{spacing_mm[1]:.5f} mm/px that would be {given:.2f} mm, but it should be {nearest:g} mm: "
            "check that the picture was not resized, or give --mm-per-px"
        )
    read = found.geometry.spacing_mm
    if read is None or read[0] == read[1]:
        return None
    ratio, told = read[0] / read[1], spacing_mm[0] / spacing_mm[1]
    if abs(ratio / told - 1.0) <= SQUARE_WITHIN:
        return None
    return (
        f"by the rulers on the screen a pixel is {ratio:.3f} times as wide as high, by the given scale {told:.3f} "
        "times: the picture was grabbed in a wrong shape; set the grabber to the scanner's own size"
    )


def difference(geometry: ImageGeometry, told_mm: tuple[float, float]) -> str | None:
    """Why a scale that counts is not what a device tells, (x, y) mm per pixel; None where they agree."""
    own = geometry.spacing_mm
    if own is None or not geometry.is_verified:
        return None
    if all(abs(mine / told - 1.0) <= AGREEMENT for mine, told in zip(own, told_mm, strict=True)):
        return None
    whose = "your scale" if geometry.provenance is Provenance.USER else f"the scale of the {geometry.provenance}"
    return (
        f"{whose} is {own[0]:.5f}×{own[1]:.5f} mm a pixel, the device tells {told_mm[0]:.5f}×{told_mm[1]:.5f}: read "
        "the ruler (U), or correct the size of pixels where the device is set up"
    )


def stretch(spacing_mm: tuple[float, float]) -> str | None:
    """What to say of pixels that are not square; None of square ones."""
    ratio = spacing_mm[0] / spacing_mm[1]
    if abs(ratio - 1.0) <= SQUARE_WITHIN:
        return None
    return (
        f"pixels are not square ({ratio:.3f} times as wide as high): the picture was grabbed in a wrong shape; it is "
        "measured as the rulers say, but set the grabber to the scanner's own size"
    )
