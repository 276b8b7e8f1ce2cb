"""Steered beams: a linear array's trapezoid picture, with truth as exact as in the rectangle."""

import numpy as np
import pytest

from rtguide.errors import ConfigError
from rtguide.model.geometry import FanRegion
from rtguide.phantom import Phantom, load_scenario, parse_scenario


@pytest.fixture(scope="module")
def trapezoid() -> Phantom:
    base = load_scenario("femoral")
    probe = base.probe.model_copy(update={"trapezoid_deg": 15.0})
    return Phantom(base.model_copy(update={"probe": probe}), seed=1, rate_hz=10.0)


def _inside(phantom: Phantom) -> np.ndarray:
    geometry = phantom.geometry
    full = np.zeros(geometry.shape_px, dtype=bool)
    x0, y0, x1, y1 = geometry.bounds_px()
    full[y0:y1, x0:x1] = geometry.mask()
    return full


def test_the_picture_widens_with_depth_from_a_level_face_to_a_level_end(trapezoid: Phantom) -> None:
    region, spacing = trapezoid.geometry.region, trapezoid.geometry.spacing_mm
    assert isinstance(region, FanRegion)
    assert spacing is not None
    inside = _inside(trapezoid)
    rows = np.flatnonzero(inside.any(axis=1))
    widths = inside[rows].sum(axis=1) * spacing[0]
    assert widths[1] == pytest.approx(44.0, abs=0.2)
    assert widths[-2] == pytest.approx(44.0 + 2 * 40.0 * np.tan(np.radians(15.0)), abs=0.2)
    assert rows.size * spacing[1] == pytest.approx(40.0, abs=0.2)
    face = region.face_px()
    assert face == pytest.approx((640.0, 44.0))


def test_all_of_it_is_filled_and_nothing_beyond(trapezoid: Phantom) -> None:
    pixels, inside = trapezoid.frame(60)[0], _inside(trapezoid)
    rows, columns = np.nonzero(inside)
    lit = np.zeros(inside.shape, dtype=bool)
    lit[rows, columns] = pixels[rows, columns] > 14
    for half in (slice(130, 400), slice(880, 1150)):
        deep = inside[300:660, half]
        assert lit[300:660, half][deep].mean() > 0.8
        assert pixels[300:660, half][~deep].max() < 20


def test_structures_and_needle_lie_where_the_truth_says(trapezoid: Phantom) -> None:
    pixels, truth = trapezoid.frame(90)
    artery = np.array(next(s for s in truth.structures if s.name == "artery").outline_px)
    middle = artery.mean(axis=0)
    within = (middle + 0.85 * (artery - middle)).round().astype(int)
    beyond = (middle + 1.08 * (artery - middle)).round().astype(int)
    assert pixels[within[:, 1], within[:, 0]].mean() < 35, "blood, and a haze that vessels have"
    assert pixels[beyond[:, 1], beyond[:, 0]].mean() > 70
    assert truth.needle is not None
    assert truth.needle.visibility.value == "visible"
    start, stop = np.array(truth.needle.curve_px[1]), np.array(truth.needle.curve_px[-2])
    along = (stop - start) / np.linalg.norm(stop - start)
    normal = np.array([-along[1], along[0]])
    offsets = np.arange(-24, 25, 2)
    line = start + np.linspace(0, 1, 200)[:, None] * (stop - start)
    places = (line[None] + offsets[:, None, None] * normal).round().astype(int)
    profile = pixels[places[..., 1], places[..., 0]].mean(axis=1)
    wall_px = 0.36 / truth.mm_per_px[0]
    assert abs(offsets[np.argmax(profile)] + wall_px) <= 4


def test_depths_are_the_same_as_in_the_rectangle(trapezoid: Phantom) -> None:
    plain = Phantom(load_scenario("femoral"), seed=1, rate_hz=10.0)
    for index in (0, 90):
        a, b = trapezoid.frame(index)[1], plain.frame(index)[1]
        for one, other in zip(a.structures, b.structures, strict=True):
            assert np.allclose(one.outline_px, other.outline_px, atol=1e-6)
        assert a.needle is not None
        assert b.needle is not None
        assert a.needle.tip_px == pytest.approx(b.needle.tip_px)


def test_a_curved_face_is_not_steered() -> None:
    head = 'name = "x"\ntitle = "X"\nsummary = "x"\n'
    text = head + '[probe]\nkind = "curved"\ntrapezoid_deg = 10\n[[layers]]\nkind = "fat"\n'
    with pytest.raises(ConfigError, match=r"x.toml, line 4: .*trapezoid_deg is for linear arrays"):
        parse_scenario(text, "x.toml")
