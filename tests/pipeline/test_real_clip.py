"""The real needle clip, as far as it is there: tracked twice, scored, and shown in the real window."""

import csv
import json
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rtguide.app.cli import run

ROOT = Path(__file__).resolve().parents[2]
FRAMES = 448
MM_PER_PX = 0.0355
BONE_PX = ((50.0, 420.0), (900.0, 712.0))
"""Two points of the bright bone line below the needle, read off frame 25."""


def track(clip: Path, out: Path) -> list[dict[str, Any]]:
    with pytest.raises(SystemExit) as ended:
        run(["track", str(clip), "--out", str(out), "--mm-per-px", str(MM_PER_PX)])
    assert not ended.value.code
    return [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]


def above_bone_px(point: list[float]) -> float:
    (x0, y0), (x1, y1) = BONE_PX
    return y0 + (point[0] - x0) * (y1 - y0) / (x1 - x0) - point[1]


@pytest.fixture(scope="module")
def tracked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, Any]]]:
    clip = ROOT.parent / "shared" / "data" / "needle_tissue" / "ph_1_3_1.mp4"
    if not clip.exists():
        pytest.skip("the shared test material (../shared/data) is not here")
    out = tmp_path_factory.mktemp("real") / "out.jsonl"
    return out, track(clip, out)


@pytest.mark.data
def test_a_line_a_frame_and_equal_bytes_again(
    tracked: tuple[Path, list[dict[str, Any]]], data: Path, tmp_path: Path
) -> None:
    out, lines = tracked
    assert [line["frame"] for line in lines] == list(range(FRAMES))
    again = tmp_path / "again.jsonl"
    track(data / "needle_tissue" / "ph_1_3_1.mp4", again)
    assert again.read_bytes() == out.read_bytes()


@pytest.mark.data
def test_it_locks_onto_the_needle_and_never_onto_the_bone(
    tracked: tuple[Path, list[dict[str, Any]]], data: Path
) -> None:
    _, lines = tracked
    shown = [line["needle"]["tip"]["px"] for line in lines if line["needle"]["tip"]["px"] is not None]
    assert shown
    assert min(above_bone_px(point) for point in shown) > 100.0
    with (data / "needle_tissue" / "truth.csv").open(encoding="utf-8") as file:
        truth = {int(row["frame"]): row for row in csv.DictReader(file) if row["tip_visible"] == "1"}
    scored = [frame for frame in truth if frame >= 20]
    close = 0
    for frame in scored:
        tip = lines[frame]["needle"]["tip"]
        if tip["state"] == "seen":
            row = truth[frame]
            miss_px = math.dist(tip["px"], (float(row["tip_x"]), float(row["tip_y"])))
            close += miss_px * MM_PER_PX < 2.0
    assert len(scored) == 12
    assert close >= 8


@pytest.mark.data
@pytest.mark.qt
def test_the_real_window_shows_it_with_its_overlay(data: Path, tmp_path: Path) -> None:
    """The picture is kept where the variable CI_OUTPUT says, to be looked at."""
    from PySide6.QtGui import QImage  # noqa: PLC0415

    folder = Path(os.environ.get("CI_OUTPUT", tmp_path))
    picture = folder / "window-real-clip.png"
    clip = f"replay:{data / 'needle_tissue' / 'ph_1_3_1.mp4'}?speed=0.3&loop=1"
    command = [sys.executable, "docs/pictures/make_pictures.py", str(picture), clip, "--seconds", "0.5"]
    done = subprocess.run(
        [*command, "--mm-per-px", str(MM_PER_PX)], cwd=ROOT, capture_output=True, text=True, timeout=170, check=False
    )
    assert done.returncode == 0, done.stderr
    image = QImage(str(picture))
    assert (image.width(), image.height()) == (1280, 800)
    violet = 0
    for y in range(60, 400, 2):
        for x in range(300, 1100, 2):
            colour = image.pixelColor(x, y)
            violet += colour.blue() > colour.green() + 25 and colour.red() > colour.green()
    assert violet > 60
