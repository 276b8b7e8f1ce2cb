"""Synthetic scenes: speckle, a needle drawn by hand, a nerve and two vessels. Everything seeded, nothing measured."""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from rtguide.model.frame import Frame, SourceInfo, SourceKind
from rtguide.model.geometry import ImageGeometry, Provenance, RectRegion
from rtguide.model.guidance import Guidance
from rtguide.model.needle import HiddenReason, NeedleMode, NeedleState, NeedleTrack, Tip, TipState
from rtguide.model.plan import Plan
from rtguide.model.points import Point
from rtguide.model.scene import Scene, Tracking
from rtguide.model.structure import (
    Role,
    Structure,
    StructureKind,
    StructureState,
    StructureTrack,
    Tissue,
    box_outline,
)
from rtguide.opencv import cv2

SHAPE = (720, 960)
TIP: Point = (560.0, 330.0)
ENTRY: Point = (150.0, 130.0)


@dataclass(frozen=True)
class Wish:
    """What a scene should show."""

    tip: TipState = TipState.SEEN
    track: NeedleTrack = NeedleTrack.LOCKED
    spacing_mm: float | None = 0.06
    provenance: Provenance = Provenance.USER
    is_frozen: bool = False
    kind: SourceKind = SourceKind.SIMULATED
    guidance: Guidance | None = None
    t_capture_ns: int = 0
    seq: int = 0


def speckle(shape: tuple[int, int] = SHAPE, seed: int = 1) -> NDArray[np.uint8]:
    """Envelope of filtered complex noise under a bright fascia line and a dark vessel: looks like tissue."""
    rng = np.random.default_rng(seed)
    real, imaginary = rng.standard_normal((2, *shape)).astype(np.float32)
    blurred = [cv2.GaussianBlur(part, (0, 0), sigmaX=3.0, sigmaY=1.4) for part in (real, imaginary)]
    envelope = np.hypot(*blurred)
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    gain = 1.0 + 2.5 * np.exp(-(((y - 0.24 * shape[0] - 12 * np.sin(x / 90)) / 6) ** 2))
    gain[((x - 760) / 70) ** 2 + ((y - 330) / 52) ** 2 < 1] = 0.12
    gain[((x - 655) / 62) ** 2 + ((y - 408) / 36) ** 2 < 1] = 1.7
    echo = 20 * np.log10(envelope * gain / envelope.mean() + 1e-3)
    return np.clip(95 + 4.2 * echo, 0, 255).astype(np.uint8)


def picture(seed: int = 1) -> NDArray[np.uint8]:
    """Speckle with a needle echo from ENTRY to TIP."""
    pixels = speckle(seed=seed)
    start, stop = ((round(x), round(y)) for x, y in (ENTRY, TIP))
    cv2.line(pixels, start, stop, 235, 4, cv2.LINE_AA)
    return pixels


def structure(name: str, tissue: Tissue, role: Role, box: tuple[float, float, float, float]) -> StructureState:
    return StructureState(
        name, StructureKind.STRUCTURE, tissue, role, StructureTrack.TRACKED, box_outline(*box), confidence=0.9
    )


def structures() -> tuple[StructureState, ...]:
    return (
        structure("nerve", Tissue.NERVE, Role.BOTH, (593, 372, 124, 72)),
        structure("artery", Tissue.ARTERY, Role.AVOID, (690, 278, 140, 104)),
    )


def needle(wish: Wish) -> NeedleState:
    if wish.track in (NeedleTrack.NONE, NeedleTrack.SEARCHING, NeedleTrack.LOST):
        return NeedleState(track=wish.track)
    is_placed = wish.tip in (TipState.SEEN, TipState.PREDICTED)
    tip = Tip(
        wish.tip,
        TIP if is_placed else None,
        (30.0, 8.0, 14.0) if is_placed else None,
        5.0 if is_placed else None,
        HiddenReason.OUT_OF_PLANE if wish.tip is TipState.HIDDEN else None,
    )
    middle = ((ENTRY[0] + TIP[0]) / 2, (ENTRY[1] + TIP[1]) / 2 - 4)
    return NeedleState(wish.track, NeedleMode.IN_PLANE, 1, ENTRY, (ENTRY, middle, TIP), None, tip, 0.93)


def guidance(wish: Wish) -> Guidance:
    if wish.guidance is not None:
        return wish.guidance
    if wish.tip is not TipState.SEEN:
        return Guidance(advice="tip not visible" if wish.tip is TipState.HIDDEN else "")
    is_scaled = wish.spacing_mm is not None
    scale = wish.spacing_mm or 0.0
    return Guidance(
        tip_to_target_px=69.0,
        tip_to_target_mm=69.0 * scale if is_scaled else None,
        off_axis_px=0.0,
        off_axis_mm=0.0 if is_scaled else None,
        nearest_avoid_px=118.0,
        nearest_avoid_mm=118.0 * scale if is_scaled else None,
        nearest_avoid_name="artery",
        angle_rad=math.atan2(TIP[1] - ENTRY[1], TIP[0] - ENTRY[0]),
        advice="on path" if is_scaled else "no scale",
    )


_PICTURES: dict[int, NDArray[np.uint8]] = {}


def scene(wish: Wish | None = None) -> Scene:
    wish = wish or Wish()
    pixels = _PICTURES.setdefault(1, picture())
    spacing = None if wish.spacing_mm is None else (wish.spacing_mm, wish.spacing_mm)
    geometry = ImageGeometry(SHAPE, RectRegion(40, 20, 880, 680), spacing, wish.provenance)
    found = structures()
    marked = tuple(Structure(s.name, s.kind, s.tissue, s.role, s.outline_px) for s in found)
    return Scene(
        Frame(wish.seq, wish.t_capture_ns, None, pixels),
        SourceInfo("femoral", wish.kind, SHAPE, 30.0, None, "sim:femoral"),
        geometry,
        Plan(marked),
        Tracking(needle(wish), (), found),
        guidance(wish),
        wish.t_capture_ns + 12_000_000,
        is_frozen=wish.is_frozen,
    )


def with_lost(full: Scene, name: str) -> Scene:
    """The same scene, one structure lost."""
    found = tuple(
        replace(s, track=StructureTrack.LOST, outline_px=()) if s.name == name else s for s in full.tracking.structures
    )
    return replace(full, tracking=replace(full.tracking, structures=found))
