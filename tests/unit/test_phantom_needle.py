"""The needle as scanners show it: thickness, unevenness fixed to the steel, ghosts below; and held in the patient."""

import numpy as np
import pytest
from numpy.typing import NDArray

from rtguide.errors import ConfigError
from rtguide.phantom import Phantom, Truth, parse_scenario

Grey = NDArray[np.uint8]
Floats = NDArray[np.float64]

TEXT = """
name = "x"
title = "X"
summary = "x"
[display]
persistence = 0
[screen]
layout = "bare"
width_px = 720
height_px = 640
px_per_mm = 15
[motion]
breathing_mm = {breathing}
pulse_share = 0
[[layers]]
kind = "muscle"
[needle]
gauge = {gauge}
skin_mm = [-22, 0]
angle_deg = {angle}
start_mm = 20
tremor_mm = 0
brightness_db = {bright}
bend_mm = {bend}
repeat = false
steps = [{{ seconds = 0.5 }}, {{ seconds = 2, inserted_mm = {deep} }}]
"""
SETTINGS = {"breathing": 0.0, "gauge": 22, "angle": 30.0, "bright": 14.0, "bend": 0.0, "deep": 20.0}


def _phantom(extra: str = "", seed: int = 2, **settings: float) -> Phantom:
    return Phantom(parse_scenario(TEXT.format(**{**SETTINGS, **settings}) + extra, "x.toml"), seed, rate_hz=10.0)


def _tip(truth: Truth) -> Floats:
    assert truth.needle is not None
    return np.array(truth.needle.tip_mm)


def _shaft(phantom: Phantom, index: int, offsets_mm: Floats, back_mm: tuple[float, float]) -> Floats:
    """Grey at offsets (rows; positive below) from the true shaft, along it from the tip backward (columns)."""
    pixels, truth = phantom.frame(index)
    assert truth.needle is not None
    tip, entry = np.array(truth.needle.tip_px), np.array(truth.needle.curve_px[0])
    along = (entry - tip) / np.linalg.norm(entry - tip)
    normal = np.array([along[1], -along[0]])
    normal = normal if normal[1] > 0 else -normal
    back = np.arange(back_mm[0], back_mm[1], 0.05) * 15
    places = tip + back[None, :, None] * along + 15 * offsets_mm[:, None, None] * normal
    return pixels[np.rint(places[..., 1]).astype(int), np.rint(places[..., 0]).astype(int)].astype(np.float64)


def test_its_line_is_about_as_thick_as_in_the_real_clip_and_one_wall_dominates() -> None:
    offsets = np.arange(-1.2, 1.2, 0.04)
    profile = np.mean([_shaft(_phantom(seed=s), 0, offsets, (2, 15)).mean(axis=1) for s in (1, 2, 3)], axis=0)
    above = profile - np.percentile(profile, 15)
    peak = int(above.argmax())
    lit = np.flatnonzero(above > above.max() / 2)
    lit = lit[np.abs(offsets[lit] - offsets[peak]) < 0.5]
    assert 0.25 < np.ptp(offsets[lit]) < 0.75, "0.4 mm in the clip"
    assert -0.5 < offsets[peak] < -0.15, "the upper wall of a 0.72 mm needle"
    lower = above[np.abs(offsets - 0.36) < 0.1].max()
    assert lower < 0.6 * above.max()


def test_its_unevenness_goes_with_the_steel() -> None:
    phantom = _phantom(deep=26.0)
    offsets = np.arange(-0.6, 0.0, 0.06)
    before, after = (_shaft(phantom, i, offsets, (2, 16)).max(axis=0) for i in (0, 25))
    moved = _tip(phantom.frame(25)[1]) - _tip(phantom.frame(0)[1])
    assert np.linalg.norm(moved) > 4.0
    flat = [p - np.convolve(np.pad(p, 30, mode="edge"), np.ones(61) / 61, "valid") for p in (before, after)]
    same = float(np.corrcoef(flat[0], flat[1])[0, 1])
    elsewhere = float(np.corrcoef(flat[0][80:], flat[1][:-80])[0, 1])
    assert same > 0.3
    assert same > elsewhere + 0.2


def test_ghosts_lie_below_it_and_not_above() -> None:
    found = []
    for bright in (20.0, -60.0):
        shaft = _shaft(_phantom(bright=bright, angle=8.0), 0, np.arange(-3, 3, 0.05), (4, 14)).mean(axis=1)
        found.append(shaft)
    extra = found[0] - found[1]
    offsets = np.arange(-3, 3, 0.05)
    below = extra[(offsets > 0.9) & (offsets < 2.4)]
    above = extra[(offsets < -0.9) & (offsets > -2.4)]
    assert below.max() > 25
    assert np.abs(above).max() < 12


@pytest.mark.parametrize("bend_mm", [3.0, -3.0])
def test_it_bends_by_up_to_three_millimetres_over_fifty(bend_mm: float) -> None:
    straight, bent = (_phantom(bend=b, deep=50.0, angle=20.0).truth(30) for b in (0.0, bend_mm))
    away = _tip(bent) - _tip(straight)
    assert np.linalg.norm(away) == pytest.approx(3.0, abs=0.1)
    assert np.sign(away[2]) == -np.sign(bend_mm), "positive is upward"


def test_it_breathes_with_the_tissue_and_pivots_about_the_skin() -> None:
    phantom = _phantom(breathing=3.0)
    truths = [phantom.truth(index) for index in range(0, 43, 3)]
    tips = np.array([_tip(t) for t in truths])
    entries = np.array([t.needle.curve_px[0] for t in truths if t.needle is not None])
    assert np.ptp(tips[:, 2]) > 0.4
    assert np.ptp(entries[:, 1]) / 15 < 0.4 * np.ptp(tips[:, 2])


@pytest.mark.parametrize(
    ("move", "axis", "sign"),
    [("slide_mm = 3", 1, -1.0), ("shift_mm = 3", 0, -1.0), ("tilt_deg = 10", 1, -1.0), ("rock_deg = 8", 0, 0.0)],
)
def test_it_stays_in_the_patient_when_the_probe_moves(move: str, axis: int, sign: float) -> None:
    moves = f"[[probe_moves]]\nseconds = 0.5\n[[probe_moves]]\nseconds = 0.5\n{move}\n"
    phantom = _phantom(moves)
    away = _tip(phantom.truth(14)) - _tip(phantom.truth(0))
    assert abs(away[axis]) > 0.8
    if sign:
        assert np.sign(away[axis]) == sign


def test_tissue_at_the_tip_follows_an_advancing_needle() -> None:
    nerve = '[[structures]]\nname = "n"\nkind = "gland"\ncentre_mm = [-2, 12]\nradii_mm = [1.5, 1.5]\nrole = "both"\n'
    phantom = _phantom(nerve, deep=24.0)
    centres = [np.mean(phantom.truth(i).structures[0].outline_px, axis=0) / 15 for i in (0, 15, 40)]
    along = np.array([np.cos(np.radians(30.0)), np.sin(np.radians(30.0))])
    assert 0.1 < float((centres[1] - centres[0]) @ along) < 0.7
    assert float(np.linalg.norm(centres[2] - centres[0])) < 0.05, "and comes back when it stops"


def test_a_longer_insertion_than_the_needle_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"line \d+.*only length_mm = 80 long"):
        _phantom(deep=90.0)
