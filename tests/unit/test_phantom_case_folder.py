"""Case folders: equal bytes for equal seeds, frames and rows that agree, honest refusals."""

import csv
import hashlib
import json
from pathlib import Path

import av
import numpy as np
import pytest

from rtguide.errors import ConfigError, RecordingError
from rtguide.phantom import Phantom, load_scenario
from rtguide.phantom.case_folder import CaseOptions, write_case

RATE_HZ = 10.0
COLUMNS = "frame,time_s,needle,tip_visible,tip_x,tip_y,entry_x,entry_y,target_x,target_y,target_in_view,inject,scr"


def _write(folder: Path, name: str, options: CaseOptions) -> Phantom:
    phantom = Phantom(load_scenario(name), seed=3, rate_hz=RATE_HZ)
    steps = list(write_case(phantom, folder, options))
    assert steps[-1] == (len(steps), len(steps))
    return phantom


def _digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def test_frames_rows_and_lines_agree(tmp_path: Path) -> None:
    phantom = _write(tmp_path / "case", "femoral", CaseOptions(seconds=0.6))
    with av.open(str(tmp_path / "case" / "video.mkv")) as container:
        frames = [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]
    text = (tmp_path / "case" / "truth.csv").read_text()
    assert text.splitlines()[0] == COLUMNS
    rows = list(csv.DictReader(text.splitlines()))
    lines = [json.loads(line) for line in (tmp_path / "case" / "truth.jsonl").read_text().splitlines()]
    case = json.loads((tmp_path / "case" / "case.json").read_text())
    assert len(frames) == len(rows) == len(lines) == 6
    for index, (pixels, row, line) in enumerate(zip(frames, rows, lines, strict=True)):
        expected, truth = phantom.frame(index)
        assert np.array_equal(pixels, expected)
        assert truth.needle is not None
        assert (float(row["tip_x"]), float(row["tip_y"])) == pytest.approx(truth.needle.tip_px, abs=1e-3)
        assert line["needle"]["visibility"] == truth.needle.visibility.value
        assert int(row["tip_visible"]) in (1, 0, -1)
    x, y, width, height = case["target_box"]
    assert x < float(rows[0]["target_x"]) < x + width
    assert y < float(rows[0]["target_y"]) < y + height
    assert case["px_per_mm"] * lines[0]["mm_per_px"][0] == pytest.approx(1.0, abs=1e-4)


@pytest.mark.parametrize("codec", ["lossless", "lossy"])
def test_same_seed_same_bytes(tmp_path: Path, codec: str) -> None:
    options = CaseOptions(seconds=0.3, codec=codec)  # type: ignore[arg-type]
    _write(tmp_path / "a", "supraclavicular", options)
    _write(tmp_path / "b", "supraclavicular", options)
    assert _digests(tmp_path / "a") == _digests(tmp_path / "b")


def test_colour_survives_lossless_storage(tmp_path: Path) -> None:
    phantom = Phantom(load_scenario("supraclavicular"), seed=3, rate_hz=1.0)
    list(write_case(phantom, tmp_path / "case", CaseOptions(seconds=2)))
    with av.open(str(tmp_path / "case" / "video.mkv")) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    pixels = phantom.frame(1)[0]
    assert np.ptp(pixels.astype(int), axis=2).max() > 60
    assert np.array_equal(frames[1], pixels)


def test_a_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(RecordingError, match="is not empty: give a new folder"):
        _write(tmp_path, "femoral", CaseOptions(seconds=0.1))
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_impossible_options_are_refused() -> None:
    with pytest.raises(ConfigError, match="more than 0"):
        CaseOptions(seconds=0)
    with pytest.raises(ConfigError, match="from 2"):
        CaseOptions(quality=1)
