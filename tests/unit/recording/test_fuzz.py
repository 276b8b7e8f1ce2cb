"""Whatever a file holds, a reader answers with frames or one of our errors: no crash, no hang, no other exception."""

import shutil

import numpy as np
import pytest

from devices.session_folder import SessionSource
from rtguide.clock import ManualClock
from rtguide.errors import RtguideError
from rtguide.recording.reader import open_session
from rtguide.recording.video_reader import VideoReader
from video_files import write_video

BATCHES = [pytest.param(range(200), id="200"), pytest.param(range(200, 2200), id="2000", marks=pytest.mark.slow)]
CLIPS = [
    ("a.mkv", "ffv1", "bgr0", {"level": "3", "slicecrc": "1"}),
    ("a.mp4", "mpeg4", "yuv420p", {"bf": "2", "g": "5"}),
    ("a.avi", "mjpeg", "yuvj420p", {}),
    ("a.webm", "libvpx-vp9", "yuv420p", {"g": "6"}),
]
MOST_FRAMES = 40
"""A mutated file may claim any number of frames; so many are read."""


def mutated(data: bytes, rng: np.random.Generator) -> bytes:
    """Bytes changed; a stretch zeroed, removed, doubled or made noise; or the end cut off: often near the head."""
    out = bytearray(data)
    for _ in range(int(rng.integers(1, 4))):
        at = int(rng.integers(0, len(out))) if rng.random() < 0.6 else int(rng.integers(0, min(600, len(out))))
        stop = at + int(rng.integers(1, 200))
        match rng.integers(0, 6):
            case 0:
                for place in rng.integers(at, min(stop, len(out)) + 1, 5):
                    out[min(place, len(out) - 1)] = int(rng.integers(0, 256))
            case 1:
                out[at:stop] = bytes(len(out[at:stop]))
            case 2:
                del out[at:stop]
            case 3:
                out[at:at] = out[at:stop]
            case 4:
                out[at:stop] = rng.bytes(len(out[at:stop]))
            case _:
                del out[max(1, at) :]
        out = out or bytearray(b"x")
    return bytes(out)


def outcome(action, *arguments):
    """What it gives; None where it answers with one of our errors, in one line."""
    problem = None
    result = None
    try:
        result = action(*arguments)
    except RtguideError as error:
        problem = str(error)
    assert problem is None or (problem and "\n" not in problem)
    return result


def read_some(path, rng):
    reader = outcome(VideoReader, path)
    if reader is None:
        return 0
    count = 0
    while count < MOST_FRAMES and (picture := outcome(reader.read)) is not None:
        assert picture.pixels.shape[:2] == reader.shape_px
        count += 1
    outcome(reader.seek, int(rng.integers(0, 12)))
    outcome(reader.read)
    reader.close()
    return count


@pytest.mark.parametrize("seeds", BATCHES)
@pytest.mark.parametrize("clip", CLIPS, ids=lambda clip: clip[0])
def test_any_video_gives_frames_or_one_of_our_errors(tmp_path, clip, seeds):
    name, *form, options = clip
    path = write_video(tmp_path / name, *form, options=options, is_smooth=True)
    data = path.read_bytes()
    counts = []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        path.write_bytes(mutated(data, rng))
        counts.append(read_some(path, rng))
    assert 0 in counts  # some are refused
    assert max(counts) >= 12  # and some still play to the end


@pytest.mark.parametrize("seeds", BATCHES)
def test_any_session_gives_frames_or_one_of_our_errors(tmp_path, parts, seeds):
    good = parts.record(tmp_path, [parts.frame(seq) for seq in range(6)], skipped=(3,))
    files = {path.name: path.read_bytes() for path in good.iterdir()}
    bad = tmp_path / "bad"
    counts = []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        shutil.rmtree(bad, ignore_errors=True)
        bad.mkdir()
        hit = rng.choice(sorted(files))
        for name, data in files.items():
            (bad / name).write_bytes(mutated(data, rng) if name == hit and data else data)
        counts.append(read_session(bad))
    assert 0 in counts
    assert max(counts) == 6


def read_session(folder):
    session = outcome(open_session, folder)
    if session is None:
        return 0
    count = 0
    for index in range(len(session)):
        outcome(session.scene, index)
        count += outcome(session.pixels, index) is not None
    outcome(lambda: list(session.events()))
    outcome(session.structures)
    if len(session):
        outcome(SessionSource(session, ManualClock()).read, 0.0)
    session.close()
    return count
