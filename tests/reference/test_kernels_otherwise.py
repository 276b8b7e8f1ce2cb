"""Kernels as plain Python, kernels with bounds checked, and that no kernel goes without a slow reference."""

import importlib
import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from rtguide.kernels.warmup import kernel_modules

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
LIMIT_S = 900

CANARY = """
import numpy as np
from rtguide.kernels import kernel

@kernel
def read(values, place):
    return values[place]

try:
    read(np.zeros(3), 7)
except IndexError:
    print("the canary raised")
"""

TRACKING = """
from rtguide.app.plugins import make_tracker
from rtguide.phantom import Phantom, load_scenario
from rtguide.model.frame import Frame

states = set()
for name, size in (("femoral", 0.6), ("lumbar-facet", 0.6)):
    scenario = load_scenario(name)
    screen = scenario.screen.model_copy(update={"px_per_mm": size * scenario.screen.px_per_mm})
    phantom = Phantom(scenario.model_copy(update={"screen": screen}), 3, 25.0)
    tracker = make_tracker()
    tracker.start(phantom.geometry)
    for index in range(90):
        frame = Frame(index, index * 40_000_000, None, phantom.frame(index)[0].copy())
        if index == 0:
            tracker.mark(phantom.structures(), frame)
        told = tracker.track(frame)
        states.add(told.needle.track.value)
        states |= {structure.track.value for structure in told.structures}
print("tracked:", *sorted(states))
"""


def run(arguments: list[str], **variables: str) -> str:
    """Run Python with these variables; what it printed."""
    done = subprocess.run(
        [sys.executable, *arguments],
        env=os.environ | variables,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def reference_tests(tmp_path: Path, **variables: str) -> str:
    others = [str(path) for path in sorted(HERE.glob("test_*.py")) if path.name != Path(__file__).name]
    options = ["-q", "-p", "no:cacheprovider", f"--basetemp={tmp_path / 'base'}", "--timeout=600"]
    return run(["-m", "pytest", *options, *others], **variables)


def test_every_kernel_has_a_slow_reference() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in HERE.glob("test_*.py"))
    missing = []
    for name in kernel_modules():
        source = inspect.getsource(importlib.import_module(f"rtguide.kernels.{name}"))
        public = re.findall(r"^@kernel\ndef ([a-z]\w*)\(", source, re.MULTILINE)
        assert public, name
        missing += [f"{name}.{kernel}" for kernel in public if not re.search(rf"\b{kernel}\b", text)]
    assert not missing


@pytest.mark.slow
def test_the_references_hold_without_a_compiler(tmp_path: Path) -> None:
    program = "from rtguide.kernels.outline import outline_distances as k; print(hasattr(k, 'py_func'))"
    assert run(["-c", program], NUMBA_DISABLE_JIT="1").strip() == "False"
    assert " passed" in reference_tests(tmp_path, NUMBA_DISABLE_JIT="1")


@pytest.mark.slow
@pytest.mark.timeout(2 * LIMIT_S)
def test_no_kernel_reads_or_writes_out_of_bounds(tmp_path: Path) -> None:
    checked = {"NUMBA_BOUNDSCHECK": "1", "NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    (tmp_path / "cache").mkdir()
    canary = tmp_path / "canary.py"
    canary.write_text(CANARY, encoding="utf-8")
    assert "the canary raised" in run([str(canary)], **checked)
    assert " passed" in reference_tests(tmp_path, **checked)
    told = run(["-c", TRACKING], **checked)
    assert "locked" in told
    assert "tracked" in told.split(":")[1]
