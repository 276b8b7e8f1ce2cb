"""The only Numba: arrays in, arrays out.

Every kernel is decorated with `kernel`. Numba keeps compiled code by file and does not notice that a function it calls
in another file has changed, so the cache folder carries a hash of all of this package. That folder has to be known
before the first kernel is decorated, which is why it is worked out when this package is imported.
"""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import platformdirs

__all__ = ["COMPLETE", "cache_folder", "is_cached", "kernel"]

_F = TypeVar("_F", bound=Callable[..., Any])

COMPLETE = "complete"
"""Name of the empty file that a finished warm-up leaves in the cache folder."""


def _source_hash() -> str:
    """Of what the kernels say and where they lie: Numba keeps code by the place of its source."""
    digest = hashlib.sha256(str(Path(__file__).parent).encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _writable_folder() -> Path | None:
    """The cache folder, made if need be; None where it cannot be written: kernels are then compiled at every start."""
    given = os.environ.get("NUMBA_CACHE_DIR")
    base = Path(given) if given else Path(platformdirs.user_cache_dir("rtguide", appauthor=False))
    folder = base / f"kernels-{_source_hash()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


_FOLDER = _writable_folder()

import numba  # noqa: E402 - after the folder is known
from numba.core import config as _numba_config  # noqa: E402

if _FOLDER is not None:
    setattr(_numba_config, "CACHE_DIR", str(_FOLDER))  # noqa: B010 - the attribute is made at run time


def kernel(function: _F) -> _F:
    """Compile on first call: no Python objects, no GIL, kept on disk. The caller validates; a kernel never raises.

    Division follows IEEE 754 as NumPy's does: Python's check for a zero divisor keeps a loop from being vectorised.
    """
    return cast(_F, numba.njit(cache=_FOLDER is not None, nogil=True, error_model="numpy")(function))


def cache_folder() -> Path | None:
    """Where compiled kernels are kept; None if nothing can be kept."""
    return _FOLDER


def is_cached() -> bool:
    """Whether every kernel of this version was compiled here before, so that a start will be quick."""
    return _FOLDER is not None and (_FOLDER / COMPLETE).exists()
