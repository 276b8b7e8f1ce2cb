"""One setting of the scanner looking at one patient: what is worked out once for it, and the way of a picture."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtguide.phantom.anatomy import Anatomy
from rtguide.phantom.beam import BeamGrid
from rtguide.phantom.hand import Hold
from rtguide.phantom.image_formation import ImageFormation
from rtguide.phantom.motion import Moment, TissueMotion
from rtguide.phantom.near_field import NearField
from rtguide.phantom.needle import Needle, NeedlePose
from rtguide.phantom.needle_echo import NeedleEcho
from rtguide.phantom.pool_echo import pool_points
from rtguide.phantom.pose import ProbePose, Reach
from rtguide.phantom.reflectors import reflector_clouds
from rtguide.phantom.scatterers import diffuse_cloud, pack
from rtguide.phantom.scenario import Scenario
from rtguide.phantom.screen import Screen
from rtguide.phantom.shading import Shading

__all__ = ["Patient", "Scan", "View"]

Floats = NDArray[np.float64]
Streams = Callable[[str], np.random.Generator]

_NODE_STEP = 7.0
"""Grid units between nodes of the motion lattice, about 1 mm: tissue moves smoothly on that scale."""

_DOT_SHADOW_MM = 0.6
"""Half the width of the shadow under a cross-section: a needle and the beam's width around it."""


@dataclass(frozen=True, slots=True, eq=False)
class Patient:
    """What does not depend on the scanner: tissue, how it moves, the needle."""

    anatomy: Anatomy
    motion: TissueMotion
    needle: Needle | None


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """What one picture is made of. curve_mm: the shaft in the probe frame, float64 (n, 3), from the skin to the tip."""

    hold: Hold
    moment: Moment
    needle: NeedlePose | None
    curve_mm: Floats | None


