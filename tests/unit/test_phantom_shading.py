"""Shadows have the soft edges that the aperture gives them; clutter lies under the face and dies away."""

import numpy as np
import pytest

from rtguide.phantom.anatomy import Anatomy
from rtguide.phantom.beam import BeamGrid
from rtguide.phantom.hand import Hold
from rtguide.phantom.near_field import NearField
from rtguide.phantom.pose import ProbePose, Reach
from rtguide.phantom.scenario import Layer, ProbeSettings, Scenario, ScreenSettings, SurfaceSpec
from rtguide.phantom.shading import Shading

PROBE = ProbeSettings(width_mm=44, depth_mm=34)
EDGE_DEPTH_MM = 10.0


def _scenario(surfaces: tuple[SurfaceSpec, ...]) -> Scenario:
    return Scenario(
        name="edge",
        title="Edge",
        summary="Half a plate of bone",
        probe=PROBE,
        screen=ScreenSettings(layout="bare", px_per_mm=16),
        layers=(Layer(kind="reference"),),
        surfaces=surfaces,
    )


def _gain(surfaces: tuple[SurfaceSpec, ...], hold: Hold) -> tuple[BeamGrid, np.ndarray]:
    scenario = _scenario(surfaces)
    grid = BeamGrid.design(scenario.probe, scenario.screen)
    shading = Shading(Anatomy(scenario, np.random.default_rng(1)), grid, Reach(0, 0, 0, 0), np.random.default_rng(2))
    return grid, shading.gain(hold, None, ())


def _shares(below_mm: float) -> tuple[np.ndarray, np.ndarray]:
    """What is left at a depth below half a plate that ends at x = 0, over x in mm."""
    plate = SurfaceSpec(name="plate", kind="bone", points_mm=((-30, EDGE_DEPTH_MM - 0.9), (0, EDGE_DEPTH_MM - 0.9)))
    grid, shaded = _gain((plate,), Hold.at_rest())
    _, clear = _gain((), Hold.at_rest())
    row = round((EDGE_DEPTH_MM + below_mm) / grid.step_mm + grid.offset_v)
    x = (np.arange(grid.beams) - grid.offset_u) * grid.pitch
    return x, shaded[row] / clear[row]


@pytest.mark.parametrize("below_mm", [8.0, 16.0])
def test_edge_of_a_shadow_is_as_soft_as_the_aperture_makes_it(below_mm: float) -> None:
    x, share = _shares(below_mm)
    assert share[np.abs(x + 14).argmin()] < 1e-3, "black under the bone"
    assert share[np.abs(x - 14).argmin()] > 0.9, "clear beside it"
    assert 0.02 < float(np.interp(0.0, x, share)) < 0.4, "about half of the rays, there and back: a quarter"
    inside = (x > -14) & (x < 14)
    tenth, most = (float(x[inside][np.argmax(share[inside] > level)]) for level in (0.02, 0.85))
    full_mm = below_mm / PROBE.f_number
    assert 0.5 * full_mm < most - tenth < 1.2 * full_mm


def test_edges_widen_with_depth() -> None:
    widths = []
    for below_mm in (4.0, 8.0, 16.0):
        x, share = _shares(below_mm)
        inside = (x > -14) & (x < 14)
        widths.append(float(np.count_nonzero((share[inside] > 0.02) & (share[inside] < 0.85))))
    assert widths[1] > 1.4 * widths[0]
    assert widths[2] > 1.4 * widths[1]


def test_lost_contact_darkens_and_its_edge_is_soft_in_the_deep() -> None:
    grid, lifted = _gain((), Hold(ProbePose(), lift_mm=15.0))
    _, clear = _gain((), Hold.at_rest())
    share = lifted / clear
    right, left = grid.beams - grid.margin_u - 5, grid.margin_u + 5
    assert share[:, right].max() < 0.05
    assert share[:, left].min() > 0.9
    shallow, deep = (round(depth / grid.step_mm + grid.offset_v) for depth in (3.0, 28.0))
    between = [np.count_nonzero((share[row] > 0.05) & (share[row] < 0.8)) for row in (shallow, deep)]
    assert between[1] > 1.3 * between[0]


def test_clutter_dies_away_with_depth_and_rings_where_contact_is_lost() -> None:
    grid = BeamGrid.design(PROBE, ScreenSettings(layout="bare", px_per_mm=16))
    near = NearField(grid, np.random.default_rng(3))
    level = np.hypot(*np.moveaxis(near.clutter(0.0), -1, 0)).mean(axis=1)
    depth = grid.depth_mm()[: level.size]
    at_face, deeper, deep = (float(level[(depth >= a) & (depth < a + 0.7)].max()) for a in (0.0, 2.0, 5.5))
    assert at_face > 4 * deeper > 16 * deep
    lifted = np.hypot(*np.moveaxis(near.clutter(12.0), -1, 0))
    quiet = np.hypot(*np.moveaxis(near.clutter(0.0), -1, 0))
    right, left = grid.beams - grid.margin_u - 6, grid.margin_u + 6
    assert lifted[:, right - 30 : right].sum() > 1.5 * quiet[:, right - 30 : right].sum()
    assert np.array_equal(lifted[:, left : left + 30], quiet[:, left : left + 30])
