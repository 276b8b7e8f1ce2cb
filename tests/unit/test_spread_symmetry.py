"""Fluid in a picture that is shifted, mirrored or rescaled is said to lie shifted, mirrored, rescaled."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from rtguide.model.frame import Frame
from rtguide.model.geometry import ImageGeometry, Provenance, RectRegion
from rtguide.model.spread import Spread
from rtguide.model.structure import Role, Structure, StructureKind, Tissue, box_outline
from rtguide.opencv import cv2
from rtguide.tracking.grid import GridSampler, WorkGrid
from rtguide.tracking.spread import SpreadTracker
from rtguide.tracking.structures import StructureTracker

WIDTH, HEIGHT, SPACING_MM, RATE_HZ = 320, 240, 0.12, 5.0
BOX = (90.0, 90.0, 60.0, 40.0)
Grey = NDArray[np.uint8]


@cache
def pictures() -> tuple[Grey, ...]:
    """Speckle in which a dark pool opens beside a mark from 2 s on, to a radius of 4 mm, 5 s in all."""
    rng = np.random.default_rng(5)
    real, imaginary = (cv2.GaussianBlur(rng.normal(size=(HEIGHT, WIDTH)), (0, 0), 2.0) for _ in range(2))
    power = real**2 + imaginary**2
    tissue = 95 + 26 * np.log10(power / power.mean() + 0.003)
    ys, xs = np.mgrid[:HEIGHT, :WIDTH]
    found = []
    for index in range(round(5 * RATE_HZ)):
        radius = 4.0 * np.clip((index / RATE_HZ - 2.0) / 1.5, 0, 1) / SPACING_MM
        inside = 1 / (1 + np.exp((np.hypot(xs - 205, ys - 120) - radius) / 1.5)) if radius > 0 else 0.0
        picture = tissue * (1 - inside) + 6 * inside + rng.normal(0, 2, tissue.shape)
        found.append(np.clip(picture, 0, 255).astype(np.uint8))
    return tuple(found)


def said(frames: list[Grey], region: RectRegion, spacing_mm: float, box: tuple[float, ...]) -> list[Spread | None]:
    """What is said of each frame, the mark lying in `box` of the first."""
    geometry = ImageGeometry(frames[0].shape, region, (spacing_mm, spacing_mm), Provenance.USER)
    grid = WorkGrid.from_geometry(geometry)
    sampler, tracker, structures = GridSampler(grid), SpreadTracker(grid), StructureTracker()
    structures.start(geometry)
    mark = Structure("nerve", StructureKind.STRUCTURE, Tissue.NERVE, Role.BOTH, box_outline(*box))
    told = []
    for index, pixels in enumerate(frames):
        frame = Frame(index, round(index * 1e9 / RATE_HZ), None, pixels)
        if index == 0:
            structures.mark([mark], frame)
        cells = sampler.take(frame)
        told.append(tracker.update(cells, structures.track_cells(cells)))
    return told


@cache
def plain() -> tuple[Spread | None, ...]:
    return tuple(said(list(pictures()), RectRegion(0, 0, WIDTH, HEIGHT), SPACING_MM, BOX))


def check(after: list[Spread | None], spacing_mm: float, to: NDArray[np.float64]) -> None:
    """The last pool is the plain one's, its centre brought there by `to` (2, 3); it is seen as early within a look."""
    before = plain()
    first, last = before[-1], after[-1]
    assert first is not None
    assert last is not None
    area = first.area_mm2((SPACING_MM, SPACING_MM))
    assert area is not None
    assert last.area_mm2((spacing_mm, spacing_mm)) == pytest.approx(area, rel=0.08)
    expected = to[:, :2] @ np.array(first.centre_px) + to[:, 2]
    assert np.hypot(*(np.array(last.centre_px) - expected)) * spacing_mm < 0.3
    starts = [next(i for i, spread in enumerate(told) if spread is not None) for told in (before, after)]
    assert abs(starts[0] - starts[1]) <= 1


def test_the_pool_is_seen() -> None:
    spread = plain()[-1]
    assert spread is not None
    assert np.hypot(spread.centre_px[0] - 205, spread.centre_px[1] - 120) * SPACING_MM < 0.4


@settings(max_examples=4, deadline=None)
@given(st.integers(0, 60), st.integers(0, 60))
def test_shifted(right: int, down: int) -> None:
    frames = [np.pad(one, ((down, 60 - down), (right, 60 - right))) for one in pictures()]
    told = said(frames, RectRegion(right, down, WIDTH, HEIGHT), SPACING_MM, (BOX[0] + right, BOX[1] + down, *BOX[2:]))
    check(told, SPACING_MM, np.array([[1.0, 0.0, right], [0.0, 1.0, down]]))


def test_mirrored() -> None:
    frames = [np.ascontiguousarray(one[:, ::-1]) for one in pictures()]
    told = said(frames, RectRegion(0, 0, WIDTH, HEIGHT), SPACING_MM, (WIDTH - 1 - BOX[0] - BOX[2], *BOX[1:]))
    check(told, SPACING_MM, np.array([[-1.0, 0.0, WIDTH - 1.0], [0.0, 1.0, 0.0]]))


@settings(max_examples=4, deadline=None)
@given(st.sampled_from([1.25, 1.5, 2.0, 2.5]))
def test_rescaled(factor: float) -> None:
    size = (round(WIDTH * factor), round(HEIGHT * factor))
    frames = [np.asarray(cv2.resize(one, size, interpolation=cv2.INTER_CUBIC), np.uint8) for one in pictures()]
    off = (factor - 1) / 2
    box = (BOX[0] * factor + off, BOX[1] * factor + off, BOX[2] * factor, BOX[3] * factor)
    told = said(frames, RectRegion(0, 0, *size), SPACING_MM / factor, box)
    check(told, SPACING_MM / factor, np.array([[factor, 0.0, off], [0.0, factor, off]]))
