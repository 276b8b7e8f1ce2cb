"""What every calibration method must do, over every entry point of the group `rtguide.calibrations`."""

from importlib.metadata import EntryPoint, entry_points
from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray

from rtguide.errors import CalibrationError
from rtguide.model.calibration import Calibration
from rtguide.opencv import cv2
from rtguide.ports import CalibrationMethod

POINTS = sorted(entry_points(group="rtguide.calibrations"), key=lambda point: point.name)


@pytest.fixture(params=POINTS, ids=[point.name for point in POINTS])
def method(request: pytest.FixtureRequest) -> tuple[str, CalibrationMethod]:
    point = cast("EntryPoint", request.param)
    return point.name, point.load()()


def screen() -> NDArray[np.uint8]:
    rng = np.random.default_rng(7)
    picture = np.zeros((480, 640, 3), np.uint8)
    speckle = cv2.GaussianBlur(rng.rayleigh(70.0, (400, 420)), (0, 0), 1.5)
    picture[40:440, 90:510] = np.clip(speckle, 1, 255).astype(np.uint8)[..., None]
    return picture


def attempt(method: CalibrationMethod, frames: list[NDArray[np.uint8]]) -> Calibration | str:
    try:
        return method.calibrate(frames)
    except CalibrationError as error:
        return str(error)


def test_there_is_a_method() -> None:
    assert POINTS


def test_result_is_of_this_method_and_this_frame(method: tuple[str, CalibrationMethod]) -> None:
    name, engine = method
    found = attempt(engine, [screen()])
    if isinstance(found, str):
        assert len(found) > 20
        return
    assert found.method == name
    assert found.geometry.shape_px == (480, 640)
    assert 0.0 <= found.confidence <= 1.0
    assert found.note
    assert found.evidence_px
    for line in found.evidence_px:
        points = np.array(line)
        assert points.min() >= -1
        assert (points.max(axis=0) <= (640, 480)).all()


def test_frames_are_not_changed_and_the_answer_repeats(method: tuple[str, CalibrationMethod]) -> None:
    picture = screen()
    before = picture.copy()
    picture.flags.writeable = False
    assert attempt(method[1], [picture]) == attempt(method[1], [picture])
    np.testing.assert_array_equal(picture, before)


def test_grey_is_as_good_as_rgb(method: tuple[str, CalibrationMethod]) -> None:
    colour = screen()
    grey = np.ascontiguousarray(colour[..., 0])
    assert attempt(method[1], [colour]) == attempt(method[1], [grey])


@pytest.mark.parametrize("frames", [[], [np.zeros((480, 640), np.uint8)]], ids=["no frame", "black"])
def test_failure_is_a_calibration_error_in_words(
    method: tuple[str, CalibrationMethod], frames: list[NDArray[np.uint8]]
) -> None:
    with pytest.raises(CalibrationError, match=r".{20,}"):
        method[1].calibrate(frames)


def test_frames_of_two_sizes_are_refused(method: tuple[str, CalibrationMethod]) -> None:
    with pytest.raises(CalibrationError):
        method[1].calibrate([screen(), np.zeros((100, 100, 3), np.uint8)])
