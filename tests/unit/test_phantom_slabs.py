"""Slabs of elevation: what is left out would have weighed nothing, wherever the probe goes."""

import math

import numpy as np
import pytest

from rtguide.kernels.speckle_deposit import deposit
from rtguide.phantom import Phantom, load_scenario
from rtguide.phantom.hand import Hold
from rtguide.phantom.pose import ProbePose
from rtguide.phantom.scan import Scan
from rtguide.phantom.steering import DEFAULT_RANGE, steerable

POSES = (
    ProbePose(),
    ProbePose(slide_mm=4.0, tilt_rad=math.radians(6.0)),
    ProbePose(slide_mm=-4.0, tilt_rad=math.radians(-6.0), rock_rad=math.radians(6.0)),
    ProbePose(shift_mm=5.0, slide_mm=-2.3, tilt_rad=math.radians(3.0), rock_rad=math.radians(-4.0)),
)


@pytest.mark.parametrize("name", ["femoral", "rectus-sheath-hard", "lumbar-facet-hard"])
def test_what_is_left_out_would_have_added_nothing(name: str) -> None:
    phantom = Phantom(steerable(load_scenario(name), DEFAULT_RANGE), seed=1, rate_hz=30.0)
    scan = phantom._scan_at(0.0)
    for pose in POSES:
        view = phantom._view_of(1.3, Hold(pose, 0.4), None, ())
        lattice, shear = scan.lattice(view), scan._shear(pose)
        spans = scan.points.spans(lattice, shear)
        taken = int((spans[:, 1] - spans[:, 0]).sum())
        assert np.all(spans[1:, 0] > spans[:-1, 1]), "runs in order, joined where they meet"
        assert 0 < taken < 0.5 * len(scan.points), "most of it lies out of the slice"
        some = _deposited(scan, spans, (lattice, shear))
        everything = _deposited(scan, np.array([[0, len(scan.points)]], dtype=np.int64), (lattice, shear))
        assert np.abs(everything).max() > 0
        assert np.array_equal(some, everything)


def _deposited(scan: Scan, spans: np.ndarray, placed: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    formation = scan.formation
    formation.begin()
    gains = np.ones(64, dtype=np.float32)
    deposit(
        scan.points.points, spans, *placed, gains, formation._turns, formation._phases, formation._slice_table,
        formation._inverse_slice, formation._deposited,
    )  # fmt: skip
    return formation._deposited.copy()
