"""Takes the halo off a found picture: the few grey levels that lossy video and JPEG spread around a bright border."""

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from rtguide.model.geometry import FanRegion, RectRegion, Region

__all__ = ["without_halo"]

BLOCK_PX = 9
"""A codec's block is eight pixels wide: its ringing reaches no further."""

HALO_GREY, HALO_PART = 12.0, 0.25
"""A halo is no brighter on average, and no brighter than this part of what follows inside it."""

INSIDE_PX = 3
"""Over so many pixels inside a border its picture is averaged."""


def without_halo(contrast: NDArray[np.uint8], region: Region) -> Region:
    """The region with each border moved inward over the halo, where there is one; parallelograms stay.

    contrast: uint8 (h, w), grey levels away from the screen's own.
    """
    if isinstance(region, RectRegion):
        left, right, top, bottom = (_halo_px(line) for line in _rect_lines(contrast, region))
        return RectRegion(region.x + left, region.y + top, region.width - left - right, region.height - top - bottom)
    return _fan(contrast, region) if isinstance(region, FanRegion) else region


def _halo_px(profile: NDArray[np.float64]) -> int:
    """How many of a profile's values, from the border inward, are halo."""
    rises = np.diff(profile[: BLOCK_PX + 1])
    if rises.size < BLOCK_PX:
        return 0
    at = 1 + int(rises.argmax())
    halo, inside = float(profile[:at].mean()), float(profile[at : at + INSIDE_PX].mean())
    return at if halo <= HALO_GREY and halo <= HALO_PART * inside else 0


def _rect_lines(grey: NDArray[np.uint8], region: RectRegion) -> list[NDArray[np.float64]]:
    """Mean grey along lines parallel to the left, right, upper and lower border, from the border inward.

    A border at the frame's rim has no halo: its profile is empty.
    """
    height, width = grey.shape
    x0, y0 = int(region.x), int(region.y)
    x1, y1 = min(width, round(region.x + region.width)), min(height, round(region.y + region.height))
    block = grey[y0:y1, x0:x1].astype(np.float64)
    deep = BLOCK_PX + INSIDE_PX
    empty = np.zeros(0)
    return [
        block[:, :deep].mean(axis=0) if x0 > 0 else empty,
        block[:, ::-1][:, :deep].mean(axis=0) if x1 < width else empty,
        block[:deep].mean(axis=1) if y0 > 0 else empty,
        block[::-1][:deep].mean(axis=1) if y1 < height else empty,
    ]


def _fan(grey: NDArray[np.uint8], fan: FanRegion) -> FanRegion:
    steps = range(BLOCK_PX + INSIDE_PX)
    radius = np.linspace(fan.inner_px, fan.outer_px, 240)[12:-12]
    angle = np.linspace(fan.start_rad, fan.stop_rad, 240)[12:-12]
    one = np.ones_like(radius)
    left = _halo_px(np.array([_mean(grey, fan, radius, fan.start_rad + (k + 0.5) / radius) for k in steps]))
    right = _halo_px(np.array([_mean(grey, fan, radius, fan.stop_rad - (k + 0.5) / radius) for k in steps]))
    near = _halo_px(np.array([_mean(grey, fan, (fan.inner_px + k + 0.5) * one, angle) for k in steps]))
    far = _halo_px(np.array([_mean(grey, fan, (fan.outer_px - k - 0.5) * one, angle) for k in steps]))
    # a side that moves inward by so many pixels goes on to point the same way: its apex moves along
    span_x = math.tan(fan.stop_rad) - math.tan(fan.start_rad)
    at_left, at_right = left / math.cos(fan.start_rad), -right / math.cos(fan.stop_rad)
    down = (at_left - at_right) / span_x
    apex = (fan.apex_px[0] + at_left + down * math.tan(fan.start_rad), fan.apex_px[1] + down)
    moved = replace(
        fan, apex_px=apex, inner_px=max(0.0, fan.inner_px + near - down), outer_px=fan.outer_px - far - down
    )
    return moved if moved.bounds().width > 0 else fan


def _mean(grey: NDArray[np.uint8], fan: FanRegion, radius: NDArray[np.float64], angle: NDArray[np.float64]) -> float:
    """Mean grey at polar places that lie inside the frame and the clip; 0 where none does."""
    height, width = grey.shape
    x = np.round(fan.apex_px[0] + radius * np.sin(angle)).astype(int)
    y = np.round(fan.apex_px[1] + radius * np.cos(angle)).astype(int)
    clip = fan.clip
    inside = (x >= max(0, clip.x)) & (x < min(width, clip.x + clip.width))
    inside &= (y >= max(0, clip.y)) & (y < min(height, clip.y + clip.height))
    return float(grey[y[inside], x[inside]].mean()) if inside.any() else 0.0
