"""`rtguide export`: what comes out is read back by other people's programs."""

import csv
import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import av
import nrrd
import numpy as np
import pyarrow.parquet
import pydicom
import pytest
import SimpleITK
from numpy.typing import NDArray
from PIL import Image

from rtguide.app.cli import run
from rtguide.app.export_side import SideColumn
from rtguide.app.recorded import RecordedSession
from rtguide.clock import ManualClock
from rtguide.model.frame import Frame
from rtguide.model.geometry import ImageGeometry
from rtguide.model.guidance import Alarm, AlarmPriority
from rtguide.model.scene import Scene
from rtguide.model.side import SideInfo, SideKind, SideSample, SoundChunk
from rtguide.recording.nameless import nameless
from rtguide.recording.reader import Session, open_session
from rtguide.recording.side_video import side_videos
from rtguide.recording.sides import SideWriter
from rtguide.recording.writer import SessionWriter
from rtguide.view.offscreen import ScenePainter
from scripted import ScriptedFinder, ScriptedTracker

COUNT = 6


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return recorded(tmp_path_factory.mktemp("sessions"), is_whole=False)


@pytest.fixture(scope="module")
def screen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scanner's whole screen, with its words."""
    return recorded(tmp_path_factory.mktemp("screens"), is_whole=True)


def recorded(parent: Path, *, is_whole: bool) -> Path:
    from rtguide.app.plugins import open_source  # noqa: PLC0415
    from rtguide.pipeline.engine import Engine, EngineParts  # noqa: PLC0415

    clock = ManualClock(1_700_000_000_000_000_000)
    source = open_source("sim:femoral?seed=2", clock, is_paced=False)
    geometry = ImageGeometry.whole_frame(source.info.shape_px) if is_whole else None
    engine = Engine(source.info, source.geometry, EngineParts(ScriptedTracker(), ScriptedFinder(), clock))
    engine.mark(source.structures())  # type: ignore[attr-defined]
    writer = None
    for _ in range(COUNT):
        frame = source.read(10.0)
        assert frame is not None
        scene = engine.process(frame)
        scene = replace(scene, geometry=geometry or scene.geometry)
        writer = writer or SessionWriter.create(parent, scene, clock)
        writer.write_frame(replace(frame, geometry=scene.geometry))
        writer.write_scene(scene)
        clock.advance(1 / (source.info.rate_hz or 30.0))
    source.close()
    assert writer is not None
    writer.close()
    return writer.folder


@pytest.fixture
def session(folder: Path) -> Iterator[Session]:
    session = open_session(folder)
    yield session
    session.close()


def export(folder: Path, form: str, out: Path, *options: str) -> Path:
    with pytest.raises(SystemExit) as ended:
        run(["export", str(folder), "--to", form, "--out", str(out), *options])
    assert ended.value.code == 0
    return out


@pytest.mark.parametrize(("form", "name"), [("mp4", "a.mp4"), ("mkv", "a.mkv")])
def test_movies_are_vp9_with_true_times(folder: Path, session: Session, tmp_path: Path, form: str, name: str) -> None:
    with av.open(str(export(folder, form, tmp_path / name))) as container:
        assert container.streams.video[0].codec_context.name in ("vp9", "libvpx-vp9")
        frames = list(container.decode(video=0))
    assert len(frames) == COUNT
    for index, frame in enumerate(frames):
        assert frame.time == pytest.approx(session.time_ns(index) / 1e9, abs=0.002)
    difference = frames[3].to_ndarray(format="gray").astype(int) - session.pixels(3)
    assert np.abs(difference).mean() < 6


def test_a_movie_shows_the_overlay_where_it_is_asked_for(folder: Path, tmp_path: Path) -> None:
    shown = []
    for name, options in (("plain.mkv", ()), ("drawn.mkv", ("--overlay",))):
        with av.open(str(export(folder, "mkv", tmp_path / name, *options))) as container:
            shown.append([frame.to_ndarray(format="rgb24").astype(int) for frame in container.decode(video=0)])
    plain, drawn = shown
    assert len(plain) == len(drawn) == COUNT
    assert (np.abs(plain[3] - drawn[3]).max(axis=2) > 80).mean() > 0.001


