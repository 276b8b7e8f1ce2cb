"""A simulated patient in hand: by keys, by mouse, by wheel, and on the real pipeline with the truth recorded."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QKeySequence, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from fake_feed import FakeFeed
from rtguide.app.compose import live_pipeline
from rtguide.clock import ManualClock, SystemClock
from rtguide.kernels.warmup import warm_up
from rtguide.model.status import RecordingState
from rtguide.model.steering import HandState, Nudge, Push
from rtguide.recording.reader import open_session
from rtguide.view.grip import HAND_KEYS, Grip, needle_drag
from rtguide.view.live_commands import COMMANDS
from rtguide.view.live_window import LiveSettings, LiveWindow
from synthetic_scenes import Wish, scene

pytestmark = pytest.mark.qt

PATIENCE_MS = 90_000
HAND = HandState(inserted_mm=12.0, length_mm=80.0, angle_deg=30.0, needle_side=1, give=0.5)


class FakeHands:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.pushes: list[Push] = []
        self.nudges: list[Nudge] = []
        self.restarts = 0

    def state(self) -> HandState:
        return HAND

    def push(self, push: Push) -> None:
        self.pushes.append(push)

    def nudge(self, nudge: Nudge) -> None:
        self.nudges.append(nudge)

    def restart(self) -> None:
        self.restarts += 1


MakeWindow = Callable[..., tuple[LiveWindow, FakeFeed, FakeHands]]


@pytest.fixture
def make_window(qtbot: QtBot, clock: ManualClock, tmp_path: Path) -> Iterator[MakeWindow]:
    windows: list[LiveWindow] = []

    def make(hands: FakeHands | None, to_steer: str | None, open_feed: Callable[[str], FakeFeed] | None = None):  # type: ignore[no-untyped-def]
        feed = FakeFeed(scene(replace(Wish(), t_capture_ns=clock.now_ns())))
        feed.the_hands, feed.to_steer = hands, to_steer
        window = LiveWindow(feed, clock, LiveSettings(tmp_path, open_feed))
        window._timer.stop()
        window.pilot._timer.setInterval(1_000_000)  # the tests tick themselves
        windows.append(window)
        window.resize(1280, 720)
        with qtbot.waitActive(window, timeout=60_000):
            window.show()
            window.activateWindow()
        window.setFocus()
        window.look_again()
        return window, feed, hands

    yield make
    for window in windows:
        if isValid(window):
            window.close()


def test_no_steering_key_is_a_key_of_the_window() -> None:
    taken = {QKeySequence(key).toString() for command in COMMANDS for key in command.keys} | {"Esc"}
    ours = [QKeySequence(hand_key.key).toString() for hand_key in HAND_KEYS] + ["Backspace"]
    assert not taken & set(ours)
    assert len(set(ours)) == len(ours)


def test_a_held_key_moves_smoothly_and_releasing_it_stops(
    make_window: MakeWindow, clock: ManualClock, qtbot: QtBot
) -> None:
    window, _, hands = make_window(FakeHands(), "sim:femoral?steer=1")
    assert window.pilot.is_flying
    assert window.pilot.panel.isVisible()
    qtbot.keyPress(window, Qt.Key.Key_Down)
    speeds = [hands.pushes[-1].advance_mm_s]
    for _ in range(4):
        clock.advance(0.1)
        window.pilot.tick()
        speeds.append(hands.pushes[-1].advance_mm_s)
    assert speeds == sorted(speeds)
    assert 0.0 < speeds[0] < speeds[-1] == 10.0
    qtbot.keyPress(window, Qt.Key.Key_S)
    clock.advance(1.0)
    window.pilot.tick()
    assert hands.pushes[-1] == Push(advance_mm_s=10.0, slide_mm_s=3.0), "both hands at once"
    qtbot.keyRelease(window, Qt.Key.Key_Down)
    qtbot.keyRelease(window, Qt.Key.Key_S)
    assert hands.pushes[-1] == Push()
    count = len(hands.pushes)
    window.pilot.tick()
    window.pilot.tick()
    assert len(hands.pushes) == count, "hands at rest are not told so again and again"


def test_losing_the_keyboard_lets_the_hands_rest(make_window: MakeWindow, clock: ManualClock, qtbot: QtBot) -> None:
    window, _, hands = make_window(FakeHands(), "sim:femoral?steer=1")
    qtbot.keyPress(window, Qt.Key.Key_I)
    clock.advance(1.0)
    window.pilot.tick()
    assert hands.pushes[-1].inject_ml_s == 0.5
    other = QWidget()
    qtbot.addWidget(other)
    with qtbot.waitActive(other, timeout=60_000):
        other.show()
        other.activateWindow()
    qtbot.waitUntil(lambda: hands.pushes[-1] == Push(), timeout=60_000)
    window.pilot.tick()
    assert hands.pushes[-1] == Push()


def test_backspace_starts_again_and_p_lets_go_and_takes(make_window: MakeWindow, qtbot: QtBot) -> None:
    window, _, hands = make_window(FakeHands(), "sim:femoral?steer=1")
    qtbot.keyClick(window, Qt.Key.Key_Backspace)
    assert hands.restarts == 1
    qtbot.keyClick(window, Qt.Key.Key_P)
    assert not window.pilot.is_flying
    assert not window.pilot.panel.isVisible()
    count = len(hands.pushes)
    qtbot.keyClick(window, Qt.Key.Key_Down)
    assert len(hands.pushes) == count
    qtbot.keyClick(window, Qt.Key.Key_P)
    assert window.pilot.is_flying


def test_the_mouse_moves_needle_and_probe_and_marks_only_while_marking(make_window: MakeWindow, qtbot: QtBot) -> None:
    window, feed, hands = make_window(FakeHands(), "sim:femoral?steer=1")
    canvas = window.canvas
    start = canvas.rect().center()
    for button, by in ((Qt.MouseButton.LeftButton, QPoint(40, 0)), (Qt.MouseButton.RightButton, QPoint(0, 40))):
        qtbot.mousePress(canvas, button, pos=start)
        qtbot.mouseMove(canvas, start + by)
        qtbot.waitUntil(lambda: bool(hands.nudges), timeout=60_000)
        qtbot.mouseRelease(canvas, button, pos=start + by)
        (nudge,), hands.nudges = hands.nudges, []
        if button is Qt.MouseButton.LeftButton:
            assert nudge.advance_mm > 0.5
            assert nudge.slide_mm == 0.0
        else:
            assert nudge.slide_mm > 0.1
            assert nudge.advance_mm == 0.0
    assert not window.marks.choice.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_M)
    qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=start)
    if window.marks.choice.isVisible():  # something stands out there: it is asked whether that is meant, or the point
        qtbot.keyClick(window.marks.choice, Qt.Key.Key_P)
    assert len(feed.marks) == 1
    assert window.pilot.is_flying, "P chose the aim, it did not let go of the hands"
    assert hands.nudges == []


def test_the_wheel_advances_and_with_shift_swings(make_window: MakeWindow) -> None:
    window, _, hands = make_window(FakeHands(), "sim:femoral?steer=1")
    middle = QPointF(window.canvas.rect().center())
    for modifier in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier):
        turn = QWheelEvent(
            middle,
            middle,
            QPoint(),
            QPoint(0, 240),
            Qt.MouseButton.NoButton,
            modifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(window.canvas, turn)
    assert hands.nudges == [Nudge(advance_mm=2.0), Nudge(swing_deg=2.0)]


def test_a_drag_along_the_shaft_advances_and_one_across_turns() -> None:
    along = needle_drag(8.66, 5.0, HAND)
    assert along.advance_mm == pytest.approx(10.0, abs=0.01)
    assert along.turn_deg == pytest.approx(0.0, abs=0.01)
    from_right = needle_drag(-8.66, 5.0, replace(HAND, needle_side=-1))
    assert from_right.advance_mm == pytest.approx(10.0, abs=0.01)
    assert needle_drag(-0.5, 0.866, HAND).turn_deg > 1.0
    assert needle_drag(0.5, 0.866, replace(HAND, needle_side=-1)).turn_deg > 1.0


def test_opposite_keys_cancel_and_shift_is_slow() -> None:
    grip = Grip()
    grip.press(Qt.Key.Key_Q, 0.0)
    grip.press(Qt.Key.Key_L, 0.0)
    assert grip.push(5.0, is_fine=True) == Push(tilt_deg_s=-1.25, pressure=1.0)
    grip.press(Qt.Key.Key_E, 0.0)
    assert grip.push(5.0, is_fine=False) == Push(pressure=1.0)
    assert not grip.press(Qt.Key.Key_M, 0.0)


def test_a_running_simulation_is_opened_anew_to_be_steered(make_window: MakeWindow, qtbot: QtBot) -> None:
    addresses: list[str] = []

    def open_feed(address: str) -> FakeFeed:
        addresses.append(address)
        feed = FakeFeed()
        feed.the_hands, feed.to_steer = FakeHands(), address
        return feed

    window, feed, _ = make_window(None, "sim:femoral?seed=1&fps=30&steer=1", open_feed)
    assert not window.pilot.is_flying
    assert window.actions_by_name["steer"].isVisible()
    qtbot.keyClick(window, Qt.Key.Key_P)
    assert addresses == ["sim:femoral?seed=1&fps=30&steer=1"]
    assert window.pilot.is_flying
    qtbot.waitUntil(lambda: feed.closed == 1, timeout=60_000)


def test_what_is_no_simulation_cannot_be_steered(make_window: MakeWindow, qtbot: QtBot) -> None:
    window, _, _ = make_window(None, None)
    assert not window.actions_by_name["steer"].isVisible()
    qtbot.keyClick(window, Qt.Key.Key_P)
    assert not window.pilot.is_flying


def test_the_real_needle_goes_where_the_key_sends_it_and_the_session_knows(qtbot: QtBot, tmp_path: Path) -> None:
    for _ in warm_up():
        pass
    feed = live_pipeline("sim:femoral?seed=5&fps=10&steer=1")
    window = LiveWindow(feed, SystemClock(), LiveSettings(tmp_path))
    feed.start()
    window.show()
    window.activateWindow()
    try:
        qtbot.waitUntil(lambda: window.pilot.is_flying and window.isActiveWindow(), timeout=PATIENCE_MS)
        hands = feed.hands()
        assert hands is not None
        before = hands.state().inserted_mm
        qtbot.keyClick(window, Qt.Key.Key_R)
        qtbot.waitUntil(lambda: feed.status().recording.frames >= 2, timeout=PATIENCE_MS)
        qtbot.keyPress(window, Qt.Key.Key_Down)
        qtbot.waitUntil(lambda: hands.state().inserted_mm > before + 4.0, timeout=PATIENCE_MS)
        qtbot.keyRelease(window, Qt.Key.Key_Down)
        rows = window.pilot.panel.text()
        assert "of 80 mm" in rows
        written = feed.status().recording.frames
        qtbot.waitUntil(lambda: feed.status().recording.frames >= written + 2, timeout=PATIENCE_MS)
        qtbot.keyClick(window, Qt.Key.Key_R)
        qtbot.waitUntil(lambda: feed.status().recording.state is RecordingState.OFF, timeout=PATIENCE_MS)
    finally:
        window.close()
    (folder,) = tmp_path.iterdir()
    session = open_session(folder)
    lines = [session.truth(index) for index in range(len(session))]
    assert all(line is not None for line in lines)
    depths = [line["hand"]["inserted_mm"] for line in lines if line is not None]
    assert depths[0] == pytest.approx(before, abs=0.01)
    assert depths[-1] > before + 4.0
    session.close()
