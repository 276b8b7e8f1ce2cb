"""Finds the ultrasound picture in a scanner's screen, without rulers, text, clocks and bars.

It is a rectangle, a fan or a parallelogram. What is lit against the screen's background is gathered over the given
pictures; the largest part that stays after thin things (text, ticks, bars) are opened away is the picture. Its convex
hull gives the sides, the sides say what it is, and the borders are then measured at full resolution from the share of
lit pixels along each line or arc.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calibration.dual_view import dual_note
from calibration.region_borders import cut_faded_margin, fit_fan, fit_rectangle, region_outline
from calibration.region_halo import without_halo
from calibration.region_sides import side_evidence, side_lines
from calibration.region_slant import fit_slant
from rtguide.errors import CalibrationError, GeometryError
from rtguide.model.calibration import Calibration
from rtguide.model.geometry import FanRegion, ImageGeometry, Provenance, RectRegion, Region, SlantRegion
from rtguide.opencv import cv2

__all__ = ["ImageRegion"]

WORK_SIDE_PX = 400
"""Longer side of the coarse picture in which the picture is told from text and bars."""

MOST_FRAMES = 8
"""More pictures than these say nothing new of where the picture lies."""

LIT_LEVELS = (1, 4, 12)
"""Grey levels above the background that count as lit, most sensitive first: a screen grabbed without loss shows its
picture's noise floor at 1, lossy video surrounds text with ringing of a few levels."""

RIM_PX = 8
"""Depth of the frame's rim in which panels of the screen are looked for, and side of the blocks that must be flat."""

FLAT_GREYS = 4
"""Range of greys in a block that is drawn flat and went through a lossy codec."""

PANEL_SHARE = 0.04
"""Share of the rim that a panel fills at least: the screen of a tablet has its bars above and below."""

DARKEST_PANEL = 8
"""Darker flat areas may be tissue without an echo."""

OPENING_SHARE = 0.0225
"""Things thinner than this share of the longer side are text, ticks, bars or logos: at 1080p 43 pixels, two lines of
text."""

SMALLEST_SHARE = 0.08
"""A picture fills at least this share of the frame; below it, it is a thumbnail or a few bright spots."""

LEAST_MERIT = 0.655
"""Fill inside times emptiness outside below which a region is not believed (the least of the real screens looked at
is 0.67, an eye that is mostly black; wrong regions on bright lines in water reach 0.64)."""

TIGHT_STEP = 4
"""Highest level that may tighten borders: the ringing of lossy video stays below it, the noise floor of a picture's
dark edge seldom does."""

HALO_SHARE = 0.015
"""Borders that move by less than this share of the region's size when more light is asked for are the halo that lossy
video leaves around a picture: the tighter ones are right. Those that move by more are dark tissue."""

FAN_TILT_RAD = math.radians(1.2)
"""Sides that open by more than this belong to a fan; the straight sides of a rectangle are drawn to the pixel."""

SIDE_GAIN = 0.1
"""A fan gives way to the upright rectangle whose sides are seen along so much more of their length."""

SLANT_GAIN = 0.05
"""A parallelogram is believed when it is filled so much better than the upright rectangle."""


@dataclass(frozen=True, slots=True)
class _Found:
    region: Region
    step: int
    fill: float
    outside: float
    """Share of lit pixels in a narrow band just outside."""

    @property
    def merit(self) -> float:
        """Full inside and empty just outside is 1."""
        return self.fill * (1.0 - self.outside)


class ImageRegion:
    """Finds the B-mode region; no scale, no side mark."""

    def calibrate(self, frames: Sequence[NDArray[np.uint8]]) -> Calibration:
        """Find the region in one or more pictures of one size, uint8 (h, w) or (h, w, 3) RGB.

        Raises
        ------
        CalibrationError
            No picture, pictures of different sizes, or nothing that looks like a B-mode picture.
        """
        grey, darkest = _extremes(frames)
        contrast = _contrast(grey)
        found = [hit for step in LIT_LEVELS if (hit := _find(contrast, step)) is not None]
        best = max(found, key=lambda hit: hit.merit * math.sqrt(_area_px2(hit.region)), default=None)
        height, width = grey.shape
        if best is None or best.merit < LEAST_MERIT:
            fill = "nothing large enough" if best is None else f"at best a region {best.fill:.0%} filled"
            raise CalibrationError(
                f"no ultrasound picture was found in the {width}×{height} frame ({fill}): show tissue, or accept the "
                "whole frame as the picture"
            )
        best = _tightened(best, found)
        region = without_halo(contrast, best.region)
        region = cut_faded_margin(darkest, region) if isinstance(region, RectRegion) else region
        shape = {FanRegion: "fan", SlantRegion: "parallelogram"}.get(type(region), "rectangle")
        geometry = ImageGeometry((height, width), region, None, Provenance.GUESS)
        dual = dual_note(_grey(frames[0]), geometry)
        return Calibration(
            method="image_region",
            geometry=geometry,
            evidence_px=(region_outline(region),),
            confidence=float(np.clip(best.merit, 0.0, 0.5 if dual else 1.0)),
            note=f"{shape}, {best.fill:.0%} filled, {best.outside:.0%} lit just outside{dual}",
        )


