"""What a tracker said of each frame of a case, as arrays: made from the lines of `rtguide track`."""

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtguide.errors import ConfigError

__all__ = ["Answers", "read_lines"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What was said of n frames, in the order of the truth; a frame nothing was said of counts as nothing found.

    is_seen, is_shown bool (n,): the tip is *seen*; it is *seen* or *predicted* · tip_px, entry_px, target_px float64
    (n, 2): image px, NaN where null · sigma_px float64 (n,): NaN where null · is_tracked bool (n,): the first target.
    """

    is_seen: NDArray[np.bool_]
    is_shown: NDArray[np.bool_]
    tip_px: Floats
    entry_px: Floats
    sigma_px: Floats
    is_tracked: NDArray[np.bool_]
    target_px: Floats

    @classmethod
    def of(cls, lines: Iterable[dict[str, Any]], frames: NDArray[np.int64]) -> "Answers":
        """From the lines of `rtguide track`, for these frame numbers int64 (n,)."""
        by_frame = {line["frame"]: line for line in lines}
        rows = [by_frame.get(int(frame), {}) for frame in frames]
        needles = [row.get("needle") or {} for row in rows]
        tips = [needle.get("tip") or {} for needle in needles]
        targets = [(row.get("targets") or [{}])[0] or {} for row in rows]
        tip_px = _points(tips, "px")
        has_place = np.isfinite(tip_px[:, 0])
        target_px = _points(targets, "px")
        return cls(
            np.array([tip.get("state") == "seen" for tip in tips], dtype=bool) & has_place,
            np.array([tip.get("state") in ("seen", "predicted") for tip in tips], dtype=bool) & has_place,
            tip_px,
            _points(needles, "entry_px"),
            np.array([math.nan if tip.get("sigma_px") is None else float(tip["sigma_px"]) for tip in tips]),
            np.array([target.get("state") == "tracked" for target in targets], dtype=bool)
            & np.isfinite(target_px[:, 0]),
            target_px,
        )


def _points(objects: list[dict[str, Any]], key: str) -> Floats:
    points = np.full((len(objects), 2), np.nan)
    for row, value in enumerate(objects):
        if value.get(key):
            points[row] = value[key]
    return points


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The lines that `rtguide track --out` wrote.

    Raises
    ------
    ConfigError
        It cannot be read, or is not of that form.
    """
    try:
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} cannot be read as lines of `rtguide track` ({error})") from error
    if any(not isinstance(line, dict) or "frame" not in line for line in lines):
        raise ConfigError(f"{path} holds lines without a frame number: give a file written by `rtguide track --out`")
    return lines
