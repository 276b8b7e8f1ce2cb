"""Sources of possible needles: what they must hold to, and that another's plugs in."""

import numpy as np
import pytest

from rtguide.errors import GeometryError
from rtguide.model.frame import Frame
from rtguide.model.geometry import ImageGeometry, Provenance, RectRegion
from rtguide.model.needle import NeedleTrack
from rtguide.tracking.grid import WorkGrid
from rtguide.tracking.grid_tracker import GridTracker
from rtguide.tracking.needle import LineNeedle
from rtguide.tracking.needle_proposal import LineProposal

GEOMETRY = ImageGeometry((200, 240), RectRegion(0, 0, 240, 200), (0.15, 0.15), Provenance.USER)


class Always:
    """Proposes one line in every picture."""

    def __init__(self, line):
        self.line, self.asked = line, 0

    def propose(self, evidence):
        assert evidence.contrast.shape == WorkGrid.from_geometry(GEOMETRY).shape
        self.asked += 1
        return [LineProposal(self.line, 9.0, has_end=True)]


def test_a_line_needs_two_points():
    with pytest.raises(GeometryError, match="two points"):
        LineProposal((3.0, 4.0, 3.0, 4.0), 5.0)


def test_anothers_source_is_asked_once_a_distinct_picture_and_its_line_is_watched():
    source = Always((0.0, 40.0, 80.0, 90.0))
    tracker = GridTracker(lambda grid: LineNeedle(grid, lambda _: (source,)))
    tracker.start(GEOMETRY)
    rng = np.random.default_rng(1)
    picture = rng.integers(40, 90, (200, 240)).astype(np.uint8)
    x = np.arange(81)
    picture[40 + x * 50 // 80, x] = 250
    states = [tracker.track(Frame(k, k * 40_000_000, None, picture + np.uint8(k % 2))).needle for k in range(4)]
    assert source.asked == 4
    assert states[-1].track is NeedleTrack.SEARCHING
