"""What reaches an echo and comes back: attenuation against time gain, shadows, contact.

An aperture sees a point through a cone of rays as wide at the face as the aperture and closing at the point. An edge
at depth a cuts off those at a point at depth b over a width of (b − a) / f-number: shadows have soft edges that widen
with depth, once for sending and once for receiving. (Plain geometry of rays; diffraction at the edge is left out.)
"""

import math

import numpy as np
from numpy.typing import NDArray

from rtguide.kernels.shadow_rays import ray_shares
from rtguide.opencv import cv2
from rtguide.phantom.anatomy import Anatomy
from rtguide.phantom.beam import BeamGrid, widest_aperture_mm
from rtguide.phantom.hand import Hold
from rtguide.phantom.injection import Pool
from rtguide.phantom.pose import Reach
from rtguide.phantom.smooth_noise import SmoothNoise
from rtguide.phantom.tissue import MEAN_ATTENUATION

__all__ = ["Shading", "lift_db"]

Floats = NDArray[np.float64]

_STEP = 5
"""Grid points between nodes of the coarse map: shadows are soft at their edges."""
_RAYS = np.linspace(-0.9, 0.9, 9)
"""Rays of the aperture, in parts of its half width: with what the map's interpolation spreads they leave no steps."""
_RAY_WEIGHTS = np.cos(_RAYS * math.pi / 2.6) / np.cos(_RAYS * math.pi / 2.6).sum()
"""Apertures are weighted toward their middle."""
_GAIN_BANDS_DB = 1.0
"""Unevenness of the time gain over depth, whose sliders nobody sets exactly: our own judgement."""
_RASTER_MM = 0.35
"""Spacing of the map of attenuation in the patient, in the slice; in elevation it is `_ELEVATION_MM`."""
_ELEVATION_MM = 1.0
_BEHIND_FLUID = 0.01
"""Gain behind fluid for each step through it, as a share of its darkening: it takes nothing from the beam."""
_EDGE_DB = 5.0
"""Loss of beams that graze the side of a round vessel: refraction turns them away."""


