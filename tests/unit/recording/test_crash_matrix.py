"""Recordings broken off at every kind of moment: recovered, counted, and nothing lost but the end."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest

from rtguide.recording.layout import FRAMES_NAME, SCENES_NAME
from rtguide.recording.reader import Session, open_session
from rtguide.recording.recovery import recover

RATE_HZ = 30
LONGEST_LOSS_S = 0.5
TAIL_BYTES = 65_536
SHAPE_PX = (48, 64)

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
shape, clock, writer = (48, 64), SystemClock(), None
count = int(sys.argv[2])
for seq in range(count):
    pixels = np.random.default_rng(seq).integers(0, 256, shape, dtype=np.uint8)
    frame = Frame(seq, clock.now_ns(), seq * 1_000_000_000 // 30, pixels)
    source, geometry = SourceInfo("crash", SourceKind.LIVE, shape, 30.0), ImageGeometry.whole_frame(shape)
    scene = Scene(frame, source, geometry, Plan(), Tracking(), Guidance(), clock.now_ns())
    writer = writer or SessionWriter.create(Path(sys.argv[1]), scene, clock)
    try:
        writer.write_frame(frame)
        writer.write_scene(scene)
    except Exception as error:
        print("refused", seq, error, flush=True)
        break
    print(seq, flush=True)
else:
    if len(sys.argv) > 3:
        sys.stdin.readline()
    else:
        writer.close()
"""


