"""Notices that a scanner's screen has changed (depth, zoom, probe, layout) from a few hundred pixels of each frame.

Watched are the ruler's ticks and the gaps between them, the print that says what a tick is, and pixels just outside and
just inside the picture's border. Gain, freeze, clocks, other text and marks over the picture touch none of them, or
not for long.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calibration.depth_scale import DepthScale
from calibration.image_region import ImageRegion
from calibration.region_borders import region_outline
from rtguide.errors import CalibrationError
from rtguide.model.calibration import Calibration
from rtguide.model.geometry import ImageGeometry, Region
from rtguide.model.look import LookMatcher
from rtguide.model.scale_check import contradiction

__all__ = ["ScreenWatch"]

FRAMES_TO_BELIEVE = 3
"""A change must last so many frames: a frame that breaks up is none."""

LEAST_TICKS, LEAST_PRINT = 0.7, 0.55
"""Shares of a ruler's pixels, and of a sign's, below which they are no longer there (unchanged ones keep 0.85 and more
after lossy video)."""

BORDER_PX = 5.0
"""How far from the border the pixels beside it are looked at: past the ringing of lossy video."""

BORDER_POINTS = 240
BACKGROUND_GREY = 12
"""Greatest distance from the background's own grey after a lossy codec."""

PICTURE_GREY = 16
"""What is that far from the background where there was none before may be picture."""

MOST_LIT_OUTSIDE, MOST_DARK_INSIDE = 0.35, 0.85
"""Shares of a side at which the picture may have grown over it or drawn back from it; the region is then looked for."""

REGION_MOVES = 0.008
"""Share of its size by which a picture's border must have moved where only borders speak for a change."""

REST_FRAMES = 30
"""Frames before borders may speak again after they were found to be wrong."""


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """Pixels along one side of the picture: int (n,) rows and columns just outside and just inside, the background's
    grey, and whether each is what it should be at the start.
    """

    outside: tuple[NDArray[np.int64], NDArray[np.int64]]
    inside: tuple[NDArray[np.int64], NDArray[np.int64]]
    ground: int
    has_outside: bool
    has_inside: bool


class ScreenWatch:
    """One screen, from `start` on."""

    def __init__(self) -> None:
        self._region: Region | None = None
        self._shape_px = (0, 0)
        self._matcher: LookMatcher | None = None
        self._sides: dict[str, _Side] = {}
        self._middle: tuple[NDArray[np.int64], ...] = ()
        self._count = {"ticks": 0, "print": 0, "border": 0}
        self._rest = 0

    def start(self, pixels: NDArray[np.uint8], geometry: ImageGeometry) -> Calibration | None:
        """Learn what the screen looks like; what its ruler says is returned, None where there is none.

        pixels: uint8 (h, w) or (h, w, 3) RGB.
        """
        self._matcher, self._rest = None, 0
        self._count = dict.fromkeys(self._count, 0)
        self._region, self._shape_px = geometry.region, geometry.shape_px
        self._sides = _sides(_brightest(pixels), geometry)
        x0, y0, x1, y1 = geometry.bounds_px()
        rows, columns = np.linspace(y0, y1 - 1, 17).astype(int)[4:13], np.linspace(x0, x1 - 1, 17).astype(int)[4:13]
        self._middle = tuple(axis.ravel() for axis in np.meshgrid(rows, columns, indexing="ij"))
        found = _reading(pixels, geometry)
        self._matcher = None if found is None or found.look is None else LookMatcher(found.look)
        return found

    def contradiction(self, pixels: NDArray[np.uint8], geometry: ImageGeometry) -> str | None:
        """Why the geometry's scale is not that of the screen's ruler; None where nothing speaks against it."""
        found = _reading(pixels, geometry)
        return None if found is None or geometry.spacing_mm is None else contradiction(found, geometry.spacing_mm)

    def change(self, pixels: NDArray[np.uint8]) -> str | None:
        """What has changed since the start, in words; None while nothing has."""
        if self._region is None:
            return None
        if pixels.shape[:2] != self._shape_px:
            return "the size of the frame"
        seen = {"ticks": False, "print": False}
        if self._matcher is not None:
            shares = self._matcher.shares(pixels)
            seen = {"ticks": bool(shares[0] < LEAST_TICKS), "print": bool((shares[1:] < LEAST_PRINT).any())}
        self._rest = max(0, self._rest - 1)
        seen["border"] = self._rest == 0 and self._has_border_moved(pixels)
        for name, is_seen in seen.items():
            self._count[name] = self._count[name] + 1 if is_seen else 0
        if self._count["ticks"] >= FRAMES_TO_BELIEVE:
            return "the ruler"
        if self._count["print"] >= FRAMES_TO_BELIEVE:
            return "the numbers of the ruler or the printed depth"
        if self._count["border"] >= FRAMES_TO_BELIEVE:
            if self._is_elsewhere(pixels):
                return "the picture's border"
            self._rest, self._count["border"] = REST_FRAMES, 0
        return None

    def _has_border_moved(self, pixels: NDArray[np.uint8]) -> bool:
        """Whether picture stands where background was on a side, or background on both the left and the right."""
        dark = {}
        for name, side in self._sides.items():
            if side.has_outside:
                away = np.abs(_brightest(pixels[side.outside]).astype(int) - side.ground)
                if (away > PICTURE_GREY).mean() > MOST_LIT_OUTSIDE:
                    return True
            if side.has_inside:
                near = np.abs(_brightest(pixels[side.inside]).astype(int) - side.ground) <= 2
                dark[name] = bool(near.mean() > MOST_DARK_INSIDE)
        if self._matcher is not None or not (dark.get("left") and dark.get("right")):
            return False
        away = np.abs(_brightest(pixels[self._middle]).astype(int) - self._sides["left"].ground)
        return bool((away > PICTURE_GREY).mean() > 0.4)

    def _is_elsewhere(self, pixels: NDArray[np.uint8]) -> bool:
        """Whether the picture is really found somewhere else."""
        assert self._region is not None
        try:
            new = ImageRegion().calibrate([pixels]).geometry.region
        except CalibrationError:
            return False
        a, b = self._region.bounds(), new.bounds()
        moves = [a.x - b.x, a.x + a.width - b.x - b.width, a.y - b.y, a.y + a.height - b.y - b.height]
        return max(map(abs, moves)) > max(6.0, REGION_MOVES * max(a.width, a.height))