class Shading:
    """The gain map of one phantom on one beam grid, worked out on a coarse grid."""

    def __init__(self, anatomy: Anatomy, grid: BeamGrid, reach: Reach, rng: np.random.Generator) -> None:
        self._grid = grid
        self._rows = np.arange(0, grid.samples + _STEP, _STEP, dtype=np.float64)
        self._columns = np.arange(0, grid.beams + _STEP, _STEP, dtype=np.float64)
        u, v = np.meshgrid(self._columns, self._rows)
        self._x, self._z = grid.to_mm(u, v)
        half = float(np.abs(self._x).max()) + reach.shift_mm + 1.0
        self._left = -half
        levels = int(np.ceil((reach.sweep_mm + reach.lean * grid.probe.depth_mm) / _ELEVATION_MM))
        self._elevations = np.arange(-levels, levels + 1) * _ELEVATION_MM
        xs = np.arange(-half, half + _RASTER_MM, _RASTER_MM)
        zs = np.arange(0.0, float(self._z.max()) + 2.0, _RASTER_MM)
        x, z = np.meshgrid(xs, zs)
        self._slices = [anatomy.attenuation(x, np.full_like(x, y), z).astype(np.float32) for y in self._elevations]
        self._edge_slices = [_edges(anatomy, x, y, z).astype(np.float32) for y in self._elevations]
        self._slant = _slants(grid, self._rows)
        self._shares = np.zeros((_RAYS.size, *self._x.shape), dtype=np.float32)
        self._contact_db = _contact_db(self._columns, rng)
        bands = _GAIN_BANDS_DB * SmoothNoise.draw(rng, (6.0,)).at(self._rows * grid.step_mm)
        self._fixed_db = (_near_and_deep_db(grid, self._rows) + bands)[:, None]
        self._rest = self._attenuation_db(Hold.at_rest())

    def gain(self, hold: Hold, needle_uv: NDArray[np.float64] | None, pools: tuple[Pool, ...]) -> NDArray[np.float32]:
        """float32 (samples, beams): the factor on every echo.

        needle_uv: float64 (n, 2), the shaft in grid units, which takes away part of what passes; None without one ·
        pools: of fluid, dark unless echogenic, and clear to what lies behind.
        """
        grid = self._grid
        is_at_rest = hold.pose.is_at_rest and hold.lift_mm == 0.0
        loss = self._rest if is_at_rest else self._attenuation_db(hold)
        loss = loss + self._contact_db + self._fixed_db
        if needle_uv is not None:
            loss = loss + _needle_shadow_db(needle_uv, self._columns, self._rows)
        px, _, pz = hold.pose.to_patient(self._x, self._z) if pools else (self._x, self._x, self._z)
        for pool in pools:
            dark = pool.darkening_db(px, pz, hold.pose.slide_mm)
            loss = loss + dark - _BEHIND_FLUID * np.cumsum(dark, axis=0)
        factor = (10.0 ** (-np.minimum(loss, 120.0) / 20.0)).astype(np.float32)
        wide = cv2.resize(factor, None, fx=_STEP, fy=_STEP, interpolation=cv2.INTER_LINEAR)
        start = _STEP // 2
        return np.ascontiguousarray(wide[start : start + grid.samples, start : start + grid.beams], dtype=np.float32)

    def _attenuation_db(self, hold: Hold) -> Floats:
        """Loss beyond what time gain makes up for, over all rays of the aperture, there and back."""
        x, y, z = hold.pose.to_patient(self._x, self._z)
        level = int(np.clip(np.rint((np.median(y) - self._elevations[0]) / _ELEVATION_MM), 0, len(self._slices) - 1))
        places = ((x - self._left) / _RASTER_MM).astype(np.float32), (z / _RASTER_MM).astype(np.float32)
        found, edges = (
            cv2.remap(raster, *places, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            for raster in (self._slices[level], self._edge_slices[level])
        )
        db_per_unit = 2.0 * self._grid.probe.centre_mhz * self._grid.step_mm * _STEP / 10.0
        loss = ((found - MEAN_ATTENUATION) * db_per_unit).astype(np.float32)
        loss[0] += lift_db(hold.lift_mm, self._grid, self._columns)
        passed = (10.0 ** (-np.minimum(loss, 100.0) / 40.0)).astype(np.float32)
        ray_shares(passed, self._slant, self._shares)
        one_way = np.tensordot(_RAY_WEIGHTS, self._shares, 1)
        total: Floats = -40.0 * np.log10(np.maximum(one_way, 1e-4))
        return total + np.cumsum(edges.astype(np.float64), axis=0) * db_per_unit


def _slants(grid: BeamGrid, rows: Floats) -> NDArray[np.float32]:
    """Columns by which each ray lies aside a row higher, float32 (rays, rows): as steep as the f-number says."""
    probe = grid.probe
    depth = np.clip((rows - grid.offset_v) * grid.step_mm, 0.0, None)
    f_number = max(probe.f_number, 0.6 * probe.depth_mm / widest_aperture_mm(probe))
    spacing = np.array([grid.beam_spacing_mm(float(d)) for d in depth])
    slants: NDArray[np.float32] = (np.outer(_RAYS, grid.step_mm / spacing) / (2.0 * f_number)).astype(np.float32)
    return slants


def _edges(anatomy: Anatomy, x: Floats, y: float, z: Floats) -> Floats:
    """Extra attenuation at the sides of vessels, where beams graze the wall: what makes their edge shadows."""
    extra = np.zeros_like(x)
    for shape in anatomy.shapes:
        if shape.spec.kind not in ("artery", "vein"):
            continue
        p, q = shape.local(x, np.full_like(x, y), z)
        a, b = shape.spec.radii_mm
        beside = np.exp(-(((np.abs(p) - a) / 0.35) ** 2)) * np.exp(-((q / (0.4 * b)) ** 2))
        extra += _EDGE_DB * beside / (16.0 * 0.7 * b / 10.0)
    return extra


def _contact_db(columns: Floats, rng: np.random.Generator) -> Floats:
    """Loss over the face: a little at its ends, uneven between by coupling and fat."""
    edge = np.minimum(columns, columns[-1] - columns) / columns[-1]
    uneven = np.convolve(rng.normal(size=columns.size + 8), np.ones(9) / 3.0, mode="valid")
    loss: Floats = 6.0 * np.exp(-edge / 0.02) + 0.9 * uneven
    return loss


def lift_db(lift_mm: float, grid: BeamGrid, columns: Floats) -> Floats:
    """Loss where the face has left the skin: gel fills the wedge, so that the edge is some mm wide."""
    if lift_mm == 0.0:
        return np.zeros_like(columns)
    face_beams = abs(lift_mm) / grid.beam_spacing_mm(0.0)
    from_end = columns[-1] - columns if lift_mm > 0 else columns
    loss: Floats = 60.0 * np.clip((face_beams + 15.0 - from_end) / 30.0, 0.0, 1.0)
    return loss


def _near_and_deep_db(grid: BeamGrid, rows: Floats) -> Floats:
    """Loss over depth that time gain leaves: a dark edge at the face, a fall toward the end of the range."""
    depth = (rows - grid.offset_v) * grid.step_mm
    share = np.clip(depth / grid.probe.depth_mm, 0.0, 1.0)
    loss: Floats = 3.0 * np.exp(-np.clip(depth, 0, None) / 0.4) + 11.0 * share**2
    return loss


def _needle_shadow_db(needle_uv: Floats, columns: Floats, rows: Floats) -> Floats:
    """A thin needle takes some dB from what lies under it, more near it than far below (the beam closes again)."""
    order = np.argsort(needle_uv[:, 0])
    u, v = needle_uv[order, 0], needle_uv[order, 1]
    depth = np.interp(columns, u, v, left=np.inf, right=np.inf)
    below = rows[:, None] - depth[None, :]
    loss: Floats = np.where(below > 4.0, 4.0 * np.exp(-np.clip(below, 0, None) / 150.0), 0.0)
    return loss
