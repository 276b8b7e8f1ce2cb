"""What benchmarks ask of the machine: a place to write to, and how much memory they hold."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["resident_bytes", "temporary_or"]


@contextmanager
def temporary_or(folder: Path | None) -> Iterator[Path]:
    """The folder asked for, or one that is gone afterwards."""
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
        return
    place = Path(tempfile.mkdtemp(prefix="rtguide-bench-"))
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def resident_bytes() -> int | None:
    """Memory that this process holds; None where the system does not tell it this way."""
    path = Path("/proc/self/statm")
    return int(path.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") if path.exists() else None
