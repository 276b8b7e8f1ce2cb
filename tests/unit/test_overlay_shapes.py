"""The overlay's building blocks: words for distances, outlines, shapes that check themselves, places for words."""

import math

import pytest

from rtguide.errors import GeometryError
from rtguide.overlays import OverlayOptions
from rtguide.overlays.figures import distance_text
from rtguide.overlays.outlines import Outline, barbs, first_crossing, grown, is_inside
from rtguide.overlays.placement import Clearance, place_beside, place_in_view
from rtguide.overlays.shapes import Bracket, Ellipse, HudSlot, HudText, Polyline, Stroke, Tone


@pytest.mark.parametrize(
    ("mm", "px", "text"),
    [
        (4.14, 69.0, "4.1 mm"),
        (12.3, 200.0, "12 mm"),
        (9.97, 200.0, "10 mm"),
        (-0.8, -13.0, "0.8 mm inside"),
        (None, 69.2, "69 px"),
        (None, None, ""),
    ],
)
def test_distances_in_words(mm: float | None, px: float | None, text: str) -> None:
    assert distance_text(mm, px) == text


SQUARE = Outline(((0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0)), is_closed=True)


def test_outlines() -> None:
    assert is_inside((5.0, 5.0), SQUARE)
    assert not is_inside((15.0, 5.0), SQUARE)
    assert first_crossing((-5.0, 5.0), (1.0, 0.0), [SQUARE]) == pytest.approx(5.0)
    assert first_crossing((-5.0, 5.0), (-1.0, 0.0), [SQUARE]) is None
    for points in (SQUARE.points_px, tuple(reversed(SQUARE.points_px))):
        bigger = grown(points, 2.0)
        assert all(not is_inside(point, SQUARE) for point in bigger)
        for foot, top in barbs(Outline(points, is_closed=True), 3.0, 1.0):
            assert not is_inside(top, SQUARE), (foot, top)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Stroke(Tone.TEXT, 0.0),
        lambda: Polyline(((0.0, 0.0),), Stroke(Tone.TEXT, 1.0)),
        lambda: Polyline(((0.0, 0.0), (math.nan, 1.0)), Stroke(Tone.TEXT, 1.0)),
        lambda: Ellipse((0.0, 0.0), (0.0, 1.0), 0.0, Stroke(Tone.TEXT, 1.0)),
        lambda: Bracket((0.0, 0.0), 0.0, 0.0, Stroke(Tone.TEXT, 1.0)),
        lambda: OverlayOptions(unit_px=0.0),
        lambda: HudText(HudSlot.BANNER, "FROZEN"),
    ],
)
def test_impossible_shapes_cannot_be_made(make: object) -> None:
    with pytest.raises(GeometryError):
        make()  # type: ignore[operator]


VIEW = (0.0, 0.0, 1000.0, 800.0)


def test_words_go_where_nothing_is_covered() -> None:
    wall = [(500.0, 400.0 + y) for y in range(-400, 0, 5)]
    x, y, width, height = place_beside(
        (500.0, 400.0), (120.0, 60.0), 1.0, Clearance.of(wall, [], VIEW), ((0.0, -1.0), None)
    )
    assert not any(x < px < x + width and y < py < y + height for px, py in wall)
    assert place_beside((500.0, 400.0), (120.0, 60.0), 1.0, Clearance.of([], [], VIEW), ((0.0, -1.0), None))[1] < 340


def test_words_stay_in_view_and_come_back_when_they_stood_far_away() -> None:
    clear = Clearance.of([], [], VIEW)
    x, y, width, height = place_beside((990.0, 5.0), (120.0, 60.0), 1.0, clear, ((0.0, -1.0), None))
    assert x >= 0
    assert y >= 0
    assert x + width <= 1000
    assert y + height <= 800
    near = place_beside((500.0, 400.0), (120.0, 60.0), 1.0, clear, ((0.0, -1.0), (-300.0, -300.0)))
    assert math.hypot(near[0] + 60 - 500, near[1] + 30 - 400) < 150


def test_large_letters_avoid_what_is_at_the_lower_edge() -> None:
    blocked = Clearance.of([], [(0.0, 600.0, 1000.0, 200.0)], VIEW)
    assert place_in_view((300.0, 80.0), 1.0, Clearance.of([], [], VIEW))[1] > 600
    assert place_in_view((300.0, 80.0), 1.0, blocked)[1] < 100
