"""A whole simulated block in the real window on the real pipeline, by the keyboard alone and by the mouse alone."""

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from rtguide.app.block_plans import simulated_plan
from rtguide.app.compose import live_pipeline
from rtguide.app.plugins import open_source
from rtguide.clock import SystemClock
from rtguide.kernels.warmup import warm_up
from rtguide.model.block_plan import BodySide
from rtguide.model.status import RecordingState
from rtguide.pipeline.live import LivePipeline
from rtguide.recording.reader import open_session
from rtguide.view.live_window import LiveSettings, LiveWindow
from rtguide.view.workflow import STOP_CHECKS, Stage

pytestmark = pytest.mark.qt

PATIENCE_MS = 90_000
ADDRESS = "sim:femoral?seed=5&fps=10"
Running = tuple[LiveWindow, list[LivePipeline]]


@pytest.fixture
def running(qtbot: QtBot, tmp_path: Path) -> Iterator[Running]:
    """A window at its start page that opens real pipelines."""
    for _ in warm_up():
        pass
    feeds: list[LivePipeline] = []

    def open_feed(address: str) -> LivePipeline:
        feed = live_pipeline(address)
        feed.start()
        feeds.append(feed)
        return feed

    plans = (simulated_plan("tap"), simulated_plan("femoral"))
    offers = (("Demo: femoral block", ADDRESS),)
    look_into = partial(open_source, clock=SystemClock(), is_paced=False)
    settings = LiveSettings(tmp_path, open_feed, offers, blocks=plans, open_source=look_into)
    window = LiveWindow(None, SystemClock(), settings)
    window.resize(1280, 720)
    with qtbot.waitActive(window, timeout=PATIENCE_MS):
        window.show()
        window.activateWindow()
    yield window, feeds
    if isValid(window):
        window.close()


def keep(window: LiveWindow, name: str) -> None:
    """A screenshot for whoever looks at what the tests saw."""
    folder = os.environ.get("CI_OUTPUT")
    if folder:
        QApplication.processEvents()
        window.grab().save(str(Path(folder) / f"procedure-{name}.png"))


def stage(window: LiveWindow) -> Stage:
    return window.procedure.now.stage


def check_session(folder: Path, note: str) -> None:
    (session_folder,) = [path for path in folder.iterdir() if path.is_dir()]
    events = {event["kind"]: event for event in open_session(session_folder).events()}
    confirmed = events["stop confirmed"]
    assert confirmed["block"] == "femoral"
    assert confirmed["side"] == "left"
    assert confirmed["stop"] == list(STOP_CHECKS)
    assert len(confirmed["checked"]) == 3
    assert events["injected"]["amount"] == 5.0
    assert "injecting" in events
    assert "injecting ended" in events
    assert events["done"]["text"] == note


def test_by_the_keyboard_alone(running: Running, qtbot: QtBot, tmp_path: Path) -> None:  # noqa: PLR0915 - one way
    window, feeds = running

    def press(key: Qt.Key) -> None:
        qtbot.keyClick(QApplication.focusWidget() or window, key)

    qtbot.waitUntil(lambda: window.start_page.tiles[0].has_picture, timeout=PATIENCE_MS)
    keep(window, "start")
    press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.canvas.shown.scene is not None, timeout=PATIENCE_MS)
    press(Qt.Key.Key_Y)
    assert stage(window) is Stage.PLAN
    assert window.procedure.now.plan is not None
    assert window.procedure.now.plan.name == "femoral", "the simulation says what it is"
    press(Qt.Key.Key_Up)
    assert window.procedure.now.plan.name == "tap"
    press(Qt.Key.Key_Down)
    press(Qt.Key.Key_Return)
    assert stage(window) is Stage.PLAN, "not without a side"
    press(Qt.Key.Key_Left)
    assert window.procedure.now.side is BodySide.LEFT
    keep(window, "plan")
    for _ in range(4):
        press(Qt.Key.Key_Return)
    assert stage(window) is Stage.STOP
    assert not window.procedure.stop_page.on.isEnabled()
    qtbot.waitUntil(lambda: window.procedure.stop_page.canvas.shown.scene is not None, timeout=PATIENCE_MS)
    assert window.procedure.stop_page.canvas.shown.is_overlay_hidden, "the picture as it is"
    press(Qt.Key.Key_Return)
    press(Qt.Key.Key_Escape)
    assert stage(window) is Stage.PLAN
    press(Qt.Key.Key_Return)
    assert window.procedure.now.stopped == frozenset()
    keep(window, "stop")
    qtbot.waitUntil(lambda: feeds[-1].status().recording.frames >= 2, timeout=PATIENCE_MS)
    for _ in range(len(STOP_CHECKS) + 1):
        press(Qt.Key.Key_Return)
    assert stage(window) is Stage.GUIDE
    assert "GUIDE femoral left" in window.bar.status.text
    press(Qt.Key.Key_T)
    press(Qt.Key.Key_Period)
    assert window.canvas.shown.fan is not None
    assert window.canvas.shown.fan.chosen is not None, window.canvas.shown.fan.why_none
    keep(window, "paths")
    press(Qt.Key.Key_F5)
    assert window.canvas.shown.turn.is_mirrored
    keep(window, "mirrored")
    press(Qt.Key.Key_F5)
    press(Qt.Key.Key_Return)
    assert stage(window) is Stage.INJECT
    assert feeds[-1].status().injecting_ns is not None
    press(Qt.Key.Key_3)
    keep(window, "injecting")
    press(Qt.Key.Key_J)
    assert stage(window) is Stage.GUIDE, "its own key ends it too"
    press(Qt.Key.Key_Y)
    assert stage(window) is Stage.DONE
    assert "injected: 5 ml" in window.procedure.done_page.summary.text()
    qtbot.keyClicks(QApplication.focusWidget(), "went well, 2 passes")
    keep(window, "done")
    press(Qt.Key.Key_Return)
    assert stage(window) is Stage.OFF
    qtbot.waitUntil(lambda: feeds[-1].status().recording.state is RecordingState.OFF, timeout=PATIENCE_MS)
    assert window._stack.currentWidget() is window.canvas
    window.close()
    check_session(tmp_path, "went well, 2 passes")


