import math

import numpy as np
import pytest

from rtguide.errors import GeometryError
from rtguide.model.geometry import FanRegion, ImageGeometry, MarkSide, Provenance, RectRegion, SlantRegion

FAN = FanRegion((100.0, -20.0), 40.0, 150.0, -0.5, 0.5, RectRegion(0.0, 0.0, 200.0, 120.0))


def test_millimetres_need_a_verified_scale() -> None:
    region = RectRegion(10.0, 5.0, 50.0, 40.0)
    guessed = ImageGeometry((60, 80), region, (0.1, 0.2), Provenance.RULER_UNACCEPTED)
    assert guessed.mm_from_px((40.0, 15.0)) is None
    assert guessed.length_mm((0.0, 0.0), (10.0, 0.0)) is None
    known = ImageGeometry((60, 80), region, (0.1, 0.2), Provenance.DICOM)
    assert known.mm_from_px((40.0, 15.0)) == pytest.approx((0.5, 2.0))
    assert known.length_mm((0.0, 0.0), (30.0, 20.0)) == pytest.approx(5.0)


def test_x_runs_toward_the_marked_side() -> None:
    region = RectRegion(10.0, 5.0, 50.0, 40.0)
    marked_left = ImageGeometry((60, 80), region, (0.1, 0.1), Provenance.USER, MarkSide.LEFT)
    assert marked_left.mm_from_px((25.0, 5.0)) == pytest.approx((1.0, 0.0))


def test_the_mask_of_a_fan_agrees_with_its_points() -> None:
    geometry = ImageGeometry((140, 220), FAN)
    x0, y0, x1, y1 = geometry.bounds_px()
    mask = geometry.mask()
    assert mask.shape == (y1 - y0, x1 - x0)
    for x, y in [(100, 25), (100, 110), (60, 90), (140, 90), (100, 19), (5, 100), (100, 121)]:
        expected = bool(FAN.contains(np.array([[float(x), float(y)]]))[0])
        is_in_mask = x0 <= x < x1 and y0 <= y < y1 and bool(mask[y - y0, x - x0])
        assert is_in_mask is expected
    assert FAN.face_px() == pytest.approx((100.0, 20.0))


def test_bounds_of_a_fan_hold_it_tightly() -> None:
    box = FAN.bounds()
    assert box.y == pytest.approx(-20.0 + 40.0 * math.cos(0.5))
    assert box.y + box.height == pytest.approx(120.0)
    assert box.x + box.width == pytest.approx(100.0 + 150.0 * math.sin(0.5))


@pytest.mark.parametrize("slant_rad", [-0.3, 0.3])
def test_a_parallelogram_holds_what_its_slanted_sides_hold(slant_rad: float) -> None:
    region = SlantRegion(50.0, 10.0, 60.0, 80.0, slant_rad)
    aside = 80.0 * math.tan(slant_rad)
    box = region.bounds()
    assert (box.x, box.width) == pytest.approx((50.0 + min(0.0, aside), 60.0 + abs(aside)))
    assert (box.y, box.height) == (10.0, 80.0)
    lower = [
        [50.0 + aside + 1.0, 89.0],
        [110.0 + aside - 1.0, 89.0],
        [50.0 + aside - 3.0, 89.0],
        [80.0, 91.0],
        [80.0, 9.0],
    ]
    assert region.contains(np.array(lower)).tolist() == [True, True, False, False, False]
    assert region.face_px() == (80.0, 10.0)


@pytest.mark.parametrize("bad", [(0.0, 0.1), (-0.1, 0.1), (math.inf, 0.1), (math.nan, 0.1)])
def test_an_impossible_scale_is_refused(bad: tuple[float, float]) -> None:
    with pytest.raises(GeometryError):
        ImageGeometry((10, 10), RectRegion(0.0, 0.0, 5.0, 5.0), bad, Provenance.USER)


def test_impossible_regions_are_refused() -> None:
    with pytest.raises(GeometryError, match="width and a height"):
        SlantRegion(0.0, 0.0, 5.0, 0.0, 0.1)
    with pytest.raises(GeometryError, match=r"slant by 45° at most, not 57\.2"):
        SlantRegion(0.0, 0.0, 5.0, 5.0, 1.0)
    with pytest.raises(GeometryError):
        RectRegion(0.0, 0.0, 0.0, 5.0)
    with pytest.raises(GeometryError):
        FanRegion((0.0, 0.0), 50.0, 40.0, -0.1, 0.1, RectRegion(0.0, 0.0, 1.0, 1.0))
    with pytest.raises(GeometryError):
        ImageGeometry((10, 10), RectRegion(50.0, 50.0, 5.0, 5.0)).bounds_px()
