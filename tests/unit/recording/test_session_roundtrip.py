"""What is recorded comes back: pixels bit for bit inside the region, values equal, nothing unaccounted for."""

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import av
import numpy as np
import pytest

from rtguide.clock import ManualClock
from rtguide.errors import RecordingError
from rtguide.model.frame import Frame, FrameNote
from rtguide.model.geometry import RectRegion
from rtguide.model.status import DelayFigures
from rtguide.ports import LostWhy
from rtguide.recording import session_files
from rtguide.recording.layout import Ledger
from rtguide.recording.reader import open_session
from rtguide.recording.writer import SessionWriter


def zero_outside(frame, x0, y0, x1, y1):
    expected = np.zeros_like(frame.pixels)
    expected[y0:y1, x0:x1] = frame.pixels[y0:y1, x0:x1]
    return expected


@pytest.mark.parametrize("is_grey", [True, False])
def test_pixels_and_scenes_come_back_equal(tmp_path, parts, is_grey):
    frames = [parts.frame(seq, is_grey) for seq in range(8)]
    session = open_session(parts.record(tmp_path, frames, skipped=(2, 7)))
    assert session.warnings == ()
    assert len(session) == 8
    for index in (5, 0, 7, 1, 2, 3, 4, 6):
        frame = frames[index]
        # the region is x 13 to 114.3, y 7.5 to 97.7: rounded out to even pixels 12…116 and 6…98
        np.testing.assert_array_equal(session.pixels(index), zero_outside(frame, 12, 6, 116, 98))
        line = session.frames[index]
        assert (line.seq, line.t_capture_ns, line.t_device_ns) == (frame.seq, frame.t_capture_ns, frame.t_device_ns)
        assert session.time_ns(index) == frame.t_device_ns - frames[0].t_device_ns
        scene, was = session.full_scene(index), parts.scene(frame)
        if index in (2, 7):
            assert scene is None
            continue
        for name in ("source", "geometry", "plan", "tracking", "guidance", "t_tracked_ns", "is_frozen", "fault"):
            assert getattr(scene, name) == getattr(was, name), name
    delay = DelayFigures(6, 12_345, 12_345, 12_345, 12_345)
    assert session.head.ledger == Ledger(8, 8, scenes=6, skipped=2, skipped_by_screen=6, tracked_delay=delay)
    assert session.source == parts.SOURCE
    assert [event["kind"] for event in session.events()] == ["bookmark"]
    session.close()


def test_an_odd_frame_recorded_whole_comes_back(tmp_path, parts):
    whole = replace(parts.GEOMETRY, region=RectRegion(0.0, 0.0, 163.0, 121.0))
    frame = parts.frame(0)
    writer = SessionWriter.create(tmp_path, parts.scene(frame, whole), ManualClock())
    writer.write_frame(frame)
    writer.close()
    session = open_session(writer.folder)
    assert session.head.parts[0].region_px.width == 164
    np.testing.assert_array_equal(session.pixels(0), frame.pixels)
    session.close()


def test_any_player_reads_the_video_with_true_times(tmp_path, parts):
    times = [0, 1_000, 34_567_000, 34_900_000, 2_000_000_000]
    frames = [parts.frame(seq, t_device_ns=t) for seq, t in enumerate(times)]
    folder = parts.record(tmp_path, frames)
    with av.open(str(folder / "video.mkv")) as container:
        stream = container.streams.video[0]
        read = list(container.decode(stream))
        assert stream.time_base * 1_000_000 == 1
        assert container.duration == 2_000_000 + 2_000_000 - 34_900
    assert [frame.pts * 1000 for frame in read] == times
    np.testing.assert_array_equal(read[3].to_ndarray(format="gray"), frames[3].pixels[6:98, 12:116])


@pytest.mark.skipif(shutil.which("ffprobe") is None, reason="ffprobe (Debian: ffmpeg) is not installed")
def test_ffprobe_has_nothing_to_say_against_the_video(tmp_path, parts):
    folder = parts.record(tmp_path, [parts.frame(seq) for seq in range(80)])
    for where in ([], ["-read_intervals", "2%+#1"]):
        command = ["ffprobe", "-v", "warning", *where, "-show_entries", "frame=pts_time", str(folder / "video.mkv")]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.count("pts_time") == (1 if where else 80)


