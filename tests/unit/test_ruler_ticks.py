"""Rulers of many designs are found with their pitch; columns of text and tissue are none."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from calibration.ruler_ticks import Ruler, find_rulers
from rtguide.opencv import cv2
from ruler_screens import RulerScreen, draw_screen


def grey(design: RulerScreen, quality: int | None = None) -> NDArray[np.uint8]:
    picture = draw_screen(design)
    if quality is not None:
        picture = cv2.imdecode(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], 1)
    return np.ascontiguousarray(picture.max(axis=2))


DESIGNS = {
    "dashes right": RulerScreen(),
    "dashes left, far from the picture": RulerScreen(side="left", lengths_px=(5, 9)),
    "dashes across, below": RulerScreen(side="bottom", px_per_mm=11.3),
    "dashes across, above": RulerScreen(side="top", px_per_mm=11.3),
    "dots inside": RulerScreen(form="dot", is_inside=True, tick_mm=2.0, rhythm=5, lengths_px=(10, 22), label_unit=None),
    "every millimetre": RulerScreen(tick_mm=1.0, rhythm=10, lengths_px=(4, 11), px_per_mm=12.4),
    "all alike": RulerScreen(tick_mm=10.0, rhythm=1, depth_mm=60.0, px_per_mm=9.1),
    "yellow, thick": RulerScreen(colour=(230, 210, 60), font_px=22, lengths_px=(10, 18)),
    "dim on grey": RulerScreen(colour=(120, 130, 120), background=24),
}


@pytest.mark.parametrize("quality", [None, 60])
@pytest.mark.parametrize("design", DESIGNS.values(), ids=list(DESIGNS))
def test_a_ruler_is_found_with_its_pitch(design: RulerScreen, quality: int | None) -> None:
    ruler = find_rulers(grey(design, quality))[0]
    assert ruler.is_across == (design.side in ("top", "bottom"))
    assert ruler.pitch_px == pytest.approx(design.tick_mm * design.px_per_mm, rel=0.004)
    assert abs(ruler.pitch_px - design.tick_mm * design.px_per_mm) < max(4 * ruler.pitch_sigma_px, 0.02)
    assert ruler.periods == (() if design.rhythm == 1 else (design.rhythm,))


def test_one_hidden_tick_and_a_mark_that_is_none_do_not_matter() -> None:
    picture = grey(RulerScreen())
    ruler = find_rulers(picture)[0]
    at, (low, high) = round(ruler.along_px[5]), (int(value) for value in ruler.span_px)
    triangle = np.array([[low, at - 4], [high, at - 12], [high, at + 5]], np.int32)
    picture[at - 3 : at + 4, low - 2 : high + 3] = 0
    cv2.fillPoly(picture, [triangle], 220)
    again = find_rulers(picture)[0]
    assert again.pitch_px == pytest.approx(ruler.pitch_px, rel=0.002)
    assert 5 not in again.index


def test_ticks_on_an_axis() -> None:
    picture = grey(RulerScreen(label_unit=None))
    ruler = find_rulers(picture)[0]
    column = int(ruler.span_px[0])
    picture[int(ruler.along_px[0]) : int(ruler.along_px[-1]) + 1, column - 1 : column + 1] = 200
    assert find_rulers(picture)[0].pitch_px == pytest.approx(ruler.pitch_px, rel=0.002)


def test_centimetres_drawn_to_the_pixel_with_rounded_millimetres_between() -> None:
    picture = np.zeros((912, 600), np.uint8)
    for mm in range(51):
        y = 53 + 168 * (mm // 10) + 17 * (mm % 10)
        picture[y, 60 : 69 if mm % 10 == 0 else 64] = 230
    ruler = find_rulers(picture)[0]
    assert ruler.pitch_px == pytest.approx(16.8, rel=0.001)
    assert ruler.periods == (10,)


def column_of_text() -> NDArray[np.uint8]:
    image = Image.new("L", (700, 700))
    lines = "\n".join(["Gain", "Depth", "MHz", "DR", "MI", "TIs", "Zoom", "FR", "ID", "Name"] * 2)
    ImageDraw.Draw(image).multiline_text((40, 40), lines, 220, ImageFont.load_default(17), spacing=12)
    return np.array(image)


def tissue() -> NDArray[np.uint8]:
    rng = np.random.default_rng(4)
    return np.clip(cv2.GaussianBlur(rng.rayleigh(70.0, (600, 700)), (0, 0), 1.3), 0, 255).astype(np.uint8)


def buttons() -> NDArray[np.uint8]:
    picture = np.zeros((700, 900), np.uint8)
    for x in range(20, 880, 144):
        cv2.rectangle(picture, (x, 670), (x + 110, 690), 90, 1)
        cv2.putText(picture, "DEPTH", (x + 20, 685), 0, 0.4, 130, 1)
    return picture


@pytest.mark.parametrize("make", [column_of_text, tissue, buttons], ids=["text", "tissue", "buttons"])
def test_what_is_no_ruler(make: object) -> None:
    assert callable(make)
    found: tuple[Ruler, ...] = find_rulers(make())
    assert not found


REAL = {
    "scale/butterfly-ocular-phantom.mp4": 34.67,
    "scale/butterfly_axial-lateral-resolution-2020.png": 42.16,
    "scale/clarius-ocular-image.png": 39.38,
    "scale/clarius-ocular-short.mp4": 39.38,
    "scale/interson-phantom.png": 16.80,
    "scale/sonosite-anon-eye1.jpg": 65.95,
    "scale/sonosite-anon-eye1-video.mp4": 65.95,
    "needle_tissue/ph_1_3_1.mp4": 56.52,
}
