"""Reads the scale from the ruler on a scanner's screen: ticks for the spacing, printed numbers for the unit.

A spacing without a unit is given without millimetres: its note says what a user has to tell. What is read counts as
unverified until a user has looked at the evidence and accepted it.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from calibration.depth_unit import Unit, tick_unit
from calibration.dual_view import dual_note
from calibration.gain import gain_too_high
from calibration.image_region import ImageRegion
from calibration.mark_spot import find_mark_side
from calibration.ruler_ticks import Ruler, find_rulers
from calibration.screen_look import screen_look
from calibration.screen_text import Word, screen_words
from rtguide.errors import CalibrationError
from rtguide.model.calibration import Calibration, RulerReading
from rtguide.model.geometry import FanRegion, ImageGeometry, Provenance, RectRegion, Region
from rtguide.model.points import Points
from rtguide.model.scale_check import contradiction, stretch

__all__ = ["DepthScale", "disagreement"]

MARGIN_SHARE = 0.12
"""Rulers stand outside the picture or within this share of its width from its side: dots down its middle are a guide
line."""

INNER_SHARE = 0.15
"""Of the picture's size: no depth is printed further inside."""

MOST_FRAMES = 8

MOST_SATURATED = 0.25
"""Of the picture, where no ruler is found. One that stands beside it is read at any gain."""

AGREEMENT = 0.015
"""Greatest difference of two rulers' scales."""


class DepthScale:
    """Millimetres per pixel, by the ruler."""

    def calibrate(self, frames: Sequence[NDArray[np.uint8]]) -> Calibration:
        """Read the ruler in one or more pictures of one size, uint8 (h, w) or (h, w, 3) RGB.

        The spacing across the picture is taken from a ruler across it where there is one of the same ticks, else equal
        to that down: screens have square pixels unless they were grabbed in a wrong shape.

        Raises
        ------
        CalibrationError
            No picture, pictures of different sizes, or no ruler.
        """
        found = self.read(_still(frames), _region(frames))
        side = find_mark_side(frames, found.geometry)
        grey = frames[0] if frames[0].ndim == 2 else frames[0].max(axis=2)
        note = found.note + dual_note(np.ascontiguousarray(grey), found.geometry)
        return replace(found, geometry=replace(found.geometry, mark_side=side), note=note)

    def read(self, grey: NDArray[np.uint8], region: Region | None) -> Calibration:
        """The same for a picture, uint8 (h, w), whose region is known (None: it was not found).

        Raises
        ------
        CalibrationError
            No ruler.
        """
        rulers = [ruler for ruler in find_rulers(grey) if _is_placed(ruler, region)]
        height, width = grey.shape
        if not rulers:
            box = (region if region is not None else _whole(grey.shape)).bounds()
            if (cause := gain_too_high([grey], box, MOST_SATURATED)) is not None:
                raise CalibrationError(f"no ruler was found. {cause}: dots over the picture drown in it")
            raise CalibrationError(
                f"no ruler was found on the {width}×{height} screen: show the scanner's depth marks, or give the scale "
                "(--mm-per-px)"
            )
        words = _words(grey, rulers, region)
        readings = [(ruler, _unit(ruler, words, region)) for ruler in rulers]
        main, unit = max(
            readings, key=lambda pair: (pair[1].tick_mm is not None, not pair[0].is_across, pair[0].index.size)
        )
        scales = [unit_.tick_mm / ruler.pitch_px for ruler, unit_ in readings if unit_.tick_mm is not None]
        if scales and max(scales) > (1 + AGREEMENT) * min(scales):
            unit = Unit(None, "two rulers on the screen contradict each other")
        found = _calibration(main, unit, rulers, ImageGeometry(grey.shape, region or _whole(grey.shape)))
        return replace(found, look=screen_look(grey, main, unit.boxes_px))

    @staticmethod
    def disagreement(frames: Sequence[NDArray[np.uint8]], geometry: ImageGeometry) -> str | None:
        """Why a scale that a file or device gives is not that of the ruler on the screen; see the function."""
        return disagreement(frames, geometry)


def disagreement(frames: Sequence[NDArray[np.uint8]], geometry: ImageGeometry) -> str | None:
    """Why a scale that a file or device gives is not that of the ruler on the screen; None where nothing speaks against
    it (or there is no ruler).
    """
    if geometry.spacing_mm is None:
        return None
    try:
        return contradiction(DepthScale().calibrate(frames), geometry.spacing_mm)
    except CalibrationError:
        return None


