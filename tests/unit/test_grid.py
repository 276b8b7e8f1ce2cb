import numpy as np
import pytest

from rtguide.errors import GeometryError
from rtguide.model.frame import Frame
from rtguide.model.geometry import FanRegion, ImageGeometry, Provenance, RectRegion
from rtguide.tracking.grid import GridSampler, WorkGrid


def geometry_of(shape_px, region, mm_per_px=None):
    spacing = None if mm_per_px is None else (mm_per_px, mm_per_px)
    return ImageGeometry(shape_px, region, spacing, Provenance.USER)


def frame_of(pixels, seq=0):
    return Frame(seq, seq * 40_000_000, None, pixels)


@pytest.mark.parametrize(("shape_px", "mm_per_px"), [((720, 1280), 1 / 15), ((1080, 1920), 0.0355), ((240, 320), 0.16)])
def test_cells_have_a_fixed_size_in_millimetres(shape_px, mm_per_px):
    region = RectRegion(10, 8, shape_px[1] * 0.5, shape_px[0] * 0.9)
    grid = WorkGrid.from_geometry(geometry_of(shape_px, region, mm_per_px))
    assert 0.145 <= grid.cell_mm <= 0.33
    assert grid.step_px[0] == pytest.approx(grid.step_px[1], rel=0.01)
    assert grid.inside.mean() > 0.98


@pytest.mark.parametrize("mm_per_px", [None, 0.03, 0.06, 0.11])
@pytest.mark.parametrize("is_rgb", [False, True])
def test_a_blob_lands_where_the_transform_says(mm_per_px, is_rgb):
    ys, xs = np.mgrid[0:600, 0:800]
    centre = np.array([[391.3, 207.8]])
    blob = 200 * np.exp(-((xs - centre[0, 0]) ** 2 + (ys - centre[0, 1]) ** 2) / (2 * 12.0**2))
    pixels = blob.astype(np.uint8)
    if is_rgb:
        pixels = np.repeat(pixels[..., None], 3, axis=2)
    grid = WorkGrid.from_geometry(geometry_of((600, 800), RectRegion(51, 33, 641, 487), mm_per_px))
    cells = grid.sample(frame_of(pixels)).astype(float)
    rows, columns = np.mgrid[0 : grid.shape[0], 0 : grid.shape[1]]
    found = np.array([[(cells * columns).sum(), (cells * rows).sum()]]) / cells.sum()
    assert grid.px_from_grid(found) == pytest.approx(centre, abs=0.15)
    assert grid.grid_from_px(grid.px_from_grid(found)) == pytest.approx(found)


def test_a_fan_masks_its_corners():
    region = FanRegion((400.0, -50.0), 100.0, 500.0, -0.5, 0.5, RectRegion(0, 0, 800, 600))
    grid = WorkGrid.from_geometry(geometry_of((600, 800), region))
    assert not grid.inside[0, 0]
    assert not grid.inside[-1, -1]
    assert grid.inside[grid.shape[0] // 2, grid.shape[1] // 2]


def test_a_region_too_small_is_refused():
    with pytest.raises(GeometryError):
        WorkGrid.from_geometry(geometry_of((480, 640), RectRegion(5, 5, 9, 9)))


def test_repeats_are_told_from_new_pictures_even_with_a_little_noise():
    rng = np.random.default_rng(1)
    sampler = GridSampler(WorkGrid.from_geometry(ImageGeometry.whole_frame((200, 240))))
    told = []
    for seq in range(30):
        if seq % 3 == 0:
            picture = rng.integers(40, 200, (200, 240))
        noisy = picture + rng.integers(-1, 2, picture.shape)
        told.append(sampler.take(frame_of(noisy.astype(np.uint8), seq)).is_repeat)
    assert told[3:] == [seq % 3 != 0 for seq in range(3, 30)]


def test_slow_change_is_not_a_repeat_for_ever():
    sampler = GridSampler(WorkGrid.from_geometry(ImageGeometry.whole_frame((200, 240))))
    rng = np.random.default_rng(2)
    for seq in range(5):
        sampler.take(frame_of(rng.integers(0, 255, (200, 240)).astype(np.uint8), seq))
    told = [sampler.take(frame_of(np.full((200, 240), 50 + seq, np.uint8), seq)).is_repeat for seq in range(5, 160)]
    assert told.count(False) >= 4
