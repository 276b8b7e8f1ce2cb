"""`rtguide track` as a user meets it."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from rtguide.app.cli import run
from rtguide.recording.movie import MovieWriter

FRAMES = 24
SHAPE = (240, 320)

SHAPE_OF_A_LINE: dict[str, Any] = {
    "frame": None,
    "time_s": None,
    "needle": {
        "state": None,
        "mode": None,
        "pass": None,
        "confidence": None,
        "entry_px": None,
        "direction_deg": None,
        "shaft_end_px": None,
        "section_px": None,
        "tip": {"state": None, "px": None, "mm": None, "sigma_px": None, "hidden_reason": None},
    },
    "other_needles": None,
    "targets": None,
    "spread": None,
    "spread_sight": None,
    "guidance": {
        "tip_to_target_px": None,
        "tip_to_target_mm": None,
        "off_axis_px": None,
        "off_axis_mm": None,
        "nearest_avoid_px": None,
        "nearest_avoid_mm": None,
        "section_to_target_px": None,
        "section_to_target_mm": None,
        "advice": None,
        "alarms": None,
    },
}
TARGET_KEYS = ["name", "kind", "tissue", "role", "state", "px", "box_px", "confidence"]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lossless clip of speckle that drifts by one pixel a frame inside a dark border."""
    path = tmp_path_factory.mktemp("clips") / "drift.mkv"
    rng = np.random.default_rng(5)
    speckle = np.clip(rng.rayleigh(40.0, (180, 400)), 0, 255).astype(np.uint8)
    speckle = np.maximum(speckle, np.roll(speckle, 1, axis=1))
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = SHAPE[1], SHAPE[0], "gray"
        for index in range(FRAMES):
            picture = np.zeros(SHAPE, np.uint8)
            picture[30:210, 40:280] = speckle[:, index : index + 240]
            frame = av.VideoFrame.from_ndarray(picture, format="gray")
            frame.pts, frame.time_base = index, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def track(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        run(["track", *map(str, arguments)])
    code = ended.value.code
    return 0 if code is None else int(code)


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def shape_of(value: Any) -> Any:
    return {key: shape_of(inner) for key, inner in value.items()} if isinstance(value, dict) else None


def test_one_line_a_frame_in_the_contracts_form_and_equal_bytes_again(clip: Path, tmp_path: Path) -> None:
    marks = ["--avoid", "artery=200,100,30,24", "--target", "nerve=100,90,40.5,30", "--aim", "spot=150,120"]
    first, second = tmp_path / "1.jsonl", tmp_path / "2.jsonl"
    assert track(clip, "--out", first, *marks, "--mm-per-px", 0.1) == 0
    assert track(clip, "--out", second, *marks, "--mm-per-px", 0.1) == 0
    assert first.read_bytes() == second.read_bytes()
    lines = lines_of(first)
    assert [line["frame"] for line in lines] == list(range(FRAMES))
    assert lines[5]["time_s"] == pytest.approx(0.2)
    for line in lines:
        assert shape_of(line) == SHAPE_OF_A_LINE
        assert list(line) == list(SHAPE_OF_A_LINE)
        assert [target["name"] for target in line["targets"]] == ["artery", "nerve", "spot"]
        assert all(list(target) == TARGET_KEYS for target in line["targets"])
    assert lines[0]["targets"][1]["box_px"] == pytest.approx([100.0, 90.0, 40.5, 30.0], abs=0.02)


def test_structures_are_followed_and_no_needle_is_made_up(clip: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    assert track(clip, "--out", out, "--target", "nerve=140,90,60,40") == 0
    last = lines_of(out)[-1]
    assert last["targets"][0]["state"] == "tracked"
    assert last["targets"][0]["px"][0] == pytest.approx(170 - (FRAMES - 1), abs=1.5)
    assert all(line["needle"]["tip"]["px"] is None for line in lines_of(out))


def test_start_and_stop_keep_the_sources_own_numbers(clip: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    assert track(clip, "--out", out, "--start", 7, "--stop", 9, "--timing") == 0
    lines = lines_of(out)
    assert [line["frame"] for line in lines] == [7, 8, 9]
    assert lines[0]["time_s"] == pytest.approx(7 / 25)
    assert all(line["compute_ms"] > 0 for line in lines)


def test_lines_can_go_to_standard_output(clip: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert track(clip, "--out", "-", "--stop", 1) == 0
    assert [json.loads(line)["frame"] for line in capsys.readouterr().out.splitlines()] == [0, 1]


def test_a_movie_with_the_overlay_has_every_frame_at_its_time(clip: Path, tmp_path: Path) -> None:
    movie = tmp_path / "out.mkv"
    assert track(clip, "--out", tmp_path / "out.jsonl", "--target", "nerve=100,90,40,30", "--video", movie) == 0
    with av.open(str(movie)) as container:
        times = [float(frame.time) for frame in container.decode(video=0) if frame.time is not None]
        assert container.streams.video[0].codec_context.name.startswith(("vp9", "libvpx"))
    assert times == pytest.approx([index / 25 for index in range(FRAMES)], abs=0.002)


def test_a_truncated_clip_gives_the_lines_so_far_and_says_so(
    clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken, out = tmp_path / "broken.mkv", tmp_path / "out.jsonl"
    content = clip.read_bytes()
    broken.write_bytes(content[: int(len(content) * 0.6)])
    assert track(broken, "--out", out) == 1
    assert 5 < len(lines_of(out)) < FRAMES
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert error.startswith("rtguide: ")
    assert "broken.mkv" in error


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("gone.mp4", None, "no such file"),
        ("empty.mp4", b"", "empty"),
        ("notes.mp4", b"not a video at all" * 99, "video"),
    ],
)
def test_what_cannot_be_opened_is_one_clear_line(
    name: str, content: bytes | None, word: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    assert track(path, "--out", tmp_path / "out.jsonl") == 1
    said = [line for line in capsys.readouterr().err.splitlines() if "kernels" not in line]
    assert len(said) == 1
    assert said[0].startswith(f"rtguide: {path}")
    assert word in said[0]


def test_a_file_with_sound_only_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "sound.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), format="s16", layout="mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    assert track(path, "--out", tmp_path / "out.jsonl") == 1
    assert "no video" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["--target", "nerve=1,2,3"],
        ["--mm-per-px", "0"],
        ["--hint", "12"],
        ["--plan", "no-such-block"],
        ["--hint", "12,x"],
        ["--hint", "1,2,3,4,5,6"],
        ["--start", "5", "--stop", "2"],
        ["--start", "500"],
        ["--nonsense"],
    ],
)
def test_wrong_usage_exits_2(clip: Path, tmp_path: Path, arguments: list[str]) -> None:
    assert track(clip, "--out", tmp_path / "out.jsonl", *arguments) == 2


def test_an_output_that_cannot_be_written_is_said(
    clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert track(clip, "--out", tmp_path / "no" / "such" / "folder.jsonl") == 1
    assert "cannot be written" in capsys.readouterr().err


def test_what_the_window_would_say_of_the_screen_is_said_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A clip that is all picture has neither border nor ruler to watch a scale by."""
    rng = np.random.default_rng(0)
    path = tmp_path / "all-picture.mkv"
    with MovieWriter(path, (240, 320)) as movie:
        for index in range(12):
            grey = rng.integers(0, 60, (240, 320, 1), dtype=np.uint8)
            movie.write(np.repeat(grey, 3, axis=2), index / 25)
    assert track(path, "--out", tmp_path / "a.jsonl", "--mm-per-px", 0.1) == 0
    said = capsys.readouterr().err
    assert said.count("a change of depth will go unnoticed") == 1
    assert "rtguide: frame " in said