def child(folder: Path, count: int, *more: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", CHILD, str(folder), str(count), *more]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def picture(seq: int) -> "np.ndarray[tuple[int, int], np.dtype[np.uint8]]":
    return np.random.default_rng(seq).integers(0, 256, SHAPE_PX, dtype=np.uint8)


def check(folder: Path, acknowledged: int, lost_s: float = LONGEST_LOSS_S) -> Session:
    """All but the end is there, in order, bit for bit, and the account is exact."""
    session = open_session(folder)
    seqs = [line.seq for line in session.frames]
    assert seqs == list(range(len(seqs)))
    assert (acknowledged - len(seqs)) / RATE_HZ <= lost_s
    for index in {0, len(seqs) // 2, len(seqs) - 1} if seqs else ():
        np.testing.assert_array_equal(session.pixels(index), picture(index))
    ledger = session.head.ledger
    assert ledger is not None
    assert ledger.received == ledger.written + ledger.declared_lost
    assert ledger.written == len(seqs) == ledger.scenes + ledger.skipped
    assert ledger.lost_before == 0
    assert len((folder / SCENES_NAME).read_bytes().splitlines()) >= len(seqs)
    session.close()
    if seqs:
        with av.open(str(folder / "video.mkv")) as container:
            assert len([packet for packet in container.demux(video=0) if packet.size]) == len(seqs)
            assert container.duration > 0
    assert recover(folder) is None
    return session


def kill_at_a_random_moment(parent: Path, seed: int) -> None:
    count = int(np.random.default_rng(seed).integers(1, 120))
    with child(parent, 100_000) as process:
        for _ in range(count):
            assert process.stdout is not None
            assert process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        acknowledged = count + len(process.stdout.readlines())
    (folder,) = parent.iterdir()
    session = check(folder, acknowledged, lost_s=0.0)
    assert session.missing_frames == 0
    assert session.warnings[1] == "no frame that was written is lost"


@pytest.mark.parametrize("seed", range(5))
def test_a_kill_at_a_random_moment_loses_no_written_frame(tmp_path: Path, seed: int) -> None:
    kill_at_a_random_moment(tmp_path, seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5, 25))
def test_a_kill_at_twenty_random_moments(tmp_path: Path, seed: int) -> None:
    kill_at_a_random_moment(tmp_path, seed)


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording of 60 frames that was killed, not yet recovered."""
    parent = tmp_path_factory.mktemp("killed")
    with child(parent, 60, "wait") as process:
        assert process.stdout is not None
        for _ in range(60):
            assert process.stdout.readline()
        process.kill()
    (folder,) = parent.iterdir()
    return folder


def tear(killed: Path, parent: Path, name: str, keep: int, tail: bytes = b"") -> Path:
    folder = parent / f"{name}-{keep}"
    shutil.copytree(killed, folder)
    path = folder / name
    path.write_bytes(path.read_bytes()[:keep] + tail)
    return folder


def tear_everywhere(killed: Path, parent: Path, step: int) -> None:
    lines = [json.loads(line) for line in (killed / FRAMES_NAME).read_bytes().splitlines()]
    size = (killed / "video.mkv").stat().st_size
    assert size > TAIL_BYTES
    for keep in range(size - TAIL_BYTES, size, step):
        folder = tear(killed, parent, "video.mkv", keep)
        there = [line["seq"] for line in lines if line["pos"] + line["length"] <= keep]
        session = check(folder, len(there), lost_s=0.0)
        assert session.head.recovery is not None
        assert session.missing_frames == 60 - len(there)
        assert session.head.recovery.missing == ((len(there), 59),)
        assert f"are lost: {len(there)}" in session.warnings[1]
        shutil.rmtree(folder)


def test_a_video_torn_anywhere_keeps_every_whole_frame(killed: Path, tmp_path: Path) -> None:
    tear_everywhere(killed, tmp_path, 997)


@pytest.mark.slow
def test_a_video_torn_at_every_97th_byte(killed: Path, tmp_path: Path) -> None:
    tear_everywhere(killed, tmp_path, 97)


@pytest.mark.parametrize("name", [FRAMES_NAME, SCENES_NAME, "events.jsonl"])
def test_torn_lines_are_rebuilt_from_the_video(killed: Path, tmp_path: Path, name: str) -> None:
    size = (killed / name).stat().st_size
    for keep in sorted({0, size // 3, size // 2 + 1, max(0, size - 1)}):
        folder = tear(killed, tmp_path, name, keep)
        session = check(folder, 60, lost_s=0.0)
        assert len(session) == 60
        assert session.frames == open_session_lines(killed)
        if name == FRAMES_NAME:
            assert session.head.recovery is not None
            assert session.head.recovery.rebuilt_lines == 60 - (killed / name).read_bytes()[:keep].count(b"\n")
        if name == SCENES_NAME:
            assert session.head.recovery is not None
            assert session.head.recovery.lost_scenes == 60 - (killed / name).read_bytes()[:keep].count(b"\n")


def open_session_lines(killed: Path) -> object:
    from rtguide.recording.session_lines import read_frame_lines  # noqa: PLC0415

    return tuple(read_frame_lines(killed / FRAMES_NAME)[0])


@pytest.mark.parametrize("tail", [bytes(50_000), b"\x1f\x43\xb6\x75" * 1000, b"\xff" * 5000])
def test_rubbish_behind_the_last_frame_is_cut_off(killed: Path, tmp_path: Path, tail: bytes) -> None:
    size = (killed / "video.mkv").stat().st_size
    session = check(tear(killed, tmp_path, "video.mkv", size, tail), 60, lost_s=0.0)
    assert len(session) == 60
    assert session.head.recovery is not None
    assert session.head.recovery.cut_bytes == len(tail)


def test_a_damaged_picture_costs_only_itself_and_is_named(killed: Path, tmp_path: Path) -> None:
    folder = tear(killed, tmp_path, "video.mkv", (killed / "video.mkv").stat().st_size)
    path = folder / "video.mkv"
    data = bytearray(path.read_bytes())
    for seq in (20, 21, 40):
        line = json.loads((killed / FRAMES_NAME).read_bytes().splitlines()[seq])
        data[line["pos"] + line["length"] // 2] ^= 0x10
    path.write_bytes(data)
    recovery = recover(folder)
    assert recovery is not None
    assert recovery.missing == ((20, 21), (40, 40))
    session = open_session(folder)
    assert [line.seq for line in session.frames] == [seq for seq in range(60) if seq not in (20, 21, 40)]
    np.testing.assert_array_equal(session.pixels(20), picture(22))
    assert "3 frames that were written are lost: 20–21, 40" in session.warnings
    assert session.head.ledger is not None
    assert (session.head.ledger.received, session.head.ledger.declared_lost) == (60, 3)
    session.close()


@pytest.mark.skipif(shutil.which("ffprobe") is None, reason="ffprobe is not installed")
def test_a_recovered_video_opens_without_a_word_of_complaint(killed: Path, tmp_path: Path) -> None:
    size = (killed / "video.mkv").stat().st_size
    folder = tear(killed, tmp_path, "video.mkv", size - 1000)
    recover(folder)
    command = ["ffprobe", "-v", "warning", "-count_frames", "-show_entries", "stream=nb_read_frames,duration:format"]
    done = subprocess.run(
        [*command, "-of", "json", str(folder / "video.mkv")], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    facts = json.loads(done.stdout)
    assert facts["streams"][0]["nb_read_frames"] == "59"
    assert abs(float(facts["format"]["duration"]) - 59 / RATE_HZ) < 0.01


def test_a_full_disk_keeps_everything_written(tmp_path: Path) -> None:
    mount = tmp_path / "small"
    mount.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=256k", "none", str(mount)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("a small disk cannot be mounted here: that needs root")
    try:
        with child(mount, 100_000) as process:
            assert process.stdout is not None
            said = process.stdout.read().splitlines()
        assert said[-1].startswith("refused")
        assert "the disk is full" in said[-1]
        (folder,) = mount.iterdir()
        kept = tmp_path / "copy"
        shutil.copytree(folder, kept)  # there is no room to mend it where it is
        session = check(kept, len(said) - 1, lost_s=0.0)
        assert len(session) in (len(said) - 1, len(said))
        full = open_session(folder)  # and where it is, it can still be read
        assert len(full) >= len(said) - 1
        full.close()
    finally:
        subprocess.run(["umount", str(mount)], check=True)


READ_ONLY_FROM_20 = """
    if seq == 20:
        import os
        writer.folder.chmod(0o500)
        os.chown(writer.folder, 65534, 65534)
        os.setuid(65534)
else:
"""


def test_a_folder_made_read_only_midway_keeps_everything(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root, to go on as somebody for whom read-only means something")
    program = CHILD.replace("\nelse:\n", READ_ONLY_FROM_20, 1)
    command = [sys.executable, "-c", program, str(tmp_path), "40"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert len(done.stdout.splitlines()) == 40
    assert done.returncode == 1
    assert "choose a folder you may write to" in done.stderr
    (folder,) = tmp_path.iterdir()
    assert json.loads((folder / "session.json").read_bytes())["ledger"] is None
    session = check(folder, 40, lost_s=0.0)
    assert len(session) == 40
    assert session.missing_frames == 0
