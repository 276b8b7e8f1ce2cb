"""The phantom: any frame of a scenario, with its truth, without clocks or threads."""

import hashlib
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from rtguide.model.geometry import ImageGeometry
from rtguide.model.needle import HiddenReason
from rtguide.model.points import as_points
from rtguide.model.structure import Role, Structure, StructureKind, Tissue
from rtguide.opencv import cv2
from rtguide.phantom.anatomy import Anatomy
from rtguide.phantom.beam import BeamGrid
from rtguide.phantom.image_formation import ImageFormation
from rtguide.phantom.motion import Drag, TissueMotion
from rtguide.phantom.needle import Needle, NeedlePose
from rtguide.phantom.needle_echo import NeedleEcho
from rtguide.phantom.pose import ProbePose
from rtguide.phantom.reflectors import reflector_clouds
from rtguide.phantom.scatterers import diffuse_cloud, pack
from rtguide.phantom.scenario import Scenario
from rtguide.phantom.screen import Screen
from rtguide.phantom.shading import Shading
from rtguide.phantom.truth import NeedleTruth, TipVisibility, Truth, tip_contrast_db, visibility

__all__ = ["Phantom"]

Floats = NDArray[np.float64]

_NODE_STEP = 7.0
"""Grid units between nodes of the motion lattice, about 1 mm: tissue moves smoothly on that scale."""

_TISSUES = {
    "honeycomb-nerve": Tissue.NERVE,
    "dark-nerve": Tissue.NERVE,
    "artery": Tissue.ARTERY,
    "vein": Tissue.VEIN,
}


