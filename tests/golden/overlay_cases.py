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
from rtguide.model.needle import NeedleTrack, TipState
from rtguide.model.scene import Scene
from rtguide.overlays import Freshness, OverlayOptions, compose
from rtguide.overlays.shapes import Shape
from synthetic_scenes import SHAPE, Wish, scene, with_lost

FOLDER = Path(__file__).parent / "overlays"
CROP = (slice(180, 520), slice(420, 860))

_ALARM = Alarm("tip_in_nerve", AlarmPriority.HIGH, "tip region inside nerve")

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
    "gone": (scene(Wish(kind=SourceKind.LIVE)), Freshness.GONE),
}

PAINTED = ("seen", "predicted", "hidden")


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
