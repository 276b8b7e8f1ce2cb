"""One click inside a structure proposes its outline: the closed line around the click along which grey changes most.

Work is done on the work grid, in polar coordinates around the click. Both a brighter and a darker inside are tried. It
is a proposal: the user accepts it, draws a box instead, or gives up.

References
----------
Amini, Weymouth and Jain, IEEE Trans PAMI 12, 1990 (closed contours by dynamic programming).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtguide.model.frame import Frame
from rtguide.model.geometry import ImageGeometry
from rtguide.model.points import Point, Points, as_points
from rtguide.opencv import cv2
from rtguide.tracking.grid import WorkGrid

__all__ = ["Proposal", "propose_outline"]

Floats = NDArray[np.float64]

ANGLES = 64
LEAST_RADIUS_MM, MOST_RADIUS_MM = 0.9, 11.0
"""A root is seldom thinner than 2 mm; a plexus or great vessel seldom wider than 20 mm."""

SPECKLE_CELLS = 1.2
"""Sigma of the smoothing: one speckle."""

SIDE_MM = (0.4, 0.6)
"""Means are compared over these widths on both sides of the line: wider ones reach across roots and thin walls."""

MOST_STEP = 2
"""Half cells the radius may change from one angle to the next."""

MOST_GAIN = 0.8
"""Contrast, in spreads, at which a difference has half of its worth: a black vessel must not draw a nerve's line."""

OUT_COST = 0.01
"""What a millimetre of radius costs in units of contrast: of lines within each other the inner one."""

BEND_COST = 0.04
"""What a change of the radius by one half cell costs, in units of contrast."""

TURNS = 4
"""How often the middle is moved to that of the outline found."""

LEAST_CONTRAST = 0.28
"""Worth of the mean difference across the outline for a proposal: right ones had 0.37 to 0.47 on phantom pictures. Even
speckle reaches it too: what is proposed is for the user to judge."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """outline_px: closed, image pixels · contrast: worth of the grey's difference across it · is_dark: inside."""

    outline_px: Points
    contrast: float
    is_dark: bool


def propose_outline(frame: Frame, geometry: ImageGeometry, click_px: Point) -> Proposal | None:
    """The outline around a click; None where no closed line stands out, or the click lies outside the image."""
    grid = WorkGrid.from_geometry(geometry)
    seed = grid.grid_from_px(np.array([click_px], np.float64))[0]
    column, row = np.round(seed).astype(int)
    rows, columns = grid.shape
    if not (0 <= column < columns and 0 <= row < rows and grid.inside[row, column]):
        return None
    cells = cv2.GaussianBlur(grid.sample(frame).astype(np.float32), (0, 0), SPECKLE_CELLS)
    found = [_around(np.asarray(cells, np.float32), seed, grid, sign) for sign in (1.0, -1.0)]
    outline, contrast = best = max(found, key=lambda one: one[1])
    if contrast < LEAST_CONTRAST:
        return None
    return Proposal(as_points(grid.px_from_grid(outline)), contrast, best is found[0])


def _around(cells: NDArray[np.float32], seed: Floats, grid: WorkGrid, sign: float) -> tuple[Floats, float]:
    """The best closed line around a seed, (ANGLES, 2) grid points, and its contrast; sign 1: dark inside."""
    middle = seed
    angle = np.arange(ANGLES) * (2 * np.pi / ANGLES)
    rays = np.column_stack([np.cos(angle), np.sin(angle)])
    most = min(MOST_RADIUS_MM / grid.cell_mm, 0.5 * min(grid.shape))
    radii = np.arange(0.5, most, 0.5)
    outline, contrast = np.zeros((ANGLES, 2)), 0.0
    for _ in range(TURNS):
        points = middle + radii[None, :, None] * rays[:, None, :]
        xs, ys = points[..., 0].astype(np.float32), points[..., 1].astype(np.float32)
        polar = cv2.remap(cells, xs, ys, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        step = sign * _step(np.asarray(polar, np.float64), grid.cell_mm)
        gain = step / (1.0 + np.abs(step) / MOST_GAIN) - OUT_COST * radii * grid.cell_mm
        gain[:, radii < LEAST_RADIUS_MM / grid.cell_mm] = -1.0
        at = _closed_path(gain)
        outline = middle + radii[at][:, None] * rays
        contrast = float(gain[np.arange(ANGLES), at].mean())
        moved = _centroid(outline)
        if np.hypot(*(moved - middle)) < 0.5:
            break
        middle = moved
    return outline, contrast


def _step(polar: Floats, cell_mm: float) -> Floats:
    """How much brighter it is outside than inside of each place on each ray, in spreads of the grey around."""
    spread = float(polar.std()) + 4.0
    total = np.zeros_like(polar)
    for width_mm in SIDE_MM:
        width = max(1, round(2 * width_mm / cell_mm))
        padded = np.pad(polar, ((0, 0), (width, width)), mode="edge")
        sums = np.concatenate([np.zeros((len(polar), 1)), np.cumsum(padded, axis=1)], axis=1)
        count = polar.shape[1]
        inner = (sums[:, width : width + count] - sums[:, :count]) / width
        outer = (sums[:, 2 * width : 2 * width + count] - sums[:, width : width + count]) / width
        total += (outer - inner) / spread
    return total / len(SIDE_MM)


def _closed_path(gain: Floats) -> NDArray[np.intp]:
    """The path over all angles with the greatest sum that ends where it began.

    Two turns are laid one after the other and the second one's is taken: it has forgotten where the first began.
    """
    turns = np.concatenate([gain, gain, gain[: ANGLES // 2]])
    count = gain.shape[1]
    best = turns[0].copy()
    came = np.zeros(turns.shape, np.intp)
    steps = range(-MOST_STEP, MOST_STEP + 1)
    places = np.arange(count)
    for row in range(1, len(turns)):
        options = np.full((len(steps), count), -np.inf)
        for number, step in enumerate(steps):
            source = places - step
            is_in = (source >= 0) & (source < count)
            options[number, is_in] = best[source[is_in]] - BEND_COST * abs(step)
        choice = options.argmax(axis=0)
        came[row] = places - (choice - MOST_STEP)
        best = options[choice, places] + turns[row]
    path = np.empty(len(turns), np.intp)
    path[-1] = int(best.argmax())
    for row in range(len(turns) - 1, 0, -1):
        path[row - 1] = came[row, path[row]]
    start = ANGLES // 2
    return np.roll(path[start : start + ANGLES], start)


def _centroid(outline: Floats) -> Floats:
    """Of the area within."""
    x, y = outline.T
    cross = x * np.roll(y, -1) - np.roll(x, -1) * y
    area = cross.sum() / 2
    if abs(area) < 1.0:
        return np.asarray(outline.mean(axis=0))
    middle = [((x + np.roll(x, -1)) * cross).sum(), ((y + np.roll(y, -1)) * cross).sum()]
    return np.asarray(np.array(middle) / (6 * area), np.float64)
