"""From a scene to the shapes that are drawn: the whole overlay in one pure function."""

import math
from collections.abc import Sequence
from dataclasses import replace

from rtguide.model.needle import NeedleState, TipState
from rtguide.model.points import Point
from rtguide.model.scene import Scene
from rtguide.overlays.figures import tip_lines
from rtguide.overlays.freshness import Freshness
from rtguide.overlays.hud import hud_shapes, note_lines
from rtguide.overlays.ink import Hint, Ink, OverlayOptions
from rtguide.overlays.needle import other_needle_shapes, path_shapes, shaft_shapes, tip_radius_px, tip_shapes
from rtguide.overlays.outlines import Outline
from rtguide.overlays.paths import fan_lines, fan_shapes
from rtguide.overlays.placement import Clearance, place_around, place_beside, place_in_view, sampled
from rtguide.overlays.ruler import ruler_shapes
from rtguide.overlays.shapes import Box, Dash, HudSlot, HudText, Label, Polyline, Shape, TextLine, Tone
from rtguide.overlays.structures import outline_of, pulse_lines, structure_shapes, title
from rtguide.overlays.tracked import tracked_shapes

__all__ = ["compose", "hints_of"]

_FROZEN = TextLine("FROZEN", 1.0)


def compose(scene: Scene, freshness: Freshness, options: OverlayOptions) -> tuple[Shape, ...]:
    """Everything that is drawn over the scene's frame, from the lowest to the topmost.

    An old result is drawn hollow; a gone one not at all, and the message says why. With the overlay hidden, only the
    words at the edge remain.
    """
    ink = Ink(options.unit_px, freshness, options.words)
    hud = hud_shapes(scene, freshness, options.late, is_blind=options.is_blind)
    view = options.view_px or (0.0, 0.0, float(scene.frame.shape_px[1]), float(scene.frame.shape_px[0]))
    if options.is_hidden or options.is_blind or freshness is Freshness.GONE:
        return (*_frozen(scene, ink, Clearance.of((), (), view)), *hud)
    tracking = scene.tracking
    outlines = [outline for s in tracking.structures if (outline := outline_of(s)) is not None]
    path = path_shapes(tracking.needle, scene.geometry, outlines, ink)
    shaft = shaft_shapes(tracking.needle, ink)
    drawn: list[Shape] = [shape for s in tracking.structures for shape in structure_shapes(s, ink)]
    if tracking.spread is not None:
        stroke = ink.stroke(Tone.STRUCTURE, 3.5, Dash.DOTTED)
        drawn.append(Polyline(tracking.spread.outline_px, stroke, is_closed=True))
    drawn.extend(shape for needle in tracking.other_needles for shape in other_needle_shapes(needle, ink))
    fan = fan_shapes(options.fan, scene, ink)
    drawn.extend((*tracked_shapes(scene, ink), *fan, *path, *shaft, *tip_shapes(tracking.needle, ink)))
    clearance = _clearance(scene, (outlines, (*path, *shaft, *fan)), ink, view)
    ruler = ruler_shapes(scene, ink, clearance)
    for shape in ruler:
        if isinstance(shape, Label):
            clearance = clearance.with_box(shape.box_px)
    bolus, clearance = _bolus(scene, ink, clearance) if options.is_bolus else ((), clearance)
    labels, clearance = _labels(scene, (ink, fan_lines(options.fan, ink)), clearance, dict(options.hints))
    return (*ruler, *drawn, *bolus, *labels, *_frozen(scene, ink, clearance), *hud)


def hints_of(shapes: Sequence[Shape]) -> tuple[Hint, ...]:
    """Where the labels stand, for the options of the next scene: what stays in its place can be read."""
    return tuple(
        (shape.key, (shape.box_px[0] - shape.at_px[0], shape.box_px[1] - shape.at_px[1]))
        for shape in shapes
        if isinstance(shape, Label)
    )


def _clearance(scene: Scene, drawn: tuple[Sequence[Outline], Sequence[Shape]], ink: Ink, view: Box) -> Clearance:
    """What no word may cover: the tip, the shaft, the path, the structures."""
    outlines, lines = drawn
    step = ink.size(16.0)
    points = [p for line in lines if isinstance(line, Polyline) for p in sampled(line.points_px, step)]
    for outline in outlines:
        if not outline.is_closed:
            points.extend(sampled(outline.points_px, step))
    boxes = [box for s in scene.tracking.structures if (box := s.box_px) is not None and box[2] > 0 and box[3] > 0]
    at = _tip_place(scene.tracking.needle)
    if at is not None:
        radius = ink.size(24.0)
        if scene.tracking.needle.tip.px is not None:
            radius += tip_radius_px(scene.tracking.needle.tip, ink)
        boxes.extend([(at[0] - radius, at[1] - radius, 2 * radius, 2 * radius)] * 5)
    return Clearance.of(points, boxes, view)


