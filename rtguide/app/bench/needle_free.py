"""False locks on clips that hold no needle: every rising edge of a shown tip is one."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from rtguide.app.bench.run_cases import Lines, lines_of

__all__ = ["FreeClip", "FreeRun", "as_json", "count_locks", "edges_in"]

_SHOWN = ("seen", "predicted")


@dataclass(frozen=True, slots=True)
class FreeRun:
    """One tracker over one clip without a needle."""

    address: str
    tracker: str


@dataclass(frozen=True, slots=True)
class FreeClip:
    """What was shown on a clip without a needle.

    seconds: of the clip, by its own times · shown: frames with a tip shown · lock_frames: the first frame of each
    stretch of them · locked: frames in which a needle was held, with a tip or without.
    """

    address: str
    tracker: str
    frames: int
    seconds: float
    shown: int
    lock_frames: tuple[int, ...]
    locked: int

    @property
    def locks(self) -> int:
        """False locks."""
        return len(self.lock_frames)


def count_locks(run: FreeRun) -> FreeClip:
    """Run a tracker over a clip.

    Raises
    ------
    DeviceError, SourceEnded
        It cannot be opened, or breaks off.
    """
    return edges_in(run, lines_of(run.address, run.tracker, None, ()))


def edges_in(run: FreeRun, said: Lines) -> FreeClip:
    """Count what was said of a clip; a still lasts no time."""
    lines = said.lines
    shown = np.array([line["needle"]["tip"]["state"] in _SHOWN for line in lines], dtype=bool)
    starts = np.flatnonzero(shown & ~np.concatenate([[False], shown[:-1]]))
    times = [line["time_s"] for line in lines]
    span = times[-1] - times[0]
    return FreeClip(
        run.address,
        run.tracker,
        len(lines),
        span * len(lines) / (len(lines) - 1) if len(lines) > 1 else 0.0,
        int(shown.sum()),
        tuple(int(lines[index]["frame"]) for index in starts),
        sum(line["needle"]["state"] == "locked" for line in lines),
    )


def as_json(clips: list[FreeClip]) -> dict[str, Any]:
    """The clips and, for each tracker, all of them together."""
    pooled = []
    for tracker in dict.fromkeys(clip.tracker for clip in clips):
        mine = [clip for clip in clips if clip.tracker == tracker]
        seconds = sum(clip.seconds for clip in mine)
        locks = sum(clip.locks for clip in mine)
        per_min = locks * 60 / seconds if seconds else None
        pooled.append({"tracker": tracker, "locks": locks, "seconds": seconds, "locks_per_min": per_min})
    return {"clips": [asdict(clip) | {"locks": clip.locks} for clip in clips], "pooled": pooled}
