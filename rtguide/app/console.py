"""What the command line says to people: on standard error, so that standard output stays for data."""

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from rtguide.kernels import is_cached
from rtguide.kernels.warmup import warm_up

__all__ = ["stderr", "warm_up_kernels"]

stderr = Console(stderr=True)


def warm_up_kernels() -> None:
    """Compile or load the kernels; the first time, which takes a while, with a bar that shows how far it is."""
    if is_cached():
        for _ in warm_up():
            pass
        return
    if not stderr.is_terminal:
        stderr.print("rtguide: compiling kernels, once for this version (a minute or two)", highlight=False)
    columns = (TextColumn("compiling kernels (once): {task.description}"), BarColumn())
    with Progress(*columns, console=stderr, disable=not stderr.is_terminal, transient=True) as progress:
        task = progress.add_task("", total=None)
        for name, done, total in warm_up():
            progress.update(task, description=name, completed=done, total=total)
