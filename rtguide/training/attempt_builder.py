"""An attempt out of what was said of each frame of a recording, or of what was true of it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtguide.guidance.distances import line_distance, outline_distance
from rtguide.model.geometry import ImageGeometry
from rtguide.model.needle import NeedleState, NeedleTrack
from rtguide.model.points import as_array
from rtguide.model.scene import Scene
from rtguide.model.structure import Role, StructureKind, StructureState, StructureTrack
from rtguide.phantom.pose import ProbePose
from rtguide.tracking.grid import GridSampler, WorkGrid
from rtguide.tracking.grid_motion import TissueMotionEstimator
from rtguide.tracking.spread import BESIDE_MM
from rtguide.training.attempt import Attempt, Moment
from rtguide.training.insertions import Insertions, Sight

__all__ = ["SessionAttempt", "TrueAttempt"]

Floats = NDArray[np.float64]

JUMP_RAD, SAME_RAD, FORGET_S = math.radians(8.0), math.radians(3.0), 12.0
"""No needle in tissue turns by so much from one frame to the next. Where a line jumps back to an angle it had before,
the tracker had meanwhile followed something else (a fascia, as the needle left the slice): that was no sight of it."""


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
    around_target: list[float] = field(default_factory=list)

    def attempt(self, name: str, injecting: list[bool], moments: tuple[Moment, ...]) -> Attempt:
        count = len(self.time_s)
        keep_outs = {}
        for structure, known in self.keep_outs_mm.items():
            keep_outs[structure] = np.array([known.get(index, math.nan) for index in range(count)])
        return Attempt(
            name, np.array(self.time_s), np.array(self.is_needle, bool), np.array(self.is_seen, bool),
            np.array(self.along_mm), np.array(self.sigma_mm), np.array(self.angle_rad),
            np.array(self.pass_number, np.int64), np.array(self.probe_mm).reshape(-1, 2), np.array(self.target_mm),
            keep_outs, np.array(self.around_target), np.array(injecting, bool), moments,
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
        self._trusted: list[_Trusted] = []
        self._carried = np.zeros(2)
        self._last_angle, self._has_jumped = math.nan, False
        self._insertions = Insertions()
        self._insertion_at: dict[int, int] = {}

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
        is_measured = tip is not None and not math.isnan(float(tip[0]))
        angle = _angle(needle, scene.geometry)
        when = _When(len(rows.time_s), time_s, angle)
        if abs(angle - self._last_angle) >= JUMP_RAD:
            self._has_jumped = not self._forget_since(when)
        self._last_angle = self._last_angle if math.isnan(angle) else angle
        if tip is not None and is_measured:
            self._advance(needle, tip, spacing, when)
        sigma = needle.tip.sigma_px * float(spacing.mean()) if tip is not None and needle.tip.sigma_px else math.nan
        rows.time_s.append(time_s)
        rows.is_needle.append(needle.track in (NeedleTrack.LOCKED, NeedleTrack.COASTING))
        rows.is_seen.append(tip is not None)
        rows.along_mm.append(self._along if is_measured else math.nan)
        rows.sigma_mm.append(sigma)
        rows.angle_rad.append(angle)
        rows.pass_number.append(needle.pass_number)
        rows.probe_mm.append((float(middle[0]), float(middle[1])))
        rows.target_mm.append(math.nan)
        rows.around_target.append(_share_around(scene))
        if tip is not None and is_measured:
            rows.near([(s.name, s.role, s.kind, as_array(s.outline_px) * spacing)
                       for s in scene.tracking.structures if _is_followed(s)], tip)  # fmt: skip

    def attempt(self, injecting: list[tuple[float, float]], moments: tuple[Moment, ...]) -> Attempt:
        """All of it. injecting: (start, stop) in seconds.

        Between two sights of one insertion the needle was in, seen or not.
        """
        flags = [any(a <= t < b for a, b in injecting) for t in self._rows.time_s]
        numbers, is_in = self._numbers(), list(self._rows.is_needle)
        known = [index for index, is_needle in enumerate(is_in) if is_needle]
        for before, after in pairwise(known):
            if numbers[before] == numbers[after]:
                is_in[before:after] = [True] * (after - before)
                numbers[before:after] = [numbers[after]] * (after - before)
        rows = replace(self._rows, is_needle=is_in, pass_number=numbers)
        return rows.attempt(self._name, flags, moments)

    def _numbers(self) -> list[int]:
        """Each frame's insertion: that of its tip; where that is not seen, of the next sight to which the needle is
        followed, else of the one before.
        """
        coming, ahead = 0, list[int]()
        for index in reversed(range(len(self._rows.time_s))):
            coming = self._insertion_at.get(index, coming if self._rows.is_needle[index] else 0)
            ahead.append(coming)
        numbers, last = list[int](), 0
        for number, tracked in zip(reversed(ahead), self._rows.pass_number, strict=True):
            last = number or last or min(1, tracked)
            numbers.append(last)
        return numbers

    def _start(self, geometry: ImageGeometry) -> None:
        self._geometry = geometry
        self._grid = WorkGrid.from_geometry(geometry)
        self._sampler, self._motion = GridSampler(self._grid), TissueMotionEstimator(self._grid)
        self._trusted, self._carried = [], np.zeros(2)

    def _advance(self, needle: NeedleState, tip: Floats, spacing: Floats, when: "_When") -> None:
        """How far the tip has gone along the shaft through the tissue since it was seen last."""
        if needle.entry_px is None:
            return
        shaft = tip - np.array(needle.entry_px) * spacing
        length = float(np.hypot(*shaft))
        is_new = self._insertions.take(Sight(when.time_s, needle.pass_number, length, self._has_jumped))
        self._has_jumped = False
        self._insertion_at[when.index] = self._insertions.count
        if is_new:
            self._along, self._trusted = length, []
        elif self._trusted and length > 0.0:
            last = self._trusted[-1]
            self._along = (
                last.along_mm + float((tip - last.tip_mm - (self._carried - last.carried_mm)) @ shaft) / length
            )
        now = _Trusted(when, tip, self._along, self._carried)
        self._trusted = [one for one in self._trusted if one.when.time_s >= when.time_s - FORGET_S] + [now]

    def _forget_since(self, when: "_When") -> bool:
        """Whether the line has come back in one frame to where it was: what it did meanwhile was no needle's."""
        for number in range(len(self._trusted) - 1, -1, -1):
            one = self._trusted[number]
            if abs(one.when.angle_rad - when.angle_rad) <= SAME_RAD:
                doubted = range(one.when.index + 1, when.index)
                for index in doubted:
                    self._rows.is_seen[index], self._rows.along_mm[index] = False, math.nan
                    self._rows.angle_rad[index] = math.nan
                    self._insertion_at.pop(index, None)
                self._trusted = self._trusted[: number + 1]
                return True
        return False


