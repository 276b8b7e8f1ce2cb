"""Events by one press: what is kept, what is said, what can be set right; by key, by button, recorded for real."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from rtguide.clock import ManualClock
from rtguide.model.event import EventKind
from rtguide.view.event_log import SAID_FOR_NS, EventLog
from rtguide.view.live_commands import COMMANDS
from rtguide.view.theme import touch_px
from window_looks import MakeWindow, at

S = 1_000_000_000


class Kept:
    def __init__(self, *, is_recording: bool = True) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.is_recording = is_recording

    def __call__(self, kind: str, details: Mapping[str, Any]) -> bool:
        self.events.append((kind, dict(details)))
        return self.is_recording


def test_a_press_is_kept_at_its_moment_with_the_amount_used_last() -> None:
    kept = Kept()
    log = EventLog(kept)
    log.press(EventKind.ASPIRATED_CLEAR, 1 * S)
    log.press(EventKind.INJECTED, 2 * S)
    log.amend(-2, 3 * S)
    log.press(EventKind.INJECTED, 10 * S)
    assert kept.events == [
        ("aspirated clear", {"t_ns": 1 * S}),
        ("injected", {"t_ns": 2 * S, "amount": 5.0, "unit": "ml"}),
        ("amended", {"t_ns": 3 * S, "amount": 3.0, "unit": "ml", "was": 5.0, "of_t_ns": 2 * S, "event": "injected"}),
        ("injected", {"t_ns": 10 * S, "amount": 3.0, "unit": "ml"}),
    ]
    assert log.injected_ml == 6.0


def test_an_amount_can_be_set_right_for_a_while_and_within_its_range() -> None:
    log = EventLog(Kept())
    assert log.amend(1, 0) is None, "nothing was said"
    log.press(EventKind.TWITCH, 0)
    for _ in range(20):
        log.amend(-1, 1 * S)
    assert log.events[-1].words() == "twitch 0.1 mA"
    assert log.amend(1, SAID_FOR_NS + 1) is None
    log.press(EventKind.BOOKMARK, 20 * S)
    assert log.amend(1, 20 * S) is None, "a bookmark has no amount"


def test_it_is_said_for_a_while_with_the_total_and_whether_it_is_kept() -> None:
    log = EventLog(Kept(is_recording=False))
    log.press(EventKind.TEST_BOLUS, 0)
    log.press(EventKind.INJECTED, 1 * S)
    assert log.saying(2 * S) == "✓ injected 5 ml, 5.5 ml in all (not recorded)  [+ −]"
    assert log.saying(8 * S) == ""
    log.press(EventKind.PARAESTHESIA, 9 * S)
    assert log.saying(9 * S) == "✓ paraesthesia (not recorded)"


@pytest.mark.qt
def test_every_event_has_a_digit_and_a_large_button(make_window: MakeWindow, clock: ManualClock, qtbot: QtBot) -> None:
    window, feed = make_window(at(clock))
    feed.start_recording(Path("there"))
    digits = {c.keys[0]: c for c in COMMANDS if c.name.startswith("event ")}
    assert sorted(digits) == [str(n) for n in range(1, len(EventKind) + 1)]
    for number, kind in enumerate(EventKind, start=1):
        if kind is not EventKind.NOTE:
            qtbot.keyClick(window, getattr(Qt.Key, f"Key_{number}"))
    assert [event[0] for event in feed.events] == [str(kind) for kind in EventKind if kind is not EventKind.NOTE]
    qtbot.keyClick(window, Qt.Key.Key_G)
    panel = window.events.panel
    assert panel.isVisible()
    feed.events.clear()
    buttons = [b for b in panel.findChildren(QPushButton) if b.isVisible()]
    assert all(min(b.width(), b.height()) >= touch_px(window) for b in buttons)
    for button in buttons[: len(EventKind)]:
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        window.setFocus()
    assert [event[0] for event in feed.events] == [str(kind) for kind in EventKind if kind is not EventKind.NOTE]
    qtbot.keyClick(window, Qt.Key.Key_G)
    assert not panel.isVisible()


@pytest.mark.qt
def test_plus_and_minus_set_the_amount_right_and_the_line_says_it(
    make_window: MakeWindow, clock: ManualClock, qtbot: QtBot
) -> None:
    window, feed = make_window(at(clock))
    feed.start_recording(Path("there"))
    qtbot.keyClick(window, Qt.Key.Key_3)
    qtbot.keyClick(window, Qt.Key.Key_Plus)
    assert window.bar.status.text.startswith("✓ injected 6 ml, 6 ml in all  [+ −]")
    qtbot.keyClick(window, Qt.Key.Key_Minus)
    qtbot.keyClick(window, Qt.Key.Key_Minus)
    assert window.bar.status.text.startswith("✓ injected 4 ml")
    clock.advance(7.0)
    feed.put(at(clock))
    window.look_again()
    assert "injected" not in window.bar.status.text
    assert feed.events[-1][1]["amount"] == 4.0


@pytest.mark.qt
def test_a_note_keeps_the_time_of_its_press_and_digits_are_its_text(
    make_window: MakeWindow, clock: ManualClock, qtbot: QtBot
) -> None:
    window, feed = make_window(at(clock))
    pressed_ns = clock.now_ns()
    qtbot.keyClick(window, Qt.Key.Key_9)
    line = window.events.panel.line
    qtbot.waitUntil(line.hasFocus, timeout=60_000)
    clock.advance(3.0)
    qtbot.keyClicks(line, "fascia at 12 mm")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert feed.events == [("note", {"t_ns": pressed_ns, "text": "fascia at 12 mm"})]
    assert "note: fascia at 12 mm" in window.events.panel.list.item(0).text()
    qtbot.keyClick(window, Qt.Key.Key_9)
    qtbot.waitUntil(line.hasFocus, timeout=60_000)
    qtbot.keyClick(line, Qt.Key.Key_Escape)
    assert not line.isVisible()
    assert len(feed.events) == 1


@pytest.mark.qt
def test_a_note_that_took_long_is_confirmed_when_it_is_kept(
    make_window: MakeWindow, clock: ManualClock, qtbot: QtBot
) -> None:
    window, _ = make_window(at(clock))
    qtbot.keyClick(window, Qt.Key.Key_9)
    clock.advance(30.0)
    window.events.panel.line.setText("slow")
    qtbot.keyClick(window.events.panel.line, Qt.Key.Key_Return)
    assert window.bar.status.text.startswith("✓ note: slow (not recorded)")


@pytest.mark.qt
def test_words_that_are_being_typed_are_kept_by_the_next_note_and_by_another_source(
    make_window: MakeWindow, clock: ManualClock
) -> None:
    window, feed = make_window(at(clock))
    for text in ("first", "second"):
        clock.advance(1.0)
        window.events.press(EventKind.NOTE)
        window.events.panel.line.setText(text)
    window.open_address("sim:femoral")
    said = [(details["text"], details["t_ns"]) for _, details in feed.events]
    assert said == [("first", clock.now_ns() - 1_000_000_000), ("second", clock.now_ns())]
    assert window.events.panel.line.isHidden()
