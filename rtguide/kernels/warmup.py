"""Compile every kernel before a source opens, so that no frame waits for the compiler."""

import contextlib
import importlib
import pkgutil
from collections.abc import Callable, Iterator

import rtguide.kernels

__all__ = ["kernel_modules", "warm_up"]


def kernel_modules() -> tuple[str, ...]:
    """Names of the modules that hold kernels; each has a `warm_up()` that calls its kernels with the types in use."""
    names = (info.name for info in pkgutil.iter_modules(rtguide.kernels.__path__))
    return tuple(sorted(name for name in names if name != "warmup"))


def warm_up() -> Iterator[tuple[str, int, int]]:
    """Compile (or load) the kernels module by module.

    Yields
    ------
    (name, done, total)
        Before each module: what is next, how many are done, how many there are.
    """
    names = kernel_modules()
    for done, name in enumerate(names):
        yield name, done, len(names)
        module = importlib.import_module(f"rtguide.kernels.{name}")
        compile_all: Callable[[], None] = module.warm_up
        compile_all()
    folder = rtguide.kernels.cache_folder()
    if folder is not None:
        with contextlib.suppress(OSError):  # a cache that became read-only: the next start only shows its bar again
            (folder / rtguide.kernels.COMPLETE).touch()
