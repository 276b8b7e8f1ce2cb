"""The same picture elsewhere: untouched beside the overlay, in a second view, as plots; and a screen unplugged."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from rtguide.clock import ManualClock
from rtguide.model.needle import NeedleTrack, TipState
from rtguide.overlays.shapes import HudText
from rtguide.view.details import DetailsPanel
from rtguide.view.history import Sample
from synthetic_scenes import Wish, scene
from window_looks import MakeWindow, at, painted

pytestmark = pytest.mark.qt


def lines_of(canvas) -> list[object]:
    canvas.grab()
    return [shape for shape in canvas.shapes if not isinstance(shape, HudText)]


def test_the_untouched_picture_stands_beside_the_overlay_of_the_same_frame(
    make_window: MakeWindow, clock: ManualClock, qtbot: QtBot
) -> None:
    window, feed = make_window(at(clock))
    wide = window.canvas.width()
    qtbot.keyClick(window, Qt.Key.Key_F4)
    window.look()
    beside = window.sights.beside
    assert beside is not None
    qtbot.waitUntil(lambda: 0 < window.canvas.width() < 0.6 * wide, timeout=60_000)
    assert lines_of(window.canvas)
    assert not lines_of(beside)
    clock.advance(0.03)
    feed.put(at(clock))
    window.look()
    assert beside.shown.scene is window.canvas.shown.scene is feed.scene
    assert not painted(window).shape[1] > 0.6 * wide
    qtbot.keyClick(window, Qt.Key.Key_F4)
    window.look()
    qtbot.waitUntil(lambda: window.canvas.width() == wide, timeout=60_000)
    assert window.sights.beside is None


def test_the_stop_is_not_shared_with_an_untouched_picture(make_window: MakeWindow, clock: ManualClock) -> None:
    window, _ = make_window(at(clock))
    window.actions_by_name["beside"].trigger()
    window.look()
    assert window.sights.beside is not None
    assert window.sights.beside.isVisible()
    window._stack.setCurrentWidget(window.procedure.stop_page)
    window.look()
    assert not window.sights.beside.isVisible()


def test_a_second_view_shows_what_the_operator_sees_then_the_untouched_picture_then_nothing(
    make_window: MakeWindow, clock: ManualClock, qtbot: QtBot
) -> None:
    window, feed = make_window(at(clock))
    qtbot.keyClick(window, Qt.Key.Key_F3)
    window.look()
    second = window.sights.second
    assert second is not None
    assert second.isVisible()
    assert window.isActiveWindow(), "keys and pedals stay the operator's"
    assert second.windowFlags() & Qt.WindowType.WindowDoesNotAcceptFocus
    assert second.canvas.shown.scene is feed.scene
    assert lines_of(second.canvas)
    assert second.status.text == window.bar.status.text != ""
    assert len(feed.paints) <= 1, "what the second view paints is not what the ledger counts"
    window.actions_by_name["hide"].trigger()
    window.look()
    assert not lines_of(second.canvas), "one key hides all"
    window.actions_by_name["hide"].trigger()
    qtbot.keyClick(window, Qt.Key.Key_F3)
    window.look()
    assert lines_of(window.canvas)
    assert not lines_of(second.canvas)
    qtbot.keyClick(window, Qt.Key.Key_F3)
    assert not second.isVisible()


def test_a_second_view_has_nothing_to_press(make_window: MakeWindow, clock: ManualClock) -> None:
    window, feed = make_window(at(clock))
    window.sights.next_second()
    window.look()
    second = window.sights.second
    assert second is not None
    focusable = [w for w in second.findChildren(type(window.canvas)) if w.focusPolicy() != Qt.FocusPolicy.NoFocus]
    assert not focusable
    assert second.canvas.testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    assert not second.actions()
    assert not feed.marks


def test_a_screen_that_is_unplugged_closes_the_second_view_and_is_said(
    make_window: MakeWindow, clock: ManualClock
) -> None:
    window, _ = make_window(at(clock))
    window.sights.next_second()
    window.look()
    second = window.sights.second
    assert second is not None
    gone = QGuiApplication.primaryScreen()
    window.sights.screen_removed(gone)
    assert not second.isVisible(), "it must not come to lie over the operator's picture"
    assert window.bar.status.notice.startswith("a screen was unplugged: the second view is closed")
    window._take_notice()
    assert "unplugged" not in window.bar.status.notice
    window.sights.screen_removed(gone)
    assert window.bar.status.notice == "a screen was unplugged"
    clock.advance(0.03)
    window.look()
    assert window.canvas.shown.scene is not None


def test_plots_have_the_needles_confidence_while_there_is_one(make_window: MakeWindow, clock: ManualClock) -> None:
    assert 0 < Sample.of(scene(), 1, 1).confidence <= 1
    none = scene(Wish(tip=TipState.NONE, track=NeedleTrack.NONE))
    assert np.isnan(Sample.of(none, 1, 1).confidence)
    window, _ = make_window(at(clock))
    window.actions_by_name["details"].trigger()
    plots = window.sights.details
    assert isinstance(plots, DetailsPanel)
    plots.draw()
    shown = [curve.getData()[1][-1] for curve in plots._curves]
    tip = window.canvas.shown.scene.tracking.needle
    assert len(shown) == 4
    assert shown[3] == pytest.approx(tip.confidence)
