"""The scale is read within half a percent, or it is not given: drawn screens, the phantom's, and real ones."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import ImageFont

from calibration.depth_scale import DepthScale, disagreement
from calibration.glyph_training import cut_out
from calibration.glyphs import CLASSES, probabilities
from phantom_screens import LAYOUTS, SIZES_PX, on_screen
from rtguide.errors import CalibrationError
from rtguide.model.calibration import Calibration, RulerReading
from rtguide.model.geometry import ImageGeometry, Provenance, RectRegion
from rtguide.model.scale_check import contradiction, stretch
from rtguide.opencv import cv2
from rtguide.phantom import scenario_names
from ruler_screens import RulerScreen, draw_screen


def packed(picture: NDArray[np.uint8], quality: int | None) -> NDArray[np.uint8]:
    if quality is None:
        return picture
    way = cv2.IMREAD_GRAYSCALE if picture.ndim == 2 else cv2.IMREAD_COLOR
    return np.asarray(
        cv2.imdecode(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], way), np.uint8
    )


TOLD = {
    "centimetres, right": RulerScreen(),
    "millimetres, left": RulerScreen(side="left", label_unit="mm", px_per_mm=12.1),
    "across the picture": RulerScreen(side="bottom", px_per_mm=11.3, lengths_px=(5, 11)),
    "every millimetre": RulerScreen(tick_mm=1.0, rhythm=10, lengths_px=(4, 11), px_per_mm=12.4),
    "dots and a printed depth": RulerScreen(
        form="dot", is_inside=True, tick_mm=2.0, rhythm=5, lengths_px=(10, 22), label_unit=None, badge="4.0 cm"
    ),
    "printed depth in millimetres": RulerScreen(label_unit=None, badge="D: 40mm", font_px=19),
    "numbers and printed depth": RulerScreen(depth_text="Depth 4.0 cm"),
    "yellow on grey": RulerScreen(colour=(230, 210, 60), background=24, font_px=18),
    "a measurement beside the depth": RulerScreen(label_unit=None, depth_text="+ 3.3 cm", badge="4.0 cm"),
}


@pytest.mark.parametrize("quality", [None, 70])
@pytest.mark.parametrize("design", TOLD.values(), ids=list(TOLD))
def test_what_the_screen_tells_is_read(design: RulerScreen, quality: int | None) -> None:
    found = DepthScale().calibrate([packed(draw_screen(design), quality)])
    assert found.geometry.spacing_mm == pytest.approx([1 / design.px_per_mm] * 2, rel=0.005)
    assert found.geometry.provenance is Provenance.RULER_UNACCEPTED
    assert not found.geometry.is_verified
    assert found.ruler is not None
    assert found.ruler.relative_sigma < 0.005
    assert f"{design.tick_mm:g} mm" in found.note
    assert len(found.evidence_px) > found.ruler.pitch_px / 1000 + 5


UNTOLD = {
    "nothing printed": (RulerScreen(label_unit=None), "no number beside it"),
    "only a measurement": (RulerScreen(label_unit=None, depth_text="+ 3.3 cm"), "is not the depth"),
    "a length in a corner": (RulerScreen(label_unit=None, depth_text="2.0 cm"), "does not stand by the ruler"),
    "the depth of another picture": (RulerScreen(label_unit=None, badge="4.4 cm"), "is not the depth"),
    "a depth that no probe has": (RulerScreen(label_unit=None, badge="40 cm"), "is not the depth"),
    "numbers against the printed depth": (
        RulerScreen(tick_mm=2.0, rhythm=5, depth_text="2.0 cm", depth_mm=40.0),
        "contradict",
    ),
    "millimetres or centimetres": (
        RulerScreen(tick_mm=1.0, rhythm=5, label_unit="mm", depth_mm=22.0, px_per_mm=25.0),
        "may be centimetres or millimetres",
    ),
}


@pytest.mark.parametrize(("design", "why"), UNTOLD.values(), ids=list(UNTOLD))
def test_what_the_screen_does_not_tell_is_asked(design: RulerScreen, why: str) -> None:
    found = DepthScale().calibrate([draw_screen(design)])
    assert found.geometry.spacing_mm is None
    assert why in found.note
    assert "say how many millimetres" in found.note
    assert found.ruler is not None
    assert found.ruler.pitch_px == pytest.approx(design.tick_mm * design.px_per_mm, rel=0.005)
    assert found.ruler.tick_mm is None


def test_dots_down_the_middle_of_the_picture_are_no_ruler() -> None:
    picture = draw_screen(RulerScreen(label_unit=None, depth_text="4.0 cm"))
    picture[:, 750:] = 0
    for y in range(60, 608, 14):
        cv2.circle(picture, (500, y), 2, (240, 240, 240), -1)
    with pytest.raises(CalibrationError, match="no ruler"):
        DepthScale().calibrate([picture])


def test_moving_tissue_does_not_hide_the_ruler() -> None:
    design = RulerScreen(form="dot", is_inside=True, tick_mm=2.0, rhythm=5, lengths_px=(10, 22), badge="4.0 cm")
    frames = [draw_screen(replace(design, seed=seed)) for seed in range(4)]
    assert DepthScale().calibrate(frames).geometry.spacing_mm == pytest.approx([1 / 13.7] * 2, rel=0.005)


def test_a_given_scale_is_held_against_the_ruler() -> None:
    design = RulerScreen(label_unit=None)
    geometry = ImageGeometry(design.shape_px, RectRegion(260, 60, 480, 548), (1 / 13.7, 1 / 13.7), Provenance.DICOM)
    assert disagreement([draw_screen(design)], geometry) is None
    resized = replace(geometry, spacing_mm=(1.1 / 13.7, 1.1 / 13.7))
    assert "should be 5 mm" in str(disagreement([draw_screen(design)], resized))
    labelled = draw_screen(RulerScreen())
    assert "should be 5 mm" in str(disagreement([labelled], replace(geometry, spacing_mm=(2 / 13.7, 2 / 13.7))))
    assert disagreement([np.zeros((100, 100), np.uint8)], geometry) is None


def test_a_grab_in_a_wrong_shape_is_noticed_where_rulers_run_both_ways() -> None:
    def reading(spacing_mm: tuple[float, float]) -> Calibration:
        geometry = ImageGeometry((600, 800), RectRegion(10, 10, 700, 500), spacing_mm, Provenance.RULER_UNACCEPTED)
        return Calibration("depth_scale", geometry, (), 1.0, "", RulerReading(5.0 / spacing_mm[1], 0.01, 5.0))

    assert contradiction(reading((0.1, 0.1)), (0.1, 0.1)) is None
    assert "1.333 times as wide as high" in str(contradiction(reading((0.1333, 0.1)), (0.1, 0.1)))
    assert contradiction(reading((0.1333, 0.1)), (0.1333, 0.1)) is None
    assert stretch((0.1, 0.1005)) is None
    assert "grabbed in a wrong shape" in str(stretch((0.1333, 0.1)))


def test_signs_in_lettering_that_was_never_trained_on() -> None:
    """Pillow's own font and OpenCV's double and serif strokes: mostly read, and hardly ever surely wrong."""
    rng = np.random.default_rng(2)
    right, surely_wrong, count = 0, 0, 0
    for text in "0123456789cm":
        for trial in range(30):
            image = np.zeros((70, 120), np.uint8)
            if trial % 3 == 0:
                mask = ImageFont.load_default(float(rng.uniform(13, 34))).getmask(text)
                drawn = np.array(mask, np.uint8).reshape(mask.size[::-1])
                image[10 : 10 + drawn.shape[0], 20 : 20 + drawn.shape[1]] = drawn
            else:
                face = cv2.FONT_HERSHEY_DUPLEX if trial % 3 == 1 else cv2.FONT_HERSHEY_COMPLEX
                cv2.putText(image, text, (20, 50), face, float(rng.uniform(0.5, 1.2)), 255, 1, cv2.LINE_AA)
            glyph = cut_out(packed(image, int(rng.integers(50, 95))), 0.4)
            assert glyph is not None
            odds = probabilities(glyph[None])[0]
            right += CLASSES[int(odds.argmax())] == text
            surely_wrong += CLASSES[int(odds.argmax())] not in (text, "?") and odds.max() > 0.9
            count += 1
    assert right / count > 0.93
    assert surely_wrong / count < 0.01


def check_phantom(name: str, layout: str, size_px: tuple[int, int], quality: int | None) -> bool:
    """Whether a scale was given; it must be right."""
    phantom = on_screen(name, layout, size_px)
    try:
        found = DepthScale().calibrate([packed(phantom.frame(0)[0], quality)])
    except CalibrationError:
        return False
    if found.geometry.spacing_mm is None:
        return False
    assert found.geometry.spacing_mm == pytest.approx(phantom.geometry.spacing_mm, rel=0.005)
    return True


@pytest.mark.parametrize("size_px", SIZES_PX)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_phantom_s_screens(layout: str, size_px: tuple[int, int]) -> None:
    assert check_phantom("femoral", layout, size_px, 60) == (layout != "bare")


@pytest.mark.slow
@pytest.mark.parametrize("quality", [None, 80, 45])
@pytest.mark.parametrize("size_px", SIZES_PX)
@pytest.mark.parametrize("layout", ["clinic", "cart", "tablet"])
def test_every_scenario_on_every_screen(layout: str, size_px: tuple[int, int], quality: int | None) -> None:
    easy = [name for name in scenario_names() if not name.endswith("-hard")]
    given = [name for name in easy if check_phantom(name, layout, size_px, quality)]
    if layout != "tablet":
        assert given == easy
    assert len(given) > 0.5 * len(easy)


REAL = {
    "scale/butterfly-ocular-phantom.mp4": 173.4,
    "scale/butterfly_axial-lateral-resolution-2020.png": 210.8,
    "scale/clarius-ocular-image.png": 196.9,
    "scale/clarius-ocular-short.mp4": 196.9,
    "scale/interson-phantom.png": 168.0,
    "scale/sonosite-anon-eye1.jpg": 131.8,
    "scale/sonosite-anon-eye1-video.mp4": 131.8,
    "scale/sonoque_anechoic-3mm-3mm.dcm": 343.5,
    "needle_tissue/ph_1_3_1.mp4": 282.6,
}
"""Pixels per centimetre, from the first and last tick of the printed ruler (docs/calibration.md)."""

UNPRINTED = {"dicom/OBXXXX1A.dcm": 38.10, "dicom/color3d_jpeg_baseline.dcm": 19.59, "dicom/gdcm-US-ALOKA-16.dcm": 26.13}
"""Pixels a tick; what a tick is, these screens do not print."""


@pytest.mark.data
@pytest.mark.parametrize("name", sorted({**REAL, **UNPRINTED}))
def test_real_screens(name: str, data: Path) -> None:
    from rtguide.app.plugins import open_source  # noqa: PLC0415
    from rtguide.clock import SystemClock  # noqa: PLC0415

    source = open_source(str(data / name), SystemClock(), is_paced=False)
    try:
        frame = source.read(10.0)
        assert frame is not None
        found = DepthScale().calibrate([frame.pixels])
        if name in REAL:
            assert found.geometry.spacing_mm == pytest.approx([10 / REAL[name]] * 2, rel=0.01)
        else:
            assert found.geometry.spacing_mm is None
            assert found.ruler is not None
            assert found.ruler.pitch_px == pytest.approx(UNPRINTED[name], rel=0.005)
        if source.geometry is not None:
            assert disagreement([frame.pixels], source.geometry) is None
    finally:
        source.close()


def random_design(rng: np.random.Generator, seed: int) -> RulerScreen:
    """Any ruler with any print, also misleading: measurements, depths of other pictures, nothing."""
    tick, rhythm = ((5, 2), (5, 1), (10, 1), (2, 5), (1, 10), (1, 5), (2.5, 4), (10, 5))[int(rng.integers(8))]
    depth = float(rng.choice([20, 25, 30, 35, 40, 45, 50, 60, 70, 80, 100, 120, 160]))
    unit = (None, "cm", "mm")[int(rng.integers(3))]
    if unit == "cm" and tick * rhythm % 10:
        unit = "mm"
    true = (None, f"{depth / 10:g} cm", f"{depth / 10:.1f} cm", f"{depth:.0f}mm")[int(rng.integers(4))]
    other = (None, true, "+ 3.3 cm", "Dist 1.25 cm", f"{rng.integers(2, 12)} cm")[int(rng.integers(5))]
    return RulerScreen(
        px_per_mm=max(5.5 / tick, min(float(rng.uniform(6, 16)), 640 / depth)),
        depth_mm=depth,
        side=str(rng.choice(["right", "left", "right", "left", "bottom", "top"])),
        is_inside=bool(rng.random() < 0.2),
        form=str(rng.choice(["dash", "dot"])),
        tick_mm=tick,
        rhythm=rhythm,
        lengths_px=((7, 15), (5, 9), (10, 22), (4, 11))[int(rng.integers(4))],
        label_unit=unit,
        depth_text=other,
        badge=true if rng.random() < 0.6 else None,
        colour=(int(rng.integers(110, 256)), int(rng.integers(110, 256)), int(rng.integers(110, 256))),
        background=int(rng.choice([0, 0, 10, 24])),
        font_px=int(rng.integers(10, 26)),
        shape_px=(1000, 1100),
        seed=seed,
    )


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_of_two_hundred_random_screens_none_is_read_wrong() -> None:
    rng = np.random.default_rng(20)
    given = 0
    for seed in range(200):
        design = random_design(rng, seed)
        picture = packed(draw_screen(design), (None, 85, 50)[int(rng.integers(3))])
        try:
            spacing = DepthScale().calibrate([picture]).geometry.spacing_mm
        except CalibrationError:
            continue
        if spacing is not None:
            given += 1
            assert spacing[1] * design.px_per_mm == pytest.approx(1.0, rel=0.02), design
    assert given > 60