def named(scene: Scene, name: str) -> Scene:
    """The first structure has this name, and alarms speak of it."""
    first, *rest = scene.plan.structures
    states = tuple(replace(one, name=name) if one.name == first.name else one for one in scene.tracking.structures)
    alarm = Alarm("tip-inside", AlarmPriority.HIGH, f"tip inside {name}", name)
    return replace(
        scene,
        plan=replace(scene.plan, structures=(replace(first, name=name), *rest), aim=None),
        tracking=replace(scene.tracking, structures=states),
        guidance=replace(scene.guidance, nearest_avoid_name=name, alarms=(alarm,)),
    )


def test_an_anonymous_picture_with_its_overlay_names_nobody(folder: Path) -> None:
    recorded = RecordedSession(open_session(folder))
    scene = named(recorded.scene(3), "MUSTER ANNA")
    recorded.close()
    hidden = nameless(scene)
    assert "MUSTER" not in f"{hidden.plan}{hidden.tracking}{hidden.guidance}"
    assert hidden.guidance.alarms[0].text == "tip inside structure 1"
    assert nameless(named(scene, "i")).guidance.alarms[0].text == "tip inside structure 1"
    painter = ScenePainter()
    assert not np.array_equal(painter.paint(scene), painter.paint(hidden))
    np.testing.assert_array_equal(painter.paint(hidden), painter.paint(nameless(named(scene, "SOMEBODY ELSE"))))


def test_what_is_painted_for_an_anonymous_export_has_numbers(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    painted: list[Scene] = []
    paint = ScenePainter.paint
    monkeypatch.setattr(ScenePainter, "paint", lambda self, scene: (painted.append(scene), paint(self, scene))[1])
    export(folder, "png", tmp_path / "a", "--anonymous", "--overlay", "--text-ok")
    assert len(painted) == COUNT
    assert {one.name for scene in painted for one in scene.plan.structures} == {f"structure {n}" for n in (1, 2, 3)}


def test_pictures_hold_the_pixels_and_the_overlay_changes_them(folder: Path, session: Session, tmp_path: Path) -> None:
    plain = export(folder, "png", tmp_path / "plain")
    drawn = export(folder, "png", tmp_path / "drawn", "--overlay")
    names = [f"frame-{index:06d}.png" for index in range(COUNT)]
    assert sorted(path.name for path in plain.iterdir()) == sorted(path.name for path in drawn.iterdir()) == names
    picture = SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(str(plain / names[2])))
    np.testing.assert_array_equal(picture[:, :, 1], session.pixels(2))
    assert (plain / names[2]).read_bytes() != (drawn / names[2]).read_bytes()


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_table_has_a_row_a_frame(folder: Path, session: Session, tmp_path: Path) -> None:
    rows = rows_of(export(folder, "csv", tmp_path / "a.csv"))
    assert [int(row["frame"]) for row in rows] == list(range(COUNT))
    assert {"time_s", "needle.state", "needle.tip.px", "guidance.tip_to_target_mm", "targets"} <= rows[0].keys()
    names = [structure.name for structure in session.plan.structures]
    assert [target["name"] for target in json.loads(rows[0]["targets"])] == names
    hidden = rows_of(export(folder, "csv", tmp_path / "b.csv", "--anonymous"))
    assert [target["name"] for target in json.loads(hidden[0]["targets"])] == [
        f"structure {n + 1}" for n in range(len(names))
    ]
    assert {row["guidance.advice"] for row in hidden} == {""}


def test_the_typed_table_says_the_same(folder: Path, tmp_path: Path) -> None:
    table = pyarrow.parquet.read_table(export(folder, "parquet", tmp_path / "a.parquet")).to_pylist()
    rows = rows_of(export(folder, "csv", tmp_path / "a.csv"))
    assert [{key: "" if value is None else str(value) for key, value in row.items()} for row in table] == rows
    assert [row["frame"] for row in table] == list(range(COUNT))


