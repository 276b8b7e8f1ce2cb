"""Scripted attempts: what is told of them is as near to the truth as it says, and levels come out in order."""

import json
from dataclasses import replace

import pytest

from rtguide.app.bench.skill import TOLERANCES, ScriptedRun, as_json, play, within
from rtguide.app.cli import run
from rtguide.training.skill import Bound, Figure


def test_a_figure_is_within_its_tolerance_its_error_or_on_its_side():
    true = Figure("path_mm", 50.0)
    assert within(Figure("path_mm", 50.0 + TOLERANCES["path_mm"]), true)
    assert within(Figure("path_mm", 51.0 + TOLERANCES["path_mm"]), true) is False
    assert within(Figure("path_mm", 70.0, 20.0), true)
    near = Figure("closest_mm nerve", 4.0, bound=Bound.AT_MOST)
    assert within(near, Figure("closest_mm nerve", 1.0))
    assert within(near, Figure("closest_mm nerve", 6.0)) is False
    assert within(replace(near, value=None), true) is None


def test_an_expert_is_scored_as_he_was():
    scored = play(ScriptedRun(level=2, seed=2, rate_hz=15.0))
    told = {figure.name: figure.value for figure in scored.said.figures}
    for figure in scored.said.figures:
        assert within(figure, scored.true[figure.name]) is not False, figure
    assert scored.true_score is not None
    assert scored.true_score >= 90.0
    assert scored.score == pytest.approx(scored.true_score, abs=5.0)
    assert told["passes"] == 1
    assert told["target_surrounded"] is not None
    assert as_json([scored])["pairs"]["of"] == 0


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_thirty_attempts_are_told_mostly_within_tolerance_and_levels_come_out_in_order(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as ended:
        run(["bench", "skill", "--each", "10", "--jobs", "2", "--json"])
    assert ended.value.code == 0
    told = json.loads(capsys.readouterr().out)
    assert len(told["attempts"]) == 30
    assert told["pairs"]["of"] == 300
    assert told["pairs"]["in_order"] >= 0.95 * 300
    rows = told["figures"]
    assert sum(row["within"] for row in rows) >= 0.95 * sum(row["told"] for row in rows)
    for row in rows:  # a novice's first insertion that no tracker saw puts several figures of that attempt off
        assert row["told"] > 0, row
        assert row["within"] >= 0.9 * row["told"], row
