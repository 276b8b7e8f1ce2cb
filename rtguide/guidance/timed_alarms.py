"""What only several frames together can say: a shaft that advances unseen, a nerve that swells, no spread."""

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import numpy as np

from rtguide.model.geometry import ImageGeometry
from rtguide.model.guidance import Alarm, AlarmPriority
from rtguide.model.limits import AlarmLimits
from rtguide.model.needle import NeedleMode, NeedleState, NeedleTrack, TipState
from rtguide.model.points import Points, as_array
from rtguide.model.scene import Tracking
from rtguide.model.spread import SpreadSight
from rtguide.model.structure import StructureState, StructureTrack, Tissue

__all__ = ["TimedAlarms"]

_ADVANCES = 3
"""The advance is the median of so many frames: one wrong end is none."""

_SAME_LINE_RAD = math.radians(8.0)
"""A needle advances along itself: where the found shaft has turned farther, it is another line that was found."""

_FASTEST_MM_S, _NOISE_MM = 25.0, 0.3
"""Faster than a hand advances a needle on purpose while it looks for its tip (blocks are done at 2 to 10 mm/s), and how
far a found end trembles: an end that jumps farther was found elsewhere, and nothing has advanced."""

_AREAS = 5
"""Likewise a nerve's area, whose outline breathes with the noise."""


@dataclass(frozen=True, slots=True)
class _Shaft:
    """The visible shaft in one frame: how long, which way (rad, in mm), and when."""

    length_mm: float
    way_rad: float
    t_ns: int

    def goes_on(self, before: "_Shaft") -> bool:
        """Whether a hand could have moved it so since then, and it is the same line."""
        farthest_mm = _FASTEST_MM_S * max(0, self.t_ns - before.t_ns) / 1e9 + _NOISE_MM
        turned = math.remainder(self.way_rad - before.way_rad, math.tau)
        return abs(self.length_mm - before.length_mm) <= farthest_mm and abs(turned) <= _SAME_LINE_RAD


class _Advance:
    """How far a shaft has advanced along itself. An end that was found elsewhere begins anew from there."""

    def __init__(self) -> None:
        self._lengths_mm: deque[float] = deque(maxlen=_ADVANCES)
        self._first: _Shaft | None = None
        self._last: _Shaft | None = None
        self._stray: _Shaft | None = None
        self._least_mm = math.inf

    def take(self, shaft: _Shaft) -> float:
        """The advance since it was shortest, mm."""
        last, stray = self._last, self._stray
        if last is not None and not shaft.goes_on(last):
            self._stray = shaft
            if stray is None or not shaft.goes_on(stray):
                return 0.0  # once is a slip: if the next one is where it was, it goes on from there
            self._begin(stray)
        elif (
            self._first is not None
            and abs(math.remainder(shaft.way_rad - self._first.way_rad, math.tau)) > _SAME_LINE_RAD
        ):
            self._begin(shaft)
        self._stray, self._last = None, shaft
        self._first = self._first or shaft
        self._lengths_mm.append(shaft.length_mm)
        if len(self._lengths_mm) < _ADVANCES:
            return 0.0
        length_mm = median(self._lengths_mm)
        if length_mm < self._least_mm:
            self._least_mm, self._first = length_mm, shaft
        return length_mm - self._least_mm

    def _begin(self, shaft: _Shaft) -> None:
        self._lengths_mm.clear()
        self._lengths_mm.append(shaft.length_mm)
        self._first, self._least_mm = shaft, math.inf


