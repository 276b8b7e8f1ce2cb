"""What every needle part gets from the grid tracker: one grid, repeats, lost for a second, passes counted."""

import numpy as np
import pytest

from rtguide.model.frame import Frame
from rtguide.model.geometry import ImageGeometry, Provenance, RectRegion
from rtguide.model.needle import NeedleState, NeedleTrack
from rtguide.model.structure import Role, Structure, StructureKind, Tissue
from rtguide.tracking.grid_tracker import GridTracker

GEOMETRY = ImageGeometry((200, 240), RectRegion(0, 0, 240, 200), (0.15, 0.15), Provenance.USER)


class Told:
    """A needle part that says what it is told, and keeps what it was shown."""

    is_busy = False

    def __init__(self, tracks):
        self.tracks, self.shown = list(tracks), []

    def update(self, picture):
        self.shown.append(picture)
        return NeedleState(self.tracks.pop(0), curve_px=((0.0, 9.0), (40.0, 50.0)))


def frame(seq, shift=0):
    rng = np.random.default_rng(2)
    pixels = np.roll(rng.integers(40, 220, (200, 240)).astype(np.uint8), shift, axis=1)
    return Frame(seq, seq * 40_000_000, None, pixels)


def test_the_part_sees_each_distinct_picture_once_on_the_grid_with_its_time():
    part = Told([NeedleTrack.LOCKED, NeedleTrack.COASTING])
    tracker = GridTracker(lambda grid: part)
    tracker.start(GEOMETRY)
    said = [tracker.track(frame(k, shift)).needle.track for k, shift in enumerate((0, 0, 4))]
    assert said == [NeedleTrack.LOCKED, NeedleTrack.LOCKED, NeedleTrack.COASTING]
    assert [picture.time_s for picture in part.shown] == pytest.approx([0.0, 0.08])
    assert part.shown[0].cells.shape == (200, 240)


def test_a_start_makes_a_new_part_and_counts_anew():
    made = []

    def make(grid):
        made.append(Told([NeedleTrack.LOCKED]))
        return made[-1]

    tracker = GridTracker(make)
    for _ in range(2):
        tracker.start(GEOMETRY)
        assert tracker.track(frame(0)).needle.pass_number == 1
    assert len(made) == 2


def test_fluid_waits_for_a_frame_that_costs_the_needle_little_but_not_for_long():
    part = Told([NeedleTrack.LOCKED] * 12)
    tracker = GridTracker(lambda grid: part)
    tracker.start(GEOMETRY)
    box = Structure("nerve", StructureKind.STRUCTURE, Tissue.NERVE, Role.TARGET, ((90, 90), (130, 90), (130, 130)))
    tracker.mark((box,), frame(0))
    looked = []
    for k in range(12):
        part.is_busy = k in (5, 6) or k >= 8
        tracker.track(frame(k, k))
        looked.append(tracker._spread._looked_s)
    assert [k for k in range(1, 12) if looked[k] != looked[k - 1]] == [7]
    part.tracks, part.is_busy = [NeedleTrack.LOCKED] * 8, True
    for k in range(12, 20):
        tracker.track(frame(k, k))
    assert tracker._spread._looked_s == pytest.approx(17 * 0.04), "after two periods it is looked for all the same"
