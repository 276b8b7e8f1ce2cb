"""Lost for a second; a pass is an insertion, not a lock."""

import math

import numpy as np
import pytest

from rtguide.model.geometry import ImageGeometry, Provenance, RectRegion
from rtguide.model.needle import NeedleMode, NeedleState, NeedleTrack, Tip, TipState
from rtguide.tracking.grid import WorkGrid
from rtguide.tracking.needle_course import NeedleCourse

MM_PER_PX = 0.15
GONE = NeedleState()


@pytest.fixture
def course():
    geometry = ImageGeometry((260, 280), RectRegion(0, 0, 280, 260), (MM_PER_PX, MM_PER_PX), Provenance.USER)
    return NeedleCourse(WorkGrid.from_geometry(geometry))


def needle(length_mm, angle_deg=30.0, entry=(0.0, 40.0)):
    angle, length = math.radians(angle_deg), length_mm / MM_PER_PX
    end = entry[0] + length * math.cos(angle), entry[1] + length * math.sin(angle)
    tip = Tip(TipState.SEEN, end, None, 3.0)
    return NeedleState(NeedleTrack.LOCKED, NeedleMode.IN_PLANE, entry_px=entry, curve_px=(entry, end), tip=tip)


def passes(course, states):
    return [course.update(state, 0.1 * k).pass_number for k, state in enumerate(states)]


def test_lost_is_said_for_a_second_then_what_the_part_says(course):
    states = [needle(20.0)] * 5 + [NeedleState(NeedleTrack.SEARCHING)] * 15
    said = [course.update(state, 0.1 * k).track for k, state in enumerate(states)]
    assert said[5:14] == [NeedleTrack.LOST] * 9
    assert said[15] is NeedleTrack.SEARCHING


@pytest.mark.parametrize("gap", [1, 30])
def test_a_needle_that_is_lost_from_sight_and_found_again_is_the_same_pass(course, gap):
    again = needle(22.0, 34.0, (0.0, 50.0))
    assert passes(course, [needle(20.0)] * 8 + [GONE] * gap + [again] * 3)[-1] == 1


def test_a_needle_on_another_line_is_the_next_pass(course):
    assert passes(course, [needle(20.0)] * 8 + [GONE] * 5 + [needle(20.0, 48.0)] * 3)[-1] == 2
    assert passes(course, [GONE] * 5 + [needle(20.0, 48.0, (0.0, 130.0))] * 3)[-1] == 3


def test_in_out_and_in_again_on_the_same_line_is_two_passes(course):
    inward, outward = [needle(mm) for mm in np.linspace(5, 25, 20)], [needle(mm) for mm in np.linspace(25, 4, 20)]
    said = passes(course, inward + [needle(25.0)] * 5 + outward + [GONE] * 5 + inward)
    assert said[44] == 1
    assert said[-1] == 2


def test_withdrawn_out_of_sight_and_found_again_much_shorter_is_the_next_pass(course):
    said = passes(course, [needle(25.0)] * 10 + [GONE] * 20 + [needle(6.0)] * 3)
    assert said[-1] == 2


def test_partly_withdrawn_and_redirected_while_followed_is_the_same_pass(course):
    turned = [needle(14.0, angle) for angle in np.linspace(30, 45, 10)]
    there = [needle(25.0)] * 5 + [needle(mm) for mm in np.linspace(25, 14, 10)]
    assert passes(course, there + turned + [needle(25.0, 45.0)] * 5) == [1] * 30


def test_a_young_needle_that_is_lost_near_the_border_is_found_again_as_the_same(course):
    assert passes(course, [needle(5.0)] * 3 + [GONE] * 4 + [needle(9.0)] * 3)[-1] == 1
    lone_leap = [needle(6.0)] * 3 + [needle(30.0)] + [needle(6.0)] * 3
    assert passes(course, lone_leap + [GONE] * 4 + [needle(9.0)] * 3)[-1] == 1
