"""Video files: true times, every form of picture, any frame by number, and damage named where it is."""

import os
import struct
import wave
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from rtguide.errors import DeviceError, RtguideError, SourceEnded
from rtguide.recording import video_reader
from rtguide.recording.lossless import LosslessEncoder
from rtguide.recording.matroska import Block, MatroskaWriter
from rtguide.recording.video_pixels import PixelReader
from rtguide.recording.video_reader import VideoReader
from video_files import SHAPE, picture, write_video


def read_all(path):
    reader = VideoReader(path)
    pictures = []
    while True:
        try:
            pictures.append(reader.read())
        except SourceEnded as end:
            return reader, pictures, end


KINDS = [
    ("a.mkv", "ffv1", "bgr0", {}),
    ("a.mkv", "ffv1", "gray", {}),
    ("a.mkv", "ffv1", "yuv420p10le", {}),
    ("a.mov", "png", "rgb24", {}),
    ("a.avi", "rawvideo", "bgr24", {}),
    ("a.avi", "mjpeg", "yuvj420p", {}),
    ("a.avi", "mpeg4", "yuv420p", {"bf": "2"}),
    ("a.mp4", "mpeg4", "yuv420p", {"bf": "2", "g": "5"}),
    ("a.ts", "mpeg4", "yuv420p", {"bf": "2", "g": "4"}),
    ("a.h264", "libx264", "yuv420p", {"bf": "2", "g": "6"}),
    ("a.mp4", "libx264", "yuv420p", {"bf": "3", "g": "5", "x264-params": "open-gop=1"}),
    ("b.mp4", "libx264", "yuv420p", {"x264-params": "intra-refresh=1:keyint=4"}),
    ("a.webm", "libvpx-vp9", "yuv420p", {"g": "6", "auto-alt-ref": "1", "lag-in-frames": "8"}),
    ("a.mp4", "libsvtav1", "yuv420p", {"preset": "12"}),
]


@pytest.mark.parametrize(("name", "codec", "pixel_format", "options"), KINDS, ids=lambda value: str(value)[:14])
def test_a_frame_by_number_is_the_frame_by_reading(tmp_path, name, codec, pixel_format, options):
    try:
        path = write_video(tmp_path / name, codec, pixel_format, options=options, is_smooth=True)
    except (av.FFmpegError, ValueError) as error:
        pytest.skip(f"this FFmpeg does not write {codec}: {error}")
    reader, pictures, end = read_all(path)
    assert not end.is_damaged
    assert [p.number for p in pictures] == list(range(12))
    assert pictures[0].time_ns == 0
    assert reader.frame_count in (12, None)
    for number in (11, 5, 6, 0, 9, 1, 8):
        reader.seek(number)
        found = reader.read()
        assert (found.number, found.time_ns) == (number, pictures[number].time_ns)
        np.testing.assert_array_equal(found.pixels, pictures[number].pixels)
    reader.seek(12)
    with pytest.raises(SourceEnded, match="has ended"):
        reader.read()
    reader.seek(3)
    assert reader.read().number == 3
    reader.close()
    reader.close()


def test_times_are_those_of_the_file_also_at_a_changing_rate(tmp_path):
    times = [5000, 5033, 5034, 5100, 5101, 6000, 6040, 9999]
    reader, pictures, _ = read_all(write_video(tmp_path / "a.mkv", times_ms=times))
    assert [p.time_ns for p in pictures] == [(time - 5000) * 1_000_000 for time in times]
    assert reader.rate_hz == pytest.approx(7 / 4.999)
    assert reader.frame_count == 8
    reader.close()


