"""Runs the speed benchmark under a progress bar and prints its tables."""

from collections.abc import Sequence

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from rtguide.app.bench.speed import SpeedRow, measure, one_thread, resized, simulated
from rtguide.app.bench.structure_cost import COUNTS, CountRow, measure_counts
from rtguide.app.console import stderr, warm_up_kernels

__all__ = ["COUNT_HEADINGS", "SIZE_HEADINGS", "count_cells", "measure_speed", "print_speed", "size_cells"]

SIZE_HEADINGS = ("size", "structures", "median ms", "p99 ms", "blur ms", "median ×", "p99 ×", "flow ms", "locked")
COUNT_HEADINGS = ("structures", "median ms", "p99 ms", "median ×", "each adds ms", "flow ms", "each ÷ flow", "tracked")


def measure_speed(
    frames: int, sizes: tuple[tuple[int, int], ...], structures: int, *, has_counts: bool
) -> tuple[list[SpeedRow], list[CountRow]]:
    """Measure each size, and at 1920×1080 what more and more structures cost."""
    warm_up_kernels()
    columns = (TextColumn("measuring"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=stderr, disable=not stderr.is_terminal, transient=True) as progress:
        task = progress.add_task("", total=frames * (len(sizes) + has_counts))
        rows = measure(frames, sizes, structures, lambda: progress.advance(task))
        if not has_counts:
            return rows, []
        with one_thread():
            return rows, measure_counts(resized(simulated(), (1920, 1080)), frames, lambda: progress.advance(task))


def size_cells(row: SpeedRow) -> tuple[str, ...]:
    """One size as text, as `SIZE_HEADINGS` names it."""
    return (
        f"{row.width}×{row.height}",
        f"{row.structures}",
        f"{row.pipeline_median_ms:.2f}",
        f"{row.pipeline_p99_ms:.2f}",
        f"{row.blur_median_ms:.2f}",
        f"{row.median_ratio:.2f}",
        f"{row.p99_ratio:.2f}",
        f"{row.flow_median_ms:.2f}",
        f"{row.locked_share:.0%}",
    )


def count_cells(row: CountRow) -> tuple[str, ...]:
    """One number of structures as text, as `COUNT_HEADINGS` names it."""
    share = row.flow_share
    return (
        f"{row.structures}",
        f"{row.pipeline_median_ms:.2f}",
        f"{row.pipeline_p99_ms:.2f}",
        f"{row.pipeline_median_ms / row.blur_median_ms:.2f}",
        "" if share is None else f"{row.extra_ms / row.structures:.3f}",
        f"{row.flow_median_ms:.2f}",
        "" if share is None else f"{share:.3f}",
        "" if share is None else f"{row.tracked_share:.0%}",
    )


def print_speed(rows: Sequence[SpeedRow], counts: Sequence[CountRow]) -> None:
    """The tables: one line a size, one line a number of structures."""
    console = Console(width=110)
    unit = f"{rows[0].frames} frames, one thread; ×: of GaussianBlur 7×7 of the same frame"
    flow = "flow: optical flow, there and back, of 60 points"
    console.print(_table(f"Frame to scene, {unit}; {flow}", SIZE_HEADINGS, [size_cells(row) for row in rows]))
    if counts:
        title = f"The same at 1920×1080 with 0 to {max(COUNTS)} structures"
        console.print(_table(title, COUNT_HEADINGS, [count_cells(row) for row in counts]))


def _table(title: str, headings: Sequence[str], lines: Sequence[Sequence[str]]) -> Table:
    table = Table(title=title)
    for heading in headings:
        table.add_column(heading, justify="right")
    for line in lines:
        table.add_row(*line)
    return table