def test_by_the_mouse_alone(running: Running, qtbot: QtBot, tmp_path: Path) -> None:
    window, feeds = running

    def press(widget: QWidget, at: QPoint | None = None) -> None:
        qtbot.waitUntil(widget.isVisible, timeout=PATIENCE_MS)
        qtbot.mouseClick(widget, Qt.MouseButton.LeftButton, pos=at or widget.rect().center())

    def button_of(action: QAction) -> QToolButton:
        return next(b for b in window.bar.findChildren(QToolButton) if b.defaultAction() is action)

    offer = next(b for b in window.start_page.findChildren(QPushButton) if b.text().startswith("Demo"))
    press(offer)
    qtbot.waitUntil(lambda: window.canvas.shown.scene is not None, timeout=PATIENCE_MS)
    press(button_of(window.actions_by_name["procedure"]))
    panel, stop, done = window.procedure.panel, window.procedure.stop_page, window.procedure.done_page
    row = panel.list.visualItemRect(panel.list.item(1)).center()
    press(panel.list.viewport(), row)
    press(panel.sides[BodySide.LEFT])
    for number in range(3):
        press(panel.check_buttons[number])
    press(panel.on)
    assert stage(window) is Stage.STOP
    press(stop.on)
    assert stage(window) is Stage.STOP, "not before everything is ticked"
    qtbot.waitUntil(lambda: feeds[-1].status().recording.frames >= 2, timeout=PATIENCE_MS)
    for check in stop.check_buttons:
        press(check)
    press(stop.on)
    assert stage(window) is Stage.GUIDE
    window.resize(1900, 1000)
    press(button_of(window.actions_by_name["paths"]))
    fan, fit = window.canvas.shown.fan, window.canvas.fit()
    assert fan is not None
    assert fit is not None
    x, y = fit.view_from_image(fan.paths[0].goal_px)
    press(window.canvas, QPoint(round(x), round(y)))
    assert window.canvas.shown.fan is not None
    assert window.canvas.shown.fan.picked is not None
    keep(window, "paths-by-mouse")
    press(button_of(window.actions_by_name["inject"]))
    assert stage(window) is Stage.INJECT
    press(button_of(window.actions_by_name["events"]))
    injected = next(b for b in window.events.panel.findChildren(QPushButton) if "injected" in b.text())
    press(injected)
    press(button_of(window.actions_by_name["inject"]))
    assert stage(window) is Stage.GUIDE
    press(button_of(window.actions_by_name["procedure"]))
    assert stage(window) is Stage.DONE
    done.line.setText("fine")
    press(done.save)
    assert stage(window) is Stage.OFF
    qtbot.waitUntil(lambda: feeds[-1].status().recording.state is RecordingState.OFF, timeout=PATIENCE_MS)
    window.close()
    check_session(tmp_path, "fine")


def test_a_window_that_opens_on_a_simulation_knows_its_block_too(qtbot: QtBot, tmp_path: Path) -> None:
    """`rtguide demo` and `rtguide live sim:…` give the source before there is a window."""
    for _ in warm_up():
        pass
    feed = live_pipeline(ADDRESS)
    feed.start()
    settings = LiveSettings(tmp_path, blocks=(simulated_plan("tap"), simulated_plan("femoral")))
    window = LiveWindow(feed, SystemClock(), settings)
    qtbot.addWidget(window)
    qtbot.waitUntil(lambda: window.canvas.shown.scene is not None, timeout=PATIENCE_MS)
    window.actions_by_name["procedure"].trigger()
    assert window.procedure.now.plan is not None
    assert window.procedure.now.plan.name == "femoral"
    window.close()
