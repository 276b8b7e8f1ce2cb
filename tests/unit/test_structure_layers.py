"""Flat marks, which are layers."""

import numpy as np
import pytest
from numpy.typing import NDArray

from rtguide.model.frame import Frame
from rtguide.model.geometry import ImageGeometry, Provenance, RectRegion
from rtguide.model.structure import Role, Structure, StructureKind, StructureState, StructureTrack, Tissue, box_outline
from rtguide.opencv import cv2
from rtguide.tracking.structure_blocks import lay_blocks
from rtguide.tracking.structure_slide import Strip, lay_strip
from rtguide.tracking.structures import StructureTracker

SHAPE = (300, 500)
GEOMETRY = ImageGeometry(SHAPE, RectRegion(0, 0, 500, 300), (0.12, 0.12), Provenance.USER)
MARGIN = 40
LINE = np.array([[60.0, 150.0], [300.0, 160.0], [420.0, 158.0]])
Floats = NDArray[np.float64]


def speckle(seed: int) -> Floats:
    """A log-compressed picture of even tissue, MARGIN larger than the frame."""
    rng = np.random.default_rng(seed)
    size = (SHAPE[0] + 2 * MARGIN, SHAPE[1] + 2 * MARGIN)
    real, imaginary = (cv2.GaussianBlur(rng.normal(size=size), (0, 0), 2.2, sigmaY=1.2) for _ in range(2))
    power = real**2 + imaginary**2
    return np.asarray(90 + 32 * np.log10(power / power.mean() + 0.001), np.float64)


def show(picture: Floats, at: tuple[float, float], seq: int, noise: float = 4.0) -> Frame:
    """The picture moved to `at`, with fresh noise; 30 pictures a second."""
    onto = np.array([[1.0, 0.0, at[0] - MARGIN], [0.0, 1.0, at[1] - MARGIN]])
    moved = cv2.warpAffine(picture, onto, (SHAPE[1], SHAPE[0]), flags=cv2.INTER_CUBIC)
    moved = moved + np.random.default_rng(50 + seq).normal(0.0, noise, SHAPE)
    return Frame(seq, seq * 33_333_333, None, np.clip(moved, 0, 255).astype(np.uint8))


def run(frames: list[Frame], mark: Structure) -> list[StructureState]:
    tracker = StructureTracker()
    tracker.start(GEOMETRY)
    tracker.mark([mark], frames[0])
    return [tracker.track(frame)[0] for frame in frames]


def marked(box: tuple[float, float, float, float]) -> Structure:
    return Structure("plane", StructureKind.STRUCTURE, Tissue.NERVE, Role.BOTH, box_outline(*box))


def off_mm(state: StructureState, mark: Structure, at: tuple[float, float]) -> float:
    gap = np.mean(state.outline_px, axis=0) - np.mean(mark.outline_px, axis=0) - at
    return float(np.hypot(*gap)) * 0.12


def test_a_flat_box_around_a_bright_layer_is_followed() -> None:
    """The whole width of a fascial plane, marked as a box: it looks the same all along, and is not lost for that."""
    picture = speckle(3)
    rows = np.arange(picture.shape[0], dtype=np.float64)[:, None]
    picture += 120.0 * np.exp(-(((rows - 150 - MARGIN) / 3.0) ** 2))
    mark = marked((10.0, 146.0, 480.0, 9.0))
    places = [(6 * np.sin(i / 6), 9 * np.sin(i / 9)) for i in range(40)]
    states = run([show(picture, at, i) for i, at in enumerate(places)], mark)
    assert all(state.track is StructureTrack.TRACKED for state in states)
    assert max(off_mm(state, mark, at) for state, at in zip(states, places, strict=True)) < 0.3


@pytest.mark.parametrize("turn_deg", [0.0, 35.0, 90.0])
def test_blocks_of_a_flat_outline_lie_along_it_whatever_its_slope(turn_deg: float) -> None:
    turn = np.radians(turn_deg)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    outline = np.array([[-90.0, -4.0], [90.0, -4.0], [90.0, 4.0], [-90.0, 4.0]]) @ rotation.T + 150.0
    layout = lay_blocks(outline, StructureKind.STRUCTURE)
    assert layout.is_line
    along = (layout.middles - 150.0) @ rotation
    assert np.abs(along[:, 1]).max() < 6.0
    assert along[:, 0].max() - along[:, 0].min() > 140.0


