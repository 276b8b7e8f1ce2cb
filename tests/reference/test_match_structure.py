"""The structure kernels against slow, plain code."""

import numpy as np
import pytest
from numpy.typing import NDArray

from rtguide.kernels.match_structure import correlate_block, cut_blocks, fit_motion, register
from rtguide.opencv import cv2


def speckle(shape: tuple[int, int], seed: int = 1) -> NDArray[np.uint8]:
    rng = np.random.default_rng(seed)
    return np.clip(cv2.GaussianBlur(rng.rayleigh(80.0, shape), (0, 0), 1.6), 0, 255).astype(np.uint8)


def test_cut_blocks_repeats_the_border() -> None:
    image = speckle((30, 40))
    corners = np.array([[5, 7], [-3, 25], [36, -2]], np.int64)
    blocks = np.zeros((3, 8, 8), np.uint8)
    cut_blocks(image, corners, blocks)
    padded = np.pad(image, 10, mode="edge")
    for k, (x, y) in enumerate(corners):
        np.testing.assert_array_equal(blocks[k], padded[y + 10 : y + 18, x + 10 : x + 18])


@pytest.mark.parametrize(("left", "top"), [(10, 12), (-3, 5), (33, 24)])
def test_correlate_block(left: int, top: int) -> None:
    image = speckle((40, 50))
    block = speckle((40, 50), 2)[3:15, 4:16].copy()
    out = np.full((7, 7), np.nan)
    correlate_block(image, block, left, top, np.zeros((2, 40, 40), np.int64), out)
    for i in range(7):
        for j in range(7):
            y, x = top + i, left + j
            if y < 0 or x < 0 or y + 12 > 40 or x + 12 > 50:
                assert out[i, j] == 0.0
                continue
            part = image[y : y + 12, x : x + 12].astype(float).ravel()
            assert out[i, j] == pytest.approx(np.corrcoef(part, block.astype(float).ravel())[0, 1], abs=1e-9)


def test_a_flat_block_correlates_with_nothing() -> None:
    out = np.ones((3, 3))
    correlate_block(speckle((40, 40)), np.full((8, 8), 9, np.uint8), 5, 5, np.zeros((2, 20, 20), np.int64), out)
    assert not out.any()


def test_fit_motion_is_weighted_least_squares_without_outliers_or_pull() -> None:
    rng = np.random.default_rng(3)
    points = rng.uniform(0, 60, (12, 2))
    true = np.array([[1.03, -0.04, 5.0], [0.02, 0.97, -3.0]])
    found = np.column_stack([points @ true[:, :2].T + true[:, 2], np.ones(12)])
    found[:, :2] += rng.normal(0, 0.05, (12, 2))
    affine = np.array([[1.0, 0.0, 4.0], [0.0, 1.0, -3.0]])
    share = fit_motion(points, found, 1e-6, 50.0, affine)
    design = np.column_stack([points, np.ones(12)])
    wanted = np.linalg.lstsq(design, found[:, :2], rcond=None)[0].T
    np.testing.assert_allclose(affine, wanted, atol=2e-3)
    assert share > 0.98


def test_fit_motion_shrugs_off_a_third_of_liars() -> None:
    rng = np.random.default_rng(5)
    points = rng.uniform(0, 60, (12, 2))
    found = np.column_stack([points + np.array([2.0, 1.0]), np.ones(12)])
    found[:4, :2] += rng.uniform(8, 20, (4, 2))
    affine = np.array([[1.0, 0.0, 1.5], [0.0, 1.0, 1.5]])
    share = fit_motion(points, found, 100.0, 3.0, affine)
    np.testing.assert_allclose(affine, [[1, 0, 2], [0, 1, 1]], atol=1e-6)
    assert share == pytest.approx(8 / 12, abs=0.01)


def test_fit_motion_without_weight_says_so() -> None:
    affine = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    assert fit_motion(np.zeros((3, 2)), np.zeros((3, 3)), 1.0, 1.0, affine) == 0.0


@pytest.mark.parametrize("shift", [(0.0, 0.0), (3.4, -2.7), (-6.2, 5.3)])
def test_register_finds_a_shift_to_a_fraction_of_a_cell(shift: tuple[float, float]) -> None:
    image = speckle((120, 140))
    moved = cv2.warpAffine(
        image, np.array([[1, 0, shift[0]], [0, 1, shift[1]]], float), (140, 120), flags=cv2.INTER_CUBIC
    )
    corners = np.array([[40, 40], [60, 40], [40, 56], [60, 56]], np.int64)
    blocks, halves = np.zeros((4, 20, 20), np.uint8), np.zeros((4, 10, 10), np.uint8)
    cut_blocks(image, corners, blocks)
    cut_blocks(cv2.resize(image, (70, 60), interpolation=cv2.INTER_AREA), corners // 2, halves)
    points = np.column_stack([corners + 9.5, np.ones(4)])
    affine = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    quality, upper, rivalry, inside, agreement = register(
        moved,
        cv2.resize(moved, (70, 60), interpolation=cv2.INTER_AREA),
        blocks,
        halves,
        points,
        np.ones((120, 140), bool),
        np.array([5.0, 900.0, 3.0]),
        np.zeros((5, 32, 32)),
        affine,
        np.zeros((4, 4)),
    )
    np.testing.assert_allclose(affine[:, :2] @ [59.5, 57.5] + affine[:, 2], np.array([59.5, 57.5]) + shift, atol=0.12)
    assert quality > 0.85
    assert upper >= quality
    assert rivalry < 0.6
    assert inside == 1.0
    assert agreement > 0.8
