"""`rtguide track`: every frame, no window, as fast as it goes, one JSON line a frame."""

import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from rtguide.app.compose import build_engine, known_marks
from rtguide.app.console import stderr, warm_up_kernels
from rtguide.app.plugins import open_source
from rtguide.clock import SystemClock
from rtguide.errors import RecordingError
from rtguide.model.needle import NeedleHint, NeedleMode
from rtguide.model.plan import Approach
from rtguide.model.scene import Scene
from rtguide.model.structure import Structure
from rtguide.pipeline.engine import Engine
from rtguide.pipeline.offline import FrameSpan, frames_of
from rtguide.ports import FrameSource, Painter, WarningSource
from rtguide.recording.layout import SESSION_NAME
from rtguide.recording.movie import MovieWriter
from rtguide.recording.track_lines import track_line

__all__ = ["TrackJob", "track"]


@dataclass(frozen=True, slots=True)
class TrackJob:
    """What `rtguide track` was asked for.

    out: a path, or `-` for standard output · video: a movie with overlay · hint: where the needle is, first frame ·
    mode: of the needle that is looked for · approach: from where the plan expects it.
    """

    address: str
    out: str
    marks: tuple[Structure, ...] = ()
    span: FrameSpan = field(default_factory=FrameSpan)
    mm_per_px: float | None = None
    video: Path | None = None
    is_timed: bool = False
    hint: NeedleHint | None = None
    mode: NeedleMode = NeedleMode.IN_PLANE
    approach: Approach = Approach.UNKNOWN


def track(job: TrackJob, painter: Painter | None) -> int:
    """Write the lines, and the movie if one was asked for; returns how many lines.

    Raises
    ------
    SourceEnded
        The recording breaks off; the lines up to there are written.
    """
    warm_up_kernels()
    clock = SystemClock()
    source = open_source(job.address, clock, is_paced=False)
    count, fault = 0, None
    with ExitStack() as stack:
        stack.callback(source.close)
        for warning in source.warnings if isinstance(source, WarningSource) else ():
            stderr.print(f"rtguide: {warning}", highlight=False, markup=False, soft_wrap=True)
        out = stack.enter_context(_output(job.out))
        movie = stack.enter_context(MovieWriter(job.video, source.info.shape_px)) if job.video else None
        engine = build_engine(source, clock, job.mm_per_px)
        engine.set_mode(job.mode)
        engine.mark(job.marks or _session_marks(job, source))
        engine.expect(job.approach)
        if job.hint is not None:
            engine.hint(job.hint)
        for scene, compute_ms in _timed_scenes(source, engine, job.span, stack):
            line = track_line(scene)
            if job.is_timed:
                line["compute_ms"] = round(compute_ms, 3)
            out.write(json.dumps(line, ensure_ascii=False) + "\n")
            if movie is not None and painter is not None:
                movie.write(painter.paint(scene), scene.frame.time_ns / 1e9)
            if not scene.is_region_known and not count:
                stderr.print("rtguide: the image region was not found; the whole frame is used", highlight=False)
            if scene.fault is not None and scene.fault != fault:
                text = f"rtguide: frame {line['frame']}: {scene.fault}"
                stderr.print(text, highlight=False, markup=False, soft_wrap=True)
            fault = scene.fault
            count += 1
    return count


def _session_marks(job: TrackJob, source: FrameSource) -> Sequence[Structure]:
    """The structures of a recorded session, unless others are given: they lie so in its first frame."""
    is_session = (Path(job.address) / SESSION_NAME).is_file()
    return known_marks(source) if is_session and job.span.first == 0 else ()


def _timed_scenes(
    source: FrameSource, engine: Engine, span: FrameSpan, stack: ExitStack
) -> Iterator[tuple[Scene, float]]:
    """Scenes with the milliseconds each took, under a progress bar where standard error is a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    progress = stack.enter_context(Progress(*columns, console=stderr, disable=not stderr.is_terminal, transient=True))
    task = progress.add_task("tracking", total=_length(source, span))
    for frame in frames_of(source, span):
        begin_ns = time.perf_counter_ns()
        scene = engine.process(frame)
        yield scene, (time.perf_counter_ns() - begin_ns) / 1e6
        progress.advance(task)


def _length(source: FrameSource, span: FrameSpan) -> int | None:
    count = source.info.frame_count
    if span.last is not None:
        count = span.last + 1 if count is None else min(count, span.last + 1)
    return None if count is None else max(0, count - span.first)


@contextmanager
def _output(out: str) -> Iterator[TextIO]:
    if out == "-":
        yield sys.stdout
        return
    path = Path(out)
    try:
        file = path.open("w", encoding="utf-8", newline="\n")
    except OSError as error:
        raise RecordingError(
            f"{path}: cannot be written ({error.strerror}); choose a folder you may write to"
        ) from error
    with file:
        yield file
