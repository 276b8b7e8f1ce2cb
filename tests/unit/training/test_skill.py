"""Figures of skill on attempts whose answer is known."""

import itertools
import math

import numpy as np
import pytest

from rtguide.errors import ConfigError
from rtguide.training.attempt import Attempt, AttemptError
from rtguide.training.learning import cusum_of
from rtguide.training.rubric import Judged, Meaning, points_of, read_rubric, score_of
from rtguide.training.skill import Bound, Figure, skill_of

RATE_HZ = 30.0


def attempt(along, **changed):
    """The needle is in and seen all the time, 30 frames/s, unless said otherwise."""
    along = np.asarray(along, float)
    n = len(along)
    given = {
        "name": "test", "time_s": np.arange(n) / RATE_HZ, "is_needle": np.ones(n, bool), "is_seen": np.ones(n, bool),
        "along_mm": along, "sigma_mm": np.full(n, 0.3), "angle_rad": np.full(n, math.radians(30.0)),
        "pass_number": np.ones(n, np.int64), "probe_mm": np.zeros((n, 2)), "target_mm": np.full(n, np.nan),
        "keep_outs_mm": {}, "around_target": np.full(n, np.nan), "injecting": np.zeros(n, bool),
    }  # fmt: skip
    given.update(changed)
    given["along_mm"] = np.where(given["is_seen"], given["along_mm"], np.nan)
    return Attempt(**given)


def way(*places, speed=8.0):
    """The tip goes from place to place at a steady speed, mm and mm/s."""
    pieces = []
    for a, b in itertools.pairwise(places):
        pieces.append(np.linspace(a, b, max(2, round(abs(b - a) / speed * RATE_HZ)), endpoint=False))
    return np.concatenate([*pieces, [places[-1]]])


def test_a_straight_advance_is_as_long_as_it_is_and_trembling_adds_nothing():
    along = way(0, 30) + np.random.default_rng(1).normal(0, 0.15, len(way(0, 30)))
    skill = skill_of(attempt(along))
    assert skill["path_mm"].value == pytest.approx(30, abs=0.8)
    assert skill["in_plane_share"].value == 100
    assert skill["disappearances"].value == 0
    assert skill["swings_per_min"].value == 0
    still = skill_of(attempt(np.random.default_rng(2).normal(0, 0.12, 600)))
    assert still["path_mm"].value is None or still["path_mm"].value < 1.5


def test_what_was_advanced_unseen_is_told_and_linked():
    along = way(0, 40)
    is_seen = ~((along > 10) & (along < 20))
    figure = skill_of(attempt(along, is_seen=is_seen))["in_plane_share"]
    assert figure.value == pytest.approx(75, abs=3)
    (span,) = figure.spans
    assert span == pytest.approx((10 / 8, 20 / 8), abs=0.15)
    assert " mm of 40 mm unseen" in figure.note
    lost = skill_of(attempt(along, is_seen=is_seen))["disappearances"]
    assert lost.value == 1
    assert lost.spans[0][1] - lost.spans[0][0] == pytest.approx(10 / 8, abs=0.1)


def test_a_flicker_of_two_frames_is_no_disappearance():
    is_seen = np.ones(300, bool)
    is_seen[100:102] = False
    skill = skill_of(attempt(np.linspace(0, 20, 300), is_seen=is_seen))
    assert skill["disappearances"].value == 0
    assert skill["in_plane_share"].value == 100


def test_withdrawing_and_turning_is_a_redirection_and_a_swing():
    along = way(0, 25, 12, 30)
    angle = np.where(np.arange(len(along)) < len(way(0, 25, 12)), 0.5, 0.7)
    skill = skill_of(attempt(along, angle_rad=angle))
    assert skill["redirections"].value == 1
    assert skill["path_mm"].value == pytest.approx(25 + 13 + 18, abs=2)
    assert skill["swings_per_min"].value == pytest.approx(2 / (len(along) / RATE_HZ / 60))
    same = skill_of(attempt(along))
    assert same["redirections"].value == 0


