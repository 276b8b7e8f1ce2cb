"""Doses in the window: agent, weight and sites, against the user's own ceilings; nothing where there are none."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from fake_feed import FakeFeed
from rtguide.clock import ManualClock
from rtguide.model.agent import Agent
from rtguide.model.block_plan import BlockPlan, VolumeCeiling
from rtguide.model.event import EventKind
from rtguide.view.live_window import LiveSettings, LiveWindow
from rtguide.view.theme import touch_px
from rtguide.view.workflow import Stage
from window_looks import MakeWindow, at

pytestmark = pytest.mark.qt

AGENTS = (
    Agent("A 0.5 %", 5.0, "our department", max_mg_per_kg=2.5),
    Agent("B 1 %", 10.0, "a textbook", max_mg=400.0),
)
PLANS = (
    BlockPlan("femoral", "Femoral", ceiling=VolumeCeiling(20.0, "our department")),
    BlockPlan("tap", "TAP", ceiling=VolumeCeiling(30.0, "our department")),
)


@pytest.fixture
def shown(qtbot: QtBot, clock: ManualClock, tmp_path: Path) -> tuple[LiveWindow, FakeFeed]:
    feed = FakeFeed(at(clock))
    feed.start_recording(tmp_path)
    window = LiveWindow(feed, clock, LiveSettings(tmp_path, blocks=PLANS, agents=AGENTS))
    qtbot.addWidget(window)
    window._timer.stop()  # the tests look themselves
    window.resize(1280, 720)
    with qtbot.waitActive(window, timeout=60_000):
        window.show()
        window.activateWindow()
    window.setFocus()
    window.look()
    return window, feed


def press(qtbot: QtBot, window: LiveWindow, *keys: Qt.Key) -> None:
    for key in keys:
        qtbot.keyClick(QApplication.focusWidget() or window, key)


def plan(qtbot: QtBot, window: LiveWindow, row: int) -> None:
    """By keys from the picture to the needle."""
    press(qtbot, window, Qt.Key.Key_Y)
    window.procedure.panel.list.setCurrentRow(row)
    press(qtbot, window, Qt.Key.Key_Left, Qt.Key.Key_Return, *([Qt.Key.Key_Return] * 4))
    assert window.procedure.now.stage is Stage.GUIDE


def test_two_sites_and_two_agents_add_up(shown: tuple[LiveWindow, FakeFeed], qtbot: QtBot) -> None:
    window, feed = shown
    press(qtbot, window, Qt.Key.Key_Y)
    weight = window.desks.doses.row.weight
    press(qtbot, window, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is weight, "Tab leads to the weight"
    qtbot.keyClicks(weight, "50")
    press(qtbot, window, Qt.Key.Key_Return)
    assert window.desks.doses.weight_kg == 50.0
    assert window.procedure.now.stage is Stage.PLAN, "Enter ended typing and nothing else"
    press(qtbot, window, Qt.Key.Key_Escape)
    plan(qtbot, window, 0)
    press(qtbot, window, Qt.Key.Key_3)
    assert "5 of 20 ml (25 %, our department)" in window.bar.status.text
    assert "dose 20 % of your ceilings (A 0.5 % 20 %)" in window.bar.status.text
    assert feed.events[-1][1] | {"t_ns": 0} == {
        "t_ns": 0, "amount": 5.0, "unit": "ml", "agent": "A 0.5 %", "site": "femoral left",
    }  # fmt: skip
    press(qtbot, window, Qt.Key.Key_Y, Qt.Key.Key_Return)
    assert window.procedure.now.stage is Stage.OFF
    plan(qtbot, window, 1)
    press(qtbot, window, Qt.Key.Key_0, Qt.Key.Key_3)
    assert "injected 5 ml B 1 %" in window.bar.status.text
    assert "5 of 30 ml" in window.bar.status.text, "the first site's volume is not this one's"
    assert "dose 32 % of your ceilings (A 0.5 % 20 %, B 1 % 12 %)" in window.bar.status.text


def test_without_a_weight_it_is_said_and_a_new_patient_begins_at_nothing(
    shown: tuple[LiveWindow, FakeFeed], qtbot: QtBot
) -> None:
    window, _ = shown
    row = window.desks.doses.row
    press(qtbot, window, Qt.Key.Key_3)
    assert "dose not known – not counted: A 0.5 %" in window.bar.status.text
    press(qtbot, window, Qt.Key.Key_Y)
    assert row.isVisible()
    row.weight.setText("900")
    assert window.desks.doses.weight_kg is None, "no such weight"
    row.weight.setText("80,5")
    assert window.desks.doses.weight_kg == 80.5
    assert "dose 12 %" in window.bar.status.text
    qtbot.mouseClick(row.anew, Qt.MouseButton.LeftButton)
    assert "dose" not in window.bar.status.text
    assert window.desks.doses.weight_kg is None
    qtbot.mouseClick(row.agent, Qt.MouseButton.LeftButton)
    assert row.agent.text() == "B 1 %  0"
    for widget in (row.agent, row.anew, row.weight):
        assert widget.height() >= touch_px(window)


def test_a_source_opened_again_is_the_same_patient_another_one_is_not(
    clock: ManualClock, qtbot: QtBot, tmp_path: Path
) -> None:
    settings = LiveSettings(tmp_path, lambda _: FakeFeed(at(clock)), blocks=PLANS, agents=AGENTS)
    window = LiveWindow(None, clock, settings)
    qtbot.addWidget(window)
    window._timer.stop()  # the tests look themselves
    window.open_address("grabber:0")
    doses, log = window.desks.doses, window.events.log
    doses.row.weight.setText("80")
    log.press(EventKind.INJECTED, clock.now_ns())
    given = doses.words(log.events)
    assert given.startswith("dose 12 %")
    window.open_address("grabber:0")
    assert (doses.weight_kg, doses.words(log.events)) == (80.0, given)
    window.open_address("grabber:1")
    assert (doses.weight_kg, doses.words(log.events)) == (None, "")


def test_without_agents_nothing_is_asked_or_said(make_window: MakeWindow, clock: ManualClock, qtbot: QtBot) -> None:
    window, feed = make_window(at(clock))
    press(qtbot, window, Qt.Key.Key_Y)
    assert not window.desks.doses.row.isVisible()
    press(qtbot, window, Qt.Key.Key_Escape, Qt.Key.Key_0, Qt.Key.Key_3)
    assert "dose" not in window.bar.status.text
    assert "agent" not in feed.events[-1][1]
