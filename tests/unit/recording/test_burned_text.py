"""Words in a picture are found; what a scanner shows of a body is not taken for one."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from rtguide.app.plugins import open_source
from rtguide.clock import ManualClock
from rtguide.recording.burned_text import find_text


def speckle(count: int = 6, shape: tuple[int, int] = (480, 640)) -> list[np.ndarray]:
    rng = np.random.default_rng(1)
    return [cv2.GaussianBlur(rng.rayleigh(40.0, shape).clip(0, 255).astype(np.uint8), (5, 3), 0) for _ in range(count)]


@pytest.mark.parametrize("face", [cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_COMPLEX, cv2.FONT_HERSHEY_PLAIN])
@pytest.mark.parametrize("size", [0.7, 1.0, 2.5])
@pytest.mark.parametrize("is_dark", [False, True])
def test_a_name_is_found_where_it_stands(face: int, size: float, is_dark: bool) -> None:
    ground, ink = (230, 10) if is_dark else (8, 220)
    pictures = speckle()
    for picture in pictures:
        picture[:120] = ground
        cv2.putText(picture, "MUSTER ANNA", (30, 90), face, size, ink, 2 if size > 1 else 1, cv2.LINE_AA)
    found = find_text(pictures)
    assert found
    assert all(box.y < 120 and box.y + box.height < 125 for box in found)
    assert min(box.x for box in found) < 120


def test_moving_speckle_and_lone_marks_are_no_words() -> None:
    pictures = speckle()
    for picture in pictures:
        cv2.circle(picture, (30, 30), 8, 255, -1)
        cv2.line(picture, (0, 200), (639, 300), 255, 4)
        for y in range(20, 460, 40):
            cv2.line(picture, (620, y), (632, y), 255, 2)
    assert find_text(pictures) == ()
    assert find_text([]) == ()


@pytest.mark.parametrize("address", ["sim:femoral?seed=3", "sim:lumbar-facet?seed=1", "sim:tap?seed=2"])
def test_of_a_simulated_screen_the_words_are_found_and_the_picture_is_none(address: str) -> None:
    source = open_source(address, ManualClock(), is_paced=False)
    pictures = []
    for index in range(21):
        frame = source.read(10.0)
        assert frame is not None
        if index % 4 == 0:
            pictures.append(frame.pixels)
    assert source.geometry is not None
    x0, y0, x1, y1 = source.geometry.bounds_px()
    source.close()
    assert find_text(pictures)
    assert find_text([np.ascontiguousarray(picture[y0:y1, x0:x1]) for picture in pictures]) == ()


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "is_worded"),
    [
        ("scale/clarius-ocular-image.png", True),
        ("scale/interson-phantom.png", True),
        ("dicom/OBXXXX1A.dcm", True),
        ("dicom/US1_J2KR.dcm", True),
        ("dicom/gdcm-US-ALOKA-16.dcm", True),
        ("plus/SpinePhantomFreehand.igs.mha", False),
        ("plus/WaterTankBottomTranslationVideoBuffer.igs.mha", False),
    ],
)
def test_real_screens(data: Path, name: str, is_worded: bool) -> None:
    source = open_source(str(data / name), ManualClock(), is_paced=False)
    pictures = []
    for _ in range(source.info.frame_count or 1):
        frame = source.read(10.0)
        assert frame is not None
        pictures.append(frame.pixels if frame.pixels.ndim == 2 else cv2.cvtColor(frame.pixels, cv2.COLOR_RGB2GRAY))
    source.close()
    assert bool(find_text(pictures[:: max(1, len(pictures) // 6)])) is is_worded
