"""Side channels that a crash broke off: closed, given their index and checksums, and nothing whole is lost."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from rtguide.model.side import SideInfo, SideKind, SideSample, SoundChunk
from rtguide.recording.checksums import are_complete, differences, read_sums
from rtguide.recording.side_recovery import recover_sides
from rtguide.recording.side_video import side_videos
from rtguide.recording.sides import SideWriter, read_side
from scripted import make_frame


def broken_off(session: Path) -> None:
    """Three channels as a kill leaves them: a copy of their files from before they were closed."""
    writers = written(session.parent / "live")
    shutil.copytree(session.parent / "live", session, dirs_exist_ok=True)
    for writer in writers:
        writer.close()


def written(session: Path) -> list[SideWriter]:
    """Three channels, open."""
    current = SideWriter(session, "current", SideInfo(SideKind.VALUES, "serial:x", "mA"))
    hands = SideWriter(session, "hands", SideInfo(SideKind.VIDEO, "grabber:1"))
    voice = SideWriter(session, "voice", SideInfo(SideKind.SOUND, "mic:x", "", 8000.0))
    for seq in range(8):
        current.write(SideSample(seq, None, seq / 2))
        pixels = make_frame(seq).pixels[: 60 if seq < 5 else 40]
        hands.write(replace(make_frame(seq), pixels=np.ascontiguousarray(pixels)))
        voice.write(SoundChunk(seq, np.full((80, 1), seq, np.int16)))
    return [current, hands, voice]


def test_what_nobody_closed_is_closed_and_complete(tmp_path: Path) -> None:
    tmp_path = tmp_path / "session"
    broken_off(tmp_path)
    with (tmp_path / "sides" / "current" / "values.jsonl").open("ab") as file:
        file.write(b'{"t_capture')
    frames = tmp_path / "sides" / "hands" / "frames.jsonl"
    frames.write_bytes(b"".join(frames.read_bytes().splitlines(keepends=True)[:6]))  # two lines are lost
    found = {one.name: one.text for one in recover_sides(tmp_path)}
    assert found == dict.fromkeys(("current", "hands", "voice"), "was not closed properly: 8 pieces are kept")
    for name in found:
        record = read_side(tmp_path, name)
        assert (record.is_whole, len(record.lines)) == (True, 8)
        folder = tmp_path / "sides" / name
        assert are_complete(read_sums(folder))
        assert list(differences(folder)) == []
    (video,) = side_videos(tmp_path)
    for seq in range(8):
        np.testing.assert_array_equal(video.pixels(seq), make_frame(seq).pixels[: 60 if seq < 5 else 40])
    for name, count in (("video.mkv", 5), ("video-2.mkv", 3)):
        with av.open(str(tmp_path / "sides" / "hands" / name)) as container:
            assert container.duration
            assert len(list(container.decode(video=0))) == count
    assert recover_sides(tmp_path) == ()


def test_a_torn_picture_costs_only_itself(tmp_path: Path) -> None:
    tmp_path = tmp_path / "session"
    broken_off(tmp_path)
    path = tmp_path / "sides" / "hands" / "video-2.mkv"
    path.write_bytes(path.read_bytes()[:-100])
    (hands,) = [one for one in recover_sides(tmp_path) if one.name == "hands"]
    assert hands.text == "was not closed properly: 7 pieces are kept"
    assert len(side_videos(tmp_path)[0]) == 7


def test_what_was_changed_after_closing_is_said(tmp_path: Path) -> None:
    for writer in written(tmp_path):
        writer.close()
    assert recover_sides(tmp_path) == ()
    path = tmp_path / "sides" / "voice" / "sound.wav"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    (one,) = recover_sides(tmp_path)
    assert one.differences == (f"sound.wav differs between byte 0 and {len(data)}",)
    assert recover_sides(tmp_path) == ()


@pytest.mark.parametrize("head", [b"", b"{}", json.dumps({"kind": "smell"}).encode()])
def test_a_channel_that_cannot_be_read_is_named_and_left_alone(tmp_path: Path, head: bytes) -> None:
    (tmp_path / "sides" / "x").mkdir(parents=True)
    (tmp_path / "sides" / "x" / "side.json").write_bytes(head)
    (one,) = recover_sides(tmp_path)
    assert one.name == "x"
    assert "cannot be mended" in one.text
    assert (tmp_path / "sides" / "x" / "side.json").read_bytes() == head
