"""`rtguide bench tracking`: the figures that the lines of `rtguide track` give, pooled, in any number of processes."""

import json
from pathlib import Path
from typing import Any

import pytest

from rtguide.app.bench.needle_free import FreeRun, as_json, edges_in
from rtguide.app.bench.run_cases import Lines
from rtguide.app.cli import run
from rtguide.app.plugins import default_tracker
from rtguide.training.answers import Answers, read_lines
from rtguide.training.case import load_case
from rtguide.training.figures import Figures
from rtguide.training.score import pooled, score
from video_files import write_video

RECORDINGS = Path(__file__).resolve().parents[2] / "recordings"


def rtguide(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        run([str(argument) for argument in arguments])
    return int(ended.value.code or 0)


def without_times(report: dict[str, Any]) -> dict[str, Any]:
    return {part: [row | {"median_ms": 0} for row in rows] for part, rows in report.items()}


def test_figures_are_those_of_the_lines_of_track(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folders = [RECORDINGS / "femoral", RECORDINGS / "lumbar-facet"]
    assert (
        rtguide("bench", "tracking", *folders, "--json", "--halves", "--no-baseline", "--lines", tmp_path / "said") == 0
    )
    report = json.loads(capsys.readouterr().out)
    tallies = []
    for folder, row in zip(folders, report["cases"], strict=True):
        case = load_case(folder)
        assert case.target_box is not None
        out = tmp_path / f"{folder.name}.jsonl"
        target = "nerve=" + ",".join(str(value) for value in case.target_box)
        scale = ("--mm-per-px", str(1 / case.px_per_mm))
        assert rtguide("track", case.video, "--out", out, "--target", target, *scale) == 0
        assert read_lines(tmp_path / "said" / default_tracker() / f"{folder.name}.jsonl") == read_lines(out)
        tallies.append(score(case, Answers.of(read_lines(out), case.truth.frame)))
        assert row["name"] == folder.name
        assert row["figures"] == Figures.of(tallies[-1]).as_json()
    last = report["pooled"][-1]
    assert (last["name"], last["cases"]) == ("all", 2)
    assert last["figures"] == Figures.of(pooled(tallies)).as_json()
    assert "linear, moderate" in {row["name"] for row in report["pooled"]}


@pytest.mark.slow
def test_several_processes_say_the_same_as_one(capsys: pytest.CaptureFixture[str]) -> None:
    reports = []
    for jobs in (1, 2):
        assert rtguide("bench", "tracking", RECORDINGS, "--json", "--no-baseline", "--jobs", jobs) == 0
        reports.append(without_times(json.loads(capsys.readouterr().out)))
    assert len(reports[0]["cases"]) == 3
    assert reports[0] == reports[1]


def test_the_tables_name_cases_pools_and_aims(capsys: pytest.CaptureFixture[str]) -> None:
    assert rtguide("bench", "tracking", RECORDINGS / "lumbar-facet") == 0
    text = capsys.readouterr().out
    assert text.count("opencv-mil") == 3
    assert "opencv-mil" not in text[: text.index("First structure")]
    for wanted in ("opencv", "lumbar-facet", "curved (1)", "aim", "≥85", "all (1)", "First structure"):
        assert wanted in text


def test_a_clip_of_noise_counts_no_lock(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clip = write_video(tmp_path / "noise.mkv", shape=(240, 320))
    assert rtguide("bench", "tracking", "--needle-free", "--no-baseline", clip, "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert report["clips"][0]["frames"] == 12
    assert report["clips"][0]["seconds"] == pytest.approx(0.48)
    row = {"tracker": default_tracker(), "locks": 0, "seconds": pytest.approx(0.48), "locks_per_min": 0}
    assert report["pooled"] == [row]


def test_rising_edges_of_a_shown_tip_are_locks() -> None:
    states = ["seen", "predicted", "hidden", "none", "predicted", "seen", "none", "seen"]
    lines = tuple(
        {"frame": 10 + i, "time_s": i * 0.5, "needle": {"state": "locked", "tip": {"state": state}}}
        for i, state in enumerate(states)
    )
    clip = edges_in(FreeRun("clip.mp4", "classic"), Lines(lines, 1.0))
    assert clip.lock_frames == (10, 14, 17)
    assert (clip.shown, clip.seconds) == (5, 4.0)
    pooled_row = as_json([clip, clip])["pooled"][0]
    assert (pooled_row["locks"], pooled_row["locks_per_min"]) == (6, pytest.approx(45.0))


def test_what_cannot_be_judged_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert rtguide("bench", "tracking", tmp_path) == 2
    assert "is no case and holds none" in capsys.readouterr().err
    assert rtguide("bench", "tracking", RECORDINGS, "--tracker", "clasic") == 2
    assert "there is no tracker 'clasic'" in capsys.readouterr().err


@pytest.mark.data
@pytest.mark.slow
def test_the_needle_free_clips_count_no_lock(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clips = [*sorted((data / "scale").glob("*.mp4")), data / "plus" / "SpinePhantomFreehand.igs.mha"]
    clips += [data / "dicom" / f"{name}.dcm" for name in ("color3d_jpeg_baseline", "examples_ybr_color")]
    assert rtguide("bench", "tracking", "--needle-free", "--no-baseline", *clips, "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert report["pooled"][0]["seconds"] > 40
    assert report["pooled"][0]["locks"] == 0
