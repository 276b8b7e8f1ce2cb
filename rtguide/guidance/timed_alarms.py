"""What only several frames together can say: a shaft that advances with its tip hidden, a nerve that swells."""

import math
from collections import deque
from itertools import pairwise
from statistics import median

import numpy as np

from rtguide.model.geometry import ImageGeometry
from rtguide.model.guidance import Alarm, AlarmPriority
from rtguide.model.limits import AlarmLimits
from rtguide.model.needle import NeedleState, NeedleTrack, TipState
from rtguide.model.points import Points, as_array
from rtguide.model.scene import Tracking
from rtguide.model.structure import StructureState, StructureTrack, Tissue

__all__ = ["TimedAlarms"]

_LENGTHS = 3
"""The shaft's length is the median of so many frames: one wrong end is no advance."""

_AREAS = 5
"""Likewise a nerve's area, whose outline breathes with the noise."""


class TimedAlarms:
    """Looks at one frame after the other. For one thread."""

    def __init__(self, limits: AlarmLimits) -> None:
        self._limits = limits
        self._lengths_mm: deque[float] = deque(maxlen=_LENGTHS)
        self._shortest_mm = math.inf
        self._areas: dict[str, deque[float]] = {}
        self._first_areas: dict[str, float] = {}

    def forget(self) -> None:
        """Another picture: nothing of before counts."""
        self._lengths_mm.clear()
        self._shortest_mm = math.inf
        self._areas, self._first_areas = {}, {}

    def look(self, tracking: Tracking, geometry: ImageGeometry, *, is_injecting: bool) -> tuple[Alarm, ...]:
        """What is so in this frame, given those before."""
        return (
            *self._blind_advance(tracking.needle, geometry),
            *(_blind_injection(tracking.needle) if is_injecting else ()),
            *self._growing(tracking.structures, is_injecting=is_injecting),
        )

    def _blind_advance(self, needle: NeedleState, geometry: ImageGeometry) -> tuple[Alarm, ...]:
        """The visible shaft is longer by the limit than it was at its shortest since the tip was hidden."""
        is_held = needle.track in (NeedleTrack.LOCKED, NeedleTrack.COASTING)
        spacing = geometry.spacing_mm if geometry.is_verified else None
        if not (is_held and needle.tip.state is TipState.HIDDEN and needle.curve_px and spacing):
            self._lengths_mm.clear()
            self._shortest_mm = math.inf
            return ()
        self._lengths_mm.append(_length_mm(needle.curve_px, spacing))
        if len(self._lengths_mm) < _LENGTHS:
            return ()
        length_mm = median(self._lengths_mm)
        self._shortest_mm = min(self._shortest_mm, length_mm)
        if length_mm - self._shortest_mm < self._limits.blind_advance_mm:
            return ()
        return (Alarm("blind-advance", AlarmPriority.MEDIUM, "needle advances, tip not visible"),)

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
    """A predicted tip was seen at most 0.3 s ago: it is the hidden one, or none at all, that nobody sees."""
    if needle.tip.state in (TipState.SEEN, TipState.PREDICTED):
        return ()
    return (Alarm("injecting-blind", AlarmPriority.HIGH, "injecting, tip not visible"),)


def _length_mm(curve_px: Points, spacing_mm: tuple[float, float]) -> float:
    points = as_array(curve_px) * np.array(spacing_mm)
    return float(sum(math.dist(a, b) for a, b in pairwise(points.tolist())))


def _area_px2(outline_px: Points) -> float:
    """By the shoelace formula."""
    x, y = as_array(outline_px).T
    return 0.5 * abs(float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))))
