"""`rtguide bench matrix`: clips are rendered once, again when they would look otherwise, and judged."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rtguide.app.bench.matrix import MADE
from rtguide.app.cli import run
from rtguide.app.plugins import open_source
from rtguide.clock import ManualClock
from rtguide.phantom import Phantom
from rtguide.phantom.clip_matrix import load_matrix

TEXT = """
seconds = 0.4
scenarios = ["femoral"]
seeds = [{ seed = 3, start_s = 2 }]
layouts = [{ name = "bare", width_px = 480, height_px = 360, zoom = 0.5 }]
conditions = [{ name = "15fps", fps = 15 }]

[needle_free]
seeds = [{ seed = 4 }]
"""


def bench(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        run(["bench", "matrix", *(str(argument) for argument in arguments)])
    return int(ended.value.code or 0)


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "truth.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    path = tmp_path / "m.toml"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_clips_are_rendered_once_and_judged(recipe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "clips"
    assert bench("--out", out, "--matrix", recipe, "--json", "--no-baseline") == 0
    said = capsys.readouterr()
    assert "1 clips with a needle, 1 without, of 2 in all; 2 rendered" in " ".join(said.err.split())
    report: dict[str, Any] = json.loads(said.out)
    assert [row["name"] for row in report["cases"]] == ["femoral_s3_bare_15fps", "femoral-free_s4_bare_15fps"]
    assert "linear, moderate" in {row["name"] for row in report["pooled"]}
    clip, free = (out / row["name"] for row in report["cases"])
    assert [row["frame"] for row in rows(clip)] == [str(i) for i in range(6)]
    assert {row["needle"] for row in rows(clip)} == {"1"}
    assert {row["needle"] for row in rows(free)} == {"0"}

    (cell, _) = load_matrix(recipe).cells()
    phantom = Phantom(cell.build_scenario(), 3, 15.0)
    source = open_source(str(clip / "video.mkv"), ManualClock(), is_paced=False)
    first = source.read(10.0)
    source.close()
    assert first is not None
    there, truth = phantom.frame(30)
    np.testing.assert_array_equal(first.pixels.reshape(*there.shape, -1)[..., 0], there)
    assert truth.needle is not None
    assert float(rows(clip)[0]["tip_x"]) == pytest.approx(truth.needle.tip_px[0], abs=1e-3)

    written = (clip / "video.mkv").stat().st_mtime_ns
    assert bench("--out", out, "--matrix", recipe, "--render-only") == 0
    assert "0 rendered" in capsys.readouterr().err
    assert (clip / "video.mkv").stat().st_mtime_ns == written


def test_what_was_left_half_done_or_made_otherwise_is_rendered_again(
    recipe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "clips"
    assert bench("--out", out, "--matrix", recipe, "--render-only") == 0
    capsys.readouterr()
    (out / "femoral_s3_bare_15fps" / MADE).unlink()
    (out / "femoral-free_s4_bare_15fps" / MADE).write_text('{"fingerprint": "other"}', encoding="utf-8")
    assert bench("--out", out, "--matrix", recipe, "--render-only") == 0
    assert "2 rendered" in capsys.readouterr().err
    (out / "femoral_s3_bare_15fps" / MADE).unlink()
    (out / "femoral_s3_bare_15fps" / "notes.txt").touch()
    assert bench("--out", out, "--matrix", recipe, "--render-only") == 1
    assert "holds notes.txt, which is no part of a clip" in " ".join(capsys.readouterr().err.split())
    assert (out / "femoral_s3_bare_15fps" / "notes.txt").exists()
