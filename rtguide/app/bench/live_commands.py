"""The benchmarks that show or record: `rtguide bench latency`, `replay`, `glass` and `recording`."""
# ruff: noqa: PLC0415

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from rtguide.app.system import require_libraries
from rtguide.errors import ConfigError
from rtguide.model.status import DelayFigures

__all__ = ["add_live_benches"]


def add_live_benches(bench_app: typer.Typer, require_window: Callable[[str], None]) -> None:
    """Add the commands. require_window: raises where there is no display."""
    bench_app.command()(recording)

    @bench_app.command()
    def latency(
        source: Annotated[
            str | None,
            typer.Argument(
                metavar="[SOURCE]",
                help="E.g. replay:CLIP?preload=1&loop=1&fps=60; without it, a simulated clip of 1280×720.",
            ),
        ] = None,
        seconds: Annotated[float, typer.Option("--seconds", min=5, max=86_400, help="How long.")] = 60.0,
        record: Annotated[
            Path | None,
            typer.Option(
                "--record", metavar="DIR", help="Record into DIR and leave it there; else a temporary folder."
            ),
        ] = None,
        window: Annotated[
            str | None, typer.Option("--window", metavar="WIDTHxHEIGHT", help="The window's size, e.g. 1920x1080.")
        ] = None,
        has_everything: Annotated[
            bool,
            typer.Option("--everything", help="A 1920×1080 clip, five structures, injecting, paths and plots shown."),
        ] = False,
        is_json: Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")] = False,
    ) -> None:
        """Capture → tracked → painted of every frame, in the real window, while the image region is recorded."""
        require_window("bench latency")
        from rtguide.app.bench.latency import LatencyJob, measure_latency

        report = measure_latency(LatencyJob(source, seconds, record, _size(window), has_everything))
        if is_json:
            typer.echo(json.dumps(report.as_json(), indent=2, ensure_ascii=False))
            return
        width, height = report.recorded_px
        typer.echo(
            f"{report.address}\n{report.received} frames in {report.seconds:g} s, {1e9 / report.period_ns:.1f}/s; "
            f"recorded {width}×{height}; {report.cpu_s / report.seconds:.2f} cores busy with it; "
            f"load average {report.load[0]:.1f} → {report.load[1]:.1f}"
        )
        typer.echo(_row("capture → tracked", report.tracked))
        typer.echo(_row("capture → painted", report.painted))
        width, height = report.canvas_px
        typer.echo(_row(f"painting {width}×{height}", report.paint))
        typer.echo(_row("of which its thread ran", report.paint_ran))
        typer.echo(
            f"lost {report.lost}, passed over by the tracker {report.skipped_by_tracker}, by the screen "
            f"{report.skipped_by_screen}; on disk {report.ledger.written} of {report.ledger.received}"
        )
        for wish, found, is_met in report.wishes():
            typer.echo(f"{'met   ' if is_met else 'MISSED'} {wish}: {found}")

    @bench_app.command()
    def replay(
        session: Annotated[
            Path | None,
            typer.Argument(
                metavar="[SESSION]", help="Without it, a simulated one of ten seconds at 60 Hz is recorded."
            ),
        ] = None,
        seconds: Annotated[float, typer.Option("--seconds", min=1, max=600, help="How long it is played.")] = 8.0,
        is_json: Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")] = False,
    ) -> None:
        """The replay window: 200 jumps to random frames until each is painted, and how evenly it plays."""
        require_window("bench replay")
        from rtguide.app.bench.replay import measure_replay

        report = measure_replay(session, seconds)
        if is_json:
            typer.echo(json.dumps(report.as_json(), indent=2, ensure_ascii=False))
            return
        for line in report.lines():
            typer.echo(line)

    @bench_app.command()
    def glass(
        source: Annotated[str, typer.Argument(metavar="SOURCE", help="What sees the screen, e.g. grabber:0.")],
        seconds: Annotated[float, typer.Option("--seconds", min=3, max=3600, help="How long.")] = 20.0,
        screen: Annotated[int, typer.Option("--screen", min=0, help="The screen that shows the code.")] = 0,
        profile: Annotated[
            str | None, typer.Option("--profile", metavar="NAME", help="Store the delay with this profile.")
        ] = None,
        is_json: Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")] = False,
    ) -> None:
        """Glass to here: a time code full-screen, seen through SOURCE; prints how late it comes. Escape ends it."""
        require_window("bench glass")
        from rtguide.app.bench.glass import measure_glass
        from rtguide.app.profiles import keep_lag

        report = measure_glass(source, seconds, screen)
        if profile is not None:
            path = keep_lag(profile, capture_s=report.delay.median_ns / 1e9)
            typer.echo(f"stored in {path}", err=True)
        if is_json:
            typer.echo(json.dumps(report.as_json(), indent=2, ensure_ascii=False))
            return
        typer.echo(f"{report.address}: {report.received} frames, the code read in {report.read}")
        typer.echo(_row("painted → received", report.delay) + f"; shortest {report.shortest_ns / 1e6:.1f} ms")


def recording(
    minutes: Annotated[float, typer.Option("--minutes", min=0.1, max=600, help="How long a recording.")] = 60.0,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Record into DIR and leave it there; else a temporary folder."),
    ] = None,
    is_json: Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")] = False,
) -> None:
    """A long recording of 640×480 at 30 Hz, as fast as it goes: losses, memory, and how it opens, also recovered.

    An hour takes some 12 GB. No window opens.
    """
    require_libraries(is_windowed=False)
    from rtguide.app.bench.recording import RecordingJob, measure_recording

    report = measure_recording(RecordingJob(minutes, out))
    if is_json:
        typer.echo(json.dumps(report.as_json(), indent=2, ensure_ascii=False))
        return
    resident = ", ".join(f"{size:.0f}" for size in report.resident_mb)
    speed = 60 * minutes / report.took_s
    typer.echo(
        f"{report.frames} frames ({minutes:g} min) in {report.took_s:.0f} s, {speed:.1f} times as "
        f"fast as they last, closing {report.close_s:.2f} s of it; {report.megabytes:.0f} MB of video; "
        f"declared lost {report.declared_lost}; memory at each tenth {resident} MB"
    )
    typer.echo(f"closed:    {report.closed.text()}")
    typer.echo(f"recovered: {report.recovered.text()}")


def _size(text: str | None) -> tuple[int, int] | None:
    """Two numbers, or none."""
    if text is None:
        return None
    width, _, height = text.partition("x")
    if not (width.isdecimal() and height.isdecimal() and min(int(width), int(height)) >= 320):
        raise ConfigError(f"--window {text}: two whole numbers from 320 on are wanted, for example 1920x1080")
    return int(width), int(height)


def _row(name: str, delay: DelayFigures) -> str:
    figures = (delay.median_ns, delay.p95_ns, delay.p99_ns, delay.longest_ns)
    median, p95, p99, longest = (f"{ns / 1e6:.1f}" for ns in figures)
    return f"{name}: median {median} ms, 95 % {p95}, 99 % {p99}, longest {longest}, of {delay.count}"
