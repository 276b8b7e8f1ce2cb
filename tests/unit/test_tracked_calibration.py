"""Lag, line and scan conversion: on made-up motion with a known answer, and on PLUS's own data with its baselines."""

import math
import re
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from calibration.latency import Latency
from calibration.line_position import find_line
from calibration.scan_conversion import CurvedScan, scan_convert
from rtguide.errors import CalibrationError, GeometryError
from rtguide.model.geometry import RectRegion
from rtguide.model.pose import TrackedFrame
from rtguide.opencv import cv2
from rtguide.recording.sequence_clip import SequenceClip
from rtguide.recording.tracked_frames import read_poses, read_tracked

CLIP = RectRegion(20.0, 10.0, 160.0, 180.0)


def tank(height_px: float, slope: float = 0.1) -> NDArray[np.uint8]:
    image = np.zeros((200, 200), np.uint8)
    ends = [(0, round((height_px - 100 * slope) * 16)), (199 * 16, round((height_px + 99 * slope) * 16))]
    cv2.line(image, ends[0], ends[1], 200, 3, cv2.LINE_AA, 4)
    return np.asarray(cv2.GaussianBlur(image, (0, 0), 1.0), np.uint8)


def test_a_line_is_found_with_its_slope_and_in_spite_of_an_echo() -> None:
    image = tank(90.0, 0.2)
    image[20:60, 30:60] = 220
    line = find_line(image, CLIP)
    assert line is not None
    assert line.y_px(100.0) == pytest.approx(90.0, abs=0.5)
    assert math.atan2(line.direction[1], line.direction[0]) == pytest.approx(math.atan(0.2), abs=0.01)
    assert find_line(np.zeros((200, 200), np.uint8), CLIP) is None


def pose(z_mm: float) -> NDArray[np.float64]:
    matrix = np.eye(4)
    matrix[:3, 3] = (3.0, 0.6 * z_mm, 0.8 * z_mm)
    return matrix


def motion(lag_s: float, swing_mm: float = 12.0) -> tuple[list[TrackedFrame], list[TrackedFrame]]:
    """Pictures and poses of the same motion, the poses late by the lag."""

    def depth_mm(time_s: float) -> float:
        return swing_mm * math.sin(2 * math.pi * 0.4 * time_s) + 0.3 * swing_mm * math.sin(2 * math.pi * 0.9 * time_s)

    pictures = [TrackedFrame(t, tank(100 + 3.0 * depth_mm(t))) for t in np.arange(1.0, 11.0, 0.1)]
    poses = [
        TrackedFrame(t, None, {"ProbeToTracker": pose(-depth_mm(t - lag_s)), "ReferenceToTracker": np.eye(4)})
        for t in np.arange(0.0, 12.0, 0.03)
    ]
    return pictures, poses


@pytest.mark.parametrize("lag_s", [-0.12, 0.0, 0.085])
def test_the_lag_of_made_up_motion(lag_s: float) -> None:
    found = Latency().calibrate(motion(lag_s), {"clip_px": (20, 5, 160, 190)})
    assert found.figures["lag_s"] == pytest.approx(lag_s, abs=0.006)
    assert found.figures["correlation"] > 0.99
    assert set(found.curves) == {"image_px", "probe_mm", "probe_mm_shifted", "correlation"}


def test_failures_name_the_cause_and_the_mend() -> None:
    pictures, poses = motion(0.0)
    with pytest.raises(CalibrationError, match="too little motion: the line moves by"):
        Latency().calibrate(motion(0.0, swing_mm=2.0), {})
    with pytest.raises(CalibrationError, match="two recordings"):
        Latency().calibrate([pictures], {})
    with pytest.raises(CalibrationError, match="raise the gain"):
        Latency().calibrate([[TrackedFrame(f.time_s, np.zeros((200, 200), np.uint8)) for f in pictures], poses], {})
    with pytest.raises(CalibrationError, match="by one clock"):
        Latency().calibrate([pictures, [TrackedFrame(p.time_s + 100, None, p.transforms) for p in poses]], {})
    rng = np.random.default_rng(1)
    wild = [TrackedFrame(p.time_s, None, {"ProbeToReference": pose(rng.normal() * 20)}) for p in poses]
    with pytest.raises(CalibrationError, match="do not show the same motion"):
        Latency().calibrate([pictures, wild], {})


