"""What each marked structure adds to a frame: the same frames with more and more of them, in turn."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from rtguide.app.bench.flow_yardstick import FlowYardstick
from rtguide.app.bench.speed import Material, engine_for, forth_and_back, frame_of
from rtguide.clock import SystemClock
from rtguide.model.structure import Structure
from rtguide.opencv import cv2

__all__ = ["COUNTS", "CountRow", "counts_as_json", "measure_counts"]

COUNTS = (0, 1, 2, 4, 8)


@dataclass(frozen=True, slots=True)
class CountRow:
    """Milliseconds a frame with so many structures; flow_median_ms: of the yardstick for one structure."""

    structures: int
    frames: int
    pipeline_median_ms: float
    pipeline_p99_ms: float
    blur_median_ms: float
    flow_median_ms: float
    tracked_share: float
    extra_ms: float

    @property
    def flow_share(self) -> float | None:
        """What one structure adds on average, as a share of the yardstick; None without structures."""
        return self.extra_ms / self.structures / self.flow_median_ms if self.structures else None


def counts_as_json(rows: list[CountRow]) -> list[dict[str, Any]]:
    """The rows as JSON values, with what one structure adds."""
    return [{**asdict(row), "flow_share": row.flow_share} for row in rows]


def measure_counts(material: Material, frames: int, tick: Callable[[], None]) -> list[CountRow]:
    """Measure each count of `COUNTS` on every frame in turn, so that a machine's bad moments meet all alike."""
    clock = SystemClock()
    marks = _many(material, max(COUNTS))
    engines = [engine_for(material, clock, marks[:count]) for count in COUNTS]
    spent = np.zeros((frames, len(COUNTS)))
    tracked = np.zeros(len(COUNTS))
    blurs, flows = [], []
    yardstick = FlowYardstick(material.structures[0])
    before = material.pictures[0]
    out = np.empty_like(before)
    for seq, index in enumerate(forth_and_back(frames)):
        frame = frame_of(material, clock, seq, index)
        for at in np.roll(np.arange(len(COUNTS)), seq):
            begin = time.perf_counter_ns()
            scene = engines[at].process(frame)
            spent[seq, at] = (time.perf_counter_ns() - begin) / 1e6
            tracked[at] += sum(state.track == "tracked" for state in scene.tracking.structures)
        begin = time.perf_counter_ns()
        cv2.GaussianBlur(frame.pixels, (7, 7), 0, dst=out)
        blurs.append(time.perf_counter_ns() - begin)
        flows.append(yardstick.spend_ns(before, frame.pixels))
        before = frame.pixels
        tick()
    extra = np.median(spent - spent[:, :1], axis=0)
    return [
        CountRow(
            count,
            frames,
            float(np.median(spent[:, at])),
            float(np.percentile(spent[:, at], 99)),
            float(np.median(blurs)) / 1e6,
            float(np.median(flows)) / 1e6,
            float(tracked[at] / frames / count) if count else 1.0,
            float(extra[at]),
        )
        for at, count in enumerate(COUNTS)
    ]


def _many(material: Material, count: int) -> tuple[Structure, ...]:
    """The material's structures, and copies of their outlines on the tissue above and beside them."""
    x0, y0, x1, y1 = material.geometry.bounds_px()
    marks = list(material.structures)
    width, height = x1 - x0, y1 - y0
    for number, (x, y) in enumerate(((0.2, 0.3), (0.5, 0.25), (0.8, 0.3), (0.2, 0.7), (0.5, 0.8), (0.8, 0.8))):
        source = material.structures[number % len(material.structures)]
        points = np.array(source.outline_px)
        moved = points - points.mean(axis=0) + (x0 + x * width, y0 + y * height)
        outline = tuple((float(px), float(py)) for px, py in moved)
        marks.append(replace(source, name=f"{source.name} {number + 2}", outline_px=outline))
    return tuple(marks[:count])
