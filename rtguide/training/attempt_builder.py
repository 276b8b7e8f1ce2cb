"""An attempt out of what was said of each frame of a recording, or of what was true of it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtguide.guidance.distances import line_distance, outline_distance
from rtguide.model.geometry import ImageGeometry
from rtguide.model.needle import NeedleState, NeedleTrack
from rtguide.model.points import as_array
from rtguide.model.scene import Scene
from rtguide.model.structure import Role, StructureKind, StructureState, StructureTrack
from rtguide.tracking.grid import GridSampler, WorkGrid
from rtguide.tracking.grid_motion import TissueMotionEstimator
from rtguide.training.attempt import Attempt, Moment

__all__ = ["SessionAttempt", "TrueAttempt"]

Floats = NDArray[np.float64]


@dataclass(slots=True)
class _Rows:
    """Columns of an attempt while they grow."""

    time_s: list[float] = field(default_factory=list)
    is_needle: list[bool] = field(default_factory=list)
    is_seen: list[bool] = field(default_factory=list)
    along_mm: list[float] = field(default_factory=list)
    sigma_mm: list[float] = field(default_factory=list)
    angle_rad: list[float] = field(default_factory=list)
    pass_number: list[int] = field(default_factory=list)
    probe_mm: list[tuple[float, float]] = field(default_factory=list)
    target_mm: list[float] = field(default_factory=list)
    keep_outs_mm: dict[str, dict[int, float]] = field(default_factory=dict)

    def attempt(self, name: str, injecting: list[bool], moments: tuple[Moment, ...]) -> Attempt:
        count = len(self.time_s)
        keep_outs = {}
        for structure, known in self.keep_outs_mm.items():
            keep_outs[structure] = np.array([known.get(index, math.nan) for index in range(count)])
        return Attempt(
            name, np.array(self.time_s), np.array(self.is_needle, bool), np.array(self.is_seen, bool),
            np.array(self.along_mm), np.array(self.sigma_mm), np.array(self.angle_rad),
            np.array(self.pass_number, np.int64), np.array(self.probe_mm).reshape(-1, 2), np.array(self.target_mm),
            keep_outs, np.array(injecting, bool), moments,
        )  # fmt: skip

    def near(self, structures: "list[tuple[str, Role, StructureKind, Floats]]", tip_mm: Floats) -> None:
        """Distances of a tip to what lies around it, for the frame that was added last."""
        index, target = len(self.time_s) - 1, math.nan
        for name, role, kind, outline_mm in structures:
            is_closed = kind is StructureKind.STRUCTURE
            distance = (outline_distance if is_closed else line_distance)(tip_mm[None], outline_mm)
            if role in (Role.TARGET, Role.BOTH) and math.isnan(target):
                target = float(distance[0])
            if role in (Role.AVOID, Role.BOTH):
                self.keep_outs_mm.setdefault(name, {})[index] = float(distance[0])
        self.target_mm[-1] = target


class SessionAttempt:
    """Takes the scenes of a recording in order. Millimetres come only from a verified scale."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._rows = _Rows()
        self._geometry: ImageGeometry | None = None
        self._along = 0.0
        self._last_tip: Floats | None = None
        self._carried = np.zeros(2)

    def add(self, scene: Scene, time_s: float) -> None:
        """Add the next frame."""
        rows, needle = self._rows, scene.tracking.needle
        if scene.geometry != self._geometry:
            self._start(scene.geometry)
        cells = self._sampler.take(scene.frame)
        spacing = np.array(scene.geometry.spacing_mm if scene.geometry.is_verified else (math.nan, math.nan))
        tip = np.array(needle.tip.px) * spacing if needle.tip.is_seen and needle.tip.px is not None else None
        middle, carried = np.zeros(2), np.zeros(2)
        if not cells.is_repeat:
            motion = self._motion.update(cells.cells)
            cell_mm = self._grid.cell_mm if scene.geometry.is_verified else math.nan
            middle = cell_mm * np.array(motion.at_point(*motion.middle))
            place = self._grid.grid_from_px(np.array([needle.tip.px])) if tip is not None else motion.middle[None]
            carried = cell_mm * np.array(motion.at_point(*place[0]))
        self._carried = self._carried + carried
        is_new = bool(rows.pass_number) and needle.pass_number != rows.pass_number[-1]
        is_measured = tip is not None and not math.isnan(float(tip[0]))
        if tip is not None and is_measured:
            self._advance(needle, tip, spacing, is_new=is_new)
        sigma = needle.tip.sigma_px * float(spacing.mean()) if tip is not None and needle.tip.sigma_px else math.nan
        rows.time_s.append(time_s)
        rows.is_needle.append(needle.track in (NeedleTrack.LOCKED, NeedleTrack.COASTING))
        rows.is_seen.append(tip is not None)
        rows.along_mm.append(self._along if is_measured else math.nan)
        rows.sigma_mm.append(sigma)
        rows.angle_rad.append(_angle(needle, scene.geometry))
        rows.pass_number.append(needle.pass_number)
        rows.probe_mm.append((float(middle[0]), float(middle[1])))
        rows.target_mm.append(math.nan)
        if tip is not None and is_measured:
            rows.near([(s.name, s.role, s.kind, as_array(s.outline_px) * spacing)
                       for s in scene.tracking.structures if _is_followed(s)], tip)  # fmt: skip

    def attempt(self, injecting: list[tuple[float, float]], moments: tuple[Moment, ...]) -> Attempt:
        """All of it. injecting: (start, stop) in seconds."""
        flags = [any(a <= t < b for a, b in injecting) for t in self._rows.time_s]
        return self._rows.attempt(self._name, flags, moments)

    def _start(self, geometry: ImageGeometry) -> None:
        self._geometry = geometry
        self._grid = WorkGrid.from_geometry(geometry)
        self._sampler, self._motion = GridSampler(self._grid), TissueMotionEstimator(self._grid)
        self._last_tip = None

    def _advance(self, needle: NeedleState, tip: Floats, spacing: Floats, *, is_new: bool) -> None:
        """How far the tip has gone along the shaft through the tissue since it was seen last."""
        if self._last_tip is not None and not is_new and needle.entry_px is not None:
            shaft = tip - np.array(needle.entry_px) * spacing
            length = float(np.hypot(*shaft))
            if length > 0.0:
                self._along += float((tip - self._last_tip - self._carried) @ shaft) / length
        self._last_tip, self._carried = tip, np.zeros(2)


