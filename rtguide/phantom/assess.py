"""How well the speckle keeps to the theory it is drawn by: measured on an even block of reference material.

Fully developed speckle is a complex Gaussian field: its magnitude follows the Rayleigh distribution, its correlation is
that of the point spread function with itself.

References
----------
Wagner, Insana, Brown, Statistical properties of radio-frequency and envelope-detected signals with applications to
medical ultrasound, J Opt Soc Am A 4 (1987), 910-922 (abstract).
Burckhardt, Speckle in ultrasound B-mode scans, IEEE Trans Sonics Ultrason 25 (1978), no. 1 (abstract).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from rtguide.phantom.anatomy import Anatomy
from rtguide.phantom.hand import Hold
from rtguide.phantom.happenings import ProbeMove
from rtguide.phantom.motion import Moment, TissueMotion
from rtguide.phantom.pose import ProbePose
from rtguide.phantom.scan import Patient, Scan, View
from rtguide.phantom.scenario import Layer, Motion, ProbeSettings, Scenario, ScreenSettings

__all__ = ["Block", "Spacing", "elevation_correlation", "field_correlation", "half_width_mm", "rayleigh_p_value"]

Complex = NDArray[np.complex64]
Floats = NDArray[np.float64]


class Block:
    """An even block under a probe, that can be looked at from any elevation up to `sweep_mm`."""

    def __init__(self, probe: ProbeSettings, seed: int, sweep_mm: float = 0.0) -> None:
        moves = (ProbeMove(seconds=1, slide_mm=sweep_mm),) if sweep_mm else ()
        scenario = Scenario(
            name="block",
            title="Block",
            summary="Even reference material",
            probe=probe,
            screen=ScreenSettings(layout="bare", width_px=1280, height_px=720, px_per_mm=700 / probe.depth_mm),
            layers=(Layer(kind="reference"),),
            motion=Motion(breathing_mm=0.0),
            probe_moves=moves,
        )
        rng = np.random.default_rng(seed)
        anatomy = Anatomy(scenario, rng)
        motion = TissueMotion(scenario.motion, anatomy, probe.depth_mm, (0.0, 0.0))
        self._scan = Scan(scenario, Patient(anatomy, motion, None), lambda purpose: rng, keeps_looks=True)
        self.grid = self._scan.grid

    def field(self, slide_mm: float = 0.0) -> Complex:
        """The straight look's complex field at an elevation, before gain and noise: complex64 (samples, beams)."""
        hold = Hold(ProbePose(slide_mm=slide_mm))
        self._scan.amplitude(View(hold, Moment(0.0), None, None), (0, 0))
        field: Complex = self._scan.formation.complex_looks[..., 0].copy()
        return field

    def rows(self, first_mm: float, last_mm: float) -> slice:
        """The samples between two depths."""
        step, offset = self.grid.step_mm, self.grid.offset_v
        return slice(round(first_mm / step + offset), round(last_mm / step + offset))


@dataclass(frozen=True, slots=True)
class Spacing:
    """Distance of independent samples, in grid points (samples, beams)."""

    samples: int
    beams: int


def rayleigh_p_value(field: Complex, spacing: Spacing) -> float:
    """Kolmogorov–Smirnov p-value of magnitudes against Rayleigh, on samples far enough apart to be independent."""
    values = np.abs(field[:: spacing.samples, :: spacing.beams]).ravel().astype(np.float64)
    sigma = math.sqrt(float(np.mean(values**2)) / 2)
    return float(stats.kstest(values, stats.rayleigh(scale=sigma).cdf).pvalue)


def field_correlation(fields: list[Complex], axis: int, reach: int) -> Floats:
    """Magnitude of the normalised autocorrelation at shifts 0, 1, … `reach` grid points, averaged over fields."""
    sums = np.zeros(reach + 1, dtype=np.complex128)
    for field in fields:
        for shift in range(reach + 1):
            stop = field.shape[axis] - shift
            a, b = np.take(field, range(stop), axis), np.take(field, range(shift, stop + shift), axis)
            power = math.sqrt(float(np.mean(np.abs(a) ** 2)) * float(np.mean(np.abs(b) ** 2)))
            sums[shift] += np.mean(a.astype(np.complex128) * np.conj(b)) / power
    correlation: Floats = np.abs(sums) / len(fields)
    return correlation


def elevation_correlation(block: Block, rows: slice, slides_mm: Floats) -> Floats:
    """Magnitude of the correlation between the first slice and others, one value for each of `slides_mm`."""
    first = block.field(0.0)[rows]
    found = []
    for slide in slides_mm:
        other = block.field(float(slide))[rows]
        power = math.sqrt(float(np.mean(np.abs(first) ** 2)) * float(np.mean(np.abs(other) ** 2)))
        found.append(abs(complex(np.mean(first * np.conj(other)))) / power)
    return np.array(found)


def half_width_mm(correlation: Floats, step_mm: float) -> float:
    """Full width at half height of a correlation given at shifts 0, 1, … grid points."""
    below = int(np.argmax(correlation < 0.5))
    high, low = float(correlation[below - 1]), float(correlation[below])
    return 2.0 * (below - 1 + (high - 0.5) / (high - low)) * step_mm
