"""The fan of straight paths in the window: asked for, picked by key and by mouse, kept while the tissue moves."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from fake_feed import FakeFeed
from rtguide.clock import ManualClock
from rtguide.model.block_plan import BlockPlan
from rtguide.model.needle import NeedleTrack
from rtguide.model.plan import Approach
from rtguide.model.scene import Scene
from rtguide.view.live_window import LiveSettings, LiveWindow
from synthetic_scenes import Wish, scene
from window_looks import MakeWindow

pytestmark = pytest.mark.qt

PLAN = BlockPlan("femoral", "Femoral", approach=Approach.IN_PLANE_LEFT, needle_length_mm=80.0)


def at(clock: ManualClock, dx: float = 0.0) -> Scene:
    """A scene of now without a needle, its structures moved aside."""
    full = scene(Wish(track=NeedleTrack.SEARCHING, t_capture_ns=clock.now_ns()))
    moved = tuple(replace(s, outline_px=tuple((x + dx, y) for x, y in s.outline_px)) for s in full.tracking.structures)
    return replace(full, tracking=replace(full.tracking, structures=moved))


@pytest.fixture
def shown(qtbot: QtBot, clock: ManualClock, tmp_path: Path) -> tuple[LiveWindow, FakeFeed]:
    feed = FakeFeed(at(clock))
    window = LiveWindow(feed, clock, LiveSettings(tmp_path, blocks=(PLAN,)))
    qtbot.addWidget(window)
    window._timer.stop()  # the tests look themselves
    window.resize(1280, 800)
    with qtbot.waitActive(window, timeout=60_000):
        window.show()
        window.activateWindow()
    window.setFocus()
    window.look()
    return window, feed


def test_one_key_shows_it_and_others_pick(shown: tuple[LiveWindow, FakeFeed], qtbot: QtBot, clock: ManualClock) -> None:
    window, feed = shown
    assert window.canvas.shown.fan is None
    qtbot.keyClick(window, Qt.Key.Key_T)
    fan = window.canvas.shown.fan
    assert fan is not None
    assert len(fan.paths) > 2
    assert fan.chosen is None
    qtbot.keyClick(window, Qt.Key.Key_Period)
    qtbot.keyClick(window, Qt.Key.Key_Period)
    fan = window.canvas.shown.fan
    assert fan is not None
    assert fan.chosen == fan.paths[1]
    assert feed.events[-1] == (
        "path picked",
        {"from": "left", "angle_deg": fan.paths[1].angle_deg, "length_mm": round(fan.paths[1].length_mm, 1)},
    )
    feed.put(at(clock, dx=6.0))
    window.look()
    moved = window.canvas.shown.fan
    assert moved is not None
    assert moved.chosen is not None
    assert moved.chosen.key == fan.paths[1].key
    assert moved.chosen.goal_px[0] == pytest.approx(fan.paths[1].goal_px[0] + 6.0)
    qtbot.keyClick(window, Qt.Key.Key_Comma)
    qtbot.keyClick(window, Qt.Key.Key_Comma)
    assert window.canvas.shown.fan is not None
    assert window.canvas.shown.fan.picked is None
    qtbot.keyClick(window, Qt.Key.Key_T)
    assert window.canvas.shown.fan is None


def test_a_click_picks_the_path_it_lies_on(shown: tuple[LiveWindow, FakeFeed], qtbot: QtBot) -> None:
    window, _ = shown
    qtbot.keyClick(window, Qt.Key.Key_T)
    fan, fit = window.canvas.shown.fan, window.canvas.fit()
    assert fan is not None
    assert fit is not None
    for path in fan.paths:
        goal = [g + 0.02 * (e - g) for g, e in zip(path.goal_px, path.entry_px, strict=True)]
        x, y = fit.view_from_image((goal[0], goal[1]))
        qtbot.mouseClick(window.canvas, Qt.MouseButton.LeftButton, pos=QPoint(round(x), round(y)))
        now = window.canvas.shown.fan
        assert now is not None
        assert now.chosen is not None
        assert now.chosen.goal_px == path.goal_px
    x, y = fit.view_from_image((850.0, 650.0))
    before = window.canvas.shown.fan
    qtbot.mouseClick(window.canvas, Qt.MouseButton.LeftButton, pos=QPoint(round(x), round(y)))
    assert window.canvas.shown.fan == before, "far from every path a click picks nothing"


def test_without_a_plan_it_says_what_is_missing(make_window: MakeWindow, qtbot: QtBot, clock: ManualClock) -> None:
    window, _ = make_window(at(clock))
    qtbot.keyClick(window, Qt.Key.Key_T)
    assert window.canvas.shown.fan is not None
    assert "needle length" in window.canvas.shown.fan.why_none


def test_it_is_found_anew_for_each_scene_and_only_once(shown: tuple[LiveWindow, FakeFeed], qtbot: QtBot) -> None:
    window, _ = shown
    qtbot.keyClick(window, Qt.Key.Key_T)
    first = window.canvas.shown.fan
    window.look()
    assert window.canvas.shown.fan is first
