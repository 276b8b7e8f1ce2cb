"""An attempt out of the scenes of a recording."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np

from rtguide.model.frame import Frame
from rtguide.model.geometry import ImageGeometry, Provenance, RectRegion
from rtguide.model.needle import NeedleState, NeedleTrack, Tip, TipState
from rtguide.model.scene import Tracking
from rtguide.training.attempt_builder import SessionAttempt


def test_a_scale_that_is_verified_late_gives_millimetres_from_then_on():
    pixels = np.random.default_rng(1).integers(0, 255, (200, 300), dtype=np.uint8)
    verified = ImageGeometry((200, 300), RectRegion(0, 0, 300, 200), (0.1, 0.1), Provenance.USER)
    unknown = replace(verified, spacing_mm=None)
    attempt = SessionAttempt("late")
    for n in range(12):
        x = 50.0 + 10 * n
        tip = Tip(TipState.SEEN, (x, 80.0), None, 3.0)
        needle = NeedleState(
            NeedleTrack.LOCKED, pass_number=1, entry_px=(0.0, 80.0), curve_px=((0, 80), (x, 80)), tip=tip
        )
        geometry = unknown if n < 6 else verified
        frame = Frame(n, n * 40_000_000, None, pixels)
        attempt.add(SimpleNamespace(frame=frame, geometry=geometry, tracking=Tracking(needle)), 0.04 * n)
    along = attempt.attempt([], ()).along_mm
    assert np.isnan(along[:6]).all()
    assert np.allclose(np.diff(along[6:]), 1.0)
