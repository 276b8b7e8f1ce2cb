"""Clutter under the face: echoes that run to and fro between the face, the gel and the skin.

They stand still on the screen whatever the tissue does, and where the face has left the skin they are all there is:
bright bands that follow each other into the depth. Distances and levels are our own judgement, by the look of stills.
"""

import numpy as np
from numpy.typing import NDArray

from rtguide.phantom.beam import BeamGrid
from rtguide.phantom.shading import lift_db
from rtguide.phantom.smooth_noise import SmoothNoise

__all__ = ["NearField"]

Floats = NDArray[np.float64]

_REACH_MM = 7.0
_FACE_DB, _BAND_DB, _BAND_FALL_DB, _AIR_FALL_DB = 2.0, -6.0, 5.0, 5.0
"""Level of the face's own echo, of the first band, and what each further band has less, on skin and against air."""
_HAZE_DB, _HAZE_MM = -13.0, 1.5
"""Level of the uneven rest at the face, and the depth over which it dies away (to 1/e)."""
_LOST_DB = 60.0


class NearField:
    """The clutter of one probe on one beam grid."""

    def __init__(self, grid: BeamGrid, rng: np.random.Generator) -> None:
        self._grid = grid
        rows = min(round(_REACH_MM / grid.step_mm) + grid.margin_v, grid.samples)
        depth: Floats = grid.depth_mm()[:rows, None]
        across = np.arange(grid.beams, dtype=np.float64) * grid.beam_spacing_mm(0.0)
        bands = _bands(grid, depth, across, rng)
        haze = 10.0 ** (_HAZE_DB / 20.0) * np.exp(-np.abs(depth) / _HAZE_MM) * _grain(depth, across, rng)
        self._on_skin = _pairs(bands[0] + haze)
        self._on_air = _pairs(bands[1])

    def clutter(self, lift_mm: float) -> NDArray[np.float32]:
        """Complex echoes, float32 (rows, beams, 2), with so much of the face off the skin (see `Hold`)."""
        if lift_mm == 0.0:
            return self._on_skin
        lost = lift_db(lift_mm, self._grid, np.arange(self._grid.beams, dtype=np.float64)) / _LOST_DB
        found: NDArray[np.float32] = self._on_skin + self._on_air * lost.astype(np.float32)[None, :, None]
        return found


def _bands(grid: BeamGrid, depth: Floats, across: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """The face's echo and its repetitions, each broken along its way: on skin, and what air adds."""
    pulse = 1.3 * grid.axial_sigma_mm()
    apart = rng.uniform(0.45, 0.75)
    on_skin = 10.0 ** (_FACE_DB / 20.0) * np.exp(-0.5 * (depth / pulse) ** 2) * np.ones_like(across)
    on_air = np.zeros_like(on_skin)
    for number in range(1, int(_REACH_MM / apart)):
        bent = 0.06 * SmoothNoise.draw(rng, (9.0,)).at(across)
        line = np.exp(-0.5 * ((depth - number * apart - bent) / pulse) ** 2)
        broken_db = 4.0 * SmoothNoise.draw(rng, (4.0,), 48).at(across)
        on_skin += 10.0 ** ((_BAND_DB - _BAND_FALL_DB * number + broken_db) / 20.0) * line
        on_air += 10.0 ** ((-_AIR_FALL_DB * number + broken_db) / 20.0) * line
    return on_skin, on_air


def _grain(depth: Floats, across: Floats, rng: np.random.Generator) -> Floats:
    """An uneven field of unit size, drawn out sideways as reverberations are."""
    x, z = np.broadcast_arrays(across, depth)
    grain: Floats = SmoothNoise.draw(rng, (1.1, 0.22), 48).at(x, z)
    return grain


def _pairs(field: Floats) -> NDArray[np.float32]:
    """A real field as complex pairs, at a phase that no look favours."""
    return np.stack([field * np.sqrt(0.5), field * np.sqrt(0.5)], axis=-1).astype(np.float32)
