"""Reads a screen's scale for the window, and keeps what the user has accepted as a profile."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from rtguide.app.calibrate import Outcome, with_tick
from rtguide.app.plugins import calibration_method
from rtguide.app.profiles import profile_folder, profile_of, write_profile
from rtguide.model.calibration import Calibration
from rtguide.model.geometry import ImageGeometry, MarkSide, Provenance

__all__ = ["ScreenCalibrator"]


class ScreenCalibrator:
    """`rtguide.view.scale_dialog.Calibrator` over the ruler reader and the user's profiles."""

    def read(self, pixels: NDArray[np.uint8]) -> Calibration:
        """Region and ruler of a frame."""
        return calibration_method("depth_scale").calibrate([pixels])

    def save(self, found: Calibration, tick_mm: float | None, mark_side: MarkSide, name: str) -> ImageGeometry:
        """Keep it as a profile; what was read counts as accepted, a tick on the user's word as the user's."""
        if tick_mm is not None:
            found = with_tick(Outcome(found, None, np.zeros((1, 1), np.uint8)), tick_mm).found
        found = replace(found, geometry=replace(found.geometry, mark_side=mark_side))
        write_profile(profile_of(found, name), profile_folder())
        provenance = Provenance.USER if tick_mm is not None else Provenance.RULER_ACCEPTED
        return replace(found.geometry, provenance=provenance)