@pytest.mark.parametrize(("form", "name"), [("mha", "a.igs.mha"), ("nrrd", "a.seq.nrrd")])
def test_sequences_are_read_by_simpleitk(folder: Path, session: Session, tmp_path: Path, form: str, name: str) -> None:
    image = SimpleITK.ReadImage(str(export(folder, form, tmp_path / name)))
    volume = SimpleITK.GetArrayFromImage(image)
    if form == "nrrd":
        volume = np.moveaxis(volume, -1, 0)  # ITK takes a list axis for components
    assert volume.shape[0] == COUNT
    for index in range(COUNT):
        np.testing.assert_array_equal(volume[index], session.pixels(index))
    assert image.GetSpacing()[:2] == pytest.approx(session.geometry.spacing_mm)
    key = "Seq_Frame0002_Timestamp"
    assert float(image.GetMetaData(key)) == pytest.approx(session.time_ns(2) / 1e9, abs=1e-8)


def test_dicom_is_valid_and_holds_pixels_times_and_scale(folder: Path, session: Session, tmp_path: Path) -> None:
    path = export(folder, "dicom", tmp_path / "a.dcm")
    data = pydicom.dcmread(path)
    np.testing.assert_array_equal(data.pixel_array[4], session.pixels(4))
    region = data.SequenceOfUltrasoundRegions[0]
    assert session.geometry.spacing_mm is not None
    assert (region.PhysicalDeltaX * 10, region.PhysicalDeltaY * 10) == pytest.approx(session.geometry.spacing_mm)
    assert np.cumsum(data.FrameTimeVector)[5] == pytest.approx(session.time_ns(5) / 1e6, abs=0.01)
    if shutil.which("dciodvfy") is None:
        pytest.skip("dciodvfy (Debian: dicom3tools) is not installed")
    done = subprocess.run(["dciodvfy", str(path)], capture_output=True, text=True, check=False)
    assert "UltrasoundMultiFrameImage" in done.stderr.replace(" ", "") or "USMultiFrame" in done.stderr
    assert [line for line in done.stderr.splitlines() if line.startswith("Error")] == []
    assert done.returncode == 0


def test_sequences_are_read_by_pynrrd(folder: Path, session: Session, tmp_path: Path) -> None:
    volume, head = nrrd.read(str(export(folder, "nrrd", tmp_path / "a.seq.nrrd")))
    assert volume.shape == (*session.head.full_shape_px[::-1], COUNT)
    for index in range(COUNT):
        np.testing.assert_array_equal(volume[:, :, index].T, session.pixels(index))
    assert head["spacings"][:2] == pytest.approx(session.geometry.spacing_mm)
    assert head["units"][:2] == ["mm", "mm"]
    assert float(head["Seq_Frame0003_Timestamp"]) == pytest.approx(session.time_ns(3) / 1e9, abs=1e-8)


