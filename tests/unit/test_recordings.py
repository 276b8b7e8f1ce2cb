"""The samples are what the index says, and can be read."""

import hashlib
import json
import tomllib
from pathlib import Path

import av
import pytest

FOLDER = Path(__file__).resolve().parents[2] / "recordings"
SAMPLES = tomllib.loads((FOLDER / "index.toml").read_text(encoding="utf-8"))["sample"]


def test_there_are_samples() -> None:
    assert len(SAMPLES) == 3
    assert all(sample["source"] and sample["licence"] == "BSD-3-Clause" for sample in SAMPLES)


@pytest.mark.parametrize("sample", SAMPLES, ids=[sample["folder"] for sample in SAMPLES])
def test_sample_is_whole(sample: dict) -> None:
    folder = FOLDER / sample["folder"]
    assert set(sample["sha256"]) == {path.name for path in folder.iterdir()}
    for name, digest in sample["sha256"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    with av.open(str(folder / "video.mkv")) as container:
        count = sum(1 for _ in container.decode(video=0))
    lines = (folder / "truth.jsonl").read_text(encoding="utf-8").splitlines()
    assert count == len(lines) == len((folder / "truth.csv").read_text(encoding="utf-8").splitlines()) - 1
    assert json.loads(lines[-1])["frame"] == count - 1