def _labels(
    scene: Scene, how: tuple[Ink, tuple[TextLine, ...]], clearance: Clearance, hints: dict[str, Point]
) -> tuple[list[Shape], Clearance]:
    """Letters beside structures, figures beside the tip with a line that leads to it, and the small print.

    how: the ink, and what else stands in small print.
    """
    ink, more_notes = how
    out: list[Shape] = []
    structures = scene.tracking.structures
    for structure in structures:
        box = structure.box_px
        if box is None:
            continue
        lines: tuple[TextLine, ...] = (
            TextLine(title(structure, structures), ink.size(32.0), Tone.STRUCTURE, is_bold=True),
            *pulse_lines(structure, ink),
        )
        if box[2] == 0 and box[3] == 0:
            reach = ink.size(30.0)
            box = (box[0] - reach, box[1] - reach, 2 * reach, 2 * reach)
        place = place_around(box, ink.room(lines), ink.unit_px, clearance)
        centre = (box[0] + box[2] / 2, box[1] + box[3] / 2)
        out.append(Label(f"structure {structure.name}", lines, place, centre))
        clearance = clearance.with_box(place)
    needle = scene.tracking.needle
    at, figures = _tip_place(needle), tip_lines(scene, ink)
    if ink.freshness is Freshness.HOLLOW:
        figures = tuple(replace(line, tone=Tone.MUTED) for line in figures)
    if at is not None and figures:
        place = place_beside(at, ink.room(figures), ink.unit_px, clearance, (_aside(needle), hints.get("tip")))
        out.extend(_leader(needle, at, place, ink))
        out.append(Label("tip", figures, place, at))
        clearance = clearance.with_box(place)
    notes = (*more_notes, *note_lines(scene, ink.size(20.0)))
    if notes:
        place = place_in_view(ink.room(notes), ink.unit_px, clearance)
        out.append(Label("note", notes, place, (place[0], place[1])))
        clearance = clearance.with_box(place)
    return out, clearance


def _bolus(scene: Scene, ink: Ink, clearance: Clearance) -> tuple[tuple[Shape, ...], Clearance]:
    """Beside fluid that is seen after a test bolus: it came out of the tip, and may have run along a plane since."""
    spread = scene.tracking.spread
    if spread is None or ink.freshness is not Freshness.FRESH:
        return (), clearance
    xs, ys = zip(*spread.outline_px, strict=True)
    lines = (TextLine("test bolus: fluid seen here", ink.size(26.0), Tone.TEXT),)
    around = (min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys))
    place = place_around(around, ink.room(lines), ink.unit_px, clearance)
    return (Label("bolus", lines, place, spread.centre_px),), clearance.with_box(place)


def _tip_place(needle: NeedleState) -> Point | None:
    """Where the words about the tip belong: the tip, the cross-section, or the end of the visible shaft."""
    if needle.tip.px is not None:
        return needle.tip.px
    if needle.section_px is not None:
        return needle.section_px
    return needle.shaft_end_px if needle.tip.state is TipState.HIDDEN else None


def _aside(needle: NeedleState) -> Point:
    """The direction across the shaft that points up, slightly backward: the side where the needle has come from."""
    direction = needle.direction_rad
    if direction is None:
        return 0.0, -1.0
    across = (math.sin(direction), -math.cos(direction))
    if across[1] > 0:
        across = (-across[0], -across[1])
    return across[0] - 0.3 * math.cos(direction), across[1] - 0.3 * math.sin(direction)


def _leader(needle: NeedleState, at: Point, box: Box, ink: Ink) -> tuple[Shape, ...]:
    """A thin line from the nearest edge of the words toward the tip, ending clear of it."""
    clear = ink.size(26.0)
    if needle.tip.px is not None:
        clear = tip_radius_px(needle.tip, ink) + ink.size(8.0)
    x = min(max(at[0], box[0]), box[0] + box[2])
    y = min(max(at[1], box[1]), box[1] + box[3])
    length = math.hypot(x - at[0], y - at[1])
    if length - clear < ink.size(8.0):
        return ()
    end = (at[0] + (x - at[0]) * clear / length, at[1] + (y - at[1]) * clear / length)
    return (Polyline(((x, y), end), ink.stroke(Tone.MUTED, 2.0)),)


def _frozen(scene: Scene, ink: Ink, clearance: Clearance) -> tuple[Shape, ...]:
    if not scene.is_frozen:
        return ()
    lines = (TextLine(_FROZEN.text, ink.size(72.0), is_bold=True),)
    return (HudText(HudSlot.BANNER, _FROZEN.text, Tone.TEXT, place_in_view(ink.room(lines), ink.unit_px, clearance)),)
