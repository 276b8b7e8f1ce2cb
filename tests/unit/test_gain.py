"""Gain that is too high is named as the cause, with its mend, and never where it does no harm."""

import numpy as np
import pytest
from numpy.typing import NDArray

from calibration.depth_scale import DepthScale
from calibration.gain import gain_too_high, saturated_share
from calibration.image_region import ImageRegion
from calibration.latency import Latency
from calibration.probe_pose import ProbePose
from phantom_screens import on_screen
from rtguide.errors import CalibrationError
from rtguide.model.geometry import RectRegion
from rtguide.model.pose import TrackedFrame
from rtguide.opencv import cv2

BOX = RectRegion(0.0, 0.0, 200.0, 200.0)
WIRES = [[[x, 0, z], [x + 5 * (x == 15), 40, z]] for z in (20, 10, 0) for x in (5, 15, 30)]
SETTINGS = {"wires_mm": WIRES, "reference_from_phantom": np.eye(4).tolist(), "mm_per_px": 0.12}


def speckle(gain: float) -> NDArray[np.uint8]:
    rng = np.random.default_rng(5)
    blurred = cv2.GaussianBlur(rng.rayleigh(40.0, (200, 200)), (0, 0), 1.5)
    return np.clip(gain * blurred, 0, 255).astype(np.uint8)


def recording(image: NDArray[np.uint8]) -> list[TrackedFrame]:
    return [TrackedFrame(float(n), image, {"ProbeToReference": np.eye(4)}) for n in range(25)]


def test_share_of_what_is_as_bright_as_it_can_be() -> None:
    image = np.full((200, 200), 90, np.uint8)
    assert saturated_share(image, BOX) == 0.0
    image[:50] = 255
    assert saturated_share(image, BOX) == 0.25
    assert saturated_share(np.minimum(image, 235), BOX) == 0.25, "video of limited range"
    assert saturated_share(np.minimum(image, 200), BOX) == 0.0
    assert saturated_share(image, RectRegion(0.0, 100.0, 200.0, 100.0)) == 0.0


def test_half_of_the_pictures_decide() -> None:
    loud, fine = speckle(20), speckle(1)
    assert gain_too_high([loud, fine, fine], BOX, 0.1) is None
    assert gain_too_high([], BOX, 0.1) is None
    said = gain_too_high([loud, np.dstack([loud] * 3), fine], BOX, 0.1)
    assert said is not None
    assert said.startswith("gain too high: ")
    assert said.endswith("turn the gain down")


@pytest.mark.parametrize("method", [ProbePose(), Latency()], ids=["wires", "line"])
def test_tracked_calibrations_name_it(method: ProbePose | Latency) -> None:
    def told(image: NDArray[np.uint8]) -> str:
        frames = recording(image)
        with pytest.raises(CalibrationError) as error:
            method.calibrate([frames] if isinstance(method, ProbePose) else [frames, frames], SETTINGS)
        return str(error.value)

    assert "gain too high" in told(speckle(20))
    assert "turn the gain down until" in told(speckle(20))
    assert "gain too high" not in told(speckle(1)), "this fails for another reason"


def test_a_ruler_that_is_not_found_in_a_saturated_picture() -> None:
    screen = np.zeros((480, 640), np.uint8)
    screen[40:440, 90:510] = 255
    with pytest.raises(CalibrationError, match=r"no ruler was found\. gain too high: .*turn the gain down"):
        DepthScale().calibrate([screen])
    screen[screen > 0] = 120
    with pytest.raises(CalibrationError, match="show the scanner's depth marks"):
        DepthScale().calibrate([screen])


def test_a_ruler_beside_a_saturated_picture_is_read() -> None:
    phantom = on_screen("adductor-canal", "clinic", (1280, 720))
    frame = phantom.frame(0)[0].copy()
    x0, y0, x1, y1 = phantom.geometry.bounds_px()
    frame[y0:y1, x0:x1] = np.clip(frame[y0:y1, x0:x1].astype(int) * 40, 0, 255)
    assert saturated_share(frame, phantom.geometry.region.bounds()) > 0.5
    found = DepthScale().calibrate([frame]).geometry.spacing_mm
    assert found is not None
    assert phantom.geometry.spacing_mm is not None
    assert found[1] == pytest.approx(phantom.geometry.spacing_mm[1], rel=0.005)
    assert ImageRegion().calibrate([frame]).geometry.region.bounds().width == pytest.approx(x1 - x0, abs=4)
