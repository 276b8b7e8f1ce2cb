"""Runs trackers over the clips of cases, offline and by the way of `rtguide track`."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rtguide.app.plugins import calibration_method, open_source
from rtguide.app.plugins import make_tracker as make_registered
from rtguide.app.plugins import names as registered
from rtguide.clock import ManualClock
from rtguide.model.structure import Role, Structure, StructureKind, Tissue, box_outline
from rtguide.pipeline.engine import Engine, EngineParts
from rtguide.pipeline.offline import FrameSpan, frames_of
from rtguide.ports import Tracker
from rtguide.recording.track_lines import track_line
from rtguide.training.answers import Answers
from rtguide.training.baseline import BASELINES
from rtguide.training.case import Case, load_case
from rtguide.training.score import Tally, score

__all__ = ["CaseRun", "Judged", "Lines", "judge", "known_trackers", "lines_of"]


@dataclass(frozen=True, slots=True)
class CaseRun:
    """One tracker over one case folder."""

    folder: Path
    tracker: str


@dataclass(frozen=True, slots=True)
class Lines:
    """What a tracker said of a clip, as `rtguide track` writes it. median_ms: for one frame, pixels to scene."""

    lines: tuple[dict[str, Any], ...]
    median_ms: float


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """A case, what a tracker said of it, and the scorer's tally. median_ms: for one frame, pixels to scene."""

    folder: Path
    case: Case
    tracker: str
    lines: tuple[dict[str, Any], ...]
    answers: Answers
    tally: Tally
    median_ms: float


def judge(run: CaseRun) -> Judged:
    """Run a tracker over a case and score it.

    The scale is told and the first target marked as the box that the case names, as `docs/scoring.md` says.

    Raises
    ------
    ConfigError
        The folder is no case.
    DeviceError, SourceEnded
        Its video cannot be opened, or breaks off.
    """
    case = load_case(run.folder)
    said = lines_of(str(case.video), run.tracker, 1 / case.px_per_mm, _marks(case))
    answers = Answers.of(said.lines, case.truth.frame)
    return Judged(run.folder, case, run.tracker, said.lines, answers, score(case, answers), said.median_ms)


def lines_of(address: str, tracker: str, mm_per_px: float | None, marks: tuple[Structure, ...]) -> Lines:
    """What `rtguide track ADDRESS` would write with this tracker; marks lie so in the first frame."""
    clock = ManualClock()
    source = open_source(address, clock, is_paced=False)
    lines, spent_ns = [], []
    try:
        parts = EngineParts(_made(tracker), calibration_method("image_region"), clock, mm_per_px)
        engine = Engine(source.info, source.geometry, parts)
        engine.mark(marks)
        for frame in frames_of(source, FrameSpan()):
            begin_ns = time.perf_counter_ns()
            scene = engine.process(frame)
            spent_ns.append(time.perf_counter_ns() - begin_ns)
            lines.append(track_line(scene))
    finally:
        source.close()
    return Lines(tuple(lines), float(np.median(spent_ns)) / 1e6)


def known_trackers() -> tuple[str, ...]:
    """Names of what can be judged: registered trackers, then the baselines."""
    return (*registered("trackers"), *BASELINES)


def _made(tracker: str) -> Tracker:
    return BASELINES[tracker]() if tracker in BASELINES else make_registered(tracker)


def _marks(case: Case) -> tuple[Structure, ...]:
    if case.target_box is None:
        return ()
    outline = box_outline(*case.target_box)
    return (Structure("nerve", StructureKind.STRUCTURE, Tissue.NERVE, Role.BOTH, outline),)
