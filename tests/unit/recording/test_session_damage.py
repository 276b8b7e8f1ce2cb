"""A session that was killed, torn, or met a full disk keeps what it had and says what it lacks."""

import json
import os
import resource
import signal
import subprocess
import sys

import av
import numpy as np
import pytest

from devices.session_folder import SessionFolderDevice, SessionSource
from rtguide.clock import ManualClock
from rtguide.errors import DeviceError, RecordingError, SourceEnded
from rtguide.model.address import SourceAddress
from rtguide.ports import OpenContext
from rtguide.recording import session_files
from rtguide.recording.layout import Ledger
from rtguide.recording.reader import open_session
from rtguide.recording.writer import SessionWriter

CHILD = """
import sys
from pathlib import Path
import numpy as np
from rtguide.clock import SystemClock
from rtguide.model.frame import Frame, SourceInfo, SourceKind
from rtguide.model.geometry import ImageGeometry
from rtguide.model.guidance import Guidance
from rtguide.model.plan import Plan
from rtguide.model.scene import Scene, Tracking
from rtguide.recording.writer import SessionWriter
shape, clock, writer = (96, 128), SystemClock(), None
for seq in range(100_000):
    pixels = np.random.default_rng(seq).integers(0, 256, shape, dtype=np.uint8)
    frame = Frame(seq, clock.now_ns(), seq * 33_000_000, pixels)
    source, geometry = SourceInfo("kill", SourceKind.LIVE, shape), ImageGeometry.whole_frame(shape)
    scene = Scene(frame, source, geometry, Plan(), Tracking(), Guidance(), clock.now_ns())
    writer = writer or SessionWriter.create(Path(sys.argv[1]), scene, clock)
    writer.write_frame(frame)
    writer.write_scene(scene)
    print(seq, flush=True)
"""


@pytest.mark.parametrize("count", [1, 7, 40])
def test_a_kill_costs_nothing_that_was_written(tmp_path, count):
    with subprocess.Popen([sys.executable, "-c", CHILD, str(tmp_path)], stdout=subprocess.PIPE, text=True) as child:
        for _ in range(count):
            assert child.stdout.readline()
        child.send_signal(signal.SIGKILL)
        acknowledged = count + len(child.stdout.readlines())
    (folder,) = tmp_path.iterdir()
    session = open_session(folder)
    assert acknowledged <= len(session) <= acknowledged + 1
    assert not session.missing_frames
    assert session.warnings[0].startswith("the recording was not closed properly: it ends where it was broken off")
    assert session.warnings[1] == "no frame that was written is lost"
    assert session.head.ledger.received == session.head.ledger.written == len(session)
    for index in (0, len(session) - 1):
        wanted = np.random.default_rng(index).integers(0, 256, (96, 128), dtype=np.uint8)
        np.testing.assert_array_equal(session.pixels(index), wanted)
    assert session.scene(acknowledged - 1).seq == acknowledged - 1
    with av.open(str(folder / "video.mkv")) as container:
        assert len(list(container.decode(video=0))) == len(session)
    source = SessionSource(session, ManualClock())
    for _ in range(len(session)):
        source.read(0.0)
    with pytest.raises(SourceEnded) as caught:
        source.read(0.0)
    assert not caught.value.is_damaged
    source.close()


@pytest.fixture
def folder(tmp_path, parts):
    return parts.record(tmp_path, [parts.frame(seq) for seq in range(10)])


def read_whole(folder):
    source = SessionSource(open_session(folder), ManualClock())
    count = 0
    try:
        while True:
            source.read(0.0)
            count += 1
    except SourceEnded as end:
        return source.session, count, end
    finally:
        source.close()


def test_a_torn_video_plays_up_to_the_tear_and_says_so(folder):
    path = folder / "video.mkv"
    line = json.loads((folder / "frames.jsonl").read_text().splitlines()[6])
    path.write_bytes(path.read_bytes()[: line["pos"] + line["length"] - 1])
    session, count, end = read_whole(folder)
    assert count == 6
    assert session.warnings == ("the video lacks the pictures of 4 frames, from frame 6 on; they are left out",)
    assert end.is_damaged
    assert "breaks off after frame 5, 4 frames are missing" in str(end)


