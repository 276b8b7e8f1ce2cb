"""The scorer: each figure on a case small enough to count by hand, and against an independent scorer."""

import csv
import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rtguide.errors import ConfigError
from rtguide.training.answers import Answers, read_lines
from rtguide.training.case import Case, find_cases, load_case
from rtguide.training.figures import Figures
from rtguide.training.score import pooled, score

PX_PER_MM = 10.0
RATE_HZ = 10.0
COLUMNS = [
    "frame",
    "time_s",
    "needle",
    "tip_visible",
    "tip_x",
    "tip_y",
    "entry_x",
    "entry_y",
    "target_x",
    "target_y",
    "target_in_view",
    "scr",
]
VISIBLE, HIDDEN, GREY, NONE = 1, 0, -1, None


def write_case(folder: Path, course: list[int | None], **said: Any) -> Path:
    """Tip at (200, 100), entry at (100, 100), target at (300, 200); one frame for each state of the course."""
    folder.mkdir()
    with (folder / "truth.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        for index, state in enumerate(course):
            tip = ["", "", "", ""] if state is NONE else [200, 100, 100, 100]
            rows.writerow([index, index / RATE_HZ, int(state is not NONE), state or 0, *tip, 300, 200, 1, 4.0])
    case = {"fps": RATE_HZ, "px_per_mm": PX_PER_MM, "target_box": [280, 190, 40, 20], "probe": {"kind": "linear"}}
    (folder / "case.json").write_text(json.dumps(case | said), encoding="utf-8")
    return folder


def line(frame: int, state: str, off_mm: tuple[float, float] = (0.0, 0.0), **more: Any) -> dict[str, Any]:
    px = None if state in ("none", "hidden") else [200 + PX_PER_MM * off_mm[0], 100 + PX_PER_MM * off_mm[1]]
    target_off = more.get("target_mm")
    target = {"state": "lost", "px": None}
    if target_off is not None:
        target = {"state": "tracked", "px": [300 + PX_PER_MM * target_off, 200]}
    needle = {"entry_px": [100, 100], "tip": {"state": state, "px": px, "sigma_px": more.get("sigma_px", 5.0)}}
    return {"frame": frame, "needle": needle, "targets": [target]}


def figures(case: Case, lines: list[dict[str, Any]]) -> Figures:
    return Figures.of(score(case, Answers.of(lines, case.truth.frame)))


def test_nothing_is_asked_for_the_first_six_tenths_of_a_second(tmp_path: Path) -> None:
    case = load_case(write_case(tmp_path / "c", [VISIBLE] * 16))
    got = figures(case, [line(i, "seen") for i in range(10)])
    assert got.scored == 10
    assert got.found == pytest.approx(4 / 10)


def test_settling_begins_anew_when_the_tip_comes_back(tmp_path: Path) -> None:
    case = load_case(write_case(tmp_path / "c", [VISIBLE] * 9 + [GREY] + [VISIBLE] * 8))
    assert figures(case, []).scored == 3 + 2


def test_seen_counts_as_found_predicted_only_as_shown(tmp_path: Path) -> None:
    case = load_case(write_case(tmp_path / "c", [VISIBLE] * 16))
    got = figures(case, [line(i, "predicted" if i < 11 else "seen", (0.5, 0.0)) for i in range(16)])
    assert got.found == pytest.approx(5 / 10)
    assert got.tip_median_mm == pytest.approx(0.5)


def test_wrong_is_more_than_two_millimetres_off_and_beyond_only_when_short_of_the_tip(tmp_path: Path) -> None:
    case = load_case(write_case(tmp_path / "c", [VISIBLE] * 16))
    offs = [(-2.5, 0.0), (2.5, 0.0), (0.0, 2.5), (1.9, 0.0)]
    got = figures(case, [line(6 + i, "seen", off) for i, off in enumerate(offs)])
    assert got.wrong == pytest.approx(3 / 4)
    assert got.beyond == pytest.approx(1 / 4)
    assert got.found == pytest.approx(1 / 10)


def test_hidden_frames_and_how_late_hidden_is_said(tmp_path: Path) -> None:
    case = load_case(write_case(tmp_path / "c", [VISIBLE] * 10 + [HIDDEN] * 10))
    lines = [line(i, "seen") for i in range(12)] + [line(i, "predicted", (3.0, 0.0)) for i in range(12, 15)]
    got = figures(case, lines)
    assert got.hidden == 10
    assert got.hidden_shown == pytest.approx(3 / 10)
    assert got.late_median_s == pytest.approx(2 / RATE_HZ)


def test_a_tip_that_was_never_visible_is_not_late(tmp_path: Path) -> None:
    case = load_case(write_case(tmp_path / "c", [VISIBLE] * 2 + [GREY] * 9 + [HIDDEN] * 5))
    assert math.isnan(figures(case, [line(i, "seen") for i in range(16)]).late_median_s)


def test_locks_are_rising_edges_in_needle_free_frames(tmp_path: Path) -> None:
    case = load_case(write_case(tmp_path / "c", [NONE] * 20))
    got = figures(case, [line(i, "seen") for i in (0, 1, 5, 6, 7, 19)])
    assert got.locks == 3
    assert got.locks_per_min == pytest.approx(3 / (2 / 60))
    assert got.free_shown == pytest.approx(6 / 20)
    assert math.isnan(got.found)


def test_inside_sigma_and_the_shafts_angle(tmp_path: Path) -> None:
    case = load_case(write_case(tmp_path / "c", [VISIBLE] * 10))
    got = figures(case, [line(6 + i, "seen", (0.0, 1.0), sigma_px=9.0 if i else 11.0) for i in range(4)])
    assert got.inside_sigma == pytest.approx(1 / 4)
    assert got.angle_median_deg == pytest.approx(math.degrees(math.atan2(10, 100)))


def test_a_target_is_held_within_one_and_a_half_millimetres_and_wrong_only_when_called_tracked(tmp_path: Path) -> None:
    case = load_case(write_case(tmp_path / "c", [NONE] * 10))
    got = figures(case, [line(i, "none", target_mm=1.0 if i < 6 else 1.6) for i in range(8)])
    assert got.target_held == pytest.approx(6 / 10)
    assert got.target_wrong == pytest.approx(2 / 10)
    assert got.target_mean_mm == pytest.approx((6 * 1.0 + 2 * 1.6) / 8)


def test_of_stills_only_the_named_frames_count(tmp_path: Path) -> None:
    case = load_case(write_case(tmp_path / "c", [VISIBLE] * 6, single=[1, 4]))
    got = figures(case, [line(i, "seen") for i in range(2)])
    assert (got.scored, got.found) == (2, 0.5)


def test_pooling_weighs_frames_not_cases(tmp_path: Path) -> None:
    long = load_case(write_case(tmp_path / "long", [VISIBLE] * 36))
    short = load_case(write_case(tmp_path / "short", [VISIBLE] * 16))
    tallies = [
        score(long, Answers.of([line(i, "seen") for i in range(36)], long.truth.frame)),
        score(short, Answers.of([], short.truth.frame)),
    ]
    assert Figures.of(pooled(tallies)).found == pytest.approx(30 / 40)


@pytest.mark.parametrize("spoil", ["case.json", "truth.csv", "column", "scale"])
def test_a_case_that_cannot_be_read_names_the_file(tmp_path: Path, spoil: str) -> None:
    folder = write_case(tmp_path / "c", [VISIBLE] * 3, **({"px_per_mm": 0} if spoil == "scale" else {}))
    if spoil in ("case.json", "truth.csv"):
        (folder / spoil).unlink()
    elif spoil == "column":
        (folder / "truth.csv").write_text("frame,needle\n0,1\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"\bc\b"):
        load_case(folder)


def test_folders_of_cases_are_looked_into(tmp_path: Path) -> None:
    first, second = write_case(tmp_path / "a", [NONE]), write_case(tmp_path / "b", [NONE])
    assert find_cases([tmp_path, first]) == [first, second]
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigError, match="no case"):
        find_cases([tmp_path / "empty"])


def test_lines_that_are_no_track_lines_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('{"seq": 1}\n', encoding="utf-8")
    with pytest.raises(ConfigError, match="frame number"):
        read_lines(path)


def made_up_lines(case: Case, seed: int) -> list[dict[str, Any]]:
    """Answers of every kind: right and wrong, in runs, with gaps; nothing of a tracker."""
    rng = np.random.default_rng(seed)
    lines = []
    for index, frame in enumerate(case.truth.frame):
        state = ("seen", "seen", "predicted", "hidden", "none")[
            int(rng.integers(5)) if index % 7 == 0 else index // 9 % 5
        ]
        tip = np.nan_to_num(case.truth.tip_px[index], nan=300.0) + rng.normal(0, 1.2 * case.px_per_mm, 2)
        entry = np.nan_to_num(case.truth.entry_px[index], nan=100.0) + rng.normal(0, 3, 2)
        target = np.nan_to_num(case.truth.target_px[index]) + rng.normal(0, case.px_per_mm, 2)
        has_place = state in ("seen", "predicted")
        sigma = float(rng.uniform(0.5, 2) * case.px_per_mm) if has_place else None
        tip_said = {"state": state, "px": tip.tolist() if has_place else None, "sigma_px": sigma}
        targets = [{"state": ("tracked", "coasting", "lost")[int(rng.integers(3))], "px": target.tolist()}]
        lines.append({"frame": int(frame), "needle": {"entry_px": entry.tolist(), "tip": tip_said}, "targets": targets})
    return [line for line in lines if rng.random() > 0.05]


@pytest.mark.data
def test_the_figures_are_those_of_an_independent_scorer(data: Path, tmp_path: Path) -> None:
    reference = data.parent / "tools" / "score-tracking"
    if not reference.exists():
        pytest.skip("the independent scorer beside the shared test material is not here")
    for root, names in ((data / "sim", None), (data, ["needle_tissue"])):
        folders = find_cases([root]) if names is None else [root / name for name in names]
        tallies = []
        for seed, folder in enumerate(folders):
            case = load_case(folder)
            lines = made_up_lines(case, seed)
            text = "".join(json.dumps(line) + "\n" for line in lines)
            (tmp_path / f"{case.name}.jsonl").write_text(text, encoding="utf-8")
            tallies.append(score(case, Answers.of(lines, case.truth.frame)))
        command = [sys.executable, str(reference), str(root), str(tmp_path), *(names or [])]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        wanted = json.loads(done.stdout.splitlines()[-1])
        got = Figures.of(pooled(tallies)).as_json()
        for name, value in wanted.items():
            mine = math.nan if got[name] is None else got[name]
            assert mine == pytest.approx(value, nan_ok=True), name
