"""One scene as OpenIGTLink messages.

All of them lie in one frame of reference: x and y of the image from the centre of its top-left pixel, times millimetres
per pixel where the scale is verified (else in pixels), z = 0.
"""

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from rtguide.model.needle import NeedleState, TipState
from rtguide.model.points import Point
from rtguide.model.scene import Scene
from rtguide.model.structure import Role
from rtguide.recording.igtl_wire import IgtlPoint, pack, pack_image, pack_points, pack_string, pack_transform

__all__ = ["scene_messages"]

_NEEDLE_RGBA, _PREDICTED_RGBA = (255, 255, 255, 255), (255, 255, 255, 128)
_ROLE_RGBA = {Role.TARGET: (0, 200, 120, 255), Role.BOTH: (255, 210, 0, 255), Role.AVOID: (255, 60, 60, 255)}


def scene_messages(scene: Scene, time_ns: int, line: str) -> Iterator[bytes]:
    """The scene's messages, stamped `time_ns` (of the wall clock); `line` is the JSON that says everything."""
    geometry = scene.geometry
    spacing_mm = geometry.spacing_mm if geometry.spacing_mm is not None and geometry.is_verified else (1.0, 1.0)
    needle = scene.tracking.needle
    yield pack("IMAGE", "Image", time_ns, pack_image(scene.frame.pixels, spacing_mm))
    yield pack("POINT", "Needle", time_ns, pack_points(tuple(_needle_points(needle, spacing_mm))))
    yield pack("POINT", "Targets", time_ns, pack_points(tuple(_targets(scene, spacing_mm))))
    tip = _tip_transform(needle, spacing_mm)
    if tip is not None:
        yield pack("TRANSFORM", "NeedleTipToImage", time_ns, pack_transform(tip))
    yield pack("STRING", "Advice", time_ns, pack_string(scene.guidance.advice))
    yield pack("STRING", "Guidance", time_ns, pack_string(line))


def _needle_points(needle: NeedleState, spacing_mm: tuple[float, float]) -> Iterator[IgtlPoint]:
    places = (("entry", needle.entry_px), ("shaft end", needle.shaft_end_px), ("section", needle.section_px))
    for name, place in places:
        if place is not None:
            yield IgtlPoint(name, "needle", _xyz(place, spacing_mm), _NEEDLE_RGBA)
    if needle.tip.px is not None:
        colour = _NEEDLE_RGBA if needle.tip.is_seen else _PREDICTED_RGBA
        yield IgtlPoint(f"tip {needle.tip.state.value}", "needle", _xyz(needle.tip.px, spacing_mm), colour)


def _targets(scene: Scene, spacing_mm: tuple[float, float]) -> Iterator[IgtlPoint]:
    for state in scene.tracking.structures:
        centre = state.centre_px
        if centre is not None:
            yield IgtlPoint(state.name, state.role.value, _xyz(centre, spacing_mm), _ROLE_RGBA[state.role])


def _tip_transform(needle: NeedleState, spacing_mm: tuple[float, float]) -> NDArray[np.float64] | None:
    """Image from tip, float64 (4, 4): x along the shaft, z out of the plane; None unless the tip is seen."""
    angle = needle.direction_rad
    if needle.tip.state is not TipState.SEEN or needle.tip.px is None or angle is None:
        return None
    along = np.array([math.cos(angle) * spacing_mm[0], math.sin(angle) * spacing_mm[1]])
    along /= math.hypot(*along)
    matrix = np.eye(4)
    matrix[:2, 0] = along
    matrix[:2, 1] = -along[1], along[0]
    matrix[:3, 3] = _xyz(needle.tip.px, spacing_mm)
    return matrix


def _xyz(place: Point, spacing_mm: tuple[float, float]) -> tuple[float, float, float]:
    return place[0] * spacing_mm[0], place[1] * spacing_mm[1], 0.0
