"""What every calibration of a tracked probe and every watch must do, over their entry points."""

from importlib.metadata import EntryPoint, entry_points
from typing import cast

import numpy as np
import pytest

from rtguide.calibration_ports import ChangeWatch, TrackedMethod
from rtguide.errors import CalibrationError
from rtguide.model.geometry import ImageGeometry
from rtguide.model.pose import TrackedFrame

METHODS = sorted(entry_points(group="rtguide.tracked_calibrations"), key=lambda point: point.name)
WATCHES = sorted(entry_points(group="rtguide.watches"), key=lambda point: point.name)
SETTINGS = {
    "wires_mm": np.arange(54.0).reshape(9, 2, 3).tolist(),
    "reference_from_phantom": np.eye(4).tolist(),
    "mm_per_px": 0.1,
}


def test_there_are_some() -> None:
    assert {point.name for point in METHODS} >= {"latency", "pivot", "probe_pose"}
    assert WATCHES


@pytest.fixture(params=METHODS, ids=[point.name for point in METHODS])
def method(request: pytest.FixtureRequest) -> TrackedMethod:
    return cast("TrackedMethod", cast("EntryPoint", request.param).load()())


STILL = [
    TrackedFrame(0.1 * n, np.zeros((60, 80), np.uint8), {"ProbeToReference": np.eye(4), "StylusToReference": np.eye(4)})
    for n in range(40)
]


@pytest.mark.parametrize("recordings", [[], [[]], [[], []], [STILL], [STILL, STILL], [STILL] * 3])
def test_failure_is_a_calibration_error_that_says_what_to_do(
    method: TrackedMethod, recordings: list[list[TrackedFrame]]
) -> None:
    with pytest.raises(CalibrationError, match=r".{30,}"):
        method.calibrate(recordings, SETTINGS)


@pytest.fixture(params=WATCHES, ids=[point.name for point in WATCHES])
def watch(request: pytest.FixtureRequest) -> ChangeWatch:
    return cast("ChangeWatch", cast("EntryPoint", request.param).load()())


@pytest.mark.parametrize("shape", [(48, 64), (480, 640), (480, 640, 3)])
def test_a_watch_says_nothing_of_what_stands_still_and_changes_no_frame(
    watch: ChangeWatch, shape: tuple[int, ...]
) -> None:
    pixels = np.random.default_rng(1).integers(0, 255, shape, dtype=np.uint8)
    pixels.flags.writeable = False
    before = pixels.copy()
    assert watch.change(pixels) is None
    watch.start(pixels, ImageGeometry.whole_frame(pixels.shape[:2]))
    assert [watch.change(pixels) for _ in range(5)] == [None] * 5
    np.testing.assert_array_equal(pixels, before)


def test_a_frame_of_another_size_is_a_change(watch: ChangeWatch) -> None:
    watch.start(np.zeros((480, 640), np.uint8), ImageGeometry.whole_frame((480, 640)))
    assert [watch.change(np.zeros((100, 100), np.uint8)) for _ in range(5)][-1]
