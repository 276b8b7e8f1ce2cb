"""The overlay and its alarms as people see them whose sight lacks one kind of cone.

The loss is simulated after Machado, Oliveira and Fernandes (IEEE Trans. Vis. Comput. Graph. 2009; 15: 1291-1298), the
matrices of complete loss, in linear light.
"""

import itertools
from dataclasses import asdict, replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from rtguide.model.frame import Frame
from rtguide.model.geometry import ImageGeometry, Provenance, RectRegion
from rtguide.model.needle import NeedleTrack, TipState
from rtguide.model.points import Point
from rtguide.model.scene import Scene
from rtguide.model.structure import Role, StructureTrack, Tissue
from rtguide.overlays import Freshness, OverlayOptions, compose
from rtguide.overlays.ink import Ink
from rtguide.overlays.shapes import HudText, Label, Tone
from rtguide.overlays.structures import structure_shapes
from rtguide.view.alarm_board import FLASH_HZ
from rtguide.view.offscreen import ScenePainter
from rtguide.view.theme import BACKGROUND, tone_colour
from synthetic_scenes import SHAPE, Wish, scene, structure

SIGHTS = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
ALARMS = (Tone.ALARM_HIGH, Tone.ALARM_MEDIUM, Tone.ALARM_LOW)


def linear(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    """sRGB 0 to 255 as linear light 0 to 1."""
    share = np.asarray(rgb, dtype=np.float64) / 255.0
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def seen(rgb: NDArray[np.float64], sight: str) -> NDArray[np.float64]:
    """Linear light as this sight has it."""
    return np.clip(linear(rgb) @ SIGHTS[sight].T, 0.0, 1.0)


def luminance(light: NDArray[np.float64]) -> NDArray[np.float64]:
    return light @ np.array([0.2126, 0.7152, 0.0722])


def contrast(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Contrast ratio of WCAG 2, from 1 to 21; 3 is what large letters and graphics need."""
    low, high = sorted((float(luminance(one)), float(luminance(other))))
    return (high + 0.05) / (low + 0.05)


def rgb(colour: QColor | str) -> NDArray[np.float64]:
    colour = QColor(colour)
    return np.array([colour.red(), colour.green(), colour.blue()], dtype=np.float64)


def lab(light: NDArray[np.float64]) -> NDArray[np.float64]:
    """CIELAB of linear sRGB light, white D65."""
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    share = (light @ to_xyz.T) / np.array([0.9505, 1.0, 1.089])
    f = np.where(share > (6 / 29) ** 3, np.cbrt(share), share / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def test_the_simulation_does_what_it_is_known_for() -> None:
    """Grey stays grey; red and green come close where one of their cones is missing, and do not in tritanopia."""
    for sight in SIGHTS:
        np.testing.assert_allclose(seen(np.array([128.0, 128, 128]), sight), linear(np.array([128.0] * 3)), atol=2e-3)
    red, green = np.array([200.0, 60, 40]), np.array([90.0, 130, 40])

    def apart(sight: str) -> float:
        a, b = lab(seen(red, sight)), lab(seen(green, sight))
        return float(np.hypot(*(a - b)[1:]))

    assert apart("deuteranopia") < 0.4 * apart("normal")
    assert apart("protanopia") < 0.4 * apart("normal")
    assert apart("tritanopia") > 0.6 * apart("normal")


@pytest.mark.parametrize("sight", SIGHTS)
def test_alarms_can_be_read_and_told_apart(sight: str) -> None:
    ground = seen(rgb(BACKGROUND), sight)
    ink = {Tone.ALARM_HIGH: "#ffffff", Tone.ALARM_MEDIUM: "#000000", Tone.ALARM_LOW: "#000000"}
    for tone in ALARMS:
        plate = seen(rgb(tone_colour(tone)), sight)
        assert contrast(plate, ground) >= 3.0, f"{tone} between two flashes"
        assert contrast(plate, seen(rgb(ink[tone]), sight)) >= 3.0, f"words on {tone}"
    for one, other in itertools.combinations(ALARMS, 2):
        difference = lab(seen(rgb(tone_colour(one)), sight)) - lab(seen(rgb(tone_colour(other)), sight))
        assert float(np.linalg.norm(difference)) > 20.0, f"{one} and {other}"
    rates = sorted(FLASH_HZ.values())
    assert rates[1] > 2 * rates[0], "and by how fast they flash"


@pytest.mark.parametrize("sight", SIGHTS)
def test_every_tone_of_the_overlay_stands_out_from_its_dark_rim(sight: str) -> None:
    rim_over_white = 255.0 * (1 - 190 / 255)
    for tone in (Tone.NEEDLE, Tone.PATH, Tone.STRUCTURE, Tone.TEXT, Tone.MUTED):
        assert contrast(seen(rgb(tone_colour(tone)), sight), seen(np.full(3, rim_over_white), sight)) >= 3.0, tone


@pytest.mark.qt
@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("grey", [0, 90, 170, 255])
def test_outlines_and_needle_stand_out_on_every_tissue(sight: str, grey: int) -> None:
    """Along an outline and the shaft, the lightest and the darkest of a few pixels around each point."""
    full = scene()
    painted = ScenePainter().paint(replace(full, frame=Frame(0, 0, None, np.full(SHAPE, grey, np.uint8))))
    light = luminance(seen(painted.astype(np.float64), sight))
    needle = full.tracking.needle.curve_px
    middle = ((needle[0][0] + needle[1][0]) / 2, (needle[0][1] + needle[1][1]) / 2)
    for point in (*full.tracking.structures[0].outline_px[::3], *full.tracking.structures[1].outline_px[::3], middle):
        around = _around(light, point)
        ratio = (float(around.max()) + 0.05) / (float(around.min()) + 0.05)
        assert ratio >= 3.0, f"at {point} on grey {grey}"


def _around(light: NDArray[np.float64], point: Point) -> NDArray[np.float64]:
    x, y = round(point[0]), round(point[1])
    return light[y - 6 : y + 7, x - 6 : x + 7]


STATES = {
    "seen": Wish(),
    "predicted": Wish(tip=TipState.PREDICTED),
    "hidden": Wish(tip=TipState.HIDDEN),
    "coasting": Wish(tip=TipState.PREDICTED, track=NeedleTrack.COASTING),
    "no needle": Wish(tip=TipState.NONE, track=NeedleTrack.NONE),
}


def test_what_the_needle_is_can_be_told_without_any_colour_and_without_words() -> None:
    drawn = {}
    for name, wish in STATES.items():
        shapes = compose(scene(wish), Freshness.FRESH, OverlayOptions.for_frame(SHAPE))
        lines = [shape for shape in shapes if not isinstance(shape, (Label, HudText))]
        drawn[name] = "\n".join(sorted(f"{type(line).__name__} {_colourless(asdict(line))}" for line in lines))
    for one, other in itertools.combinations(STATES, 2):
        assert drawn[one] != drawn[other], f"{one} looks like {other}"


def _colourless(value: object) -> object:
    if isinstance(value, dict):
        return {key: _colourless(item) for key, item in value.items() if key != "tone"}
    return value


def test_what_a_structure_is_for_can_be_told_by_its_line_and_what_it_is_by_its_letter() -> None:
    ink = Ink(1.0, Freshness.FRESH)
    box = (100.0, 100.0, 60.0, 40.0)
    forms = {}
    for role, track in itertools.product(Role, (StructureTrack.TRACKED, StructureTrack.COASTING)):
        state = replace(structure("x", Tissue.OTHER, role, box), track=track)
        forms[role, track] = str([_colourless(asdict(shape)) for shape in structure_shapes(state, ink)])
    assert len(set(forms.values())) == len(forms)
    letters = {}
    for tissue, role in ((t, Role.AVOID) for t in Tissue if t is not Tissue.OTHER):
        found = _with(structure("x", tissue, role, box))
        letters[tissue] = next(
            shape.lines[0].text
            for shape in compose(found, Freshness.FRESH, OverlayOptions.for_frame(SHAPE))
            if isinstance(shape, Label) and shape.key == "structure x"
        )
    target = _with(structure("x", Tissue.OTHER, Role.TARGET, box))
    shapes = compose(target, Freshness.FRESH, OverlayOptions.for_frame(SHAPE))
    letters["target"] = next(s.lines[0].text for s in shapes if isinstance(s, Label) and s.key == "structure x")
    assert sorted(letters.values()) == ["A", "B", "N", "P", "T", "V"]


def _with(*states) -> Scene:
    full = scene(Wish(tip=TipState.NONE, track=NeedleTrack.NONE))
    return replace(full, tracking=replace(full.tracking, structures=states))


def test_a_ruler_has_a_tick_every_5_mm_from_the_face_and_only_with_a_scale_somebody_vouches_for() -> None:
    full = scene()
    ruler = [s for s in compose(full, Freshness.FRESH, OverlayOptions.for_frame(SHAPE)) if isinstance(s, Label)]
    numbers = {s.lines[0].text: s.at_px[1] for s in ruler if s.key.startswith("ruler")}
    top = full.geometry.region.face_px()[1]
    assert numbers == pytest.approx({f"{cm} cm": top + cm * 10 / 0.06 for cm in (1, 2, 3, 4)})
    for wish in (Wish(provenance=Provenance.GUESS), Wish(spacing_mm=None)):
        shapes = compose(scene(wish), Freshness.FRESH, OverlayOptions.for_frame(SHAPE))
        assert not [s for s in shapes if isinstance(s, Label) and s.key.startswith("ruler")]


def test_a_ruler_stands_beside_the_picture_where_there_is_room_and_never_over_needle_or_structure() -> None:
    full = scene()
    beside = replace(full, geometry=ImageGeometry(SHAPE, RectRegion(200, 20, 600, 680), (0.06, 0.06), Provenance.USER))
    shapes = compose(beside, Freshness.FRESH, OverlayOptions.for_frame(SHAPE))
    boxes = [s.box_px for s in shapes if isinstance(s, Label) and s.key.startswith("ruler")]
    assert boxes
    assert all(box[0] + box[2] < 200 for box in boxes)
    vein = structure("vein", Tissue.VEIN, Role.AVOID, (800, 150, 115, 120))
    covered = replace(full, tracking=replace(full.tracking, structures=(*full.tracking.structures, vein)))
    shapes = compose(covered, Freshness.FRESH, OverlayOptions.for_frame(SHAPE))
    numbers = [s.lines[0].text for s in shapes if isinstance(s, Label) and s.key.startswith("ruler")]
    assert "1 cm" not in numbers
    assert "3 cm" in numbers
