"""The needle's truth in one picture: where it is by the model, whether its tip can be seen by the picture itself."""

import math

import numpy as np
from numpy.typing import NDArray

from rtguide.model.needle import HiddenReason
from rtguide.model.points import Point, as_points
from rtguide.phantom.needle import NeedlePose
from rtguide.phantom.scan import Scan
from rtguide.phantom.truth import NeedleTruth, TipEcho, TipVisibility, section_echo, tip_echo, visibility

__all__ = ["measure_needle"]

Floats = NDArray[np.float64]

_CURVE_POINTS = 13
_OUT_OF_SLICE = 1.3
"""Distance of the tip from the slice, in sigma of its thickness, beyond which that is why it cannot be seen."""
_STEEP_SIN = 0.77
"""Sine of the angle to the face (50°) above which steepness is named as the reason."""
_ACROSS = 0.2
"""Share of elevation in the direction of travel below which a needle, however it stands, counts as in the plane."""
_SHADOW_DB = 15.0
_DROWNED = 0.71
"""Share of the amplitude around the tip that is receiver noise, above which depth is named: half of the power."""


def measure_needle(scan: Scan, needle: NeedlePose, curve_mm: Floats, amplitude: NDArray[np.float32]) -> NeedleTruth:
    """The truth of a needle whose shaft lies along curve_mm, float64 (n, 3), probe frame, in a picture's amplitude."""
    fine = np.linspace(0, len(curve_mm) - 1, 241)
    x, y, z = (np.interp(fine, np.arange(len(curve_mm)), curve_mm[:, axis]) for axis in range(3))
    points = scan.screen.to_px(x, z)
    inside = scan.screen.geometry.region.contains(points)
    if needle.inserted_mm <= 0.0:
        inside[:] = False
    seen = points[inside]
    step = curve_mm[-1] - curve_mm[-2]
    in_slice = max(float(np.hypot(step[0], step[2])), 1e-6)
    along = (float(step[0]) / in_slice, float(step[2]) / in_slice)
    echo = TipEcho(0.0, 0.0)
    if inside[-1]:
        echo = tip_echo(amplitude, scan.grid, (float(x[-1]), float(z[-1])), along)
    state = _judge(scan, curve_mm, echo.contrast_db)
    kept = np.unique(np.linspace(0, max(len(seen) - 1, 0), _CURVE_POINTS).round().astype(np.int64))
    is_across = bool(abs(step[1]) > max(abs(step[0]), _ACROSS * float(np.linalg.norm(step))))
    section_mm = _section(x, y, z, inside) if is_across else None
    section = None if section_mm is None else section_echo(amplitude, scan.grid, section_mm)
    return NeedleTruth(
        pass_number=needle.pass_number,
        is_in_view=len(seen) > 1,
        is_out_of_plane=is_across,
        entry_px=None if len(seen) < 2 else (float(seen[0, 0]), float(seen[0, 1])),
        curve_px=as_points(seen[kept]) if len(seen) > 1 else (),
        section_px=None if section_mm is None else as_points(scan.screen.to_px(*np.array([section_mm]).T))[0],
        tip_px=(float(points[-1, 0]), float(points[-1, 1])),
        tip_mm=(float(x[-1]), float(y[-1]), float(z[-1])),
        plane_offset_mm=float(y[-1]),
        inserted_mm=max(0.0, needle.inserted_mm),
        contrast_db=echo.contrast_db,
        visibility=state,
        hidden_reason=None
        if state is TipVisibility.VISIBLE
        else _reason(scan, curve_mm, echo, is_inside=bool(inside[-1])),
        section_db=math.nan if section is None else section.contrast_db,
        is_section_tip=section is not None
        and abs(float(curve_mm[-1, 1])) <= _OUT_OF_SLICE * _slice_sigma(scan, curve_mm),
    )


def _judge(scan: Scan, curve_mm: Floats, contrast_db: float) -> TipVisibility:
    """By contrast; a tip well out of the slice is hidden whatever else glints where it would be."""
    state = visibility(contrast_db)
    sigma = _slice_sigma(scan, curve_mm)
    if abs(float(curve_mm[-1, 1])) > 2.3 * sigma:
        return TipVisibility.HIDDEN
    if abs(float(curve_mm[-1, 1])) > _OUT_OF_SLICE * sigma and state is TipVisibility.VISIBLE:
        return TipVisibility.GREY
    return state


def _slice_sigma(scan: Scan, curve_mm: Floats) -> float:
    return float(np.interp(curve_mm[-1, 2], scan.grid.depth_mm(), scan.grid.slice_sigma_mm()))


def _section(x: Floats, y: Floats, z: Floats, inside: NDArray[np.bool_]) -> Point | None:
    """Where the shaft crosses the slice, (x, depth) mm; None where it does not, or outside the picture."""
    crossing = np.flatnonzero((y[:-1] <= 0) != (y[1:] <= 0))
    if crossing.size == 0 or not inside[crossing[0]]:
        return None
    low = int(crossing[0])
    share = y[low] / (y[low] - y[low + 1])
    return float(x[low] + share * (x[low + 1] - x[low])), float(z[low] + share * (z[low + 1] - z[low]))


def _reason(scan: Scan, curve_mm: Floats, echo: TipEcho, *, is_inside: bool) -> HiddenReason:
    if not is_inside:
        return HiddenReason.LEFT_VIEW
    if abs(float(curve_mm[-1, 1])) > _OUT_OF_SLICE * _slice_sigma(scan, curve_mm):
        return HiddenReason.OUT_OF_PLANE
    if scan.shadow_db(float(curve_mm[-1, 0]), float(curve_mm[-1, 2])) > _SHADOW_DB:
        return HiddenReason.SHADOW
    if scan.noise_at(float(curve_mm[-1, 2])) > _DROWNED * echo.ahead:
        return HiddenReason.DEPTH
    step = curve_mm[-1] - curve_mm[-2]
    if abs(float(step[2])) > _STEEP_SIN * float(np.linalg.norm(step)):
        return HiddenReason.STEEP
    return HiddenReason.LOW_CONTRAST