@dataclass(frozen=True, slots=True)
class _When:
    """A frame, and the angle of the shaft in it."""

    index: int
    time_s: float
    angle_rad: float


@dataclass(frozen=True, slots=True, eq=False)
class _Trusted:
    """A tip that was seen: where, how far along, and how far the tissue had carried things by then, mm."""

    when: _When
    tip_mm: Floats
    along_mm: float
    carried_mm: Floats


class TrueAttempt:
    """Takes the lines of a simulation's truth in order: the same figures, exact.

    middle_mm: the picture's middle, (along the face, depth) in the probe frame.
    """

    def __init__(self, name: str, middle_mm: tuple[float, float] = (0.0, 20.0)) -> None:
        self._name = name
        self._rows = _Rows()
        self._middle = middle_mm
        self._pose: ProbePose | None = None
        self._outside_mm: dict[int, float] = {}

    def add(self, line: Mapping[str, Any], time_s: float) -> None:
        """Add the next frame; line: as in `truth.jsonl`."""
        rows, needle, spacing = self._rows, line["needle"], np.array(line["mm_per_px"])
        is_in = needle is not None and bool(needle["in_view"])
        pose = _pose(line["probe"])
        rows.time_s.append(time_s)
        rows.is_needle.append(is_in)
        rows.is_seen.append(is_in and needle["visibility"] == "visible")
        number = int(needle["pass"]) if needle else 0
        if is_in and number not in self._outside_mm:
            self._outside_mm[number] = float(needle["inserted_mm"]) - _length(needle, spacing)
        rows.along_mm.append(float(needle["inserted_mm"]) - self._outside_mm[number] if is_in else math.nan)
        rows.sigma_mm.append(0.0 if is_in else math.nan)
        rows.angle_rad.append(_true_angle(needle, spacing) if is_in else math.nan)
        rows.pass_number.append(int(needle["pass"]) if needle else (rows.pass_number[-1] if rows.pass_number else 0))
        rows.probe_mm.append(_way_of(self._middle, self._pose or pose, pose))
        rows.target_mm.append(math.nan)
        rows.around_target.append(_true_share_around(line, spacing))
        self._pose = pose
        if is_in:
            tip = np.array(needle["tip_px"]) * spacing
            rows.near([(s["name"], Role(s["role"]), StructureKind(s["kind"]), np.array(s["outline_px"]) * spacing)
                       for s in line["structures"] if s["outline_px"]], tip)  # fmt: skip

    def attempt(self, injecting: list[tuple[float, float]]) -> Attempt:
        """All of it. injecting: (start, stop) in seconds."""
        flags = [any(a <= t < b for a, b in injecting) for t in self._rows.time_s]
        return self._rows.attempt(self._name, flags, ())


