"""Another screen, another size, a grabber's stream: asked for beside the scenario, not in it."""

from itertools import pairwise

import numpy as np
import pytest

from rtguide.errors import ConfigError
from rtguide.phantom import Phantom, load_scenario, scenario_names
from rtguide.phantom.output import Output, size_px


def test_nothing_asked_leaves_a_scenario_as_it_is() -> None:
    for name in scenario_names():
        scenario = load_scenario(name)
        assert Output().of(scenario) == scenario


@pytest.mark.parametrize("layout", ["bare", "clinic", "cart", "tablet"])
@pytest.mark.parametrize("size", ["640x480", "1280x720", "1920x1080"])
def test_every_scenario_comes_on_every_screen_in_every_size(layout: str, size: str) -> None:
    for name in scenario_names():
        scenario = load_scenario(name)
        made = Output(layout, size_px(size)).of(scenario)
        assert made.screen.layout == layout
        assert f"{made.screen.width_px}x{made.screen.height_px}" == size
        most = scenario.screen.px_per_mm * min(made.screen.width_px / 1280, made.screen.height_px / 720)
        assert 0.69 * most < made.screen.px_per_mm <= most * 1.0001


def test_a_grabber_repeats_pictures_and_loses_some() -> None:
    scenario = Output(scanner_hz=25.0, dropped=0.1).of(load_scenario("femoral"))
    phantom = Phantom(scenario, seed=1, rate_hz=60.0)
    frames = [phantom.frame(index) for index in range(120)]
    changes = sum(not np.array_equal(a[0], b[0]) for a, b in pairwise(frames))
    assert 40 <= changes <= 49, "25 a second less a tenth, over two seconds"
    shown_s = [truth.picture_s for _, truth in frames]
    assert all(a <= b for a, b in pairwise(shown_s))


@pytest.mark.parametrize(
    ("output", "message"),
    [
        (Output(layout="desk"), "femoral: layout: Input should be 'bare', 'clinic', 'cart' or 'tablet'"),
        (Output(scanner_hz=1.0), "femoral: scanner_hz: Input should be greater than or equal to 5"),
        (Output(dropped=0.9), "femoral: dropped: Input should be less than or equal to 0.5"),
        (Output(size_px=(100, 100)), "femoral: width_px: Input should be greater"),
    ],
)
def test_what_cannot_be_is_refused(output: Output, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        output.of(load_scenario("femoral"))


def test_a_picture_that_fits_at_no_scale_is_refused_with_the_mend() -> None:
    base = load_scenario("femoral")
    huge = base.model_copy(update={"screen": base.screen.model_copy(update={"px_per_mm": 40.0})})
    with pytest.raises(ConfigError, match=r"femoral: the picture is .* does not fit on 1280×720 px .* smaller"):
        Output().of(huge)


@pytest.mark.parametrize("text", ["big", "1920", "1920*1080", "x", "-5x4"])
def test_a_size_is_width_x_height(text: str) -> None:
    with pytest.raises(ConfigError, match="write width x height in pixels, as 1920x1080"):
        size_px(text)
