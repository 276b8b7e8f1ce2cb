"""How the fan of straight paths is drawn: all until there is a needle, then the picked one, and nothing when old."""

import math
from dataclasses import replace

import pytest

from rtguide.guidance.path_fan import find_paths
from rtguide.model.needle import NeedleTrack
from rtguide.model.paths import PathFan, PathWish
from rtguide.model.plan import Approach
from rtguide.model.scene import Scene
from rtguide.overlays import Freshness, OverlayOptions, compose
from rtguide.overlays.outlines import Outline, is_inside
from rtguide.overlays.shapes import Dash, Ellipse, Label, Polyline, Shape, Tone
from synthetic_scenes import SHAPE, Wish, scene

NO_NEEDLE = scene(Wish(track=NeedleTrack.SEARCHING))


def fan_of(full: Scene, picked: tuple[bool, float] | None = None) -> PathFan:
    wish = PathWish(Approach.IN_PLANE_LEFT, 80.0, 2.0, 5.0)
    return replace(find_paths(full.tracking.structures, full.plan, full.geometry, wish), picked=picked)


def drawn(full: Scene, fan: PathFan | None, freshness: Freshness = Freshness.FRESH) -> tuple[Shape, ...]:
    return compose(full, freshness, replace(OverlayOptions.for_frame(SHAPE), fan=fan))


def thin(shapes: tuple[Shape, ...]) -> list[Polyline]:
    return [
        s for s in shapes if isinstance(s, Polyline) and s.stroke.dash is Dash.DOTTED and s.stroke.tone is Tone.MUTED
    ]


def lane(shapes: tuple[Shape, ...]) -> list[Polyline]:
    return [
        s
        for s in shapes
        if isinstance(s, Polyline) and s.stroke.dash is Dash.DOTTED and s.stroke.tone is Tone.STRUCTURE
    ]


def words(shapes: tuple[Shape, ...]) -> list[str]:
    return [line.text for s in shapes if isinstance(s, Label) and s.key == "note" for line in s.lines[:-1]]


def test_every_path_is_a_thin_dotted_line_in_the_picture_that_ends_at_its_goal() -> None:
    fan = fan_of(NO_NEEDLE)
    shapes = drawn(NO_NEEDLE, fan)
    assert [line.points_px[-1] for line in thin(shapes)] == [path.goal_px for path in fan.paths]
    region = NO_NEEDLE.geometry.region.bounds()
    for line in thin(shapes):
        for x, y in line.points_px:
            assert region.x - 1 <= x <= region.x + region.width + 1
            assert region.y - 1 <= y <= region.y + region.height + 1
    assert not lane(shapes), "nothing is picked for the user"
    assert words(shapes) == [f"{len(fan.paths)} straight paths clear of what is marked"]


def test_the_picked_one_is_a_lane_with_a_ring_at_its_goal() -> None:
    fan = fan_of(NO_NEEDLE)
    path = fan.paths[2]
    shapes = drawn(NO_NEEDLE, replace(fan, picked=path.key))
    assert len(lane(shapes)) == 2
    assert len(thin(shapes)) == len(fan.paths) - 1
    assert [s.centre_px for s in shapes if isinstance(s, Ellipse)] == [path.goal_px]
    for line in lane(shapes):
        dx, dy = (b - a for a, b in zip(line.points_px[0], line.points_px[-1], strict=True))
        assert math.degrees(math.atan2(dy, dx)) == pytest.approx(path.angle_deg, abs=0.5)
    assert f"picked: {path.angle_deg:.0f}° from the left, {path.length_mm:.0f} mm from the skin" in words(shapes)


def test_with_a_needle_only_the_picked_one_is_left_and_it_leaves_the_tip_free() -> None:
    full = scene()
    fan = fan_of(full)
    assert not thin(drawn(full, fan))
    tip = full.tracking.needle.tip.px
    assert tip is not None
    for path in fan.paths:
        shapes = drawn(full, replace(fan, picked=path.key))
        assert not thin(shapes)
        for line in lane(shapes):
            (x0, y0), (x1, y1) = line.points_px
            nearest = min(math.dist(tip, (x0 + t / 200 * (x1 - x0), y0 + t / 200 * (y1 - y0))) for t in range(201))
            assert nearest > 12.0


def test_no_line_of_the_fan_enters_a_structure() -> None:
    fan = fan_of(NO_NEEDLE)
    for key in (None, *(path.key for path in fan.paths)):
        shapes = drawn(NO_NEEDLE, replace(fan, picked=key))
        for line in (*thin(shapes), *lane(shapes)):
            (x0, y0), (x1, y1) = line.points_px
            for structure in NO_NEEDLE.tracking.structures:
                outline = Outline(structure.outline_px, is_closed=True)
                ways = (t / 100 for t in range(101))
                assert not any(is_inside((x0 + t * (x1 - x0), y0 + t * (y1 - y0)), outline) for t in ways)


@pytest.mark.parametrize("freshness", [Freshness.HOLLOW, Freshness.GONE])
def test_an_old_fan_is_not_drawn(freshness: Freshness) -> None:
    fan = fan_of(NO_NEEDLE)
    shapes = drawn(NO_NEEDLE, replace(fan, picked=fan.paths[0].key), freshness)
    assert not thin(shapes)
    assert not lane(shapes)


def test_a_picked_path_that_is_no_longer_clear_is_said_and_not_drawn() -> None:
    shapes = drawn(NO_NEEDLE, fan_of(NO_NEEDLE, picked=(True, 60.0)))
    assert not lane(shapes)
    assert "picked: 60° from the left – no longer clear" in words(shapes)
    assert words(drawn(NO_NEEDLE, PathFan(why_none="no paths without a verified scale"))) == [
        "no paths without a verified scale"
    ]


def test_nobody_asked() -> None:
    assert drawn(NO_NEEDLE, None) == compose(NO_NEEDLE, Freshness.FRESH, OverlayOptions.for_frame(SHAPE))
