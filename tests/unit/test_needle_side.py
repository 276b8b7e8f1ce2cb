"""The side that the plan names: as ever from there, a little later from elsewhere, never not at all."""

import math

import pytest

from rtguide.model.plan import Approach
from rtguide.tracking.learned_lines import CueLine
from rtguide.tracking.learned_lock import OTHER_WAIT_S, CueLock
from rtguide.tracking.needle_side import is_from_other_side

CELL_MM = 0.15
LEFT, RIGHT = Approach.IN_PLANE_LEFT, Approach.IN_PLANE_RIGHT


def line_of(tip_chance, shaft_chance, x=100.0):
    """A needle from the left, 10 mm of it, whose tip is at x."""
    tail = x - 67 * math.cos(0.6), 120.0 - 67 * math.sin(0.6)
    parts = {"spread": 2.0} if "spread" in CueLine.__dataclass_fields__ else {}
    return CueLine((x, 120.0), tail, 0.0, tip_chance, shaft_chance, **parts)


def first_found(approach, tip_chance, shaft_chance):
    """The look in which an advancing needle is believed; None within forty."""
    lock = CueLock(CELL_MM)
    looks = [
        lock.update((line_of(tip_chance, shaft_chance, 100.0 + 3 * k),), 0.1 * k, None, approach) for k in range(40)
    ]
    return next((k for k, found in enumerate(looks) if found), None)


@pytest.mark.parametrize(
    ("degrees", "approach", "is_other"),
    [
        (30, LEFT, False),
        (150, LEFT, True),
        (150, RIGHT, False),
        (88, LEFT, False),
        (150, Approach.UNKNOWN, False),
        (150, Approach.OUT_OF_PLANE, False),
    ],
)
def test_only_slanted_lines_come_from_a_side(degrees, approach, is_other):
    turn = math.radians(degrees)
    assert is_from_other_side((math.cos(turn), math.sin(turn)), approach) is is_other


@pytest.mark.parametrize("chances", [(0.8, 0.8), (0.38, 0.3)])
def test_a_needle_from_the_planned_side_needs_what_it_needs_without_a_plan(chances):
    assert first_found(LEFT, *chances) == first_found(Approach.UNKNOWN, *chances)


@pytest.mark.parametrize("chances", [(0.8, 0.8), (0.6, 0.35), (0.5, 0.3)])
def test_a_needle_from_the_other_side_is_found_a_little_later_by_the_same_evidence(chances):
    as_ever = first_found(Approach.UNKNOWN, *chances)
    assert as_ever is not None
    assert first_found(RIGHT, *chances) == as_ever + round(OTHER_WAIT_S / 0.1)


def test_nothing_is_believed_out_of_nothing():
    assert first_found(LEFT, 0.15, 0.2) is None