def _extremes(frames: Sequence[NDArray[np.uint8]]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Each pixel's brightest and darkest value over a few of the pictures, each the brightest of its colours."""
    if len(frames) == 0:
        raise CalibrationError("no picture was given: one frame is needed, a second's worth is better")
    if len({frame.shape for frame in frames}) > 1:
        raise CalibrationError(f"the pictures differ in size: {sorted({frame.shape[:2] for frame in frames})}")
    step = -(-len(frames) // MOST_FRAMES)
    greys = [_grey(frame) for frame in frames[::step]]
    brightest, darkest = greys[0], greys[0]
    for grey in greys[1:]:
        brightest, darkest = np.maximum(brightest, grey), np.minimum(darkest, grey)
    return brightest, darkest


def _grey(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The brightest of a pixel's colours, uint8 (h, w)."""
    if frame.ndim == 2:
        return np.ascontiguousarray(frame)
    channels = cv2.split(frame)
    return np.asarray(cv2.max(cv2.max(channels[0], channels[1]), channels[2]), np.uint8)


def _backgrounds(grey: NDArray[np.uint8]) -> tuple[int, ...]:
    """The greys of the screen itself: what most of the frame's rim shows, and every panel that lies flat along it.

    Black where the picture itself reaches the rim.
    """
    deep = RIM_PX
    height, width = grey.shape
    sides = (grey[:deep], grey[-deep:], grey[:, :deep].T, grey[:, -deep:].T)
    rim = np.concatenate([side[0 if k % 2 == 0 else -1] for k, side in enumerate(sides)])
    counts = np.bincount(rim, minlength=256)
    main = int(counts.argmax()) if counts.max() > 0.5 * rim.size else 0
    if min(height, width) < 4 * deep:
        return (main,)
    blocks = np.concatenate(
        [side[:, : side.shape[1] // deep * deep].reshape(deep, -1, deep).swapaxes(0, 1) for side in sides]
    ).reshape(-1, deep * deep)
    flat = blocks[np.ptp(blocks, axis=1) <= FLAT_GREYS]
    panels = np.bincount(np.median(flat, axis=1).astype(np.int64), minlength=256)
    smoothed = np.convolve(panels, np.ones(3), mode="same")
    found = [
        level
        for level in np.nonzero(smoothed >= PANEL_SHARE * len(blocks))[0].tolist()
        if level >= DARKEST_PANEL and panels[level] == panels[max(0, level - 2) : level + 3].max()
    ]
    return tuple(sorted({0, main, *found}))


def _area_px2(region: Region) -> float:
    box = region.bounds()
    return box.width * box.height


def _tightened(best: _Found, found: list[_Found]) -> _Found:
    """The same region at the next level of light, where that only sheds the halo of lossy video or a dark margin."""
    old = best.region.bounds()
    for hit in found:
        new = hit.region.bounds()
        if not best.step < hit.step <= TIGHT_STEP or type(hit.region) is not type(best.region):
            continue
        moved = np.abs([old.x - new.x, old.x + old.width - new.x - new.width]) / old.width
        moved_y = np.abs([old.y - new.y, old.y + old.height - new.y - new.height]) / old.height
        if max(moved.max(), moved_y.max()) < HALO_SHARE:
            best = hit
    return best


def _contrast(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """How far each pixel is from the nearest grey of the screen, uint8 (h, w)."""
    contrast: NDArray[np.uint8] | None = None
    for level in _backgrounds(grey):
        away = grey if level == 0 else np.asarray(cv2.absdiff(grey, np.full_like(grey, level)), np.uint8)
        contrast = away if contrast is None else np.minimum(contrast, away)
    assert contrast is not None
    return contrast


def _find(contrast: NDArray[np.uint8], step: int) -> _Found | None:
    """The region when pixels `step` or more away from the screen's greys count as lit."""
    lit = np.asarray(cv2.threshold(contrast, step - 1, 1, cv2.THRESH_BINARY)[1], np.uint8)
    height, width = lit.shape
    scale = max(height, width) / WORK_SIDE_PX
    size = (max(8, round(width / scale)), max(8, round(height / scale)))
    density = np.asarray(cv2.resize(lit * np.uint8(255), size, interpolation=cv2.INTER_AREA), np.uint8)
    hull_px = _coarse_hull(density, (height, width))
    if hull_px is None:
        return None
    left, right = side_lines(hull_px, (height, width), FAN_TILT_RAD)
    try:
        reach_px = max(4, round(1.5 * scale))
        fan = fit_fan(lit, left, right) if left is not None and right is not None else None
        upright = fit_rectangle(lit, hull_px, reach_px)
        if fan is not None:
            is_fan = side_evidence(lit, fan) + SIDE_GAIN >= side_evidence(lit, upright)
            candidates: list[Region | None] = [fan if is_fan else upright]
        else:
            candidates = [upright, fit_slant(lit, hull_px, reach_px)]
    except GeometryError:
        return None
    hits = [_Found(c, step, *_fill(density, (height, width), c)) for c in candidates if c is not None]
    return hits[0] if hits[-1].merit < hits[0].merit + SLANT_GAIN else hits[-1]


def _coarse_hull(density: NDArray[np.uint8], shape_px: tuple[int, int]) -> NDArray[np.float64] | None:
    """Convex hull (n, 2) in image pixels of the largest lit part that is not thin; None if it is too small.

    density: uint8, share of lit pixels in 255ths on the coarse grid.
    """
    rows, columns = density.shape
    side = max(3, round(OPENING_SHARE * max(rows, columns))) | 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    solid = cv2.morphologyEx((density > 50).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    # the frame's own rim must not be eaten: pad with what the rim shows
    padded = cv2.copyMakeBorder(solid, side, side, side, side, cv2.BORDER_REPLICATE)
    opened = cv2.morphologyEx(padded, cv2.MORPH_OPEN, disc)[side:-side, side:-side]
    count, labels, stats, _ = cv2.connectedComponentsWithStats(np.ascontiguousarray(opened), connectivity=4)
    if count < 2:
        return None
    main = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    keep = labels == main
    x0, span = stats[main, cv2.CC_STAT_LEFT], stats[main, cv2.CC_STAT_WIDTH]
    for other in range(1, count):
        ox, owidth = stats[other, cv2.CC_STAT_LEFT], stats[other, cv2.CC_STAT_WIDTH]
        is_within = ox >= x0 - 2 and ox + owidth <= x0 + span + 2
        if other != main and is_within and owidth > span / 3:
            keep |= labels == other
    ys, xs = np.nonzero(keep)
    hull = cv2.convexHull(np.column_stack([xs, ys]).astype(np.int32))[:, 0, :].astype(np.float64)
    if cv2.contourArea(hull.astype(np.float32)) < SMALLEST_SHARE * rows * columns:
        return None
    ratio = np.array([shape_px[1] / columns, shape_px[0] / rows])
    # grow by half a coarse pixel: the hull runs through pixel centres
    return np.asarray((hull + 0.5 * np.sign(hull - hull.mean(axis=0)) + 0.5) * ratio - 0.5, np.float64)


def _fill(density: NDArray[np.uint8], shape_px: tuple[int, int], region: Region) -> tuple[float, float]:
    """(share lit inside the region, share lit in a narrow band around it), on the coarse grid."""
    ratio = np.array([density.shape[1] / shape_px[1], density.shape[0] / shape_px[0]])
    polygon = (np.array(region_outline(region)) + 0.5) * ratio - 0.5
    inside = np.zeros_like(density)
    cv2.fillPoly(inside, [np.round(polygon).astype(np.int32)], 1)
    band = cv2.dilate(inside, np.ones((7, 7), np.uint8)) - cv2.dilate(inside, np.ones((3, 3), np.uint8))
    is_lit = (density > 50).astype(np.uint8)
    closed = cv2.morphologyEx(is_lit, cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
    fill = float(closed[inside > 0].mean()) if inside.any() else 0.0
    return fill, float(is_lit[band > 0].mean()) if band.any() else 0.0
