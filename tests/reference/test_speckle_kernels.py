"""The phantom's kernels against slow, plain sums; compiled and as plain Python."""

import cmath
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from rtguide.kernels.shadow_rays import ray_shares
from rtguide.kernels.speckle_deposit import PHASE_STEPS, WEIGHT_STEPS_PER_UNIT, deposit
from rtguide.kernels.speckle_image import GREY_TABLE_SIZE, compress, form

SAMPLES, BEAMS, LOOKS = 14, 12, 3


def _both(kernel: Any) -> list[Any]:
    """The kernel as compiled, and the Python it was written in."""
    return [kernel, getattr(kernel, "py_func", kernel)]


def _inputs(seed: int) -> dict[str, NDArray[np.float32]]:
    rng = np.random.default_rng(seed)
    lattice = np.zeros((4, 4, 3), dtype=np.float32)
    lattice[..., 0] = np.arange(4) * 4 - 0.7 + rng.normal(0, 0.2, (4, 4))
    lattice[..., 1] = np.arange(4)[:, None] * 5 - 0.9 + rng.normal(0, 0.2, (4, 4))
    lattice[..., 2] = rng.normal(0, 0.3, (4, 4))
    points = np.zeros((80, 8), dtype=np.float32)
    points[:, :2] = rng.uniform(-0.3, 3.2, (80, 2))
    points[:, 2] = rng.normal(0, 0.6, 80)
    points[:, 3:5] = rng.random((80, 2))
    points[:, 5] = rng.random(80) < 0.7
    points[:, 6] = rng.integers(0, 3, 80)
    angle = 2 * math.pi * (np.arange(PHASE_STEPS) + 0.5) / PHASE_STEPS
    return {
        "points": points,
        "lattice": lattice,
        "shear": np.array([0.1, 0.4, 0.95], dtype=np.float32),
        "group_gain": np.array([1.0, 0.5, 0.0], dtype=np.float32),
        "look_turns": np.array([[0.0, 0.8], [0.45, 0.0]], dtype=np.float32),
        "phase_table": np.stack([np.cos(angle), np.sin(angle)], axis=1).astype(np.float32),
        "slice_table": np.exp(-0.5 * np.arange(6 * WEIGHT_STEPS_PER_UNIT) / WEIGHT_STEPS_PER_UNIT).astype(np.float32),
        "inverse_slice": np.linspace(0.8, 1.6, SAMPLES).astype(np.float32),
    }


def _slow_deposit(given: dict[str, NDArray[np.float32]]) -> NDArray[np.complex128]:
    field = np.zeros((SAMPLES, BEAMS, LOOKS), dtype=np.complex128)
    for lu, lv, y, amplitude, phase, carrier, group, _ in given["points"].astype(float):
        if lu <= -1 or lv <= -1 or int(lu) >= 3 or int(lv) >= 3:
            continue
        column, row = int(lu), int(lv)
        a, b = lu - column, lv - row
        nodes = given["lattice"].astype(float)
        place = (
            (1 - a) * (1 - b) * nodes[row, column]
            + a * (1 - b) * nodes[row, column + 1]
            + (1 - a) * b * nodes[row + 1, column]
            + a * b * nodes[row + 1, column + 1]
        ) + y * given["shear"]
        u, v, w = place
        if u < 0 or v < 0 or int(u) >= BEAMS - 1 or int(v) >= SAMPLES - 1:
            continue
        q = (w * float(given["inverse_slice"][int(v)])) ** 2
        if q >= 6:
            continue
        strength = amplitude * float(given["group_gain"][int(group)]) * math.exp(-q / 2)
        for look, side in enumerate((0, 1, -1)):
            turns = phase + carrier * (0.8 * v + side * 0.45 * u)
            echo = strength * cmath.exp(2j * math.pi * turns)
            for dv in (0, 1):
                for du in (0, 1):
                    share = (1 - abs(v - int(v) - dv)) * (1 - abs(u - int(u) - du))
                    field[int(v) + dv, int(u) + du, look] += share * echo
    return field


@pytest.mark.parametrize("run", _both(deposit), ids=["compiled", "plain"])
@pytest.mark.parametrize("seed", range(3))
def test_deposit_is_the_sum_over_scatterers(run: Callable[..., None], seed: int) -> None:
    given = _inputs(seed)
    out = np.zeros((SAMPLES, BEAMS, 2 * LOOKS), dtype=np.float32)
    points, rest = given["points"], [value for name, value in given.items() if name != "points"]
    spans = np.array([[0, 30], [30, len(points) - 9]], dtype=np.int64)
    run(points, spans, *rest, out)
    found = out[..., 0::2] + 1j * out[..., 1::2]
    want = _slow_deposit(given | {"points": points[:-9]})
    assert np.abs(want).max() > 0.3
    np.testing.assert_allclose(found, want, atol=0.02)


