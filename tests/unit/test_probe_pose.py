"""N-wires and pivot: made-up recordings with known answers, and PLUS's 3N-wire set with its published result."""

import re
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from calibration.pivot import Pivot
from calibration.probe_pose import ProbePose
from rtguide.errors import CalibrationError, ConfigError
from rtguide.model.pose import TrackedFrame
from rtguide.opencv import cv2
from rtguide.recording.plus_config import read_plus_config
from rtguide.recording.tracked_frames import read_tracked

Floats = NDArray[np.float64]

WIRES = [
    [[30, 0, 20], [30, 40, 20]], [[55, 0, 20], [35, 40, 20]], [[60, 0, 20], [60, 40, 20]],
    [[30, 0, 10], [30, 40, 10]], [[35, 0, 10], [55, 40, 10]], [[60, 0, 10], [60, 40, 10]],
    [[35, 0, 0], [35, 40, 0]], [[55, 0, 0], [40, 40, 0]], [[60, 0, 0], [60, 40, 0]],
]  # fmt: skip
SCALE = 0.08


def turned(x: float, y: float, z: float, at: tuple[float, float, float]) -> Floats:
    matrix = np.eye(4)
    matrix[:3, :3] = cv2.Rodrigues(np.array([x, y, z]))[0]
    matrix[:3, 3] = at
    return matrix


PROBE_FROM_IMAGE = turned(0.1, -0.05, 1.5, (11.0, 48.0, -0.4)) @ np.diag([SCALE, SCALE, SCALE, 1.0])
REFERENCE_FROM_PHANTOM = turned(0.3, 0.2, -0.4, (15.0, -25.0, -40.0))
SETTINGS = {"wires_mm": WIRES, "reference_from_phantom": REFERENCE_FROM_PHANTOM.tolist(), "mm_per_px": SCALE}


def recording(count: int, noise_px: float = 0.0, seed: int = 1) -> list[TrackedFrame]:
    """Pictures across the wires from many sides: image_from_phantom is made up, the tracker's poses follow from it."""
    rng = np.random.default_rng(seed)
    frames = []
    for _ in range(count):
        look = turned(*rng.normal(0, 0.08, 3), (0, 0, 0)) @ np.array(
            [[-1.0, 0, 0, 76], [0, 0, -1.0, 36], [0, -1.0, 0, rng.uniform(12, 28)], [0, 0, 0, 1]]
        )
        image_from_phantom = np.diag([1 / SCALE, 1 / SCALE, 1 / SCALE, 1.0]) @ look
        image = np.zeros((600, 800), np.uint8)
        for front, back in np.array(WIRES, float):
            a, b = (image_from_phantom[:3] @ np.append(end, 1.0) for end in (front, back))
            at = a + (b - a) * (a[2] / (a[2] - b[2])) + np.append(rng.normal(0, noise_px, 2), 0)
            cv2.circle(image, (round(at[0] * 16), round(at[1] * 16)), 48, 230, -1, cv2.LINE_AA, 4)
        reference_from_probe = REFERENCE_FROM_PHANTOM @ np.linalg.inv(PROBE_FROM_IMAGE @ image_from_phantom)
        frames.append(TrackedFrame(float(len(frames)), image, {"ProbeToReference": reference_from_probe}))
    return frames


def test_made_up_wires_give_the_pose_back() -> None:
    found = ProbePose().calibrate([recording(40), recording(25, seed=2)], SETTINGS)
    assert found.matrix is not None
    assert found.matrix_name == "probe_from_image"
    corners = np.array([[0, 0, 0, 1], [800, 0, 0, 1], [0, 600, 0, 1], [800, 600, 0, 1]]).T
    assert np.abs((found.matrix - PROBE_FROM_IMAGE) @ corners).max() < 0.25
    assert found.figures["validation_error_mm"] < 0.15
    assert found.figures["frames"] == 40


def test_noise_shows_in_the_figures() -> None:
    quiet = ProbePose().calibrate([recording(40)], SETTINGS).figures
    noisy = ProbePose().calibrate([recording(40, noise_px=3.0)], SETTINGS).figures
    assert noisy["calibration_error_mm"] > 3 * quiet["calibration_error_mm"]
    assert noisy["calibration_out_of_plane_mm"] > noisy["calibration_in_plane_mm"]


