"""`rtguide phantom list`, `render`, `matrix`: simulated patients, cases made of them, how often tips are hidden."""
# ruff: noqa: PLC0415 - what a command needs is imported when it runs

import json
from pathlib import Path
from typing import Annotated

import typer

from rtguide.app.system import require_libraries

__all__ = ["phantom_app"]

phantom_app = typer.Typer(help="Simulated examinations with exact truth.", no_args_is_help=True)


@phantom_app.command("list")
def list_scenarios(
    is_json: Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")] = False,
) -> None:
    """List the scenarios: what `sim:NAME` and `phantom render NAME` take."""
    require_libraries(is_windowed=False)
    from rtguide.phantom import load_scenario, scenario_names

    scenarios = [load_scenario(name) for name in scenario_names()]
    if is_json:
        rows = [
            {"name": s.name, "title": s.title, "approach": s.approach.value, "summary": s.summary, "sources": s.sources}
            for s in scenarios
        ]
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    for scenario in scenarios:
        typer.echo(f"{scenario.name:28} {scenario.title} – {scenario.approach.value}")


@phantom_app.command()
def render(
    scenario: Annotated[
        str, typer.Argument(metavar="SCENARIO", help="A name from `rtguide phantom list`, or a TOML file.")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The case folder; new or empty.")],
    seed: Annotated[int, typer.Option("--seed", min=0, help="Another seed is another patient and another hand.")] = 1,
    seconds: Annotated[float, typer.Option("--seconds", help="How long.")] = 20.0,
    fps: Annotated[float, typer.Option("--fps", min=1, max=120, help="Frames a second.")] = 30.0,
    quality: Annotated[
        int | None, typer.Option("--lossy", metavar="2-31", help="Lossy video of this quality, 2 best; else lossless.")
    ] = None,
    layout: Annotated[
        str | None, typer.Option("--layout", metavar="NAME", help="Screen: bare, clinic, cart or tablet.")
    ] = None,
    size: Annotated[str | None, typer.Option("--size", metavar="WxH", help="Of the screen, as 1920x1080.")] = None,
    scanner_hz: Annotated[
        float | None, typer.Option("--scanner", metavar="HZ", help="Distinct pictures a second, repeated between.")
    ] = None,
    dropped: Annotated[
        float | None, typer.Option("--dropped", metavar="SHARE", help="Share of them that never arrive, 0 to 0.5.")
    ] = None,
) -> None:
    """Render a scenario into a case folder: video.mkv, truth.csv, case.json and truth.jsonl.

    The same scenario, seed, length and rate give the same bytes on one machine.
    """
    require_libraries(is_windowed=False)
    from rich.progress import track as shown

    from rtguide.app.console import stderr, warm_up_kernels
    from rtguide.phantom import Phantom, load_scenario
    from rtguide.phantom.case_folder import CaseOptions, write_case
    from rtguide.phantom.output import Output, size_px

    output = Output(layout, None if size is None else size_px(size), scanner_hz, dropped)
    patient = output.of(load_scenario(scenario))
    options = CaseOptions(seconds) if quality is None else CaseOptions(seconds, "lossy", quality)
    warm_up_kernels()
    steps = write_case(Phantom(patient, seed, fps), out, options)
    total = round(seconds * fps)
    count = 0
    for _ in shown(steps, "rendering", total, console=stderr, transient=True, disable=not stderr.is_terminal):
        count += 1
    typer.echo(f"wrote {count} frames of {scenario} (seed {seed}) to {out}")


@phantom_app.command()
def matrix(
    scenarios: Annotated[list[str] | None, typer.Argument(metavar="[SCENARIO]…", help="Default: all of them.")] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Another seed is another patient and another hand.")] = 1,
    fps: Annotated[float, typer.Option("--fps", min=0.5, max=120, help="Looks a second.")] = 2.0,
    is_json: Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")] = False,
) -> None:
    """Count how often the tip is truly hidden, and why: a table over scenarios, from truth."""
    require_libraries(is_windowed=False)
    from dataclasses import asdict

    from rich.progress import track as shown

    from rtguide.app.console import stderr, warm_up_kernels
    from rtguide.phantom import scenario_names
    from rtguide.phantom.matrix import as_table, hidden_matrix, pooled

    names = scenarios or list(scenario_names())
    warm_up_kernels()
    steps = hidden_matrix(names, seed, fps)
    is_quiet = not stderr.is_terminal
    counts = list(shown(steps, "counting", len(names), console=stderr, transient=True, disable=is_quiet))
    if is_json:
        typer.echo(json.dumps([asdict(count) for count in (*counts, pooled(counts, "all"))], indent=2))
    else:
        typer.echo(as_table(counts))
