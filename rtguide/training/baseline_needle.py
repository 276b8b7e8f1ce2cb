"""The needle as one would find it with OpenCV alone: edges, Hough lines, the far end is the tip.

What it does on purpose, so that it is no straw man: the picture is smoothed, the thresholds follow it, pieces of one
line are joined, a line must come in from the side or the top at an angle that needles have, and it must be there in
three of four pictures. What it does not have: motion, a model of the end, doubt.

References
----------
Canny 1986 (edges); Matas et al. 2000 (progressive probabilistic Hough transform); Otsu 1979 (threshold).
"""

import math
from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtguide.model.geometry import ImageGeometry
from rtguide.model.needle import NeedleMode, NeedleState, NeedleTrack, Tip, TipState
from rtguide.model.points import Point
from rtguide.opencv import cv2

__all__ = ["HoughNeedle"]

Floats = NDArray[np.float64]

_WIDTH_PX = 640
"""Wider pictures are made smaller: finer detail is speckle, and the Hough transform pays for every edge pixel."""
_WIDTH_MM = 44.0
"""Taken for the picture's width where there is no scale."""
_MIN_LENGTH_MM = 5.0
_PIECE_MM, _MAX_GAP_MM = 2.5, 1.0
"""Shortest piece that the Hough transform gives, and the gap it bridges; pieces are joined over twice that gap."""
_BLUR_PX = 2.0
_BRIGHT_PERCENT, _CANNY_SHARE = 99.0, 0.7
"""What is bright in this picture; Canny's upper threshold, of that."""
_FLOOR_BRIGHT, _FLOOR_MEDIAN = 0.4, 1.8
"""Speckle darker than these shares of what is bright, and of the median, is flattened first."""
_ANGLES_RAD = (math.radians(10), math.radians(80))
"""From the skin: flatter lines are fascia, steeper ones shadows' edges."""
_BORDER_MM, _DEEPEST_ENTRY = 5.0, 0.6
"""A needle's near end lies this close to the picture's border, above this share of its height."""
_SAME_RAD, _SAME_MM = math.radians(3.0), 0.5
"""Pieces whose directions and distance across differ by less belong to one line (or to its two edges)."""
_JUMP_MM = 2.5
"""How far the far end may move from picture to picture for it to be the same needle."""
_REMEMBERED, _NEEDED = 4, 3
_SIGMA_MM = 0.8
"""Stated uncertainty of the tip."""


@dataclass(frozen=True, slots=True)
class _Line:
    """From near end to far end, px of the small picture."""

    near: Point
    far: Point

    @property
    def length(self) -> float:
        return math.dist(self.near, self.far)