class Scan:
    """A scanner setting with its grids and points. One thread at a time."""

    def __init__(self, scenario: Scenario, patient: Patient, streams: Streams, *, keeps_looks: bool = False) -> None:
        self.grid = BeamGrid.design(scenario.probe, scenario.screen)
        self.screen = Screen.design(scenario, self.grid)
        self.formation = ImageFormation(self.grid, scenario.display, streams("noise"), keeps_looks=keeps_looks)
        reach = scenario.reach()
        self._motion, self._anatomy = patient.motion, patient.anatomy
        self._first, self._nodes = _lattice_nodes(self.grid, reach)
        clouds = [diffuse_cloud(patient.anatomy, self.grid, reach, streams("speckle"))]
        clouds += reflector_clouds(patient.anatomy, self.grid, reach, streams("reflectors"))
        self.points = pack(clouds, self.grid, self._first, _NODE_STEP)
        self._near_field = NearField(self.grid, streams("near field"))
        self._shading = Shading(patient.anatomy, self.grid, reach, streams("contact"))
        self._has_tail = patient.needle is not None and patient.needle.plan.comet_tail
        self._echo = None if patient.needle is None else NeedleEcho(patient.needle, self.grid, streams("steel"))
        self._gain = np.ones((self.grid.samples, self.grid.beams), dtype=np.float32)

    def amplitude(self, view: View, noise_at: tuple[int, int]) -> NDArray[np.float32]:
        """The picture before compression, float32 (samples, beams) with margins; valid until the next call."""
        pose = view.hold.pose
        self.formation.begin()
        self.formation.add_tissue(self.points, self.lattice(view), self._shear(pose), self._group_gain(pose))
        needle_uv = None
        needle, curve = view.needle, view.curve_mm
        if self._echo is not None and needle is not None and curve is not None and needle.inserted_mm > 0.0:
            points = self._echo.points(needle, curve, view.moment.time_s)
            self.formation.add_placed(self._through_fluid(points, view))
            needle_uv = self._shadowing_part(curve)
        for pool in view.moment.pools:
            if pool.event.echo != "clear":
                self.formation.add_placed(pool_points(pool, self.grid, pose, view.moment.time_s))
        self._gain = self._shading.gain(view.hold, needle_uv, view.moment.pools)
        return self.formation.finish(self._gain, self._near_field.clutter(view.hold.lift_mm), noise_at)

    def shadow_db(self, x_mm: float, z_mm: float) -> float:
        """How much darker than the middle of its depth a place (probe frame) is drawn in the last picture."""
        u, v = self.grid.from_mm(np.array([x_mm]), np.array([z_mm]))
        row = self._gain[int(np.clip(v[0], 0, self.grid.samples - 1))]
        here = max(float(row[int(np.clip(u[0], 0, self.grid.beams - 1))]), 1e-6)
        return 20.0 * math.log10(max(float(np.median(row)), 1e-6) / here)

    def noise_at(self, z_mm: float) -> float:
        """Mean amplitude of the receiver's noise at a depth, after time gain."""
        return float(np.interp(z_mm, self.grid.depth_mm(), self.formation.noise_level)) * math.sqrt(math.pi) / 2

    def lattice(self, view: View) -> NDArray[np.float32]:
        """Where resting tissue is now on the beam grid, float32 (rows, columns, 3)."""
        x, z = self._motion.move(*self._nodes, view.moment)
        px, py, pz = view.hold.pose.to_probe(x, np.zeros_like(x), z)
        u, v = self.grid.from_mm(px, pz)
        return np.stack([u, v, py], axis=-1).astype(np.float32)

    def _shear(self, pose: ProbePose) -> NDArray[np.float32]:
        _, across, depth = pose.elevation_step()
        return np.array([0.0, depth / self.grid.step_mm, across], dtype=np.float32)

    def _group_gain(self, pose: ProbePose) -> NDArray[np.float32]:
        """Anisotropic tissue fades with tilt, away from the square position in which a scenario starts."""
        gains = [
            1.0 if tissue.tilt_rad is None else float(np.exp(-((pose.tilt_rad / tissue.tilt_rad) ** 2)))
            for tissue in self._anatomy.properties
        ]
        return np.array(gains, dtype=np.float32)

    def _through_fluid(self, points: NDArray[np.float32], view: View) -> NDArray[np.float32]:
        """Steel in clear fluid is not dimmed as the tissue is that the fluid displaced: undo what `Shading` will do."""
        pools = [pool for pool in view.moment.pools if pool.event.echo != "steroid"]
        if not pools:
            return points
        pose = view.hold.pose
        x, _, z = pose.to_patient(*self.grid.to_mm(points[:, 0].astype(np.float64), points[:, 1].astype(np.float64)))
        for pool in pools:
            points[:, 3] *= 10.0 ** (pool.darkening_db(x, z, pose.slide_mm) / 20.0)
        return points

    def _shadowing_part(self, curve_mm: Floats) -> Floats | None:
        """Grid positions (n, 2) of the part of the shaft that lies in the slice; None if next to nothing does."""
        sigma = np.interp(curve_mm[:, 2], self.grid.depth_mm(), self.grid.slice_sigma_mm())
        inside = np.abs(curve_mm[:, 1]) < 1.5 * sigma
        if self._has_tail and (crossing := _crossing(curve_mm)) is not None:
            x, z = crossing
            aside = np.array([-_DOT_SHADOW_MM, _DOT_SHADOW_MM])
            return np.column_stack(self.grid.from_mm(x + aside, np.full(2, z)))
        if np.count_nonzero(inside) < 3:
            return None
        return np.column_stack(self.grid.from_mm(curve_mm[inside, 0], curve_mm[inside, 2]))


def _crossing(curve_mm: Floats) -> tuple[float, float] | None:
    """Where a needle that runs across the slice crosses it, (x, z) mm."""
    step, y = curve_mm[-1] - curve_mm[0], curve_mm[:, 1]
    at = np.flatnonzero((y[:-1] <= 0) != (y[1:] <= 0))
    if at.size == 0 or abs(step[1]) <= abs(step[0]):
        return None
    share = y[at[0]] / (y[at[0]] - y[at[0] + 1])
    place = curve_mm[at[0]] + share * (curve_mm[at[0] + 1] - curve_mm[at[0]])
    return float(place[0]), float(place[2])


def _lattice_nodes(grid: BeamGrid, reach: Reach) -> tuple[tuple[float, float], tuple[Floats, Floats]]:
    """The first node in grid units, and all nodes (x, z) in patient mm."""
    aside = _NODE_STEP + reach.shift_mm / grid.beam_spacing_mm(0.0)
    above = _NODE_STEP + reach.rise_mm / grid.step_mm
    columns = int(np.ceil((grid.beams + 2 * aside) / _NODE_STEP)) + 1
    rows = int(np.ceil((grid.samples + 2 * above) / _NODE_STEP)) + 1
    u, v = np.meshgrid(-aside + _NODE_STEP * np.arange(columns), -above + _NODE_STEP * np.arange(rows))
    return (-aside, -above), grid.to_mm(u, v)
