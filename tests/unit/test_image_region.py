"""The region finder on drawn screens, and on real ones where they are there."""

import math
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from calibration.image_region import ImageRegion
from rtguide.errors import CalibrationError
from rtguide.model.geometry import FanRegion, ImageGeometry, Provenance, RectRegion, Region, SlantRegion
from rtguide.opencv import cv2

DATA = Path(__file__).parents[2] / ".." / "shared" / "data"


def screen(shape_px: tuple[int, int], region: Region, seed: int = 1, background: int = 0) -> NDArray[np.uint8]:
    """Speckle in the region; text, a ruler, a grey bar and a logo around it."""
    rng = np.random.default_rng(seed)
    height, width = shape_px
    picture = np.full(shape_px, background, np.uint8)
    x0, y0, x1, y1 = ImageGeometry(shape_px, region).bounds_px()
    speckle = cv2.GaussianBlur(rng.rayleigh(60.0, (y1 - y0, x1 - x0)), (0, 0), 1.5)
    mask = ImageGeometry(shape_px, region).mask()
    picture[y0:y1, x0:x1][mask] = np.clip(speckle[mask], 1, 255).astype(np.uint8)
    size = height / 900
    for row in range(5):
        cv2.putText(picture, "GEN 12 MHz", (8, int((60 + 26 * row) * size)), 0, 0.7 * size, 200, 1)
    cv2.putText(picture, "12:04:55", (width - int(150 * size), int(24 * size)), 0, 0.8 * size, 220, 1)
    bar = np.linspace(255, 0, int(160 * size)).astype(np.uint8)[:, None]
    picture[int(260 * size) : int(260 * size) + bar.shape[0], 10:22] = bar
    for tick in range(y0, y1, max(12, (y1 - y0) // 12)):
        picture[tick : tick + 2, min(width - 3, x1 + 12) : min(width - 1, x1 + 20)] = 220
    return picture


RECT = RectRegion(330.0, 50.0, 620.0, 560.0)
FAN = FanRegion((640.0, -180.0), 280.0, 860.0, -0.5, 0.5, RectRegion(0.0, 0.0, 1280.0, 720.0))


def test_rectangle_is_found_to_the_pixel() -> None:
    region = ImageRegion().calibrate([screen((720, 1280), RECT)]).geometry.region
    assert isinstance(region, RectRegion)
    assert (region.x, region.y, region.width, region.height) == pytest.approx((330, 50, 620, 560), abs=1.01)


@pytest.mark.parametrize("slant_rad", [-0.21, 0.26])
def test_a_parallelogram_is_found_to_a_few_pixels(slant_rad: float) -> None:
    true = SlantRegion(330.0, 50.0, 560.0, 560.0, slant_rad)
    found = ImageRegion().calibrate([screen((720, 1280), true)])
    region = found.geometry.region
    assert isinstance(region, SlantRegion)
    assert region.slant_rad == pytest.approx(slant_rad, abs=0.012)
    assert (region.x, region.y, region.width, region.height) == pytest.approx((330, 50, 560, 560), abs=6)
    assert found.note.startswith("parallelogram")


def test_a_rectangle_with_a_dark_corner_is_no_parallelogram() -> None:
    picture = screen((720, 1280), RECT)
    cv2.fillPoly(picture, [np.array([[950, 300], [950, 610], [830, 610]], np.int32)], 0)
    assert isinstance(ImageRegion().calibrate([picture]).geometry.region, RectRegion)


@pytest.mark.parametrize("background", [20, 46])
def test_a_grey_screen_is_a_background_too(background: int) -> None:
    region = ImageRegion().calibrate([screen((720, 1280), RECT, background=background)]).geometry.region
    box = region.bounds()
    assert (box.x, box.y, box.width, box.height) == pytest.approx((330, 50, 620, 560), abs=2.01)


def test_panels_of_several_greys_with_buttons() -> None:
    picture = screen((720, 1280), RectRegion(330.0, 66.0, 620.0, 626.0), background=12)
    picture[:36], picture[694:] = 38, 30
    for x in range(20, 1200, 200):
        cv2.rectangle(picture, (x, 698), (x + 110, 716), 71, 1)
        cv2.putText(picture, "DEPTH", (x + 30, 711), 0, 0.35, 120, 1)
    box = ImageRegion().calibrate([picture]).geometry.region.bounds()
    assert (box.x, box.y, box.width, box.height) == pytest.approx((330, 66, 620, 626), abs=2.01)


def corners(fan: FanRegion) -> NDArray[np.float64]:
    at = [(r, a) for r in (fan.inner_px, fan.outer_px) for a in (fan.start_rad, fan.stop_rad)]
    return np.array([(fan.apex_px[0] + r * math.sin(a), fan.apex_px[1] + r * math.cos(a)) for r, a in at])


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_fan_is_found(seed: int) -> None:
    region = ImageRegion().calibrate([screen((720, 1280), FAN, seed)]).geometry.region
    assert isinstance(region, FanRegion)
    assert np.abs(corners(region) - corners(FAN)).max() < 3.0


def test_fan_cut_by_the_screen_keeps_its_apex() -> None:
    cut = FanRegion((640.0, -80.0), 180.0, 1010.0, -0.62, 0.62, RectRegion(200.0, 40.0, 880.0, 640.0))
    region = ImageRegion().calibrate([screen((720, 1280), cut)]).geometry.region
    assert isinstance(region, FanRegion)
    assert region.apex_px == pytest.approx(cut.apex_px, abs=4.0)
    assert region.inner_px == pytest.approx(cut.inner_px, abs=4.0)
    got, want = region.bounds(), cut.bounds()
    assert (got.x, got.y, got.x + got.width, got.y + got.height) == pytest.approx(
        (want.x, want.y, want.x + want.width, want.y + want.height), abs=6.0
    )


def test_a_frame_that_is_only_the_picture_is_kept_whole() -> None:
    rng = np.random.default_rng(3)
    picture = np.clip(cv2.GaussianBlur(rng.rayleigh(60.0, (480, 640)), (0, 0), 1.5), 1, 255).astype(np.uint8)
    region = ImageRegion().calibrate([picture]).geometry.region
    assert region == RectRegion(0.0, 0.0, 640.0, 480.0)


def test_dark_tissue_at_the_border_does_not_move_it() -> None:
    picture = screen((720, 1280), RECT)
    picture[300:560, 330:520] //= 40
    picture[440:610, 500:950] //= 40
    box = ImageRegion().calibrate([picture]).geometry.region.bounds()
    assert (box.x, box.y, box.width, box.height) == pytest.approx((330, 50, 620, 560), abs=2.01)


def test_faded_margin_with_a_ruler_is_cut_and_without_one_is_kept() -> None:
    rng = np.random.default_rng(5)
    picture = np.clip(cv2.GaussianBlur(rng.rayleigh(60.0, (480, 640)), (0, 0), 1.5), 1, 255).astype(np.uint8)
    picture[:, 580:] = rng.integers(0, 8, (480, 60), dtype=np.uint8)
    assert ImageRegion().calibrate([picture]).geometry.region.bounds().width == pytest.approx(640, abs=2)
    picture[10::40, 610:614] = 230
    assert ImageRegion().calibrate([picture]).geometry.region.bounds().width == pytest.approx(580, abs=3)


def test_several_frames_and_colour_agree_with_one_grey_frame() -> None:
    frames = [screen((720, 1280), FAN, seed) for seed in range(4)]
    one = ImageRegion().calibrate(frames[:1]).geometry.region
    many = ImageRegion().calibrate([np.dstack([f, f, f]) for f in frames]).geometry.region
    assert isinstance(one, FanRegion)
    assert isinstance(many, FanRegion)
    assert np.abs(corners(one) - corners(many)).max() < 4.0


def test_what_is_found_is_a_guess_without_a_scale_and_shows_its_outline() -> None:
    found = ImageRegion().calibrate([screen((720, 1280), RECT)])
    assert found.geometry.spacing_mm is None
    assert found.geometry.provenance is Provenance.GUESS
    assert not found.geometry.is_verified
    assert len(found.evidence_px[0]) >= 4
    assert found.confidence > 0.9


def wires() -> NDArray[np.uint8]:
    picture = np.zeros((616, 820), np.uint8)
    for x in range(150, 700, 130):
        cv2.ellipse(picture, (x, 300), (14, 5), 0, 0, 360, 200, -1)
    return picture


@pytest.mark.parametrize("picture", [np.zeros((480, 640), np.uint8), wires()], ids=["black", "wires in water"])
def test_nothing_to_find_is_said_with_the_way_out(picture: NDArray[np.uint8]) -> None:
    with pytest.raises(CalibrationError, match="accept the whole frame"):
        ImageRegion().calibrate([picture])


REAL = {
    "scale/clarius-ocular-image.png": (264, 87, 752, 786),
    "scale/sonosite-anon-eye1.jpg": (387, 41, 336, 599),
    "scale/interson-phantom.png": (443, 54, 560, 841),
    "sim/dev_linear/video.mkv": (325, 50, 629, 570),
    "sim/dev_rock/video.mkv": (360, 50, 559, 560),
    "sim/dev_shallow/video.mkv": (240, 50, 798, 520),
    "sim/dev_steep/video.mkv": (265, 70, 493, 546),
    "needle_tissue/ph_1_3_1.mp4": (0, 2, 970, 852),
}
"""Borders (x, y, width, height) read from the pixels at high zoom."""


def first_frame(name: str) -> NDArray[np.uint8]:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{path} is not there")
    is_still = path.suffix in (".png", ".jpg")
    picture = cv2.imread(str(path)) if is_still else cv2.VideoCapture(str(path)).read()[1]
    return np.ascontiguousarray(picture[..., ::-1])


@pytest.mark.data
@pytest.mark.parametrize("name", sorted(REAL))
def test_real_screens(name: str) -> None:
    region = ImageRegion().calibrate([first_frame(name)]).geometry.region
    assert isinstance(region, RectRegion)
    assert (region.x, region.y, region.width, region.height) == pytest.approx(REAL[name], abs=4)


@pytest.mark.data
def test_curved_screen() -> None:
    region = ImageRegion().calibrate([first_frame("sim/dev_curved/video.mkv")]).geometry.region
    assert isinstance(region, FanRegion)
    assert region.apex_px == pytest.approx((960, -265), abs=3)
    assert (region.inner_px, region.outer_px) == pytest.approx((385, 1015), abs=2)