SCAN = CurvedScan((10.0, 60.0), (-0.6, 0.6), (300, 260), (150.0, 20.0), (0.25, 0.25))


def test_rings_and_rays_land_where_they_belong() -> None:
    beams = np.zeros((500, 61), np.uint8)
    beams[200:204], beams[:, 45] = 255, 255
    picture = scan_convert(beams, SCAN)
    radius, angle = 10 + 50 * 202 / 500, -0.6 + 1.2 * 45 / 60
    for r, a in ((radius, 0.0), (radius, -0.4), (35.0, angle)):
        x, y = 150 - 0.5 + r * math.sin(a) / 0.25, 20 + (r * math.cos(a) - 10) / 0.25
        assert picture[round(y) - 1 : round(y) + 2, round(x) - 1 : round(x) + 2].max() > 120
    assert picture[:15].max() == 0
    with pytest.raises(GeometryError):
        CurvedScan((60.0, 10.0), (-0.6, 0.6), (300, 260), (150.0, 20.0), (0.25, 0.25))


@pytest.fixture
def plus(data: Path) -> Path:
    return data / "plus"


WATER_TANK = (225.0, 40.0, 350.0, 510.0)


@pytest.mark.data
def test_plus_lag(plus: Path) -> None:
    pictures = read_tracked(plus / "WaterTankBottomTranslationVideoBuffer.igs.mha")
    poses = read_poses(plus / "WaterTankBottomTranslationTrackerBuffer.igs.mha")
    found = Latency().calibrate([pictures, poses], {"clip_px": WATER_TANK})
    baseline = (plus / "TemporalCalibrationResultsBaseline.xml").read_text(encoding="utf-8")
    wanted = float(re.findall(r'TrackerLagSec="([^"]+)"', baseline)[0])
    assert found.figures["lag_s"] == pytest.approx(wanted, abs=0.005)


@pytest.mark.data
def test_plus_lines(plus: Path) -> None:
    """The baseline is one draw of a random consensus over a bottom that is not straight: see docs/calibration.md."""
    text = (plus / "LineSegmentationResultsBaseline.xml").read_text(encoding="utf-8")
    wanted = re.findall(r'LineOriginPointPx="(\S+) (\S+)" LineDirectionVectorPx="(\S+) (\S+)"', text)
    frames = read_tracked(plus / "WaterTankBottomTranslationVideoBuffer.igs.mha")
    assert len(wanted) == len(frames)
    away_px, turned_deg = [], []
    for frame, numbers in zip(frames, wanted, strict=True):
        x, y, dx, dy = (float(number) for number in numbers)
        assert frame.pixels is not None
        line = find_line(frame.pixels, RectRegion(*WATER_TANK))
        assert line is not None
        away_px.append(abs(line.y_px(x) - y) * line.direction[0])
        turned_deg.append(abs(math.degrees(math.atan2(line.direction[1], line.direction[0]) - math.atan2(dy, dx))))
    is_near = (np.array(away_px) <= 1.0) & (np.array(turned_deg) <= 0.3)
    assert is_near.mean() > 0.75
    assert np.median(away_px) < 0.3
    assert np.median(turned_deg) < 0.2


@pytest.mark.data
def test_plus_scan_conversion(plus: Path) -> None:
    """Against what PLUS itself made of the same beams; its file named GroundTruth shows another recording."""
    beams = SequenceClip(plus / "UltrasonixCurvilinearBrightnessData.igs.mha")
    pictures = SequenceClip(plus / "UltrasonixCurvilinearScanConvertedData.igs.mha")
    edge = math.radians(75)
    scan = CurvedScan((10.0, 82.0), (-edge, edge), (820, 616), (410.0, 87.0), (0.15, 0.15))
    try:
        for index in range(len(beams)):
            made = scan_convert(beams.pixels(index), scan).astype(int)
            assert np.abs(made - pictures.pixels(index)).mean() < 0.2
    finally:
        beams.close()
        pictures.close()
