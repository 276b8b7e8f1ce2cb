"""What reaches an echo and comes back: attenuation along each beam against the scanner's time gain."""

import numpy as np
from numpy.typing import NDArray

from rtguide.opencv import cv2
from rtguide.phantom.anatomy import Anatomy
from rtguide.phantom.beam import BeamGrid
from rtguide.phantom.tissue import MEAN_ATTENUATION

__all__ = ["Shading"]

Floats = NDArray[np.float64]

_STEP = 5
"""Grid points between nodes of the coarse map; shadows are softened by the beam's width anyway."""


class Shading:
    """The gain map of one phantom. Works on a coarse grid, moved with the tissue."""

    def __init__(self, anatomy: Anatomy, grid: BeamGrid, rng: np.random.Generator) -> None:
        self._grid = grid
        self._rows = np.arange(0, grid.samples + _STEP, _STEP, dtype=np.float64)
        self._columns = np.arange(0, grid.beams + _STEP, _STEP, dtype=np.float64)
        u, v = np.meshgrid(self._columns, self._rows)
        x, z = grid.to_mm(u, v)
        self._attenuation = anatomy.attenuation(x, np.zeros_like(x), np.maximum(z, 0.0)).astype(np.float32)
        self._contact_db = _contact_db(self._columns, rng)

    def gain(self, needle_uv: NDArray[np.float64] | None) -> NDArray[np.float32]:
        """float32 (samples, beams): the factor on every echo.

        needle_uv: float64 (n, 2), the shaft in grid units, which takes away part of what passes; None without one.
        """
        grid = self._grid
        step_cm = grid.step_mm * _STEP / 10.0
        excess = (self._attenuation - MEAN_ATTENUATION) * 2.0 * grid.probe.centre_mhz * step_cm
        loss = np.cumsum(excess, axis=0)
        loss = loss + self._contact_db + _near_and_deep_db(grid, self._rows)[:, None]
        if needle_uv is not None:
            loss = loss + _needle_shadow_db(needle_uv, self._columns, self._rows)
        factor = (10.0 ** (-loss / 20.0)).astype(np.float32)
        wide = cv2.resize(factor, None, fx=_STEP, fy=_STEP, interpolation=cv2.INTER_LINEAR)
        start = _STEP // 2
        return np.ascontiguousarray(wide[start : start + grid.samples, start : start + grid.beams])


def _contact_db(columns: Floats, rng: np.random.Generator) -> Floats:
    """Loss over the face: a little at its ends, uneven between by coupling and fat."""
    edge = np.minimum(columns, columns[-1] - columns) / columns[-1]
    uneven = np.convolve(rng.normal(size=columns.size + 8), np.ones(9) / 3.0, mode="valid")
    loss: Floats = 6.0 * np.exp(-edge / 0.02) + 0.9 * uneven
    return loss


def _near_and_deep_db(grid: BeamGrid, rows: Floats) -> Floats:
    """Loss over depth that time gain leaves: a dark edge at the face, a fall toward the end of the range."""
    depth = (rows - grid.offset_v) * grid.step_mm
    share = np.clip(depth / grid.probe.depth_mm, 0.0, 1.0)
    loss: Floats = 3.0 * np.exp(-np.clip(depth, 0, None) / 0.4) + 11.0 * share**2.0
    return loss


def _needle_shadow_db(needle_uv: Floats, columns: Floats, rows: Floats) -> Floats:
    """A thin needle takes some dB from what lies under it, more near it than far below (the beam closes again)."""
    order = np.argsort(needle_uv[:, 0])
    u, v = needle_uv[order, 0], needle_uv[order, 1]
    depth = np.interp(columns, u, v, left=np.inf, right=np.inf)
    below = rows[:, None] - depth[None, :]
    loss: Floats = np.where(below > 4.0, 4.0 * np.exp(-np.clip(below, 0, None) / 150.0), 0.0)
    return loss
