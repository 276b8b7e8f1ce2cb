"""How bright the shaft is drawn over its steepness, to be held against what was measured on scanners.

References
----------
Nichols et al., Changes in ultrasonographic echogenicity and visibility of needles with changes in angles of insonation,
J Vasc Interv Radiol 14 (2003) 1553: photodensity of a plain needle 60 to 76 units square to the beam, 5 at 15° to it.
Schafhalter-Zoppoth et al., Ultrasound visibility of needles used for regional nerve block: an in vitro study, Reg
Anesth Pain Med 29 (2004): visibility falls linearly with the angle, from 0° to 65°.
"""

import math

import numpy as np

from rtguide.opencv import cv2
from rtguide.phantom.phantom import Phantom
from rtguide.phantom.scenario import Display, Layer, Motion, NeedlePlan, ProbeSettings, Scenario, ScreenSettings

__all__ = ["PUBLISHED_SHARE", "shaft_grey_share"]

PUBLISHED_SHARE = ((0.0, 1.0), (75.0, 5.0 / 68.0))
"""(angle to the face in degrees, brightness as a share of that at 0°): the ends of Nichols' range for a plain needle;
between them visibility falls linearly (Schafhalter-Zoppoth)."""

_DEPTH_MM, _HALF_MM = 14.0, 15.0
_BRIGHTNESS_DB = 12.0
"""Of a plain needle, as in the easy scenarios."""
_ACROSS_PX = np.linspace(-12.0, 12.0, 49)


def shaft_grey_share(angles_deg: tuple[float, ...], seed: int) -> tuple[float, ...]:
    """Grey of the shaft's brightest line above the tissue around it, for each angle, as a share of that at 0°."""
    level = _shaft_grey(0.0, seed)
    return tuple(_shaft_grey(angle, seed) / level for angle in angles_deg)


def _shaft_grey(angle_deg: float, seed: int) -> float:
    """Mean grey of the brightest line along the shaft over the mean on both sides of it."""
    phantom = Phantom(_scenario(angle_deg), seed, rate_hz=1.0)
    pixels, truth = phantom.frame(0)
    assert truth.needle is not None
    face, scale = phantom.geometry.region.face_px(), truth.mm_per_px[0]
    along = np.array([math.cos(math.radians(angle_deg)), math.sin(math.radians(angle_deg))])
    middle = np.array([face[0], face[1] + _DEPTH_MM / scale])
    reach = min(8.0, 10.0 / max(math.sin(math.radians(angle_deg)), 1e-6)) / scale
    places = middle + np.linspace(-reach, reach, 240)[None, :, None] * along
    places = places + _ACROSS_PX[:, None, None] * np.array([-along[1], along[0]])
    x, y = places[..., 0].astype(np.float32), places[..., 1].astype(np.float32)
    lines = cv2.remap(pixels, x, y, cv2.INTER_LINEAR).mean(axis=1)
    aside = (2.5 / scale) * np.array([along[1], -along[0]])
    beside = cv2.remap(pixels, x + np.float32(aside[0]), y + np.float32(aside[1]), cv2.INTER_LINEAR)
    return max(float(lines.max()) - float(beside.mean()), 0.0)


def _scenario(angle_deg: float) -> Scenario:
    """A needle through the middle of even material, at an angle."""
    slope = math.radians(angle_deg)
    start = min(_HALF_MM, (_DEPTH_MM - 1.0) / max(math.sin(slope), 1e-6))
    skin = (-start * math.cos(slope) - 1e-3, _DEPTH_MM - start * math.sin(slope))
    plan = NeedlePlan(
        skin_mm=skin, angle_deg=angle_deg, start_mm=start + 13.0, steps=(), tremor_mm=0.0, brightness_db=_BRIGHTNESS_DB
    )
    return Scenario(
        name="steepness",
        title="Steepness",
        summary="A needle in even material",
        probe=ProbeSettings(width_mm=36, depth_mm=32),
        display=Display(persistence=0.0, smoothing_px=0.0),
        screen=ScreenSettings(layout="bare", px_per_mm=20),
        layers=(Layer(kind="reference"),),
        motion=Motion(breathing_mm=0.0),
        needle=plan,
    )
