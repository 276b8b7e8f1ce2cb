"""Marks made by hand: nothing is lost, what lies between is said to be interpolated, a bench takes the case."""

import json

import pytest

from rtguide.errors import ConfigError, RecordingError
from rtguide.training.annotation import Annotation, Clip, KeyFrame, TipSight
from rtguide.training.annotation_case import write_annotation_case
from rtguide.training.annotation_file import annotation_path, read_annotation, write_annotation
from rtguide.training.case import load_case

CLIP = Clip("clip.mkv", (200, 300), 21, 25.0, 0.1)
BOX = ((10.0, 10.0), (30.0, 10.0), (30.0, 30.0), (10.0, 30.0))


def marked():
    keys = (
        KeyFrame(0, TipSight.VISIBLE, (50.0, 60.0), ((0.0, 10.0), (50.0, 60.0)), {"nerve": BOX}),
        KeyFrame(10, TipSight.VISIBLE, (70.0, 80.0), ((0.0, 10.0), (70.0, 80.0)), {"nerve": BOX}),
        KeyFrame(15, TipSight.HIDDEN, (75.0, 85.0)),
        KeyFrame(20, TipSight.ABSENT),
    )
    return Annotation(CLIP, "ann", keys)


def test_what_was_written_is_read_and_the_last_one_is_kept(tmp_path):
    path = annotation_path(tmp_path / "clip.mkv", "ann")
    assert path == tmp_path / "clip.mkv.annotations" / "ann.json"
    write_annotation(marked(), path)
    assert read_annotation(path) == marked()
    less = marked().marked(KeyFrame(15))
    write_annotation(less, path)
    assert read_annotation(path) == less
    assert read_annotation(path.with_suffix(".json.bak")) == marked()
    path.write_text("{")
    with pytest.raises(ConfigError, match=r"json\.bak"):
        read_annotation(path)
    with pytest.raises(ConfigError, match="letters"):
        annotation_path(tmp_path, "../x")


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "clip.mkv.annotations").write_text("in the way")
    with pytest.raises(RecordingError, match="cannot be saved"):
        write_annotation(marked(), annotation_path(tmp_path / "clip.mkv", "ann"))


def test_between_key_frames_places_are_interpolated_only_where_both_say_the_same():
    middle = marked().between(5)
    assert middle is not None
    assert middle.tip_px == (60.0, 70.0)
    assert middle.outlines_px == {"nerve": BOX}
    assert marked().between(12) is None
    assert marked().between(10) is None
    with pytest.raises(ConfigError, match="click"):
        KeyFrame(1, TipSight.VISIBLE)
    with pytest.raises(ConfigError, match="none can be drawn"):
        KeyFrame(1, TipSight.ABSENT, (1.0, 1.0))


def test_a_case_scores_key_frames_alone_unless_asked(tmp_path):
    write_annotation_case(marked(), "clip.mkv", tmp_path / "a")
    case = load_case(tmp_path / "a")
    assert case.stills == (0, 10, 15, 20)
    assert case.px_per_mm == pytest.approx(10.0)
    assert case.target_box == (10.0, 10.0, 20.0, 20.0)
    assert case.truth.tip_visible.tolist() == [1] + [-1] * 9 + [1] + [-1] * 4 + [0] + [-1] * 5
    assert case.truth.has_needle.tolist() == [True] * 20 + [False]
    assert case.truth.tip_px[10].tolist() == [70.0, 80.0]
    write_annotation_case(marked(), "clip.mkv", tmp_path / "b", has_between=True)
    between = load_case(tmp_path / "b")
    assert between.stills is None
    assert between.truth.tip_px[5].tolist() == [60.0, 70.0]
    assert "interpolated" in (tmp_path / "b" / "truth.csv").read_text()
    assert json.loads((tmp_path / "a" / "case.json").read_text())["annotator"] == "ann"
    with pytest.raises(ConfigError, match="mm-per-px"):
        write_annotation_case(Annotation(Clip("c", (9, 9), 1, 1.0), "a"), "c", tmp_path / "c")
