"""From points to the beam picture: deposit, point spread function, attenuation, time gain, detection, compression."""

import math

import numpy as np
from numpy.typing import NDArray

from rtguide.kernels.speckle_deposit import PHASE_STEPS, WEIGHT_STEPS_PER_UNIT, deposit
from rtguide.kernels.speckle_image import GREY_TABLE_SIZE, compress, form
from rtguide.phantom.beam import BeamGrid
from rtguide.phantom.scenario import Display
from rtguide.phantom.slabs import SLICE_REACH, Slabs

__all__ = ["LOOKS", "ImageFormation"]

LOOKS = 3
"""Looks that are compounded: straight, and steered to both sides; what the deposit kernel is written for."""

_ONE_GROUP = np.ones(1, dtype=np.float32)
_ONE_GROUP.flags.writeable = False
_NOISE_TILE = 96
"""Rows and beams by which the noise pattern is larger than the picture: it is shifted anew for every frame."""


class ImageFormation:
    """Forms pictures on one beam grid. Holds the grids it works in: one thread at a time."""

    def __init__(
        self, grid: BeamGrid, display: Display, rng: np.random.Generator, *, keeps_looks: bool = False
    ) -> None:
        self.grid = grid
        shape = (grid.samples, grid.beams, 2 * LOOKS)
        self._deposited = np.zeros(shape, dtype=np.float32)
        self._looks = np.zeros((grid.samples if keeps_looks else 1, *shape[1:]), dtype=np.float32)
        self._amplitude = np.zeros(shape[:2], dtype=np.float32)
        angle = 2 * math.pi * (np.arange(PHASE_STEPS) + 0.5) / PHASE_STEPS
        self._phases = np.stack([np.cos(angle), np.sin(angle)], axis=1).astype(np.float32)
        weight_steps = np.arange(round(SLICE_REACH**2 * WEIGHT_STEPS_PER_UNIT)) + 0.5
        self._slice_table = np.exp(-0.5 * weight_steps / WEIGHT_STEPS_PER_UNIT).astype(np.float32)
        self._inverse_slice = (1.0 / grid.slice_sigma_mm()).astype(np.float32)
        self._turns = _look_turns(grid, display)
        self._axial_weights = _half_gaussian(_less_splat(grid.axial_sigma_mm() / grid.step_mm), grid.margin_v)
        lateral = _less_splat(grid.lateral_sigma_beams())
        self._radius = np.minimum(np.ceil(3.0 * lateral).astype(np.int64), grid.margin_u)
        self._lateral_weights = np.stack([_half_gaussian(float(s), grid.margin_u) for s in lateral])
        self._identity = np.array([[[0, 0, 0], [1, 0, 0]], [[0, 1, 0], [1, 1, 0]]], dtype=np.float32)
        self._noise = rng.normal(size=(grid.samples + _NOISE_TILE, grid.beams + _NOISE_TILE, 2)).astype(
            np.float32
        ) * np.float32(math.sqrt(0.5))
        rise = 2 * grid.probe.centre_mhz * 0.5 / 10.0 * np.clip(grid.depth_mm(), 0.0, None)
        self.noise_level = (10.0 ** ((display.noise_db + rise) / 20.0)).astype(np.float32)
        self._grey = _grey_table(display)

    def begin(self) -> None:
        """Empty the grid for a new picture."""
        self._deposited.fill(0.0)

    def add_tissue(
        self,
        slabs: Slabs,
        lattice: NDArray[np.float32],
        shear: NDArray[np.float32],
        group_gain: NDArray[np.float32],
    ) -> None:
        """Add resting points, moved by a lattice (see `rtguide.kernels.speckle_deposit`)."""
        self._deposit(slabs.points, slabs.spans(lattice, shear), lattice, shear, group_gain)

    def add_placed(self, points: NDArray[np.float32]) -> None:
        """Add points given in grid units, with their distance from the slice as elevation."""
        span = np.float32(max(self.grid.beams, self.grid.samples))
        scaled = points.copy()
        scaled[:, :2] /= span
        lattice = self._identity.copy()
        lattice[..., :2] *= span
        everything = np.array([[0, len(scaled)]], dtype=np.int64)
        self._deposit(scaled, everything, lattice, np.array([0.0, 0.0, 1.0], dtype=np.float32), _ONE_GROUP)

    def _deposit(
        self,
        points: NDArray[np.float32],
        spans: NDArray[np.int64],
        lattice: NDArray[np.float32],
        shear: NDArray[np.float32],
        group_gain: NDArray[np.float32],
    ) -> None:
        deposit(
            points, spans, lattice, shear, group_gain, self._turns, self._phases, self._slice_table,
            self._inverse_slice, self._deposited,
        )  # fmt: skip

    def finish(
        self, gain: NDArray[np.float32], clutter: NDArray[np.float32], noise_at: tuple[int, int]
    ) -> NDArray[np.float32]:
        """The picture's amplitude, float32 (samples, beams), margins included. Valid until the next `finish`.

        gain float32 (samples, beams) · clutter float32 (rows, beams, 2): complex echoes of the uppermost rows that are
        not the tissue's (see `near_field`) · noise_at: where in the noise pattern this frame looks, 0 to 95 each.
        """
        samples, beams = self._amplitude.shape
        noise = self._noise[noise_at[0] : noise_at[0] + samples, noise_at[1] : noise_at[1] + beams]
        form(
            self._deposited, self._axial_weights, self._lateral_weights, self._radius, gain, noise, self.noise_level,
            clutter, self._looks, self._amplitude,
        )  # fmt: skip
        return self._amplitude

    def compress(self, amplitude: NDArray[np.float32], gain_db: float = 0.0) -> NDArray[np.uint8]:
        """Grey levels of an amplitude with more or less gain, margins cut off: uint8 (samples, beams)."""
        g = self.grid
        if gain_db != 0.0:
            amplitude = amplitude * np.float32(10.0 ** (gain_db / 20.0))
        inner = amplitude.view(np.uint32)[g.margin_v : g.samples - g.margin_v, g.margin_u : g.beams - g.margin_u]
        grey = np.empty(inner.shape, dtype=np.uint8)
        compress(inner, self._grey, grey)
        return grey

    @property
    def complex_looks(self) -> NDArray[np.complex64]:
        """The looks before gain and detection, complex64 (samples, beams, looks); only if `keeps_looks`. A copy."""
        pairs = self._looks.reshape(*self._looks.shape[:2], LOOKS, 2)
        looks: NDArray[np.complex64] = pairs[..., 0] + np.complex64(1j) * pairs[..., 1]
        return looks


