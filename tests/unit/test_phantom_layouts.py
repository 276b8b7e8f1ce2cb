"""Every scanner screen, in every size, with every scenario: the picture on it is found as it is on real ones."""

import numpy as np
import pytest
from numpy.typing import NDArray

from calibration.image_region import ImageRegion
from phantom_screens import LAYOUTS, SIZES_PX, on_screen
from rtguide.model.geometry import ImageGeometry
from rtguide.phantom import scenario_names

EASY = [name for name in scenario_names() if not name.endswith("-hard")]


def _mask(geometry: ImageGeometry) -> NDArray[np.bool_]:
    full = np.zeros(geometry.shape_px, dtype=bool)
    x0, y0, x1, y1 = geometry.bounds_px()
    full[y0:y1, x0:x1] = geometry.mask()
    return full


def _check(name: str, layout: str, size_px: tuple[int, int]) -> None:
    phantom = on_screen(name, layout, size_px)
    frames = [phantom.frame(index)[0] for index in (0, 1, 4)]
    assert frames[0].shape[:2] == size_px[::-1]
    found, true = _mask(ImageRegion().calibrate(frames).geometry), _mask(phantom.geometry)
    assert np.count_nonzero(found & true) / np.count_nonzero(found | true) > 0.93


@pytest.mark.parametrize("size_px", SIZES_PX)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", ["axillary", "lumbar-facet"])
def test_the_picture_is_found_on_every_screen(name: str, layout: str, size_px: tuple[int, int]) -> None:
    _check(name, layout, size_px)


@pytest.mark.slow
@pytest.mark.parametrize("size_px", SIZES_PX)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", EASY)
def test_every_scenario_is_found_on_every_screen(name: str, layout: str, size_px: tuple[int, int]) -> None:
    _check(name, layout, size_px)
