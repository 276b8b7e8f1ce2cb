"""The marked structures: neutral outlines whose line says the role and whose letter says the tissue."""

from collections import Counter
from collections.abc import Sequence

from rtguide.model.points import Point
from rtguide.model.structure import Role, StructureKind, StructureState, StructureTrack, Tissue
from rtguide.overlays.ink import Ink
from rtguide.overlays.outlines import Outline, barbs, grown
from rtguide.overlays.shapes import Dash, Polyline, Segments, Shape, TextLine, Tone

__all__ = ["letter", "outline_of", "pulse_lines", "structure_shapes", "title"]

LETTERS = {Tissue.NERVE: "N", Tissue.ARTERY: "A", Tissue.VEIN: "V", Tissue.PLEURA: "P", Tissue.BONE: "B"}
"""What a structure is called on the picture; one that is only a target is T."""


def outline_of(structure: StructureState) -> Outline | None:
    """Its line on the picture; None for a point, and for a lost structure."""
    if not structure.outline_px or structure.kind is StructureKind.POINT:
        return None
    return Outline(structure.outline_px, is_closed=structure.kind is StructureKind.STRUCTURE)


def letter(structure: StructureState) -> str:
    """One capital for what it is."""
    known = LETTERS.get(structure.tissue)
    if known is not None:
        return known
    return "T" if structure.role in (Role.TARGET, Role.BOTH) else structure.name[:1].upper() or "?"


def title(structure: StructureState, structures: Sequence[StructureState]) -> str:
    """Its letter, and its name where the letter alone could mean two."""
    count = Counter(letter(other) for other in structures)
    own = letter(structure)
    return f"{own} {structure.name}" if count[own] > 1 else own


def pulse_lines(structure: StructureState, ink: Ink) -> tuple[TextLine, ...]:
    """`pulsating 72/min`, small, where its area is seen to beat."""
    if structure.pulse is None:
        return ()
    return (TextLine(f"pulsating {60 * structure.pulse.rate_hz:.0f}/min", ink.size(18.0), Tone.STRUCTURE),)


def structure_shapes(structure: StructureState, ink: Ink) -> tuple[Shape, ...]:
    """Target: one line. Both (a nerve to be reached beside): a double line. Avoid: a line with barbs. Aim: a cross.

    Dashed while the structure's track is only carried on; nothing when it is lost.
    """
    if not structure.outline_px:
        return ()
    dash = Dash.DASHED if structure.track is StructureTrack.COASTING else Dash.SOLID
    stroke = ink.stroke(Tone.STRUCTURE, 3.0, dash)
    if structure.kind is StructureKind.POINT:
        return _cross(structure.outline_px[0], ink)
    outline = outline_of(structure)
    assert outline is not None
    shapes: list[Shape] = [Polyline(outline.points_px, stroke, is_closed=outline.is_closed)]
    if structure.role is Role.BOTH and outline.is_closed:
        shapes.append(Polyline(grown(outline.points_px, ink.size(8.0)), stroke, is_closed=True))
    elif structure.role is Role.AVOID:
        thin = ink.stroke(Tone.STRUCTURE, 2.5)
        shapes.append(Segments(tuple(barbs(outline, ink.size(24.0), ink.size(11.0))), thin))
    return tuple(shapes)


def _cross(at_px: Point, ink: Ink) -> tuple[Shape, ...]:
    """Four strokes around an open middle."""
    x, y = at_px
    near, far = ink.size(10.0), ink.size(30.0)
    stroke = ink.stroke(Tone.STRUCTURE, 3.5)
    ways = ((1, 0), (0, 1), (-1, 0), (0, -1))
    pieces = tuple(((x + dx * near, y + dy * near), (x + dx * far, y + dy * far)) for dx, dy in ways)
    return (Segments(pieces, stroke),)
