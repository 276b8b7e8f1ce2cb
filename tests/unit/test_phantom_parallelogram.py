"""Beams that are all steered to one side: a parallelogram, with truth as exact as in the rectangle."""

import json
from pathlib import Path

import numpy as np
import pytest

from calibration.image_region import ImageRegion
from rtguide.errors import ConfigError
from rtguide.model.geometry import ImageGeometry, SlantRegion
from rtguide.phantom import Phantom, load_scenario, parse_scenario
from rtguide.phantom.beam import BeamGrid
from rtguide.phantom.case_folder import CaseOptions, write_case

HEAD = 'name = "x"\ntitle = "X"\nsummary = "x"\n'


def _steered(name: str, steer_deg: float) -> Phantom:
    base = load_scenario(name)
    probe = base.probe.model_copy(update={"steer_deg": steer_deg})
    return Phantom(base.model_copy(update={"probe": probe}), seed=1, rate_hz=10.0)


@pytest.fixture(scope="module")
def left() -> Phantom:
    return _steered("femoral", -15.0)


def _inside(geometry: ImageGeometry) -> np.ndarray:
    full = np.zeros(geometry.shape_px, dtype=bool)
    x0, y0, x1, y1 = geometry.bounds_px()
    full[y0:y1, x0:x1] = geometry.mask()
    return full


def test_the_grid_and_its_inverse_agree(left: Phantom) -> None:
    grid = BeamGrid.design(left.scenario.probe, left.scenario.screen)
    x, z = np.array([-20.0, 0.0, 14.0]), np.array([0.0, 12.0, 39.0])
    back = grid.to_mm(*grid.from_mm(x, z))
    assert np.allclose(back, (x, z), atol=1e-9)


def test_all_of_it_is_filled_and_nothing_beyond(left: Phantom) -> None:
    region = left.geometry.region
    assert isinstance(region, SlantRegion)
    pixels, inside = left.frame(60)[0], _inside(left.geometry)
    for band in (slice(90, 300), slice(400, 660)):
        assert (pixels[band, 100:1000][inside[band, 100:1000]] > 10).mean() > 0.85
        assert pixels[band, 130:1000][~inside[band, 130:1000]].max() < 20


def test_structures_lie_where_they_lie_in_the_rectangle_and_are_drawn_there(left: Phantom) -> None:
    pixels, truth = left.frame(90)
    plain = Phantom(load_scenario("femoral"), seed=1, rate_hz=10.0).frame(90)[1]
    for one, other in zip(truth.structures, plain.structures, strict=True):
        assert np.allclose(one.outline_px, other.outline_px, atol=1e-6)
    artery = np.array(next(s for s in truth.structures if s.name == "artery").outline_px)
    middle = artery.mean(axis=0)
    within, beyond = (np.rint(middle + share * (artery - middle)).astype(int) for share in (0.85, 1.12))
    assert pixels[within[:, 1], within[:, 0]].mean() < 0.6 * pixels[beyond[:, 1], beyond[:, 0]].mean()


def test_a_needle_is_brighter_the_squarer_the_beams_meet_it(left: Phantom) -> None:
    shown = []
    for phantom in (left, _steered("femoral", 15.0)):
        pixels, truth = phantom.frame(100)
        assert truth.needle is not None
        a, b = np.array(truth.needle.curve_px[3]), np.array(truth.needle.curve_px[-2])
        places = np.rint(a + np.linspace(0, 1, 100)[:, None] * (b - a)).astype(int)
        shown.append(np.max([pixels[places[:, 1] + dy, places[:, 0]] for dy in range(-8, 9)], axis=0).mean())
    assert shown[0] > shown[1] + 15


@pytest.mark.parametrize(("name", "steer_deg"), [("femoral", -12.0), ("axillary", 15.0)])
def test_the_finder_sees_the_parallelogram(name: str, steer_deg: float) -> None:
    phantom = _steered(name, steer_deg)
    found = _inside(ImageRegion().calibrate([phantom.frame(i)[0] for i in (0, 1, 4)]).geometry)
    true = _inside(phantom.geometry)
    assert np.count_nonzero(found & true) / np.count_nonzero(found | true) > 0.95


def test_a_case_says_how_it_was_steered(tmp_path: Path) -> None:
    for _ in write_case(Phantom(load_scenario("adductor-canal-hard"), 1, 10.0), tmp_path / "c", CaseOptions(0.2)):
        pass
    probe = json.loads((tmp_path / "c" / "case.json").read_text(encoding="utf-8"))["probe"]
    assert probe["steer"] == pytest.approx(np.radians(-12.0))


@pytest.mark.parametrize("other", ['kind = "curved"', "trapezoid_deg = 10"])
def test_only_a_plain_linear_probe_is_steered_as_a_whole(other: str) -> None:
    text = HEAD + f'[probe]\nsteer_deg = 10\n{other}\n[[layers]]\nkind = "fat"\n'
    with pytest.raises(ConfigError, match=r"x.toml, line 4: .*steer_deg is for linear arrays"):
        parse_scenario(text, "x.toml")