@pytest.mark.parametrize("size", [(60.0, 12.0), (100.0, 30.0), (12.0, 6.0)])
def test_what_is_not_flat_is_an_area(size: tuple[float, float]) -> None:
    outline = np.array([[0.0, 0.0], [size[0], 0.0], size, [0.0, size[1]]]) + 60.0
    assert not lay_blocks(outline, StructureKind.STRUCTURE).is_line


def layered(seed: int) -> Floats:
    """A bright layer among fibres that run along it: little but its finest grain tells where along it one is."""
    picture = speckle(seed)
    fibres = np.random.default_rng(seed + 1).normal(size=picture.shape)
    fibres = cv2.GaussianBlur(fibres, (0, 0), 60.0, sigmaY=1.5)
    rows = np.arange(picture.shape[0], dtype=np.float64)[:, None]
    bright = 110.0 * np.exp(-(((rows - 150 - MARGIN) / 3.0) ** 2))
    return np.asarray(60.0 + 0.25 * (picture - 90.0) + 30.0 * fibres / fibres.std() + bright, np.float64)


def test_a_layer_among_fibres_does_not_slide_along_itself() -> None:
    """Blocks are found as well beside themselves there: what differs along the layer tells, not they."""
    picture = layered(5)
    mark = marked((60.0, 146.0, 380.0, 9.0))
    places = [(8 * np.sin(i / 7), 5 * np.sin(i / 9)) for i in range(40)]
    states = run([show(picture, at, i, noise=9.0) for i, at in enumerate(places)], mark)
    assert all(state.track is StructureTrack.TRACKED for state in states)
    assert max(off_mm(state, mark, at) for state, at in zip(states, places, strict=True)) < 0.4


def test_a_layer_stays_where_it_was_along_itself_when_nothing_tells() -> None:
    """Every picture has fresh speckle around a bright layer that rises: it is followed across and kept along."""
    places = [(0.0, -0.3 * i) for i in range(20)]
    rows = np.arange(speckle(0).shape[0], dtype=np.float64)[:, None]
    bright = 120.0 * np.exp(-(((rows - 150 - MARGIN) / 3.0) ** 2))
    mark = marked((60.0, 146.0, 380.0, 9.0))
    states = run([show(speckle(70 + i) * 0.4 + bright, at, i) for i, at in enumerate(places)], mark)
    shown = [(state, at) for state, at in zip(states, places, strict=True) if state.track is StructureTrack.TRACKED]
    assert shown
    assert max(off_mm(state, mark, at) for state, at in shown) < 0.5


def test_a_strip_knows_how_far_it_slid() -> None:
    cells = np.clip(speckle(8), 0, 255).astype(np.uint8)
    strip = Strip.cut(cells, np.ones(cells.shape, np.bool_), lay_strip(LINE), np.array([[1.0, 0, 0], [0, 1.0, 0]]))
    slid = strip.slid(cells, np.array([[1.0, 0, -4.0], [0, 1.0, 0]]))
    assert slid is not None
    assert slid[0] == pytest.approx(4.0, abs=0.2)
    other = np.clip(speckle(9), 0, 255).astype(np.uint8)
    assert strip.slid(other, np.array([[1.0, 0, 0], [0, 1.0, 0]])) is None


def test_a_strip_that_is_the_same_all_along_tells_nothing() -> None:
    cells = np.tile(np.arange(380, dtype=np.uint8)[:, None] % 200, (1, 580))
    strip = Strip.cut(
        cells,
        np.ones(cells.shape, np.bool_),
        lay_strip(LINE * [1.0, 0.0] + [0.0, 150.0]),
        np.array([[1.0, 0, 0], [0, 1.0, 0]]),
    )
    assert strip.slid(cells, np.array([[1.0, 0, 3.0], [0, 1.0, 0]])) is None