@pytest.mark.parametrize("run", _both(form), ids=["compiled", "plain"])
def test_form_is_convolution_and_mean_magnitude(run: Callable[..., None]) -> None:
    rng = np.random.default_rng(4)
    deposited = rng.normal(size=(SAMPLES, BEAMS, 2 * LOOKS)).astype(np.float32)
    axial = np.array([1.0, 0.6, 0.2], dtype=np.float32)
    lateral = np.tile(np.array([1.0, 0.5, 0.1], dtype=np.float32), (SAMPLES, 1))
    radius = np.full(SAMPLES, 2, dtype=np.int64)
    gain = rng.uniform(0.5, 2, (SAMPLES, BEAMS)).astype(np.float32)
    noise = rng.normal(size=(SAMPLES, BEAMS, 2)).astype(np.float32)
    level = np.linspace(0, 0.3, SAMPLES).astype(np.float32)
    clutter = rng.normal(size=(6, BEAMS, 2)).astype(np.float32)
    looks = np.zeros((SAMPLES, BEAMS, 2 * LOOKS), dtype=np.float32)
    out = np.zeros((SAMPLES, BEAMS), dtype=np.float32)
    run(deposited, axial, lateral, radius, gain, noise, level, clutter, looks, out)

    field = (deposited[..., 0::2] + 1j * deposited[..., 1::2]).astype(np.complex128)
    spread = np.zeros_like(field)
    for row in range(2, SAMPLES - 2):
        for beam in range(2, BEAMS - 2):
            for dv in range(-2, 3):
                for du in range(-2, 3):
                    weight = float(axial[abs(dv)]) * float(lateral[row, abs(du)])
                    spread[row, beam] += weight * field[row + dv, beam + du]
    grain = (noise[..., 0] + 1j * noise[..., 1]) * level[:, None]
    grain[:6] += clutter[..., 0] + 1j * clutter[..., 1]
    turned = grain[..., None] * np.array([1, 1j, -1])
    want = np.abs(gain[..., None] * spread + turned).mean(axis=2)[2:-2, 2:-2]
    np.testing.assert_allclose(out[2:-2, 2:-2], want, rtol=1e-4)
    np.testing.assert_allclose((looks[..., 0::2] + 1j * looks[..., 1::2])[2:-2, 2:-2], spread[2:-2, 2:-2], rtol=1e-3)


@pytest.mark.parametrize("run", _both(compress), ids=["compiled", "plain"])
def test_compress_looks_up_the_amplitude(run: Callable[..., None]) -> None:
    amplitude = np.exp(np.random.default_rng(2).normal(0, 3, (6, 7))).astype(np.float32)
    bits = (np.arange(GREY_TABLE_SIZE, dtype=np.uint32) << 16).view(np.float32)
    with np.errstate(all="ignore"):
        table = np.clip(np.nan_to_num(40 + 20 * np.log10(np.abs(bits))), 0, 255).astype(np.uint8)
    out = np.zeros((6, 7), dtype=np.uint8)
    run(amplitude.view(np.uint32), table, out)
    np.testing.assert_allclose(out, np.clip(40 + 20 * np.log10(amplitude), 0, 255), atol=1.1)


@pytest.mark.parametrize("run", _both(ray_shares), ids=["compiled", "plain"])
def test_rays_lose_what_they_pass(run: Callable[..., None]) -> None:
    rng = np.random.default_rng(5)
    passed = rng.uniform(0.3, 1.1, (9, 7)).astype(np.float32)
    slant = np.repeat(np.array([[0.0], [0.4], [-1.3]], dtype=np.float32), 9, axis=1)
    out = np.zeros((3, 9, 7), dtype=np.float32)
    run(passed, slant, out)

    want = np.zeros((3, 9, 7))
    want[:, 0] = passed[0]
    for ray, aside in enumerate((0.0, 0.4, -1.3)):
        for row in range(1, 9):
            above = np.interp(np.clip(np.arange(7) + aside, 0, 6), np.arange(7), want[ray, row - 1])
            want[ray, row] = above * passed[row]
    np.testing.assert_allclose(out, want, rtol=1e-5)
    np.testing.assert_allclose(out[0], np.cumprod(passed, axis=0), rtol=1e-5)
