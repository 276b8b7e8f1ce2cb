"""`rtguide annotate` without its window: marks go out as case, COCO and CVAT, come back, and are compared."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from rtguide.app.annotate import AnnotateJob, ClipFrames, opened, said_of
from rtguide.app.cli import run
from rtguide.errors import RecordingError
from rtguide.recording.reader import open_session
from rtguide.training.annotation import Annotation, Clip, KeyFrame, TipSight
from rtguide.training.annotation_file import annotation_path, read_annotation, write_annotation
from simulated_session import record

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


def test_a_session_is_marked_and_compared_with_what_was_said_then(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = record("sim:femoral?seed=1&fps=15", tmp_path, 30, 1_700_000_000_000_000_000)
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    job = AnnotateJob(folder, "me")
    frames, session = ClipFrames(folder), open_session(folder)
    try:
        for index in (17, 3, 29):
            assert (frames.pixels(index) == session.pixels(index)).all(), index
        annotation = opened(job, frames)
    finally:
        frames.close()
        session.close()
    assert (annotation.clip.frame_count, annotation.clip.name) == (30, folder.name)
    assert annotation.clip.mm_per_px is not None
    lines = said_of(job)
    assert [line["frame"] for line in lines] == list(range(30))
    nerve = ((400.0, 300.0), (500.0, 300.0), (500.0, 360.0))
    keys = (KeyFrame(0, outlines_px={"nerve": nerve}), KeyFrame(20, TipSight.VISIBLE, (300.0, 200.0)))
    write_annotation(replace(annotation, keys=keys), job.file)
    assert job.file == folder / "annotations" / "me.json"
    case = tmp_path / "case"
    assert annotate(str(folder), "--export", "case", "--out", str(case)) == 0
    with pytest.raises(SystemExit) as ended:
        run(["bench", "tracking", str(case), "--no-baseline", "--json"])
    assert ended.value.code == 0
    assert json.loads(capsys.readouterr().out)["cases"]
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before


def test_lines_to_compare_with_are_read_or_said_to_be_none(clip: Path, tmp_path: Path) -> None:
    assert said_of(AnnotateJob(clip, "me")) == []
    (tmp_path / "no.jsonl").write_text("{}\n", encoding="utf-8")
    with pytest.raises(RecordingError, match="no lines of"):
        said_of(AnnotateJob(clip, "me", compare=tmp_path / "no.jsonl"))


def test_a_file_too_large_to_be_marks_is_not_read(
    clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    huge = tmp_path / "huge.xml"
    with huge.open("wb") as file:
        file.truncate(20_000_000_000)  # nothing of it lies on the disk
    assert annotate(str(clip), "--import", str(huge), "--annotator", "third") == 2
    assert "more than 100 MB" in " ".join(capsys.readouterr().err.split())
