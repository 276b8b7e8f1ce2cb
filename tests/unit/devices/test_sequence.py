"""Tracked sequences against what was written into them."""

import numpy as np
import pytest

from rtguide.app.plugins import open_source
from rtguide.clock import ManualClock
from rtguide.errors import DeviceError, SourceEnded
from rtguide.recording.sequence_clip import SequenceClip
from sequence_files import frame_lines, frames, write_mha, write_nrrd

TIMES = [10.0, 10.05, 10.2]
GREY, COLOUR = frames(3), frames(3, (24, 32, 3))


def pixels(path):
    clip = SequenceClip(path)
    got = np.array([clip.pixels(index) for index in range(len(clip))])
    clip.close()
    return got


@pytest.mark.parametrize("values", [GREY, COLOUR], ids=["grey", "rgb"])
def test_metaimages(tmp_path, values):
    for is_packed in (True, False):
        path = write_mha(tmp_path / "a.igs.mha", values, *frame_lines(TIMES, " = "), is_packed=is_packed)
        np.testing.assert_array_equal(pixels(path), values)


@pytest.mark.parametrize("encoding", ["raw", "gzip", "bzip2"])
@pytest.mark.parametrize("values", [GREY, COLOUR], ids=["grey", "rgb"])
def test_nrrds(tmp_path, values, encoding):
    path = write_nrrd(tmp_path / "a.igs.nrrd", values, *frame_lines(TIMES, ":="), encoding=encoding)
    np.testing.assert_array_equal(pixels(path), values)


@pytest.mark.parametrize("encoding", ["raw", "gzip"])
def test_frames_that_run_fastest(tmp_path, encoding):
    stored = np.ascontiguousarray(np.moveaxis(GREY, 0, -1))
    lines = ("dimension: 4", "sizes: 3 32 24 1", "kinds: list domain domain domain", "axis 0 index values:=0 0.5 2")
    path = write_nrrd(tmp_path / "a.seq.nrrd", stored, *lines, encoding=encoding)
    np.testing.assert_array_equal(pixels(path), GREY)
    clip = SequenceClip(path)
    assert [clip.time_ns(index) for index in range(3)] == [0, 500_000_000, 2_000_000_000]
    clip.close()


def test_times_transforms_and_statuses(tmp_path):
    for path in (
        write_mha(tmp_path / "a.mha", GREY, *frame_lines(TIMES, " = ", invalid=(1,))),
        write_nrrd(tmp_path / "a.nrrd", GREY, *frame_lines(TIMES, ":=", invalid=(1,))),
    ):
        source = open_source(str(path), ManualClock(), is_paced=False)
        assert [source.read(0.0).t_device_ns for _ in range(3)] == [0, 50_000_000, 200_000_000]
        assert source.info.rate_hz == pytest.approx(10)
        clip = source.frames
        assert clip.header.transform_names == ("ProbeToTracker",)
        moved = clip.transform(2, "ProbeToTracker")
        np.testing.assert_array_equal(moved.to_from @ [0, 0, 0, 1], [2, 0.5, -2, 1])
        assert [clip.transform(index, "ProbeToTracker").is_valid for index in range(3)] == [True, False, True]
        assert [clip.is_image_valid(index) for index in range(3)] == [True, False, True]
        assert clip.transform(0, "StylusToTracker") is None
        assert source.warnings == (f"{path}: 1 of its 3 pictures are marked INVALID by their recorder",)
        source.close()


def test_a_transform_that_is_none_is_an_error_only_when_asked_for(tmp_path):
    path = write_mha(tmp_path / "a.mha", GREY, "Seq_Frame0000_ProbeToTrackerTransform = 1 0 0")
    clip = SequenceClip(path)
    with pytest.raises(DeviceError, match="16 numbers"):
        clip.transform(0, "ProbeToTracker")
    clip.close()


def test_times_that_are_missing_or_do_not_rise_are_assumed_and_said(tmp_path):
    clip = SequenceClip(write_mha(tmp_path / "a.mha", GREY))
    assert [clip.time_ns(index) for index in range(3)] == [0, 40_000_000, 80_000_000]
    assert "25 frames a second are assumed" in clip.warnings[0]
    clip.close()
    values = frames(5)
    clip = SequenceClip(write_mha(tmp_path / "b.mha", values, *frame_lines([1.0, 1.1, 1.1, 1.0, 1.5], " = ")))
    times = [clip.time_ns(index) for index in range(5)]
    assert times == [0, 100_000_000, 400_000_000, 700_000_000, 1_200_000_000]
    assert "2 of its 5 time stamps" in clip.warnings[0]
    plain = SequenceClip(write_mha(tmp_path / "c.mha", GREY, "Kinds = "))
    assert "last axis is taken as time" in plain.warnings[0]
    for each in (clip, plain):
        each.close()