def _look_turns(grid: BeamGrid, display: Display) -> NDArray[np.float32]:
    """Turns of carrier phase: row 0 a sample of depth, row 1 a beam aside for a steered look (column 0)."""
    per_mm = 2.0 / grid.wavelength_mm
    aside = per_mm * math.sin(math.radians(display.steering_deg)) * grid.beam_spacing_mm(grid.probe.depth_mm / 2)
    return np.array([[0.0, per_mm * grid.step_mm], [aside, 0.0]], dtype=np.float32)


def _less_splat(sigma: float | NDArray[np.float64]) -> NDArray[np.float64]:
    """What remains to be spread when laying points between grid positions has already spread them (variance 1/6)."""
    rest: NDArray[np.float64] = np.sqrt(np.maximum(np.square(sigma) - 1.0 / 6.0, 0.05))
    return rest


def _half_gaussian(sigma: float | NDArray[np.float64], reach: int) -> NDArray[np.float32]:
    """Weights at distance 0 to reach of a Gaussian, whose sum is what a Gaussian of height 1 and the full width has."""
    weights = np.exp(-0.5 * (np.arange(reach + 1) / sigma) ** 2)
    weights[np.arange(reach + 1) > np.ceil(3.0 * sigma)] = 0.0
    total = weights[0] + 2 * weights[1:].sum()
    wanted = math.sqrt(2 * math.pi * (float(sigma) ** 2 + 1.0 / 6.0))
    scaled: NDArray[np.float32] = (weights * (wanted / total)).astype(np.float32)
    return scaled


def _grey_table(display: Display) -> NDArray[np.uint8]:
    """Grey level by the upper 16 bits of an amplitude."""
    bits = (np.arange(GREY_TABLE_SIZE // 2, dtype=np.uint32) << 16) + (1 << 15)
    with np.errstate(invalid="ignore", over="ignore"):
        amplitude = bits.view(np.float32).astype(np.float64)
        level_db = 20 * np.log10(np.where(np.isfinite(amplitude), amplitude, 1.0)) + display.gain_db
    share = np.clip((level_db + display.dynamic_range_db - _HEADROOM_DB) / display.dynamic_range_db, 0.0, 1.0)
    curve = 0.55 * share + 0.45 * share * share
    grey = np.zeros(GREY_TABLE_SIZE, dtype=np.uint8)
    grey[: bits.size] = np.round(255 * curve).astype(np.uint8)
    return grey


_HEADROOM_DB = 6.0
"""Level that is drawn white, above the brightest diffuse tissue."""
