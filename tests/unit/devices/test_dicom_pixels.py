"""Every way in which DICOM codes and colours a picture, against what was put in."""

import io
from fractions import Fraction

import av
import jpeg_ls
import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.pixels.encoders import RLELosslessEncoder
from pydicom.pixels.processing import convert_color_space
from pydicom.uid import (
    MPEG2MPML,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

import dicom_files
from dicom_files import clip_dataset, encapsulated, jpeg, jpeg2000, lossless_jpeg, noise, smooth, write
from rtguide.app.plugins import open_source
from rtguide.clock import ManualClock
from rtguide.errors import DeviceError, RtguideError, SourceEnded

GREY, COLOUR = noise(3), noise(3, (48, 64, 3))
NEAR = 2
"""Levels by which fast colour conversion may differ from exact arithmetic."""


def read(path, count=3):
    source = open_source(str(path), ManualClock(), is_paced=False)
    frames = [source.read(1.0).pixels for _ in range(count)]
    with pytest.raises(SourceEnded) as end:
        source.read(1.0)
    assert not end.value.is_damaged
    source.close()
    return np.array(frames)


@pytest.mark.parametrize("syntax", [None, ImplicitVRLittleEndian, ExplicitVRBigEndian])
@pytest.mark.parametrize("pixels", [GREY, COLOUR], ids=["grey", "rgb"])
def test_uncompressed(tmp_path, pixels, syntax):
    dataset = clip_dataset(pixels, "RGB" if pixels.ndim == 4 else "MONOCHROME2")
    dataset.file_meta.TransferSyntaxUID = syntax or dataset.file_meta.TransferSyntaxUID
    dataset["PixelData"].VR = "OB" if syntax != ImplicitVRLittleEndian else "OW"
    if syntax == ExplicitVRBigEndian:
        path = tmp_path / "a.dcm"
        import pydicom  # noqa: PLC0415

        pydicom.dcmwrite(path, dataset, implicit_vr=False, little_endian=False, enforce_file_format=True)
    else:
        path = write(tmp_path / "a.dcm", dataset)
    np.testing.assert_array_equal(read(path), pixels)


def test_colour_by_planes(tmp_path):
    dataset = clip_dataset(COLOUR, PlanarConfiguration=1)
    dataset.PixelData = np.moveaxis(COLOUR, 3, 1).tobytes()
    np.testing.assert_array_equal(read(write(tmp_path / "a.dcm", dataset)), COLOUR)


def test_luma_and_colour_uncompressed(tmp_path):
    exact = convert_color_space(COLOUR.copy(), "YBR_FULL", "RGB", per_frame=True)
    path = write(tmp_path / "a.dcm", clip_dataset(COLOUR, "YBR_FULL"))
    assert np.abs(read(path).astype(int) - exact).max() <= NEAR


def test_luma_and_half_colour_uncompressed(tmp_path):
    luma_colour = np.array(COLOUR)
    luma_colour[:, :, 1::2, 1:] = luma_colour[:, :, ::2, 1:]
    pairs = luma_colour.reshape(3, 48, 32, 6)[..., [0, 3, 1, 2]]
    dataset = clip_dataset(COLOUR, "YBR_FULL_422")
    dataset.PixelData = pairs.tobytes()
    exact = convert_color_space(luma_colour.copy(), "YBR_FULL", "RGB", per_frame=True)
    assert np.abs(read(write(tmp_path / "a.dcm", dataset)).astype(int) - exact).max() <= NEAR


@pytest.mark.parametrize("pixels", [GREY, COLOUR], ids=["grey", "rgb"])
@pytest.mark.parametrize("name", ["rle", "jpeg-ls", "jpeg-2000"])
def test_lossless_coders(tmp_path, pixels, name):
    kind = "RGB" if pixels.ndim == 4 else "MONOCHROME2"
    dataset = clip_dataset(pixels, kind)
    if name == "rle":
        syntax, coded = RLELossless, [RLELosslessEncoder.encode(dataset, index=i) for i in range(3)]
    elif name == "jpeg-ls":
        syntax, coded = JPEGLSLossless, [bytes(jpeg_ls.encode_array(frame)) for frame in pixels]
    else:
        syntax = JPEG2000Lossless
        coded = [jpeg2000(frame) for frame in pixels]
        kind = "YBR_RCT" if pixels.ndim == 4 else kind
    path = write(tmp_path / "a.dcm", encapsulated(dataset, syntax, coded, PhotometricInterpretation=kind))
    np.testing.assert_array_equal(read(path), pixels)


def test_jpeg_in_grey_and_in_both_colour_codings(tmp_path):
    pictures = smooth(3)
    for kind, options in (("YBR_FULL_422", {}), ("RGB", {"keep_rgb": True})):
        coded = [jpeg(picture, **options) for picture in pictures]
        path = write(tmp_path / "a.dcm", encapsulated(
            clip_dataset(pictures), JPEGBaseline8Bit, coded, PhotometricInterpretation=kind))  # fmt: skip
        assert np.abs(read(path).astype(int) - pictures).max() <= 4, kind
    grey = pictures[..., 0]
    coded = [jpeg(picture) for picture in grey]
    path = write(tmp_path / "a.dcm", encapsulated(clip_dataset(grey, "MONOCHROME2"), JPEGExtended12Bit, coded))
    assert np.abs(read(path).astype(int) - grey).max() <= 2


def test_lossless_jpeg_in_colour(tmp_path):
    coded = [lossless_jpeg(picture) for picture in COLOUR]
    path = write(tmp_path / "a.dcm", encapsulated(clip_dataset(COLOUR), JPEGLosslessSV1, coded))
    np.testing.assert_array_equal(read(path), COLOUR)


def test_a_video_inside(tmp_path):
    pictures = np.tile(smooth(8, (64, 80)), (5, 1, 1, 1))
    spool = io.BytesIO()
    with av.open(spool, "w", format="mpegts") as container:
        stream = container.add_stream("mpeg2video", rate=25, options={"b": "20M"})
        stream.width, stream.height, stream.pix_fmt = 80, 64, "yuv420p"
        for index, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p")
            frame.pts, frame.time_base = index, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    dataset = encapsulated(clip_dataset(pictures, CineRate=25), MPEG2MPML, [spool.getvalue()])
    dataset.PhotometricInterpretation = "YBR_PARTIAL_420"
    got = read(write(tmp_path / "a.dcm", dataset), 40)
    assert np.abs(got.astype(int) - pictures).mean() < 3


def mono(path, values, **elements):
    return write(path, clip_dataset(values, elements.pop("photometric", "MONOCHROME2"), **elements))


WINDOW = {"WindowCenter": [40, 9], "WindowWidth": [400, 9]}


def test_grey_of_more_bits_through_its_window(tmp_path):
    values = np.arange(-1200, 1872, dtype=np.int16).reshape(1, 48, 64)
    path = mono(tmp_path / "a.dcm", values, RescaleSlope=2, RescaleIntercept=-100, **WINDOW)
    meant = values * 2.0 - 100
    exact = np.clip(((meant - 39.5) / 399 + 0.5) * 255, 0, 255)
    assert np.abs(read(path, 1) - exact).max() <= 0.5001
    inverted = mono(tmp_path / "b.dcm", values, photometric="MONOCHROME1", WindowCenter=0, WindowWidth=400)
    picture = read(inverted, 1)[0]
    assert picture[0, 0] == 255
    assert picture[-1, -1] == 0


def test_grey_without_a_window_is_shown_whole_and_says_so(tmp_path):
    values = np.arange(100, 3172, dtype=np.uint16).reshape(1, 48, 64)
    path = mono(tmp_path / "a.dcm", values, BitsStored=12, HighBit=11)
    source = open_source(str(path), ManualClock(), is_paced=False)
    assert "no window" in source.warnings[0]
    picture = source.read(1.0).pixels
    source.close()
    assert (picture.min(), picture.max()) == (0, 255)
    assert (np.diff(picture.ravel().astype(int)) >= 0).all()


@pytest.mark.parametrize("bits", [8, 16])
def test_palettes(tmp_path, bits):
    colours = np.random.default_rng(1).integers(0, 256, (256, 3))
    dataset = clip_dataset(GREY, "PALETTE COLOR")
    for index, name in enumerate(("Red", "Green", "Blue")):
        entries = colours[:, index].astype(np.uint16) * (257 if bits == 16 else 1)
        setattr(dataset, f"{name}PaletteColorLookupTableDescriptor", [256, 0, bits])
        data = entries.tobytes() if bits == 16 else entries.astype(np.uint8).tobytes()
        setattr(dataset, f"{name}PaletteColorLookupTableData", data)
    np.testing.assert_array_equal(read(write(tmp_path / "a.dcm", dataset)), colours[GREY])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"BitsStored": 0}, "bits"),
        ({"PhotometricInterpretation": "CMYK"}, "CMYK"),
        ({"Rows": 60000, "Columns": 60000}, "60000×60000"),
        ({"NumberOfFrames": 0}, "1|breaks off"),
    ],
)
def test_what_cannot_be_shown_is_refused(tmp_path, change, words):
    dataset = clip_dataset(GREY, "MONOCHROME2", **change)
    path = write(tmp_path / "a.dcm", dataset)
    if change == {"NumberOfFrames": 0}:  # written by some makers for a single picture
        assert read(path, 1).shape[0] == 1
        return
    with pytest.raises(DeviceError, match=words) as error:
        open_source(str(path), ManualClock(), is_paced=False)
    assert str(path) in str(error.value)


