"""The tip of a tracked stylus or needle, from turning it about its tip.

While the tip rests in a hole, every pose takes the same point of the tool to the same place. Two unknown points, linear
equations; poses at which the tip slipped are left out by consensus.

References
----------
Yaniv, Which pivot calibration? SPIE Medical Imaging 2015 (algebraic one step, RANSAC).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtguide.errors import CalibrationError
from rtguide.model.pose import TrackedFrame
from rtguide.model.tracked_calibration import TrackedCalibration

__all__ = ["Pivot"]

Floats = NDArray[np.float64]

LEAST_POSES, LEAST_TURN_DEG = 20, 20.0
CONSENSUS_MM = 1.5
"""A pose at which the tip is further from its place has slipped."""

DRAWS, DRAWN = 200, 4
LEAST_INLIERS = 0.5


class Pivot:
    """Offset of the tip from the tool's marker."""

    def calibrate(
        self, recordings: Sequence[Sequence[TrackedFrame]], settings: Mapping[str, Any]
    ) -> TrackedCalibration:
        """One recording of the tool turning about its tip.

        settings: `tool`, `reference` (frames of reference, by default Stylus and Reference), `slip_mm` (how far the
        tip may be from its place).

        Raises
        ------
        CalibrationError
            Too few poses, turned too little, or the tip did not stay in its place.
        """
        if len(recordings) != 1:
            raise CalibrationError(f"one recording of the tool turning about its tip is wanted, not {len(recordings)}")
        tool, reference = settings.get("tool", "Stylus"), settings.get("reference", "Reference")
        seen = [pose for frame in recordings[0] if (pose := frame.between(tool, reference)) is not None]
        if len(seen) < LEAST_POSES:
            raise CalibrationError(
                f"{len(seen)} of {len(recordings[0])} poses of {tool} in {reference} were tracked, {LEAST_POSES} are "
                "needed: keep both in the tracker's view"
            )
        poses = np.array(seen)
        turn = _turn_deg(poses)
        if turn < LEAST_TURN_DEG:
            raise CalibrationError(
                f"too little motion: the tool was turned by {turn:.0f}°, {LEAST_TURN_DEG:.0f}° are needed: sway it to "
                "all sides about its tip"
            )
        slip = float(settings.get("slip_mm", CONSENSUS_MM))
        keep = _consensus(poses, slip)
        if keep.mean() < LEAST_INLIERS:
            raise CalibrationError(
                f"the tip did not stay in its place: only {keep.mean():.0%} of the poses agree within {slip:g} mm: set "
                "it into a hole that holds it, and press it down while you sway"
            )
        tip, place = _solve(poses[keep])
        error = np.linalg.norm(_places(poses[keep], tip) - place, axis=1)
        matrix = np.eye(4)
        matrix[:3, 3] = tip
        figures = {
            "error_mm": float(np.sqrt(np.mean(error**2))),
            "worst_mm": float(error.max()),
            "inlier_share": float(keep.mean()),
            "turn_deg": turn,
            "poses": float(len(poses)),
        }
        note = (
            f"the tip lies {np.linalg.norm(tip):.1f} mm from the marker at ({tip[0]:.2f}, {tip[1]:.2f}, {tip[2]:.2f}): "
            f"{figures['error_mm']:.2f} mm RMS over {keep.sum()} of {len(poses)} poses"
        )
        return TrackedCalibration("pivot", figures, note, matrix, "tool_from_tip")


def _solve(poses: Floats) -> tuple[Floats, Floats]:
    """(tip in the tool, its place in the reference) by least squares, float64 (3,) each."""
    count = len(poses)
    design = np.zeros((3 * count, 6))
    design[:, :3] = poses[:, :3, :3].reshape(-1, 3)
    design[:, 3:] = np.tile(-np.eye(3), (count, 1))
    solution = np.linalg.lstsq(design, -poses[:, :3, 3].ravel(), rcond=None)[0]
    return np.asarray(solution[:3], np.float64), np.asarray(solution[3:], np.float64)


def _places(poses: Floats, tip: Floats) -> Floats:
    return np.asarray(poses[:, :3, :3] @ tip + poses[:, :3, 3], np.float64)


def _consensus(poses: Floats, slip_mm: float) -> NDArray[np.bool_]:
    """The poses of the largest set that shares one place of the tip."""
    rng = np.random.default_rng(1)
    best = np.zeros(len(poses), bool)
    for _ in range(DRAWS):
        tip, place = _solve(poses[rng.choice(len(poses), DRAWN, replace=False)])
        agrees = np.linalg.norm(_places(poses, tip) - place, axis=1) <= slip_mm
        if agrees.sum() > best.sum():
            best = agrees
    for _ in range(5):
        if best.sum() < DRAWN:
            break
        tip, place = _solve(poses[best])
        best = np.linalg.norm(_places(poses, tip) - place, axis=1) <= slip_mm
    return best


def _turn_deg(poses: Floats) -> float:
    """The largest turn from the middle one of the poses."""
    traces = np.einsum("ij,nij->n", poses[len(poses) // 2, :3, :3], poses[:, :3, :3])
    return float(np.degrees(np.arccos(np.clip((traces - 1) / 2, -1, 1))).max())
