"""A USB foot pedal, which is a keyboard, at the bedside window: every press, the light, and the stop by foot alone."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from fake_feed import FakeFeed
from rtguide.app.block_plans import simulated_plan
from rtguide.clock import ManualClock
from rtguide.errors import ConfigError
from rtguide.model.block_plan import BodySide
from rtguide.model.pedal import PEDAL_ACTIONS, PedalMap
from rtguide.view.live_settings import LiveSettings
from rtguide.view.live_window import LiveWindow
from rtguide.view.pedal import PedalDesk
from rtguide.view.pedal_press import DOUBLE_NS, LONG_NS
from rtguide.view.workflow import STOP_CHECKS, Stage
from window_looks import at

pytestmark = pytest.mark.qt

PEDALS = (PedalMap("F13", "next", "inject", "hide"), PedalMap("B", "bookmark", "aspirated blood"))
Foot = Callable[..., None]


@pytest.fixture
def window(qtbot: QtBot, clock: ManualClock, tmp_path: Path) -> Iterator[LiveWindow]:
    feed = FakeFeed(at(clock))
    feed.start_recording(tmp_path)
    settings = LiveSettings(tmp_path, blocks=(simulated_plan("femoral"),), pedals=PEDALS)
    window = LiveWindow(feed, clock, settings)
    window._timer.stop()
    window.pedals._timer.setInterval(1_000_000)  # the test lets time pass itself
    with qtbot.waitActive(window, timeout=60_000):
        window.show()
        window.activateWindow()
    window.setFocus()
    yield window
    if isValid(window):
        window.close()


@pytest.fixture
def foot(window: LiveWindow, qtbot: QtBot, clock: ManualClock) -> Foot:
    """Presses the pedal for so long."""

    def press(key: Qt.Key = Qt.Key.Key_F13, seconds: float = 0.1, *, then_waits: bool = True) -> None:
        target = QApplication.focusWidget() or window
        qtbot.keyPress(target, key)
        clock.advance(seconds)
        window.pedals.tick()
        qtbot.keyRelease(target, key)
        if then_waits:
            clock.advance(DOUBLE_NS / 1e9)
            window.pedals.tick()
        QApplication.processEvents()

    return press


def feed_of(window: LiveWindow) -> FakeFeed:
    feed = window._feed
    assert isinstance(feed, FakeFeed)
    return feed


def test_short_long_and_double_do_three_things(window: LiveWindow, foot: Foot) -> None:
    hide = window.actions_by_name["hide"]
    foot(seconds=LONG_NS / 1e9)
    assert feed_of(window).now.injecting_ns is not None
    foot(seconds=LONG_NS / 1e9)
    assert feed_of(window).now.injecting_ns is None
    foot(then_waits=False)
    foot()
    assert hide.isChecked()
    foot(Qt.Key.Key_B)
    foot(Qt.Key.Key_B, seconds=LONG_NS / 1e9)
    events = [kind for kind, _ in feed_of(window).events if kind in ("bookmark", "aspirated blood")]
    assert events == ["bookmark", "aspirated blood"]


def test_the_whole_stop_is_confirmed_by_foot_alone(window: LiveWindow, foot: Foot) -> None:
    window.actions_by_name["procedure"].trigger()
    window.procedure.panel.choose("femoral")
    window.procedure.panel.sided.emit(BodySide.RIGHT)
    presses = 0
    while window.procedure.now.stage in (Stage.PLAN, Stage.STOP):
        foot()
        presses += 1
        assert presses < 20
    assert presses == 3 + 1 + len(STOP_CHECKS) + 1
    assert window.procedure.now.stage is Stage.GUIDE
    (confirmed,) = [details for kind, details in feed_of(window).events if kind == "stop confirmed"]
    assert confirmed["side"] == "right"
    foot()
    assert window.procedure.now.stage is Stage.INJECT


def test_a_pedal_that_types_a_letter_types_it_nowhere(window: LiveWindow, foot: Foot, qtbot: QtBot) -> None:
    qtbot.keyClick(window, Qt.Key.Key_9)
    line = window.events.panel.line
    qtbot.waitUntil(line.hasFocus, timeout=60_000)
    foot(Qt.Key.Key_B)
    assert line.text() == ""
    assert [kind for kind, _ in feed_of(window).events if kind == "bookmark"] == ["bookmark"]


def test_the_light_says_whether_a_press_would_do_anything(window: LiveWindow, foot: Foot, qtbot: QtBot) -> None:
    light = window.pedals.light
    foot()
    assert light.is_armed
    assert light.is_pressed, "it answers for a moment"
    qtbot.waitUntil(lambda: not light.is_pressed, timeout=60_000)
    other = QWidget()
    qtbot.addWidget(other)
    with qtbot.waitActive(other, timeout=60_000):
        other.show()
        other.activateWindow()
    qtbot.waitUntil(lambda: not light.is_armed, timeout=60_000)
    before = len(feed_of(window).events)
    qtbot.keyPress(window, Qt.Key.Key_B)
    qtbot.keyRelease(window, Qt.Key.Key_B)
    assert len(feed_of(window).events) == before
    other.close()


def test_every_action_of_a_pedal_does_something(window: LiveWindow) -> None:
    for action in PEDAL_ACTIONS:
        window._pedal_pressed(action)


def test_without_pedals_there_is_no_light(clock: ManualClock, qtbot: QtBot, tmp_path: Path) -> None:
    window = LiveWindow(FakeFeed(at(clock)), clock, LiveSettings(tmp_path))
    window._timer.stop()
    window.show()
    assert not window.pedals.light.isVisible()
    window.close()


def test_a_key_that_is_none_is_refused(clock: ManualClock, qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    with pytest.raises(ConfigError, match="pedal 'Frog' is no key"):
        PedalDesk((PedalMap("Frog"),), clock, parent)
