"""An end beyond which nothing comes back is not the tip, unless it is sure."""

import math

import numpy as np
import pytest

from rtguide.model.geometry import ImageGeometry, Provenance, RectRegion
from rtguide.model.needle import HiddenReason, NeedleTrack, TipState
from rtguide.tracking.grid import WorkGrid
from rtguide.tracking.grid_motion import TissueMotion
from rtguide.tracking.grid_tracker import GridPicture
from rtguide.tracking.learned_cue import CueLook
from rtguide.tracking.learned_follow import CueFollower
from rtguide.tracking.learned_lines import CueLine
from rtguide.tracking.learned_shadow import is_dark_ahead

AT = (150.0, 120.0)


@pytest.fixture(scope="module")
def grid():
    region = RectRegion(0.0, 0.0, 280.0, 240.0)
    return WorkGrid.from_geometry(ImageGeometry((240, 280), region, (0.15, 0.15), Provenance.DEVICE))


def line(degrees, tip=AT, chance=0.5):
    back = -60 * math.cos(math.radians(degrees)), -60 * math.sin(math.radians(degrees))
    return CueLine(tip, (tip[0] + back[0], tip[1] + back[1]), 0.0, chance, 0.7, 1.0)


def tissue(grid, degrees=None, grey=4):
    """Even tissue; dark from half a millimetre beyond `AT` on, across a needle of this slope."""
    cells = np.random.default_rng(1).integers(50, 90, grid.shape).astype(np.uint8)
    if degrees is not None:
        ys, xs = np.mgrid[: grid.shape[0], : grid.shape[1]]
        on = (xs - AT[0]) * math.cos(math.radians(degrees)) + (ys - AT[1]) * math.sin(math.radians(degrees))
        cells[on * grid.cell_mm > 0.5] = grey
    return cells


@pytest.mark.parametrize("degrees", [8, 40, 78, 150])
def test_tissue_ahead_is_no_shadow_and_black_is_one_from_any_side(grid, degrees):
    assert not is_dark_ahead(tissue(grid), grid, line(degrees))
    assert is_dark_ahead(tissue(grid, degrees), grid, line(degrees))
    assert not is_dark_ahead(tissue(grid, degrees, grey=40), grid, line(degrees)), "half as bright is another tissue"


def test_where_the_picture_ends_nothing_can_be_said(grid):
    at_border = line(0, (grid.shape[1] - 2.0, 120.0))
    assert not is_dark_ahead(tissue(grid), grid, at_border)


class Seer:
    """Sees the same line in every picture."""

    def __init__(self, seen):
        self.seen = seen

    def take(self, cells, motion, time_s):
        pass

    def look(self, near=None):
        return CueLook((self.seen,), near is None)


@pytest.mark.parametrize(("chance", "is_seen"), [(0.52, False), (0.8, True)])
def test_at_a_shadows_border_an_end_is_hidden_by_it_unless_it_is_sure(grid, chance, is_seen):
    follower, still = CueFollower(grid, Seer(line(40, chance=chance))), TissueMotion(np.zeros((2, 3)), np.zeros(2), 1.0)
    for part, (cells, expected) in enumerate(((tissue(grid), True), (tissue(grid, 40), is_seen))):
        for k in range(30):
            needle = follower.update(GridPicture(cells, still, 0.04 * (30 * part + k)))
        assert needle.track is NeedleTrack.LOCKED
        assert (needle.tip.state is TipState.SEEN) == expected
    if not is_seen:
        assert needle.tip.hidden_reason is HiddenReason.SHADOW
