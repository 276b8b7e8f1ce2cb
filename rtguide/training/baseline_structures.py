"""Structures as one would follow them with OpenCV alone: by optical flow, or by the MIL tracker.

References
----------
Bouguet 2000 (pyramidal Lucas-Kanade); Kalal et al. 2010 (forward-backward error); Shi & Tomasi 1994 (points);
Babenko et al. 2009 (multiple instance learning).
"""

from dataclasses import replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from rtguide.model.points import as_array, as_points
from rtguide.model.structure import Structure, StructureState, StructureTrack
from rtguide.opencv import cv2

__all__ = ["FlowFollower", "Follower", "MilFollower"]

Floats = NDArray[np.float64]
Grey = NDArray[np.uint8]

_POINTS = 60
_FEWEST = 10
_FORWARD_BACKWARD_PX = 1.0
"""A point that does not come back to within this is no longer believed."""
_WINDOW, _LEVELS = (21, 21), 3
_MARGIN = 0.25
"""The box around a structure is taken larger by this share: its border is what can be recognised."""

_ROOM = 8
"""Pixels that MIL needs between its box and the frame: it fails on a box as wide as the picture."""


class Follower(Protocol):
    """Follows one structure from the picture in which it was marked."""

    def follow(self, grey: Grey) -> StructureState:
        """Where it is in the next picture, uint8 (h, w)."""
        ...


class FlowFollower:
    """The median of forward-backward optical flow moves the outline; new points are taken where too few are left."""

    def __init__(self, structure: Structure, grey: Grey) -> None:
        self._structure = structure
        self._outline = as_array(structure.outline_px)
        self._before = grey
        self._points = self._taken(grey)
        self._is_lost = False

    def follow(self, grey: Grey) -> StructureState:
        """Lost, and for good, when too few points come back or its middle has left the picture."""
        if not self._is_lost:
            self._advance(grey)
        return _state(self._structure, None if self._is_lost else self._outline)

    def _advance(self, grey: Grey) -> None:
        if len(self._points) < _FEWEST:
            self._is_lost = True
            return
        options: dict[str, Any] = {"winSize": _WINDOW, "maxLevel": _LEVELS}
        there, found, _ = cv2.calcOpticalFlowPyrLK(self._before, grey, self._points, np.array([]), **options)
        back, found_back, _ = cv2.calcOpticalFlowPyrLK(grey, self._before, there, np.array([]), **options)
        off = np.linalg.norm(back - self._points, axis=2).ravel()
        kept = (found.ravel() == 1) & (found_back.ravel() == 1) & (off < _FORWARD_BACKWARD_PX)
        if kept.sum() < max(_FEWEST, 0.25 * len(kept)):
            self._is_lost = True
            return
        self._outline = self._outline + np.median((there - self._points).reshape(-1, 2)[kept], axis=0)
        self._before, self._points = grey, there[kept]
        x, y = self._outline.mean(axis=0)
        self._is_lost = not (0 <= x < grey.shape[1] and 0 <= y < grey.shape[0])
        if len(self._points) < _POINTS // 2:
            self._points = self._taken(grey)

    def _taken(self, grey: Grey) -> NDArray[np.float32]:
        """Points that can be followed, float32 (n, 1, 2), in the box around the outline."""
        x0, y0, x1, y1 = _box(self._outline, grey.shape)
        mask = np.zeros(grey.shape, np.uint8)
        mask[y0:y1, x0:x1] = 255
        points = cv2.goodFeaturesToTrack(grey, _POINTS, 0.01, 3.0, mask=mask)
        return np.zeros((0, 1, 2), np.float32) if points is None else points.astype(np.float32)


class MilFollower:
    """OpenCV's `TrackerMIL` on the box around the outline; it hardly ever says that it has lost it.

    It draws from a generator of its own that cannot be seeded: figures vary by what the process followed before.
    """

    def __init__(self, structure: Structure, grey: Grey) -> None:
        self._structure = structure
        self._outline = as_array(structure.outline_px)
        x0, y0, x1, y1 = _box(self._outline, grey.shape)
        x0, y0 = max(x0, _ROOM), max(y0, _ROOM)
        x1, y1 = min(x1, grey.shape[1] - _ROOM), min(y1, grey.shape[0] - _ROOM)
        self._first = (x0, y0)
        self._tracker: Any = cv2.TrackerMIL.create()
        self._tracker.init(grey, (x0, y0, x1 - x0, y1 - y0))

    def follow(self, grey: Grey) -> StructureState:
        """The outline moves with the box."""
        is_found, box = self._tracker.update(grey)
        shift = np.array([box[0] - self._first[0], box[1] - self._first[1]], np.float64)
        return _state(self._structure, self._outline + shift if is_found else None)


def _box(outline: Floats, shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    """(x0, y0, x1, y1) around an outline with a margin, whole pixels inside the frame, at least 16 wide and high."""
    (x0, y0), (x1, y1) = outline.min(axis=0), outline.max(axis=0)
    grow_x, grow_y = (max(_MARGIN * (b - a), (16 - (b - a)) / 2) for a, b in ((x0, x1), (y0, y1)))
    height, width = shape[:2]
    left, top = int(np.clip(x0 - grow_x, 0, width - 16)), int(np.clip(y0 - grow_y, 0, height - 16))
    right, bottom = int(np.clip(x1 + grow_x, left + 16, width)), int(np.clip(y1 + grow_y, top + 16, height))
    return left, top, right, bottom


def _state(structure: Structure, outline: Floats | None) -> StructureState:
    lost = StructureState(
        structure.name, structure.kind, structure.tissue, structure.role, StructureTrack.LOST, (), 0.0
    )
    if outline is None:
        return lost
    return replace(lost, track=StructureTrack.TRACKED, outline_px=as_points(outline), confidence=0.5)
