"""Tries imports and kernels in another process, so that a crash or a missing library there cannot harm this one."""

import json
import subprocess
import sys
from pathlib import Path

__all__ = ["probe_import", "probe_kernels"]

TIMEOUT_S = 300
"""Compiling every kernel on a slow laptop takes about a minute."""

_IMPORT = """
import json, os, sys, time
names = ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR")
before = {name: os.environ.get(name) for name in names}
begin = time.perf_counter()
__import__(sys.argv[1])
seconds = time.perf_counter() - begin
print(json.dumps([seconds, [name for name in names if os.environ.get(name) != before[name]]]))
"""

_KERNELS = """
import json, time
from rtguide.kernels import cache_folder, is_cached
from rtguide.kernels.warmup import warm_up
was_cached, begin = is_cached(), time.perf_counter()
for _ in warm_up(): pass
folder = cache_folder()
print(json.dumps([None if folder is None else str(folder), was_cached, time.perf_counter() - begin]))
"""


def probe_import(module: str) -> tuple[str, float, list[str]]:
    """Import a module elsewhere: (what went wrong or "", seconds it took, Qt variables it changed)."""
    answer, problem = _run(_IMPORT, module)
    if problem:
        return problem, 0.0, []
    seconds, changed = json.loads(answer)
    return "", float(seconds), list(changed)


def probe_kernels() -> tuple[Path | None, bool, float, str]:
    """Warm up elsewhere: (cache folder, whether it was filled before, seconds it took, what went wrong or "")."""
    answer, problem = _run(_KERNELS)
    if problem:
        return None, False, 0.0, problem
    folder, was_cached, seconds = json.loads(answer)
    return None if folder is None else Path(folder), bool(was_cached), float(seconds), ""


def _run(program: str, *arguments: str) -> tuple[str, str]:
    """(last line printed, "") or ("", last line of the error)."""
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-c", program, *arguments],
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "", f"no answer within {TIMEOUT_S} s"
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines()
        return "", lines[-1] if lines else f"ended with status {done.returncode}"
    return done.stdout.strip().splitlines()[-1], ""