class HoughNeedle:
    """Looks for one needle, picture by picture."""

    def __init__(self, geometry: ImageGeometry) -> None:
        self._bounds = geometry.bounds_px()
        x0, y0, x1, y1 = self._bounds
        self._scale = min(1.0, _WIDTH_PX / (x1 - x0))
        self._size = max(8, round(self._scale * (x1 - x0))), max(8, round(self._scale * (y1 - y0)))
        mask = cv2.resize(geometry.mask().astype(np.uint8), self._size, interpolation=cv2.INTER_NEAREST)
        framed = cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
        self._border_px = cv2.distanceTransform(framed, cv2.DIST_L2, 5)[1:-1, 1:-1]
        self._inside = self._border_px > 4
        width_mm = _WIDTH_MM if geometry.spacing_mm is None else geometry.spacing_mm[0] * (x1 - x0)
        self._px_per_mm = self._size[0] / width_mm
        self._last: deque[_Line | None] = deque(maxlen=_REMEMBERED)

    def find(self, grey: NDArray[np.uint8]) -> NeedleState:
        """The needle in a new picture, uint8 (h, w), the full frame."""
        x0, y0, x1, y1 = self._bounds
        small = np.asarray(cv2.resize(grey[y0:y1, x0:x1], self._size, interpolation=cv2.INTER_AREA), np.uint8)
        line = self._best(self._pieces(self._edges(small)))
        self._last.append(line)
        alike = sum(self._is_same(line, other) for other in self._last) if line is not None else 0
        if line is None or alike < _NEEDED:
            return NeedleState(track=NeedleTrack.SEARCHING)
        near, far = self._to_frame(line.near), self._to_frame(line.far)
        sigma = _SIGMA_MM * self._px_per_mm / self._scale
        half = sigma**2 / 2
        return NeedleState(
            track=NeedleTrack.LOCKED,
            mode=NeedleMode.IN_PLANE,
            pass_number=1,
            entry_px=near,
            curve_px=(near, far),
            tip=Tip(TipState.SEEN, far, (half, 0.0, half), sigma),
            confidence=0.5,
        )

    def _edges(self, small: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Edges of what is bright: uint8 (h, w), 0 or 255."""
        smooth = cv2.GaussianBlur(small, (0, 0), _BLUR_PX)
        bright = float(np.percentile(smooth[self._inside], _BRIGHT_PERCENT))
        high = _CANNY_SHARE * bright
        floor = max(_FLOOR_BRIGHT * bright, _FLOOR_MEDIAN * float(np.median(smooth[self._inside])))
        edges = cv2.Canny(np.maximum(smooth, floor).astype(np.uint8), 0.5 * high, high)
        edges[~self._inside] = 0
        return edges.astype(np.uint8)

    def _pieces(self, edges: NDArray[np.uint8]) -> list[_Line]:
        """Pieces of lines at a needle's angles, each from its upper end to its lower one."""
        length, gap = _PIECE_MM * self._px_per_mm, _MAX_GAP_MM * self._px_per_mm
        found = cv2.HoughLinesP(edges, 1, math.pi / 180, round(length * 0.6), minLineLength=length, maxLineGap=gap)
        lines = []
        for a, b, c, d in [] if found is None else found.reshape(-1, 4).astype(float).tolist():
            upper, lower = sorted(((a, b), (c, d)), key=lambda point: point[1])
            angle = math.atan2(lower[1] - upper[1], abs(lower[0] - upper[0]))
            if _ANGLES_RAD[0] <= angle <= _ANGLES_RAD[1]:
                lines.append(_Line(upper, lower))
        return lines

    def _best(self, pieces: list[_Line]) -> _Line | None:
        """The longest joined line that comes in from the border; None where there is none long enough."""
        width, height = self._size
        best: _Line | None = None
        for piece in pieces:
            line = self._joined(piece, pieces)
            column = int(np.clip(line.near[0], 0, width - 1))
            row = int(np.clip(line.near[1], 0, height - 1))
            is_entry = self._border_px[row, column] < _BORDER_MM * self._px_per_mm and row < _DEEPEST_ENTRY * height
            if is_entry and line.length > max(_MIN_LENGTH_MM * self._px_per_mm, 0.0 if best is None else best.length):
                best = line
        return best

    def _is_same(self, line: _Line, other: _Line | None) -> bool:
        return other is not None and math.dist(line.far, other.far) < _JUMP_MM * self._px_per_mm

    def _joined(self, piece: _Line, pieces: list[_Line]) -> _Line:
        """The piece, with the others that go on along it."""
        gap, across = 2 * _MAX_GAP_MM * self._px_per_mm, _SAME_MM * self._px_per_mm
        (x0, y0), (x1, y1) = piece.near, piece.far
        ux, uy = (x1 - x0) / piece.length, (y1 - y0) / piece.length
        spans = []
        for other in pieces:
            (ax, ay), (bx, by) = other.near, other.far
            turn = abs(math.asin(max(-1.0, min(1.0, (ux * (by - ay) - uy * (bx - ax)) / other.length))))
            off = max(abs(ux * (y - y0) - uy * (x - x0)) for x, y in (other.near, other.far))
            if turn < _SAME_RAD and off < across:
                spans.append(sorted(ux * (x - x0) + uy * (y - y0) for x, y in (other.near, other.far)))
        low, high = 0.0, piece.length
        for start, stop in sorted(spans):
            if start <= high + gap:
                high = max(high, stop)
        for start, stop in sorted(spans, key=lambda span: -span[1]):
            if stop >= low - gap:
                low = min(low, start)
        return _Line((x0 + low * ux, y0 + low * uy), (x0 + high * ux, y0 + high * uy))

    def _to_frame(self, point: Point) -> Point:
        x0, y0 = self._bounds[:2]
        return x0 + (point[0] + 0.5) / self._scale - 0.5, y0 + (point[1] + 0.5) / self._scale - 0.5
