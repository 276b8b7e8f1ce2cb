"""Where a tracked calibration looked is drawn, when it fails above all, and the message names the file."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from rtguide.app.search_picture import calibrate_tracked
from rtguide.errors import CalibrationError
from rtguide.model.pose import TrackedFrame
from rtguide.opencv import cv2

SIZE = (300, 400)
TRACKED = {"ProbeToReference": np.eye(4)}
WIRES = [[[x, 0, z], [x + 5 * (x == 15), 40, z]] for z in (20, 10, 0) for x in (5, 15, 30)]
SETTINGS = {"wires_mm": WIRES, "reference_from_phantom": np.eye(4).tolist(), "mm_per_px": 0.12}


def blobs(places: list[tuple[int, int]]) -> list[TrackedFrame]:
    image = np.zeros(SIZE, np.uint8)
    for at in places:
        cv2.circle(image, at, 4, 220, -1, cv2.LINE_AA)
    return [TrackedFrame(float(n), image, TRACKED) for n in range(25)]


def has_colour(drawn: NDArray[np.uint8], rgb: tuple[int, int, int], at: tuple[float, float], reach: int = 8) -> bool:
    x, y = round(at[0]), round(at[1])
    part = drawn[max(0, y - reach) : y + reach + 1, max(0, x - reach) : x + reach + 1].astype(int)
    return bool((np.abs(part - rgb).max(axis=2) < 60).any())


YELLOW, ORANGE, GREEN = (255, 220, 60), (255, 140, 60), (80, 220, 80)


def test_wires_that_are_not_found_are_shown_with_what_was(tmp_path: Path) -> None:
    path = tmp_path / "looked.png"
    row = [(80, 100), (160, 100), (288, 100)]
    frames = blobs([*row, (200, 230)])
    with pytest.raises(CalibrationError, match=r"nine wires were found in 0 of 25 .*drawn in .*looked\.png"):
        calibrate_tracked("probe_pose", [frames], SETTINGS, path)
    drawn = np.array(Image.open(path))
    assert drawn.shape[0] > SIZE[0], "the words stand below the picture"
    assert drawn.shape[1] == SIZE[1]
    for at in [*row, (200, 230)]:
        assert has_colour(drawn, ORANGE, at)
    assert has_colour(drawn, GREEN, (120, 100))
    assert not has_colour(drawn, GREEN, (200, 230)), "a spot in no row is not fitted"
    assert has_colour(drawn, YELLOW, (27, 150))
    assert not has_colour(drawn, ORANGE, (300, 200))


def test_a_line_is_shown_when_it_moves_too_little_and_when_there_is_none(tmp_path: Path) -> None:
    path = tmp_path / "line.png"
    image = np.zeros(SIZE, np.uint8)
    cv2.line(image, (0, 120), (399, 160), 200, 3, cv2.LINE_AA)
    settings = {"clip_px": (40, 20, 300, 260)}
    frames = [TrackedFrame(float(n), image, TRACKED) for n in range(25)]
    with pytest.raises(CalibrationError, match=r"too little motion.*line\.png"):
        calibrate_tracked("latency", [frames, frames], settings, path)
    drawn = np.array(Image.open(path))
    assert has_colour(drawn, GREEN, (200, 140))
    assert has_colour(drawn, YELLOW, (40, 240))
    dark = [TrackedFrame(float(n), np.zeros(SIZE, np.uint8), TRACKED) for n in range(25)]
    with pytest.raises(CalibrationError, match=r"bottom is seen in 0 of 25.*line\.png"):
        calibrate_tracked("latency", [dark, dark], settings, path)
    drawn = np.array(Image.open(path))
    assert has_colour(drawn, YELLOW, (40, 240))
    assert not has_colour(drawn, GREEN, (200, 140))


def test_what_cannot_be_drawn_is_said_beside_the_cause(tmp_path: Path) -> None:
    frames = blobs([(100, 100)])
    with pytest.raises(CalibrationError, match=r"nine wires .*not drawn: .*ends with \.png"):
        calibrate_tracked("probe_pose", [frames], SETTINGS, tmp_path / "looked.txt")
    with pytest.raises(CalibrationError, match=r"--picture FILE\.png"):
        calibrate_tracked("probe_pose", [frames], SETTINGS, None)
    poses = [TrackedFrame(f.time_s, None, f.transforms) for f in frames]
    with pytest.raises(CalibrationError, match=r"no picture to show"):
        calibrate_tracked("probe_pose", [poses], SETTINGS, tmp_path / "none.png")
    assert not (tmp_path / "none.png").exists()