class TimedAlarms:
    """Looks at one frame after the other. For one thread."""

    def __init__(self, limits: AlarmLimits) -> None:
        self._limits = limits
        self._advance = _Advance()
        self._areas: dict[str, deque[float]] = {}
        self._first_areas: dict[str, float] = {}
        self._dry_ns = 0
        self._dry_at_ns: int | None = None

    def forget(self) -> None:
        """Another picture: nothing of before counts."""
        self._advance = _Advance()
        self._areas, self._first_areas = {}, {}
        self._dry_ns, self._dry_at_ns = 0, None

    def look(
        self, tracking: Tracking, geometry: ImageGeometry, now_ns: int, *, is_injecting: bool
    ) -> tuple[Alarm, ...]:
        """What is so in this frame, given those before. now_ns: the frame's time."""
        return (
            *self._blind_advance(tracking.needle, geometry, now_ns),
            *(_blind_injection(tracking.needle) if is_injecting else ()),
            *self._growing(tracking.structures, is_injecting=is_injecting),
            *self._no_spread(tracking.spread_sight, now_ns, is_injecting=is_injecting),
        )

    def _blind_advance(self, needle: NeedleState, geometry: ImageGeometry, now_ns: int) -> tuple[Alarm, ...]:
        """The visible shaft has grown along itself by the limit since it was shortest with its tip hidden."""
        is_held = needle.track in (NeedleTrack.LOCKED, NeedleTrack.COASTING)
        spacing = geometry.spacing_mm if geometry.is_verified else None
        if not (is_held and needle.tip.state is TipState.HIDDEN and needle.curve_px and spacing):
            self._advance = _Advance()
            return ()
        shaft = _shaft(needle.curve_px, spacing, now_ns)
        if self._advance.take(shaft) < self._limits.blind_advance_mm:
            return ()
        return (Alarm("blind-advance", AlarmPriority.MEDIUM, "needle advances, tip not visible"),)

    def marked(self, names: Iterable[str]) -> None:
        """These were marked, perhaps anew: their area is another one, and is measured from now on."""
        for name in names:
            self._areas.pop(name, None)
            self._first_areas.pop(name, None)

    def _no_spread(self, sight: SpreadSight, now_ns: int, *, is_injecting: bool) -> tuple[Alarm, ...]:
        """Injecting for the limit and all the while no fluid where it would be seen: else it begins anew."""
        before_ns, self._dry_at_ns = self._dry_at_ns, now_ns if is_injecting else None
        if not is_injecting or sight is not SpreadSight.NONE:
            self._dry_ns = 0
            return ()
        if before_ns is not None:
            self._dry_ns += max(0, now_ns - before_ns)
        if self._dry_ns < self._limits.no_spread_s * 1e9:
            return ()
        return (Alarm("no-spread", AlarmPriority.MEDIUM, "injecting, no spread seen"),)

    def _growing(self, structures: tuple[StructureState, ...], *, is_injecting: bool) -> tuple[Alarm, ...]:
        """Nerves whose area has grown by the limit since the injection began."""
        if not is_injecting:
            self._areas, self._first_areas = {}, {}
            return ()
        grown = []
        for structure in structures:
            if structure.tissue is not Tissue.NERVE or structure.track is not StructureTrack.TRACKED:
                continue
            areas = self._areas.setdefault(structure.name, deque(maxlen=_AREAS))
            areas.append(_area_px2(structure.outline_px))
            if len(areas) < _AREAS:
                continue
            now = median(areas)
            first = self._first_areas.setdefault(structure.name, now)
            if first > 0 and now >= (1.0 + self._limits.nerve_growth) * first:
                text = f"{structure.name} swells while injecting"
                grown.append(Alarm("nerve-grows", AlarmPriority.MEDIUM, text, structure.name))
        return tuple(grown)


def _blind_injection(needle: NeedleState) -> tuple[Alarm, ...]:
    """A predicted tip was seen at most 0.3 s ago: it is the hidden one, or none at all, that nobody sees.

    Out of plane the tip is never known: there an alarm would never end, and is raised only while the dot is not seen.
    """
    if needle.mode is NeedleMode.OUT_OF_PLANE and needle.section_px is not None:
        return ()
    if needle.tip.state in (TipState.SEEN, TipState.PREDICTED):
        return ()
    return (Alarm("injecting-blind", AlarmPriority.HIGH, "injecting, tip not visible"),)


def _shaft(curve_px: Points, spacing_mm: tuple[float, float], t_ns: int) -> _Shaft:
    points = (as_array(curve_px) * np.array(spacing_mm)).tolist()
    length_mm = float(sum(math.dist(a, b) for a, b in pairwise(points)))
    (x0, y0), (x1, y1) = points[0], points[-1]
    return _Shaft(length_mm, math.atan2(y1 - y0, x1 - x0), t_ns)


def _area_px2(outline_px: Points) -> float:
    """By the shoelace formula."""
    x, y = as_array(outline_px).T
    return 0.5 * abs(float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))))
