"""The command by which people mark what is true of a clip."""
# ruff: noqa: PLC0415 - what a command needs is imported when it runs

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from rtguide.app.examples import examples_of
from rtguide.app.system import require_libraries
from rtguide.errors import ConfigError

__all__ = ["add_annotate"]

FORMS = ("case", "coco", "cvat")


def add_annotate(app: typer.Typer, require_window: Callable[[str], None]) -> None:
    """Give the application `annotate`."""

    @app.command(epilog=examples_of("annotate"))
    def annotate(
        path: Annotated[Path, typer.Argument(metavar="SESSION|CLIP", help="What is marked; it stays as it is.")],
        annotator: Annotated[
            str, typer.Option("--annotator", metavar="NAME", help="Whose marks: letters, digits, - and _.")
        ] = "me",
        structure: Annotated[
            list[str] | None,
            typer.Option("--structure", metavar="NAME", help="Outlined with keys 1, 2, …; repeatable."),
        ] = None,
        mm_per_px: Annotated[
            float | None, typer.Option("--mm-per-px", min=1e-4, help="Your own scale, where the clip has none.")
        ] = None,
        form: Annotated[
            str | None, typer.Option("--export", metavar="FORM", help="No window: case, coco or cvat into --out.")
        ] = None,
        out: Annotated[
            Path | None, typer.Option("--out", metavar="PATH", help="New file; new folder for a case.")
        ] = None,
        has_between: Annotated[
            bool, typer.Option("--interpolated", help="With a case: score what lies between key frames too.")
        ] = False,
        take: Annotated[
            Path | None, typer.Option("--import", metavar="FILE", help="No window: marks from a COCO .json, CVAT .xml.")
        ] = None,
        other: Annotated[
            str | None, typer.Option("--agree-with", metavar="NAME", help="No window: agreement with another's marks.")
        ] = None,
        compare: Annotated[
            Path | None,
            typer.Option("--compare", metavar="LINES|SESSION", help="A tracker's answers beside the marks (key R)."),
        ] = None,
    ) -> None:
        """Mark tip, shaft and structures on key frames by hand; two annotators' agreement; case, COCO and CVAT.

        Keys and what becomes of the marks: docs/annotation.md. A case is what `rtguide bench tracking` takes.
        """
        require_libraries(is_windowed=False)
        from rtguide.app.annotate import AnnotateJob, agreement_with, export_marks, import_marks, show_annotate

        if sum(one is not None for one in (form, take, other)) > 1:
            raise ConfigError("give one of --export, --import and --agree-with at a time")
        names = {} if structure is None else {"names": tuple(structure)}
        job = AnnotateJob(path, annotator, mm_per_px=mm_per_px, compare=compare, **names)
        if form is not None:
            if form not in FORMS or out is None:
                raise ConfigError(f"--export takes {', '.join(FORMS)} and --out PATH, not {form} into {out}")
            export_marks(job, form, out, has_between=has_between)
            typer.echo(f"wrote {out}", err=True)
        elif take is not None:
            typer.echo(f"{import_marks(job, take)} key frames into {job.file}", err=True)
        elif other is not None:
            typer.echo(json.dumps(agreement_with(job, other), indent=1, ensure_ascii=False))
        else:
            require_window("annotate")
            from rtguide.app.windows import show_window

            show_annotate(job, show_window)