def test_ways_passes_and_swings_lead_to_their_moments():
    """A long advance, a rest, a short one; the picture moves once; a second insertion."""
    pause = np.full(60, 20.0)
    along = np.concatenate([way(0, 20), pause, way(20, 24)])
    number = np.where(np.arange(len(along)) < len(along) - 20, 1, 2)
    probe = np.zeros((len(along), 2))
    probe[90:100, 0] = 0.6
    skill = skill_of(attempt(along, probe_mm=probe, pass_number=number))
    longest, short = skill_of(attempt(along))["path_mm"].spans
    assert longest == pytest.approx((0, 20 / 8), abs=0.15)
    assert short == pytest.approx((20 / 8 + 2, 24 / 8 + 2), abs=0.5)
    assert [sum(span) / 2 for span in skill["passes"].spans] == pytest.approx([0, (len(along) - 20) / RATE_HZ])
    (moved,) = skill["probe_way_mm"].spans
    assert moved[1] == pytest.approx(100 / RATE_HZ, abs=0.1)
    assert moved[1] - moved[0] < 1.0, "not the stillness before it"
    back = skill_of(attempt(way(0, 25, 12, 30)))["swings_per_min"]
    assert [sum(span) / 2 for span in back.spans] == pytest.approx([26.5 / 8, 39.5 / 8], abs=0.2)


def test_time_to_target_and_nearness():
    along = way(0, 30)
    target = 32 - along
    artery = np.hypot(along - 12, 4) - 1
    skill = skill_of(attempt(along, target_mm=target, keep_outs_mm={"artery": artery}))
    assert skill["time_to_target_s"].value == pytest.approx(30 / 8, abs=0.1)
    closest = skill["closest_mm artery"]
    assert closest.value == pytest.approx(3, abs=0.05)
    assert closest.error == pytest.approx(0.6)
    assert closest.spans[0][0] + 0.5 == pytest.approx(12 / 8, abs=0.1)
    hidden = skill_of(attempt(along, is_seen=along < 8, keep_outs_mm={"artery": artery}))["closest_mm artery"]
    assert hidden.value > 4
    assert "unseen for 2.8 s" in hidden.note


def test_injection_and_motion_of_the_picture():
    n = 300
    injecting = np.zeros(n, bool)
    injecting[100:200] = True
    is_seen = np.ones(n, bool)
    is_seen[150:200] = False
    probe = np.zeros((n, 2))
    probe[30:60, 0] = 0.5
    skill = skill_of(attempt(np.linspace(0, 10, n), is_seen=is_seen, injecting=injecting, probe_mm=probe))
    assert skill["injection_seen_share"].value == pytest.approx(50)
    assert skill["probe_way_mm"].value == pytest.approx(15, abs=0.6)
    assert skill["entry_angle_deg"].value == pytest.approx(30)


def test_nothing_seen_gives_reasons_not_numbers():
    n = 60
    skill = skill_of(attempt(np.full(n, np.nan), is_needle=np.zeros(n, bool), is_seen=np.zeros(n, bool),
                             angle_rad=np.full(n, np.nan)))  # fmt: skip
    assert score_of(read_rubric(None).judge(skill), read_rubric(None)) is None
    for name in ("time_to_target_s", "path_mm", "in_plane_share", "disappearances", "entry_angle_deg", "passes",
                 "redirections", "probe_way_mm"):  # fmt: skip
        assert skill[name].value is None
        assert skill[name].note
    with pytest.raises(AttemptError, match="two frames"):
        attempt([1.0])


