"""What happens in a scenario happens on the screen and in the truth."""

import numpy as np
import pytest

from rtguide.errors import ConfigError
from rtguide.phantom import Phantom, Scenario, load_scenario, parse_scenario

BASE = """
name = "x"
title = "X"
summary = "x"
[probe]
width_mm = 30
depth_mm = 30
[screen]
width_px = 640
height_px = 480
px_per_mm = 13
[[layers]]
kind = "skin"
bottom_mm = 1.5
[[layers]]
kind = "muscle"
[[structures]]
name = "vein"
kind = "vein"
centre_mm = [6, 14]
radii_mm = [3.5, 3]
role = "avoid"
[[structures]]
name = "nerve"
kind = "honeycomb-nerve"
centre_mm = [-4, 16]
radii_mm = [3, 2]
role = "both"
"""
NEEDLE = """
[needle]
skin_mm = [-20, 0]
angle_deg = 35
start_mm = 14
brightness_db = 12
repeat = false
steps = [{ seconds = 3, inserted_mm = 18 }]
"""


def _scenario(text: str) -> Scenario:
    return parse_scenario(BASE + text, "x.toml")


def _phantom(text: str, rate_hz: float = 10.0) -> Phantom:
    return Phantom(_scenario(text), seed=1, rate_hz=rate_hz)


def _picture(phantom: Phantom, index: int) -> np.ndarray:
    x0, y0, x1, y1 = phantom.geometry_at(index).bounds_px()
    return phantom.frame(index)[0][y0:y1, x0:x1].astype(float)


def test_freeze_holds_the_picture_while_frames_go_on() -> None:
    phantom = _phantom('[[events]]\nkind = "freeze"\nat_s = 1.0\nseconds = 1.0\n')
    assert np.array_equal(_picture(phantom, 11), _picture(phantom, 18))
    assert not np.array_equal(_picture(phantom, 18), _picture(phantom, 21))
    truth = phantom.frame(15)[1]
    assert (truth.time_s, truth.picture_s) == (1.5, 1.0)


def test_gain_brightens_the_picture() -> None:
    phantom = _phantom('[[events]]\nkind = "gain"\nat_s = 1.0\ngain_db = 8\n')
    assert _picture(phantom, 14).mean() > _picture(phantom, 5).mean() + 12


def test_depth_change_changes_the_scale_and_keeps_the_height() -> None:
    phantom = _phantom('[[events]]\nkind = "depth"\nat_s = 1.0\ndepth_mm = 45\ncentre_mhz = 6\n')
    before, after = phantom.geometry_at(5), phantom.geometry_at(15)
    assert before.spacing_mm is not None
    assert after.spacing_mm is not None
    assert after.spacing_mm[0] / before.spacing_mm[0] == pytest.approx(1.5)
    assert after.region.bounds().height == before.region.bounds().height
    truth = phantom.frame(15)[1]
    assert truth.mm_per_px == after.spacing_mm
    nerve = {s.name: np.array(s.outline_px).mean(axis=0) for s in truth.structures}["nerve"]
    depth_mm = (nerve[1] - after.region.face_px()[1]) * after.spacing_mm[1]
    assert depth_mm == pytest.approx(16, abs=1.5)


@pytest.mark.parametrize("layout", ["clinic", "cart", "tablet"])
def test_the_ruler_on_the_screen_keeps_to_the_depth(layout: str) -> None:
    text = BASE.replace("[screen]", f'[screen]\nlayout = "{layout}"').replace("px_per_mm = 13", "px_per_mm = 12")
    text += '[[events]]\nkind = "depth"\nat_s = 1.0\ndepth_mm = 40\n'
    phantom = Phantom(parse_scenario(text, "x.toml"), seed=1, rate_hz=10.0)
    for index in (5, 15):
        geometry = phantom.geometry_at(index)
        assert geometry.spacing_mm is not None
        x0, _, x1, y1 = geometry.bounds_px()
        at, step_mm = {"clinic": (x1 + 16, 5.0), "cart": (x0 - 16, 5.0), "tablet": (x1 + 24, 10.0)}[layout]
        bright = phantom.frame(index)[0][:y1, at] > 100
        rows = np.flatnonzero(bright[1:] & ~bright[:-1])
        assert np.median(np.diff(rows)) * geometry.spacing_mm[1] == pytest.approx(step_mm, rel=0.03)
        assert rows.size >= 3


