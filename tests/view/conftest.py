"""What the windows' tests share: a clock that moves when told, and a check that no widget is left behind."""

import gc
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from rtguide.clock import ManualClock
from rtguide.view.application import application


@pytest.fixture(scope="session")
def qapp() -> QApplication:
    """The application as users have it, instead of pytest-qt's own."""
    return application()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(start_ns=10_000_000_000)


@pytest.fixture(autouse=True)
def _no_leaked_widgets(qapp: QApplication) -> Iterator[None]:
    """Fail a test after which a window of ours still lives."""
    yield
    for _ in range(3):
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        qapp.processEvents()
        gc.collect()
    left = [w for w in qapp.topLevelWidgets() if type(w).__module__.startswith("rtguide.")]
    assert not left, f"windows left behind: {left}"
