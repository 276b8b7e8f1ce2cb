"""Agreement against the examples in the papers that defined it."""

import numpy as np
import pytest

from rtguide.errors import ConfigError
from rtguide.training.agreement import agreement_of, cohen_kappa, dice, icc_2_1
from rtguide.training.annotation import Annotation, Clip, KeyFrame, TipSight

CLIP = Clip("clip", (200, 300), 50, 25.0, 0.1)


def test_icc_is_that_of_shrout_and_fleiss():
    ratings = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], float)
    icc = icc_2_1(ratings)
    assert icc is not None
    assert icc.value == pytest.approx(0.29, abs=0.005)
    # The interval is by their formula for the same table (worked out, not quoted from a paper).
    assert icc.low == pytest.approx(0.019, abs=0.002)
    assert icc.high == pytest.approx(0.761, abs=0.002)
    same = icc_2_1(np.array([[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]]))
    assert same is not None
    assert same.value == 1.0
    assert icc_2_1(np.ones((1, 2))) is None
    assert icc_2_1(np.ones((4, 2))) is None


def test_raters_a_constant_step_apart_leave_a_wide_interval():
    """No error is left beside the raters' own step: the interval comes from F(2, 1) = 799.5 and F(1, 2) = 38.51."""
    icc = icc_2_1(np.array([[1.0, 2.0], [2.0, 3.0], [3.0, 4.0]]))
    assert icc is not None
    assert icc.value == pytest.approx(2 / 3)
    assert icc.low == pytest.approx(6 / (3 * 799.5 + 6), rel=1e-3)
    assert icc.high == pytest.approx(38.51 * 6 / (3 + 38.51 * 6), rel=1e-3)
    assert icc_2_1(np.array([[1.0, 5.0], [5.0, 1.0], [2.0, 4.0]])) is None


def test_kappa_by_hand():
    a = ["yes"] * 25 + ["no"] * 25
    b = ["yes"] * 20 + ["no"] * 5 + ["yes"] * 10 + ["no"] * 15
    assert cohen_kappa(a, b) == pytest.approx(0.4)
    assert cohen_kappa(["x"], ["x"]) is None
    assert cohen_kappa([], []) is None
    with pytest.raises(ConfigError, match="same items"):
        cohen_kappa(["x"], [])


def test_dice_of_shifted_squares():
    square = ((0.0, 0.0), (40.0, 0.0), (40.0, 40.0), (0.0, 40.0))
    assert dice(square, square) == 1.0
    half = tuple((x + 20.0, y) for x, y in square)
    assert dice(square, half) == pytest.approx(0.5, abs=0.02)
    assert dice(square, tuple((x + 90.0, y) for x, y in square)) == 0.0


def test_two_annotators_are_compared_on_what_both_marked():
    box = ((10.0, 10.0), (30.0, 10.0), (30.0, 30.0), (10.0, 30.0))
    one = Annotation(CLIP, "a", tuple(KeyFrame(n, TipSight.VISIBLE, (50.0 + n, 60.0), (), {"nerve": box})
                                      for n in (0, 10, 20)))  # fmt: skip
    other = Annotation(CLIP, "b", (KeyFrame(0, TipSight.VISIBLE, (53.0, 64.0), (), {"nerve": box}),
                                   KeyFrame(10, TipSight.HIDDEN), KeyFrame(30, TipSight.ABSENT)))  # fmt: skip
    found = agreement_of(one, other)
    assert (found.frames, found.tips, found.tip_median_px) == (2, 1, 5.0)
    assert found.dice == {"nerve": 1.0}
    assert found.kappa == 0.0
