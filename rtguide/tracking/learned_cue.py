"""The learned cue: where a small network sees a needle and its tip. Optional: it needs the extra `rtguide[learned]`."""

from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtguide.tracking.grid import WorkGrid
from rtguide.tracking.grid_motion import TissueMotion
from rtguide.tracking.learned_lines import CueLine, lines_in
from rtguide.tracking.learned_view import LookBack, as_input

__all__ = ["CueLook", "LearnedCue", "has_learned_cue"]

WINDOW = 80
"""Sides of a look at one place, half-size cells: 24 mm of a linear picture, beyond which the network hardly looks."""

BEHIND = 16.0
"""The window's middle lies so far behind the tip, half-size cells: where the shaft is."""


@cache
def _session() -> Any:
    """The network, on one thread so that results and cost do not depend on what else the machine does."""
    import onnxruntime  # noqa: PLC0415 - an optional extra, loaded when a tracker starts

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    weights = (resources.files("rtguide.tracking") / "learned_cue.onnx").read_bytes()
    return onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])


@dataclass(frozen=True, slots=True, eq=False)
class CueLook:
    """What one look found. lines: in cells of the work grid, likeliest tip first · is_whole: of the whole region."""

    lines: tuple[CueLine, ...]
    is_whole: bool


class LearnedCue:
    """Looks at distinct pictures in order of time: at all of one, or round a place."""

    def __init__(self, grid: WorkGrid) -> None:
        self._session = _session()
        self._back = LookBack(grid)

    def take(self, cells: NDArray[np.uint8], motion: TissueMotion, time_s: float) -> None:
        """The next distinct picture, uint8 (rows, columns) of the work grid."""
        self._back.take(cells, motion, time_s)

    def look(self, near: CueLine | None = None) -> CueLook:
        """Look at the picture taken last; near: only round the tip of this line."""
        rows, columns = self._back.shape
        y0, x0, y1, x1 = 0, 0, rows, columns
        if near is not None:
            ux, uy = near.unit
            x, y = ((place - 0.5) / 2 for place in near.tip)
            x0, x1 = _window(x - BEHIND * ux, columns)
            y0, y1 = _window(y - BEHIND * uy, rows)
        part = slice(y0, y1), slice(x0, x1)
        stacked, inside = self._back.stack(*part), self._back.inside[part]
        found = self._session.run(None, {"given": as_input(stacked, inside)})[0][0]
        shaft, tip = (np.where(inside, one[: y1 - y0, : x1 - x0], np.float32(0.0)) for one in found)
        lines = tuple(line.on_whole_grid(x0, y0) for line in lines_in(shaft, tip))
        return CueLook(lines, near is None)


def _window(middle: float, size: int) -> tuple[int, int]:
    """First and last + 1 of `WINDOW` cells round a place, within the picture."""
    first = min(max(round(middle) - WINDOW // 2, 0), max(size - WINDOW, 0))
    return first, min(first + WINDOW, size)


def has_learned_cue() -> bool:
    """Whether the extra is installed; a tracker goes without where it is not."""
    return find_spec("onnxruntime") is not None
