"""One click proposes an outline: judged by its overlap with the phantom's own, for vessels and nerves."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from rtguide.model.frame import Frame
from rtguide.model.geometry import ImageGeometry, Provenance, RectRegion
from rtguide.model.points import Points
from rtguide.model.structure import Structure
from rtguide.opencv import cv2
from rtguide.phantom import Phantom, load_scenario
from rtguide.tracking.structure_outline import propose_outline


@cache
def still(scenario: str) -> tuple[Frame, ImageGeometry, tuple[Structure, ...]]:
    phantom = Phantom(load_scenario(scenario), 71, 30.0)
    pixels, truth = phantom.frame(0)
    return Frame(0, 0, None, pixels), phantom.geometry, truth.structures


def area(outline: Points, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    mask = np.zeros(shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.round(np.array(outline)).astype(np.int32)], 1)
    return mask > 0


def overlap(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    """Dice's coefficient."""
    return float(2 * (one & other).sum() / (one.sum() + other.sum()))


@pytest.mark.parametrize(
    ("scenario", "name", "least", "is_dark"),
    [
        ("femoral", "artery", 0.9, True),
        ("interscalene", "jugular vein", 0.8, True),
        ("stellate-ganglion", "carotid artery", 0.9, True),
        ("popliteal-sciatic", "tibial nerve", 0.75, False),
    ],
)
def test_a_click_anywhere_inside_proposes_the_outline(scenario: str, name: str, least: float, is_dark: bool) -> None:
    frame, geometry, structures = still(scenario)
    structure = next(s for s in structures if s.name == name)
    points = np.array(structure.outline_px)
    truth = area(structure.outline_px, frame.pixels.shape)
    for corner in (0, len(points) // 3, 2 * len(points) // 3):
        x, y = points.mean(axis=0) + 0.4 * (points[corner] - points.mean(axis=0))
        proposal = propose_outline(frame, geometry, (float(x), float(y)))
        assert proposal is not None
        assert overlap(area(proposal.outline_px, frame.pixels.shape), truth) > least
        assert proposal.is_dark is is_dark


def test_a_click_outside_the_picture_proposes_nothing() -> None:
    frame, geometry, _ = still("femoral")
    x0, y0, _, _ = geometry.bounds_px()
    assert propose_outline(frame, geometry, (x0 - 20.0, y0 + 40.0)) is None
    assert propose_outline(frame, geometry, (-5.0, 1e4)) is None


@settings(max_examples=8, deadline=None, derandomize=True)
@given(st.floats(-0.5, 0.5), st.floats(-0.5, 0.5), st.booleans())
def test_a_mirrored_picture_gives_the_mirrored_outline(dx: float, dy: float, is_upright: bool) -> None:
    rng = np.random.default_rng(9)
    pixels = 110 + cv2.GaussianBlur(rng.normal(size=(300, 301)), (0, 0), 2.0) * 60
    cv2.ellipse(pixels, (140, 150), (40, 28), 0, 0, 360, 40.0, -1)
    image = np.clip(pixels, 0, 255).astype(np.uint8)
    geometry = ImageGeometry((300, 301), RectRegion(0, 0, 301, 300), (0.15, 0.15), Provenance.USER)
    axis = 0 if is_upright else 1
    mirrored = np.ascontiguousarray(np.flip(image, axis))
    click = np.array([140 + 30 * dx, 150 + 20 * dy])
    other = np.array([click[0], 299 - click[1]] if is_upright else [300 - click[0], click[1]])
    one = propose_outline(Frame(0, 0, None, image), geometry, (float(click[0]), float(click[1])))
    two = propose_outline(Frame(0, 0, None, mirrored), geometry, (float(other[0]), float(other[1])))
    assert one is not None
    assert two is not None
    back = np.flip(area(two.outline_px, image.shape), axis)
    assert overlap(area(one.outline_px, image.shape), back) > 0.97