def test_a_change_of_depth_that_does_not_fit_the_screen_is_refused_at_once() -> None:
    with pytest.raises(ConfigError, match=r"does not fit on 640×480 px"):
        _phantom('[[events]]\nkind = "depth"\nat_s = 9.0\ndepth_mm = 15\n')


def test_a_slower_scanner_repeats_and_loses_pictures() -> None:
    phantom = _phantom("[stream]\nscanner_hz = 24\ndropped = 0.1\n", rate_hz=60.0)
    numbers = [phantom.frame(index)[1].picture_s for index in range(120)]
    distinct = sorted(set(numbers))
    assert 36 <= len(distinct) <= 47, "2 s at 24 Hz with a tenth lost"
    assert np.array_equal(_picture(phantom, 2), _picture(phantom, 1))
    assert max(np.diff(distinct)) > 1.5 / 24


def test_injection_opens_a_dark_pool_and_pushes_the_nerve() -> None:
    phantom = _phantom(NEEDLE + '[[events]]\nkind = "inject"\nat_s = 2.9\nseconds = 1.5\nradius_mm = 3\n')
    truth = phantom.frame(46)[1]
    assert truth.spreads[0].area_mm2 == pytest.approx(np.pi * 9, rel=0.1)
    centre = np.array(truth.spreads[0].outline_px).mean(axis=0).round().astype(int)
    away = slice(centre[1] - 15, centre[1] - 7), slice(centre[0] + 8, centre[0] + 22)
    assert phantom.frame(46)[0][away].mean() < 0.4 * phantom.frame(20)[0][away].mean()
    nerve = [np.array(phantom.frame(i)[1].structures[1].outline_px).mean(axis=0) for i in (20, 46)]
    pushed = np.linalg.norm(nerve[1] - nerve[0]) * truth.mm_per_px[0]
    assert 0.15 < pushed < 3


@pytest.mark.parametrize("echo", ["bubbles", "steroid"])
def test_fluid_that_is_not_clear_echoes(echo: str) -> None:
    event = '[[events]]\nkind = "inject"\nat_s = 0.5\nseconds = 0.5\nradius_mm = 3.5\necho = "{}"\n'
    clear, other = (_phantom(NEEDLE + event.format(kind)) for kind in ("clear", echo))
    outline = np.array(clear.frame(15)[1].spreads[0].outline_px)
    (x0, y0), (x1, y1) = outline.min(axis=0).astype(int) + 8, outline.max(axis=0).astype(int) - 8
    dark, bright = (p.frame(15)[0][y0:y1, x0:x1].mean() for p in (clear, other))
    assert bright > 1.25 * dark


def test_the_screen_says_what_the_gain_is() -> None:
    base = load_scenario("adductor-canal-hard")
    probe = base.probe.model_copy(update={"steer_deg": 0.0})
    screen = base.screen.model_copy(update={"layout": "clinic", "px_per_mm": 14.0})
    phantom = Phantom(base.model_copy(update={"screen": screen, "probe": probe}), seed=1, rate_hz=10.0)
    x0 = phantom.geometry.bounds_px()[0]
    before, just_before, after = (phantom.frame(index)[0][:, : x0 - 20] for index in (20, 28, 35))
    assert np.array_equal(before, just_before)
    changed = np.argwhere(before != after)
    assert 5 < len(changed) < 400, "a few letters"
    assert np.ptp(changed[:, 0]) < 25, "in one line of text"


