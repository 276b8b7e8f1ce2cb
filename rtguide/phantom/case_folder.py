"""Case folders: a scenario as a video with its truth, for judging trackers. `docs/cases.md` describes the form.

`video.mkv` · `truth.csv` (a row a frame, the columns a scorer needs) · `case.json` (scale, probe, first target) ·
`truth.jsonl` (a line a frame, everything else). The same scenario, seed and rate give the same bytes on one machine.
"""

import csv
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import av
import numpy as np
from numpy.typing import NDArray

from rtguide.errors import ConfigError, RecordingError
from rtguide.model.geometry import ImageGeometry
from rtguide.model.points import as_array
from rtguide.model.structure import Role, Structure
from rtguide.phantom.phantom import Phantom
from rtguide.phantom.truth import TipVisibility, Truth
from rtguide.phantom.truth_line import rounded, structure_entry, truth_line

__all__ = ["CaseOptions", "write_case"]

_COLUMNS = (
    "frame", "time_s", "needle", "tip_visible", "tip_x", "tip_y", "entry_x", "entry_y", "target_x", "target_y",
    "target_in_view", "inject", "scr",
)  # fmt: skip
_SCORED = {TipVisibility.VISIBLE: 1, TipVisibility.GREY: -1, TipVisibility.HIDDEN: 0}


@dataclass(frozen=True, slots=True)
class CaseOptions:
    """seconds: length · codec: `lossless` (FFV1), or `lossy` (MPEG-4 part 2 at `quality`, 2 best to 31) ·
    start_s: where in the scenario's course it begins; frame 0 of the case is that one.
    """

    seconds: float = 20.0
    codec: Literal["lossless", "lossy"] = "lossless"
    quality: int = 4
    start_s: float = 0.0

    def __post_init__(self) -> None:
        if not 0 < self.seconds <= 3600:
            raise ConfigError(f"a case lasts more than 0 and at most 3600 seconds, not {self.seconds:g}")
        if not 2 <= self.quality <= 31:
            raise ConfigError(f"quality runs from 2 (best) to 31, not {self.quality}")
        if not self.start_s >= 0:
            raise ConfigError(f"a case starts at 0 seconds or later, not {self.start_s:g}")


def write_case(phantom: Phantom, folder: Path, options: CaseOptions) -> Iterator[tuple[int, int]]:
    """Render a phantom into a new or empty folder, frame by frame.

    Yields
    ------
    (done, total)
        After each frame.

    Raises
    ------
    RecordingError
        The folder holds something already, or cannot be written.
    """
    if folder.exists() and any(folder.iterdir()):
        raise RecordingError(f"{folder} is not empty: give a new folder for the case")
    total = max(1, round(options.seconds * phantom.rate_hz))
    first = round(options.start_s * phantom.rate_hz)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (
            _Video(folder / "video.mkv", phantom, options) as video,
            (folder / "truth.csv").open("w", newline="", encoding="utf-8") as table,
            (folder / "truth.jsonl").open("w", encoding="utf-8") as lines,
        ):
            rows = csv.writer(table, lineterminator="\n")
            rows.writerow(_COLUMNS)
            for index in range(total):
                pixels, there = phantom.frame(first + index)
                truth = replace(there, index=index, time_s=index / phantom.rate_hz)
                geometry = phantom.geometry_at(first + index)
                if index == 0:
                    case = _case(phantom, truth, geometry)
                    (folder / "case.json").write_text(json.dumps(case, indent=1), encoding="utf-8")
                video.add(pixels)
                rows.writerow(_row(truth, geometry))
                lines.write(json.dumps(truth_line(truth)) + "\n")
                yield index + 1, total
    except OSError as error:
        raise RecordingError(f"{folder} cannot be written ({error.strerror}): choose another place") from error


