"""The command line. Together with `pipeline/loop.py` the only place that catches every exception.

Commands import what they need when they run: `--help` and `doctor` work where neither cv2 nor Qt can be imported.
"""
# ruff: noqa: PLC0415

import json
import os
import sys
import traceback
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from rtguide import RESEARCH_NOTICE, __version__
from rtguide.app.annotate_commands import add_annotate
from rtguide.app.bench.live_commands import add_live_benches
from rtguide.app.bench_commands import add_tracking_bench
from rtguide.app.calibrate_commands import calibrate_app, profiles_app
from rtguide.app.examples import examples_of
from rtguide.app.marks import MARK_OPTIONS, NeedleWay, marks_in_order, parse_hint
from rtguide.app.phantom_commands import phantom_app
from rtguide.app.session_commands import add_session_commands
from rtguide.app.system import has_display, require_libraries, require_window
from rtguide.errors import ConfigError, RtguideError

__all__ = ["app", "run"]

DEBUG_VARIABLE = "RTGUIDE_DEBUG"
"""Set to 1 to see a traceback where rtguide itself is at fault."""

app = typer.Typer(
    name="rtguide",
    help=f"Real-time needle and target tracking in ultrasound video. {RESEARCH_NOTICE}.",
    epilog="A SOURCE is a path (video, DICOM, pictures, session), sim:femoral, grabber:0, a stream or igtl:// address, "
    "or replay:PATH?speed=1&loop=1; `rtguide devices` lists them all.",
    no_args_is_help=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
bench_app = typer.Typer(
    help="Figures of speed and of tracking, beside a yardstick measured in the same run.", no_args_is_help=True
)
app.add_typer(bench_app, name="bench")
app.add_typer(phantom_app, name="phantom")
app.add_typer(calibrate_app, name="calibrate")
app.add_typer(profiles_app, name="profiles")

Source = Annotated[
    str, typer.Argument(metavar="SOURCE", help="A path, sim:SCENARIO, grabber:0 …; see `rtguide devices`.")
]
Scale = Annotated[
    float | None, typer.Option("--mm-per-px", help="Millimetres per pixel, on your word; shown as provenance “user”.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]


class _KeepsArguments(TyperCommand):
    """Keeps a command's raw arguments, in whose order marked structures are listed."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        ctx.meta["rtguide.arguments"] = tuple(args)
        return super().parse_args(ctx, args)


def run(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit: 0 done, 1 the run failed (one line says why), 2 usage."""
    try:
        app(args=arguments)
    except ConfigError as error:
        _fail(str(error), 2)
    except RtguideError as error:
        _fail(str(error), 1)
    except KeyboardInterrupt:
        _fail("stopped", 130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:  # the last boundary: a user never sees a traceback unasked
        if os.environ.get(DEBUG_VARIABLE):
            traceback.print_exc()
        _fail(f"internal error: {type(error).__name__}: {error} ({DEBUG_VARIABLE}=1 shows where)", 1)


def _fail(text: str, status: int) -> None:
    print(f"rtguide: {' '.join(text.split())}", file=sys.stderr)  # noqa: T201
    sys.exit(status)


def _print_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"rtguide {__version__} – {RESEARCH_NOTICE}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def start(
    ctx: typer.Context,
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Open the application at its start page; with a command, do that instead."""
    if ctx.invoked_subcommand is None:
        require_window("the start page")
        from rtguide.app.windows import show_start

        raise typer.Exit(show_start())


@app.command()
def demo(
    is_headless: Annotated[bool, typer.Option("--headless", help="Paint a movie even if there is a display.")] = False,
    movie: Annotated[Path, typer.Option("--movie", help="Where the movie goes.")] = Path("rtguide-demo.mkv"),
) -> None:
    """Show the simulated femoral block, guided. Without a display it is painted into a movie instead."""
    if is_headless or not has_display():
        require_libraries(is_windowed=False)
        if not is_headless:
            typer.echo("rtguide: no display here: painting the demo into a movie", err=True)
        from rtguide.app.demo import paint_demo
        from rtguide.view.offscreen import ScenePainter

        for line in paint_demo(movie, ScenePainter()).lines():
            typer.echo(line)
        typer.echo(RESEARCH_NOTICE)
        return
    require_libraries(is_windowed=True)
    from rtguide.app.compose import DEMO_ADDRESS
    from rtguide.app.windows import LiveRequest, show_live

    raise typer.Exit(show_live(LiveRequest(DEMO_ADDRESS)))


@app.command(epilog=examples_of("live"))
def live(
    source: Source,
    record: Annotated[
        Path | None, typer.Option("--record", metavar="DIR", help="Record at once, into a new folder inside DIR.")
    ] = None,
    mm_per_px: Scale = None,
    serve: Annotated[
        str | None,
        typer.Option(
            "--serve",
            metavar="igtl://:PORT",
            help="Publish image, needle and guidance, e.g. to 3D Slicer here; igtl://0.0.0.0:PORT for other machines.",
        ),
    ] = None,
    limits: Annotated[
        Path | None, typer.Option("--limits", metavar="FILE.toml", help="Your limits of the alarms: docs/alarms.md.")
    ] = None,
    pre_roll: Annotated[
        int,
        typer.Option(
            "--pre-roll",
            metavar="MB",
            min=0,
            help="Memory for the last seconds before Record is pressed, which are recorded too; 0: none are.",
        ),
    ] = 512,
    side: Annotated[
        list[str] | None,
        typer.Option("--side", metavar="NAME=ADDRESS", help="Record this beside the picture: docs/side-channels.md."),
    ] = None,
    study: Annotated[
        int | None,
        typer.Option("--study", metavar="SEED", min=0, help="Each recording with or without overlay, as SEED draws."),
    ] = None,
) -> None:
    """Open the bedside window on a source."""
    _check_scale(mm_per_px)
    require_window("live")
    from rtguide.app.windows import LiveRequest, show_live
    from rtguide.pipeline.sides import sides_from_texts

    sides = sides_from_texts(side or ())
    raise typer.Exit(show_live(LiveRequest(source, record, mm_per_px, serve, limits, pre_roll, sides, study)))


@app.command(epilog=examples_of("replay"))
def replay(
    sessions: Annotated[list[str], typer.Argument(metavar="SESSION [SESSION]", help="One session folder, or two.")],
    is_retracked: Annotated[
        bool, typer.Option("--retrack", help="Show what today's tracker says, not what was said then.")
    ] = False,
) -> None:
    """Open the trainer's window on one recorded session, or on two side by side."""
    if len(sessions) > 2:
        raise ConfigError(f"replay shows one session or two side by side, not {len(sessions)}")
    require_window("replay")
    from rtguide.app.windows import show_replay

    raise typer.Exit(show_replay(tuple(Path(session) for session in sessions), is_retracked))


@app.command(cls=_KeepsArguments, epilog=examples_of("track"))
def track(
    ctx: typer.Context,
    source: Source,
    out: Annotated[str, typer.Option("--out", metavar="FILE.jsonl", help="Where the lines go; - is standard output.")],
    target: Annotated[
        list[str] | None,
        typer.Option(
            "--target",
            metavar=MARK_OPTIONS["--target"][2],
            help="A nerve or other structure to reach and never enter; X, Y: top-left corner.",
        ),
    ] = None,
    avoid: Annotated[
        list[str] | None,
        typer.Option("--avoid", metavar=MARK_OPTIONS["--avoid"][2], help="A structure to keep out of."),
    ] = None,
    aim: Annotated[
        list[str] | None, typer.Option("--aim", metavar=MARK_OPTIONS["--aim"][2], help="The point to reach.")
    ] = None,
    plane: Annotated[
        list[str] | None,
        typer.Option("--plane", metavar=MARK_OPTIONS["--plane"][2], help="A plane seen edge-on, to reach."),
    ] = None,
    avoid_line: Annotated[
        list[str] | None,
        typer.Option("--avoid-line", metavar=MARK_OPTIONS["--avoid-line"][2], help="A line to keep away from."),
    ] = None,
    hint: Annotated[
        str | None, typer.Option("--hint", metavar="X,Y[,X,Y]", help="A point on the needle, or its entry and tip.")
    ] = None,
    mode: Annotated[NeedleWay, typer.Option("--mode", help="How the needle meets the plane.")] = NeedleWay.IN_PLANE,
    plan: Annotated[
        str | None, typer.Option("--plan", metavar="BLOCK", help="The block plan: which side the needle comes from.")
    ] = None,
    start_frame: Annotated[int, typer.Option("--start", metavar="N", min=0, help="First frame.")] = 0,
    stop_frame: Annotated[int | None, typer.Option("--stop", metavar="N", min=0, help="Last frame, inclusive.")] = None,
    mm_per_px: Scale = None,
    video: Annotated[
        Path | None, typer.Option("--video", metavar="OUT.mkv", help="Also a movie with the overlay burned in.")
    ] = None,
    is_timed: Annotated[bool, typer.Option("--timing", help="Add compute_ms to every line.")] = False,
) -> None:
    """Track every frame without a window, as fast as it goes, and write one JSON line a frame.

    Structures are given in image pixels as they lie in the first frame that is processed; options may be repeated.
    """
    require_libraries(is_windowed=False)
    _check_scale(mm_per_px)
    from rtguide.app.block_plans import plan_named
    from rtguide.app.track import TrackJob
    from rtguide.app.track import track as run_track
    from rtguide.model.plan import Approach
    from rtguide.pipeline.offline import FrameSpan

    marks = marks_in_order(ctx.meta["rtguide.arguments"])
    said = None if hint is None else parse_hint(hint)
    span = FrameSpan(start_frame, stop_frame)
    approach = Approach.UNKNOWN if plan is None else plan_named(plan).approach
    job = TrackJob(source, out, marks, span, mm_per_px, video, is_timed, said, mode.needle_mode, approach)
    painter = None
    if video is not None:
        from rtguide.view.offscreen import ScenePainter

        painter = ScenePainter()
    count = run_track(job, painter)
    if out != "-":
        typer.echo(f"wrote {count} lines to {out}", err=True)


@app.command("devices")
def list_devices(is_json: AsJson = False) -> None:
    """List what is there to be opened, and how."""
    from rtguide.app.plugins import devices, side_devices

    listings = {item: name for name, device in devices().items() for item in device.list()}
    listings |= {item: name for name, side in side_devices().items() for item in side.list()}
    if is_json:
        _print_json([{"device": name, **asdict(item)} for item, name in listings.items()])
        return
    there = [item for item in listings if not item.is_pattern]
    if not any(item.address.startswith("grabber:") for item in there):
        typer.echo("no frame grabber is plugged in")
    for item in (*there, *(item for item in listings if item.is_pattern)):
        typer.echo(f"{item.address:48} {item.description}")


@app.command()
def doctor(is_json: AsJson = False) -> None:
    """Check this machine, and say what to do where something is missing. Exits 1 if rtguide cannot run here."""
    from rtguide.app.doctor import Level, as_json, examine

    findings = examine()
    report = as_json(findings)
    if is_json:
        _print_json(report)
    else:
        marks = {Level.OK: "ok     ", Level.WARNING: "WARNING", Level.BAD: "BAD    "}
        for finding in findings:
            mend = f"\n        → {finding.mend}" if finding.mend else ""
            typer.echo(f"{marks[finding.level]} {finding.topic:10} {finding.found}{mend}")
    if not report["healthy"]:
        raise typer.Exit(1)


add_session_commands(app)
add_tracking_bench(bench_app)


@bench_app.command()
def speed(
    frames: Annotated[int, typer.Option("--frames", min=20, help="Frames a size.")] = 2000,
    structures: Annotated[int, typer.Option("--structures", min=0, max=3, help="Marked structures.")] = 2,
    is_all: Annotated[
        bool, typer.Option("--all-sizes", help="Tables of sizes and of 0 to 8 structures, not only 1920×1080.")
    ] = False,
    page: Annotated[
        Path | None, typer.Option("--html", metavar="OUT", help="Both tables, with plots, as a page.")
    ] = None,
    is_json: AsJson = False,
) -> None:
    """Cost of one frame, pixels to scene, one thread, beside a 7×7 Gaussian blur and optical flow."""
    require_libraries(is_windowed=False)
    from rtguide.app.bench.report import measure_speed, print_speed
    from rtguide.app.bench.speed import SIZES, as_json
    from rtguide.app.bench.speed_page import write_speed_page
    from rtguide.app.bench.structure_cost import counts_as_json

    is_whole = is_all or page is not None
    rows, counts = measure_speed(frames, SIZES if is_whole else ((1920, 1080),), structures, has_counts=is_whole)
    if page is not None:
        write_speed_page(rows, counts, page)
    if is_json:
        _print_json({"sizes": as_json(rows), "structures": counts_as_json(counts)} if is_whole else as_json(rows))
    else:
        print_speed(rows, counts)


add_live_benches(bench_app, require_window)
add_annotate(app, require_window)


def _check_scale(mm_per_px: float | None) -> None:
    if mm_per_px is not None and not 0 < mm_per_px < 10:
        raise ConfigError(f"--mm-per-px {mm_per_px:g}: give millimetres per pixel, e.g. 0.05")


def _print_json(value: Any) -> None:  # whatever JSON holds
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))
