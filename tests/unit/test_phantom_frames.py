"""The phantom as a whole: reproducible, exact, and what the demo relies on."""

import numpy as np
import pytest

from rtguide.model.needle import TipState
from rtguide.model.structure import Role
from rtguide.phantom import Phantom, load_scenario

RATE_HZ = 30.0


@pytest.fixture(scope="module")
def femoral() -> Phantom:
    return Phantom(load_scenario("femoral"), seed=1, rate_hz=RATE_HZ)


def test_same_seed_same_pixels_in_any_order(femoral: Phantom) -> None:
    other = Phantom(load_scenario("femoral"), seed=1, rate_hz=RATE_HZ)
    forward = [femoral.frame(index)[0] for index in (40, 41, 42)]
    backward = [other.frame(index)[0] for index in (42, 41, 40)][::-1]
    assert all(np.array_equal(a, b) for a, b in zip(forward, backward, strict=True))


def test_another_seed_gives_other_speckle_and_the_same_patient(femoral: Phantom) -> None:
    other = Phantom(load_scenario("femoral"), seed=2, rate_hz=RATE_HZ)
    assert not np.array_equal(femoral.frame(3)[0], other.frame(3)[0])
    centres = [np.mean(s.outline_px, axis=0) for s in (femoral.structures()[0], other.structures()[0])]
    assert np.linalg.norm(centres[0] - centres[1]) < 12.0


def test_frame_is_grey_and_lies_where_the_geometry_says(femoral: Phantom) -> None:
    pixels, truth = femoral.frame(0)
    assert pixels.dtype == np.uint8
    assert pixels.shape == femoral.shape_px == femoral.geometry.shape_px
    x0, y0, x1, y1 = femoral.geometry.bounds_px()
    assert pixels[y0:y1, x0:x1].std() > 15
    assert pixels[y1 + 3 :, x0:x1].max() < 20
    assert femoral.geometry.is_verified
    assert femoral.geometry.spacing_mm == truth.mm_per_px


def test_needle_is_there_at_once_and_stops_beside_the_nerve(femoral: Phantom) -> None:
    nearest = np.inf
    for index in range(0, 660, 15):
        needle = femoral.frame(index)[1].needle
        assert needle is not None
        assert len(needle.curve_px) > 2
        assert needle.entry_px is not None
        nerve = np.array(next(s for s in femoral.structures(index) if s.role is Role.BOTH).outline_px)
        tip = np.array(needle.tip_px)
        nearest = min(nearest, float(np.linalg.norm(nerve - tip, axis=1).min()))
        assert not _contains(nerve, tip)
    scale = femoral.geometry.spacing_mm
    assert scale is not None
    assert 1.0 < nearest * scale[0] < 4.0


def test_tip_is_visible_for_most_of_the_demo(femoral: Phantom) -> None:
    states = [femoral.frame(index)[1].needle_state().tip.state for index in range(0, 600, 12)]
    assert np.mean([state is TipState.SEEN for state in states]) > 0.7


def test_the_drawn_needle_lies_on_the_true_curve(femoral: Phantom) -> None:
    pixels, truth = femoral.frame(300)
    assert truth.needle is not None
    start, stop = np.array(truth.needle.curve_px[1]), np.array(truth.needle.curve_px[-2])
    along = (stop - start) / np.linalg.norm(stop - start)
    normal = np.array([-along[1], along[0]])
    profile = []
    for offset in range(-24, 25, 2):
        places = start + np.linspace(0, 1, 200)[:, None] * (stop - start) + offset * normal
        profile.append(pixels[places[:, 1].round().astype(int), places[:, 0].round().astype(int)].mean())
    brightest = np.argmax(profile) * 2 - 24
    wall_px = 0.36 / truth.mm_per_px[0]
    assert abs(brightest + wall_px) <= 4, "the upper wall should dominate, half a needle above its axis"
    assert max(profile) > 1.5 * np.median(profile)


def test_the_artery_is_dark_and_beats(femoral: Phantom) -> None:
    sizes = []
    for index in range(0, 27, 3):
        pixels, truth = femoral.frame(index)
        artery = np.array(next(s for s in truth.structures if s.name == "artery").outline_px)
        x, y = artery.mean(axis=0).round().astype(int)
        assert pixels[y - 20 : y + 20, x - 20 : x + 20].mean() < 45
        sizes.append(np.ptp(artery[:, 0]))
    assert 1.02 < max(sizes) / min(sizes) < 1.2


def _contains(outline: np.ndarray, point: np.ndarray) -> bool:
    x, y = point
    x0, y0 = outline.T
    x1, y1 = np.roll(outline, -1, axis=0).T
    crosses = (y0 > y) != (y1 > y)
    at = x0 + (y - y0) / np.where(y1 == y0, 1.0, y1 - y0) * (x1 - x0)
    return bool(np.count_nonzero(crosses & (at > x)) % 2)