def test_lossless_jpeg_of_twelve_bits_and_unknown_codings_are_refused(tmp_path):
    dataset = encapsulated(clip_dataset(noise(1, kind="u2"), "MONOCHROME2"), JPEGLosslessSV1, [b"\xff\xd8" * 9])
    with pytest.raises(DeviceError, match="16 bits"):
        open_source(str(write(tmp_path / "a.dcm", dataset)), ManualClock(), is_paced=False)
    dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.52"  # a retired kind of JPEG
    with pytest.raises(DeviceError, match="nothing here decodes"):
        open_source(str(write(tmp_path / "b.dcm", dataset)), ManualClock(), is_paced=False)


def test_a_clip_that_is_cut_short_plays_to_the_cut(tmp_path):
    path = write(tmp_path / "a.dcm", clip_dataset(GREY, "MONOCHROME2", FrameTime=20))
    path.write_bytes(path.read_bytes()[:-1000])
    source = open_source(str(path), ManualClock(), is_paced=False)
    assert source.info.frame_count == 2
    source.read(1.0)
    source.read(1.0)
    with pytest.raises(SourceEnded, match="1 of the frames") as end:
        source.read(1.0)
    assert end.value.is_damaged
    source.close()


def test_a_damaged_picture_ends_the_clip_at_its_place(tmp_path):
    pictures = smooth(3)
    coded = [jpeg(picture) for picture in pictures]
    coded[1] = coded[1][:20] + bytes(len(coded[1]) - 20)
    dataset = clip_dataset(pictures, "YBR_FULL_422", FrameTime=40)
    path = write(tmp_path / "a.dcm", encapsulated(dataset, JPEGBaseline8Bit, coded))
    source = open_source(str(path), ManualClock(), is_paced=False)
    assert source.read(1.0).seq == 0
    with pytest.raises(SourceEnded, match=r"frame 1 \(0.04 s\)") as end:
        source.read(1.0)
    assert end.value.is_damaged
    source.close()


