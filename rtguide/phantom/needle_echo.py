"""What comes back from the needle: its upper wall, a fainter lower one, ghosts below, a glinting tip.

The steel is smooth, so its points carry no carrier phase (as in `reflectors`); their strength is uneven along the steel
and fixed to it. How bright the shaft is depends on its angle to the beam.

References
----------
Schafhalter-Zoppoth et al., Reg Anesth Pain Med 29 (2004); Nichols et al., J Vasc Interv Radiol 14 (2003) 1553; the
drawn shaft is held against them in `assess_needle`.
"""

import math

import numpy as np
from numpy.typing import NDArray

from rtguide.phantom.beam import BeamGrid
from rtguide.phantom.needle import Needle, NeedlePose
from rtguide.phantom.smooth_noise import SmoothNoise

__all__ = ["NeedleEcho", "steepness_loss_db"]

Floats = NDArray[np.float64]

_PER_MM = 14.0
_ACROSS_DB = 5.0
"""A needle across the slice shows its round side to the beam whatever its steepness."""
_GHOST_STEPS_MM = 1.05
"""Distance of reverberations between the walls, in needle diameters (steel is quicker, the lumen full)."""

_TAIL_RINGS, _TAIL_DB, _TAIL_RING_DB = 7, 7.0, 3.0
"""A comet tail: how many rings, how far the first lies below the dot, what each loses: our own judgement by eye."""


def steepness_loss_db(angle_rad: Floats) -> Floats:
    """Loss of the shaft's echo when it is not square to the beam: 5 dB at 30°, 14 dB at 60°, 24 dB at 80°."""
    share = np.abs(angle_rad) / math.radians(60.0)
    loss: Floats = 14.0 * share**1.5 + 6.0 * np.clip(share - 1.0, 0.0, 1.0)
    return loss


class NeedleEcho:
    """The echo points of one needle."""

    def __init__(self, needle: Needle, grid: BeamGrid, rng: np.random.Generator) -> None:
        self._needle, self._grid = needle, grid
        count = round(needle.plan.length_mm * _PER_MM)
        self._from_tip = np.sort(rng.uniform(0.0, needle.plan.length_mm, count))
        self._uneven_db = 1.2 * SmoothNoise.draw(rng, (2.5,), 64).at(self._from_tip) + 0.9 * SmoothNoise.draw(
            rng, (0.5,), 256
        ).at(self._from_tip)
        self._phase = 0.35 + 0.07 * SmoothNoise.draw(rng, (3.0,), 64).at(self._from_tip)
        self._jitter_mm = 0.03 * rng.normal(size=count)
        self._flicker = float(rng.random())
        self._depth, self._lateral = grid.depth_mm(), grid.lateral_sigma_mm()

    def points(self, pose: NeedlePose, curve_mm: Floats, time_s: float) -> NDArray[np.float32]:
        """Rows for the deposit kernel whose lattice coordinates are grid units themselves (see `scatterers`).

        curve_mm: float64 (n, 3), the present curve in the **probe** frame, from the skin to the tip.
        """
        used = self._from_tip < pose.inserted_mm
        s = self._from_tip[used]
        steps = np.linalg.norm(np.diff(curve_mm, axis=0), axis=1)
        length = np.concatenate([[0.0], np.cumsum(steps)])
        place = np.clip(length[-1] - s, 0.0, None)
        x, y, z = (np.interp(place, length, curve_mm[:, axis]) for axis in range(3))
        across = curve_mm[-1] - curve_mm[0]
        steep = math.asin(min(1.0, abs(float(across[2])) / max(float(np.linalg.norm(across)), 1e-9)))
        loss = steepness_loss_db(self._beam_tilt(x, z) + steep)
        is_across = abs(float(across[1])) > abs(float(across[0]))
        if is_across:
            loss = np.minimum(loss, _ACROSS_DB)
        glint = np.exp(-((s / 0.7) ** 2)) * (6.0 + 2.5 * math.sin(2 * math.pi * (2.3 * time_s + self._flicker)))
        level = self._needle.plan.brightness_db - loss + self._uneven_db[used] + glint - 4.0
        wall = self._needle.diameter_mm / 2
        jitter = self._jitter_mm[used]
        up = math.cos(steep)
        blocks = [
            self._block(x, y, z - wall * up + jitter, level, used),
            self._block(x, y, z + wall * up, level - 14.0, used),
        ]
        if is_across and self._needle.plan.comet_tail:
            for order in range(1, _TAIL_RINGS + 1):
                depth = z + (order * _GHOST_STEPS_MM + 0.5) * 2 * wall
                blocks.append(self._block(x, y, depth, level - _TAIL_DB - _TAIL_RING_DB * order, used))
            return np.concatenate(blocks)
        for order in (1, 2, 3):
            ghost = level - 18.0 - 5.0 * order - 14.0 * math.sin(steep) ** 2
            depth = z + (order * _GHOST_STEPS_MM + 0.5) * 2 * wall / max(up, 0.3)
            blocks.append(self._block(x, y, depth, ghost, used))
        return np.concatenate(blocks)

    def _beam_tilt(self, x: Floats, z: Floats) -> Floats:
        """Angle of the beam through (x, z) from straight down, signed so that it adds to the shaft's steepness."""
        probe = self._grid.probe
        side = 1.0 if self._needle.plan.skin_mm[0] < 0 else -1.0
        if probe.steer_deg != 0:
            return np.full_like(x, side * math.radians(probe.steer_deg))
        apex = probe.virtual_apex_mm if probe.kind == "linear" else probe.radius_mm
        if math.isinf(apex):
            return np.zeros_like(x)
        tilt: Floats = side * np.arctan2(x, z + apex)
        return tilt

    def _block(self, x: Floats, y: Floats, z: Floats, level_db: Floats, used: NDArray[np.bool_]) -> NDArray[np.float32]:
        u, v = self._grid.from_mm(x, z)
        lateral = np.interp(z, self._depth, self._lateral)
        block = np.zeros((x.size, 8), dtype=np.float32)
        block[:, 0], block[:, 1], block[:, 2] = u, v, y
        block[:, 3] = 10.0 ** (level_db / 20.0) / (_PER_MM * lateral * math.sqrt(2 * math.pi))
        block[:, 4] = self._phase[used]
        return block
