"""Every scanner screen, in every size, with every scenario: the picture on it is found as it is on real ones."""

import numpy as np
import pytest
from numpy.typing import NDArray

from calibration.image_region import ImageRegion
from rtguide.errors import ConfigError
from rtguide.model.geometry import ImageGeometry
from rtguide.phantom import Phantom, load_scenario, scenario_names
from rtguide.phantom.screen_furniture import LAYOUTS

SIZES_PX = ((640, 480), (1280, 720), (1920, 1080))
EASY = [name for name in scenario_names() if not name.endswith("-hard")]
SHARES = (1.0, 0.95, 0.9, 0.85, 0.8)
"""Of the scenario's scale: layouts differ in the room they leave."""


def _on_screen(name: str, layout: str, size_px: tuple[int, int]) -> Phantom:
    base = load_scenario(name)
    width, height = size_px
    scale = min(width / 1280, height / 720) * base.screen.px_per_mm
    for share in SHARES:
        change = {"layout": layout, "width_px": width, "height_px": height, "px_per_mm": share * scale}
        try:
            return Phantom(base.model_copy(update={"screen": base.screen.model_copy(update=change)}), 1, rate_hz=2.0)
        except ConfigError:
            continue
    raise AssertionError(f"{name} does not fit on {layout} at {width}×{height}")


def _mask(geometry: ImageGeometry) -> NDArray[np.bool_]:
    full = np.zeros(geometry.shape_px, dtype=bool)
    x0, y0, x1, y1 = geometry.bounds_px()
    full[y0:y1, x0:x1] = geometry.mask()
    return full


def _check(name: str, layout: str, size_px: tuple[int, int]) -> None:
    phantom = _on_screen(name, layout, size_px)
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