def _reading(pixels: NDArray[np.uint8], geometry: ImageGeometry) -> Calibration | None:
    """What the screen's ruler says; None where it has none."""
    try:
        region = None if geometry.is_whole_frame else geometry.region
        return DepthScale().read(np.ascontiguousarray(_brightest(pixels)), region)
    except CalibrationError:
        return None


def _brightest(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """uint8 (h, w) or (n,): the brightest colour of each pixel of (h, w), (n,), (h, w, 3) or (n, 3)."""
    return np.asarray(pixels.max(axis=-1) if pixels.shape[-1] == 3 and pixels.ndim > 1 else pixels, np.uint8)


def _sides(grey: NDArray[np.uint8], geometry: ImageGeometry) -> dict[str, _Side]:
    """The picture's sides by where they face."""
    height, width = grey.shape
    outline = np.array(region_outline(geometry.region))
    closed = np.vstack([outline, outline[:1]])
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(closed, axis=0).T))])
    at = np.linspace(0, along[-1], BORDER_POINTS, endpoint=False)
    points = np.column_stack([np.interp(at, along, closed[:, 0]), np.interp(at, along, closed[:, 1])])
    step = np.roll(points, -1, axis=0) - np.roll(points, 1, axis=0)
    normal = np.column_stack([step[:, 1], -step[:, 0]]) / np.maximum(np.hypot(*step.T), 1e-9)[:, None]
    if np.sum(normal * (points - points.mean(axis=0))) < 0:
        normal = -normal
    is_sideways = np.abs(normal[:, 0]) > 0.7 * np.abs(normal[:, 1])
    facing = np.where(
        is_sideways, np.where(normal[:, 0] < 0, "left", "right"), np.where(normal[:, 1] < 0, "up", "down")
    )
    found = {}
    for name in ("left", "right", "up", "down"):
        outer = np.round(points + BORDER_PX * normal)[facing == name].astype(np.int64)
        inner = np.round(points - BORDER_PX * normal)[facing == name].astype(np.int64)
        fits = ((outer >= 0) & (outer < (width, height)) & (inner >= 0) & (inner < (width, height))).all(axis=1)
        if fits.sum() < 8:
            continue
        outside, inside = (outer[fits, 1], outer[fits, 0]), (inner[fits, 1], inner[fits, 0])
        ground = int(np.median(grey[outside]))
        is_flat = np.abs(grey[outside].astype(int) - ground) <= BACKGROUND_GREY
        is_lit = np.abs(grey[inside].astype(int) - ground) > 2
        found[name] = _Side(outside, inside, ground, bool(is_flat.mean() > 0.8), bool(is_lit.mean() > 0.6))
    return found
