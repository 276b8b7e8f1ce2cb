"""The work grid: every tracker sees the image region at one physical resolution, whatever the input's size.

Frames of reference: **image** (px, see `rtguide.model.geometry`) and **grid** (cells, (0, 0) at the centre of the
top-left cell). Grid arrays are `[row, column]`, grid points (x, y).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtguide.errors import GeometryError
from rtguide.model.frame import Frame
from rtguide.model.geometry import FanRegion, ImageGeometry
from rtguide.model.points import Point
from rtguide.opencv import cv2

__all__ = ["GridFrame", "GridSampler", "WorkGrid"]

CELLS_WANTED = 72_000
"""About 270 × 270: a 40 mm linear image then has cells of 0.15 mm, half the lateral width of its speckle."""

FINEST_MM, COARSEST_MM = 0.15, 0.32
"""Finer cells hold nothing more at 13 MHz; coarser ones lose a 0.5 mm needle."""

ASSUMED_DEPTH_MM = {False: 40.0, True: 80.0}
"""Depth taken for an image without a scale (is it a fan?): only for thresholds inside a tracker, never shown."""

REPEAT_SHARE = 0.3
"""A picture that differs from the last distinct one by less than this share of the usual difference is a repeat.

Lossy video refines a repeated picture a little; measured on a 60 Hz recording of a 34 Hz scanner.
"""


@dataclass(frozen=True, slots=True, eq=False)
class WorkGrid:
    """Where the cells of the work grid lie in the image.

    shape: (rows, columns) · origin_px: image point of the centre of cell (0, 0) · step_px: image pixels a cell, (x, y)
    · cell_mm: millimetres a cell, nominal where the scale is unknown · has_scale · crop_px: (x0, y0, x1, y1), the part
    of the frame that is sampled, exclusive ends · halvings: how often it is halved before the last interpolation ·
    inside: bool (rows, columns), cells whose centre lies in the image region · apex: grid point where the beams
    would meet, None where they run straight down.
    """

    shape: tuple[int, int]
    origin_px: Point
    step_px: tuple[float, float]
    cell_mm: float
    has_scale: bool
    crop_px: tuple[int, int, int, int]
    halvings: int
    inside: NDArray[np.bool_]
    apex: Point | None = None

    def __post_init__(self) -> None:
        if min(self.shape) < 16:
            raise GeometryError(f"an image region of {self.shape[1]}×{self.shape[0]} cells is too small to track in")
        self.inside.flags.writeable = False

    @classmethod
    def from_geometry(cls, geometry: ImageGeometry) -> "WorkGrid":
        """The grid for this picture: cells square in millimetres where the scale is known, in pixels where not."""
        x0, y0, x1, y1 = geometry.bounds_px()
        scale = geometry.spacing_mm
        if scale is None:
            nominal = ASSUMED_DEPTH_MM[isinstance(geometry.region, FanRegion)] / (y1 - y0)
            scale = (nominal, nominal)
            low, high = 0.0, math.inf
        else:
            low, high = FINEST_MM, COARSEST_MM
        area_mm2 = (x1 - x0) * scale[0] * (y1 - y0) * scale[1]
        cell_mm = min(max(math.sqrt(area_mm2 / CELLS_WANTED), low), high)
        cell_mm = max(cell_mm, *scale)
        halvings = max(0, math.floor(math.log2(min(cell_mm / scale[0], cell_mm / scale[1])) + 1e-9))
        block = 1 << halvings
        width, height = (x1 - x0) // block * block, (y1 - y0) // block * block
        columns = max(1, round(width * scale[0] / cell_mm))
        rows = max(1, round(height * scale[1] / cell_mm))
        step = (width / columns, height / rows)
        origin = (x0 - 0.5 + step[0] / 2, y0 - 0.5 + step[1] / 2)
        xs, ys = np.meshgrid(origin[0] + step[0] * np.arange(columns), origin[1] + step[1] * np.arange(rows))
        inside = geometry.region.contains(np.column_stack([xs.ravel(), ys.ravel()])).reshape(rows, columns)
        crop = (x0, y0, x0 + width, y0 + height)
        has_scale = geometry.spacing_mm is not None
        apex = None
        if isinstance(geometry.region, FanRegion):
            ax, ay = geometry.region.apex_px
            apex = ((ax - origin[0]) / step[0], (ay - origin[1]) / step[1])
        return cls((rows, columns), origin, step, step[0] * scale[0], has_scale, crop, halvings, inside, apex)

    def sample(self, frame: Frame) -> NDArray[np.uint8]:
        """The image region as grey values, uint8 (rows, columns), a new array."""
        x0, y0, x1, y1 = self.crop_px
        picture: NDArray[np.uint8] = frame.pixels[y0:y1, x0:x1]
        for done in range(self.halvings):
            # Halving averages 2 × 2 and is nearly free; after the first one the array is contiguous.
            size = ((x1 - x0) >> (done + 1), (y1 - y0) >> (done + 1))
            picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
        if picture.ndim == 3:
            picture = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)  # type: ignore[assignment]
        rows, columns = self.shape
        cells: NDArray[np.uint8]
        if picture.shape == self.shape:
            cells = np.array(picture)
        else:
            cells = cv2.resize(picture, (columns, rows), interpolation=cv2.INTER_LINEAR)  # type: ignore[assignment]
        return cells

    def beam_at(self, x: float, y: float) -> tuple[float, float]:
        """Unit vector of the beam through a grid point, away from the transducer."""
        if self.apex is None:
            return 0.0, 1.0
        dx, dy = x - self.apex[0], y - self.apex[1]
        length = max(math.hypot(dx, dy), 1e-6)
        return dx / length, dy / length

    def px_from_grid(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Grid points (n, 2) as image pixels (n, 2)."""
        points_px: NDArray[np.float64] = points * np.array(self.step_px) + np.array(self.origin_px)
        return points_px

    def grid_from_px(self, points_px: NDArray[np.float64]) -> NDArray[np.float64]:
        """Image pixels (n, 2) as grid points (n, 2)."""
        points: NDArray[np.float64] = (points_px - np.array(self.origin_px)) / np.array(self.step_px)
        return points


@dataclass(frozen=True, slots=True, eq=False)
class GridFrame:
    """One frame on the work grid. cells: uint8 (rows, columns) · is_repeat: the picture is the last one once more."""

    cells: NDArray[np.uint8]
    time_ns: int
    is_repeat: bool


class GridSampler:
    """Brings frames onto the grid and says which are repeats. One per source; frames in order of time."""

    def __init__(self, grid: WorkGrid) -> None:
        self.grid = grid
        self._last: NDArray[np.uint8] | None = None
        self._usual = 0.0

    def take(self, frame: Frame) -> GridFrame:
        """Sample the frame.

        The difference is taken to the last *distinct* picture, so that slow change adds up and counts in the end.
        """
        cells = self.grid.sample(frame)
        if self._last is None:
            self._last = cells
            return GridFrame(cells, frame.time_ns, False)
        difference = cv2.norm(cells, self._last, cv2.NORM_L1) / cells.size
        is_repeat = bool(difference <= REPEAT_SHARE * self._usual or difference == 0.0)
        if is_repeat:
            self._usual *= 0.97
        else:
            self._usual += 0.15 * (difference - self._usual) if self._usual else 0.5 * difference
            self._last = cells
        return GridFrame(cells, frame.time_ns, is_repeat)
