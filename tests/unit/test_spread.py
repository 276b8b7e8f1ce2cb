"""Injected fluid: seen when it opens in the phantom, with area and direction; not for motion or lost contact."""

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from rtguide.errors import GeometryError
from rtguide.model.frame import Frame
from rtguide.model.geometry import ImageGeometry
from rtguide.model.scene import Tracking
from rtguide.model.spread import Spread, SpreadAround, SpreadSight
from rtguide.phantom import Phantom, load_scenario
from rtguide.phantom.happenings import Inject, ProbeMove
from rtguide.phantom.scenario import NeedleStep, Scenario
from rtguide.phantom.truth import Truth
from rtguide.recording.values_json import from_json, to_json
from rtguide.tracking.grid import GridSampler, WorkGrid
from rtguide.tracking.spread import SpreadTracker
from rtguide.tracking.structures import StructureTracker

RATE_HZ = 8.0


def femoral() -> Scenario:
    return load_scenario("femoral")


def injecting() -> Scenario:
    scenario = femoral()
    assert scenario.needle is not None
    steps = (NeedleStep(seconds=2, inserted_mm=32.0), NeedleStep(seconds=30))
    inject = Inject(kind="inject", at_s=3, seconds=4, radius_mm=4.5, aspect=2.0)
    needle = scenario.needle.model_copy(update={"steps": steps, "repeat": False})
    return scenario.model_copy(update={"needle": needle, "events": (inject,)})


def moving(**move: float) -> Scenario:
    steps = (ProbeMove(seconds=2), ProbeMove(seconds=0.8, **move), ProbeMove(seconds=30))
    return femoral().model_copy(update={"probe_moves": steps, "events": ()})


def watched(
    scenario: Scenario, seconds: float, sights: list[SpreadSight] | None = None
) -> tuple[list[Spread | None], list[Truth], ImageGeometry]:
    """What is said frame by frame. sights: is given, frame by frame, whether fluid could be seen."""
    phantom = Phantom(scenario, 37, RATE_HZ)
    grid = WorkGrid.from_geometry(phantom.geometry)
    sampler, tracker, structures = GridSampler(grid), SpreadTracker(grid), StructureTracker()
    structures.start(phantom.geometry)
    said, truths = [], []
    for index in range(round(seconds * RATE_HZ)):
        pixels, truth = phantom.frame(index)
        frame = Frame(index, round(index * 1e9 / RATE_HZ), None, pixels)
        if index == 0:
            structures.mark(truth.structures, frame)
        cells = sampler.take(frame)
        said.append(tracker.update(cells, structures.track_cells(cells), truth.needle_state().curve_px))
        if sights is not None:
            sights.append(tracker.sight)
        truths.append(truth)
    return said, truths, phantom.geometry


@cache
def injection() -> tuple[list[Spread | None], list[Truth], ImageGeometry]:
    return watched(injecting(), 8.0)


def test_no_fluid_is_said_before_there_is_any() -> None:
    said, truths, _ = injection()
    assert [
        spread for spread, truth in zip(said, truths, strict=True) if not truth.spreads and spread is not None
    ] == []


def test_a_pool_is_seen_grows_and_has_about_its_area() -> None:
    said, truths, geometry = injection()
    pairs = [
        (spread.area_mm2(geometry.spacing_mm), truth.spreads[0].area_mm2)
        for spread, truth in zip(said, truths, strict=True)
        if spread is not None
    ]
    assert len(pairs) > 24, "seen for most of its four seconds and after"
    ratios = np.array([found / true for found, true in pairs if found is not None])
    assert 0.5 < np.median(ratios) < 1.4
    assert pairs[-1][0] > 2 * pairs[0][0]


def test_where_it_lies_to_the_nerve_is_said() -> None:
    said, truths, _ = injection()
    last, truth = said[-1], truths[-1]
    assert last is not None
    around = {one.name: one for one in last.around}
    pool = np.array(truth.spreads[0].outline_px).mean(axis=0)
    outline = np.array(next(s for s in truth.structures if s.name == "artery").outline_px)
    dx, dy = pool - (outline.min(axis=0) + outline.max(axis=0)) / 2
    assert math.cos(around["artery"].direction_rad - math.atan2(dy, dx)) > math.cos(math.radians(15))
    assert 0 <= around["artery"].share <= 1


@pytest.mark.parametrize(
    "scenario",
    [
        moving(lift_mm=20.0),
        pytest.param(moving(shift_mm=12.0), marks=pytest.mark.slow),
        pytest.param(moving(slide_mm=4.0, tilt_deg=5.0), marks=pytest.mark.slow),
    ],
)
def test_a_probe_that_moves_or_lifts_off_makes_no_fluid(scenario: Scenario) -> None:
    said, _, _ = watched(scenario, 5.0)
    assert [spread for spread in said if spread is not None] == []


def test_none_is_said_only_where_fluid_would_be_seen_and_no_more_once_it_is() -> None:
    sights: list[SpreadSight] = []
    _, truths, _ = watched(injecting(), 7.0, sights)
    assert set(sights[: round(1.5 * RATE_HZ)]) == {SpreadSight.CANNOT_TELL}, "what was there before is not known yet"
    before = [sight for sight, truth in zip(sights, truths, strict=True) if not truth.spreads][-4:]
    assert set(before) == {SpreadSight.NONE}
    assert set(sights[-4:]) == {SpreadSight.SEEN}
    missed = [sight for sight, truth in zip(sights, truths, strict=True) if truth.spreads].count(SpreadSight.NONE)
    assert missed / RATE_HZ < 2.0, "an alarm waits for three seconds"


def test_a_suspension_is_not_said_to_be_no_fluid() -> None:
    """It is hardly darker than tissue, and not seen; but something changes: nobody can say that nothing does."""
    sights: list[SpreadSight] = []
    _, truths, _ = watched(load_scenario("subacromial"), 15.5, sights)
    with_fluid = [sight for sight, truth in zip(sights, truths, strict=True) if truth.spreads]
    assert len(with_fluid) > 3 * RATE_HZ
    said = "".join("n" if sight is SpreadSight.NONE else " " for sight in with_fluid)
    assert max(len(run) for run in said.split(" ")) < 2.0 * RATE_HZ, "an alarm waits for three seconds"


def test_nothing_is_said_of_fluid_once_the_probe_has_moved() -> None:
    sights: list[SpreadSight] = []
    watched(moving(shift_mm=12.0), 3.6, sights)
    assert set(sights[-6:]) == {SpreadSight.CANNOT_TELL}


def test_nothing_marked_says_nothing() -> None:
    phantom = Phantom(injecting(), 37, RATE_HZ)
    grid = WorkGrid.from_geometry(phantom.geometry)
    pixels, _ = phantom.frame(0)
    cells = GridSampler(grid).take(Frame(0, 0, None, pixels))
    assert SpreadTracker(grid).update(cells, ()) is None


def test_a_spread_checks_itself_and_is_kept_in_a_session() -> None:
    spread = Spread(((0.0, 0.0), (4.0, 0.0), (4.0, 3.0)), 120.0, (SpreadAround("nerve", 0.5, 0.25, None),))
    assert spread.area_mm2((0.1, 0.1)) == pytest.approx(1.2)
    assert spread.area_mm2(None) is None
    tracking = Tracking(spread=spread)
    assert from_json(Tracking, to_json(tracking)) == tracking
    older = to_json(Tracking())
    del older["spread"]
    assert from_json(Tracking, older) == Tracking()
    with pytest.raises(GeometryError):
        replace(spread, area_px2=0.0)