def _pose(line: Mapping[str, float]) -> ProbePose:
    return ProbePose(line["shift_mm"], line["slide_mm"], math.radians(line["rock_deg"]), math.radians(line["tilt_deg"]))


def _way_of(middle_mm: tuple[float, float], before: ProbePose, now: ProbePose) -> tuple[float, float]:
    """How far tissue that lay in the picture's middle has gone in the picture by the probe's motion, (x, z) mm."""
    x, z = (np.array([value]) for value in middle_mm)
    moved_x, _, moved_z = now.to_probe(*before.to_patient(x, z))
    return float(moved_x[0] - x[0]), float(moved_z[0] - z[0])


def _share_around(scene: Scene) -> float:
    """Of the first structure to reach."""
    spread = scene.tracking.spread
    target = next((s.name for s in scene.tracking.structures if s.role in (Role.TARGET, Role.BOTH)), None)
    if spread is None or target is None:
        return math.nan
    return next((around.share for around in spread.around if around.name == target), math.nan)


def _true_share_around(line: Mapping[str, Any], spacing: Floats) -> float:
    target = next((s for s in line["structures"] if Role(s["role"]) in (Role.TARGET, Role.BOTH)), None)
    if target is None or not target["outline_px"] or not line["spread"]:
        return math.nan
    points = np.array(target["outline_px"], float) * spacing
    pools = [np.array(pool["outline_px"], float) * spacing for pool in line["spread"]]
    return float(np.mean(np.min([outline_distance(points, pool) for pool in pools], axis=0) < BESIDE_MM))


def _is_followed(structure: StructureState) -> bool:
    return structure.track is StructureTrack.TRACKED and bool(structure.outline_px)


def _angle(needle: NeedleState, geometry: ImageGeometry) -> float:
    """Of the shaft to the horizontal of the picture, where the face of a linear probe lies."""
    if needle.entry_px is None or len(needle.curve_px) < 2:
        return math.nan
    spacing = np.array(geometry.spacing_mm or (1.0, 1.0))
    dx, dy = (np.array(needle.curve_px[-1]) - np.array(needle.entry_px)) * spacing
    return math.atan2(float(dy), abs(float(dx)))


def _length(needle: Mapping[str, Any], spacing: Floats) -> float:
    """Of the shaft in the picture, mm."""
    curve = np.array(needle["curve_px"], float).reshape(-1, 2) * spacing
    return float(np.hypot(*np.diff(curve, axis=0).T).sum())


def _true_angle(needle: Mapping[str, Any], spacing: Floats) -> float:
    curve = np.array(needle["curve_px"], float)
    if len(curve) < 2:
        return math.nan
    dx, dy = (curve[-1] - curve[0]) * spacing
    return math.atan2(float(dy), abs(float(dx)))
