"""`rtguide bench tracking`, `matrix`, `alarms` and `skill`: what is said of a picture, judged by truth."""
# ruff: noqa: PLC0415 - what a command needs is imported when it runs

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from rtguide.app.system import require_libraries

__all__ = ["add_tracking_bench"]


def add_tracking_bench(bench_app: typer.Typer) -> None:
    """Give `rtguide bench` the commands that judge trackers."""
    bench_app.command("tracking")(tracking)
    bench_app.command("matrix")(matrix)
    bench_app.command("alarms")(alarms)
    bench_app.command("skill")(skill)


Trackers = Annotated[list[str] | None, typer.Option("--tracker", metavar="NAME", help="A tracker; may be repeated.")]
HasBaseline = Annotated[
    bool,
    typer.Option(
        "--baseline/--no-baseline", help="Also what could be put together from OpenCV; slows it some tenfold."
    ),
]
Processes = Annotated[int, typer.Option("--jobs", min=1, help="In at most this many processes.")]
LinesFolder = Annotated[
    Path | None,
    typer.Option("--lines", metavar="DIR", help="Also what was said of each case, as `rtguide track` writes it."),
]
PagePath = Annotated[
    Path | None,
    typer.Option("--html", metavar="OUT", help="Also a page: tables, worst frames, error curves."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """How cases are judged, and what becomes of it."""

    trackers: tuple[str, ...]
    is_halved: bool
    processes: int
    lines: Path | None
    page: Path | None
    is_json: bool


def tracking(
    cases: Annotated[list[str], typer.Argument(metavar="CASES…", help="Case folders, or folders that hold some.")],
    is_needle_free: Annotated[
        bool,
        typer.Option("--needle-free", help="CASES are clips without a needle: count the tips shown (rising edges)."),
    ] = False,
    trackers: Trackers = None,
    has_baseline: HasBaseline = True,
    is_halved: Annotated[
        bool, typer.Option("--halves", help="Also the moderate half of each probe's cases, and the other.")
    ] = False,
    processes: Processes = 1,
    lines: LinesFolder = None,
    page: PagePath = None,
    is_json: AsJson = False,
) -> None:
    """Judge the tracker by cases with truth: the scorer's figures, per case and pooled per kind of probe.

    Cases are described in docs/cases.md, every figure in docs/scoring.md.
    """
    require_libraries(is_windowed=False)
    names = _names(trackers, has_baseline=has_baseline)
    if not is_needle_free:
        wanted = _Wanted(names, is_halved, processes, lines, page, is_json)
        _judge([Path(case) for case in cases], wanted, _named(cases))
        return
    from rtguide.app.bench.needle_free import as_json
    from rtguide.app.bench.tracking import free_clips
    from rtguide.app.bench.tracking_tables import print_free
    from rtguide.training.baseline import STRUCTURES_ONLY

    clips = free_clips(cases, [name for name in names if name not in STRUCTURES_ONLY], processes)
    if is_json:
        typer.echo(json.dumps(as_json(clips), indent=2, ensure_ascii=False))
    else:
        print_free(clips)


def matrix(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the clips are, or go: 30 to 80 MB each.")],
    recipe: Annotated[
        Path | None, typer.Option("--matrix", metavar="TOML", help="Other clips than the standard ones.")
    ] = None,
    sample: Annotated[
        int | None,
        typer.Option("--sample", metavar="N", min=1, help="An even part: N with a needle, the same share without."),
    ] = None,
    seed_offset: Annotated[
        int, typer.Option("--seed-offset", min=0, help="Added to every seed; 100 and more for final tables only.")
    ] = 0,
    is_only_rendered: Annotated[bool, typer.Option("--render-only", help="Render the clips, judge nothing.")] = False,
    trackers: Trackers = None,
    has_baseline: HasBaseline = True,
    processes: Processes = 1,
    lines: LinesFolder = None,
    page: PagePath = None,
    is_json: AsJson = False,
) -> None:
    """Judge the tracker by the matrix of simulated clips, rendering those that are not there yet.

    Every scenario, easy and hard, times seeds, screen layouts and conditions; docs/scoring.md describes it.
    """
    require_libraries(is_windowed=False)
    from rtguide.app.bench.matrix import render_missing
    from rtguide.phantom.clip_matrix import load_matrix, sampled, standard_matrix

    made = standard_matrix() if recipe is None else load_matrix(recipe)
    every = made.cells(seed_offset)
    cells = every if sample is None else sampled(every, sample)
    folders, rendered = render_missing(cells, out, processes)
    free = sum(not cell.has_needle for cell in cells)
    counts = f"{len(cells) - free} clips with a needle, {free} without, of {len(every)} in all"
    seeds = {cell.seed for cell in cells}
    typer.echo(f"{counts}; {rendered} rendered, the others were there", err=True)
    if not is_only_rendered:
        wanted = _Wanted(_names(trackers, has_baseline=has_baseline), True, processes, lines, page, is_json)
        _judge(folders, wanted, f"Simulated: {counts}, seeds {min(seeds)} to {max(seeds)}")


def alarms(
    scenarios: Annotated[
        list[str] | None, typer.Argument(metavar="[SCENARIO…]", help="Simulated procedures; else every easy one.")
    ] = None,
    seeds: Annotated[list[int] | None, typer.Option("--seed", min=0, help="A seed; may be repeated; else 1.")] = None,
    seconds: Annotated[float, typer.Option("--seconds", min=1, help="Of each: they repeat themselves.")] = 30.0,
    rate_hz: Annotated[float, typer.Option("--fps", min=5, max=60, help="Frames a second.")] = 20.0,
    tracker: Annotated[str | None, typer.Option("--tracker", metavar="NAME", help="Another than the default.")] = None,
    processes: Processes = 1,
    is_json: AsJson = False,
) -> None:
    """False alarms: those of the tracker beside those that the truth calls for, faster than real time.

    What is counted is described in docs/alarms.md.
    """
    require_libraries(is_windowed=False)
    from rtguide.app.bench.false_alarms import AlarmRun, as_json, print_watched, watch
    from rtguide.app.bench.parallel import shown_results
    from rtguide.phantom import scenario_names

    names = scenarios or [name for name in scenario_names() if not name.endswith("-hard")]
    runs = [AlarmRun(name, seed, seconds, rate_hz, tracker) for seed in seeds or [1] for name in names]
    watched = shown_results("procedures", watch, runs, processes)
    if is_json:
        typer.echo(json.dumps(as_json(watched), indent=2, ensure_ascii=False))
    else:
        print_watched(watched)


def skill(
    each: Annotated[int, typer.Option("--each", min=1, help="Attempts of each of the three levels.")] = 10,
    first_seed: Annotated[int, typer.Option("--seed", min=0, help="Of the first; the others follow.")] = 1,
    processes: Processes = 1,
    is_json: AsJson = False,
) -> None:
    """Figures of skill from tracked video beside the exact ones, over scripted attempts of three levels of skill.

    A check of the software, not of whether skill is measured: docs/reports.md.
    """
    require_libraries(is_windowed=False)
    from rtguide.app.bench.parallel import shown_results
    from rtguide.app.bench.skill import ScriptedRun, as_json, play, print_scored
    from rtguide.phantom.scripted import LEVELS

    runs = [ScriptedRun(level, first_seed + n) for level in range(len(LEVELS)) for n in range(each)]
    scored = shown_results("attempts", play, runs, processes)
    if is_json:
        typer.echo(json.dumps(as_json(scored), indent=2, ensure_ascii=False))
    else:
        print_scored(scored)


def _named(cases: list[str]) -> str:
    names = [Path(case).resolve().name for case in cases]
    return f"Cases of {', '.join(names[:6])}" + (f" and {len(names) - 6} others" if len(names) > 6 else "")


def _names(trackers: list[str] | None, *, has_baseline: bool) -> tuple[str, ...]:
    from rtguide.app.plugins import default_tracker
    from rtguide.training.baseline import BASELINES

    return tuple(dict.fromkeys([*(trackers or [default_tracker()]), *(BASELINES if has_baseline else ())]))


def _judge(folders: list[Path], wanted: _Wanted, about: str) -> None:
    from rtguide.app.bench.tracking import judge_cases, write_lines
    from rtguide.app.bench.tracking_tables import print_rows, rows_json, rows_of

    judged = judge_cases(folders, wanted.trackers, wanted.processes)
    if wanted.lines is not None:
        write_lines(judged, wanted.lines)
    rows, pools = rows_of(judged, is_halved=wanted.is_halved)
    if wanted.page is not None:
        from rtguide.app.bench.page import Page, write_page

        write_page(Page(judged, rows, pools, about), wanted.page)
    if wanted.is_json:
        value = {"cases": rows_json(rows), "pooled": rows_json(pools)}
        typer.echo(json.dumps(value, indent=2, ensure_ascii=False))
    else:
        print_rows(rows, pools)
