"""A ruler of depth at the side of the picture, from the probe's face down; only with a verified scale."""

from collections.abc import Sequence

import numpy as np

from rtguide.model.points import Point
from rtguide.model.scene import Scene
from rtguide.overlays.ink import Ink
from rtguide.overlays.placement import Clearance, text_size
from rtguide.overlays.shapes import Label, Segments, Shape, TextLine, Tone

__all__ = ["ruler_shapes"]

TICK_MM = 5.0
_LONG_UNITS, _SHORT_UNITS = 20.0, 10.0
_GAP_UNITS = 4.0
_MIN_TICK_UNITS = 7.0
"""Closer ticks than this run together at two metres: every second one is left out, and so on."""
_MIN_NUMBER_UNITS = 40.0
_NUMBER_UNITS = 22.0
_MOST_COVERED = 0.9
"""Of `Clearance.cost`: less than one point of the needle, and a sixtieth of the box out of view."""
_ROOM_UNITS = _LONG_UNITS + _GAP_UNITS + 62.0
"""What ticks and a number of two digits with its unit take beside the picture."""


def ruler_shapes(scene: Scene, ink: Ink, clearance: Clearance) -> tuple[Shape, ...]:
    """Ticks every 5 mm, longer ones with their centimetres; beside the picture where there is room, else at its edge.

    Where it has to lie on the picture it keeps to the side away from the needle, and a tick or number that would cover
    the needle or a structure is left out.
    """
    geometry = scene.geometry
    spacing = geometry.spacing_mm if geometry.is_verified else None
    if spacing is None or not scene.is_region_known:
        return ()
    bounds = geometry.region.bounds()
    top, bottom = geometry.region.face_px()[1], bounds.y + bounds.height
    step_px, step_mm = TICK_MM / spacing[1], TICK_MM
    while step_px < ink.size(_MIN_TICK_UNITS):
        step_px, step_mm = 2 * step_px, 2 * step_mm
    edge, outward = _side(scene, (bounds.x, bounds.x + bounds.width), ink, clearance)
    depths = [(top + n * step_px, n * step_mm) for n in range(int((bottom - top) / step_px) + 1)]
    pieces: list[tuple[Point, Point]] = []
    for is_long in (False, True):
        length = ink.size(_LONG_UNITS if is_long else _SHORT_UNITS)
        ys = [y for y, depth_mm in depths if (depth_mm % 10.0 == 0.0) is is_long]
        left, thick = min(edge, edge + outward * length), ink.size(3.0)
        clear = _are_clear([(left, y - thick / 2) for y in ys], (length, thick), clearance)
        pieces += [((edge, y), (edge + outward * length, y)) for y, is_clear in zip(ys, clear, strict=True) if is_clear]
    if not pieces:
        return ()
    return (Segments(tuple(pieces), ink.stroke(Tone.MUTED, 2.5)), *_numbers(depths, (edge, outward), ink, clearance))


def _numbers(
    depths: Sequence[tuple[float, float]], side: tuple[float, int], ink: Ink, clearance: Clearance
) -> list[Label]:
    """Whole centimetres, as far apart as they can be read."""
    edge, outward = side
    start = edge + outward * ink.size(_LONG_UNITS + _GAP_UNITS)
    labels: list[Label] = []
    for y, depth_mm in depths:
        if depth_mm == 0.0 or depth_mm % 10.0 or (labels and y - labels[-1].at_px[1] < ink.size(_MIN_NUMBER_UNITS)):
            continue
        lines = (TextLine(f"{depth_mm / 10:.0f} cm", ink.size(_NUMBER_UNITS), Tone.MUTED),)
        width, height = text_size(lines)
        box = (start if outward > 0 else start - width, y - height / 2, width, height)
        if _are_clear([(box[0], box[1])], (width, height), clearance)[0]:
            labels.append(Label(f"ruler {depth_mm:.0f}", lines, box, (edge, y)))
    return labels


def _are_clear(corners: Sequence[Point], size: tuple[float, float], clearance: Clearance) -> list[bool]:
    """Whether boxes of this size cover nothing that matters and can be seen whole, or nearly."""
    if not corners:
        return []
    return [bool(cost < _MOST_COVERED) for cost in clearance.cost(np.array(corners, dtype=np.float64), size)]


def _side(scene: Scene, bounds: tuple[float, float], ink: Ink, clearance: Clearance) -> tuple[float, int]:
    """Where the ruler stands, and which way its ticks point: -1 left, +1 right."""
    room = ink.size(_ROOM_UNITS)
    gap = ink.size(_GAP_UNITS)
    left, _, width, _ = clearance.view_px
    if bounds[0] - room >= left:
        return bounds[0] - gap, -1
    if bounds[1] + room <= left + width:
        return bounds[1] + gap, 1
    entry = scene.tracking.needle.entry_px
    if entry is None or entry[0] < (bounds[0] + bounds[1]) / 2:
        return min(bounds[1], left + width), -1
    return max(bounds[0], left), 1