def test_times_always_rise_also_where_the_files_own_do_not(tmp_path):
    encoder = LosslessEncoder(SHAPE, is_grey=False)
    file = MatroskaWriter(tmp_path / "a.mkv", encoder.track)
    for index, time in enumerate((0, 40_000, 40_000, 20_000, 200_000)):
        file.write(Block(time, encoder.encode(picture(index))))
    file.close(0)
    reader, pictures, _ = read_all(tmp_path / "a.mkv")
    times = [p.time_ns for p in pictures]
    assert times[:2] == [0, 40_000_000]
    assert (np.diff(times) > 0).all()
    assert [p.number for p in pictures] == [0, 1, 2, 3, 4]
    assert reader.frame_count is None
    for number in (3, 2, 4):
        reader.seek(number)
        found = reader.read()
        assert (found.number, found.time_ns) == (number, times[number])
        np.testing.assert_array_equal(found.pixels, picture(number))
    reader.close()


@pytest.mark.parametrize(
    "pixel_format", ["bgr0", "bgra", "gray", "gray10le", "gray16le", "ya8", "yuv444p", "yuv422p10le"]
)
def test_every_form_of_picture_arrives_as_grey_or_rgb(tmp_path, pixel_format):
    path = write_video(tmp_path / "a.mkv", "ffv1", pixel_format, is_smooth=True)
    reader, pictures, _ = read_all(path)
    wanted = picture(3, is_smooth=True).astype(float)
    if pixel_format.startswith(("gray", "ya")):
        wanted = wanted @ (0.299, 0.587, 0.114)
    assert pictures[3].pixels.shape == wanted.shape == (*SHAPE, 3)[: wanted.ndim]
    error = np.abs(pictures[3].pixels - wanted)
    limit = 0 if pixel_format in ("bgr0", "bgra") else 2.5 if "422" not in pixel_format else 8
    assert error.max() <= limit
    reader.close()


@pytest.mark.parametrize(("name", "array"), [("palette", "pal8"), ("one bit", "monob"), ("packed", "yuyv422")])
def test_rare_forms_arrive_too(name, array):
    rgb = av.VideoFrame.from_ndarray(picture(1, is_smooth=True), format="rgb24")
    if array == "pal8":
        rows = np.tile(np.arange(64, dtype=np.uint8), (48, 1))
        colours = np.random.default_rng(0).integers(0, 256, (256, 4), dtype=np.uint8)
        frame = av.VideoFrame.from_ndarray((rows, colours), format="pal8")
        wanted = colours[rows][:, :, 1:]
    else:
        frame = rgb.reformat(format=array)
        wanted = frame.reformat(format="gray" if array == "monob" else "rgb24").to_ndarray()
    found = PixelReader().read(frame)
    assert found.shape == wanted.shape, name
    np.testing.assert_allclose(found, wanted, atol=1)


@pytest.mark.parametrize(("bits", "name"), [(8, "gray"), (10, "gray10le"), (12, "gray12le"), (16, "gray16be")])
@pytest.mark.parametrize("is_studio", [True, False])
def test_grey_is_spread_to_full_range_exactly(bits, name, is_studio):
    frame = av.VideoFrame(256, 2, name)
    top = (1 << bits) - 1
    values = np.linspace(0, top, 256).round().astype(int)
    kind = np.uint8 if bits == 8 else np.dtype(">u2" if name.endswith("be") else "<u2")
    plane = frame.planes[0]
    rows = np.zeros((plane.height, plane.line_size), np.uint8)
    rows[:, : 256 * np.dtype(kind).itemsize] = values.astype(kind).view(np.uint8)
    plane.update(rows)
    frame.color_range = 1 if is_studio else 2
    low, high = (16 << bits - 8, 235 << bits - 8) if is_studio else (0, top)
    wanted = np.clip(np.rint((values - low) * 255 / (high - low)), 0, 255)
    np.testing.assert_array_equal(PixelReader().read(frame)[1], wanted)


