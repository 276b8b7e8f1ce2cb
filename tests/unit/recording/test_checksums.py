"""Checksums: noted while recording, equal to what other programs find, compared by `rtguide recover`."""

import hashlib
import json
from pathlib import Path

import jsonschema
import pytest

from rtguide.clock import ManualClock
from rtguide.recording import checksums
from rtguide.recording.checksums import FileSummer, PieceSum, differences, read_sums
from rtguide.recording.layout import CHECKSUMS_NAME
from rtguide.recording.reader import open_session
from rtguide.recording.recovery import recover
from rtguide.recording.schema import session_schema
from rtguide.recording.writer import SessionWriter

FILES = {"session.json", "frames.jsonl", "scenes.jsonl", "events.jsonl", "video.mkv"}


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch):
    monkeypatch.setattr(checksums, "PIECE_BYTES", 4096)


@pytest.fixture
def folder(tmp_path, parts):
    return parts.record(tmp_path, [parts.frame(seq) for seq in range(12)])


def lines(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / CHECKSUMS_NAME).read_bytes().splitlines()]


def test_every_file_is_summed_piece_by_piece_as_hashlib_finds_it(folder):
    schema = session_schema()
    noted = {}
    for line in lines(folder):
        jsonschema.Draft202012Validator({**schema, "$ref": "#/$defs/checksum"}).validate(line)
        noted[line["file"], line["piece"]] = (line["bytes"], line["sha256"])
    wanted = {}
    for name in FILES:
        data = (folder / name).read_bytes()
        for piece, at in enumerate(range(0, max(1, len(data)), 4096)):
            part = data[at : at + 4096]
            wanted[name, piece] = (len(part), hashlib.sha256(part).hexdigest())
    assert noted == wanted
    assert max(piece for _, piece in wanted) > 20
    assert list(differences(folder)) == []