def test_other_kinds_are_plain_pictures(tmp_path):
    regions = [dicom_files.region(0, 0, 9, 9)]
    dataset = clip_dataset(GREY, "MONOCHROME2", Modality="CT", SequenceOfUltrasoundRegions=regions)
    source = open_source(str(write(tmp_path / "a.dcm", dataset)), ManualClock(), is_paced=False)
    assert source.geometry is None
    assert any("no ultrasound (CT)" in text for text in source.warnings)
    source.close()


def test_no_pictures_no_source(tmp_path):
    dataset = Dataset()
    dataset.update(clip_dataset(GREY, "MONOCHROME2", Modality="SR"))
    dataset.file_meta = clip_dataset(GREY).file_meta
    del dataset.PixelData
    with pytest.raises(RtguideError, match="without pictures"):
        open_source(str(write(tmp_path / "a.dcm", dataset)), ManualClock(), is_paced=False)


def test_a_jpeg_ls_picture_without_its_end_is_refused_at_once(tmp_path):
    picture = smooth(1, (24, 32))
    whole = bytes(jpeg_ls.encode_array(picture[0]))
    for end in (whole[:-2], whole[:-1] + b"\0", whole[:-2] + b"\x95\xd9"):
        path = write(tmp_path / "a.dcm", encapsulated(clip_dataset(picture), JPEGLSLossless, [end]))
        with pytest.raises(DeviceError, match="breaks off"):
            open_source(str(path), ManualClock(), is_paced=False)
