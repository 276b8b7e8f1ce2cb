"""Alarms in the bedside window: above the picture, in the bar, acknowledged by key and by press."""

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from rtguide.clock import ManualClock
from rtguide.model.geometry import Provenance
from rtguide.model.guidance import Alarm, AlarmPriority, Guidance
from rtguide.model.scene import Scene
from rtguide.view.hud import STRIP_UNITS
from rtguide.view.live_window import LiveWindow
from synthetic_scenes import Wish
from window_looks import MakeWindow, at, painted

pytestmark = pytest.mark.qt

INSIDE = Alarm("tip-inside", AlarmPriority.HIGH, "tip inside artery", "artery")


def alarmed(clock: ManualClock, *alarms: Alarm) -> Scene:
    return at(clock, Wish(guidance=Guidance(advice="hold", alarms=alarms)))


def strip_red(window: LiveWindow) -> int:
    """Red pixels in the strip, and none may be in the picture below it."""
    pixels = painted(window).astype(int)
    is_red = (pixels[..., 0] > 200) & (pixels[..., 1] < 90) & (pixels[..., 2] < 90)
    strip = round(STRIP_UNITS * window.canvas.unit)
    assert not is_red[strip + 1 :].any()
    return int(is_red[:strip].sum())


def test_an_alarm_flashes_above_the_picture_until_it_is_acknowledged_by_key_or_press(
    make_window: MakeWindow, clock: ManualClock, qtbot: QtBot
) -> None:
    window, feed = make_window(alarmed(clock, INSIDE))
    assert feed.events[0] == ("alarm raised", {**feed.events[0][1], "code": "tip-inside", "about": "artery"})
    red = []
    for _ in range(20):
        clock.advance(0.05)
        feed.put(alarmed(clock, INSIDE))
        window.look()
        red.append(strip_red(window))
    assert max(red) > 2 * min(red) > 0, "it flashes, and can be read between two flashes"
    for acknowledge in (
        lambda: qtbot.keyClick(window, Qt.Key.Key_K),
        lambda: qtbot.mouseClick(window.canvas, Qt.MouseButton.LeftButton, pos=QPoint(400, 10)),
    ):
        acknowledge()
        assert feed.events[-1][0] == "alarm acknowledged"
        steady = set()
        for _ in range(10):
            clock.advance(0.05)
            feed.put(alarmed(clock, INSIDE))
            window.look()
            sign = window.canvas.shown.sign
            assert sign is not None
            steady.add((sign.is_lit, sign.is_acknowledged))
        assert steady == {(True, True)}
        feed.put(alarmed(clock))
        window.look()
        assert feed.events[-1][0] == "alarm cleared"
        assert window.canvas.shown.sign is None
        feed.put(alarmed(clock, INSIDE))
        window.look()


def test_other_alarms_stand_in_the_bar_and_low_ones_are_noted_there(
    make_window: MakeWindow, clock: ManualClock, qtbot: QtBot
) -> None:
    window, feed = make_window(at(clock, Wish(provenance=Provenance.GUESS)))
    for _ in range(10):
        clock.advance(0.05)
        feed.put(at(clock, Wish(provenance=Provenance.GUESS)))
        window.look()
    assert window.bar.status.notice == "scale not verified: no millimetres"
    assert window.canvas.shown.sign is None
    qtbot.mouseClick(window.bar.status, Qt.MouseButton.LeftButton)
    assert window.bar.status.notice == ""


def test_j_says_that_somebody_injects(make_window: MakeWindow, clock: ManualClock, qtbot: QtBot) -> None:
    window, feed = make_window(at(clock))
    qtbot.keyClick(window, Qt.Key.Key_J)
    assert feed.now.injecting_ns is not None
    assert window.bar.status.text.startswith("INJECTING")
    assert window.actions_by_name["inject"].isChecked()
    qtbot.keyClick(window, Qt.Key.Key_J)
    assert feed.now.injecting_ns is None
    assert "INJECTING" not in window.bar.status.text