class TrueAttempt:
    """Takes the lines of a simulation's truth in order: the same figures, exact."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._rows = _Rows()
        self._shift = 0.0

    def add(self, line: Mapping[str, Any], time_s: float) -> None:
        """Add the next frame; line: as in `truth.jsonl`."""
        rows, needle, spacing = self._rows, line["needle"], np.array(line["mm_per_px"])
        is_in = needle is not None and bool(needle["in_view"])
        shift = float(line["probe"]["shift_mm"]) + float(line["probe"]["slide_mm"])
        rows.time_s.append(time_s)
        rows.is_needle.append(is_in)
        rows.is_seen.append(is_in and needle["visibility"] == "visible")
        rows.along_mm.append(float(needle["inserted_mm"]) if is_in else math.nan)
        rows.sigma_mm.append(0.0 if is_in else math.nan)
        rows.angle_rad.append(_true_angle(needle, spacing) if is_in else math.nan)
        rows.pass_number.append(int(needle["pass"]) if needle else (rows.pass_number[-1] if rows.pass_number else 0))
        rows.probe_mm.append((shift - self._shift, 0.0))
        rows.target_mm.append(math.nan)
        self._shift = shift
        if is_in:
            tip = np.array(needle["tip_px"]) * spacing
            rows.near([(s["name"], Role(s["role"]), StructureKind(s["kind"]), np.array(s["outline_px"]) * spacing)
                       for s in line["structures"] if s["outline_px"]], tip)  # fmt: skip

    def attempt(self, injecting: list[tuple[float, float]]) -> Attempt:
        """All of it. injecting: (start, stop) in seconds."""
        flags = [any(a <= t < b for a, b in injecting) for t in self._rows.time_s]
        return self._rows.attempt(self._name, flags, ())


def _is_followed(structure: StructureState) -> bool:
    return structure.track is StructureTrack.TRACKED and bool(structure.outline_px)


def _angle(needle: NeedleState, geometry: ImageGeometry) -> float:
    """Of the shaft to the horizontal of the picture, where the face of a linear probe lies."""
    if needle.entry_px is None or len(needle.curve_px) < 2:
        return math.nan
    spacing = np.array(geometry.spacing_mm or (1.0, 1.0))
    dx, dy = (np.array(needle.curve_px[-1]) - np.array(needle.entry_px)) * spacing
    return math.atan2(float(dy), abs(float(dx)))


def _true_angle(needle: Mapping[str, Any], spacing: Floats) -> float:
    curve = np.array(needle["curve_px"], float)
    if len(curve) < 2:
        return math.nan
    dx, dy = (curve[-1] - curve[0]) * spacing
    return math.atan2(float(dy), abs(float(dx)))