def test_a_moved_region_begins_a_new_part_and_numbers_go_on(tmp_path, parts):
    frames = [parts.frame(seq) for seq in range(6)]
    moved = replace(parts.GEOMETRY, region=RectRegion(31.0, 21.0, 60.0, 70.0))
    writer = SessionWriter.create(tmp_path, parts.scene(frames[0]), ManualClock())
    for frame in frames:
        writer.write_frame(frame)
        writer.write_scene(parts.scene(frame, moved if frame.seq >= 2 else parts.GEOMETRY))
    writer.close()
    session = open_session(writer.folder)
    assert sorted(path.name for path in writer.folder.glob("*.mkv")) == ["video-2.mkv", "video.mkv"]
    assert [(part.first_seq, part.region_px.x) for part in session.head.parts] == [(0, 12), (3, 30)]
    np.testing.assert_array_equal(session.pixels(2), zero_outside(frames[2], 12, 6, 116, 98))
    np.testing.assert_array_equal(session.pixels(3), zero_outside(frames[3], 30, 20, 92, 92))
    assert [session.scene(i).geometry == moved for i in range(6)] == [False, False, True, True, True, True]
    assert [session.geometry_at(i) == moved for i in range(6)] == [False, False, True, True, True, True]
    session.close()


def test_a_frame_that_brings_its_geometry_is_cut_to_it_before_its_scene_comes(tmp_path, parts):
    moved = replace(parts.GEOMETRY, region=RectRegion(31.0, 21.0, 60.0, 70.0))
    frames = [parts.frame(0), parts.frame(1), *(replace(parts.frame(seq), geometry=moved) for seq in (2, 3, 4))]
    writer = SessionWriter.create(tmp_path, parts.scene(frames[0]), ManualClock())
    for frame in frames:
        writer.write_frame(frame)
    for frame in frames:
        writer.write_scene(parts.scene(frame, frame.geometry or parts.GEOMETRY))
    writer.close()
    session = open_session(writer.folder)
    assert [(part.first_seq, part.region_px.x) for part in session.head.parts] == [(0, 12), (2, 30)]
    np.testing.assert_array_equal(session.pixels(1), zero_outside(frames[1], 12, 6, 116, 98))
    np.testing.assert_array_equal(session.pixels(2), zero_outside(frames[2], 30, 20, 92, 92))
    assert [session.scene(i).geometry == moved for i in range(5)] == [False, False, True, True, True]
    session.close()


def test_colour_that_comes_late_begins_a_part_and_grey_after_it_stays_grey(tmp_path, parts):
    grey, colour = parts.frame(0), parts.frame(2, is_grey=False)
    plain_rgb = np.repeat(parts.frame(1).pixels[:, :, None], 3, axis=2)
    plain_rgb[0, 0] = (255, 0, 0)  # a coloured mark outside the region does not matter
    frames = [
        grey,
        Frame(1, 10, 20_000_000, plain_rgb),
        colour,
        replace(parts.frame(3)),
        Frame(4, 50, 90_000_000, plain_rgb),
    ]
    session = open_session(parts.record(tmp_path, frames))
    assert [(part.is_grey, part.first_seq) for part in session.head.parts] == [(True, 0), (False, 2)]
    assert [line.flags for line in session.frames] == [(), ("rgb",), (), ("grey",), ()]
    for index, frame in enumerate(frames):
        np.testing.assert_array_equal(session.pixels(index), zero_outside(frame, 12, 6, 116, 98))
    session.close()


def test_the_account_adds_up_when_frames_are_lost(tmp_path, parts):
    writer = SessionWriter.create(tmp_path, parts.scene(parts.frame(0)), ManualClock())
    for seq in (0, 1, 5, 6, 9):  # 2 and 3 declared lost, 4 never received, 7 and 8 never received
        if seq == 5:
            writer.declare_lost(2)
            writer.declare_lost(3)
        writer.write_frame(parts.frame(seq))
    for seq in (1, 3, 6, 12):  # 3 was lost on the way, 12 never came
        writer.write_scene(parts.scene(parts.frame(seq)))
    writer.close()
    writer.close()
    ledger = open_session(writer.folder).head.ledger
    assert (ledger.received, ledger.written, ledger.declared_lost, ledger.lost_before) == (7, 5, 2, 3)
    assert (ledger.scenes, ledger.skipped, ledger.orphans, ledger.tracked) == (2, 3, 2, 4)
    assert ledger.contradictions() == ()
    lines = [json.loads(line) for line in (writer.folder / "scenes.jsonl").read_text().splitlines()]
    assert [(line["seq"], line.get("skipped", False)) for line in lines] == [
        (0, True), (1, False), (5, True), (6, False), (9, True)
    ]  # fmt: skip


