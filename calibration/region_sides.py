"""The slanted sides of a fan, from the convex hull of a picture."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtguide.model.geometry import FanRegion, RectRegion

__all__ = ["SideLine", "fit_line", "side_evidence", "side_lines"]

MIN_SIDE_SHARE = 0.15
"""A side is at least this long, of the hull's height: shorter straight pieces are corners cut by the opening."""


BESIDE_PX = 4.0
"""So far inside and outside a side it is looked whether the picture ends there."""


@dataclass(frozen=True, slots=True)
class SideLine:
    """A side as x = at_zero_px + slope · y in image pixels, seen between rows y0_px and y1_px.

    slope is positive where x grows with depth.
    """

    at_zero_px: float
    slope: float
    y0_px: float
    y1_px: float

    def x_px(self, y_px: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where the side lies in the rows y_px (n,)."""
        return self.at_zero_px + self.slope * y_px

    def tilt_rad(self) -> float:
        """Angle from straight down, positive toward image right."""
        return math.atan(self.slope)


def side_lines(
    hull_px: NDArray[np.float64], shape_px: tuple[int, int], least_tilt_rad: float
) -> tuple[SideLine | None, SideLine | None]:
    """The left and right sides that open with depth by at least `least_tilt_rad`, None where there is none.

    hull_px: convex hull (n, 2) in image pixels · shape_px: (height, width) of the frame, whose rim is no side.
    """
    left = _side(hull_px, shape_px, -1.0, least_tilt_rad)
    right = _side(hull_px, shape_px, +1.0, least_tilt_rad)
    return left, right


def fit_line(ys_px: NDArray[np.float64], xs_px: NDArray[np.float64], scale_px: float) -> tuple[float, float]:
    """Robust x = a + b·y: least squares reweighted with Cauchy weights of the given scale. Returns (a, b)."""
    weights = np.ones_like(ys_px)
    design = np.column_stack([np.ones_like(ys_px), ys_px])
    a = b = 0.0
    for _ in range(12):
        root = np.sqrt(weights)
        (a, b), *_ = np.linalg.lstsq(design * root[:, None], xs_px * root, rcond=None)
        weights = 1.0 / (1.0 + ((xs_px - a - b * ys_px) / scale_px) ** 2)
    return float(a), float(b)


def _side(
    hull_px: NDArray[np.float64], shape_px: tuple[int, int], facing: float, least_tilt_rad: float
) -> SideLine | None:
    """The longest straight piece of hull that faces left (-1) or right (+1) and opens with depth."""
    xs, ys = _dense(hull_px)
    nx, ny = _normals(hull_px, xs, ys)
    height, width = shape_px
    extent = float(hull_px[:, 1].max() - hull_px[:, 1].min())
    reach = max(2.0, max(shape_px) / 200)
    on_rim = (xs < reach) | (xs > width - 1 - reach) | (ys < reach) | (ys > height - 1 - reach)
    usable = (nx * facing > 0.15) & (ny < 0.05) & ~on_rim
    x, y = xs[usable], ys[usable]
    if x.size < 8:
        return None
    tolerance = max(1.5, max(shape_px) / 500)
    picks = np.linspace(0, x.size - 1, min(24, x.size)).astype(int)
    upper, lower = np.meshgrid(picks, picks, indexing="ij")
    is_long = y[lower] - y[upper] > MIN_SIDE_SHARE * 0.7 * extent
    upper, lower = upper[is_long], lower[is_long]
    slope = (x[lower] - x[upper]) / (y[lower] - y[upper])
    opens = slope * facing >= math.tan(least_tilt_rad)
    upper, slope = upper[opens, None], slope[opens, None]
    if upper.size == 0:
        return None
    near = np.abs(x - x[upper] - slope * (y - y[upper])) < tolerance * np.hypot(1.0, slope)
    best = near[int(near.sum(axis=1).argmax())]
    length = math.hypot(np.ptp(x[best]), np.ptp(y[best]))
    if length < MIN_SIDE_SHARE * extent or best.sum() < 0.3 * x.size:
        return None
    a, b = fit_line(y[best], x[best], tolerance)
    if b * facing < math.tan(least_tilt_rad):
        return None
    return SideLine(a, b, float(y[best].min()), float(y[best].max()))


def _dense(hull_px: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """About 600 points evenly along the closed hull."""
    closed = np.vstack([hull_px, hull_px[:1]])
    steps = np.hypot(*np.diff(closed, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    at = np.linspace(0, along[-1], 600, endpoint=False)
    return np.interp(at, along, closed[:, 0]), np.interp(at, along, closed[:, 1])


def _normals(
    hull_px: NDArray[np.float64], xs: NDArray[np.float64], ys: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Outward unit normals at the dense points, from chords over a few neighbours."""
    dx, dy = np.roll(xs, -4) - np.roll(xs, 4), np.roll(ys, -4) - np.roll(ys, 4)
    length = np.maximum(np.hypot(dx, dy), 1e-9)
    nx, ny = dy / length, -dx / length
    centre = hull_px.mean(axis=0)
    if float(np.sum(nx * (xs - centre[0]) + ny * (ys - centre[1]))) < 0:
        nx, ny = -nx, -ny
    return nx, ny


def side_evidence(lit: NDArray[np.uint8], region: RectRegion | FanRegion) -> float:
    """Share of places along a region's left and right side with light inside and none outside.

    lit: uint8 (h, w), 0 or 1. The frame's own rim counts as dark.
    """
    ends = []
    for facing in (-1.0, 1.0):
        along = np.linspace(0.05, 0.95, 121)
        if isinstance(region, RectRegion):
            x = region.x if facing < 0 else region.x + region.width - 1
            y = region.y + along * region.height
            beside = [(np.full_like(y, x + facing * away), y) for away in (-BESIDE_PX, BESIDE_PX)]
        else:
            radius = region.inner_px + along * (region.outer_px - region.inner_px)
            angle = region.start_rad if facing < 0 else region.stop_rad
            turned = [angle + facing * away / radius for away in (-BESIDE_PX, BESIDE_PX)]
            beside = [(region.apex_px[0] + radius * np.sin(a), region.apex_px[1] + radius * np.cos(a)) for a in turned]
        inside, outside = (_lit_at(lit, x, y) for x, y in beside)
        within = region.contains(np.column_stack(beside[0]))
        ends.append((inside > outside)[within])
    places = np.concatenate(ends)
    return float(places.mean()) if places.size else 0.0


def _lit_at(lit: NDArray[np.uint8], x_px: NDArray[np.float64], y_px: NDArray[np.float64]) -> NDArray[np.uint8]:
    """What is lit at points (n,), 0 outside the frame."""
    height, width = lit.shape
    x, y = np.round(x_px).astype(int), np.round(y_px).astype(int)
    is_there = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    return np.where(is_there, lit[np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)], 0).astype(np.uint8)
