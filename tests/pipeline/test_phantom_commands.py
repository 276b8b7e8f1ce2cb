import csv
import json
from pathlib import Path

import pytest

from rtguide.app.cli import run
from rtguide.app.plugins import open_source
from rtguide.clock import SystemClock
from rtguide.phantom import scenario_names
from rtguide.pipeline.offline import FrameSpan, frames_of


def rtguide(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        run([str(argument) for argument in arguments])
    return int(ended.value.code or 0)


def test_the_list_names_every_scenario(capsys: pytest.CaptureFixture[str]) -> None:
    assert rtguide("phantom", "list", "--json") == 0
    assert [row["name"] for row in json.loads(capsys.readouterr().out)] == list(scenario_names())


def test_a_rendered_case_opens_as_a_source_and_has_a_row_of_truth_a_frame(tmp_path: Path) -> None:
    case = tmp_path / "case"
    assert rtguide("phantom", "render", "femoral", "--seed", 7, "--seconds", 0.4, "--fps", 20, "--out", case) == 0
    source = open_source(str(case / "video.mkv"), SystemClock(), is_paced=False)
    frames = list(frames_of(source, FrameSpan()))
    source.close()
    with (case / "truth.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(frames) == len(rows) == 8
    assert json.loads((case / "case.json").read_text(encoding="utf-8"))["fps"] == 20


def test_what_cannot_be_rendered_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert rtguide("phantom", "render", "femorl", "--out", tmp_path / "a") == 2
    assert "did you mean femoral" in capsys.readouterr().err
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").touch()
    assert rtguide("phantom", "render", "femoral", "--seconds", 1, "--out", tmp_path / "full") == 1
    assert "not empty" in capsys.readouterr().err
