"""What really is in a frame: exact, from the model that drew it; the tip's visibility is measured on the drawn echo."""

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from rtguide.model.needle import HiddenReason, NeedleMode, NeedleState, NeedleTrack, Tip, TipState
from rtguide.model.points import Point, Points
from rtguide.model.structure import Structure
from rtguide.phantom.beam import BeamGrid
from rtguide.phantom.pose import ProbePose

__all__ = ["NeedleTruth", "SpreadTruth", "TipEcho", "TipVisibility", "Truth", "section_echo", "tip_echo", "visibility"]

VISIBLE_DB = 9.0
"""The brightest line is far above the mean of the clutter ahead: taken as visible."""
HIDDEN_DB = 5.0
"""What the brightest line of mere speckle reaches; between the two nobody can say."""


class TipVisibility(StrEnum):
    """Whether the tip can be told from what lies ahead of it; grey is neither scored as seen nor as hidden."""

    VISIBLE = "visible"
    GREY = "grey zone"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class NeedleTruth:
    """The true needle.

    is_in_view: whether any of it lies within the picture's sides · is_out_of_plane: it crosses the slice rather than
    lying in it · curve_px: the shaft's axis inside the picture, from entry to the tip (or to where it leaves the
    picture) · section_px: where it crosses the slice · tip_px: also where it lies outside · tip_mm: (x, elevation,
    depth) in the probe frame · plane_offset_mm: the tip's distance from the slice, signed · inserted_mm: beyond the
    skin · contrast_db: echo at the tip over clutter just ahead, NaN outside · hidden_reason: when not visible ·
    section_db: echo where it crosses over what lies to both sides, NaN without · is_section_tip: the tip is what
    crosses, not a shaft whose tip has gone on; both look the same.
    """

    pass_number: int
    is_in_view: bool
    is_out_of_plane: bool
    entry_px: Point | None
    curve_px: Points
    section_px: Point | None
    tip_px: Point
    tip_mm: tuple[float, float, float]
    plane_offset_mm: float
    inserted_mm: float
    contrast_db: float
    visibility: TipVisibility
    hidden_reason: HiddenReason | None
    section_db: float = math.nan
    is_section_tip: bool = False

    def as_state(self) -> NeedleState:
        """The same as a tracker that knows everything would say it; the tip's sigma is 0."""
        if not self.is_in_view:
            return NeedleState(pass_number=self.pass_number)
        if self.visibility is TipVisibility.VISIBLE:
            tip = Tip(TipState.SEEN, self.tip_px, (0.0, 0.0, 0.0), 0.0)
        else:
            tip = Tip(TipState.HIDDEN, hidden_reason=self.hidden_reason)
        return NeedleState(
            track=NeedleTrack.LOCKED,
            mode=NeedleMode.OUT_OF_PLANE if self.is_out_of_plane else NeedleMode.IN_PLANE,
            pass_number=self.pass_number,
            entry_px=self.entry_px,
            curve_px=self.curve_px,
            section_px=self.section_px,
            tip=tip,
            confidence=1.0,
        )


@dataclass(frozen=True, slots=True)
class SpreadTruth:
    """Injected fluid in the slice. outline_px: image px · area_mm2."""

    outline_px: Points
    area_mm2: float


@dataclass(frozen=True, slots=True)
class Truth:
    """Everything true of one frame.

    index, time_s: of the frame · picture_s: when the scanner made the picture on it, earlier in a repeat or a freeze ·
    structures: outlines in image px, those with a role · spreads: pools of fluid · probe: its pose · mm_per_px: (x, y).
    """

    index: int
    time_s: float
    picture_s: float
    needle: NeedleTruth | None
    structures: tuple[Structure, ...]
    spreads: tuple[SpreadTruth, ...]
    probe: ProbePose
    mm_per_px: tuple[float, float]

    def needle_state(self) -> NeedleState:
        """The needle as a `NeedleState`; without a needle, the empty one."""
        return NeedleState() if self.needle is None else self.needle.as_state()