@pytest.mark.parametrize("sizes", [[], [0], [4096], [1, 4095, 1], [10_000], [4095, 2, 8191]])
def test_pieces_do_not_depend_on_how_the_data_came(sizes):
    summer, data = FileSummer("video.mkv"), bytes(range(256)) * 60
    at, found = 0, []
    for size in sizes:
        summer.add(data[at : at + size])
        at += size
        found += summer.complete()
    found += summer.rest()
    assert [one.bytes for one in found] == [*[4096] * (at // 4096), *([at % 4096] if at % 4096 or not at else [])]
    for one in found:
        part = data[one.piece * 4096 : min(at, (one.piece + 1) * 4096)]
        assert one.sha256 == hashlib.sha256(part).hexdigest()


@pytest.mark.parametrize("name", sorted(FILES - {"session.json"}))
def test_one_changed_bit_is_found_and_placed_and_said_for_good(folder, name):
    path = folder / name
    data = bytearray(path.read_bytes())
    at = len(data) - 40
    data[at] ^= 0x20
    path.write_bytes(data)
    begin = at // 4096 * 4096
    text = f"{name} differs between byte {begin} and {min(begin + 4096, len(data))}"
    assert list(differences(folder)) == [text]
    recovery = recover(folder)
    assert recovery is not None
    assert recovery.differences == (text,)
    assert f"not as it was written: {text}" in open_session(folder).warnings
    assert list(differences(folder)) == []
    assert recover(folder) is None
    assert f"not as it was written: {text}" in open_session(folder).warnings


def test_what_is_gone_short_or_too_long_is_said(folder):
    (folder / "events.jsonl").unlink()
    with (folder / "scenes.jsonl").open("r+b") as file:
        file.truncate(5000)
    with (folder / "video.mkv").open("ab") as file:
        file.write(b"x")
    size = (folder / "video.mkv").stat().st_size
    gone, short, long = differences(folder)
    assert gone == "events.jsonl is missing"
    assert short.startswith("scenes.jsonl ends at byte 5000, ")
    assert long == f"video.mkv has {size} bytes, {size - 1} were written"


def test_a_broken_off_recording_gets_them_again_without_reading_everything(tmp_path, parts, monkeypatch):
    clock = ManualClock()
    writer = SessionWriter.create(tmp_path, parts.scene(parts.frame(0)), clock)
    for seq in range(12):
        writer.write_frame(parts.frame(seq))
        writer.write_scene(parts.scene(parts.frame(seq)))
        clock.advance(1.0)
    noted = {(line["file"], line["piece"]) for line in lines(writer.folder)}
    assert ("video.mkv", 0) not in noted  # its head is not final yet
    assert len([piece for name, piece in noted if name == "video.mkv"]) > 20
    writer._files.close()  # as a crash leaves it
    writer._part.abandon()
    read = []
    original = checksums.piece_on_disk
    monkeypatch.setattr(checksums, "piece_on_disk", lambda path, piece: read.append(piece) or original(path, piece))
    open_session(writer.folder).close()
    assert len(read) < 20
    assert list(differences(writer.folder)) == []
    assert checksums.are_complete(read_sums(writer.folder))
    assert recover(writer.folder) is None


def broken_off(folder, parts):
    """Twelve frames, as a crash leaves them."""
    clock = ManualClock()
    writer = SessionWriter.create(folder, parts.scene(parts.frame(0)), clock)
    for seq in range(12):
        writer.write_frame(parts.frame(seq))
        writer.write_scene(parts.scene(parts.frame(seq)))
        clock.advance(1.0)
    writer._files.close()
    writer._part.abandon()
    return writer.folder


def test_an_index_in_the_place_of_a_torn_picture_is_summed_anew(tmp_path, parts, monkeypatch):
    ends = [json.loads(line) for line in (broken_off(tmp_path, parts) / "frames.jsonl").read_bytes().splitlines()]
    end = ends[-3]["pos"] + ends[-3]["length"]
    monkeypatch.setattr(checksums, "PIECE_BYTES", (end + 20) // 10)  # a full piece ends a few bytes behind that frame
    folder = broken_off(tmp_path, parts)
    path = folder / "video.mkv"
    assert ("video.mkv", 9) in read_sums(folder)
    path.write_bytes(path.read_bytes()[: end + 25])
    open_session(folder).close()
    assert path.read_bytes()[end : end + 4] == b"\x1c\x53\xbb\x6b", "the index lies behind the last whole picture"
    assert list(differences(folder)) == []


def test_a_recording_without_them_gets_them_and_a_damaged_line_is_passed_over(folder):
    sums = read_sums(folder)
    (folder / CHECKSUMS_NAME).write_bytes(b"")
    assert recover(folder) is None
    assert read_sums(folder) == sums
    good = (folder / CHECKSUMS_NAME).read_bytes()
    for bad in (b'{"file":"../other","piece":0,"bytes":1,"sha256":""}\n', b"{\n", b'{"file":"video.mkv"}\n'):
        (folder / CHECKSUMS_NAME).write_bytes(bad + good)
        assert read_sums(folder) == sums


def test_a_damaged_sum_is_said_as_what_it_told_of_is_compared_with_nothing(folder):
    good = (folder / CHECKSUMS_NAME).read_bytes()
    (folder / CHECKSUMS_NAME).write_bytes(good.replace(b"video.mkv", b"video/mkv", 1))
    assert list(differences(folder)) == ["checksums.jsonl has 1 damaged lines: what they told of is not compared"]
    recovery = recover(folder)
    assert recovery is not None
    assert len(recovery.differences) == 1
    assert list(differences(folder)) == []


def test_a_sum_that_cannot_be_is_none():
    for wrong in (("a/b", 0, 1), ("", 0, 1), ("a", -1, 1), ("a", 0, 4097)):
        with pytest.raises(Exception, match=r"no file of a session|cannot be"):
            PieceSum(*wrong, "")


def test_every_part_of_the_video_is_summed_and_stays_so_when_mended(tmp_path, parts):
    frames = [*(parts.frame(seq) for seq in range(5)), *(parts.frame(seq, is_grey=False) for seq in range(5, 9))]
    folder = parts.record(tmp_path, frames)
    assert (folder / "video-2.mkv").stat().st_size > 4096
    assert {name for name, _ in read_sums(folder)} == {*FILES, "video-2.mkv"}
    assert list(differences(folder)) == []
    path = folder / "video-2.mkv"
    path.write_bytes(path.read_bytes()[:-5000])
    recovery = recover(folder)
    assert recovery is not None
    assert recovery.differences[0].startswith("video-2.mkv ends at byte ")
    assert list(differences(folder)) == []
    assert recover(folder) is None
