"""One line of `scenes.jsonl`: everything a scene says, without its pixels, and back to equal values."""

from dataclasses import dataclass
from typing import Any

from rtguide.errors import RecordingError
from rtguide.model.frame import Frame, SourceInfo
from rtguide.model.geometry import ImageGeometry
from rtguide.model.guidance import Guidance
from rtguide.model.plan import Plan
from rtguide.model.scene import Scene, Tracking
from rtguide.recording.values_json import from_json, to_json

__all__ = ["RecordedScene", "SceneLine", "read_scene_line", "scene_line", "skipped_line"]


@dataclass(frozen=True, slots=True)
class SceneLine:
    """What one line holds. geometry, plan: their numbers in `session.json`, counted from 0."""

    seq: int
    geometry: int
    plan: int
    t_tracked_ns: int
    tracking: Tracking
    guidance: Guidance
    is_frozen: bool = False
    is_region_known: bool = True
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class RecordedScene:
    """A scene read back, without its frame. seq: the frame's number when it was recorded."""

    seq: int
    geometry: ImageGeometry
    plan: Plan
    tracking: Tracking
    guidance: Guidance
    t_tracked_ns: int
    is_frozen: bool
    is_region_known: bool
    fault: str | None

    def with_frame(self, frame: Frame, source: SourceInfo) -> Scene:
        """The scene as it was, on this frame."""
        return Scene(
            frame=frame,
            source=source,
            geometry=self.geometry,
            plan=self.plan,
            tracking=self.tracking,
            guidance=self.guidance,
            t_tracked_ns=self.t_tracked_ns,
            is_frozen=self.is_frozen,
            is_region_known=self.is_region_known,
            fault=self.fault,
        )


def scene_line(scene: Scene, geometry: int, plan: int) -> dict[str, Any]:
    """The scene as JSON, its geometry and plan by number."""
    line = SceneLine(
        seq=scene.frame.seq,
        geometry=geometry,
        plan=plan,
        t_tracked_ns=scene.t_tracked_ns,
        tracking=scene.tracking,
        guidance=scene.guidance,
        is_frozen=scene.is_frozen,
        is_region_known=scene.is_region_known,
        fault=scene.fault,
    )
    record: dict[str, Any] = to_json(line)
    return record


def skipped_line(seq: int) -> dict[str, Any]:
    """The line of a frame that was recorded but never tracked."""
    return {"seq": seq, "skipped": True}


def read_scene_line(
    record: object, geometries: tuple[ImageGeometry, ...], plans: tuple[Plan, ...]
) -> RecordedScene | None:
    """The scene of one line; None for a frame the tracker never took.

    Raises
    ------
    RecordingError
        The line is damaged, or names a geometry or plan the session does not hold.
    """
    if isinstance(record, dict) and record.get("skipped") is True:
        return None
    line = from_json(SceneLine, record)
    if not 0 <= line.geometry < len(geometries) or not 0 <= line.plan < len(plans):
        raise RecordingError(f"the scene of frame {line.seq} names a geometry or plan the session does not hold")
    return RecordedScene(
        seq=line.seq,
        geometry=geometries[line.geometry],
        plan=plans[line.plan],
        tracking=line.tracking,
        guidance=line.guidance,
        t_tracked_ns=line.t_tracked_ns,
        is_frozen=line.is_frozen,
        is_region_known=line.is_region_known,
        fault=line.fault,
    )