@dataclass(frozen=True, slots=True)
class TipEcho:
    """Amplitudes before compression. on_shaft: of the last of the shaft · ahead: mean of the clutter ahead of it."""

    on_shaft: float
    ahead: float

    @property
    def contrast_db(self) -> float:
        """The one over the other; NaN where either is silent or outside the picture."""
        if self.on_shaft <= 0.0 or self.ahead <= 0.0:
            return math.nan
        return 20 * math.log10(self.on_shaft / self.ahead)


def tip_echo(amplitude: NDArray[np.float32], grid: BeamGrid, tip_xz: Point, along_xz: Point) -> TipEcho:
    """Echo of the last 0.8 mm of the shaft, and the mean echo from 0.9 to 3 mm ahead of the tip.

    The shaft's echo is that of its brightest line within 0.5 mm of the axis: one wall dominates.

    amplitude float32 (samples, beams) before compression · tip_xz: mm in the probe frame · along_xz: unit vector of
    travel in the slice.
    """
    on_shaft = _strip_means(amplitude, grid, *_strip(tip_xz, along_xz, (-0.8, 0.1), 0.5)).max()
    ahead = _strip_means(amplitude, grid, *_strip(tip_xz, along_xz, (0.9, 3.0), 0.7)).mean()
    return TipEcho(float(on_shaft), float(ahead))


def section_echo(amplitude: NDArray[np.float32], grid: BeamGrid, section_xz: Point) -> TipEcho:
    """Echo where a needle crosses the slice, and the mean echo 1.2 to 3 mm to the left and right of it.

    amplitude float32 (samples, beams) before compression · section_xz: mm in the probe frame.
    """
    dot = _strip_means(amplitude, grid, *_strip(section_xz, (1.0, 0.0), (-0.3, 0.3), 0.6)).max()
    beside = [_strip_means(amplitude, grid, *_strip(section_xz, (s, 0.0), (1.2, 3.0), 0.6)).mean() for s in (-1.0, 1.0)]
    return TipEcho(float(dot), float(np.mean(beside)))


def _strip(
    tip_xz: Point, along_xz: Point, span_mm: Point, half_width_mm: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points (x, z) along the direction of travel, from and to these distances ahead of the tip: float64 (lines, n)."""
    s, t = np.meshgrid(np.linspace(*span_mm, 12), np.linspace(-half_width_mm, half_width_mm, 11))
    return tip_xz[0] + s * along_xz[0] - t * along_xz[1], tip_xz[1] + s * along_xz[1] + t * along_xz[0]


def _strip_means(
    amplitude: NDArray[np.float32], grid: BeamGrid, x: NDArray[np.float64], z: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Mean along each line of points (x, z); zeros where fewer than a third of them lie in the picture."""
    u, v = grid.from_mm(x, z)
    inside = (u >= grid.margin_u) & (u <= grid.beams - grid.margin_u - 1)
    inside &= (v >= grid.margin_v) & (v <= grid.samples - grid.margin_v - 1)
    if inside.mean() < 0.3:
        return np.zeros(len(x))
    rows = np.clip(np.rint(v), 0, grid.samples - 1).astype(np.int64)
    columns = np.clip(np.rint(u), 0, grid.beams - 1).astype(np.int64)
    count = np.maximum(inside.sum(axis=1), 1)
    means: NDArray[np.float64] = np.where(inside, amplitude[rows, columns], 0.0).sum(axis=1) / count
    return means


def visibility(contrast_db: float) -> TipVisibility:
    """The class of a contrast; NaN (outside the picture) is hidden."""
    if contrast_db >= VISIBLE_DB:
        return TipVisibility.VISIBLE
    return TipVisibility.GREY if contrast_db >= HIDDEN_DB else TipVisibility.HIDDEN
