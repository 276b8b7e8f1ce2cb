"""A procedure on a picture without a verified scale begins at the scale: read it, or go on without and say so."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from rtguide.clock import ManualClock
from rtguide.model.block_plan import BlockPlan
from rtguide.model.geometry import Provenance
from rtguide.view.live_window import LiveWindow
from rtguide.view.theme import touch_px
from rtguide.view.workflow import Stage
from synthetic_scenes import Wish
from window_looks import MakeWindow, at

pytestmark = pytest.mark.qt

UNREAD = Wish(spacing_mm=None)
UNACCEPTED = Wish(provenance=Provenance.RULER_UNACCEPTED)
UNACCEPTED_WORDS = "0.06 mm/px (ruler-unaccepted, not verified)"


def stage(window: LiveWindow) -> Stage:
    return window.procedure.now.stage


@pytest.mark.parametrize(
    ("wish", "words"), [(UNREAD, "no scale"), (UNACCEPTED, "0.06 mm/px (ruler-unaccepted, not verified)")]
)
def test_it_comes_first_and_says_what_is_known(
    make_window: MakeWindow, clock: ManualClock, qtbot: QtBot, wish: Wish, words: str
) -> None:
    window, _ = make_window(at(clock, wish))
    qtbot.keyClick(window, Qt.Key.Key_Y)
    assert stage(window) is Stage.CALIBRATE
    assert window.procedure.scale_panel.found.text() == words
    assert "CALIBRATE" in window.bar.status.text
    for button in (window.procedure.scale_panel.ask, window.procedure.scale_panel.on):
        assert button.isVisible()
        assert button.height() >= touch_px(window)
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert stage(window) is Stage.OFF
    assert not window.procedure.scale_panel.isVisible()


def test_once_somebody_stands_for_the_scale_the_plan_follows_by_itself(
    make_window: MakeWindow, clock: ManualClock, qtbot: QtBot
) -> None:
    window, feed = make_window(at(clock, UNREAD))
    qtbot.keyClick(window, Qt.Key.Key_Y)
    asked: list[int] = []
    window.procedure.scale_panel.asked.connect(lambda: asked.append(1))
    qtbot.mouseClick(window.procedure.scale_panel.ask, Qt.MouseButton.LeftButton)
    assert asked == [1]
    assert stage(window) is Stage.CALIBRATE
    feed.put(at(clock))
    window.look()
    assert stage(window) is Stage.PLAN
    assert window.procedure.panel.isVisible()
    assert not window.procedure.scale_panel.isVisible()


def test_going_on_without_is_kept_with_the_stop(
    make_window: MakeWindow, clock: ManualClock, qtbot: QtBot, tmp_path: Path
) -> None:
    window, feed = make_window(at(clock, UNREAD))
    feed.start_recording(tmp_path)
    qtbot.keyClick(window, Qt.Key.Key_Y)
    qtbot.keyClick(window, Qt.Key.Key_Return)
    assert stage(window) is Stage.PLAN
    window.procedure.panel.chosen.emit(BlockPlan("x", "X"))
    for key in (Qt.Key.Key_Left, *[Qt.Key.Key_Return] * 5):
        qtbot.keyClick(window, key)
    assert stage(window) is Stage.GUIDE
    (confirmed,) = [details for kind, details in feed.events if kind == "stop confirmed"]
    assert confirmed["scale"] == "no scale"


def test_with_a_verified_scale_the_plan_is_first(make_window: MakeWindow, clock: ManualClock, qtbot: QtBot) -> None:
    window, _ = make_window(at(clock))
    qtbot.keyClick(window, Qt.Key.Key_Y)
    assert stage(window) is Stage.PLAN
