"""One frame in, one scene out: the code that live, replay, `track` and `bench` share."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, runtime_checkable

from rtguide.calibration_ports import ChangeWatch
from rtguide.clock import Clock
from rtguide.errors import CalibrationError
from rtguide.guidance import guide
from rtguide.guidance.alarm_watch import AlarmWatch
from rtguide.guidance.timed_alarms import TimedAlarms
from rtguide.model.frame import Frame, SourceInfo
from rtguide.model.geometry import ImageGeometry, Provenance
from rtguide.model.guidance import Guidance
from rtguide.model.limits import AlarmLimits
from rtguide.model.needle import NeedleHint, NeedleMode
from rtguide.model.plan import Approach, Plan
from rtguide.model.scale_check import difference
from rtguide.model.scene import Scene, Tracking
from rtguide.model.spread import SpreadSight
from rtguide.model.structure import Role, Structure, StructureKind
from rtguide.model.tracked_needle import TrackedNeedle
from rtguide.pipeline.freeze import FreezeWatch
from rtguide.pipeline.loop import attempt
from rtguide.ports import CalibrationMethod, HintedTracker, Tracker

__all__ = ["Engine", "EngineParts", "ModedTracker"]

SEARCH_AGAIN_EVERY = 15
"""Frames between two searches for a region that was not found: twice a second at 30 frames/s, at 0.1 s a search."""

WATCH_AFTER = 1
"""Frames of a new picture before the watch learns what the screen looks like: what changes before it has learnt goes
unnoticed."""

UNWATCHED = (
    "neither a border of the picture nor a ruler is seen on this screen: a change of depth will go unnoticed, and "
    "millimetres will be wrong after it; give the scale anew when the depth is turned"
)

GIVEN = (Provenance.DICOM, Provenance.DEVICE, Provenance.USER)
"""Scales that did not come from the screen itself."""

CHANGED = "the picture's place or scale has changed: what was marked is forgotten, mark it again"


@runtime_checkable
class ModedTracker(Tracker, Protocol):
    """A tracker that looks for needles in the plane or for such as cross it."""

    def set_mode(self, mode: NeedleMode) -> None:
        """From the next frame on; `UNKNOWN` is in the plane. Marks stay; the mode stays over a new start."""
        ...


@runtime_checkable
class PlanningTracker(Tracker, Protocol):
    """A tracker that can be told from where the plan expects the needle."""

    def expect(self, approach: Approach) -> None:
        """From there, until told otherwise. One from the other side has to wait a little, and is still found."""
        ...


@dataclass(frozen=True, slots=True)
class EngineParts:
    """What an engine is put together from. mm_per_px: the user's own scale, None to keep what the source says ·
    tracked: gives the tracked needle of this moment.
    """

    tracker: Tracker
    region_finder: CalibrationMethod
    clock: Clock
    mm_per_px: float | None = None
    limits: AlarmLimits = field(default_factory=AlarmLimits)
    watch: ChangeWatch | None = None
    tracked: Callable[[], TrackedNeedle | None] | None = None


@dataclass(frozen=True, slots=True)
class _Marks:
    structures: tuple[Structure, ...]
    frame: Frame | None


class Engine:
    """Geometry, tracker and guidance, frame by frame.

    `process` belongs to one thread; `mark`, `clear_marks`, `accept_whole_frame` and `set_injecting` may be called from
    any other and take effect with the next frame.
    """

    def __init__(self, source: SourceInfo, geometry: ImageGeometry | None, parts: EngineParts) -> None:
        self._source = source
        self._given_geometry = geometry
        self._parts = parts
        self._geometry: ImageGeometry | None = None
        self._mm_per_px = parts.mm_per_px
        self._told_mm: tuple[float, float] | None = None
        self._device_mm: tuple[float, float] | None = None  # what it told, as long as that can hold
        self._is_region_known = False
        self._plan = Plan()
        self._freeze = FreezeWatch()
        self._frames_since_search = 0
        self._frames_to_watch = WATCH_AFTER
        self._screen_changed: str | None = None
        self._unwatched: str | None = None
        self._contradicted: str | None = None
        self._accepted: ImageGeometry | None = None
        self._lock = threading.Lock()
        self._pending: list[_Marks | None] = []
        self._hint: tuple[NeedleHint, Frame | None] | None = None
        self._mode: NeedleMode | None = None
        self._approach: Approach | None = None
        self._is_whole_frame_accepted = False
        self._is_injecting = False
        self._timed, self._alarms = TimedAlarms(parts.limits), AlarmWatch()

    def mark(self, structures: Sequence[Structure], frame: Frame | None = None) -> None:
        """Follow these structures as they lie in `frame` (None: in the next one processed); same names are replaced."""
        with self._lock:
            self._pending.append(_Marks(tuple(structures), frame))

    def hint(self, hint: NeedleHint, frame: Frame | None = None) -> None:
        """The needle is there in `frame` (None: in the next one processed). Not every tracker takes hints."""
        with self._lock:
            self._hint = hint, frame

    def set_mode(self, mode: NeedleMode) -> None:
        """Look for a needle in the plane, or for one that crosses it, from the next frame on, if the tracker can."""
        with self._lock:
            self._mode = mode

    def expect(self, approach: Approach) -> None:
        """The plan expects the needle from there. Not every tracker takes plans."""
        with self._lock:
            self._approach = approach

    def clear_marks(self) -> None:
        """Forget every marked structure."""
        with self._lock:
            self._pending.append(None)

    def accept_whole_frame(self) -> None:
        """Take the whole frame as the region, if none was found."""
        with self._lock:
            self._is_whole_frame_accepted = True

    def accept_geometry(self, geometry: ImageGeometry) -> None:
        """Take this region and scale, which the user has looked at, from the next frame on if that has their size."""
        with self._lock:
            self._accepted = geometry

    def set_injecting(self, *, is_injecting: bool) -> None:
        """Whether somebody injects, from the next frame on."""
        with self._lock:
            self._is_injecting = is_injecting

    def process(self, frame: Frame) -> Scene:
        """Everything that can be said about this frame. A tracker that fails is restarted; the scene says so."""
        had_marks, before = bool(self._plan.structures), self._geometry
        geometry = self._geometry_for(frame)
        changed = CHANGED if had_marks and before is not geometry else None
        notes = [text for text in (self._screen_changed, self._contradicted, self._unwatched, changed) if text]
        fault = self._take_mode() or self._take_approach() or self._take_marks(frame) or self._take_hint(frame)
        tracking = None
        if fault is None:
            tracking, fault = attempt(self._parts.tracker.track, frame)
        if fault is not None:
            fault = f"the tracker failed and was restarted, mark structures again: {fault}"
            self._restart(geometry)
        tracking = tracking or Tracking()
        is_frozen = self._freeze.is_frozen(frame, geometry)
        if is_frozen and tracking.spread is None:  # fluid that goes in now would not be seen
            tracking = replace(tracking, spread_sight=SpreadSight.CANNOT_TELL)
        return Scene(
            frame=frame,
            source=self._source,
            geometry=geometry,
            plan=self._plan,
            tracking=tracking,
            guidance=self._guidance(tracking, geometry, frame),
            t_tracked_ns=self._parts.clock.now_ns(),
            is_frozen=is_frozen,
            is_region_known=self._is_region_known,
            fault=fault or "; ".join(notes) or None,
            tracked=None if self._parts.tracked is None else self._parts.tracked(),
        )

    def _guidance(self, tracking: Tracking, geometry: ImageGeometry, frame: Frame) -> Guidance:
        """What can be said, with the alarms that stand."""
        with self._lock:
            is_injecting = self._is_injecting
        guidance = guide(tracking, self._plan, geometry, self._parts.limits)
        timed = self._timed.look(tracking, geometry, frame.time_ns, is_injecting=is_injecting)
        return replace(guidance, alarms=self._alarms.update((*guidance.alarms, *timed), frame.time_ns))

    def _geometry_for(self, frame: Frame) -> ImageGeometry:
        """The geometry of this frame; the tracker is started anew when it changes."""
        geometry = self._geometry
        self._screen_changed = self._unwatched = None
        if (accepted := self._take_accepted(frame)) is not None:
            geometry = accepted
        elif self._is_told_otherwise(frame):
            geometry = self._found(frame)
        elif geometry is not None and (what := self._change_seen(frame, geometry)) is not None:
            geometry = self._read_anew(frame, what)
        elif geometry is not None and geometry.shape_px == frame.shape_px:
            geometry = self._looked_for_again(frame, geometry)
        else:
            if geometry is not None:  # another size: no scale of before may outlive that
                self._mm_per_px = self._device_mm = None
            if frame.shape_px != self._source.shape_px:
                self._source = replace(self._source, shape_px=frame.shape_px)
            geometry = self._found(frame)
        if geometry is not self._geometry:
            self._geometry = geometry
            if self._screen_changed is None:
                self._frames_to_watch = WATCH_AFTER
            geometry = self._geometry = self._checked(frame, geometry)
            self._restart(geometry)
        return geometry

    def _checked(self, frame: Frame, geometry: ImageGeometry) -> ImageGeometry:
        """A scale that a source or a user gives, held against the screen's ruler; any, against what a device tells.

        Where they disagree that is said as long as the scale stands; a source's own is withheld.
        """
        self._contradicted = None
        if self._device_mm is not None and (why := difference(geometry, self._device_mm)) is not None:
            is_users = geometry.provenance is Provenance.USER
            self._contradicted = why if is_users else f"millimetres are withheld: {why}"
            return geometry if is_users else replace(geometry, provenance=Provenance.GUESS)
        watch = self._parts.watch
        if watch is None or geometry.spacing_mm is None or geometry.provenance not in GIVEN:
            return geometry
        if (why := watch.contradiction(frame.pixels, geometry)) is None:
            return geometry
        if geometry.provenance is Provenance.USER:
            self._contradicted = f"your scale does not fit the screen: {why}"
            return geometry
        self._contradicted = f"millimetres are withheld: {why}"
        return replace(geometry, provenance=Provenance.GUESS)

    def _take_accepted(self, frame: Frame) -> ImageGeometry | None:
        """What the user has accepted since the last frame; what the source said of itself goes on to be watched."""
        with self._lock:
            accepted, self._accepted = self._accepted, None
        if accepted is None or accepted.shape_px != frame.shape_px:
            return None
        self._mm_per_px, self._is_region_known = None, True
        self._is_told_otherwise(frame)
        return accepted

    def _change_seen(self, frame: Frame, geometry: ImageGeometry) -> str | None:
        """What the watch sees of a change; sources that know their own picture are not watched.

        A scale that somebody stands for is watched over even where no picture is found.
        """
        watch = self._parts.watch
        if watch is None or self._given_geometry is not None or geometry.shape_px != frame.shape_px:
            return None
        if self._frames_to_watch > 0:
            self._frames_to_watch -= self._is_region_known or geometry.is_verified
            if self._frames_to_watch == 0:
                reading = watch.start(frame.pixels, geometry)
                has_look = reading is not None and reading.look is not None
                if geometry.is_verified and geometry.is_whole_frame and not has_look:
                    self._unwatched = UNWATCHED
            return None
        return watch.change(frame.pixels)

    def _read_anew(self, frame: Frame, what: str) -> ImageGeometry:
        """Region and scale of a screen that has changed: a stored profile's, else the ruler's, not yet accepted."""
        self._mm_per_px = self._device_mm = None  # a device that goes on saying the same may not have noticed
        geometry = self._found(frame)
        assert self._parts.watch is not None
        reading = self._parts.watch.start(frame.pixels, geometry)
        if geometry.is_verified:
            then = "the stored profile of this screen is applied"
        else:
            then = "millimetres are withheld until its scale is known"
            if geometry.spacing_mm is None and reading is not None and reading.geometry.spacing_mm is not None:
                spacing = reading.geometry.spacing_mm
                geometry = replace(geometry, spacing_mm=spacing, provenance=Provenance.RULER_UNACCEPTED)
                then = f"millimetres are withheld until you accept what its ruler says, {spacing[1]:.4f} mm/px"
        self._screen_changed = f"{what} has changed (depth, zoom, probe or layout): {then}"
        return geometry

    def _is_told_otherwise(self, frame: Frame) -> bool:
        """Whether the source itself says that its picture has changed: no scale of before may outlive that."""
        is_rescaled = frame.spacing_mm != self._told_mm
        if is_rescaled:
            self._told_mm = self._device_mm = frame.spacing_mm
        is_new = frame.geometry is not None and frame.geometry != self._given_geometry
        if is_new:
            self._given_geometry = frame.geometry
        if not (is_new or is_rescaled):
            return False
        if self._geometry is not None:
            self._mm_per_px = None
        return True

    def _looked_for_again(self, frame: Frame, geometry: ImageGeometry) -> ImageGeometry:
        if self._is_region_known:
            return geometry
        with self._lock:
            self._is_region_known = self._is_whole_frame_accepted
        self._frames_since_search += 1
        if self._is_region_known or self._frames_since_search < SEARCH_AGAIN_EVERY:
            return geometry
        found = self._found(frame)
        return found if self._is_region_known else geometry

    def _found(self, frame: Frame) -> ImageGeometry:
        self._frames_since_search = 0
        given = self._given_geometry
        if given is not None and given.shape_px == frame.shape_px:
            self._is_region_known = True
            return self._scaled(given)
        try:
            geometry = self._parts.region_finder.calibrate([frame.pixels]).geometry
            self._is_region_known = True
        except CalibrationError:
            geometry = ImageGeometry.whole_frame(frame.shape_px)
            with self._lock:
                self._is_region_known = self._is_whole_frame_accepted
        return self._scaled(geometry)

    def _scaled(self, geometry: ImageGeometry) -> ImageGeometry:
        """With the user's scale, else the one that is known of this picture, else what the device tells."""
        if (scale := self._mm_per_px) is not None:
            return replace(geometry, spacing_mm=(scale, scale), provenance=Provenance.USER)
        if self._device_mm is None or geometry.is_verified:
            return geometry
        return replace(geometry, spacing_mm=self._device_mm, provenance=Provenance.DEVICE)

    def _restart(self, geometry: ImageGeometry) -> None:
        """Start the tracker anew. Marks are forgotten with it: where they lie now is not known."""
        self._parts.tracker.start(geometry)
        self._plan = Plan()
        self._timed.forget()
        self._alarms.forget()

    def _take_mode(self) -> str | None:
        """Hand on the mode that was asked for; what went wrong, or None."""
        with self._lock:
            mode, self._mode = self._mode, None
        tracker = self._parts.tracker
        if mode is None or not isinstance(tracker, ModedTracker):
            return None
        _, fault = attempt(tracker.set_mode, mode)
        return fault

    def _take_hint(self, frame: Frame) -> str | None:
        """Hand on where the needle was said to be; what went wrong, or None."""
        with self._lock:
            hint, self._hint = self._hint, None
        tracker = self._parts.tracker
        if hint is None or not isinstance(tracker, HintedTracker):
            return None
        where, seen_in = hint
        if seen_in is None or seen_in.shape_px != frame.shape_px:
            seen_in = frame
        return attempt(tracker.hint, where, seen_in)[1]

    def _take_approach(self) -> str | None:
        """Hand on from where the needle is expected; what went wrong, or None."""
        with self._lock:
            approach, self._approach = self._approach, None
        if approach is None or not isinstance(self._parts.tracker, PlanningTracker):
            return None
        return attempt(self._parts.tracker.expect, approach)[1]

    def _take_marks(self, frame: Frame) -> str | None:
        """Hand what was marked since the last frame to the tracker; what went wrong, or None."""
        with self._lock:
            pending, self._pending = self._pending, []
        for marks in pending:
            if marks is None:
                self._parts.tracker.clear_marks()
                self._plan = replace(self._plan, structures=(), aim=None)
                continue
            seen_in = marks.frame if marks.frame is not None and marks.frame.shape_px == frame.shape_px else frame
            _, fault = attempt(self._parts.tracker.mark, marks.structures, seen_in)
            if fault is not None:
                return fault
            self._plan = _with_structures(self._plan, marks.structures)
            self._timed.marked(structure.name for structure in marks.structures)
        return None


def _with_structures(plan: Plan, marked: tuple[Structure, ...]) -> Plan:
    """The plan with these structures added, or put in the place of those of the same name."""
    by_name = {structure.name: structure for structure in (*plan.structures, *marked)}
    aims = [s.name for s in marked if s.kind is StructureKind.POINT and s.role is Role.TARGET]
    return replace(plan, structures=tuple(by_name.values()), aim=aims[-1] if aims else plan.aim)
