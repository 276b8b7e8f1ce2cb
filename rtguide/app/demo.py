"""`rtguide demo` without a window: the simulated block, guided, painted into a movie."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from rtguide.app.compose import DEMO_ADDRESS, build_engine, known_marks
from rtguide.app.console import stderr, warm_up_kernels
from rtguide.app.plugins import open_source
from rtguide.clock import SystemClock
from rtguide.pipeline.offline import FrameSpan, scenes_of
from rtguide.ports import Painter
from rtguide.recording.movie import MovieWriter

__all__ = ["DemoSummary", "paint_demo"]

MOVIE_S = 15
"""Length of the painted demo: the whole first insertion."""


@dataclass(frozen=True, slots=True)
class DemoSummary:
    """What happened in the painted demo. closest_mm: the least distance of the seen tip from the nerve's outline."""

    movie: Path
    frames: int
    tip_states: dict[str, int]
    closest_mm: float | None
    advice: dict[str, int]

    def lines(self) -> tuple[str, ...]:
        """The summary in words."""
        seen = self.tip_states.get("seen", 0)
        closest = "never measured" if self.closest_mm is None else f"{self.closest_mm:.1f} mm"
        heard = ", ".join(f"“{text}” {count}×" for text, count in sorted(self.advice.items()) if text)
        return (
            f"painted {self.frames} frames of the simulated femoral block into {self.movie}",
            f"needle tip seen in {seen} of {self.frames} frames, closest to the nerve's outline: {closest}",
            f"advice shown: {heard or 'none'}",
        )


def paint_demo(movie_path: Path, painter: Painter) -> DemoSummary:
    """Run the block as fast as it goes and paint every frame."""
    warm_up_kernels()
    clock = SystemClock()
    source = open_source(f"{DEMO_ADDRESS}&seconds={MOVIE_S}", clock, is_paced=False)
    states: Counter[str] = Counter()
    advice: Counter[str] = Counter()
    distances: list[float] = []
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    try:
        engine = build_engine(source, clock)
        engine.mark(known_marks(source))
        with (
            MovieWriter(movie_path, source.info.shape_px) as movie,
            Progress(*columns, console=stderr, disable=not stderr.is_terminal, transient=True) as progress,
        ):
            task = progress.add_task("painting the demo", total=source.info.frame_count)
            for scene in scenes_of(source, engine, FrameSpan()):
                movie.write(painter.paint(scene), scene.frame.time_ns / 1e9)
                states[scene.tracking.needle.tip.state.value] += 1
                advice[scene.guidance.advice.partition(" passes ")[0]] += 1
                if scene.guidance.tip_to_target_mm is not None:
                    distances.append(scene.guidance.tip_to_target_mm)
                progress.advance(task)
    finally:
        source.close()
    return DemoSummary(movie_path, sum(states.values()), dict(states), min(distances, default=None), dict(advice))
