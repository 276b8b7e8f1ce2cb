"""Scenarios are data: read, checked, refused with the line and the mend."""

import numpy as np
import pytest

from rtguide.errors import ConfigError
from rtguide.model.needle import HiddenReason
from rtguide.model.structure import Role, StructureKind
from rtguide.phantom import Phantom, TipVisibility, load_scenario, parse_scenario, scenario_names

NAMES = [
    "adductor-canal",
    "axillary",
    "caudal-epidural",
    "erector-spinae",
    "femoral",
    "femoral-catheter",
    "infraclavicular",
    "interscalene",
    "lumbar-facet",
    "popliteal-sciatic",
    "rectus-sheath",
    "stellate-ganglion",
    "subacromial",
    "supraclavicular",
    "tap",
]

MINIMAL = """
name = "x"
title = "X"
summary = "x"

[[layers]]
kind = "muscle"
"""


def test_every_scenario_reads_and_is_named_as_its_file() -> None:
    assert set(scenario_names()) == {name + variant for name in NAMES for variant in ("", "-hard")}
    for name in scenario_names():
        scenario = load_scenario(name)
        assert scenario.name == name
        assert scenario.sources, f"{name} cites no source for its depths"


def test_unknown_scenario_names_those_there_are() -> None:
    with pytest.raises(ConfigError, match=r"'femorall' \(did you mean femoral\?\); there are: .*femoral"):
        load_scenario("femorall")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (MINIMAL + "brightnes_db = 3\n", r"x.toml, line 8: unknown key 'brightnes_db'"),
        (MINIMAL + "fascia_bd = 3\n", r"did you mean 'fascia_db'\?"),
        (MINIMAL + "[probe]\ndepth_mm = 900\n", r"line 9: probe.depth_mm: .*less than or equal to 200"),
        (MINIMAL.replace('title = "X"\n', ""), r"the key 'title' is missing"),
        (MINIMAL.replace("[[layers]]", "[layers"), r"not valid TOML.*line 6"),
        (
            MINIMAL + '[[structures]]\nname = "n"\nkind = "artery"\ncentre_mm = [0, 80]\nradii_mm = [3, 3]\n',
            r"x.toml, line 11: .*n lies at 80 mm, outside the picture's depth_mm = 40: move it up or make",
        ),
        (
            MINIMAL + '[[events]]\nkind = "colour-box"\nat_s = 1\nseconds = 1\naround = "aorta"\n',
            r"x.toml, line 12: events: there is no structure 'aorta' .*: name one of \[\]",
        ),
        (
            MINIMAL + '[[events]]\nkind = "inject"\nat_s = 1\nseconds = 1\n',
            r"x.toml, line 8: events: an injection needs a needle: add a table \[needle\]",
        ),
        (
            MINIMAL + '[[layers]]\nkind = "fat"\nbottom_mm = 3\n',
            r"x.toml, line 6: layers: bottom_mm must grow from layer to layer, not \[1000.0, 3.0\]",
        ),
        (
            MINIMAL + "[needle]\nskin_mm = [0, 0]\nangle_deg = 20\nstart_mm = 1\nlength_mm = 20\n"
            "[[needle.steps]]\nseconds = 1\ninserted_mm = 30\n",
            r"reaches 30, the needle is only length_mm = 20 long",
        ),
    ],
)
def test_what_is_wrong_is_refused_with_the_mend(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parse_scenario(text, "x.toml")


def test_what_is_wrong_with_the_hard_variant_is_looked_for_there() -> None:
    text = MINIMAL + "[probe]\ndepth_mm = 40\n[hard.probe]\ndepth_mm = 900\n"
    assert parse_scenario(text, "x.toml").probe.depth_mm == 40
    with pytest.raises(ConfigError, match=r"x.toml, line 11: probe.depth_mm"):
        parse_scenario(text, "x.toml", is_hard=True)


@pytest.mark.parametrize(
    ("text", "is_hard", "message"),
    [
        (
            "[screen]\nlayout = 'bare'\npx_per_mm = 40\n",
            False,
            r"x.toml, line 10: screen.px_per_mm: the picture is 1760×1600 px and does not fit on 1280×720 px below .*: "
            r"make screen.px_per_mm = 40 smaller$",
        ),
        (
            "[screen]\nwidth_px = 640\n",
            False,
            r"x.toml, line 8: screen.px_per_mm: .*704×640 px and does not fit on 640×720",
        ),
        (
            "[screen]\npx_per_mm = 12\n[hard.screen]\npx_per_mm = 30\n",
            True,
            r"x.toml, line 11: screen.px_per_mm: .*make screen.px_per_mm = 30 smaller$",
        ),
        (
            "[[events]]\nkind = 'depth'\nat_s = 2\ndepth_mm = 15\n",
            False,
            r"x.toml, line 11: events.0.depth_mm: at depth_mm = 15 the picture is 1877×640 px .*, "
            r"or this depth_mm larger$",
        ),
    ],
)
def test_picture_too_large_for_its_screen_is_refused_with_line_and_mend(text: str, is_hard: bool, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parse_scenario(MINIMAL + text, "x.toml", is_hard=is_hard)


def test_minimal_scenario_is_enough() -> None:
    assert parse_scenario(MINIMAL, "x.toml").needle is None


def _check(name: str) -> None:
    phantom = Phantom(load_scenario(name), seed=1, rate_hz=2.0)
    pixels, truth = phantom.frame(10)
    x0, y0, x1, y1 = phantom.geometry.bounds_px()
    grey = pixels if pixels.ndim == 2 else pixels[..., 0]
    inside = grey[y0:y1, x0:x1][phantom.geometry.mask()]
    assert inside.std() > 12, "the picture is empty"
    assert np.mean(inside == 255) < 0.02, "the picture is overexposed"
    assert truth.needle is not None
    assert truth.needle.is_in_view
    reached = [s for s in truth.structures if s.role is not Role.AVOID]
    assert reached, "a scenario needs something to reach"
    assert all(s.kind in (StructureKind.STRUCTURE, StructureKind.PLANE) for s in reached)
    outline = np.array(reached[0].outline_px)
    assert phantom.geometry.region.contains(outline).mean() > 0.5, "what is to be reached lies outside the picture"


@pytest.mark.parametrize("name", ["axillary", "caudal-epidural", "tap"])
def test_scenario_draws_a_picture_with_its_needle_and_target(name: str) -> None:
    _check(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", scenario_names())
def test_every_scenario_draws_a_picture_with_its_needle_and_target(name: str) -> None:
    _check(name)


def test_under_the_sacrum_the_tip_is_hidden_by_shadow() -> None:
    phantom = Phantom(load_scenario("caudal-epidural"), seed=1, rate_hz=1.0)
    needle = phantom.frame(13)[1].needle
    assert needle is not None
    assert needle.visibility is TipVisibility.HIDDEN
    assert needle.hidden_reason is HiddenReason.SHADOW
    assert needle.as_state().tip.px is None


def _fascia_slopes_deg() -> list[float]:
    found = []
    for name in scenario_names():
        scenario = load_scenario(name)
        found += [layer.slope_deg for layer in scenario.layers if layer.fascia_db is not None]
        for surface in scenario.surfaces:
            if surface.kind == "fascia":
                x, z = np.array(surface.points_mm).T
                found += np.degrees(np.arctan2(np.diff(z), np.diff(x))).tolist()
    return found


def test_fascias_run_as_steeply_as_needles_to_both_sides() -> None:
    slopes = np.array(_fascia_slopes_deg())
    assert slopes.max() > 38
    assert slopes.min() < -35
    assert np.count_nonzero(np.abs(slopes) > 20) > 10


def test_a_fascia_outshines_the_needle_in_a_hard_variant() -> None:
    phantom = Phantom(load_scenario("tap-hard"), seed=1, rate_hz=10.0)
    pixels, truth = phantom.frame(40)
    assert truth.needle is not None
    septum = next(s for s in phantom.scenario.surfaces if s.name == "oblique leaf")
    face = phantom.geometry.region.face_px()
    across = np.linspace(-20.0, 0.0, 60)
    depth = np.interp(across, *np.array(septum.points_mm).T)
    fascia = np.column_stack([face[0] + across / truth.mm_per_px[0], face[1] + depth / truth.mm_per_px[1]])
    shaft = np.array(truth.needle.curve_px)
    needle = shaft[1] + np.linspace(0, 1, 60)[:, None] * (shaft[-2] - shaft[1])
    brightest = [
        np.max(
            [pixels[np.rint(line[:, 1]).astype(int) + dy, np.rint(line[:, 0]).astype(int)] for dy in range(-9, 10)], 0
        )
        for line in (fascia, needle)
    ]
    assert truth.needle.visibility is TipVisibility.VISIBLE
    assert brightest[0].mean() > brightest[1].mean() + 10
