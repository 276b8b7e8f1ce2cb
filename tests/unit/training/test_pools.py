"""Pools of cases: decided from truth alone."""

from pathlib import Path

import numpy as np
import pytest

from rtguide.training.aims import AIMS, Aim
from rtguide.training.case import Case, CaseTruth
from rtguide.training.figures import Figures
from rtguide.training.pools import moderate_cases, pools_of


def case(name: str, probe: str, contrast: float | None, has_needle: bool = True) -> Case:
    """Five frames; two of them visible with this echo-to-clutter (None: never visible), the hidden ones far above."""
    visible = np.array([0, 0, 0, 1, 1]) if contrast is not None else np.zeros(5, np.int64)
    points = np.full((5, 2), 10.0)
    ratio = np.where(visible == 1, contrast or 0.0, 99.0)
    needle = np.full(5, has_needle)
    truth = CaseTruth(np.arange(5), needle, visible, points, points, points, np.ones(5, bool), ratio)
    return Case(name, Path("video.mkv"), 10.0, 25.0, probe, None, None, truth)


def test_the_moderate_half_is_that_of_the_better_seen_tips_of_each_probe() -> None:
    cases = [
        case("dim", "linear", 3.0),
        case("bright", "linear", 9.0),
        case("middle", "linear", 5.0),
        case("curved-dim", "curved", 2.0),
        case("curved-bright", "curved", 2.5),
    ]
    assert moderate_cases(cases) == {1, 2, 4}


def test_never_visible_is_not_moderate_and_no_needle_is() -> None:
    cases = [case("a", "linear", 4.0), case("hidden", "linear", None), case("empty", "linear", None, has_needle=False)]
    assert moderate_cases(cases) == {0, 2}


def test_pools_cover_every_case_once_and_halves_add_up() -> None:
    cases = [case(f"{probe}-{i}", probe, 2.0 + i) for probe in ("curved", "linear", "unknown") for i in range(3)]
    pools = {pool.title: pool.members for pool in pools_of(cases, is_halved=True)}
    assert list(pools)[:4] == ["linear", "linear, moderate", "linear, other", "curved"]
    assert pools["all"] == tuple(range(9))
    for probe in ("linear", "curved", "unknown"):
        both = pools[f"{probe}, moderate"] + pools[f"{probe}, other"]
        assert sorted(both) == sorted(pools[probe])
        assert len(pools[f"{probe}, moderate"]) == 2
    assert "linear, moderate" not in {pool.title for pool in pools_of(cases, is_halved=False)}


@pytest.mark.parametrize(("value", "is_met"), [(0.54, False), (0.55, True), (0.8, True), (0.81, False)])
def test_an_aim_holds_up_to_its_limits(value: float, is_met: bool) -> None:
    assert Aim(0.55, 0.80).is_met(value) is is_met


def test_what_is_not_known_meets_no_aim_and_misses_none() -> None:
    assert Aim(most=1.0).is_met(float("nan")) is None


def test_every_aim_is_a_figure() -> None:
    for aims in AIMS.values():
        assert set(aims) <= set(Figures.__slots__)
