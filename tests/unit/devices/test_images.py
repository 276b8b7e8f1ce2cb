"""Pictures and folders of them against what was drawn into them."""

import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from rtguide.app.plugins import open_source
from rtguide.clock import ManualClock
from rtguide.errors import DeviceError, SourceEnded
from rtguide.recording.image_frames import ImageFrames, natural_key

RNG = np.random.default_rng(3)
GREY = RNG.integers(0, 256, (3, 24, 32), dtype=np.uint8)
COLOUR = RNG.integers(0, 256, (3, 24, 32, 3), dtype=np.uint8)


def save(path, pixels, **options):
    Image.fromarray(pixels).save(path, **options)
    return path


def opened(path):
    return open_source(str(path), ManualClock(), is_paced=False)


def read(path):
    source = opened(path)
    frames = [source.read(0.0).pixels for _ in range(source.info.frame_count)]
    with pytest.raises(SourceEnded):
        source.read(0.0)
    source.close()
    return frames


@pytest.mark.parametrize("suffix", ["png", "tiff", "tif", "bmp", "PNG"])
@pytest.mark.parametrize("pixels", [GREY[0], COLOUR[0]], ids=["grey", "rgb"])
def test_lossless_pictures(tmp_path, pixels, suffix):
    (got,) = read(save(tmp_path / f"a.{suffix}", pixels))
    np.testing.assert_array_equal(got, pixels)


def test_jpeg(tmp_path):
    rows, columns = np.mgrid[0:24, 0:32].astype(np.uint8)
    smooth = np.stack([rows * 4, columns * 4, rows + columns], axis=2)
    (got,) = read(save(tmp_path / "a.jpg", smooth, quality=100, subsampling=0))
    assert np.abs(got.astype(int) - smooth).max() <= 4


def test_other_modes(tmp_path):
    wide = RNG.integers(0, 65536, (24, 32), dtype=np.uint16)
    (got,) = read(save(tmp_path / "wide.png", wide))
    np.testing.assert_array_equal(got, np.rint(wide / 257))
    alpha = np.dstack([COLOUR[0], np.full((24, 32), 255, np.uint8)])
    (got,) = read(save(tmp_path / "alpha.png", alpha))
    np.testing.assert_array_equal(got, COLOUR[0])
    palette = Image.fromarray(COLOUR[0]).quantize(200)
    palette.save(tmp_path / "palette.png")
    (got,) = read(tmp_path / "palette.png")
    np.testing.assert_array_equal(got, np.array(palette.convert("RGB")))


def test_pages_of_a_tiff(tmp_path):
    first, *rest = (Image.fromarray(page) for page in GREY)
    first.save(tmp_path / "stack.tif", save_all=True, append_images=rest)
    np.testing.assert_array_equal(read(tmp_path / "stack.tif"), GREY)


def test_a_picture_that_lies_on_its_side_stands_up_or_is_refused(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    flat = np.repeat(np.arange(24, dtype=np.uint8)[:, None] * 10, 32, axis=1)
    path = save(tmp_path / "a.jpg", flat, exif=exif)
    (got,) = read(path)
    assert np.abs(got.astype(int) - np.rot90(flat, -1)).max() <= 2
    assert opened(path).info.shape_px == (32, 24)
    with pytest.raises(DeviceError, match="lies on its side"):
        opened(save(tmp_path / "a.tif", flat, exif=exif))
    exif[0x0112] = 3
    (got,) = read(save(tmp_path / "b.tif", flat, exif=exif))
    np.testing.assert_array_equal(got, flat[::-1, ::-1])


def test_a_folder_in_natural_order(tmp_path):
    for name, pixels in zip(("f10.png", "F2.png", "f1.bmp"), GREY, strict=True):
        save(tmp_path / name, pixels)
    save(tmp_path / ".f0.png", GREY[0])
    (tmp_path / "notes.txt").write_text("not a picture")
    np.testing.assert_array_equal(read(tmp_path), GREY[[2, 1, 0]])
    source = opened(tmp_path)
    assert [source.read(0.0).t_device_ns for _ in range(3)] == [0, 40_000_000, 80_000_000]
    assert "25 a second" in source.warnings[0]
    source.close()
    names = ["b1", "a10", "a1b", "a1", "a02", "a"]
    assert sorted(names, key=lambda name: natural_key(tmp_path / name)) == ["a", "a1", "a1b", "a02", "a10", "b1"]


def test_grey_and_colour_mixed_are_all_colour(tmp_path):
    save(tmp_path / "1.png", GREY[0])
    save(tmp_path / "2.png", COLOUR[1])
    first, second = read(tmp_path)
    np.testing.assert_array_equal(first, np.dstack([GREY[0]] * 3))
    np.testing.assert_array_equal(second, COLOUR[1])


def test_sizes_that_differ_are_refused(tmp_path):
    save(tmp_path / "1.png", GREY[0])
    save(tmp_path / "2.png", GREY[1][:20])
    with pytest.raises(DeviceError, match=r"2.png is 32×20 pixels, those before 32×24"):
        opened(tmp_path)


def test_values_that_are_no_levels_are_refused(tmp_path):
    Image.fromarray(GREY[0].astype(np.float32)).save(tmp_path / "a.tif")
    with pytest.raises(DeviceError, match="no levels of grey"):
        opened(tmp_path / "a.tif")


def test_a_damaged_picture_ends_the_folder_at_its_place(tmp_path):
    for index in range(3):
        save(tmp_path / f"{index}.png", GREY[index])
    path = tmp_path / "1.png"
    path.write_bytes(path.read_bytes()[:300])
    source = opened(tmp_path)
    source.read(0.0)
    with pytest.raises(SourceEnded, match=r"frame 1 .*1.png is damaged") as end:
        source.read(0.0)
    assert end.value.is_damaged
    source.close()


def test_a_bomb_is_refused(tmp_path):
    path = save(tmp_path / "a.png", GREY[0])
    data = bytearray(path.read_bytes())
    data[16:24] = struct.pack(">2I", 30000, 30000)
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    path.write_bytes(data)
    with pytest.raises(DeviceError, match="no picture that can be read"):
        opened(path)


def test_a_folder_without_pictures_is_refused(tmp_path):
    with pytest.raises(DeviceError, match="no session and holds no images"):
        opened(tmp_path)
    with pytest.raises(DeviceError, match="holds no pictures"):
        ImageFrames(tmp_path)
