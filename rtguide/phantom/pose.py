"""Where the probe is, relative to where it rested at the start."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["ProbePose", "Reach"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Reach:
    """How far pictures go from the first one, mm: in elevation, along themselves, and up or down at their ends.

    lean: further elevation for each mm of depth, from tilting.
    """

    sweep_mm: float = 0.0
    lean: float = 0.0
    shift_mm: float = 0.0
    rise_mm: float = 0.0


@dataclass(frozen=True, slots=True)
class ProbePose:
    """shift_mm: along the picture · slide_mm: across it, in elevation · rock_rad: turn within the picture's plane, the
    right end pressed in when positive · tilt_rad: fan about the face's long axis, deep tissue of positive elevation
    coming into the slice when positive.
    """

    shift_mm: float = 0.0
    slide_mm: float = 0.0
    rock_rad: float = 0.0
    tilt_rad: float = 0.0

    def to_probe(self, x: Floats, y: Floats, z: Floats) -> tuple[Floats, Floats, Floats]:
        """Patient points (x, y, z) in the probe frame, mm."""
        dx, dy = x - self.shift_mm, y - self.slide_mm
        cos, sin = math.cos(self.rock_rad), math.sin(self.rock_rad)
        px, pz = dx * cos + z * sin, z * cos - dx * sin
        cos, sin = math.cos(self.tilt_rad), math.sin(self.tilt_rad)
        return px, dy * cos - pz * sin, pz * cos + dy * sin

    @property
    def is_at_rest(self) -> bool:
        """Whether the probe is where it started."""
        return self == ProbePose()

    def to_patient(self, x: Floats, z: Floats) -> tuple[Floats, Floats, Floats]:
        """Points (x, z) of the slice in the patient frame (x, y, z), mm."""
        cos, sin = math.cos(self.tilt_rad), math.sin(self.tilt_rad)
        y, pz = z * sin, z * cos
        cos, sin = math.cos(self.rock_rad), math.sin(self.rock_rad)
        return x * cos - pz * sin + self.shift_mm, y + self.slide_mm, x * sin + pz * cos

    def elevation_step(self) -> tuple[float, float, float]:
        """What 1 mm of patient elevation is in the probe frame, (x, y, z)."""
        return 0.0, math.cos(self.tilt_rad), math.sin(self.tilt_rad)
