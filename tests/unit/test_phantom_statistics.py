"""The speckle keeps to the theory: Rayleigh magnitudes, correlation widths of the point spread function, the slice."""

import math

import numpy as np
import pytest

from rtguide.phantom.assess import (
    Block,
    Spacing,
    elevation_correlation,
    field_correlation,
    half_width_mm,
    rayleigh_p_value,
)
from rtguide.phantom.assess_needle import PUBLISHED_SHARE, shaft_grey_share
from rtguide.phantom.needle_echo import steepness_loss_db
from rtguide.phantom.scenario import ProbeSettings

PROBE = ProbeSettings(width_mm=36, depth_mm=36)
WIDTH_PER_SIGMA = 4 * math.sqrt(math.log(2))
"""Full width at half height of a Gaussian's autocorrelation exp(−x²/4σ²), in sigma."""


@pytest.fixture(scope="module")
def blocks() -> list[Block]:
    return [Block(PROBE, seed) for seed in range(4)]


def _interior(block: Block, first_mm: float, last_mm: float) -> np.ndarray:
    margin = block.grid.margin_u
    return block.field()[block.rows(first_mm, last_mm), margin:-margin]


def test_magnitudes_follow_rayleigh(blocks: list[Block]) -> None:
    p_values = []
    for block in blocks:
        lateral = block.grid.lateral_sigma_beams()[block.rows(20, 21)][0]
        axial = block.grid.axial_sigma_mm() / block.grid.step_mm
        spacing = Spacing(math.ceil(4 * axial), math.ceil(4 * lateral))
        p_values.append(rayleigh_p_value(_interior(block, 15, 25), spacing))
    assert min(p_values) > 0.01 / len(p_values), p_values
    assert np.median(p_values) > 0.05, p_values


def test_correlated_samples_or_few_scatterers_would_be_noticed() -> None:
    rng = np.random.default_rng(5)
    few = rng.normal(size=(60, 60)) + 1j * rng.normal(size=(60, 60))
    few = (few * (rng.random((60, 60)) < 0.3)).astype(np.complex64)
    assert rayleigh_p_value(few, Spacing(1, 1)) < 1e-3


@pytest.mark.parametrize("depth_mm", [8.0, 18.0, 30.0])
def test_lateral_correlation_has_the_width_of_the_beam(blocks: list[Block], depth_mm: float) -> None:
    fields = [_interior(block, depth_mm - 2, depth_mm + 2) for block in blocks]
    measured = half_width_mm(field_correlation(fields, 1, 12), blocks[0].grid.pitch)
    expected = WIDTH_PER_SIGMA * float(blocks[0].grid.lateral_sigma_at(np.array([depth_mm]))[0])
    assert measured == pytest.approx(expected, rel=0.10)


def test_axial_correlation_has_the_width_of_the_pulse(blocks: list[Block]) -> None:
    fields = [_interior(block, 10, 30) for block in blocks]
    measured = half_width_mm(field_correlation(fields, 0, 8), blocks[0].grid.step_mm)
    assert measured == pytest.approx(WIDTH_PER_SIGMA * blocks[0].grid.axial_sigma_mm(), rel=0.10)


def test_sliding_decorrelates_as_the_slice_is_thick() -> None:
    block = Block(PROBE, seed=9, sweep_mm=2.0)
    slides = np.array([0.0, 0.3, 0.6, 0.9, 1.5])
    for depth_mm in (8.0, 22.0):
        sigma = float(block.grid.slice_sigma_at(np.array([depth_mm]))[0])
        expected = np.exp(-((slides / sigma) ** 2) / 4)
        measured = elevation_correlation(block, block.rows(depth_mm - 2, depth_mm + 2), slides)
        assert measured == pytest.approx(expected, abs=0.08)


def test_mean_echo_is_the_tissues_level_at_every_depth(blocks: list[Block]) -> None:
    for depth_mm in (5.0, 15.0, 30.0):
        power = np.mean([np.mean(np.abs(_interior(block, depth_mm - 2, depth_mm + 2)) ** 2) for block in blocks])
        assert 10 * math.log10(power) == pytest.approx(-15.0, abs=0.7)


def test_steep_needles_are_dimmer() -> None:
    loss = steepness_loss_db(np.radians([0, 15, 30, 45, 60, 75]))
    assert loss[0] == 0
    assert np.all(np.diff(loss) > 0)
    assert 3 < loss[2] < 8
    assert 11 < loss[4] < 18


@pytest.mark.parametrize("seed", [1, 2])
def test_the_drawn_shaft_dims_with_steepness_as_on_scanners(seed: int) -> None:
    angles = (0.0, 15.0, 30.0, 45.0, 60.0, 75.0)
    shares = np.array(shaft_grey_share(angles, seed))
    published = np.interp(angles, *np.array(PUBLISHED_SHARE).T)
    assert np.all(np.diff(shares) < 0.02)
    assert shares == pytest.approx(published, abs=0.15)
    assert shares[-1] < 0.2, "a plain needle at 15 degrees to the beam is next to nothing"