def test_a_rubric_judges_only_what_can_be_told(tmp_path):
    along = way(0, 40)
    rubric = read_rubric(None)
    judged = rubric.judge(skill_of(attempt(along, is_seen=~((along > 10) & (along < 30)))))
    by_name = {one.figure.name: one for one in judged}
    assert by_name["in_plane_share"].is_met is False
    assert by_name["passes"].is_met is True
    assert by_name["injection_seen_share"].is_met is None
    assert 0 < score_of(judged, rubric).value < 100
    text = 'name = "x"\n[figures.passes]\ntitle = "P"\nunit = ""\ntext = ""\nsource = ""\n'
    for wrong, said in (
        ("bets = 1\n", r"figures\.passes\.bets"),
        ("best = 1\n", "need each other"),
        ('best = 3\nlimit = 1\nworst = 4\nbetter = "less"\n', "from good to bad"),
        ('best = 3\nlimit = 4\nworst = 5\nbetter = "more"\n', "from good to bad"),
    ):
        (tmp_path / "a.toml").write_text(text + wrong)
        with pytest.raises(ConfigError, match=said):
            read_rubric(tmp_path / "a.toml")
    with pytest.raises(ConfigError, match="cannot be read"):
        read_rubric(tmp_path / "b.toml")


def judged_at(value, **meaning):
    fields = {"title": "t", "unit": "", "text": "", "source": "", "weight": 1.0} | meaning
    figure = {"error": None, "bound": None} | {name: fields.pop(name) for name in ("error", "bound") if name in fields}
    return Judged(Figure("f", value, **figure), Meaning(**fields), "t")


@pytest.mark.parametrize(
    ("value", "points"), [(-1, 100), (0, 100), (2.5, 90), (5, 80), (10, 40), (15, 0), (20, 0), (None, None)]
)
def test_points_fall_from_best_over_the_limit_to_worst(value, points):
    assert points_of(judged_at(value, better="less", best=0, limit=5, worst=15), 80) == points
    flipped = None if value is None else -value
    assert points_of(judged_at(flipped, better="more", best=0, limit=-5, worst=-15), 80) == points


def test_points_are_none_where_a_bound_leaves_them_open_and_all_or_none_without_ends():
    ends = {"better": "less", "best": 0, "limit": 5, "worst": 15}
    assert points_of(judged_at(10, bound=Bound.AT_MOST, **ends), 80) is None  # it may be better
    assert points_of(judged_at(10, bound=Bound.AT_LEAST, **ends), 80) is None  # it may be worse
    assert points_of(judged_at(0, bound=Bound.AT_MOST, **ends), 80) == 100
    assert points_of(judged_at(15, bound=Bound.AT_LEAST, **ends), 80) == 0
    assert points_of(judged_at(4, better="less", limit=5), 80) == 100
    assert points_of(judged_at(6, better="less", limit=5), 80) == 0
    assert points_of(judged_at(6, error=2, better="less", limit=5), 80) is None
    assert points_of(judged_at(1, better="less", best=1, limit=1, worst=3), 80) == 100
    assert points_of(judged_at(2, better="less", best=1, limit=1, worst=3), 80) == 40


def test_a_score_is_the_mean_by_weight_with_its_error():
    rubric = read_rubric(None)
    ends = {"better": "less", "best": 0, "limit": 5, "worst": 15}
    one, other = judged_at(10, error=2, weight=3, **ends), judged_at(0, **ends)
    score = score_of((one, other), rubric)
    assert score.value == pytest.approx((3 * 40 + 100) / 4)
    assert score.error == pytest.approx(3 * 16 / 4)
    untold = judged_at(None, weight=5, **ends)
    assert score_of((one, other, untold), rubric) is None


def test_a_cusum_decides_in_the_end_and_not_at_once():
    rubric = read_rubric(None)
    good, bad = cusum_of([True] * 20, rubric), cusum_of([False] * 6, rubric)
    assert cusum_of([True, False, True], rubric).words.startswith("not decided")
    assert good.words == "failures are as rare as is acceptable"
    assert bad.words == "there are more failures than is acceptable"
    assert good.values[0] == 0
    # Wald's lines for 20 % against 40 % at 10 %: ln 9 over ln 2 + ln (0.8 / 0.6)
    assert bad.deficient_at == pytest.approx(2.24, abs=0.01)
    assert bad.values[1] == pytest.approx(0.707, abs=0.001)
