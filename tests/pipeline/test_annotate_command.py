"""`rtguide annotate` without its window: marks go out as case, COCO and CVAT, come back, and are compared."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from rtguide.app.cli import run
from rtguide.training.annotation import Annotation, Clip, KeyFrame, TipSight
from rtguide.training.annotation_file import annotation_path, read_annotation, write_annotation

SAMPLE = Path(__file__).resolve().parents[2] / "recordings" / "femoral"


def annotate(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        run(["annotate", *arguments])
    return int(ended.value.code or 0)


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """The sample with its truth as two people would have marked it, the other 3 px to the right."""
    path = tmp_path / "video.mkv"
    shutil.copyfile(SAMPLE / "video.mkv", path)
    lines = [json.loads(text) for text in (SAMPLE / "truth.jsonl").read_text(encoding="utf-8").splitlines()]
    for name, by in (("me", 0.0), ("you", 3.0)):
        keys = []
        for line in (lines[0], lines[50], lines[60], lines[70]):
            x, y = line["needle"]["tip_px"]
            outline = tuple((a + by, b) for a, b in line["structures"][0]["outline_px"])
            keys.append(KeyFrame(line["frame"], TipSight.VISIBLE, (x + by, y), (), {"nerve": outline}))
        if by:
            keys[3] = replace(keys[3], tip=TipSight.HIDDEN)
        marked = Annotation(Clip("video.mkv", (720, 1280), 75, 25.0, 1 / 16), name, tuple(keys))
        write_annotation(marked, annotation_path(path, name))
    return path


def test_a_case_of_marks_is_what_the_bench_takes(
    clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = tmp_path / "case"
    assert annotate(str(clip), "--export", "case", "--out", str(case)) == 2
    assert "--mm-per-px" in capsys.readouterr().err
    assert annotate(str(clip), "--export", "case", "--out", str(case), "--mm-per-px", "0.0625") == 0
    with pytest.raises(SystemExit) as ended:
        run(["bench", "tracking", str(case), "--no-baseline", "--json"])
    assert ended.value.code == 0
    (row,) = json.loads(capsys.readouterr().out)["cases"]
    figures = json.dumps(row)
    assert '"tip_median_mm"' in figures
    assert annotate(str(clip), "--export", "case", "--out", str(case), "--mm-per-px", "0.0625") == 1


@pytest.mark.parametrize("form", ["coco", "cvat"])
def test_marks_come_back_from_elsewhere_and_replace_none(
    form: str, clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / {"coco": "a.json", "cvat": "a.xml"}[form]
    assert annotate(str(clip), "--export", form, "--out", str(out)) == 0
    assert annotate(str(clip), "--import", str(out)) == 2
    assert "another --annotator" in capsys.readouterr().err
    assert annotate(str(clip), "--import", str(out), "--annotator", "third") == 0
    ours, theirs = (read_annotation(annotation_path(clip, name)) for name in ("me", "third"))
    assert [(k.frame, k.tip, k.tip_px) for k in theirs.keys] == [(k.frame, k.tip, k.tip_px) for k in ours.keys]
    assert [sorted(k.outlines_px) for k in theirs.keys] == [["nerve"]] * 4


def test_two_annotators_are_compared(clip: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert annotate(str(clip), "--agree-with", "you") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["frames"] == told["tips"] == 4
    assert told["tip_median_px"] == pytest.approx(3.0)
    assert told["tip_median_mm"] == pytest.approx(3 / 16)
    assert told["kappa"] == 0.0
    assert 0.9 < told["dice"]["nerve"] < 1.0