@pytest.mark.skipif(shutil.which("dcm2pnm") is None, reason="dcmtk (Debian: dcmtk) is not installed")
def test_dicom_is_read_by_dcmtk(folder: Path, session: Session, tmp_path: Path) -> None:
    path = export(folder, "dicom", tmp_path / "a.dcm")
    done = subprocess.run(["dcmdump", "+L", str(path)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"(0028,0008) IS [{COUNT}]" in done.stdout
    assert "(0018,6011) SQ" in done.stdout
    picture = tmp_path / "a.pgm"
    subprocess.run(["dcm2pnm", "--write-raw-pnm", "--frame", "5", str(path), str(picture)], check=True)
    np.testing.assert_array_equal(np.array(Image.open(picture)), session.pixels(4))


def test_an_anonymous_clip_tells_no_day(folder: Path, tmp_path: Path) -> None:
    data = pydicom.dcmread(export(folder, "dicom", tmp_path / "a.dcm", "--anonymous"))
    assert not data.StudyDate
    assert not data.PatientName


def test_words_in_the_picture_are_refused_where_nobody_may_be_named(
    screen: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        run(["export", str(screen), "--to", "png", "--out", str(tmp_path / "a"), "--anonymous"])
    assert ended.value.code == 1
    assert "what looks like text" in capsys.readouterr().err
    assert not (tmp_path / "a").exists()
    assert (tmp_path / "a-text.png").exists()
    export(screen, "png", tmp_path / "b", "--anonymous", "--text-ok")
    export(screen, "png", tmp_path / "c")
    assert "--blank" in capsys.readouterr().err
    # the words stand left of the picture, and above it
    blank = ("--blank", "0,0,1280,44", "--blank", "0,0,288,720", "--blank", "992,0,288,720")
    out = export(screen, "png", tmp_path / "d", "--anonymous", *blank)
    pixels = np.array(Image.open(out / "frame-000003.png"))
    assert not pixels[:44].any()
    assert not pixels[:, :288].any()
    assert pixels[44:684, 288:992].any()
    with pytest.raises(SystemExit) as ended:
        run(["export", str(screen), "--to", "png", "--out", str(tmp_path / "e"), "--blank", "a corner"])
    assert ended.value.code == 2


def test_what_cannot_be_is_said(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "there").touch()
    for options, code, reason in (
        (["--to", "avi", "--out", str(tmp_path / "a")], 2, "--to avi: give one of"),
        (["--to", "csv", "--overlay", "--out", str(tmp_path / "a")], 2, "--overlay goes with"),
        (["--to", "csv", "--out", str(tmp_path / "there")], 1, "is there already"),
        (["--to", "csv", "--out", str(tmp_path / "no" / "a")], 1, "cannot be written"),
    ):
        with pytest.raises(SystemExit) as ended:
            run(["export", str(folder), *options])
        assert ended.value.code == code
        assert reason in capsys.readouterr().err


@pytest.mark.parametrize("form", ["mp4", "png", "csv", "parquet", "mha", "nrrd", "dicom"])
def test_who_breaks_off_leaves_no_half_an_export(
    folder: Path, tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = RecordedSession._on

    def broken(recorded: RecordedSession, index: int, pixels: NDArray[np.uint8]) -> Scene:
        if index == 3:
            raise KeyboardInterrupt
        return original(recorded, index, pixels)

    monkeypatch.setattr(RecordedSession, "_on", broken)
    monkeypatch.setattr("rtguide.app.export._check_text", lambda *_: None)
    with pytest.raises(SystemExit) as ended:
        run(["export", str(folder), "--to", form, "--out", str(tmp_path / "out")])
    assert ended.value.code != 0
    assert list(tmp_path.iterdir()) == []


def with_sides(folder: Path, parent: Path) -> Path:
    """A copy of the session with a current, a display's words, and a microphone: a tone in the second half."""
    copy = parent / "sided"
    shutil.copytree(folder, copy)
    session = open_session(folder)
    times = [line.t_capture_ns for line in session.frames]
    session.close()
    current = SideWriter(copy, "current", SideInfo(SideKind.VALUES, "serial:x", "mA"))
    current.write(SideSample(times[1], None, 0.5))
    current.write(SideSample(times[3] + 1, None, 0.75))
    words = SideWriter(copy, "display", SideInfo(SideKind.VALUES, "serial:y"))
    words.write(SideSample(times[0], None, "Mr Smith"))
    voice = SideWriter(copy, "voice", SideInfo(SideKind.SOUND, "mic:x", "", 8000.0))
    tone = (20_000 * np.sin(np.arange(8000) * 2 * np.pi * 1000 / 8000)).astype(np.int16)[:, np.newaxis]
    begin_ns = times[0] - 100_000_000
    for place in range(4):
        piece = (tone if place >= 2 else 0 * tone)[:800]
        voice.write(SoundChunk(begin_ns + (place + 1) * 100_000_000, piece.copy()))
    for writer in (current, words, voice):
        writer.close()
    return copy


def test_side_channels_are_columns_of_the_table(folder: Path, tmp_path: Path) -> None:
    sided = with_sides(folder, tmp_path)
    rows = rows_of(export(sided, "csv", tmp_path / "a.csv"))
    assert [row["side.current"] for row in rows] == ["", "0.5", "0.5", "0.5", "0.75", "0.75"]
    assert {row["side.display.text"] for row in rows} == {"Mr Smith"}
    hidden = (tmp_path / "b.csv", "--anonymous")
    assert "Smith" not in export(sided, "csv", *hidden).read_text(encoding="utf-8")
    table = pyarrow.parquet.read_table(export(sided, "parquet", tmp_path / "a.parquet")).to_pylist()
    assert [row["side.current"] for row in table] == [None, 0.5, 0.5, 0.5, 0.75, 0.75]


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_sound_goes_into_the_movie_in_step_and_stays_out_of_an_anonymous_one(
    folder: Path, tmp_path: Path, name: str
) -> None:
    sided = with_sides(folder, tmp_path)
    with av.open(str(export(sided, name[-3:], tmp_path / name))) as container:
        assert len(list(container.decode(video=0))) == COUNT
    with av.open(str(tmp_path / name)) as container:
        stream = container.streams.audio[0]
        assert stream.codec_context.name in ("opus", "libopus")
        pieces = [(frame.time, frame.to_ndarray()) for frame in container.decode(audio=0)]
    times = np.concatenate([time + np.arange(data.shape[1]) / 48_000 for time, data in pieces])
    sound = np.concatenate([np.abs(data[0].astype(float)) for _, data in pieces])
    sound /= sound.max()
    began = times[np.flatnonzero(sound > 0.3)[0]]
    assert began == pytest.approx(0.1, abs=0.03), "0.2 s after the sound began, which was 0.1 s before the picture"
    export(sided, name[-3:], tmp_path / f"b{name}", "--anonymous", "--text-ok")
    with av.open(str(tmp_path / f"b{name}")) as container:
        assert not container.streams.audio


def test_a_second_camera_stands_beside_the_picture_and_shows_nothing_old(
    folder: Path, session: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sided = tmp_path / "sided"
    shutil.copytree(folder, sided)
    times = [line.t_capture_ns for line in session.frames]
    writer = SideWriter(sided, "hands", SideInfo(SideKind.VIDEO, "grabber:1"))
    for seq, t_ns in enumerate((times[1], times[3])):
        grey = np.full((60, 80), 100 + 100 * seq, np.uint8)
        writer.write(Frame(seq, t_ns, None, grey))
    writer.close()
    out = export(sided, "png", tmp_path / "pictures", "--side", "hands")
    pictures = [np.asarray(Image.open(path)) for path in sorted(out.iterdir())]
    height, width = session.head.full_shape_px
    column = 2 * round(width * 0.4 / 2)
    assert pictures[0].shape == (height, width + column, 3)
    assert (pictures[3][:, :width, 0] == session.pixels(3)).all(), "the picture itself is not covered"
    assert [int(picture[10, width + 10, 0]) for picture in pictures] == [0, 100, 100, 200, 200, 200]
    late = SideColumn(side_videos(sided)[0], (height, width))
    black = np.zeros((height, width, 3), np.uint8)
    assert late.beside(black, times[3] + 900_000_000).any()
    assert not late.beside(black, times[3] + 1_100_000_000).any(), "a second old"
    with av.open(str(export(sided, "mp4", tmp_path / "a.mp4", "--side", "hands"))) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height) == (width + column, height)
        assert sum(1 for _ in container.decode(stream)) == COUNT
    for options, reason in (
        (("csv", "--side", "hands"), "--side goes with"),
        (("mp4", "--side", "feet"), "it has hands"),
        (("mp4", "--side", "hands", "--anonymous"), "--anonymous"),
    ):
        with pytest.raises(SystemExit) as ended:
            run(["export", str(sided), "--to", options[0], "--out", str(tmp_path / "b"), *options[1:]])
        assert ended.value.code == 2
        assert reason in " ".join(capsys.readouterr().err.split())
        assert not (tmp_path / "b").exists()
