"""The truth of a frame as plain values for a line of JSON: one form for case folders and recorded sessions.

`docs/cases.md` describes the keys.
"""

import math
from typing import Any

from rtguide.model.needle import NeedleMode
from rtguide.model.structure import Structure
from rtguide.phantom.truth import Truth

__all__ = ["rounded", "structure_entry", "truth_line"]


def truth_line(truth: Truth) -> dict[str, Any]:
    """Everything true of a frame, places to 0.001 px or mm, angles to 0.0001°."""
    needle = truth.needle
    described = None
    if needle is not None:
        described = {
            "pass": needle.pass_number,
            "in_view": needle.is_in_view,
            "mode": (NeedleMode.OUT_OF_PLANE if needle.is_out_of_plane else NeedleMode.IN_PLANE).value,
            "entry_px": needle.entry_px and rounded(needle.entry_px),
            "curve_px": [rounded(point) for point in needle.curve_px],
            "section_px": needle.section_px and rounded(needle.section_px),
            "section_db": None if math.isnan(needle.section_db) else round(needle.section_db, 2),
            "section_part": needle.section_px and ("tip" if needle.is_section_tip else "shaft"),
            "tip_px": rounded(needle.tip_px),
            "tip_mm": rounded(needle.tip_mm),
            "plane_offset_mm": round(needle.plane_offset_mm, 3),
            "inserted_mm": round(needle.inserted_mm, 3),
            "contrast_db": None if math.isnan(needle.contrast_db) else round(needle.contrast_db, 2),
            "visibility": needle.visibility.value,
            "hidden_reason": needle.hidden_reason and needle.hidden_reason.value,
        }
    return {
        "frame": truth.index,
        "time_s": round(truth.time_s, 4),
        "picture_s": round(truth.picture_s, 4),
        "mm_per_px": [round(value, 6) for value in truth.mm_per_px],
        "needle": described,
        "structures": [structure_entry(structure) for structure in truth.structures],
        "spread": [
            {"area_mm2": round(spread.area_mm2, 3), "outline_px": [rounded(point) for point in spread.outline_px]}
            for spread in truth.spreads
        ],
        "probe": {
            "shift_mm": round(truth.probe.shift_mm, 4),
            "slide_mm": round(truth.probe.slide_mm, 4),
            "rock_deg": round(math.degrees(truth.probe.rock_rad), 4),
            "tilt_deg": round(math.degrees(truth.probe.tilt_rad), 4),
        },
    }


def structure_entry(structure: Structure) -> dict[str, Any]:
    """A structure as it lies in a frame."""
    return {
        "name": structure.name,
        "kind": structure.kind.value,
        "tissue": structure.tissue.value,
        "role": structure.role.value,
        "outline_px": [rounded(point) for point in structure.outline_px],
    }


def rounded(values: tuple[Any, ...]) -> list[Any]:
    """Numbers to three decimals; texts stay."""
    return [value if isinstance(value, str) else round(value, 3) for value in values]
