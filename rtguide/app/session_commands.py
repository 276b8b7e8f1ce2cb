"""The commands on recorded sessions that open no window."""
# ruff: noqa: PLC0415

from pathlib import Path
from typing import Annotated

import typer

from rtguide.app.system import require_libraries

__all__ = ["add_session_commands"]

SessionPath = Annotated[Path, typer.Argument(metavar="SESSION", help="A session folder.")]


def add_session_commands(app: typer.Typer) -> None:
    """Give the application its session commands."""
    app.command("recover")(recover)


def recover(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A session folder, or a folder that holds some.")],
) -> None:
    """Repair what a crash left of a recording, check every picture of it, and say exactly what is missing."""
    require_libraries(is_windowed=False)
    from rtguide.app.recover import recover_all

    for line in recover_all(folder):
        typer.echo(line)