class Phantom:
    """One scenario with one seed. `frame` gives any frame in any order, always the same; one thread at a time."""

    def __init__(self, scenario: Scenario, seed: int, rate_hz: float) -> None:
        self.scenario, self.seed, self.rate_hz = scenario, seed, rate_hz
        self._anatomy = Anatomy(scenario, self._rng("anatomy"))
        self._grid = BeamGrid.design(scenario.probe, scenario.screen)
        self._screen = Screen.design(scenario, self._grid)
        self._motion = self._draw_motion()
        self._needle = None if scenario.needle is None else Needle.draw(scenario.needle, self._rng("tremor"))
        self._echo = None if self._needle is None else NeedleEcho(self._needle, self._grid, self._rng("steel"))
        self._first = (-_NODE_STEP, -_NODE_STEP)
        clouds = [diffuse_cloud(self._anatomy, self._grid, 0.0, self._rng("speckle"))]
        clouds += reflector_clouds(self._anatomy, self._grid, 0.0, self._rng("reflectors"))
        self._points = pack(clouds, self._grid, self._first, _NODE_STEP)
        self._nodes = self._lattice_nodes()
        self._outlines = [(s, s.outline_mm(0.0)) for s in self._anatomy.shapes if s.spec.role is not None]
        groups = len(scenario.layers) + len(scenario.structures)
        self._formation = ImageFormation(self._grid, scenario.display, groups, self._rng("noise"))
        self._shading = Shading(self._anatomy, self._grid, self._rng("contact"))
        self._last: tuple[int, NDArray[np.uint8]] | None = None

    @property
    def geometry(self) -> ImageGeometry:
        """Region and scale of the picture on the screen: exact."""
        return self._screen.geometry

    @property
    def shape_px(self) -> tuple[int, int]:
        """(height, width) of the frames."""
        return self._screen.geometry.shape_px

    def frames(self) -> Iterator[tuple[NDArray[np.uint8], Truth]]:
        """All frames from the first on, without end."""
        index = 0
        while True:
            yield self.frame(index)
            index += 1

    def frame(self, index: int) -> tuple[NDArray[np.uint8], Truth]:
        """Frame `index` (from 0) at time index / rate_hz: pixels uint8 (h, w), and what is true of it."""
        picture, truth = self._picture(index)
        share = self.scenario.display.persistence
        shown = picture
        if share > 0 and index > 0:
            before = (
                self._last[1] if self._last is not None and self._last[0] == index - 1 else self._picture(index - 1)[0]
            )
            shown = cv2.addWeighted(picture, 1.0 - share, before, share, 0.0).astype(np.uint8, copy=False)
        self._last = (index, picture)
        if self.scenario.display.smoothing_px > 0:
            shown = cv2.GaussianBlur(shown, (3, 3), self.scenario.display.smoothing_px).astype(np.uint8, copy=False)
        return self._screen.show(shown, truth.time_s), truth

    def structures(self, index: int = 0) -> tuple[Structure, ...]:
        """The structures with a role, as they lie in a frame."""
        return self._structures(index / self.rate_hz, ProbePose())

    def _picture(self, index: int) -> tuple[NDArray[np.uint8], Truth]:
        time_s = index / self.rate_hz
        pose = ProbePose()
        needle = None if self._needle is None else self._needle.pose(time_s)
        curve = None if needle is None else self._needle_curve(needle, time_s, pose)
        formation = self._formation
        formation.begin()
        formation.add_tissue(self._points, self._lattice(time_s, pose, _drag(needle)), self._shear(pose))
        needle_uv = None
        if needle is not None and curve is not None and self._echo is not None:
            formation.add_placed(self._echo.points(needle, curve, time_s))
            needle_uv = np.column_stack(self._grid.from_mm(curve[:, 0], curve[:, 2]))
        noise_at = self._rng("noise", index).integers(0, 96, 2)
        amplitude = formation.finish(self._shading.gain(needle_uv), (int(noise_at[0]), int(noise_at[1])))
        true_needle = None
        if needle is not None and curve is not None:
            true_needle = self._true_needle(needle, curve, amplitude)
        mm_per_px = (1 / self._screen.px_per_mm, 1 / self._screen.px_per_mm)
        truth = Truth(index, time_s, true_needle, self._structures(time_s, pose), pose, mm_per_px)
        return formation.compress(amplitude), truth

    def _rng(self, purpose: str, index: int = 0) -> np.random.Generator:
        """A stream of its own for each purpose, so that adding one thing does not change the others."""
        key = int.from_bytes(hashlib.sha256(purpose.encode()).digest()[:4], "big")
        return np.random.default_rng([self.seed, key, index])

    def _draw_motion(self) -> TissueMotion:
        arteries = tuple(shape for shape in self._anatomy.shapes if shape.spec.kind == "artery")
        first, second = self._rng("motion").random(2)
        return TissueMotion(self.scenario.motion, arteries, self.scenario.probe.depth_mm, (float(first), float(second)))

    def _lattice_nodes(self) -> tuple[Floats, Floats]:
        columns = int(np.ceil((self._grid.beams + 2 * _NODE_STEP) / _NODE_STEP)) + 1
        rows = int(np.ceil((self._grid.samples + 2 * _NODE_STEP) / _NODE_STEP)) + 1
        u, v = np.meshgrid(
            self._first[0] + _NODE_STEP * np.arange(columns), self._first[1] + _NODE_STEP * np.arange(rows)
        )
        return self._grid.to_mm(u, v)

    def _lattice(self, time_s: float, pose: ProbePose, drag: Drag | None) -> NDArray[np.float32]:
        x, z = self._motion.move(*self._nodes, time_s, drag)
        px, py, pz = pose.to_probe(x, np.zeros_like(x), z)
        u, v = self._grid.from_mm(px, pz)
        return np.stack([u, v, py], axis=-1).astype(np.float32)

    def _shear(self, pose: ProbePose) -> NDArray[np.float32]:
        _, across, depth = pose.elevation_step()
        return np.array([0.0, depth / self._grid.step_mm, across], dtype=np.float32)

    def _needle_curve(self, needle: NeedlePose, time_s: float, pose: ProbePose) -> Floats:
        """The shaft in the probe frame: its deep end goes with the tissue around it, the skin holds the other."""
        curve = needle.curve_mm
        tip = curve[-1]
        x, z = self._motion.move(tip[:1], tip[2:], time_s)
        share = np.linspace(0.0, 0.85, len(curve))
        moved_x, moved_z = curve[:, 0] + share * (x[0] - tip[0]), curve[:, 2] + share * (z[0] - tip[2])
        return np.column_stack(pose.to_probe(moved_x, curve[:, 1], moved_z))

    def _true_needle(self, needle: NeedlePose, curve: Floats, amplitude: NDArray[np.float32]) -> NeedleTruth:
        fine = np.linspace(0, len(curve) - 1, 241)
        x, z = (np.interp(fine, np.arange(len(curve)), curve[:, axis]) for axis in (0, 2))
        points = self._screen.to_px(x, z)
        inside = self.geometry.region.contains(points)
        seen = points[inside]
        tip_px = (float(points[-1, 0]), float(points[-1, 1]))
        step = curve[-1] - curve[-2]
        in_slice = max(float(np.hypot(step[0], step[2])), 1e-6)
        along = (float(step[0]) / in_slice, float(step[2]) / in_slice)
        contrast = tip_contrast_db(amplitude, self._grid, (float(curve[-1, 0]), float(curve[-1, 2])), along)
        if not inside[-1]:
            contrast = float("nan")
        state = visibility(contrast)
        reason = None if state is TipVisibility.VISIBLE else self._reason(curve, bool(inside[-1]))
        thinned = seen[np.unique(np.linspace(0, len(seen) - 1, 13).round().astype(int))] if len(seen) > 1 else seen[:0]
        return NeedleTruth(
            pass_number=needle.pass_number,
            entry_px=None if len(seen) < 2 else (float(seen[0, 0]), float(seen[0, 1])),
            curve_px=as_points(thinned),
            tip_px=tip_px,
            tip_mm=(float(curve[-1, 0]), float(curve[-1, 1]), float(curve[-1, 2])),
            plane_offset_mm=float(curve[-1, 1]),
            inserted_mm=needle.inserted_mm,
            contrast_db=contrast,
            visibility=state,
            hidden_reason=reason,
        )

    def _reason(self, curve: Floats, is_inside: bool) -> HiddenReason:
        if not is_inside:
            return HiddenReason.LEFT_VIEW
        sigma = float(np.interp(curve[-1, 2], self._grid.depth_mm(), self._grid.slice_sigma_mm()))
        if abs(float(curve[-1, 1])) > 1.3 * sigma:
            return HiddenReason.OUT_OF_PLANE
        step = curve[-1] - curve[-2]
        if abs(float(step[2])) > 0.77 * float(np.linalg.norm(step)):
            return HiddenReason.STEEP
        return HiddenReason.LOW_CONTRAST

    def _structures(self, time_s: float, pose: ProbePose) -> tuple[Structure, ...]:
        if not self._outlines:
            return ()
        corners = np.concatenate([outline for _, outline in self._outlines])
        x, z = self._motion.move(corners[:, 0], corners[:, 1], time_s)
        px, _, pz = pose.to_probe(x, np.zeros_like(x), z)
        blocks = np.split(self._screen.to_px(px, pz), len(self._outlines))
        return tuple(
            Structure(
                shape.spec.name,
                StructureKind.STRUCTURE,
                _TISSUES.get(shape.spec.kind, Tissue.OTHER),
                shape.spec.role or Role.AVOID,
                as_points(block),
            )
            for (shape, _), block in zip(self._outlines, blocks, strict=True)
        )


def _drag(needle: NeedlePose | None) -> Drag | None:
    """Tissue at the tip follows an advancing needle by up to half a millimetre, and a withdrawn one likewise."""
    if needle is None:
        return None
    amount = 0.5 * float(np.tanh(needle.speed_mm_s / 2.5))
    return Drag(
        (float(needle.tip_mm[0]), float(needle.tip_mm[2])), (float(needle.along[0]), float(needle.along[2])), amount
    )
