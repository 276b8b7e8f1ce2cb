"""A turned view: the picture and what is drawn on it change sides together, words stay readable and true."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QRectF, Qt
from pytestqt.qtbot import QtBot

from rtguide.clock import ManualClock
from rtguide.model.geometry import MarkSide
from rtguide.model.guidance import Guidance
from rtguide.overlays.shapes import HudSlot, HudText, Label, TextLine
from rtguide.view.canvas import VideoCanvas
from rtguide.view.fit import UNTURNED, Fit, Turn
from rtguide.view.live_window import LiveWindow
from rtguide.view.turned_words import mark_sign, turned_shapes
from synthetic_scenes import SHAPE, TIP, Wish, scene
from window_looks import MakeWindow, at, painted

MIRRORED, HALF, BOTH = Turn(is_mirrored=True), Turn(is_half_turned=True), Turn(is_mirrored=True, is_half_turned=True)
TURNS = [UNTURNED, MIRRORED, HALF, BOTH]

turns = st.sampled_from(TURNS)
points = st.tuples(st.floats(-50, 900), st.floats(-50, 900))


@given(turns, points, st.floats(200, 2000), st.floats(200, 2000))
def test_there_and_back_is_where_it_was(turn: Turn, point: tuple[float, float], width: float, height: float) -> None:
    fit = Fit.of_part((40, 20, 920, 700), QRectF(7, 50, width, height), turn)
    x, y = fit.view_from_image(point)
    assert fit.image_from_view(x, y) == pytest.approx(point, abs=1e-6)
    mapped = fit.transform().map(*point)
    assert mapped == pytest.approx((x, y), abs=1e-6)


@given(turns, points, st.floats(1, 300), st.floats(1, 200))
def test_a_box_for_words_keeps_its_size_and_its_place(
    turn: Turn, point: tuple[float, float], width: float, height: float
) -> None:
    fit = Fit.of_part((40, 20, 920, 700), QRectF(0, 0, 1000, 800), turn)
    left, top = fit.corner((*point, width, height))
    shown = QRectF(left, top, width * fit.scale, height * fit.scale)
    assert fit.image_box(shown) == pytest.approx((*point, width, height), abs=1e-6)


@pytest.mark.parametrize("turn", TURNS)
def test_pixels_and_points_go_the_same_way(turn: Turn) -> None:
    pixels = np.zeros((100, 160), np.uint8)
    pixels[30, 20] = 255
    fit = Fit.of_part((10, 10, 150, 90), QRectF(0, 0, 140, 80), turn)
    shown = fit.turned(fit.cut(pixels))
    y, x = np.argwhere(shown == 255)[0]
    assert fit.view_from_image((20.0, 30.0)) == pytest.approx((x + 0.5, y + 0.5))


def test_sides_in_words_are_those_of_the_screen_and_names_stay() -> None:
    message = HudText(HudSlot.MESSAGE, "path passes 1.2 mm left")
    notes = Label("note", (TextLine("picked: 25° from the left, 39 mm from the skin", 20.0), TextLine("left vein: not found", 20.0)), (0, 0, 1, 1), (0, 0))  # fmt: skip  # noqa: E501
    shapes = (message, notes, HudText(HudSlot.MESSAGE, "path passes 3 mm deep"), HudText(HudSlot.SOURCE, "LIVE"))
    assert turned_shapes(shapes, UNTURNED) == shapes
    for turn, words in ((MIRRORED, "LIVE · MIRRORED"), (HALF, "LIVE · TURNED")):
        said, small, deep, source = turned_shapes(shapes, turn)
        assert said == replace(message, text="path passes 1.2 mm right")
        assert isinstance(small, Label)
        assert [line.text for line in small.lines] == [
            "picked: 25° from the right, 39 mm from the skin",
            "left vein: not found",
        ]
        assert deep == shapes[2], "deep is away from the probe, whichever way that is drawn"
        assert source == HudText(HudSlot.SOURCE, words)
    said, *_, source = turned_shapes(shapes, BOTH)
    assert said == message, "upside down and mirrored: left is left again"
    assert source == HudText(HudSlot.SOURCE, "LIVE · MIRRORED · TURNED")
    no_scale = HudText(HudSlot.MESSAGE, "path passes left, no scale")
    assert turned_shapes((no_scale,), MIRRORED) == (HudText(HudSlot.MESSAGE, "path passes right, no scale"),)


def test_the_mark_is_on_the_side_that_the_geometry_says() -> None:
    geometry = scene().geometry
    bounds = geometry.region.bounds()
    assert mark_sign(geometry) == ((bounds.x, bounds.y), "scanner's left")
    assert mark_sign(replace(geometry, mark_side=MarkSide.RIGHT)) == ((bounds.x + bounds.width, bounds.y), "probe mark")


def shown_fit(window: LiveWindow) -> Fit:
    fit = window.canvas.fit()
    assert fit is not None
    return fit


@pytest.mark.qt
def test_two_keys_turn_picture_and_overlay_together(make_window: MakeWindow, clock: ManualClock, qtbot: QtBot) -> None:
    window, _ = make_window(at(clock, Wish(guidance=Guidance(advice="path passes 1.2 mm left"))))
    qtbot.keyClick(window, Qt.Key.Key_H)
    plain, whole = painted(window), shown_fit(window)
    assert whole.turn == UNTURNED
    qtbot.keyClick(window, Qt.Key.Key_F5)
    mirrored, fit = painted(window), shown_fit(window)
    assert fit.turn == MIRRORED
    assert fit.shape_px == (680, 880), "the image region alone: the scanner's words would be mirrored"
    for x, y in ((300.0, 300.0), (760.0, 330.0), (500.0, 180.0)):
        there, here = (f.view_from_image((x, y)) for f in (whole, fit))
        patches = [
            image[round(v) - 3 : round(v) + 4, round(u) - 3 : round(u) + 4].mean()
            for image, (u, v) in ((plain, there), (mirrored, here))
        ]
        assert patches[0] == pytest.approx(patches[1], abs=25)
    qtbot.keyClick(window, Qt.Key.Key_H)
    texts = [shape.text for shape in window.canvas.shapes if isinstance(shape, HudText)]
    painted(window)
    texts = [shape.text for shape in window.canvas.shapes if isinstance(shape, HudText)]
    assert "SIMULATED · MIRRORED" in texts
    assert "path passes 1.2 mm right" in texts
    qtbot.keyClick(window, Qt.Key.Key_F6)
    assert shown_fit(window).turn == BOTH
    qtbot.keyClick(window, Qt.Key.Key_F5)
    qtbot.keyClick(window, Qt.Key.Key_F6)
    assert shown_fit(window) == whole


@pytest.mark.qt
def test_the_overlay_lies_on_the_needle_as_it_is_turned(
    make_window: MakeWindow, clock: ManualClock, qtbot: QtBot
) -> None:
    """The tip's violet ring is painted where the turned picture has the tip."""
    window, _ = make_window(at(clock))
    for keys in ((), (Qt.Key.Key_F5,), (Qt.Key.Key_F6,), (Qt.Key.Key_F5,)):
        for key in keys:
            qtbot.keyClick(window, key)
        image = painted(window).astype(int)
        u, v = shown_fit(window).view_from_image(TIP)
        near = image[round(v) - 25 : round(v) + 26, round(u) - 25 : round(u) + 26]
        assert ((near[:, :, 2] - near[:, :, 1]) > 30).sum() > 40