def test_pressure_empties_the_vein() -> None:
    phantom = _phantom("[[probe_moves]]\nseconds = 1\n[[probe_moves]]\nseconds = 0.5\npressure = 1\n")
    heights = [np.ptp(np.array(phantom.frame(i)[1].structures[0].outline_px)[:, 1]) for i in (5, 16)]
    assert heights[1] < 0.55 * heights[0]


def test_a_collapsing_vein_draws_what_is_below_up_and_what_is_above_down() -> None:
    phantom = _phantom("[[probe_moves]]\nseconds = 1\n[[probe_moves]]\nseconds = 0.5\npressure = 1\n")
    before, after = (np.array(phantom.frame(i)[1].structures[0].outline_px)[:, 1] for i in (5, 16))
    assert after.min() > before.min() + 2
    assert after.max() < before.max() - 2


def test_lost_contact_blacks_out_its_end() -> None:
    phantom = _phantom("[[probe_moves]]\nseconds = 0.5\nlift_mm = 10\n[[probe_moves]]\nseconds = 5\n")
    picture = _picture(phantom, 8)
    width = picture.shape[1]
    assert picture[20:, -width // 6 :].mean() < 0.3 * picture[20:, : width // 2].mean()


def test_sliding_off_the_needle_hides_it() -> None:
    phantom = _phantom(NEEDLE + "[[probe_moves]]\nseconds = 1\n[[probe_moves]]\nseconds = 0.5\nslide_mm = 4\n")
    needle = phantom.frame(18)[1].needle
    assert needle is not None
    assert needle.plane_offset_mm == pytest.approx(-4, abs=0.1)
    assert needle.visibility.value == "hidden"
    assert needle.hidden_reason is not None
    assert needle.hidden_reason.value == "out of plane"


def test_a_needle_across_the_slice_is_a_dot_where_it_crosses() -> None:
    across = NEEDLE.replace("skin_mm = [-20, 0]", "skin_mm = [-8, 0]").replace("angle_deg = 35", "angle_deg = 50")
    phantom = _phantom(across.replace("start_mm = 14", "yaw_deg = 88\noffset_mm = -5\nstart_mm = 14"))
    pixels, truth = phantom.frame(10)
    assert truth.needle is not None
    assert truth.needle.is_out_of_plane
    assert truth.needle.section_px is not None
    x, y = (round(value) for value in truth.needle.section_px)
    around = pixels[y - 60 : y + 60, x - 40 : x + 40].mean()
    assert pixels[y - 9 : y + 3, x - 4 : x + 5].max() > 2.0 * around


@pytest.mark.parametrize("kind", ["guide-line", "centre-line", "calipers"])
def test_marks_are_drawn_only_in_their_time(kind: str) -> None:
    event = f'[[events]]\nkind = "{kind}"\nat_s = 1.0\nseconds = 1.0\n'
    marked, plain = _phantom(event), _phantom("")
    assert np.array_equal(marked.frame(5)[0], plain.frame(5)[0])
    assert np.count_nonzero(marked.frame(15)[0] != plain.frame(15)[0]) > 60


def test_layouts_differ_and_leave_the_picture_alone() -> None:
    pictures = {}
    for layout in ("bare", "clinic", "cart", "tablet"):
        text = BASE.replace("[screen]", f'[screen]\nlayout = "{layout}"').replace("px_per_mm = 13", "px_per_mm = 12")
        pictures[layout] = _picture(Phantom(parse_scenario(text, "x.toml"), seed=1, rate_hz=10.0), 3)
    assert all(np.array_equal(pictures["bare"], picture) for picture in pictures.values())


def test_a_picture_that_does_not_fit_is_refused_with_the_mend() -> None:
    text = BASE.replace("px_per_mm = 13", "px_per_mm = 20")
    with pytest.raises(ConfigError, match=r"does not fit on 640×480 px.*make screen.px_per_mm = 20 smaller"):
        Phantom(parse_scenario(text, "x.toml"), seed=1, rate_hz=10.0)


def test_an_injection_needs_a_needle() -> None:
    with pytest.raises(ConfigError, match=r"an injection needs a needle: add a table \[needle\]"):
        _scenario('[[events]]\nkind = "inject"\nat_s = 1\nseconds = 1\n')


def test_a_colour_box_needs_its_structure() -> None:
    with pytest.raises(ConfigError, match="there is no structure 'aorta' to draw a colour box around"):
        _scenario('[[events]]\nkind = "colour-box"\nat_s = 1\nseconds = 1\naround = "aorta"\n')


def test_a_colour_box_makes_the_frames_rgb_and_colours_the_structure() -> None:
    phantom = _phantom('[[events]]\nkind = "colour-box"\nat_s = 1\nseconds = 1\naround = "vein"\n')
    before, during = phantom.frame(5)[0], phantom.frame(15)[0]
    assert before.shape == during.shape == (480, 640, 3)
    assert np.ptp(before.astype(int), axis=2).max() == 0
    x, y = np.array(phantom.frame(15)[1].structures[0].outline_px).mean(axis=0).round().astype(int)
    red, _, blue = during[y - 10 : y + 10, x - 10 : x + 10].reshape(-1, 3).mean(axis=0)
    assert blue > red + 40, "a vein's flow is blue"


def test_flow_is_swift_in_the_middle_of_an_artery_and_red() -> None:
    phantom = Phantom(load_scenario("supraclavicular"), seed=1, rate_hz=15.0)
    pixels, truth = phantom.frame(20)
    outline = np.array(next(s for s in truth.structures if s.tissue.value == "artery").outline_px)
    middle = outline.mean(axis=0)
    inner, outer = (np.rint(middle + share * (outline - middle)).astype(int) for share in (0.2, 0.85))
    red, green, blue = pixels[inner[:, 1], inner[:, 0]].mean(axis=0)
    assert red > green > blue + 30
    assert green > 1.5 * pixels[outer[:, 1], outer[:, 0], 1].mean()


def test_hard_variants_are_harder_to_look_at() -> None:
    easy, hard = load_scenario("femoral"), load_scenario("femoral-hard")
    assert easy.needle is not None
    assert hard.needle is not None
    assert hard.needle.angle_deg > easy.needle.angle_deg
    assert hard.structures == easy.structures


def test_a_dot_whose_tip_has_gone_on_looks_the_same_and_the_truth_says_so() -> None:
    phantom = Phantom(load_scenario("femoral-catheter"), seed=2, rate_hz=10)
    (tip_picture, tip_truth), (shaft_picture, shaft_truth) = phantom.frame(119), phantom.frame(148)
    levels = []
    for pixels, truth, is_tip in ((tip_picture, tip_truth, True), (shaft_picture, shaft_truth, False)):
        needle = truth.needle
        assert needle is not None
        assert needle.section_px is not None
        assert needle.is_section_tip is is_tip
        assert needle.section_db > 15
        assert abs(needle.plane_offset_mm) > 2 or is_tip
        x, y = (round(value) for value in needle.section_px)
        levels.append(pixels[y - 8 : y + 9, x - 4 : x + 5].max())
    assert abs(int(levels[0]) - int(levels[1])) < 40
    needle = phantom.frame(5)[1].needle
    assert needle is not None
    assert needle.section_px is None
    assert np.isnan(needle.section_db)


def test_a_comet_tail_lies_below_the_dot_only() -> None:
    scenario = load_scenario("femoral-catheter")
    assert scenario.needle is not None
    without = scenario.model_copy(update={"needle": scenario.needle.model_copy(update={"comet_tail": False})})
    with_tail, truth = Phantom(scenario, seed=2, rate_hz=10).frame(119)
    plain = Phantom(without, seed=2, rate_hz=10).frame(119)[0]
    assert truth.needle is not None
    assert truth.needle.section_px is not None
    x, y = (round(value) for value in truth.needle.section_px)
    more = with_tail.astype(float) - plain
    assert more[y + 16 : y + 70, x - 4 : x + 5].max() > 30
    assert abs(more[y - 60 : y - 20, x - 30 : x + 30]).max() < 12
