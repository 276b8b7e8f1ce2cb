"""The painter: where a frame lies, that it is drawn unchanged, and the painter without a window."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from rtguide.model.frame import Frame
from rtguide.model.needle import NeedleTrack, TipState
from rtguide.model.structure import box_outline
from rtguide.opencv import cv2
from rtguide.overlays.shapes import Tone
from rtguide.ports import Painter
from rtguide.view.application import has_fonts
from rtguide.view.fit import Fit
from rtguide.view.offscreen import ScenePainter
from rtguide.view.painter import _fewer, paint_pixels
from rtguide.view.theme import tone_colour
from synthetic_scenes import SHAPE, Wish, scene

pytestmark = pytest.mark.qt

SIZES = st.integers(1, 4000)


@given(height=SIZES, width=SIZES, room_width=SIZES, room_height=SIZES)
def test_a_frame_keeps_its_aspect_inside_its_room(height: int, width: int, room_width: int, room_height: int) -> None:
    fit = Fit.into((height, width), QRectF(0, 50, room_width, room_height))
    assert fit.rect.width() * height == pytest.approx(fit.rect.height() * width)
    assert fit.rect.width() <= room_width + 1e-6
    assert fit.rect.height() <= room_height + 1e-6


@given(x=st.floats(-50, 2000), y=st.floats(-50, 2000), room=st.integers(100, 3000))
def test_there_and_back(x: float, y: float, room: int) -> None:
    fit = Fit.into((1080, 1920), QRectF(7, 56, room, room / 2))
    assert fit.image_from_view(*fit.view_from_image((x, y))) == pytest.approx((x, y), abs=1e-6)


def test_the_centre_of_the_first_pixel_is_the_origin() -> None:
    fit = Fit(10.0, 20.0, 4.0, (100, 100))
    assert fit.view_from_image((0.0, 0.0)) == (12.0, 22.0)


@pytest.mark.parametrize("shape", [(40, 60), (40, 60, 3)])
def test_pixels_come_out_as_they_went_in(shape: tuple[int, ...], qapp: object) -> None:
    pixels = np.random.default_rng(3).integers(0, 255, shape, dtype=np.uint8)
    image = QImage(60, 40, QImage.Format.Format_RGB888)
    painter = QPainter(image)
    paint_pixels(painter, pixels, Fit(0.0, 0.0, 1.0, (40, 60)))
    painter.end()
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(40, image.bytesPerLine())[:, :180].reshape(40, 60, 3)
    expected = pixels if pixels.ndim == 3 else np.repeat(pixels[:, :, None], 3, axis=2)
    assert np.array_equal(rows, expected)


def test_an_enlarged_mark_stays_on_its_pixel(qapp: object) -> None:
    pixels = np.zeros((50, 80), np.uint8)
    pixels[20, 30] = 255
    image = QImage(400, 300, QImage.Format.Format_RGB32)
    image.fill(0)
    fit = Fit.into((50, 80), QRectF(0, 0, 400, 300))
    painter = QPainter(image)
    paint_pixels(painter, pixels, fit)
    painter.end()
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(300, 400, 4)[:, :, 0].astype(float)
    ys, xs = np.mgrid[:300, :400] + 0.5
    centre = ((rows * xs).sum() / rows.sum(), (rows * ys).sum() / rows.sum())
    assert centre == pytest.approx(fit.view_from_image((30.0, 20.0)), abs=0.05)


def test_the_painter_without_a_window_is_a_painter() -> None:
    painter: Painter = ScenePainter()
    full = scene()
    before = full.frame.pixels.copy()
    out = painter.paint(full)
    assert out.shape == (*SHAPE, 3)
    assert out.dtype == np.uint8
    assert np.array_equal(full.frame.pixels, before), "the frame itself stays as it was"
    needle = tone_colour(Tone.NEEDLE)
    violet = (np.abs(out.astype(int) - (needle.red(), needle.green(), needle.blue())).max(axis=2) < 8).sum()
    assert violet > 300
    bare = replace(full, tracking=replace(full.tracking, needle=replace(full.tracking.needle, track=NeedleTrack.LOST)))
    assert not np.array_equal(painter.paint(bare), out)


def test_it_paints_colour_frames_and_narrow_ones() -> None:
    full = scene(Wish(tip=TipState.HIDDEN))
    colour = np.repeat(full.frame.pixels[:, :, None], 3, axis=2)
    out = ScenePainter().paint(replace(full, frame=Frame(0, 0, None, colour)))
    difference = np.abs(out.astype(int) - ScenePainter().paint(full))
    assert difference.max() <= 4, "Qt's blending rounds by where in memory a row begins, no more"
    odd = np.ascontiguousarray(full.frame.pixels[:, :357])
    assert ScenePainter().paint(replace(full, frame=Frame(0, 0, None, odd))).shape == (720, 357, 3)


def test_the_tip_itself_is_left_as_it_is() -> None:
    full = scene()
    out = ScenePainter().paint(full)
    x, y = (round(v) for v in full.tracking.needle.tip.px or (0.0, 0.0))
    patch = slice(y - 1, y + 2), slice(x - 1, x + 2)
    assert np.array_equal(out[patch], np.repeat(full.frame.pixels[patch][:, :, None], 3, axis=2))


def test_there_are_fonts(qapp: object) -> None:
    assert has_fonts(), "without a font every word is a row of boxes: apt install fonts-dejavu-core"


def test_corners_that_nobody_can_see_are_left_out_and_closed_lines_stay_closed() -> None:
    ring = box_outline(100.0, 100.0, 120.0, 80.0, corners=96)
    points = (*ring, ring[0])
    fewer = _fewer(points, 0.3)
    assert len(fewer) < 0.5 * len(points)
    assert fewer[0] == fewer[-1]
    outline = np.array(fewer, np.float32)[:-1, None]
    aside = [abs(cv2.pointPolygonTest(outline, point, measureDist=True)) for point in ring]
    assert max(aside) <= 0.35
    straight = tuple((float(x), 2.0 * x) for x in range(30))
    assert _fewer(straight, 0.3) == (straight[0], straight[-1])