class _Video:
    """A Matroska file from one encoder thread, without time stamps of writing: equal frames give equal bytes."""

    def __init__(self, path: Path, phantom: Phantom, options: CaseOptions) -> None:
        self._container = av.open(str(path), "w", format="matroska", options={"fflags": "+bitexact"})
        rate = Fraction(phantom.rate_hz).limit_denominator(1001)
        codec = "ffv1" if options.codec == "lossless" else "mpeg4"
        stream: Any = self._container.add_stream(codec, rate=rate)
        stream.height, stream.width = phantom.shape_px
        self._is_grey = phantom.frame(0)[0].ndim == 2
        lossless_format = "gray" if self._is_grey else "bgr0"
        stream.pix_fmt = lossless_format if codec == "ffv1" else "yuv420p"
        context = stream.codec_context
        context.thread_count = 1
        context.options = {"flags": "+bitexact"} | (
            {"level": "3", "g": "1"}
            if codec == "ffv1"
            else {"qmin": str(options.quality), "qmax": str(options.quality)}
        )
        self._stream = stream

    def add(self, pixels: NDArray[np.uint8]) -> None:
        """One frame, grey or RGB."""
        frame = av.VideoFrame.from_ndarray(pixels, format="gray" if self._is_grey else "rgb24")
        for packet in self._stream.encode(frame.reformat(format=self._stream.pix_fmt)):
            self._container.mux(packet)

    def __enter__(self) -> "_Video":
        return self

    def __exit__(self, *exception: object) -> None:
        for packet in self._stream.encode(None):
            self._container.mux(packet)
        self._container.close()


def _case(phantom: Phantom, first: Truth, geometry: ImageGeometry) -> dict[str, Any]:
    scenario = phantom.scenario
    probe, screen = scenario.probe, scenario.screen
    face = geometry.region.face_px()
    px_per_mm = round(1 / first.mm_per_px[0], 9)
    target = _target(first.structures)
    return {
        "name": scenario.name,
        "fps": phantom.rate_hz,
        "px_per_mm": px_per_mm,
        "probe": {
            "kind": probe.kind,
            "width": probe.width_mm,
            "depth": probe.depth_mm,
            "freq": probe.centre_mhz,
            "radius": probe.radius_mm,
            "fov": math.radians(probe.field_deg),
            "elev": probe.slice_mm,
            "focus": probe.focus_mm,
            "trapezoid": math.radians(probe.trapezoid_deg),
            "steer": math.radians(probe.steer_deg),
        },
        "screen": {
            "w": screen.width_px,
            "h": screen.height_px,
            "ppm": px_per_mm,
            "x0": face[0],
            "y0": face[1],
            "ui": screen.layout != "bare",
        },
        "target_box": None if target is None else [round(value, 3) for value in _box(target)],
        "seed": phantom.seed,
        "approach": scenario.approach.value,
        "structures": [structure_entry(structure) for structure in first.structures],
    }


def _row(truth: Truth, geometry: ImageGeometry) -> list[object]:
    needle, target = truth.needle, _target(truth.structures)
    has_needle = needle is not None and needle.is_in_view
    row: list[object] = [truth.index, round(truth.time_s, 4), int(has_needle)]
    if needle is None or not has_needle:
        row += [0, "", "", "", ""]
    else:
        entry = needle.entry_px or ("", "")
        row += [_SCORED[needle.visibility], *rounded(needle.tip_px), *rounded(entry)]
    if target is None:
        row += ["", "", 0]
    else:
        x, y, width, height = _box(target)
        centre = (x + width / 2, y + height / 2)
        is_inside = geometry.region.contains(np.array([centre]))[0]
        row += [*rounded(centre), int(is_inside)]
    ratio = 0.0 if needle is None or math.isnan(needle.contrast_db) else 10 ** (needle.contrast_db / 20)
    return [*row, int(bool(truth.spreads)), round(ratio, 2)]


def _target(structures: tuple[Structure, ...]) -> Structure | None:
    """What a scorer follows: the first structure to reach, else the first there is."""
    reached = [structure for structure in structures if structure.role is not Role.AVOID]
    return next(iter(reached or structures), None)


def _box(structure: Structure) -> tuple[float, float, float, float]:
    points = as_array(structure.outline_px)
    (x0, y0), (x1, y1) = points.min(axis=0), points.max(axis=0)
    return float(x0), float(y0), float(x1 - x0), float(y1 - y0)
