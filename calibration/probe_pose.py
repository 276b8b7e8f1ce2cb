"""Where the picture lies on a tracked probe, from pictures of an N-wire phantom.

In each row the middle wire runs aslant between two parallel ones, so where it cuts the row says where along it the
picture's plane is. That gives points of the phantom for points of the picture, and a linear least-squares fit gives
probe_from_image.

References
----------
Chen et al., Ultrasound Med Biol 2009; 35: 1079 (N-wires). Carbajal et al., IPCAI 2013 (PLUS's fCal; its report's
mean is that of the best 95 % of the errors).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calibration.gain import gain_too_high
from calibration.wire_spots import WirePattern, find_rows, find_spots, find_wires, searched_px
from rtguide.errors import CalibrationError
from rtguide.model.pose import TrackedFrame
from rtguide.model.tracked_calibration import Search, TrackedCalibration

__all__ = ["ProbePose"]

Floats = NDArray[np.float64]

LEAST_FRAMES = 20
LEAST_SPREAD_DEG = 5.0
"""Angle over which the probe must be turned: pictures from one direction leave the pose loose."""

REPORTED_SHARE = 0.95
OUTLIER_SIGMAS = 4.0
WIRE_ROWS = 3

MOST_SATURATED = 0.1
"""Share of the searched part; nine wires in water fill less than a hundredth of it (PLUS's set: 0.03 % saturated)."""

MOST_SHOWN = 24


class ProbePose:
    """probe_from_image, mm per px and offset in mm, by N-wires."""

    def calibrate(
        self, recordings: Sequence[Sequence[TrackedFrame]], settings: Mapping[str, Any]
    ) -> TrackedCalibration:
        """A recording to calibrate with, and if given a second one to validate with.

        settings: `wires_mm` (9 wires of 3 rows, each front and back end, in the phantom), `reference_from_phantom`
        (4×4), `mm_per_px` (about; to know the pattern by), optionally `probe`, `reference` (frames of reference).

        Raises
        ------
        CalibrationError
            Wires are not found, the probe or the phantom was not tracked, or it was moved too little.
        """
        if len(recordings) not in (1, 2):
            raise CalibrationError(f"one recording to calibrate and one to validate are wanted, not {len(recordings)}")
        wires = _wires(settings)
        seen = [_seen(frames, wires, settings) for frames in recordings]
        options = [_turned(wires, *way) for way in ((False, False), (True, False), (False, True), (True, True))]
        fits = [_fit(seen[0], option) for option in options]
        best = min(range(len(fits)), key=lambda n: fits[n][1])
        matrix, _, share = fits[best]
        figures = {"frames": float(len(seen[0])), "inlier_share": share}
        for name, frames in zip(("calibration", "validation"), seen, strict=False):
            figures |= {f"{name}_{key}": value for key, value in _errors(frames, options[best], matrix).items()}
        last = "validation" if len(seen) > 1 else "calibration"
        best95, every, within, across = (
            figures[f"{last}_{key}"] for key in ("error_mm", "all_mm", "in_plane_mm", "out_of_plane_mm")
        )
        note = (
            f"probe_from_image from {len(seen[0])} pictures: {last} error {best95:.2f} mm mean of the best 95 % "
            f"({every:.2f} of all), in the picture {within:.2f}, across it {across:.2f} mm"
        )
        return TrackedCalibration("probe_pose", figures, note, matrix, "probe_from_image")

    def search(
        self, recordings: Sequence[Sequence[TrackedFrame]], settings: Mapping[str, Any], *, has_failed: bool
    ) -> Search | None:
        """Spots, and rows of wires through them, in one picture (`SearchShown`); at most 24 pictures are looked at."""
        greys = [_grey(frame.pixels) for frames in recordings for frame in frames if frame.pixels is not None]
        greys = greys[:: max(1, -(-len(greys) // MOST_SHOWN))]
        if not greys:
            return None
        pattern = _pattern(_wires(settings), float(settings["mm_per_px"]))
        looked = [(grey, find_wires(grey, pattern)) for grey in greys]
        wanted = [(grey, nine) for grey, nine in looked if (nine is None) == has_failed] or looked
        grey, nine = wanted[len(wanted) // 2]
        spots = find_spots(grey)
        rows = list(nine) if nine is not None else [row[:, :2] for row in find_rows(spots, pattern)]
        what = "the nine wires" if nine is not None else f"{len(spots)} spots, {len(rows)} times three in a row"
        wide, high = pattern.row_px, pattern.between_px
        note = (
            f"{what}; wanted: rows {wide[0]:.0f} to {wide[1]:.0f} px long, {high[0]:.0f} to {high[1]:.0f} px apart; "
            f"found in {sum(nine is not None for _, nine in looked)} of {len(looked)} pictures looked at"
        )
        return Search(grey, searched_px(grey.shape), spots[:, :2], tuple(rows), note)


def _wires(settings: Mapping[str, Any]) -> Floats:
    return np.asarray(settings["wires_mm"], np.float64).reshape(WIRE_ROWS, 3, 2, 3)


def _grey(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return pixels if pixels.ndim == 2 else pixels.max(axis=2)


_Seen = list[tuple[Floats, Floats]]
"""Of each picture: the nine wires (3, 3, 2) in pixels, and probe_from_phantom (4, 4)."""


def _seen(frames: Sequence[TrackedFrame], wires: Floats, settings: Mapping[str, Any]) -> _Seen:
    reference_from_phantom = np.asarray(settings["reference_from_phantom"], np.float64)
    pattern = _pattern(wires, float(settings["mm_per_px"]))
    probe, reference = settings.get("probe", "Probe"), settings.get("reference", "Reference")
    tracked = [(frame, frame.between(probe, reference)) for frame in frames if frame.pixels is not None]
    usable = [(frame, pose) for frame, pose in tracked if pose is not None]
    if len(usable) < LEAST_FRAMES:
        raise CalibrationError(
            f"{len(usable)} of {len(frames)} pictures have {probe} and {reference} tracked, {LEAST_FRAMES} are needed: "
            "keep both in the tracker's view"
        )
    greys = [_grey(frame.pixels) for frame, _ in usable if frame.pixels is not None]
    if (cause := gain_too_high(greys, searched_px(greys[0].shape), MOST_SATURATED)) is not None:
        raise CalibrationError(f"{cause} until only the wires shine, on black")
    found, spots = [], []
    for frame, pose in usable:
        assert frame.pixels is not None
        grey = _grey(frame.pixels)
        nine = find_wires(grey, pattern)
        if nine is not None:
            found.append((nine, np.asarray(np.linalg.inv(pose) @ reference_from_phantom, np.float64)))
        else:
            spots.append(len(find_spots(grey)))
    if len(found) < LEAST_FRAMES:
        raise CalibrationError(
            f"the nine wires were found in {len(found)} of {len(usable)} pictures (else {np.median(spots):.0f} "
            "spots): lower the gain until only wires shine, hold the probe across them, check mm_per_px"
        )
    turn = max(_turn_deg(found[0][1], pose) for _, pose in found)
    if turn < LEAST_SPREAD_DEG:
        raise CalibrationError(
            f"too little motion: the probe was turned by {turn:.1f}° over the phantom, {LEAST_SPREAD_DEG:.0f}° are "
            "needed: slide it along the wires, tilt and rotate it"
        )
    return found


def _pattern(wires: Floats, mm_per_px: float) -> WirePattern:
    """What the rows look like in a picture across the wires."""
    middles = wires.mean(axis=2)
    row = np.linalg.norm(middles[:, 2] - middles[:, 0], axis=1).mean() / mm_per_px
    between = np.linalg.norm(np.diff(middles[:, 1], axis=0), axis=1)
    heights = np.abs(np.diff(middles[:, :, 2].mean(axis=1)))
    gap = float((heights if heights.min() > 1 else between).mean() / mm_per_px)
    return WirePattern((0.75 * row, 1.35 * row), (0.7 * gap, 1.4 * gap), 0.6 / mm_per_px)


def _turned(wires: Floats, is_upside_down: bool, is_mirrored: bool) -> Floats:
    """The wires in the order in which a picture shows them if depth or side run the other way."""
    wires = wires[::-1] if is_upside_down else wires
    return wires[:, ::-1] if is_mirrored else wires


def _points(frames: _Seen, wires: Floats) -> tuple[Floats, Floats]:
    """(image points (n, 2), the same on the probe (n, 3)) of the middle wires."""
    image, probe = [], []
    for nine, probe_from_phantom in frames:
        for spots, row in zip(nine, wires, strict=True):
            share = np.linalg.norm(spots[1] - spots[0]) / np.linalg.norm(spots[2] - spots[0])
            across = row[2, 0] - row[0, 0]
            across = across - (across @ _unit(row[0])) * _unit(row[0])
            way = across / (across @ across)
            start, stop = (row[1, 0] - row[0, 0]) @ way, (row[1, 1] - row[0, 0]) @ way
            at = row[1, 0] + (share - start) / (stop - start) * (row[1, 1] - row[1, 0])
            image.append(spots[1])
            probe.append(probe_from_phantom[:3, :3] @ at + probe_from_phantom[:3, 3])
    return np.array(image), np.array(probe)


def _unit(wire: Floats) -> Floats:
    way = wire[1] - wire[0]
    return np.asarray(way / np.linalg.norm(way), np.float64)


def _fit(frames: _Seen, wires: Floats) -> tuple[Floats, float, float]:
    """(probe_from_image (4, 4), median error in mm, share of points kept)."""
    image, probe = _points(frames, wires)
    design = np.column_stack([image, np.ones(len(image))])
    keep = np.ones(len(image), bool)
    for _ in range(6):
        solution = np.linalg.lstsq(design[keep], probe[keep], rcond=None)[0]
        error = np.linalg.norm(design @ solution - probe, axis=1)
        fresh = error <= OUTLIER_SIGMAS * 1.48 * np.median(error)
        if (fresh == keep).all() or fresh.sum() < WIRE_ROWS * LEAST_FRAMES / 2:
            break
        keep = fresh
    x, y, origin = solution
    across = np.cross(x, y)
    across *= np.sqrt(np.linalg.norm(x) * np.linalg.norm(y)) / np.linalg.norm(across)
    matrix = np.eye(4)
    matrix[:3] = np.column_stack([x, y, across, origin])
    return matrix, float(np.median(error)), float(keep.mean())


def _errors(frames: _Seen, wires: Floats, matrix: Floats) -> dict[str, float]:
    image, probe = _points(frames, wires)
    away = np.column_stack([image, np.zeros(len(image)), np.ones(len(image))]) @ matrix[:3].T - probe
    length = np.sort(np.linalg.norm(away, axis=1))
    normal = matrix[:3, 2] / np.linalg.norm(matrix[:3, 2])
    across = away @ normal
    return {
        "error_mm": float(length[: round(REPORTED_SHARE * len(length))].mean()),
        "all_mm": float(length.mean()),
        "in_plane_mm": float(np.linalg.norm(away - across[:, None] * normal, axis=1).mean()),
        "out_of_plane_mm": float(np.abs(across).mean()),
        "worst_mm": float(length[-1]),
    }


def _turn_deg(a: Floats, b: Floats) -> float:
    cosine = (np.trace(a[:3, :3].T @ b[:3, :3]) - 1) / 2
    return float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))
