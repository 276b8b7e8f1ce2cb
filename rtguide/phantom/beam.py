"""The beam grid: where beams and samples lie, and how wide an echo is there.

Probe frame (mm): x across, y in elevation, z in depth from the middle of the face. Grid units: beam `u`, sample `v`,
both fractional; whole numbers are the centres of grid points, and a margin around the picture lets echoes from just
outside it spread in. The beams of a trapezoid picture start evenly spaced on the flat face and meet in a point behind
it; `v` runs along them. Those of a parallelogram run side by side, all steered alike.

The point spread function is a Gaussian in each direction, the usual model of a focused aperture near its axis.

References
----------
Szabo, Diagnostic Ultrasound Imaging: Inside Out, 2nd ed., as background (the publisher's description was looked up,
the book was not).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtguide.phantom.scenario import ProbeSettings, ScreenSettings

__all__ = ["SPEED_MM_PER_US", "BeamGrid", "widest_aperture_mm"]

SPEED_MM_PER_US = 1.54
"""Speed of sound that scanners assume for soft tissue, IEC 61391-1."""

_FWHM_PER_SIGMA = 2.0 * math.sqrt(2.0 * math.log(2.0))
_SAMPLES_PER_SIGMA = 1.05
"""Samples a sigma of the pulse: a Gaussian drawn on points one sigma apart is reproduced to 1 % by interpolation."""
_BEAMS_PER_SIGMA = 0.85
"""Beams a sigma of the narrowest beam, for the same reason; scanners have fewer lines, not more."""
_MARGIN = 3.2
"""Margin around the picture, in sigma of the widest echo."""
_SLICE_APERTURE_MM = 3.2
"""Height of the array in elevation: 3 to 5 mm in linear arrays for superficial use."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class BeamGrid:
    """Beams and samples of one probe at one depth setting.

    beams, samples: size of the grid with its margins · margin_u, margin_v: how many of them lie outside on each side ·
    pitch: mm between beams (linear), radians (curved) · step_mm: between samples · offset_u, offset_v: grid position of
    x = 0 and z = 0.
    """

    probe: ProbeSettings
    beams: int
    samples: int
    margin_u: int
    margin_v: int
    pitch: float
    step_mm: float
    offset_u: float
    offset_v: float

    @classmethod
    def design(cls, probe: ProbeSettings, screen: ScreenSettings) -> "BeamGrid":
        """The grid for a probe, laid so that resizing it gives a linear probe's picture on the screen exactly."""
        reach_mm = probe.depth_mm / math.cos(math.radians(max(probe.trapezoid_deg, abs(probe.steer_deg))))
        depth = np.linspace(0.0, reach_mm, 64)
        lateral = lateral_sigma_mm(probe, depth)
        axial = axial_sigma_mm(probe)
        step = axial / _SAMPLES_PER_SIGMA
        inner_v = round(reach_mm / step)
        if probe.kind == "linear":
            upright = math.cos(math.radians(probe.steer_deg))
            inner_u = round(probe.width_mm * upright / (float(lateral.min()) / _BEAMS_PER_SIGMA))
            pitch = probe.width_mm / inner_u
            widest = float(lateral.max()) / (pitch * upright)
        else:
            angles = lateral / (probe.radius_mm + depth)
            field = math.radians(probe.field_deg)
            inner_u = round(field / (float(angles.min()) / _BEAMS_PER_SIGMA))
            pitch = field / inner_u
            widest = float(angles.max()) / pitch
        step = reach_mm / inner_v
        margin_u, margin_v = math.ceil(_MARGIN * widest) + 1, math.ceil(_MARGIN * axial / step) + 1
        is_rectangle = probe.kind == "linear" and probe.trapezoid_deg == 0 and probe.steer_deg == 0
        per_px_u = inner_u / (probe.width_mm * screen.px_per_mm) if is_rectangle else 1.0
        per_px_v = 1.0 / (step * screen.px_per_mm)
        return cls(
            probe,
            beams=inner_u + 2 * margin_u,
            samples=inner_v + 2 * margin_v,
            margin_u=margin_u,
            margin_v=margin_v,
            pitch=pitch,
            step_mm=step,
            offset_u=margin_u + inner_u / 2 + (per_px_u - 1.0) / 2,
            offset_v=margin_v + (per_px_v - 1.0) / 2,
        )

    def from_mm(self, x: Floats, z: Floats) -> tuple[Floats, Floats]:
        """Grid position (u, v) of points in the probe's slice."""
        if self.probe.steer_deg != 0:
            steer = math.radians(self.probe.steer_deg)
            at_face = x - z * math.tan(steer)
            return at_face / self.pitch + self.offset_u, z / (math.cos(steer) * self.step_mm) + self.offset_v
        if self.probe.kind == "linear":
            apex = self.probe.virtual_apex_mm
            at_face = x if math.isinf(apex) else x * apex / (z + apex)
            along = z if math.isinf(apex) else z * np.hypot(1.0, x / (z + apex))
            return at_face / self.pitch + self.offset_u, along / self.step_mm + self.offset_v
        radius = self.probe.radius_mm
        angle = np.arctan2(x, z + radius)
        return angle / self.pitch + self.offset_u, (np.hypot(x, z + radius) - radius) / self.step_mm + self.offset_v

    def to_mm(self, u: Floats, v: Floats) -> tuple[Floats, Floats]:
        """The points (x, z) at grid positions."""
        depth = (v - self.offset_v) * self.step_mm
        if self.probe.steer_deg != 0:
            steer = math.radians(self.probe.steer_deg)
            return (u - self.offset_u) * self.pitch + depth * math.sin(steer), depth * math.cos(steer)
        if self.probe.kind == "linear":
            at_face, apex = (u - self.offset_u) * self.pitch, self.probe.virtual_apex_mm
            if math.isinf(apex):
                return at_face, depth
            z = depth / np.hypot(1.0, at_face / apex)
            return at_face * (1.0 + z / apex), z
        radius, angle = self.probe.radius_mm, (u - self.offset_u) * self.pitch
        return (radius + depth) * np.sin(angle), (radius + depth) * np.cos(angle) - radius

    def depth_mm(self) -> Floats:
        """Depth below the face of each sample, float64 (samples,); negative in the upper margin."""
        return np.asarray((np.arange(self.samples) - self.offset_v) * self.step_mm, dtype=np.float64)

    def lateral_sigma_mm(self) -> Floats:
        """Sigma of the beam across, for each sample."""
        return lateral_sigma_mm(self.probe, self.depth_mm())

    def lateral_sigma_at(self, depth_mm: Floats) -> Floats:
        """Sigma of the beam across, at depths."""
        return lateral_sigma_mm(self.probe, depth_mm)

    def slice_sigma_at(self, depth_mm: Floats) -> Floats:
        """Sigma of the slice in elevation, at depths."""
        return slice_sigma_mm(self.probe, depth_mm)

    def lateral_sigma_beams(self) -> Floats:
        """The same in beams."""
        if self.probe.kind == "linear":
            upright = math.cos(math.radians(self.probe.steer_deg))
            return self.lateral_sigma_mm() / (
                self.pitch * upright * (1.0 + self.depth_mm() / self.probe.virtual_apex_mm)
            )
        beams: Floats = self.lateral_sigma_mm() / ((self.probe.radius_mm + self.depth_mm()) * self.pitch)
        return beams

    def axial_sigma_mm(self) -> float:
        """Sigma of the pulse in depth."""
        return axial_sigma_mm(self.probe)

    def slice_sigma_mm(self) -> Floats:
        """Sigma of the slice in elevation, for each sample."""
        return slice_sigma_mm(self.probe, self.depth_mm())

    @property
    def wavelength_mm(self) -> float:
        """At the centre frequency."""
        return SPEED_MM_PER_US / self.probe.centre_mhz

    def beam_spacing_mm(self, depth_mm: float) -> float:
        """Distance between neighbouring beams at a depth."""
        if self.probe.kind == "linear":
            return (
                self.pitch
                * math.cos(math.radians(self.probe.steer_deg))
                * (1.0 + depth_mm / self.probe.virtual_apex_mm)
            )
        return self.pitch * (self.probe.radius_mm + depth_mm)


