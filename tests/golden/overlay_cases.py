"""The overlay's golden cases: a name, a scene, a freshness; and how shapes become text and pictures become small."""

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtguide.model.frame import Frame, SourceKind
from rtguide.model.geometry import Provenance
from rtguide.model.guidance import Alarm, AlarmPriority, Guidance
from rtguide.model.needle import HiddenReason, NeedleMode, NeedleState, NeedleTrack, Tip, TipState
from rtguide.model.scene import Scene
from rtguide.model.spread import Spread
from rtguide.model.structure import Role, StructureKind, StructureState, StructureTrack, Tissue, box_outline
from rtguide.overlays import Freshness, OverlayOptions, compose
from rtguide.overlays.shapes import Shape
from synthetic_scenes import SHAPE, Wish, scene, structure, with_lost

FOLDER = Path(__file__).parent / "overlays"
TRACKED = StructureTrack.TRACKED
CROP = (slice(180, 520), slice(420, 860))

_ALARM = Alarm("tip_in_nerve", AlarmPriority.HIGH, "tip region inside nerve")


def _out_of_plane(tip: Tip) -> Scene:
    """A needle that crosses the plane: a dot, and the tip only in the moment it is seen."""
    full = scene()
    at = (520.0, 300.0)
    crossing = NeedleState(NeedleTrack.LOCKED, NeedleMode.OUT_OF_PLANE, 1, None, (), at, tip, 0.9)
    said = full.guidance if tip.is_seen else Guidance(advice="tip not visible")
    return replace(full, tracking=replace(full.tracking, needle=crossing), guidance=replace(said, angle_rad=None))


def _every_letter() -> Scene:
    """Every tissue and role once, a plane, a line, a point; one of them carried on."""
    full = scene(Wish(tip=TipState.NONE, track=NeedleTrack.NONE))
    kinds = StructureKind
    marked = (
        structure("nerve", Tissue.NERVE, Role.BOTH, (200, 120, 110, 60)),
        replace(structure("artery", Tissue.ARTERY, Role.AVOID, (420, 120, 90, 70)), track=StructureTrack.COASTING),
        structure("vein", Tissue.VEIN, Role.AVOID, (640, 120, 110, 60)),
        structure("bursa", Tissue.OTHER, Role.TARGET, (200, 330, 120, 60)),
        StructureState("rib", kinds.STRUCTURE, Tissue.BONE, Role.AVOID, TRACKED, box_outline(420, 330, 150, 50), 0.9),
        StructureState(
            "pleura", kinds.LINE, Tissue.PLEURA, Role.AVOID, TRACKED, ((200, 560), (480, 580), (800, 560)), 0.9
        ),
        StructureState("aim", kinds.POINT, Tissue.OTHER, Role.TARGET, TRACKED, ((700.0, 380.0),), 0.9),
    )
    return replace(full, tracking=replace(full.tracking, structures=marked))


def _injected() -> Scene:
    """Fluid beside the nerve."""
    full = scene()
    pool = ((500.0, 420.0), (560.0, 400.0), (590.0, 440.0), (560.0, 480.0), (510.0, 470.0))
    return replace(full, tracking=replace(full.tracking, spread=Spread(pool, 4200.0)))


CASES: dict[str, tuple[Scene, Freshness]] = {
    "seen": (scene(), Freshness.FRESH),
    "predicted": (scene(Wish(tip=TipState.PREDICTED)), Freshness.FRESH),
    "hidden": (scene(Wish(tip=TipState.HIDDEN)), Freshness.FRESH),
    "coasting": (scene(Wish(tip=TipState.PREDICTED, track=NeedleTrack.COASTING)), Freshness.FRESH),
    "no_scale_frozen": (
        scene(Wish(spacing_mm=None, provenance=Provenance.GUESS, is_frozen=True, kind=SourceKind.REPLAY)),
        Freshness.FRESH,
    ),
    "lost_structure": (with_lost(scene(), "artery"), Freshness.FRESH),
    "alarm": (scene(Wish(guidance=Guidance(advice="hold", alarms=(_ALARM,)))), Freshness.FRESH),
    "hollow": (scene(Wish(kind=SourceKind.LIVE)), Freshness.HOLLOW),
    "out_of_plane": (_out_of_plane(Tip(TipState.HIDDEN, hidden_reason=HiddenReason.OUT_OF_PLANE)), Freshness.FRESH),
    "out_of_plane_tip": (_out_of_plane(Tip(TipState.SEEN, (520.0, 300.0), (16.0, 0.0, 16.0), 4.0)), Freshness.FRESH),
    "every_letter": (_every_letter(), Freshness.FRESH),
    "injected": (_injected(), Freshness.FRESH),
    "gone": (scene(Wish(kind=SourceKind.LIVE)), Freshness.GONE),
}

PAINTED = ("seen", "predicted", "hidden", "out_of_plane", "every_letter", "injected")
"""Small pictures of the middle."""


def shapes_of(name: str) -> tuple[Shape, ...]:
    full, freshness = CASES[name]
    return compose(full, freshness, OverlayOptions.for_frame(SHAPE))


def as_text(shapes: tuple[Shape, ...]) -> str:
    """One shape a line, numbers to a hundredth of a pixel."""
    lines = [json.dumps({type(s).__name__: _rounded(asdict(s))}, ensure_ascii=False, sort_keys=True) for s in shapes]
    return "\n".join(lines) + "\n"


def plain(full: Scene) -> Scene:
    """The same scene over half dark, half bright tissue, which packs into a small file."""
    pixels = np.full(SHAPE, 25, np.uint8)
    pixels[:, 640:] = 215
    return replace(full, frame=Frame(0, 0, None, pixels))


def cropped(painted: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.ascontiguousarray(painted[CROP])


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(item) for item in value]
    return round(value, 2) + 0.0 if isinstance(value, float) else value
