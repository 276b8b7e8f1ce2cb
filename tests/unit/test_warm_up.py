"""After the warm-up no frame waits for the compiler."""

import importlib
import subprocess
import sys
from types import ModuleType

import pytest

from rtguide.kernels.warmup import kernel_modules, warm_up


def dispatchers(module: ModuleType) -> dict[str, int]:
    """Compiled signatures of each kernel of a module, by name."""
    found = {name: value for name, value in vars(module).items() if hasattr(value, "nopython_signatures")}
    return {f"{module.__name__}.{name}": len(value.nopython_signatures) for name, value in found.items()}


def compiled() -> dict[str, int]:
    counts: dict[str, int] = {}
    for name in kernel_modules():
        counts |= dispatchers(importlib.import_module(f"rtguide.kernels.{name}"))
    return counts


def test_every_module_is_named_before_it_is_compiled() -> None:
    steps = list(warm_up())
    assert [name for name, _, _ in steps] == list(kernel_modules())
    assert [done for _, done, _ in steps] == list(range(len(steps)))


@pytest.mark.parametrize("address", ["sim:femoral?seed=4&seconds=3"])
def test_the_pipeline_compiles_nothing_more(address: str) -> None:
    program = f"""
import sys
sys.path.insert(0, {str(__file__.rpartition("/")[0])!r})
from test_warm_up import compiled
from rtguide.kernels.warmup import warm_up
for _ in warm_up(): pass
before = compiled()
from rtguide.app.compose import build_engine, known_marks
from rtguide.app.plugins import open_source
from rtguide.clock import SystemClock
from rtguide.pipeline.offline import FrameSpan, scenes_of
source = open_source({address!r}, SystemClock(), is_paced=False)
engine = build_engine(source, SystemClock())
engine.mark(known_marks(source))
count = sum(1 for _ in scenes_of(source, engine, FrameSpan()))
after = compiled()
print(count, sorted(name for name in after if after[name] != before[name]))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "90 []"
