"""Scanner screens drawn for tests, with rulers of designs that neither the phantom nor the reader's training has."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from rtguide.opencv import cv2

__all__ = ["RulerScreen", "draw_screen"]


@dataclass(frozen=True, slots=True)
class RulerScreen:
    """One design.

    side: of the picture on which the ruler stands · is_inside: over the picture's rim · form: of its ticks · tick_mm:
    between neighbours · rhythm: every how many ticks one is longer (1: all alike) · lengths_px: short, long ·
    label_unit: in which the longer ticks are numbered, None for no numbers · depth_text: printed in a corner ·
    badge: printed under the end of the ruler · colour,
    background: RGB and grey · font_px: size of the lettering (Pillow's own font).
    """

    px_per_mm: float = 13.7
    depth_mm: float = 40.0
    side: str = "right"
    is_inside: bool = False
    form: str = "dash"
    tick_mm: float = 5.0
    rhythm: int = 2
    lengths_px: tuple[int, int] = (7, 15)
    label_unit: str | None = "cm"
    depth_text: str | None = None
    badge: str | None = None
    colour: tuple[int, int, int] = (225, 225, 225)
    background: int = 0
    font_px: int = 15
    shape_px: tuple[int, int] = (720, 1000)
    seed: int = 1


def draw_screen(design: RulerScreen) -> NDArray[np.uint8]:
    """The screen, uint8 (h, w, 3) RGB."""
    height, width = design.shape_px
    rng = np.random.default_rng(design.seed)
    screen = np.full((height, width, 3), design.background, np.uint8)
    x0, y0 = 260, 60
    x1, y1 = width - 260, y0 + round(design.depth_mm * design.px_per_mm)
    speckle = cv2.GaussianBlur(rng.rayleigh(55.0, (y1 - y0, x1 - x0)), (0, 0), 1.4)
    screen[y0:y1, x0:x1] = np.clip(speckle, 1, 190).astype(np.uint8)[..., None]
    image = Image.fromarray(screen)
    pen = ImageDraw.Draw(image)
    font = ImageFont.load_default(design.font_px)
    pen.text((14, 20), "NERVE 12L\n9 MHz\nGain 52\nMI 0.7", (150, 170, 160), font)
    if design.depth_text:
        pen.text((14, 300), design.depth_text, design.colour, font)
    if design.badge:
        pen.text((x1 - 4, y1 + 8) if design.side == "right" else (x0 - 60, y1 + 8), design.badge, design.colour, font)
    _ruler(pen, design, (x0, y0, x1, y1), font)
    return np.array(image)


def _ruler(
    pen: ImageDraw.ImageDraw, design: RulerScreen, box: tuple[int, int, int, int], font: ImageFont.FreeTypeFont
) -> None:
    x0, y0, x1, y1 = box
    is_across = design.side in ("top", "bottom")
    extent_mm = (x1 - x0) / design.px_per_mm if is_across else design.depth_mm
    away = {"right": 1, "bottom": 1, "left": -1, "top": -1}[design.side]
    base = {"right": x1, "left": x0, "top": y0, "bottom": y1}[design.side] + away * (-20 if design.is_inside else 16)
    for number in range(int(extent_mm / design.tick_mm + 1e-9) + 1):
        along = (x0 if is_across else y0) + number * design.tick_mm * design.px_per_mm
        is_long = number % design.rhythm == 0
        length = design.lengths_px[1 if is_long else 0]
        if design.form == "dot":
            radius = length / 4
            ends = (base - radius, along - radius, base + radius, along + radius)
            pen.ellipse((ends[1], ends[0], ends[3], ends[2]) if is_across else ends, fill=design.colour)
        else:
            a, b = (base, round(along)), (base + away * length, round(along))
            pen.line([a[::-1], b[::-1]] if is_across else [a, b], fill=design.colour, width=1 + (design.font_px > 18))
        if design.label_unit and is_long and number:
            mm = number * design.tick_mm
            text = f"{mm / (10 if design.label_unit == 'cm' else 1):.0f}"
            far = base + away * (design.lengths_px[1] + 6)
            anchor = {"right": "lm", "left": "rm", "top": "ms", "bottom": "mt"}[design.side]
            pen.text((along, far) if is_across else (far, along), text, design.colour, font, anchor=anchor)
