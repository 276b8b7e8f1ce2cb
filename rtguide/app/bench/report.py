"""Runs a benchmark under a progress bar and prints its table."""

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from rtguide.app.bench.speed import SpeedRow, measure
from rtguide.app.console import stderr, warm_up_kernels

__all__ = ["measure_speed", "print_speed"]


def measure_speed(frames: int, sizes: tuple[tuple[int, int], ...], structures: int) -> list[SpeedRow]:
    """Measure each size."""
    warm_up_kernels()
    columns = (TextColumn("measuring"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=stderr, disable=not stderr.is_terminal, transient=True) as progress:
        task = progress.add_task("", total=frames * len(sizes))
        return measure(frames, sizes, structures, lambda: progress.advance(task))


def print_speed(rows: list[SpeedRow]) -> None:
    """The table, one line a size."""
    table = Table(title="Frame to scene, one thread, in units of GaussianBlur 7×7 of the same frame")
    for heading in ("size", "structures", "frames", "median ms", "p99 ms", "blur ms", "median ×", "p99 ×", "locked"):
        table.add_column(heading, justify="right")
    for row in rows:
        table.add_row(
            f"{row.width}×{row.height}",
            f"{row.structures}",
            f"{row.frames}",
            f"{row.pipeline_median_ms:.2f}",
            f"{row.pipeline_p99_ms:.2f}",
            f"{row.blur_median_ms:.2f}",
            f"{row.median_ratio:.2f}",
            f"{row.p99_ratio:.2f}",
            f"{row.locked_share:.0%}",
        )
    Console(width=110).print(table)
