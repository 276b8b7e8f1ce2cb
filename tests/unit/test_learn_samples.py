"""Samples of another make and the lessons drawn from them: what is asked agrees with what is to be seen."""

import numpy as np
import pytest

from rtguide.phantom.truth import TipVisibility
from rtguide.training.learn.make import made
from rtguide.training.learn.samples import NONE, Sample
from rtguide.training.learn.vary import SIDE, lesson

COUNT = 40


@pytest.fixture(scope="module")
def samples():
    return [made(SIDE, np.random.default_rng([11, number])) for number in range(COUNT)]


def along(one, back_cells):
    """Mean grey within two cells of the place so far back from the tip (negative: ahead of it)."""
    unit = one.curve[-1] - one.curve[-8]
    unit /= np.hypot(*unit)
    x, y = one.curve[-1] - back_cells * unit
    rows, columns = slice(max(round(y) - 1, 0), round(y) + 2), slice(max(round(x) - 1, 0), round(x) + 2)
    return float(one.picture[rows, columns, 0].mean())


def test_all_kinds_of_samples_come_up_and_are_grey_pictures(samples):
    assert {one.visibility for one in samples} == {None, *TipVisibility}
    for one in samples:
        assert one.picture.shape == (SIDE, SIDE, 4)
        assert one.picture.min() >= 0
        assert one.picture.max() <= 255
        assert one.picture[..., 0].std() > 3


def test_a_visible_tip_ends_an_echo_where_the_truth_says(samples):
    inner = [one for one in samples if one.visibility is TipVisibility.VISIBLE and len(one.curve) > 20]
    inner = [one for one in inner if (np.abs(one.curve[-1] - SIDE / 2) < 0.38 * SIDE).all()]
    assert len(inner) >= 5
    steps = [along(one, 3.0) - along(one, -5.0) for one in inner]
    assert np.median(steps) > 15


def test_equal_numbers_give_equal_samples():
    one, other = (made(SIDE, np.random.default_rng(5)) for _ in range(2))
    assert np.array_equal(one.picture, other.picture)
    assert np.array_equal(one.curve, other.curve)


def test_lessons_ask_for_tips_only_where_there_is_one():
    grey = np.full((130, 140, 4), 90, np.uint8)
    sample = Sample(grey, np.ones((130, 140), bool), NONE, (np.nan, np.nan), np.empty((0, 2)))
    asked = [lesson(sample, np.random.default_rng([12, number])) for number in range(COUNT)]
    peaks = np.array([one.tip.max() for one in asked])
    assert (peaks > 0.8).sum() >= 5
    assert (peaks == 0).sum() >= 5
    for one in asked:
        assert one.given.shape == (5, SIDE, SIDE)
        if one.tip.max() > 0.8:
            assert (one.shaft * one.shaft_weight).max() > 0.5
