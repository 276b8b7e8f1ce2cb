"""The side of the probe's mark: seen on the phantom's screens and their mirror images, never wrong on real ones."""

from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from calibration.mark_side import MarkSideFinder
from calibration.mark_spot import find_mark_side
from phantom_screens import on_screen
from rtguide.app.plugins import open_source
from rtguide.clock import SystemClock
from rtguide.errors import CalibrationError
from rtguide.model.calibration import Flip
from rtguide.model.geometry import ImageGeometry, MarkSide, RectRegion
from rtguide.pipeline.offline import FrameSpan, frames_of

REAL = {
    "scale/clarius-ocular-image.png": MarkSide.LEFT,
    "scale/interson-phantom.png": MarkSide.LEFT,
    "scale/butterfly-ocular-phantom.mp4": MarkSide.LEFT,
    "scale/sonosite-anon-eye1.jpg": MarkSide.LEFT,
    "scale/butterfly_axial-lateral-resolution-2020.png": MarkSide.LEFT,
    "dicom/JPGLosslessP14SV1_1s_1f_8b.dcm": MarkSide.RIGHT,
    "dicom/color3d_jpeg_baseline.dcm": MarkSide.RIGHT,
    "dicom/OBXXXX1A.dcm": MarkSide.LEFT,
    "dicom/US1_J2KR.dcm": MarkSide.UNKNOWN,
    "needle_tissue/ph_1_3_1.mp4": MarkSide.UNKNOWN,
    "plus/SpinePhantomFreehand.igs.mha": MarkSide.UNKNOWN,
}
"""By eye."""

SEEN = ("clarius", "interson", "ocular-phantom", "JPGL", "color3d")
"""On these it is read; on the others with a mark nothing is said."""


@pytest.mark.parametrize("layout", ["clinic", "cart", "tablet"])
def test_the_mark_of_a_phantom_screen_and_of_its_mirror_image(layout: str) -> None:
    phantom = on_screen("adductor-canal", layout, (1280, 720))
    frame, geometry = phantom.frame(0)[0], phantom.geometry
    assert find_mark_side([frame], geometry) is MarkSide.LEFT
    box = geometry.region.bounds()
    flipped = RectRegion(geometry.shape_px[1] - box.x - box.width, box.y, box.width, box.height)
    mirrored = ImageGeometry(geometry.shape_px, flipped)
    assert find_mark_side([np.ascontiguousarray(frame[:, ::-1])], mirrored) is MarkSide.RIGHT


def test_a_picture_alone_has_no_mark_and_says_how_to_tell() -> None:
    phantom = on_screen("adductor-canal", "bare", (1280, 720))
    found = MarkSideFinder().calibrate([phantom.frame(0)[0]])
    assert found.geometry.mark_side is MarkSide.UNKNOWN
    assert "touch one edge of the probe" in found.note
    with pytest.raises(CalibrationError, match="one frame is needed"):
        find_mark_side([], phantom.geometry)


WAYS = {
    Flip.NO: np.s_[:, :],
    Flip.LEFT_RIGHT: np.s_[:, ::-1],
    Flip.UPSIDE_DOWN: np.s_[::-1, :],
    Flip.BOTH: np.s_[::-1, ::-1],
}
SAID = {Flip.LEFT_RIGHT: "reversed against the convention", Flip.UPSIDE_DOWN: "upside down", Flip.BOTH: "upside down"}


@pytest.mark.parametrize("way", WAYS, ids=list(WAYS))
@pytest.mark.parametrize(
    ("scenario", "layout"),
    [("adductor-canal", "clinic"), ("femoral", "cart"), ("interscalene", "tablet"), ("lumbar-facet", "cart")],
)
def test_a_screen_turned_upside_down_or_mirrored_is_said_to_be(scenario: str, layout: str, way: Flip) -> None:
    frame = on_screen(scenario, layout, (1280, 720)).frame(0)[0]
    found = MarkSideFinder().calibrate([np.ascontiguousarray(frame[WAYS[way]])])
    assert found.flipped is way
    right = way in (Flip.LEFT_RIGHT, Flip.BOTH)
    assert found.geometry.mark_side is (MarkSide.RIGHT if right else MarkSide.LEFT)
    assert SAID.get(way, "is left of the picture") in found.note
    assert ("upside down" in found.note) == (way in (Flip.UPSIDE_DOWN, Flip.BOTH))


def test_a_fan_shows_it_without_a_mark_and_a_rectangle_alone_does_not() -> None:
    fan = on_screen("lumbar-facet", "bare", (1280, 720)).frame(0)[0]
    found = MarkSideFinder().calibrate([np.ascontiguousarray(fan[::-1])])
    assert found.flipped is Flip.UPSIDE_DOWN
    assert "fan opens upward" in found.note
    assert found.geometry.mark_side is MarkSide.UNKNOWN
    assert MarkSideFinder().calibrate([fan]).flipped is Flip.UNKNOWN
    box = on_screen("femoral", "bare", (1280, 720)).frame(0)[0]
    assert MarkSideFinder().calibrate([np.ascontiguousarray(box[::-1])]).flipped is Flip.UNKNOWN


@pytest.mark.data
@pytest.mark.parametrize("name", sorted(REAL))
def test_real_screens(name: str, data: Path) -> None:
    with closing(open_source(str(data / name), SystemClock(), is_paced=False)) as source:
        frames = [frame.pixels for frame in frames_of(source, FrameSpan(0, 7))]
    found = MarkSideFinder().calibrate(frames)
    side = found.geometry.mark_side
    assert found.flipped not in (Flip.UPSIDE_DOWN, Flip.BOTH), "every one of these is the right way up"
    assert (found.flipped is Flip.LEFT_RIGHT) == (side is MarkSide.RIGHT)
    assert side in (REAL[name], MarkSide.UNKNOWN)
    if any(part in name for part in SEEN):
        assert side is REAL[name]