def test_failures_of_the_probe_name_the_cause_and_the_mend() -> None:
    frames = recording(25)
    dark = [TrackedFrame(f.time_s, np.zeros((600, 800), np.uint8), f.transforms) for f in frames]
    with pytest.raises(CalibrationError, match="lower the gain until only wires shine"):
        ProbePose().calibrate([dark], SETTINGS)
    with pytest.raises(CalibrationError, match="tracker's view"):
        ProbePose().calibrate([[TrackedFrame(f.time_s, f.pixels) for f in frames]], SETTINGS)
    with pytest.raises(CalibrationError, match="too little motion"):
        ProbePose().calibrate([frames[:1] * 25], SETTINGS)


TIP = np.array([1.5, -13.0, 195.0])


def swaying(count: int, slipped: int = 0, spread: float = 0.3) -> list[TrackedFrame]:
    rng = np.random.default_rng(3)
    frames = []
    for number in range(count):
        pose = turned(*rng.normal(0, spread, 3), (0, 0, 0))
        hole = np.array([40.0, 20.0, -5.0]) + rng.normal(0, 0.15, 3) + (number < slipped) * rng.normal(0, 15, 3)
        pose[:3, 3] = hole - pose[:3, :3] @ TIP
        frames.append(TrackedFrame(float(number), None, {"StylusToReference": pose}))
    return frames


@pytest.mark.parametrize("slipped", [0, 20])
def test_the_tip_of_a_swaying_stylus(slipped: int) -> None:
    found = Pivot().calibrate([swaying(80, slipped)], {})
    assert found.matrix is not None
    assert found.matrix[:3, 3] == pytest.approx(TIP, abs=0.3)
    assert found.figures["error_mm"] < 0.4
    assert found.figures["inlier_share"] == pytest.approx(1 - slipped / 80, abs=0.05)


def test_failures_of_the_pivot_name_the_cause_and_the_mend() -> None:
    with pytest.raises(CalibrationError, match="sway it to all sides"):
        Pivot().calibrate([swaying(80, spread=0.02)], {})
    with pytest.raises(CalibrationError, match="did not stay in its place"):
        Pivot().calibrate([swaying(80, slipped=60)], {})
    with pytest.raises(CalibrationError, match="are needed"):
        Pivot().calibrate([swaying(5)], {})


def test_a_file_that_is_no_configuration_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "config.xml"
    for text, why in (("<a", "no XML"), ('<!DOCTYPE a [<!ENTITY b "c">]><a/>', "entities"), ("<a/>", "")):
        path.write_text(text, encoding="utf-8")
        if why:
            with pytest.raises(ConfigError, match=why):
                read_plus_config(path)
        else:
            assert read_plus_config(path) == {}
    path.write_text('<a><Transform From="Phantom" To="Reference" Matrix="1 2"/></a>', encoding="utf-8")
    with pytest.raises(ConfigError, match="not 16 numbers"):
        read_plus_config(path)


@pytest.mark.data
def test_plus_wires(data: Path) -> None:
    plus = data / "plus"
    settings = read_plus_config(plus / "PlusDeviceSet_fCal_Sim_SpatialCalibration_2.0.xml")
    names = ("fCal_Test_Calibration_3NWires_fCal2.0.igs.mha", "fCal_Test_Validation_3NWires_fCal2.0.igs.mha")
    found = ProbePose().calibrate([read_tracked(plus / name) for name in names], settings)
    text = (plus / "FreehandCalibration3NWires_fCal2.0.results.xml").read_text(encoding="utf-8")
    wanted = np.array(re.findall(r'Matrix="([^"]+)"', text)[0].split(), float).reshape(4, 4)
    assert found.matrix is not None
    assert np.linalg.norm(found.matrix[:3, 3] - wanted[:3, 3]) < 0.5
    for column in range(3):
        a, b = found.matrix[:3, column], wanted[:3, column]
        assert np.degrees(np.arccos(a @ b / np.linalg.norm(a) / np.linalg.norm(b))) < 0.5
        assert np.linalg.norm(a) == pytest.approx(np.linalg.norm(b), rel=0.005)
    published = float(re.findall(r'ValidationMeanMm="([^"]+)"', text)[0])
    assert found.figures["validation_error_mm"] <= published