@pytest.mark.parametrize(
    ("letters", "turn"),
    [
        ("MF", lambda p: p),
        ("UFD", lambda p: p),
        ("MN", lambda p: p[::-1]),
        ("FM", lambda p: p.T),
        ("NU", lambda p: p.T[::-1]),
    ],
)
def test_depth_runs_down_whatever_way_it_is_stored(tmp_path, letters, turn):
    path = write_mha(tmp_path / "a.mha", GREY, f"UltrasoundImageOrientation = {letters}")
    clip = SequenceClip(path)
    np.testing.assert_array_equal(clip.pixels(1), turn(GREY[1]))
    assert clip.shape_px == clip.pixels(1).shape
    assert any("beams" in text for text in clip.warnings) == (letters[0] in "FN")
    clip.close()


@pytest.mark.parametrize("kind", ["i2", "u2", "f4", "i1", "f8"])
def test_other_values_are_spread_from_the_first_frame_and_it_is_said(tmp_path, kind):
    values = frames(3, kind=kind)
    clip = SequenceClip(write_mha(tmp_path / "a.mha", values, *frame_lines(TIMES, " = ")))
    first = values[0].astype(float)
    exact = np.clip((values - first.min()) / (first.max() - first.min()) * 255, 0, 255)
    assert np.abs(np.array([clip.pixels(index) for index in range(3)]) - exact).max() <= 0.5001
    assert clip.warnings[0].startswith(f"its values of type {values.dtype.name} are shown from")
    clip.close()


def test_eight_bits_in_wider_values_stay_as_they_are(tmp_path):
    path = write_mha(tmp_path / "a.mha", GREY.astype("i2"), *frame_lines(TIMES, " = "))
    np.testing.assert_array_equal(pixels(path), GREY)
    swapped = GREY.astype(">i2")
    path = write_mha(tmp_path / "b.mha", swapped, "BinaryDataByteOrderMSB = True", "ElementType = MET_SHORT")
    np.testing.assert_array_equal(pixels(path), GREY)


def test_a_scale_in_the_header_is_offered_not_taken(tmp_path):
    path = write_mha(tmp_path / "a.mha", GREY, "ElementSpacing = 0.1 0.2 1", *frame_lines(TIMES, " = "))
    nrrd = write_nrrd(
        tmp_path / "a.nrrd", COLOUR, "space directions: none (0.1,0,0) (0,0.2,0) none", *frame_lines(TIMES, ":=")
    )
    for each in (path, nrrd):
        clip = SequenceClip(each)
        assert clip.header.spacing == (0.1, 0.2)
        assert clip.geometry is None
        assert "0.1×0.2" in clip.warnings[0]
        clip.close()


@pytest.mark.parametrize("is_packed", [True, False])
def test_a_sequence_that_is_cut_short_plays_to_the_cut(tmp_path, is_packed):
    path = write_mha(tmp_path / "a.mha", GREY, is_packed=is_packed)
    path.write_bytes(path.read_bytes()[:-300])
    source = open_source(str(path), ManualClock(), is_paced=False)
    for index in range(source.info.frame_count):
        np.testing.assert_array_equal(source.read(0.0).pixels, GREY[index])
    assert source.info.frame_count == 2
    with pytest.raises(SourceEnded, match="1 of the frames") as end:
        source.read(0.0)
    assert end.value.is_damaged
    source.close()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("DimSize = 0 0 3", "without pictures"),
        ("DimSize = 32 24 5 3", "volumes of 5"),
        ("DimSize = 32 x 3", "DimSize"),
        ("DimSize = 99999 99999 3", "99999×99999"),
        ("DimSize = 32 24 -3", "-3 frames"),
        ("ElementType = MET_LONG_LONG", "MET_LONG_LONG"),
        ("ElementNumberOfChannels = 2", "2 values"),
        ("UltrasoundImageType = RF_REAL", "raw echoes"),
        ("UltrasoundImageOrientation = XX", "'XX'"),
        ("BinaryData = False", "text"),
        ("DimSize = 32000 24000 3", "too much|more than|claims"),
        ("CompressedData = perhaps", "neither"),
    ],
)
def test_what_cannot_be_shown_is_refused_with_its_reason(tmp_path, line, words):
    path = write_mha(tmp_path / "a.mha", GREY, line)
    with pytest.raises(DeviceError, match=words) as error:
        open_source(str(path), ManualClock(), is_paced=False)
    assert str(path) in str(error.value)


def test_pixels_in_another_file_are_refused(tmp_path):
    path = write_mha(tmp_path / "a.mha", GREY)
    path.write_bytes(path.read_bytes().replace(b"= LOCAL", b"= /etc/passwd"))
    with pytest.raises(DeviceError, match="another file"):
        SequenceClip(path)
    with pytest.raises(DeviceError, match="do not follow"):
        SequenceClip(write_nrrd(tmp_path / "a.nrrd", GREY, "data file: other.raw"))
