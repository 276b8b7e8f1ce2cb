"""`rtguide bench speed`: what one frame costs from pixels to scene, in units of a 7×7 Gaussian blur of the frame."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtguide.app.bench.flow_yardstick import FlowYardstick
from rtguide.app.plugins import calibration_method, make_tracker, open_source
from rtguide.clock import SystemClock
from rtguide.model.frame import Frame, SourceInfo, SourceKind
from rtguide.model.geometry import ImageGeometry, Provenance, RectRegion
from rtguide.model.structure import Structure
from rtguide.opencv import cv2
from rtguide.pipeline.engine import Engine, EngineParts
from rtguide.ports import FrameSource, TruthSource

__all__ = [
    "SIZES",
    "Material",
    "SpeedRow",
    "as_json",
    "engine_for",
    "forth_and_back",
    "frame_of",
    "measure",
    "one_thread",
    "resized",
    "simulated",
]

SIZES = ((640, 480), (1280, 720), (1920, 1080), (3840, 2160))
"""(width, height) of the table; the figure that is quoted is that of 1920×1080."""

FLOW_EVERY = 5
"""Optical flow takes longer than all the rest: it is measured on every fifth frame."""

DISTINCT = 150
"""Simulated pictures that are played forth and back, so that long runs need little memory and never jump."""

RATE_HZ = 30.0


@dataclass(frozen=True, slots=True)
class SpeedRow:
    """One size: milliseconds for the pipeline (frame to scene), the blur, and the optical flow of one structure."""

    width: int
    height: int
    structures: int
    frames: int
    pipeline_median_ms: float
    pipeline_p99_ms: float
    blur_median_ms: float
    flow_median_ms: float
    locked_share: float

    @property
    def median_ratio(self) -> float:
        """Pipeline median over blur median."""
        return self.pipeline_median_ms / self.blur_median_ms

    @property
    def p99_ratio(self) -> float:
        """Pipeline 99th percentile over blur median."""
        return self.pipeline_p99_ms / self.blur_median_ms


@dataclass(frozen=True, slots=True)
class Material:
    """Pictures of one size, and what is known of them."""

    pictures: tuple[NDArray[np.uint8], ...]
    geometry: ImageGeometry
    structures: tuple[Structure, ...]


def as_json(rows: list[SpeedRow]) -> list[dict[str, Any]]:
    """The rows as JSON values, with their ratios."""
    return [{**asdict(row), "median_ratio": row.median_ratio, "p99_ratio": row.p99_ratio} for row in rows]


@contextmanager
def one_thread() -> Iterator[None]:
    """OpenCV with one thread."""
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(threads)


def measure(
    frames: int, sizes: tuple[tuple[int, int], ...], structures: int, tick: Callable[[], None]
) -> list[SpeedRow]:
    """Measure each size with one OpenCV thread; `tick` is called once a frame."""
    with one_thread():
        material = simulated()
        return [_row(resized(material, size), frames, structures, tick) for size in sizes]


def simulated() -> Material:
    """Pictures of the simulated femoral block: the needle comes in and is locked on."""
    source: FrameSource = open_source(f"sim:femoral?seed=1&fps={RATE_HZ:g}", SystemClock(), is_paced=False)
    try:
        pictures = []
        for _ in range(DISTINCT):
            frame = source.read(10.0)
            assert frame is not None
            pictures.append(frame.pixels)
        assert source.geometry is not None
        assert isinstance(source, TruthSource)
        return Material(tuple(pictures), source.geometry, tuple(source.structures()))
    finally:
        source.close()


def resized(material: Material, size: tuple[int, int]) -> Material:
    """The ultrasound picture alone, enlarged so that it fills the height (or the width) of a frame of this size."""
    width, height = size
    x0, y0, x1, y1 = material.geometry.bounds_px()
    scale = min(height / (y1 - y0), width / (x1 - x0))
    inner_width, inner_height = round(scale * (x1 - x0)), round(scale * (y1 - y0))
    left, top = (width - inner_width) // 2, (height - inner_height) // 2
    pictures = []
    for picture in material.pictures:
        frame = np.zeros((height, width), np.uint8)
        inner = cv2.resize(picture[y0:y1, x0:x1], (inner_width, inner_height), interpolation=cv2.INTER_LINEAR)
        frame[top : top + inner_height, left : left + inner_width] = inner
        pictures.append(frame)
    assert material.geometry.spacing_mm is not None
    geometry = ImageGeometry(
        (height, width),
        RectRegion(float(left), float(top), float(inner_width), float(inner_height)),
        (material.geometry.spacing_mm[0] / scale, material.geometry.spacing_mm[1] / scale),
        Provenance.DEVICE,
    )
    structures = tuple(
        replace(s, outline_px=tuple(((x - x0) * scale + left, (y - y0) * scale + top) for x, y in s.outline_px))
        for s in material.structures
    )
    return Material(tuple(pictures), geometry, structures)


def forth_and_back(count: int) -> Iterator[int]:
    """Which picture each of `count` frames shows."""
    order = [*range(DISTINCT), *range(DISTINCT - 2, 0, -1)]
    for index in range(count):
        yield order[index % len(order)]


def engine_for(material: Material, clock: SystemClock, marks: tuple[Structure, ...]) -> Engine:
    """The whole of what turns a frame into a scene, with these structures marked."""
    parts = EngineParts(make_tracker(), calibration_method("image_region"), clock)
    source = SourceInfo("bench", SourceKind.SIMULATED, material.geometry.shape_px, RATE_HZ)
    engine = Engine(source, material.geometry, parts)
    engine.mark(marks)
    return engine


def frame_of(material: Material, clock: SystemClock, seq: int, index: int) -> Frame:
    """Picture `index` as frame `seq` of a source."""
    return Frame(seq, clock.now_ns(), round(seq * 1e9 / RATE_HZ), material.pictures[index])


def _row(material: Material, frames: int, structures: int, tick: Callable[[], None]) -> SpeedRow:
    clock = SystemClock()
    engine = engine_for(material, clock, material.structures[:structures])
    yardstick = FlowYardstick(material.structures[0])
    before = material.pictures[0]
    spent, blurred, flowed, locked = [], [], [], 0
    out = np.empty_like(before)
    for seq, index in enumerate(forth_and_back(frames)):
        frame = frame_of(material, clock, seq, index)
        begin = time.perf_counter_ns()
        scene = engine.process(frame)
        middle = time.perf_counter_ns()
        cv2.GaussianBlur(frame.pixels, (7, 7), 0, dst=out)
        blurred.append(time.perf_counter_ns() - middle)
        spent.append(middle - begin)
        if seq % FLOW_EVERY == 0:
            flowed.append(yardstick.spend_ns(before, frame.pixels))
        before = frame.pixels
        locked += scene.tracking.needle.track == "locked"
        tick()
    height, width = material.geometry.shape_px
    return SpeedRow(
        width,
        height,
        len(material.structures[:structures]),
        frames,
        float(np.median(spent)) / 1e6,
        float(np.percentile(spent, 99)) / 1e6,
        float(np.median(blurred)) / 1e6,
        float(np.median(flowed)) / 1e6,
        locked / frames,
    )
