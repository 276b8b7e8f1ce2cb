"""Where a tracker says that the needle is, in the picture: beside the needle that the picture shows.

Frames of reference as in PLUS: image (px), probe, the needle's marker, and the tracker. `probe_from_image` takes
pixels into millimetres of the probe.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtguide.errors import ConfigError
from rtguide.model.geometry import ImageGeometry
from rtguide.model.needle import NeedleState
from rtguide.model.points import Point

__all__ = ["Agreement", "TrackedNeedle", "TrackedSetup", "agreement", "place_needle"]

SHAFT_MM = 60.0
"""How much of the shaft behind the tip is drawn."""

Row = tuple[float, float, float, float]
Vector = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class TrackedSetup:
    """What is known of a tracked probe and needle.

    probe_from_image: the upper three rows of the matrix (mm per px, offsets in mm) · tip_mm: the tip in the marker's
    frame · shaft_mm: another point of the shaft there, the marker's own origin where the shaft runs to it · needle,
    probe: names of their frames in the tracker's transforms (`StylusToTracker`).
    """

    probe_from_image: tuple[Row, Row, Row]
    tip_mm: Vector
    shaft_mm: Vector = (0.0, 0.0, 0.0)
    needle: str = "Stylus"
    probe: str = "Probe"

    def __post_init__(self) -> None:
        if math.dist(self.tip_mm, self.shaft_mm) < 5.0:
            raise ConfigError(
                f"tip_mm {self.tip_mm} and shaft_mm {self.shaft_mm} are the same place: give another point of the shaft"
            )
        if np.linalg.norm(np.cross(self.matrix()[:3, 0], self.matrix()[:3, 1])) < 1e-9:
            raise ConfigError("probe_from_image gives its picture no area: calibrate the probe's pose again")

    def matrix(self) -> NDArray[np.float64]:
        """probe_from_image, float64 (4, 4)."""
        return np.vstack([np.array(self.probe_from_image, np.float64), [0.0, 0.0, 0.0, 1.0]])


@dataclass(frozen=True, slots=True)
class TrackedNeedle:
    """A tracked needle, projected onto the picture's plane.

    tip_px, shaft_px: the tip and a point of the shaft behind it · off_plane_mm: the tip's distance from the plane,
    signed · to_plane_rad: angle between shaft and plane.
    """

    tip_px: Point
    shaft_px: Point
    off_plane_mm: float
    to_plane_rad: float


@dataclass(frozen=True, slots=True)
class Agreement:
    """How a tracked needle and the one in the picture differ.

    turn_rad: between the two lines · line_px, line_mm: from the picture's end of the shaft to the tracked line, mm only
    with a verified scale · tip_px, tip_mm: between the two tips, None unless that in the picture is seen.
    """

    turn_rad: float
    line_px: float
    line_mm: float | None
    tip_px: float | None
    tip_mm: float | None


def place_needle(setup: TrackedSetup, probe_from_needle: NDArray[np.float64]) -> TrackedNeedle:
    """The tracked needle in the picture. probe_from_needle: float64 (4, 4), mm."""
    tip = probe_from_needle[:3, :3] @ np.array(setup.tip_mm) + probe_from_needle[:3, 3]
    other = probe_from_needle[:3, :3] @ np.array(setup.shaft_mm) + probe_from_needle[:3, 3]
    back = (other - tip) / np.linalg.norm(other - tip)
    image = setup.matrix()
    normal = np.cross(image[:3, 0], image[:3, 1])
    normal /= np.linalg.norm(normal)

    def to_px(place: NDArray[np.float64]) -> Point:
        x, y = np.linalg.lstsq(image[:3, :2], place - image[:3, 3], rcond=None)[0]
        return float(x), float(y)

    return TrackedNeedle(
        tip_px=to_px(tip),
        shaft_px=to_px(tip + SHAFT_MM * back),
        off_plane_mm=float(normal @ (tip - image[:3, 3])),
        to_plane_rad=float(np.arcsin(np.clip(abs(normal @ back), 0.0, 1.0))),
    )


def agreement(tracked: TrackedNeedle, seen: NeedleState, geometry: ImageGeometry) -> Agreement | None:
    """How the two differ; None where the picture shows no shaft."""
    end, turn = seen.shaft_end_px, seen.direction_rad
    if end is None or turn is None:
        return None
    dx, dy = tracked.tip_px[0] - tracked.shaft_px[0], tracked.tip_px[1] - tracked.shaft_px[1]
    length = math.hypot(dx, dy)
    if length < 1e-9:
        return None
    apart = (math.atan2(dy, dx) - turn + math.pi / 2) % math.pi - math.pi / 2
    along = ((end[0] - tracked.tip_px[0]) * dx + (end[1] - tracked.tip_px[1]) * dy) / length
    foot = (tracked.tip_px[0] + along * dx / length, tracked.tip_px[1] + along * dy / length)
    tip = seen.tip.px if seen.tip.is_seen else None
    return Agreement(
        turn_rad=abs(apart),
        line_px=math.dist(end, foot),
        line_mm=geometry.length_mm(end, foot),
        tip_px=None if tip is None else math.dist(tip, tracked.tip_px),
        tip_mm=None if tip is None else geometry.length_mm(tip, tracked.tip_px),
    )