def test_a_damaged_picture_is_named_and_the_others_can_be_read(folder, parts):
    path = folder / "video.mkv"
    line = json.loads((folder / "frames.jsonl").read_text().splitlines()[4])
    data = bytearray(path.read_bytes())
    data[line["pos"] + line["length"] // 2] ^= 1
    path.write_bytes(data)
    session, count, end = read_whole(folder)
    assert count == 4
    assert end.is_damaged
    assert "breaks off at frame 4 (0.13 s)" in str(end)
    np.testing.assert_array_equal(session.pixels(5)[20:30, 20:30], parts.frame(5).pixels[20:30, 20:30])
    session.close()


def test_torn_lines_cost_only_themselves(folder):
    for name in ("frames.jsonl", "scenes.jsonl"):
        path = folder / name
        path.write_bytes(path.read_bytes()[:-20])
    lines = (folder / "scenes.jsonl").read_bytes().splitlines(keepends=True)
    lines[3] = b"\xff\xfe garbage\n"
    (folder / "scenes.jsonl").write_bytes(b"".join(lines))
    session = open_session(folder)
    assert len(session) == 9
    assert session.missing_frames == 1
    assert session.warnings == (
        "frames.jsonl: 1 lines are damaged; their frames are left out",
        "1 frames that were written are missing",
        "scenes.jsonl: 2 lines are damaged; their frames have no scene",
        "scenes.jsonl: 1 frames have no line",
    )
    assert session.scene(3) is None
    assert session.scene(4).seq == 4


def test_missing_files_are_named(folder):
    (folder / "scenes.jsonl").unlink()
    session = open_session(folder)
    assert session.scene(0) is None
    assert "scenes.jsonl: missing" in session.warnings[0]
    (folder / "video.mkv").unlink()
    assert len(open_session(folder)) == 0
    (folder / "frames.jsonl").unlink()
    with pytest.raises(RecordingError, match=r"frames\.jsonl: missing from the session"):
        open_session(folder)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"schema_version": 2}, "session format 2 is not known here .* use a newer rtguide"),
        ({"schema_version": "1"}, "session format 1 is not known"),
        ({"format": "other"}, "not written by rtguide"),
        ({"full_shape_px": [10**6, 10**6]}, "damaged .* cannot hold frames"),
        ({"geometries": []}, "damaged .* names no geometry"),
        ({"source": None}, "damaged .SourceInfo was wanted"),
        ({"parts": [{"number": 1, "region_px": {"x": 0, "y": 0, "width": 900, "height": 4}}]}, "damaged"),
    ],
)
def test_a_head_that_makes_no_sense_is_refused(folder, change, reason):
    path = folder / "session.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(RecordingError, match=reason) as caught:
        open_session(folder)
    assert "\n" not in str(caught.value)


def test_a_video_of_another_session_is_not_taken_for_its_own(folder, tmp_path, parts):
    other = parts.record(tmp_path / "other", [parts.frame(seq) for seq in range(20, 30)])
    (folder / "video.mkv").write_bytes((other / "video.mkv").read_bytes())
    _, count, end = read_whole(folder)
    assert count < 10
    assert end.is_damaged


def test_a_full_disk_is_said_and_what_was_written_stays(tmp_path, parts):
    writer = SessionWriter.create(tmp_path, parts.scene(parts.frame(0)), ManualClock())
    for seq in range(3):
        writer.write_frame(parts.frame(seq))
    size = (writer.folder / "video.mkv").stat().st_size
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 4000, hard))  # the system then refuses in the middle of a frame
    try:
        with pytest.raises(RecordingError, match=r"the disk is full: free space, or record to another disk") as caught:
            writer.write_frame(parts.frame(3))
        assert str(writer.folder) in str(caught.value)
        assert (writer.folder / "video.mkv").stat().st_size == size
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    writer.close()
    session, count, end = read_whole(writer.folder)
    assert count == 3
    assert not end.is_damaged
    assert session.is_whole
    assert session.head.ledger == Ledger(received=4, written=3, declared_lost=1, skipped=3)


@pytest.mark.parametrize(
    ("number", "advice"), [(30, "choose a folder you may write to"), (28, "the disk is full"), (5, "is gone")]
)
def test_every_refusal_of_the_system_says_what_to_do(tmp_path, parts, monkeypatch, number, advice):
    writer = SessionWriter.create(tmp_path, parts.scene(parts.frame(0)), ManualClock())

    def refuse(*_arguments):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(session_files, "_append", refuse)
    with pytest.raises(RecordingError, match=advice):
        writer.write_frame(parts.frame(0))
    with pytest.raises(RecordingError, match=advice):
        writer.write_event("bookmark")
    with pytest.raises(RecordingError, match=advice):  # the checksums of its end; the account is closed
        writer.close()
    assert open_session(writer.folder).head.ledger == Ledger(received=1, declared_lost=1)


def test_a_place_that_is_no_folder_is_refused(tmp_path, parts):
    (tmp_path / "file").touch()
    with pytest.raises(RecordingError, match="give the name of a folder"):
        SessionWriter.create(tmp_path / "file", parts.scene(parts.frame(0)), ManualClock())


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_one_may_not_write_to_is_refused(tmp_path, parts):
    tmp_path.chmod(0o500)
    with pytest.raises(RecordingError, match="choose a folder you may write to"):
        SessionWriter.create(tmp_path, parts.scene(parts.frame(0)), ManualClock())


def test_a_session_without_frames_opens_for_reading_but_is_no_source(tmp_path, parts):
    writer = SessionWriter.create(tmp_path, parts.scene(parts.frame(0)), ManualClock())
    writer.close()
    assert len(open_session(writer.folder)) == 0
    text = str(writer.folder)
    with pytest.raises(DeviceError, match="holds no frame"):
        SessionFolderDevice().open(SourceAddress(text, "", text), OpenContext(ManualClock(), False, lambda _: None))
