"""How long a recording can go on before its disk is full."""

import shutil
from pathlib import Path

__all__ = ["RESERVE_BYTES", "seconds_left"]

RESERVE_BYTES = 32 << 20
"""Kept free, so that a recording can be closed and the system goes on: index, lines and head of an hour take 30 MB."""

_LEAST_SECONDS = 5.0
"""A shorter recording does not tell how fast it grows."""


def seconds_left(folder: Path, recorded_s: float) -> float | None:
    """Seconds until only the reserve is free, at the rate the folder grew so far; None while that cannot be told.

    0 where the reserve is reached, however short the recording is.

    Raises
    ------
    OSError
        The folder or its disk is gone.
    """
    free = shutil.disk_usage(folder).free - RESERVE_BYTES
    if free <= 0:
        return 0.0
    if recorded_s < _LEAST_SECONDS:
        return None
    written = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return free * recorded_s / max(1, written)
