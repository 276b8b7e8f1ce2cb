"""The lag between picture and tracker, from a probe that is moved up and down over the bottom of a water tank.

The height of the bottom's echo in the pictures and the tracked probe's position along its main direction are the same
motion; the shift in time at which they correlate best is the lag.

References
----------
Temporal calibration of the PLUS toolkit (Lasso et al., IEEE Trans Biomed Eng 2014; 61: 2527).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calibration.gain import gain_too_high
from calibration.line_position import echo_peaks, find_line
from rtguide.errors import CalibrationError
from rtguide.model.geometry import RectRegion
from rtguide.model.pose import TrackedFrame
from rtguide.model.tracked_calibration import Search, TrackedCalibration

__all__ = ["Latency"]

LONGEST_LAG_S = 0.5
STEP_S = 0.001
MOST_SHOWN = 24

MOST_SATURATED = 0.25
"""Share of the part in which the bottom is looked for; it is a thin line in water (PLUS's set: nothing saturated)."""

LEAST_MOTION_MM, LEAST_MOTION_PX = 8.0, 30.0
LEAST_CORRELATION = 0.9
LEAST_LINES = 0.5
"""Share of the pictures in which the bottom must be seen."""


class Latency:
    """Lag of the tracker behind the pictures; negative where the tracker is ahead."""

    def calibrate(
        self, recordings: Sequence[Sequence[TrackedFrame]], settings: Mapping[str, Any]
    ) -> TrackedCalibration:
        """Two recordings by one clock: pictures, and poses.

        settings: `probe`, `reference` (names of frames of reference, by default Probe and Reference), `clip_px`
        (x, y, width, height of where the line is looked for; by default the whole picture).

        Raises
        ------
        CalibrationError
            The recordings do not overlap in time, the line is not seen, or there is too little motion.
        """
        if len(recordings) != 2:
            raise CalibrationError(f"the lag needs two recordings, pictures and poses, not {len(recordings)}")
        image_s, image_px = _image_signal(recordings[0], settings)
        probe_s, probe_mm = _probe_signal(recordings[1], settings, (image_s[0], image_s[-1]))
        shifts = np.arange(-LONGEST_LAG_S, LONGEST_LAG_S + STEP_S / 2, STEP_S)
        likeness = np.array([_likeness(image_s + shift, image_px, probe_s, probe_mm) for shift in shifts])
        best = {sign: float((sign * likeness).max()) for sign in (1, -1)}
        lags = {sign: float(shifts[(sign * likeness).argmax()]) for sign in (1, -1)}
        sign = max(best, key=lambda key: best[key])
        if best[sign] < LEAST_CORRELATION:
            raise CalibrationError(
                f"pictures and tracker do not show the same motion (they correlate by {best[sign]:.2f} at best): move "
                "the probe straight up and down over the tank's bottom, several times, and record both by one clock"
            )
        lag = lags[sign]
        return TrackedCalibration(
            "latency",
            {"lag_s": lag, "correlation": best[sign], "motion_mm": float(np.ptp(probe_mm)), "frames": len(image_s)},
            f"the tracker's lag is {lag * 1000:+.0f} ms (correlation {best[sign]:.3f})",
            curves={
                "image_px": (image_s, image_px),
                "probe_mm": (probe_s, sign * probe_mm),
                "probe_mm_shifted": (probe_s - lag, sign * probe_mm),
                "correlation": (shifts, sign * likeness),
            },
        )

    def search(
        self, recordings: Sequence[Sequence[TrackedFrame]], settings: Mapping[str, Any], *, has_failed: bool
    ) -> Search | None:
        """Echoes and the line through them in one picture (`SearchShown`); at most 24 pictures are looked at."""
        pictures = [frame.pixels for frame in recordings[0] if frame.pixels is not None] if recordings else []
        pictures = pictures[:: max(1, -(-len(pictures) // MOST_SHOWN))]
        if not pictures:
            return None
        clip = _clip(pictures[0], settings)
        looked = [(_grey(pixels), find_line(_grey(pixels), clip)) for pixels in pictures]
        wanted = [(grey, line) for grey, line in looked if (line is None) == has_failed] or looked
        grey, line = wanted[len(wanted) // 2]
        peaks = echo_peaks(grey, clip)
        ends = (clip.x, clip.x + clip.width)
        lines = () if line is None else (np.array([[x, line.y_px(x)] for x in ends]),)
        agree = (
            "no line through them" if line is None else f"a line that {line.support:.0%} of the scan lines agree with"
        )
        note = (
            f"{len(peaks)} echoes, {agree}; a line is found in {sum(line is not None for _, line in looked)} of "
            f"{len(looked)} pictures looked at"
        )
        return Search(grey, clip, peaks, lines, note)


def _clip(pixels: NDArray[np.uint8], settings: Mapping[str, Any]) -> RectRegion:
    return RectRegion(*settings.get("clip_px", (0.0, 0.0, float(pixels.shape[1]), float(pixels.shape[0]))))


def _grey(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return pixels if pixels.ndim == 2 else pixels.max(axis=2)


def _image_signal(
    frames: Sequence[TrackedFrame], settings: Mapping[str, Any]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(times, height of the line in the middle of the clip) of the pictures in which it is seen."""
    pictures = [frame for frame in frames if frame.pixels is not None]
    if len(pictures) < 20:
        raise CalibrationError(f"{len(pictures)} pictures are too few for a lag: record ten seconds")
    first = pictures[0].pixels
    assert first is not None
    clip = _clip(first, settings)
    if (cause := gain_too_high([p.pixels for p in pictures if p.pixels is not None], clip, MOST_SATURATED)) is not None:
        raise CalibrationError(f"{cause} until the tank's bottom is a thin line on black")
    times, heights = [], []
    for frame in pictures:
        assert frame.pixels is not None
        line = find_line(_grey(frame.pixels), clip)
        if line is not None:
            times.append(frame.time_s)
            heights.append(line.y_px(clip.x + clip.width / 2))
    if len(times) < LEAST_LINES * len(pictures):
        raise CalibrationError(
            f"the tank's bottom is seen in {len(times)} of {len(pictures)} pictures only: raise the gain, keep "
            "the probe upright, and give the part of the picture it is in (clip_px)"
        )
    if np.ptp(heights) < LEAST_MOTION_PX:
        raise CalibrationError(
            f"too little motion: the line moves by {np.ptp(heights):.0f} px, at least {LEAST_MOTION_PX:.0f} are needed"
        )
    return np.array(times), np.array(heights)


def _probe_signal(
    frames: Sequence[TrackedFrame], settings: Mapping[str, Any], span_s: tuple[float, float]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(times, position in mm along the direction in which the probe moves most) around the pictures' time."""
    probe, reference = settings.get("probe", "Probe"), settings.get("reference", "Reference")
    seen = [(frame.time_s, frame.between(probe, reference)) for frame in frames]
    kept = [(t, matrix[:3, 3]) for t, matrix in seen if matrix is not None]
    near = [(t, at) for t, at in kept if span_s[0] - LONGEST_LAG_S <= t <= span_s[1] + LONGEST_LAG_S]
    if len(near) < 20:
        raise CalibrationError(
            f"{len(near)} of {len(frames)} poses of {probe} in {reference} lie in the pictures' time "
            f"({span_s[0]:.1f} to {span_s[1]:.1f} s): record both at once, "
            "by one clock, with the tools in the tracker's view"
        )
    times, places = np.array([t for t, _ in near]), np.array([at for _, at in near])
    within = (times >= span_s[0] + LONGEST_LAG_S) & (times <= span_s[1] - LONGEST_LAG_S)
    centre = places[within].mean(axis=0) if within.any() else places.mean(axis=0)
    axis = np.linalg.svd(places[within] - centre if within.sum() > 3 else places - centre, full_matrices=False)[2][0]
    along = (places - centre) @ axis
    if np.ptp(along) < LEAST_MOTION_MM:
        raise CalibrationError(
            f"too little motion: the probe moves by {np.ptp(along):.1f} mm, at least {LEAST_MOTION_MM:.0f} are needed"
        )
    return times, np.asarray(along, np.float64)


def _likeness(
    at_s: NDArray[np.float64],
    heights_px: NDArray[np.float64],
    probe_s: NDArray[np.float64],
    probe_mm: NDArray[np.float64],
) -> float:
    """Correlation of the two motions where both are known; 0 where too little is."""
    known = (at_s >= probe_s[0]) & (at_s <= probe_s[-1])
    if known.sum() < 20:
        return 0.0
    return float(np.corrcoef(np.interp(at_s[known], probe_s, probe_mm), heights_px[known])[0, 1])
