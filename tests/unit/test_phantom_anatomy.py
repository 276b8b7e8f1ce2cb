"""Tissue answers as in life: anisotropy, enhancement, sliding lung, A-lines, structures that leave the slice."""

import numpy as np
from numpy.typing import NDArray

from rtguide.opencv import cv2
from rtguide.phantom import Phantom, parse_scenario

Grey = NDArray[np.uint8]

BASE = """
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
kind = "skin"
bottom_mm = 1.5
[[layers]]
kind = "connective"
"""
STRUCTURE = """
[[structures]]
name = "it"
kind = "{kind}"
centre_mm = [0, {depth}]
radii_mm = [{across}, {down}]
lumpiness = 0
"""
PLEURA = """
[[surfaces]]
name = "pleura"
kind = "pleura"
points_mm = [[-30, 12], [0, 12], [30, 12]]
level_db = 8
"""


def _phantom(text: str, breathing: float = 0.0, rate_hz: float = 10.0, seed: int = 3) -> Phantom:
    return Phantom(parse_scenario(BASE.format(breathing=breathing) + text, "x.toml"), seed, rate_hz)


def _picture(phantom: Phantom, index: int) -> Grey:
    pixels = phantom.frame(index)[0]
    x0, y0, x1, y1 = phantom.geometry.bounds_px()
    return pixels[y0:y1, x0:x1]


def _box(picture: Grey, across_mm: tuple[float, float], depth_mm: tuple[float, float]) -> Grey:
    """Part of a picture 44 mm wide; across from its middle."""
    columns = [round((22.0 + x) * 15) for x in across_mm]
    rows = [round(z * 15) for z in depth_mm]
    return picture[rows[0] : rows[1], columns[0] : columns[1]]


def _faded(kind: str, tilt_deg: float) -> float:
    """Grey inside a structure in a tilted slice, as a share of that in a square one."""
    moves = f"[[probe_moves]]\nseconds = 0.5\n[[probe_moves]]\nseconds = 0.5\ntilt_deg = {tilt_deg}\n"
    structure = STRUCTURE.format(kind=kind, depth=14, across=5, down=3)
    phantom = _phantom(structure + moves)
    square, tilted = (_box(_picture(phantom, i), (-3, 3), (12.5, 15.5)).mean() for i in (0, 12))
    return float(tilted / square)


def test_tendons_fade_with_little_tilt_and_nerves_with_more() -> None:
    assert _faded("tendon", 10.0) < 0.75
    assert 0.75 < _faded("honeycomb-nerve", 10.0) < 1.1
    assert _faded("honeycomb-nerve", 25.0) < 0.75
    assert _faded("gland", 25.0) > 0.85


def test_tissue_behind_a_vessel_is_brighter_and_at_its_sides_darker() -> None:
    shares = []
    for seed in (1, 2, 3):
        with_vessel = _phantom(STRUCTURE.format(kind="artery", depth=12, across=5, down=5), seed=seed)
        without = _phantom("", seed=seed)
        behind, beside = (
            [float(_box(_picture(p, 0), span, (19, 26)).mean()) for p in (with_vessel, without)]
            for span in ((-2.5, 2.5), (4.6, 5.4))
        )
        shares.append((behind[0] / behind[1], beside[0] / beside[1]))
    behind_share, beside_share = np.mean(shares, axis=0)
    assert behind_share > 1.12
    assert beside_share < 0.97


def test_bone_is_black_behind_and_pleura_is_not() -> None:
    bone = PLEURA.replace("pleura", "bone")
    behind_bone, behind_pleura = (_box(_picture(_phantom(text), 0), (-6, 6), (16, 22)) for text in (bone, PLEURA))
    assert behind_bone.mean() < 8
    assert behind_pleura.mean() > behind_bone.mean() + 8


def test_lines_repeat_the_pleura_at_twice_its_depth() -> None:
    rows = _box(_picture(_phantom(PLEURA), 0), (-15, 15), (22, 26)).mean(axis=1)
    assert abs(22 + rows.argmax() / 15 - 24.0) < 0.6
    assert rows.max() > 1.3 * np.median(rows)


def test_lung_slides_and_the_wall_above_stays() -> None:
    phantom = _phantom(PLEURA, breathing=1.0)
    frames = [_picture(phantom, index) for index in range(0, 44, 2)]

    def travel(depth_mm: tuple[float, float]) -> float:
        places = []
        first = _box(frames[0], (-9, 9), depth_mm)
        for frame in frames:
            wide = _box(frame, (-16, 16), (depth_mm[0] - 1.6, depth_mm[1] + 1.6))
            found = cv2.matchTemplate(wide, first, cv2.TM_CCOEFF_NORMED)
            places.append(np.unravel_index(found.argmax(), found.shape)[1] / 15)
        return float(np.ptp(places))

    assert travel((12.4, 14.4)) > 2.5
    assert travel((5.0, 7.0)) < 1.0


def test_a_structure_that_leaves_the_slice_fades() -> None:
    gone = "course_mm = [0, 0.9]\n[[probe_moves]]\nseconds = 0.5\n[[probe_moves]]\nseconds = 0.5\nslide_mm = 6\n"
    phantom = _phantom(STRUCTURE.format(kind="artery", depth=10, across=3, down=3) + gone)
    inside, left = (_box(_picture(phantom, i), (-1.5, 1.5), (8.5, 11.5)).mean() for i in (0, 14))
    assert left > 2 * inside, "the vessel runs deeper and another tissue lies there now"