def test_a_large_file_is_indexed_only_when_it_is_sought(tmp_path, monkeypatch):
    monkeypatch.setattr(video_reader, "INDEX_AT_ONCE_BYTES", 100)
    path = write_video(tmp_path / "a.mp4", "mpeg4", "yuv420p", options={"bf": "2", "g": "5"}, is_smooth=True)
    reader, pictures, end = read_all(path)
    assert not end.is_damaged
    assert reader.frame_count is None
    reader.seek(7)
    np.testing.assert_array_equal(reader.read().pixels, pictures[7].pixels)
    reader.close()


@pytest.mark.parametrize(("angle", "matrix"), [(90, (0, 1, -1, 0)), (180, (-1, 0, 0, -1)), (270, (0, -1, 1, 0))])
def test_a_turned_video_is_upright(tmp_path, angle, matrix):
    """ISO/IEC 14496-12, track header: x' = a·x + c·y, y' = b·x + d·y, 16.16 fixed point, y down: clockwise."""
    path = write_video(tmp_path / "a.mp4", "mpeg4", "yuv420p", is_smooth=True)
    plain_reader, plain, _ = read_all(path)
    plain_reader.close()
    data = bytearray(path.read_bytes())
    at = data.index(struct.pack(">9i", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30), data.index(b"tkhd"))
    a, b, c, d = (value << 16 for value in matrix)
    data[at : at + 36] = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
    path.write_bytes(data)
    reader, pictures, _ = read_all(path)
    assert reader.shape_px == (SHAPE if angle == 180 else SHAPE[::-1])
    np.testing.assert_array_equal(pictures[2].pixels, np.rot90(plain[2].pixels, -angle // 90))
    reader.close()


def test_sound_is_passed_over_and_sound_alone_is_refused(tmp_path):
    path = tmp_path / "both.mkv"
    with av.open(str(path), "w") as container:
        video, audio = container.add_stream("ffv1", rate=25), container.add_stream("pcm_s16le", rate=8000)
        video.height, video.width, video.pix_fmt = *SHAPE, "bgr0"
        for index in range(5):
            frame = av.VideoFrame.from_ndarray(picture(index), format="rgb24").reformat(format="bgr0")
            frame.pts, frame.time_base = index, Fraction(1, 25)
            container.mux(video.encode(frame))
            sound = av.AudioFrame.from_ndarray(np.zeros((1, 320), np.int16), format="s16", layout="mono")
            sound.sample_rate, sound.pts = 8000, index * 320
            container.mux(audio.encode(sound))
    reader, pictures, end = read_all(path)
    assert not end.is_damaged
    np.testing.assert_array_equal(pictures[4].pixels, picture(4))
    reader.close()
    alone = tmp_path / "alone.wav"
    with wave.open(str(alone), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(1600))
    with pytest.raises(DeviceError, match=r"alone.wav: holds only sound, no video stream; give a file with a picture"):
        VideoReader(alone)


@pytest.mark.parametrize("name", ["a.mkv", "a.mp4"])
@pytest.mark.parametrize("share", [0.3, 0.7, 0.95])
def test_a_file_cut_short_plays_up_to_the_cut_and_says_where(tmp_path, name, share):
    codec = ("ffv1", "bgr0") if name == "a.mkv" else ("mpeg4", "yuv420p")
    faststart = {"movflags": "faststart"} if name == "a.mp4" else {}
    path = write_video(tmp_path / name, *codec, container_options=faststart)
    _, whole, _ = read_all(path)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    reader, pictures, end = read_all(path)
    count = len(pictures)
    assert 0 < count < 12
    for found, wanted in zip(pictures, whole, strict=False):
        np.testing.assert_array_equal(found.pixels, wanted.pixels)
    assert end.is_damaged
    assert f"{name}: breaks off at frame {count} ({count * 0.04:.2f} s)" in str(end)
    assert "copy it again" in str(end)
    assert reader.frame_count is None
    for number in (count, 11, 500):
        reader.seek(number)
        with pytest.raises(SourceEnded) as caught:
            reader.read()
        assert caught.value.is_damaged
    reader.seek(0)
    np.testing.assert_array_equal(reader.read().pixels, whole[0].pixels)
    reader.close()


def test_damage_in_the_middle_ends_the_video_there(tmp_path):
    path = write_video(tmp_path / "a.mkv", options={"level": "3", "slicecrc": "1", "g": "1"})
    data = bytearray(path.read_bytes())
    with av.open(str(path)) as container:
        places = [packet.pos for packet in container.demux(video=0) if packet.size]
    data[places[7] + 200] ^= 0x55
    path.write_bytes(data)
    reader, pictures, end = read_all(path)
    assert len(pictures) == 7
    assert end.is_damaged
    assert "frame 7 (0.28 s)" in str(end)
    reader.close()


def test_a_picture_that_changes_size_is_named(tmp_path):
    parts = [
        write_video(tmp_path / f"{width}.mjpeg", "mjpeg", "yuvj420p", shape=(48, width)).read_bytes()
        for width in (64, 80)
    ]
    path = tmp_path / "joined.mjpeg"
    path.write_bytes(b"".join(parts))
    with pytest.raises(RtguideError, match=r"frame 12 is 80×48 pixels, those before 64×48"):
        read_all(path)


def test_what_is_no_video_is_refused_with_its_reason(tmp_path):
    cases = {
        "missing.mp4": (None, "no such file"),
        "empty.mp4": (b"", "empty"),
        "text.mp4": (b"hello " * 1000, "not a video"),
        "zeros.avi": (bytes(100_000), "not a video"),
        "list.mp4": (b"#EXTM3U\n#EXTINF:1,\nother.ts\n", "not a video"),
        "torn.mp4": (b"\x00\x00\x00\x20ftypisom" + bytes(100), "cut short or damaged"),
    }
    for name, (data, reason) in cases.items():
        if data is not None:
            (tmp_path / name).write_bytes(data)
        with pytest.raises(DeviceError, match=f"{name}: .*{reason}") as caught:
            VideoReader(tmp_path / name)
        assert "\n" not in str(caught.value)
    with pytest.raises(DeviceError, match="folder"):
        VideoReader(tmp_path)
    os.mkfifo(tmp_path / "pipe.mp4")
    with pytest.raises(DeviceError, match="not a file"):
        VideoReader(tmp_path / "pipe.mp4")


def test_a_name_that_looks_like_something_else_is_only_a_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("http:__a?b=1.mkv", "concat:a|b.mkv", "-i.mkv", "50%03d.mkv"):
        path = write_video(tmp_path / "plain.mkv").rename(tmp_path / name)
        for text in (str(path), name):
            VideoReader(Path(text)).close()


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "count", "shape", "rate_hz"),
    [
        ("needle_tissue/ph_1_3_1.mp4", 448, (860, 1080), 60.0),
        ("scale/butterfly-ocular-phantom.mp4", 369, (1080, 776), 12.66),
        ("scale/clarius-ocular-short.mp4", 50, (960, 1280), 25.0),
        ("scale/sonosite-anon-eye1-video.mp4", 100, (720, 960), 25.0),
        ("sim/dev_curved/video.mkv", None, (1080, 1920), 25.0),
        ("sim/dev_shallow/video.mkv", None, (720, 1280), 50.0),
    ],
)
def test_real_clips_open_as_ffprobe_says(data, name, count, shape, rate_hz):
    reader = VideoReader(data / name)
    assert reader.shape_px == shape
    assert reader.rate_hz == pytest.approx(rate_hz, rel=0.002)
    assert count is None or reader.frame_count == count
    first = reader.read()
    assert first.pixels.shape == (*shape, 3)
    reader.seek(reader.frame_count - 1)
    last = reader.read()
    assert last.time_ns == pytest.approx((reader.frame_count - 1) / rate_hz * 1e9, rel=0.01)
    with pytest.raises(SourceEnded):
        reader.read()
    reader.close()
