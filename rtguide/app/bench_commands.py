"""`rtguide bench tracking`: how well needle and structures are tracked, judged by truth."""
# ruff: noqa: PLC0415 - what a command needs is imported when it runs

import json
from pathlib import Path
from typing import Annotated

import typer

from rtguide.app.system import require_libraries

__all__ = ["add_tracking_bench"]


def add_tracking_bench(bench_app: typer.Typer) -> None:
    """Give `rtguide bench` the command that judges trackers."""
    bench_app.command("tracking")(tracking)


def tracking(
    cases: Annotated[list[str], typer.Argument(metavar="CASES…", help="Case folders, or folders that hold some.")],
    is_needle_free: Annotated[
        bool,
        typer.Option("--needle-free", help="CASES are clips without a needle: count the tips shown (rising edges)."),
    ] = False,
    trackers: Annotated[
        list[str] | None, typer.Option("--tracker", metavar="NAME", help="A tracker; may be repeated.")
    ] = None,
    is_halved: Annotated[
        bool, typer.Option("--halves", help="Also the moderate half of each probe's cases, and the other.")
    ] = False,
    processes: Annotated[int, typer.Option("--jobs", min=1, help="In at most this many processes.")] = 1,
    lines: Annotated[
        Path | None,
        typer.Option("--lines", metavar="DIR", help="Also what was said of each case, as `rtguide track` writes it."),
    ] = None,
    is_json: Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")] = False,
) -> None:
    """Judge the tracker by cases with truth: the scorer's figures, per case and pooled per kind of probe.

    Cases are described in docs/cases.md, every figure in docs/scoring.md.
    """
    require_libraries(is_windowed=False)
    from rtguide.app.bench.tracking import free_clips, judge_cases, write_lines
    from rtguide.app.bench.tracking_tables import print_free, print_rows, rows_json, rows_of

    names = tuple(trackers or ("classic",))
    if is_needle_free:
        from rtguide.app.bench.needle_free import as_json

        clips = free_clips(cases, names, processes)
        if is_json:
            typer.echo(json.dumps(as_json(clips), indent=2, ensure_ascii=False))
        else:
            print_free(clips)
        return
    judged = judge_cases([Path(case) for case in cases], names, processes)
    if lines is not None:
        write_lines(judged, lines)
    rows, pools = rows_of(judged, is_halved=is_halved)
    if is_json:
        value = {"cases": rows_json(rows), "pooled": rows_json(pools)}
        typer.echo(json.dumps(value, indent=2, ensure_ascii=False))
    else:
        print_rows(rows, pools)
