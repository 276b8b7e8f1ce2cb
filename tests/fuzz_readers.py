"""Every reader of files and messages that a fuzz test damages."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import jpeg_ls
import numpy as np
from PIL import Image
from pydicom.pixels.encoders import RLELosslessEncoder
from pydicom.uid import JPEG2000Lossless, JPEGBaseline8Bit, JPEGLosslessSV1, JPEGLSLossless, RLELossless

from devices.session_folder import SessionSource
from dicom_files import clip_dataset, encapsulated, jpeg, jpeg2000, lossless_jpeg, noise, region, smooth, write
from fuzz_stream import read_stream, served_clip
from fuzzing import Damaged, Reader, outcome
from rtguide.clock import ManualClock
from rtguide.model.structure import Role, Structure, StructureKind, Tissue, box_outline
from rtguide.pipeline.engine import Engine, EngineParts
from rtguide.ports import FrameSource
from rtguide.recording.dicom_clip import open_clip
from rtguide.recording.igtl_wire import (
    HEADER_BYTES,
    content_of,
    pack,
    pack_image,
    pack_transform,
    parse_header,
    parse_image,
    parse_sensor,
    parse_string,
    parse_transform,
)
from rtguide.recording.image_frames import ImageFrames
from rtguide.recording.indexed_source import IndexedSource
from rtguide.recording.reader import open_session
from rtguide.recording.sequence_clip import SequenceClip
from rtguide.recording.track_lines import track_line
from rtguide.recording.video_reader import VideoReader
from rtguide.recording.writer import SessionWriter
from rtguide.training.answers import read_lines
from rtguide.training.case import load_case
from scripted import GEOMETRY, INFO, ScriptedFinder, ScriptedTracker, make_frame
from sequence_files import frame_lines, frames, write_mha, write_nrrd
from video_files import write_video

MOST_FRAMES = 20
"""A damaged file may claim any number of frames; so many are read."""

GREY = np.random.default_rng(0).integers(0, 256, (3, 24, 32), dtype=np.uint8)
COLOUR = np.random.default_rng(1).integers(0, 256, (24, 32, 3), dtype=np.uint8)


def _video(name: str, *form: str, **options: str) -> Reader:
    def make(folder: Path) -> list[bytes]:
        return [write_video(folder / name, *form, options=options, is_smooth=True).read_bytes()]

    def read(damaged: Damaged) -> int:
        reader = outcome(VideoReader, damaged.file(name))
        if reader is None:
            return 0
        count = 0
        while count < MOST_FRAMES and (picture := outcome(reader.read)) is not None:
            assert picture.pixels.shape[:2] == reader.shape_px
            count += 1
        outcome(reader.seek, int(damaged.rng.integers(0, 12)))
        outcome(reader.read)
        reader.close()
        return count

    return Reader(make, read, 12)


def _dicom_clips(folder: Path) -> list[bytes]:
    pictures = smooth(3, (24, 32))
    elements = {"FrameTimeVector": [0, 30, 50], "SequenceOfUltrasoundRegions": [region(4, 6, 20, 20)]}
    grey = clip_dataset(noise(3, (24, 32), "u2"), "MONOCHROME2", WindowCenter=9, WindowWidth=99, **elements)
    rle = clip_dataset(pictures, **elements)
    clips = [grey, encapsulated(rle, RLELossless, [RLELosslessEncoder.encode(rle, index=i) for i in range(3)])]
    coders = ((JPEGBaseline8Bit, jpeg), (JPEG2000Lossless, jpeg2000), (JPEGLosslessSV1, lossless_jpeg),
              (JPEGLSLossless, lambda picture: bytes(jpeg_ls.encode_array(picture))))  # fmt: skip
    for syntax, coder in coders:
        dataset = encapsulated(clip_dataset(pictures, **elements), syntax, [coder(picture) for picture in pictures])
        if coder is jpeg:
            dataset.PhotometricInterpretation = "YBR_FULL_422"
        clips.append(dataset)
    return [write(folder / "good.dcm", dataset).read_bytes() for dataset in clips]


def _sequences(folder: Path) -> list[bytes]:
    few, times = frames(3, (6, 8)), [10.0, 10.05, 10.2]
    lines = frame_lines(times, " = ")
    paths = [
        write_mha(folder / "a.mha", few, *lines),
        write_mha(folder / "b.mha", few.astype("f4"), *lines, is_packed=False),
        write_nrrd(folder / "a.nrrd", few, *frame_lines(times, ":=")),
        write_nrrd(folder / "b.nrrd", few.astype("i2"), encoding="raw"),
    ]
    return [path.read_bytes() for path in paths]


def _pictures(folder: Path) -> list[bytes]:
    pages = [Image.fromarray(page) for page in GREY]
    pages[0].save(folder / "a.tif", save_all=True, append_images=pages[1:])
    Image.fromarray(COLOUR).save(folder / "a.png")
    Image.fromarray(COLOUR).save(folder / "a.jpg")
    pages[0].save(folder / "a.bmp")
    return [(folder / f"a.{suffix}").read_bytes() for suffix in ("png", "jpg", "bmp", "tif")]


def _indexed(name: str, open_frames: Callable[[Path], object]) -> Callable[[Damaged], int]:
    def read(damaged: Damaged) -> int:
        path = damaged.file(name)
        found = outcome(open_frames, path)
        if found is None:
            return 0
        if isinstance(found, SequenceClip):
            for transform in found.header.transform_names[:3]:
                outcome(found.transform, 0, transform)
        source = IndexedSource(path, found, ManualClock())  # type: ignore[arg-type]
        assert all("\n" not in text for text in source.warnings)
        return _played(source)

    return read


def _played(source: FrameSource) -> int:
    count = 0
    while count < MOST_FRAMES and (frame := outcome(source.read, 0.0)) is not None:
        assert frame.shape_px == source.info.shape_px
        count += 1
    source.close()
    return count


def _session(folder: Path) -> list[bytes]:
    """Six frames with everything a session may hold, its files in the order of their names; they stay in `good`."""
    engine = Engine(INFO, GEOMETRY, EngineParts(ScriptedTracker(), ScriptedFinder(), ManualClock()))
    engine.mark([Structure("nerve", StructureKind.STRUCTURE, Tissue.NERVE, Role.BOTH, box_outline(20, 20, 10, 8))])
    scenes = [engine.process(make_frame(seq)) for seq in range(6)]
    writer = SessionWriter.create(folder, scenes[0], ManualClock())
    for scene in scenes:
        writer.write_frame(scene.frame)
        writer.write_truth(scene.frame.seq, {"needle": None})
        writer.write_scene(scene)
        writer.write_painted(scene.frame.seq, scene.t_tracked_ns + 1)
    writer.write_event("bookmark", {"note": "blood"})
    writer.close()
    writer.folder.rename(folder / "good")
    return [path.read_bytes() for path in sorted((folder / "good").iterdir())]


def _read_session(damaged: Damaged) -> int:
    good, bad = damaged.folder / "good", damaged.folder / "bad"
    shutil.rmtree(bad, ignore_errors=True)
    shutil.copytree(good, bad)
    sorted(bad.iterdir())[damaged.which].write_bytes(damaged.data)
    session = outcome(open_session, bad)
    if session is None:
        return 0
    count = 0
    for index in range(len(session)):
        outcome(session.scene, index)
        outcome(session.truth, index)
        count += outcome(session.pixels, index) is not None
    outcome(lambda: list(session.events()))
    outcome(session.structures)
    if len(session):
        outcome(SessionSource(session, ManualClock()).read, 0.0)
    session.close()
    return count


def _messages(_folder: Path) -> list[bytes]:
    image = pack_image(GREY[0][:6, :8], (1.0, 1.0))
    one = [pack("IMAGE", "Video", at, image) + pack("TRANSFORM", "A", 0, pack_transform(np.eye(4))) for at in range(3)]
    return [b"".join(one)]


def _read_messages(damaged: Damaged) -> int:
    """How many whole messages lie at the beginning of these bytes."""
    data, count = damaged.data, 0
    while len(data) >= HEADER_BYTES:
        header = outcome(parse_header, data[:HEADER_BYTES])
        if header is None or len(data) < HEADER_BYTES + header.body_bytes:
            break
        body = data[HEADER_BYTES : HEADER_BYTES + header.body_bytes]
        count += outcome(content_of, header, body) is not None
        outcome(parse_image, body)  # as if the checksum held
        outcome(parse_transform, body)
        outcome(parse_string, body)
        outcome(parse_sensor, body)
        data = data[HEADER_BYTES + header.body_bytes :]
    return count


def _track_lines(_folder: Path) -> list[bytes]:
    engine = Engine(INFO, GEOMETRY, EngineParts(ScriptedTracker(), ScriptedFinder(), ManualClock()))
    lines = (json.dumps(track_line(engine.process(make_frame(seq)))) for seq in range(4))
    return ["".join(f"{line}\n" for line in lines).encode()]


def _read_track_lines(damaged: Damaged) -> int:
    return len(outcome(read_lines, damaged.file("a.jsonl")) or ())


def _case(_folder: Path) -> list[bytes]:
    case = {"px_per_mm": 16.0, "fps": 25.0, "target_box": [1, 2, 3, 4], "single": [1], "probe": {"kind": "linear"}}
    names = "frame,needle,tip_visible,tip_x,tip_y,entry_x,entry_y,target_x,target_y,target_in_view,scr"
    rows = "".join(f"{index},1,1,10.5,20,0,1,30,40,1,2.5\n" for index in range(4))
    return [json.dumps(case).encode(), f"{names}\n{rows}".encode()]


def _read_case(damaged: Damaged) -> int:
    good = _case(damaged.folder)
    for index, name in enumerate(("case.json", "truth.csv")):
        (damaged.folder / name).write_bytes(damaged.data if index == damaged.which else good[index])
    case = outcome(load_case, damaged.folder)
    return 0 if case is None else len(case.truth)


READERS = {
    "mkv": _video("a.mkv", "ffv1", "bgr0", level="3", slicecrc="1"),
    "mp4": _video("a.mp4", "mpeg4", "yuv420p", bf="2", g="5"),
    "avi": _video("a.avi", "mjpeg", "yuvj420p"),
    "webm": _video("a.webm", "libvpx-vp9", "yuv420p", g="6"),
    "dicom": Reader(_dicom_clips, _indexed("a.dcm", open_clip), 3, 1400),
    "sequence": Reader(_sequences, _indexed("a.mha", SequenceClip), 3),
    "pictures": Reader(_pictures, _indexed("a.png", ImageFrames), 3, 200),
    "session": Reader(_session, _read_session, 6),
    "openigtlink": Reader(_messages, _read_messages, 6),
    "stream": Reader(served_clip, read_stream, 1),
    "track": Reader(_track_lines, _read_track_lines, 4),
    "case": Reader(_case, _read_case, 4),
}
