"""Scenes with everything in them, and a recorder that writes them down."""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rtguide.clock import ManualClock
from rtguide.model.frame import Frame, SourceInfo, SourceKind
from rtguide.model.geometry import ImageGeometry, Provenance, RectRegion
from rtguide.model.guidance import Alarm, AlarmPriority, Guidance
from rtguide.model.needle import HiddenReason, NeedleMode, NeedleState, NeedleTrack, Tip, TipState
from rtguide.model.plan import Approach, Plan
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
from rtguide.recording.writer import SessionWriter

SHAPE_PX = (121, 163)
"""Odd both ways, so that rounding out to even pixels has to hang over the edge."""

SOURCE = SourceInfo("a patient's clip.mkv", SourceKind.LIVE, SHAPE_PX, 25.0, None, "grabber:0")
GEOMETRY = ImageGeometry(SHAPE_PX, RectRegion(13.0, 7.5, 101.3, 90.2), (0.0355, 0.04), Provenance.USER)
NERVE = Structure("nerve N°1", StructureKind.STRUCTURE, Tissue.NERVE, Role.BOTH, box_outline(40, 50, 30.5, 12))
PLEURA = Structure("pleura", StructureKind.LINE, Tissue.PLEURA, Role.AVOID, ((20.0, 80.25), (100.0, 81.0)))
PLAN = Plan((NERVE, PLEURA), None, Approach.IN_PLANE_RIGHT, 50.0, 22)


def tracking_at(seq: int) -> Tracking:
    """Something different in every frame, floats with all their digits."""
    x, y = 100 - seq / 3, 20 + math.sqrt(seq + 2)
    tip = (
        Tip(TipState.SEEN, (x, y), (1.5, 0.1, 2.25), 1.0 / 3)
        if seq % 2
        else Tip(TipState.HIDDEN, hidden_reason=HiddenReason.STEEP)
    )
    needle = NeedleState(
        NeedleTrack.LOCKED, NeedleMode.IN_PLANE, 1, (110.0, 8.0), ((110.0, 8.0), (105.5, 11.0), (x, y)), None, tip, 0.7
    )
    other = NeedleState(NeedleTrack.SEARCHING, section_px=(55.0, 44.0))
    moved = tuple((px + 0.1 * seq, py) for px, py in NERVE.outline_px)
    return Tracking(
        needle,
        (other,),
        (
            StructureState(
                NERVE.name, NERVE.kind, NERVE.tissue, NERVE.role, StructureTrack.TRACKED, moved, 0.9 - seq / 1000
            ),
            StructureState(PLEURA.name, PLEURA.kind, PLEURA.tissue, PLEURA.role, StructureTrack.LOST, (), 0.0),
        ),
    )


def scene_of(frame: Frame, geometry: ImageGeometry = GEOMETRY, plan: Plan = PLAN) -> Scene:
    """A full scene on this frame."""
    guidance = Guidance(
        1.0 + frame.seq / 7, None, -2.5, None, 3.0, None, "pleura", 0.25, "path passes 3 mm deep",
        (Alarm("tip-in-nerve", AlarmPriority.HIGH, "tip inside nerve N°1"),),
    )  # fmt: skip
    tracked_ns = frame.t_capture_ns + 12_345
    fault = "tracker restarted" if frame.seq % 5 == 4 else None
    return Scene(
        frame, SOURCE, geometry, plan, tracking_at(frame.seq), guidance, tracked_ns, frame.seq == 3, True, fault
    )


def frame_of(seq: int, is_grey: bool = True, *, t_device_ns: int | None = None) -> Frame:
    """Noise, the hardest thing to keep bit for bit."""
    rng = np.random.default_rng(seq)
    shape = SHAPE_PX if is_grey else (*SHAPE_PX, 3)
    capture_ns = 1_000_000_007 + seq * 40_000_123
    device_ns = seq * 33_333_333 + 17 if t_device_ns is None else t_device_ns
    return Frame(seq, capture_ns, device_ns, rng.integers(0, 256, shape, dtype=np.uint8))


def record(parent: Path, frames: list[Frame], *, skipped: tuple[int, ...] = (), late: int = 2) -> Path:
    """Write frames, each one's scene `late` frames after it, and close."""
    clock = ManualClock(5_000_000_000)
    writer = SessionWriter.create(parent, scene_of(frames[0]), clock)
    due: list[Scene] = []
    for frame in frames:
        writer.write_frame(frame)
        clock.advance(0.04)
        if frame.seq not in skipped:
            due.append(scene_of(frame))
        while len(due) > late:
            writer.write_scene(due.pop(0))
    for scene in due:
        writer.write_scene(scene)
    writer.write_event("bookmark", {"note": "blood"})
    writer.close()
    return writer.folder


@pytest.fixture
def parts() -> "type[Parts]":
    """The builders above, for tests."""
    return Parts


class Parts:
    """Names the builders for tests, which cannot import a conftest."""

    SOURCE, GEOMETRY, PLAN, NERVE, PLEURA, SHAPE_PX = SOURCE, GEOMETRY, PLAN, NERVE, PLEURA, SHAPE_PX
    frame: Callable[..., Frame] = staticmethod(frame_of)
    scene: Callable[..., Scene] = staticmethod(scene_of)
    record: Callable[..., Path] = staticmethod(record)
    replace = staticmethod(replace)
