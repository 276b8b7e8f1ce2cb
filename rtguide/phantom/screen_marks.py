"""What scanners draw over their pictures for a while: guide line, centre line, calipers, a colour box."""

import math

import numpy as np
from numpy.typing import NDArray

from rtguide.model.structure import Tissue
from rtguide.opencv import cv2
from rtguide.phantom.happenings import ColourBox, ScreenMark
from rtguide.phantom.motion import pulse_wave
from rtguide.phantom.scenario import Scenario
from rtguide.phantom.screen import Screen
from rtguide.phantom.truth import Truth

__all__ = ["draw_marks"]

_INK = 225
_BOX_MARGIN = 0.35
"""Margin of a colour box around its structure, in parts of the structure's size."""
_YELLOW = (235, 205, 70)


def draw_marks(
    frame: NDArray[np.uint8], scenario: Scenario, screen: Screen, truth: Truth, event_s: float
) -> NDArray[np.uint8]:
    """The frame with whatever is drawn over it at a time; RGB in scenarios that have a colour box at any time."""
    has_colour = any(isinstance(event, ColourBox) for event in scenario.events)
    if has_colour:
        frame = cv2.cvtColor(frame, cv2.COLOR_GRAY2RGB).astype(np.uint8, copy=False)
    for event in scenario.events:
        if not isinstance(event, ScreenMark | ColourBox) or not event.at_s <= event_s < event.at_s + event.seconds:
            continue
        if isinstance(event, ColourBox):
            _colour_box(frame, scenario, truth, event.around)
        elif event.kind == "calipers":
            _calipers(frame, screen)
        else:
            _dashed_line(frame, screen, math.radians(35.0) if event.kind == "guide-line" else None)
    return frame


def _dashed_line(frame: NDArray[np.uint8], screen: Screen, angle_rad: float | None) -> None:
    """Dots down the middle of the picture, or along the path that a needle guide at the left end would give."""
    x0, y0, x1, y1 = screen.geometry.bounds_px()
    colour = (_INK,) * (1 if frame.ndim == 2 else 3)
    step = max(6, (y1 - y0) // 50)
    for number in range((y1 - y0) // step):
        y = y0 + number * step
        x = (x0 + x1) // 2 if angle_rad is None else round(x0 + number * step / math.tan(angle_rad))
        if x < x1:
            cv2.circle(frame, (x, y), 1, colour, -1)


def _calipers(frame: NDArray[np.uint8], screen: Screen) -> None:
    """Two crosses with dots between them and the distance in a corner."""
    x0, y0, x1, y1 = screen.geometry.bounds_px()
    colour = (_INK,) * (1 if frame.ndim == 2 else 3)
    first = (x0 + (x1 - x0) * 2 // 5, y0 + (y1 - y0) * 2 // 5)
    second = (x0 + (x1 - x0) * 3 // 5, y0 + (y1 - y0) // 2)
    for place in (first, second):
        cv2.drawMarker(frame, place, colour, cv2.MARKER_CROSS, 13, 1)
    length = math.dist(first, second)
    for share in np.arange(0.05, 1.0, 8.0 / length):
        dot = (round(first[0] + share * (second[0] - first[0])), round(first[1] + share * (second[1] - first[1])))
        cv2.circle(frame, dot, 1, colour, -1)
    text = f"+ {length / screen.px_per_mm / 10:.2f} cm"
    cv2.putText(frame, text, (x0 + 8, y1 - 10), cv2.FONT_HERSHEY_SIMPLEX, 0.5, colour, 1, cv2.LINE_AA)


def _colour_box(frame: NDArray[np.uint8], scenario: Scenario, truth: Truth, around: str) -> None:
    """Flow where the structure is: swift in the middle and slow at the wall, by the beat, ragged as colour maps are.

    Red in arteries and all else, blue in veins.
    """
    structure = next((s for s in truth.structures if s.name == around), None)
    if structure is None:
        return
    outline = np.array(structure.outline_px)
    low, high = outline.min(axis=0), outline.max(axis=0)
    margin = (high - low) * _BOX_MARGIN
    corners = np.rint(np.concatenate([low - margin, high + margin])).astype(int)
    cv2.rectangle(frame, tuple(map(int, corners[:2])), tuple(map(int, corners[2:])), _YELLOW, 1)
    mask = np.zeros(frame.shape[:2], dtype=np.uint8)
    cv2.fillPoly(mask, [np.rint(outline).astype(np.int32)], 255)
    rng = np.random.default_rng(truth.index)
    ragged = cv2.GaussianBlur(rng.random(mask.shape, dtype=np.float32), (0, 0), 3.0)
    inward = cv2.distanceTransform(mask, cv2.DIST_L2, 3)
    profile = 1.0 - (1.0 - inward / max(float(inward.max()), 1.0)) ** 2
    flow = (0.35 + 0.65 * pulse_wave(truth.picture_s * scenario.motion.pulse_hz)) * profile + 0.8 * (ragged - 0.5)
    is_coloured = (mask > 0) & (ragged + 0.25 * profile > 0.55)
    speed = np.clip(flow[is_coloured], 0.0, 1.0)[:, None]
    if structure.tissue is Tissue.VEIN:
        frame[is_coloured] = (np.array([20.0, 30.0, 90.0]) + speed * np.array([30.0, 170.0, 160.0])).astype(np.uint8)
    else:
        frame[is_coloured] = (np.array([90.0, 10.0, 10.0]) + speed * np.array([165.0, 200.0, 30.0])).astype(np.uint8)
