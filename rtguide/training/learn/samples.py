"""Samples for teaching: what the cue would look at in a simulated clip, and what is true there."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtguide.model.frame import Frame
from rtguide.model.points import as_array
from rtguide.phantom.phantom import Phantom
from rtguide.phantom.truth import NeedleTruth, TipVisibility
from rtguide.tracking.grid import WorkGrid
from rtguide.tracking.grid_motion import TissueMotionEstimator
from rtguide.tracking.learned_view import LAGS_S, LookBack

__all__ = ["GREY", "HIDDEN", "NONE", "STATES", "VISIBLE", "Sample", "clip_samples"]

NONE, HIDDEN, GREY, VISIBLE = 0, 1, 2, 3
"""What a sample says of the tip: no needle, not to be seen, nobody can say, to be seen."""

RATE_HZ = 12.5
"""Pictures a second in a clip: 40 ms apart would show the motion estimate less, and cost twice."""

EVERY = 3
"""Pictures from one sample to the next."""

STATES = {TipVisibility.VISIBLE: VISIBLE, TipVisibility.GREY: GREY, TipVisibility.HIDDEN: HIDDEN}


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """stacked: uint8 (rows, columns, 4), see `LookBack.stack` · inside: bool (rows, columns) · tip: NONE … VISIBLE ·
    tip_at: (x, y) · curve: float64 (n, 2), the shaft from entry to tip, empty without a needle. Half-size cells.
    """

    stacked: NDArray[np.uint8]
    inside: NDArray[np.bool_]
    tip: int
    tip_at: tuple[float, float]
    curve: NDArray[np.float64]


def clip_samples(phantom: Phantom, seconds: float) -> Iterator[Sample]:
    """Samples of one clip of a phantom, which must run at `RATE_HZ`."""
    grid = WorkGrid.from_geometry(phantom.geometry)
    motion, look = TissueMotionEstimator(grid), LookBack(grid)
    first = math.ceil(LAGS_S[-1] * RATE_HZ)
    for index in range(int(seconds * RATE_HZ)):
        pixels, truth = phantom.frame(index)
        cells = grid.sample(Frame(index, int(truth.time_s * 1e9), None, pixels))
        look.take(cells, motion.update(cells), truth.time_s)
        if index >= first and (index - first) % EVERY == 0:
            yield _sample(look, grid, truth.needle)


def _sample(look: LookBack, grid: WorkGrid, needle: NeedleTruth | None) -> Sample:
    rows, columns = look.shape
    stacked = look.stack(slice(0, rows), slice(0, columns))
    if needle is None or not needle.is_in_view:
        return Sample(stacked, look.inside, NONE, (math.nan, math.nan), np.empty((0, 2)))
    tip_px = np.array([needle.tip_px])
    x, y = ((grid.grid_from_px(tip_px) - 0.5) / 2)[0]
    curve = (grid.grid_from_px(as_array(needle.curve_px)) - 0.5) / 2
    return Sample(stacked, look.inside, STATES[needle.visibility], (float(x), float(y)), curve)
