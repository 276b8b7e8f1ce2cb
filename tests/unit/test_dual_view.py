"""Two pictures side by side are noticed and said; one picture never is taken for two."""

from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from calibration.dual_view import seam_px
from calibration.image_region import ImageRegion
from phantom_screens import on_screen
from rtguide.app.plugins import open_source
from rtguide.clock import SystemClock
from rtguide.model.geometry import ImageGeometry, RectRegion
from rtguide.pipeline.offline import FrameSpan, frames_of

DUAL = {"dicom/gdcm-US-ALOKA-16.dcm": 336, "dicom/US1_J2KR.dcm": 318}
SINGLE = (
    "scale/clarius-ocular-image.png",
    "dicom/color3d_jpeg_baseline.dcm",
    "needle_tissue/ph_1_3_1.mp4",
    "scale/sonosite-anon-eye1.jpg",
    "scale/interson-phantom.png",
    "plus/SpinePhantomFreehand.igs.mha",
)


def test_two_phantom_pictures_that_touch_and_one_alone() -> None:
    phantom = on_screen("adductor-canal", "clinic", (1280, 720))
    frame, geometry = phantom.frame(0)[0], phantom.geometry
    x0, y0, x1, y1 = geometry.bounds_px()
    assert seam_px(frame, geometry) is None
    half = (x1 - x0) // 2
    dual = frame.copy()
    dual[y0:y1, x0 : x0 + half] = frame[y0:y1, x0 : x0 + half]
    dual[y0:y1, x0 + half : x0 + 2 * half] = np.roll(frame[y0:y1, x0 : x0 + half], 40, axis=0)
    assert seam_px(dual, geometry) == x0 + half
    found = ImageRegion().calibrate([dual])
    assert f"meet at column {x0 + half}" in found.note
    assert found.confidence <= 0.5
    assert seam_px(frame, ImageGeometry(geometry.shape_px, RectRegion(0, 0, 40, 40))) is None


@pytest.mark.data
@pytest.mark.parametrize("name", [*DUAL, *SINGLE])
def test_real_screens(name: str, data: Path) -> None:
    with closing(open_source(str(data / name), SystemClock(), is_paced=False)) as source:
        frames = [frame.pixels for frame in frames_of(source, FrameSpan(0, 0))]
    note = ImageRegion().calibrate(frames).note
    if name in DUAL:
        assert f"two pictures side by side meet at column {DUAL[name]}" in note
    else:
        assert "side by side" not in note