def _still(frames: Sequence[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """What stays in all pictures: the darkest value of each pixel over a few of them, each its brightest colour."""
    if len(frames) == 0:
        raise CalibrationError("no picture was given: one frame is needed")
    if len({frame.shape for frame in frames}) > 1:
        raise CalibrationError(f"the pictures differ in size: {sorted({frame.shape[:2] for frame in frames})}")
    step = -(-len(frames) // MOST_FRAMES)
    greys = [frame if frame.ndim == 2 else frame.max(axis=2) for frame in frames[::step]]
    return np.ascontiguousarray(np.minimum.reduce(greys))


def _region(frames: Sequence[NDArray[np.uint8]]) -> Region | None:
    try:
        return ImageRegion().calibrate(frames).geometry.region
    except CalibrationError:
        return None


def _whole(shape_px: tuple[int, ...]) -> Region:
    return RectRegion(0.0, 0.0, float(shape_px[1]), float(shape_px[0]))


def _is_placed(ruler: Ruler, region: Region | None) -> bool:
    """Whether a ruler stands where rulers stand: beside the picture or at its rim."""
    if region is None:
        return True
    box = region.bounds()
    low, size = (box.y, box.height) if ruler.is_across else (box.x, box.width)
    middle = 0.5 * (ruler.span_px[0] + ruler.span_px[1])
    return not low + MARGIN_SHARE * size < middle < low + (1 - MARGIN_SHARE) * size


def _words(grey: NDArray[np.uint8], rulers: list[Ruler], region: Region | None) -> list[Word]:
    """The words of the screen, read without the rulers' own ticks, which may touch their numbers, and without the inner
    part of the picture, where nothing but tissue and measurements stand.
    """
    blank = grey.copy()
    if region is not None:
        box = region.bounds()
        low_x, low_y = round(box.x + INNER_SHARE * box.width), round(box.y + INNER_SHARE * box.height)
        inner_x, inner_y = (1 - 2 * INNER_SHARE) * box.width, (1 - 2 * INNER_SHARE) * box.height
        blank[max(0, low_y) : low_y + round(inner_y), max(0, low_x) : low_x + round(inner_x)] = 0
    for ruler in rulers:
        side = slice(max(0, round(ruler.span_px[0]) - 1), round(ruler.span_px[1]) + 2)
        reach = max(2, round(0.2 * ruler.pitch_px)) if ruler.pitch_px < 20 else 6
        for at in ruler.along_px:
            along = slice(max(0, round(at) - reach), round(at) + reach + 1)
            area = (along, side) if not ruler.is_across else (side, along)
            blank[area] = np.min(blank[area])
    return screen_words(blank)


def _unit(ruler: Ruler, words: list[Word], region: Region | None) -> Unit:
    depth = None if region is None else region.bounds().height
    if isinstance(region, FanRegion):
        box = region.bounds()
        depth = min(region.outer_px - region.inner_px, box.y + box.height - region.face_px()[1])
    return tick_unit(ruler, words, depth)


def _calibration(main: Ruler, unit: Unit, rulers: list[Ruler], geometry: ImageGeometry) -> Calibration:
    reading = RulerReading(main.pitch_px, main.pitch_sigma_px, unit.tick_mm)
    scale, note = reading.mm_per_px, f"{main.index.size} ticks every {main.pitch_px:.2f} px"
    evidence = (*_ticks(main), *(_box(box) for box in unit.boxes_px))
    if scale is None:
        note += f"; what a tick stands for is not known ({unit.why}): say how many millimetres it is"
        return Calibration("depth_scale", geometry, evidence, 0.0, note, reading)
    other = next((r for r in rulers if r.is_across != main.is_across and r.periods == main.periods), None)
    spacing = (scale, scale)
    if other is not None and abs(np.log(other.pitch_px / main.pitch_px)) < np.log(1.5):
        beside = scale * main.pitch_px / other.pitch_px
        spacing = (scale, beside) if main.is_across else (beside, scale)
    known = replace(geometry, spacing_mm=spacing, provenance=Provenance.RULER_UNACCEPTED)
    note += f" = {unit.tick_mm:g} mm by {unit.why}: {scale:.5f} mm/px ± {100 * reading.relative_sigma:.2f} %"
    if (shape := stretch(spacing)) is not None:
        note += f"; {shape}"
    return Calibration("depth_scale", known, evidence, unit.confidence, note, reading)


def _ticks(ruler: Ruler) -> list[Points]:
    low, high = ruler.span_px
    ends = [((low, at), (high, at)) for at in ruler.along_px.tolist()]
    return [((a[1], a[0]), (b[1], b[0])) if ruler.is_across else (a, b) for a, b in ends]


def _box(box: tuple[int, int, int, int]) -> Points:
    x0, y0, x1, y1 = box[0] - 3.0, box[1] - 3.0, box[2] + 3.0, box[3] + 3.0
    return ((x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0))
