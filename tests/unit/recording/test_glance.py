"""What a timeline shows of a frame is what the scene says, whatever state its line is in; side channels as numbers."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from rtguide.errors import RecordingError
from rtguide.model.guidance import Alarm, AlarmPriority
from rtguide.model.needle import NeedleTrack
from rtguide.model.side import SideInfo, SideKind, SideSample, SoundChunk
from rtguide.recording.glance import UNKNOWN, Glance, glance_of, glance_of_said
from rtguide.recording.movie_sound import session_sound
from rtguide.recording.reader import open_session
from rtguide.recording.scene_json import scene_line, skipped_line
from rtguide.recording.side_tracks import side_tracks
from rtguide.recording.sides import SideWriter


def same(a: Glance, b: Glance) -> bool:
    return all(
        x == y or (math.isnan(x) and math.isnan(y))
        for x, y in zip(
            (a.confidence, a.distance_mm, a.distance_px, a.alarm_level, a.is_needle),
            (b.confidence, b.distance_mm, b.distance_px, b.alarm_level, b.is_needle),
            strict=True,
        )
    )


@pytest.mark.parametrize("priority", [None, *AlarmPriority])
@pytest.mark.parametrize("track", list(NeedleTrack))
def test_the_line_and_the_scene_say_the_same(parts, priority, track):
    scene = parts.scene(parts.frame(3))
    alarms = () if priority is None else (Alarm("low", AlarmPriority.LOW, "x"), Alarm("a", priority, "y"))
    guidance = replace(scene.guidance, alarms=alarms, tip_to_target_mm=None if priority else -1.25)
    needle = replace(scene.tracking.needle, track=track)
    scene = replace(scene, guidance=guidance, tracking=replace(scene.tracking, needle=needle))
    found = glance_of(json.loads(json.dumps(scene_line(scene, 0, 0))))
    assert same(found, glance_of_said(scene.tracking, scene.guidance))
    assert found.is_needle is (track is NeedleTrack.LOCKED)
    levels = {None: 0, AlarmPriority.LOW: 1, AlarmPriority.MEDIUM: 2, AlarmPriority.HIGH: 3}
    assert found.alarm_level == levels[priority]


@pytest.mark.parametrize(
    "record",
    [
        skipped_line(4), None, [], {}, {"tracking": None, "guidance": []}, {"tracking": {"needle": 3}, "guidance": {}},
        {"guidance": {"alarms": 3}},
        {"guidance": {"alarms": [None, 3, {"priority": "loud"}], "tip_to_target_mm": "far"}},
    ],
)  # fmt: skip
def test_what_is_damaged_or_was_never_tracked_is_unknown(record):
    assert same(glance_of(record), UNKNOWN)


def test_a_session_gives_them_without_its_pictures(tmp_path, parts):
    folder = parts.record(tmp_path, [parts.frame(seq) for seq in range(6)], skipped=(2,))
    session = open_session(folder)
    (folder / "video.mkv").unlink()
    glances = [session.glance(index) for index in range(6)]
    assert same(glances[2], UNKNOWN)
    assert [glance.alarm_level for glance in glances] == [3, 3, 0, 3, 3, 3]
    assert glances[4].distance_px == pytest.approx(1.0 + 4 / 7)
    session.close()


def test_side_channels_as_numbers_over_time(tmp_path):
    values = SideWriter(tmp_path, "current", SideInfo(SideKind.VALUES, "serial:x", "mA"))
    for t_ns, value in ((30, 0.5), (10, "ready"), (50, 0.75)):
        values.write(SideSample(t_ns, None, value))
    values.close()
    voice = SideWriter(tmp_path, "voice", SideInfo(SideKind.SOUND, "mic:x", "", 8000.0))
    for t_ns, level in ((20, 0), (40, -32768), (60, 16384)):
        voice.write(SoundChunk(t_ns, np.full((100, 1), level, np.int16)))
    voice.close()
    (current, sound), warnings = side_tracks(tmp_path)
    assert warnings == ()
    assert (current.name, current.unit, list(current.t_capture_ns)) == ("current", "mA", [10, 30, 50])
    assert math.isnan(current.at(5)[0])
    assert current.at(10)[1] == "ready"
    assert [current.at(t_ns) for t_ns in (30, 49, 50, 99)] == [(0.5, ""), (0.5, ""), (0.75, ""), (0.75, "")]
    assert list(sound.values) == [0.0, 1.0, 0.5]
    path = tmp_path / "sides" / "voice" / "sound.jsonl"
    path.write_bytes(path.read_bytes().replace(b"{", b"[", 1))  # the first line is lost, the others stay in place
    (_, sound), _ = side_tracks(tmp_path)
    assert (list(sound.t_capture_ns), list(sound.values)) == ([40, 60], [1.0, 0.5])


def test_a_side_channel_that_cannot_be_read_is_named(tmp_path):
    voice = SideWriter(tmp_path, "voice", SideInfo(SideKind.SOUND, "mic:x", "", 8000.0))
    voice.write(SoundChunk(1, np.zeros((100, 1), np.int16)))
    voice.close()
    (tmp_path / "sides" / "voice" / "sound.wav").write_bytes(b"RIFF")
    tracks, warnings = side_tracks(tmp_path)
    assert tracks == ()
    assert "side channel voice" in warnings[0]


def test_sound_whose_lines_are_damaged_is_refused_in_words(tmp_path):
    voice = SideWriter(tmp_path, "voice", SideInfo(SideKind.SOUND, "mic:x", "", 8000.0))
    voice.write(SoundChunk(1, np.zeros((100, 1), np.int16)))
    voice.close()
    path = tmp_path / "sides" / "voice" / "sound.jsonl"
    path.write_bytes(path.read_bytes().replace(b"samples", b"sampl3s"))
    with pytest.raises(RecordingError, match=r"sound\.wav: its lines are damaged"):
        session_sound(tmp_path, 0)
