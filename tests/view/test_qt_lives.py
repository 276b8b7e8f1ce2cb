"""What broke before: void Qt calls that kill the interpreter, and windows that never go away."""

import gc
import os
import subprocess
import sys
import weakref
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from fake_feed import FakeFeed
from rtguide.clock import ManualClock
from rtguide.view.live_window import LiveSettings, LiveWindow
from synthetic_scenes import scene

pytestmark = pytest.mark.qt

VOID_CALLS = """
from PySide6.QtWidgets import QLabel
from rtguide.view.application import application
app = application(is_offscreen=True)
label = QLabel()
for number in range(20_000):
    label.setText(str(number))
print(label.text())
"""


def test_twenty_thousand_void_calls_live() -> None:
    """PySide6 6.12.0 drops a reference to None in each such call and aborts after a few thousand."""
    run = subprocess.run(
        [sys.executable, "-c", VOID_CALLS],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip() == "19999"


def test_closed_windows_are_gone(qapp: QApplication, clock: ManualClock, tmp_path: Path) -> None:
    left: list[weakref.ref[LiveWindow]] = []
    for _ in range(5):
        feed = FakeFeed(scene())
        window = LiveWindow(feed, clock, LiveSettings(tmp_path))
        window.show()
        qapp.processEvents()
        window.actions_by_name["details"].trigger()
        window.actions_by_name["help"].trigger()
        qapp.processEvents()
        window.close()
        left.append(weakref.ref(window))
        del window
    for _ in range(3):
        gc.collect()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        qapp.processEvents()
    assert [ref() for ref in left] == [None] * 5
    assert not qapp.topLevelWidgets()
