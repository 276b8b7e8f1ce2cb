"""`rtguide recover` as a user meets it."""

import json
from pathlib import Path

import pytest

from rtguide.app.cli import run
from rtguide.clock import ManualClock
from rtguide.model.guidance import Guidance
from rtguide.model.plan import Plan
from rtguide.model.scene import Scene, Tracking
from rtguide.model.side import SideInfo, SideKind, SideSample
from rtguide.recording.sides import SideWriter
from rtguide.recording.writer import SessionWriter
from scripted import GEOMETRY, INFO, make_frame


def broken_off(parent: Path, wall_s: int) -> Path:
    """A recording of ten frames that nobody closed, its last picture torn."""
    clock, writer = ManualClock(wall_s * 1_000_000_000), None
    for seq in range(10):
        frame = make_frame(seq)
        scene = Scene(frame, INFO, GEOMETRY, Plan(), Tracking(), Guidance(), 0)
        writer = writer or SessionWriter.create(parent, scene, clock)
        writer.write_frame(frame)
        writer.write_scene(scene)
    assert writer is not None
    before = {name: (writer.folder / name).read_bytes() for name in ("session.json", "checksums.jsonl")}
    writer.close()
    for name, data in before.items():
        (writer.folder / name).write_bytes(data)
    line = json.loads((writer.folder / "frames.jsonl").read_bytes().splitlines()[-1])
    video = writer.folder / "video.mkv"
    video.write_bytes(video.read_bytes()[: line["pos"] + 100])
    return writer.folder


def recover(folder: Path, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, list[str], str]:
    with pytest.raises(SystemExit) as ended:
        run(["recover", str(folder), *options])
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out.splitlines(), said.err


def test_it_says_exactly_what_is_missing_and_does_nothing_twice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = broken_off(tmp_path, 0)
    code, said, _ = recover(folder, capsys)
    assert code == 0
    assert said == [
        f"{folder}: recovered: 9 frames, 0.26 s, the last is frame 8",
        "  the recording was not closed properly: it ends where it was broken off, and has been recovered",
        "  1 frames that were written are lost: 9",
        "  account: 10 received = 9 written + 1 lost; 9 with a scene, 0 without; 0 never came",
    ]
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    code, again, _ = recover(folder, capsys)
    assert code == 0
    assert again[0].startswith(f"{folder}: nothing to repair: 9 frames")
    assert again[1:] == said[1:]
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_folder_of_sessions_is_done_as_a_whole_and_what_fails_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = [broken_off(tmp_path, 0), broken_off(tmp_path, 100)]
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "session.json").write_text("{}")
    code, said, wrong = recover(tmp_path, capsys)
    assert code == 1
    assert "1 of 3 sessions could not be recovered" in wrong
    assert [line.split(": ")[0:2] for line in said if not line.startswith(" ")] == [
        *([str(folder), "recovered"] for folder in folders),
        [str(tmp_path / "other"), "NOT recovered"],
    ]


def test_a_recording_that_goes_on_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    frame = make_frame(0)
    scene = Scene(frame, INFO, GEOMETRY, Plan(), Tracking(), Guidance(), 0)
    writer = SessionWriter.create(tmp_path, scene, ManualClock())
    writer.write_frame(frame)
    code, _, wrong = recover(writer.folder, capsys)
    assert code == 1
    assert "is being recorded" in wrong
    writer.write_frame(make_frame(1))
    writer.close()
    code, said, _ = recover(writer.folder, capsys)
    assert code == 0
    assert "nothing to repair: 2 frames" in said[0]


def test_what_is_no_session_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, wrong = recover(tmp_path, capsys)
    assert code == 1
    assert "no session, it holds no session.json" in wrong


def test_a_check_says_what_differs_and_changes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = broken_off(tmp_path, 0)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    code, said, _ = recover(folder, capsys, "--check")
    assert (code, said) == (1, [f"{folder}: not closed properly: `rtguide recover` mends it"])
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    recover(folder, capsys)
    code, said, _ = recover(folder, capsys, "--check")
    assert (code, said) == (0, [f"{folder}: as it was recovered, by its checksums"])
    scenes = (folder / "scenes.jsonl").read_bytes()
    (folder / "scenes.jsonl").write_bytes(scenes.replace(b"null", b"nulL", 1))
    code, said, _ = recover(folder, capsys, "--check")
    assert (code, said) == (1, [f"{folder}: scenes.jsonl differs between byte 0 and {len(scenes)}"])
    (folder / "checksums.jsonl").unlink()
    code, said, _ = recover(folder, capsys, "--check")
    assert (code, said) == (1, [f"{folder}: has no checksums: `rtguide recover` writes them"])


def test_a_check_does_not_forget_what_differed_before_a_recovery(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = broken_off(tmp_path, 0)
    recover(folder, capsys)
    current = SideWriter(folder, "current", SideInfo(SideKind.VALUES, "serial:x", "mA"))
    current.write(SideSample(1, None, 0.5))
    current.close()
    assert recover(folder, capsys, "--check")[0] == 0
    damaged = (folder / "scenes.jsonl", folder / "sides" / "current" / "values.jsonl")
    for path in damaged:
        path.write_bytes(path.read_bytes().replace(b"0", b"1", 1))
    _, before, _ = recover(folder, capsys, "--check")
    recover(folder, capsys)
    code, said, _ = recover(folder, capsys, "--check")
    start = f"{folder}: not as it was written, found when it was recovered: "
    assert len(before) == len(damaged)
    assert (code, said) == (1, [start + line.removeprefix(f"{folder}: ") for line in before])


def test_a_check_names_a_side_channel_that_nobody_closed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = broken_off(tmp_path, 0)
    recover(folder, capsys)
    side = SideWriter(folder, "current", SideInfo(SideKind.VALUES, "serial:x", "mA"))
    side.write(SideSample(5, None, 0.5))
    code, said, _ = recover(folder, capsys, "--check")
    text = "side channel current was not closed properly, or has no checksums: `rtguide recover` mends it"
    assert (code, said) == (1, [f"{folder}: {text}"])
    side.close()
    assert recover(folder, capsys, "--check")[0] == 0
    (folder / "sides" / "current" / "side.json").unlink()
    code, said, _ = recover(folder, capsys, "--check")
    assert (code, said) == (1, [f"{folder}: sides/current/side.json is missing"])
