"""The phantom's golden: a small stack of downscaled pictures, compared with a tolerance that other CPUs may need."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rtguide.opencv import cv2
from rtguide.phantom import Phantom, load_scenario

PATH = Path(__file__).parent / "phantom" / "stack.png"
SCENARIOS = ("femoral", "axillary-hard", "lumbar-facet")
INDICES = (0, 60, 150)
SIZE_PX = (240, 135)


def stack() -> NDArray[np.uint8]:
    """uint8 (scenarios × 135, frames × 240): one row a scenario, one column a frame."""
    rows = []
    for name in SCENARIOS:
        phantom = Phantom(load_scenario(name), seed=11, rate_hz=15.0)
        pictures = [phantom.frame(index)[0] for index in INDICES]
        rows.append(np.hstack([cv2.resize(p, SIZE_PX, interpolation=cv2.INTER_AREA) for p in pictures]))
    return np.vstack(rows).astype(np.uint8)