@pytest.mark.qt
@pytest.mark.parametrize("turn", TURNS)
def test_what_is_drawn_with_the_mouse_is_in_pixels_of_the_frame(qtbot: QtBot, turn: Turn) -> None:
    canvas = VideoCanvas()
    qtbot.addWidget(canvas)
    canvas.resize(1100, 760)
    canvas.show_this(replace(canvas.shown, scene=scene(), turn=turn))
    fit = canvas.fit()
    assert fit is not None
    boxes: list[tuple[float, float, float, float]] = []
    canvas.dragged.connect(lambda box, _: boxes.append(box))
    ends = [fit.view_from_image(point) for point in ((600.0, 300.0), (700.0, 380.0))]
    start, stop = (QPoint(round(x), round(y)) for x, y in ends)
    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(canvas, stop)
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=stop)
    assert boxes[0] == pytest.approx((600.0, 300.0, 100.0, 80.0), abs=2.0)
    assert max(boxes[0][0] + boxes[0][2], 0) < SHAPE[1]


@pytest.mark.qt
def test_the_stop_shows_the_picture_as_it_is_turned(make_window: MakeWindow, clock: ManualClock, qtbot: QtBot) -> None:
    """The edge that is touched moves on the side on which the needle will be seen."""
    from rtguide.view.workflow import Stage  # noqa: PLC0415

    window, feed = make_window(at(clock))
    qtbot.keyClick(window, Qt.Key.Key_F5)
    window.procedure.now = replace(window.procedure.now, stage=Stage.STOP)
    feed.put(at(clock))
    window.look()
    assert window.procedure.stop_page.canvas.shown.turn == MIRRORED
