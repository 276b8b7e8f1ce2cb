"""Whether somebody is writing a session folder just now: a lock on `events.jsonl` that a crash lets go by itself."""

import sys

__all__ = ["CAN_TELL", "hold"]

CAN_TELL = sys.platform != "win32"
"""On Windows nothing is locked: sessions are then recovered only when asked for."""


def hold(handle: int) -> bool:
    """Hold the file until it is closed; false if another holds it, or the file system knows no locks."""
    if sys.platform == "win32":
        return True
    import fcntl  # noqa: PLC0415 - Windows has none

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