def test_what_the_ledger_noted_and_what_was_painted_is_kept_and_survives_a_crash(tmp_path, parts):
    writer = SessionWriter.create(tmp_path, parts.scene(parts.frame(0)), ManualClock())
    notes = {1: (FrameNote.LATE,), 2: (FrameNote.DUPLICATE,), 5: (FrameNote.DUPLICATE, FrameNote.FROZEN)}
    frames = [replace(parts.frame(seq), t_wall_ns=10**18 + seq, notes=notes.get(seq, ())) for seq in (0, 1, 2, 5, 6)]
    for frame in frames:
        writer.write_frame(frame)
        if frame.seq == 5:
            writer.declare_lost(3, LostWhy.OUT_OF_ORDER)  # it comes after all
            writer.declare_lost(2, LostWhy.OUT_OF_ORDER)  # it comes again
        writer.write_scene(parts.scene(frame))
        if frame.seq != 1:
            writer.write_painted(frame.seq, frame.t_capture_ns + frame.seq * 1_000_000)
    writer.write_painted(6, 0)  # said twice
    writer.write_painted(77, 0)  # never written
    crashed = shutil.copytree(writer.folder, tmp_path / "crashed")
    writer.close()
    wanted = Ledger(
        received=7, written=5, declared_lost=2, lost_before=1, scenes=5, out_of_order=2, late=1, duplicated=2, frozen=1,
        painted=4, skipped_by_screen=1,
    )  # fmt: skip
    session = open_session(writer.folder)
    ledger = session.head.ledger
    assert replace(ledger, tracked_delay=None, painted_delay=None) == wanted
    assert ledger.painted_delay == DelayFigures(4, 2_100_000, 6_000_000, 6_000_000, 6_000_000)
    assert [line.t_wall_ns for line in session.frames] == [frame.t_wall_ns for frame in frames]
    assert [line.flags for line in session.frames] == [frame.notes for frame in frames]
    session.close()
    (crashed / "frames.jsonl").write_bytes(b"")
    mended = open_session(crashed)
    assert mended.head.ledger == wanted, "from the video's own stamps"
    assert mended.frames == session.frames
    mended.close()


def test_an_account_that_does_not_add_up_is_said(tmp_path, parts):
    folder = parts.record(tmp_path, [parts.frame(seq) for seq in range(4)])
    head = folder / "session.json"
    head.write_text(head.read_text().replace('"received": 4', '"received": 5'))
    session = open_session(folder)
    assert session.warnings == ("the account is wrong: received is 5, written + declared_lost is 4",)
    session.close()


def test_a_frame_that_the_disk_refused_counts_once(tmp_path, parts, monkeypatch):
    writer = SessionWriter.create(tmp_path, parts.scene(parts.frame(0)), ManualClock())
    writer.write_frame(parts.frame(0))
    with monkeypatch.context() as patch:
        patch.setattr(session_files, "_append", Mock(side_effect=OSError(28, "full")))
        with pytest.raises(RecordingError, match="the disk is full"):
            writer.write_frame(parts.frame(1))
    writer.declare_lost(1)
    writer.write_frame(parts.frame(2))
    writer.close()
    ledger = open_session(writer.folder).head.ledger
    assert (ledger.received, ledger.written, ledger.declared_lost, ledger.lost_before) == (3, 2, 1, 0)


def test_structures_are_given_as_they_lie_in_the_first_frame(tmp_path, parts):
    frames = [parts.frame(seq) for seq in range(4, 7)]
    session = open_session(parts.record(tmp_path, frames))
    nerve, pleura = session.structures()
    assert nerve.outline_px == parts.scene(frames[0]).tracking.structures[0].outline_px != parts.NERVE.outline_px
    assert pleura == parts.PLEURA  # the tracker had lost it: as it was marked


def test_frames_out_of_order_or_of_another_size_are_refused(tmp_path, parts):
    writer = SessionWriter.create(tmp_path, parts.scene(parts.frame(0)), ManualClock())
    writer.write_frame(parts.frame(3))
    with pytest.raises(RecordingError, match="frame 3 came after frame 3"):
        writer.write_frame(parts.frame(3))
    small = Frame(4, 0, 0, np.zeros((10, 10), np.uint8))
    with pytest.raises(RecordingError, match="10×10 pixels, the session holds 163×121"):
        writer.write_frame(small)
    writer.close()
    with pytest.raises(RecordingError, match="closed"):
        writer.write_frame(parts.frame(5))


def test_two_recordings_in_one_second_get_their_own_folders(tmp_path, parts):
    scene = parts.scene(parts.frame(0))
    folders = []
    for _ in range(2):
        writer = SessionWriter.create(tmp_path / "deep" / "down", scene, ManualClock())
        writer.close()
        folders.append(Path(writer.location).name)
    assert folders == ["1970-01-01_00-00-00Z_a-patient-s-clip-mkv", "1970-01-01_00-00-00Z_a-patient-s-clip-mkv_2"]
