"""The phantom draws what it drew before: at most one grey level apart, on at most one pixel in a thousand."""

import sys
from pathlib import Path

import numpy as np

from rtguide.opencv import cv2

sys.path.insert(0, str(Path(__file__).parent))

from phantom_cases import PATH, stack


def test_pictures_are_as_they_were() -> None:
    golden = cv2.imread(str(PATH), cv2.IMREAD_GRAYSCALE)
    assert golden is not None, f"{PATH} is missing: run tests/golden/regenerate_phantom.py"
    difference = np.abs(golden.astype(int) - stack())
    assert difference.max() <= 1
    assert np.mean(difference > 0) <= 1e-3
