"""What every test can rely on: a Qt platform, no leaked threads, the shared data where it is there."""

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

if not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
LEAK_GRACE_S = 3.0


@pytest.fixture
def data() -> Path:
    """The folder of shared test material; skips where it is absent. For tests marked `data`."""
    if not DATA.is_dir():
        pytest.skip("the shared test material (../shared/data) is not here")
    return DATA


@pytest.fixture(autouse=True, scope="session")
def _no_settings_of_the_users(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Tests neither see nor change what whoever runs them has set."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))
        yield


@pytest.fixture(autouse=True)
def _no_leaked_threads() -> Iterator[None]:
    """Fail a test that leaves one of our threads behind."""
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + LEAK_GRACE_S
    while True:
        left = [t for t in threading.enumerate() if t not in before and t.name.startswith("rtguide-")]
        if not left or time.monotonic() > deadline:
            break
        left[0].join(0.1)
    assert not left, f"threads left behind: {[t.name for t in left]}"