def axial_sigma_mm(probe: ProbeSettings) -> float:
    """Sigma of the pulse's envelope: 0.44 c / B between half amplitudes, for a Gaussian band B wide at −6 dB."""
    band_mhz = probe.centre_mhz * probe.fractional_bandwidth
    return 2.0 * math.log(2.0) / math.pi * SPEED_MM_PER_US / band_mhz / _FWHM_PER_SIGMA


def widest_aperture_mm(probe: ProbeSettings) -> float:
    """What the scanner's channels reach: beyond that depth the f-number grows."""
    return probe.focus_mm / probe.f_number * 1.3


def lateral_sigma_mm(probe: ProbeSettings, depth_mm: Floats) -> Floats:
    """Sigma of the two-way beam: wavelength × f-number between half amplitudes, wider away from the transmit focus.

    Reception is focused at every depth with a growing aperture; transmission at one, with a depth of field of
    7 wavelengths × f-number². Near the face it is limited by the element's own width.
    """
    wavelength = SPEED_MM_PER_US / probe.centre_mhz
    f_number = np.maximum(probe.f_number, np.abs(depth_mm) / widest_aperture_mm(probe))
    field_of_depth = 7.0 * wavelength * f_number**2
    defocus = np.hypot(1.0, (depth_mm - probe.focus_mm) / (4.0 * field_of_depth))
    sigma: Floats = wavelength * f_number * np.minimum(defocus, 1.8) / _FWHM_PER_SIGMA
    return sigma


def slice_sigma_mm(probe: ProbeSettings, depth_mm: Floats) -> Floats:
    """Sigma of the slice: a fixed lens, thinnest at its focus and as thick as the array's height at the face."""
    waist = probe.slice_mm / _FWHM_PER_SIGMA
    spread = _SLICE_APERTURE_MM * 0.7 / _FWHM_PER_SIGMA * np.abs(1.0 - depth_mm / probe.slice_focus_mm)
    return np.minimum(np.hypot(waist, spread), 3.0 * probe.slice_mm)
