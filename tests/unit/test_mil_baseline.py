"""What is put together from OpenCV's MIL tracker bears every mark a user may make."""

import numpy as np
import pytest

from rtguide.model.structure import Role, Structure, StructureKind, StructureTrack, Tissue, box_outline
from rtguide.opencv import cv2
from rtguide.training.baseline_structures import MilFollower


@pytest.mark.parametrize("box", [(0.0, 90.0, 319.0, 8.0), (-4.0, -3.0, 60.0, 40.0), (100.0, 0.0, 40.0, 199.0)])
def test_a_box_at_the_borders_of_the_picture_can_be_followed(box: tuple[float, float, float, float]) -> None:
    noise = np.random.default_rng(4).normal(size=(200, 320))
    grey = np.clip(100 + 400 * cv2.GaussianBlur(noise, (0, 0), 2.0), 0, 255).astype(np.uint8)
    mark = Structure("plane", StructureKind.STRUCTURE, Tissue.NERVE, Role.BOTH, box_outline(*box))
    state = MilFollower(mark, grey).follow(grey)
    assert state.track is StructureTrack.TRACKED
    assert np.abs(np.array(state.outline_px) - np.array(mark.outline_px)).max() < 16
