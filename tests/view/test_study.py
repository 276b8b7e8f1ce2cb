"""Study mode in the window: what the operator of an attempt without overlay sees and hears, and what is logged."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from fake_feed import FakeFeed
from rtguide.clock import ManualClock
from rtguide.model.guidance import Alarm, AlarmPriority, Guidance
from rtguide.model.status import SourceState
from rtguide.overlays.shapes import HudSlot, HudText
from rtguide.recording.study_log import StudyArm, StudyLog, arm_of
from rtguide.view.live_window import LiveSettings, LiveWindow
from synthetic_scenes import Wish
from window_looks import at, painted

pytestmark = pytest.mark.qt

NERVE = Alarm("tip_in_nerve", AlarmPriority.HIGH, "tip region inside nerve")
SEED = next(seed for seed in range(50) if arm_of(seed, 1) is StudyArm.WITHOUT and arm_of(seed, 2) is StudyArm.WITH)


@pytest.fixture
def studied(qtbot: QtBot, clock: ManualClock, tmp_path: Path):
    feed = FakeFeed(at(clock))
    window = LiveWindow(feed, clock, LiveSettings(tmp_path, study=StudyLog(tmp_path, SEED)))
    window._timer.stop()
    with qtbot.waitActive(window, timeout=60_000):
        window.show()
        window.activateWindow()
    yield window, feed
    window.close()


def drawn(window: LiveWindow) -> tuple[int, str]:
    """(how many lines and labels, the message)."""
    painted(window)
    shapes = window.canvas.shapes
    message = [s.text for s in shapes if isinstance(s, HudText) and s.slot is HudSlot.MESSAGE]
    return sum(not isinstance(s, HudText) for s in shapes), message[0] if message else ""


def test_an_attempt_without_overlay_shows_and_says_nothing_that_was_tracked_and_logs_all(
    studied: tuple[LiveWindow, FakeFeed], clock: ManualClock, qtbot: QtBot
) -> None:
    window, feed = studied
    assert f"STUDY seed {SEED}: 0 attempts so far" in window.bar.status.text
    assert drawn(window)[0] > 0
    qtbot.keyClick(window, Qt.Key.Key_R)
    clock.advance(0.3)
    feed.put(at(clock, Wish(guidance=Guidance(advice="hold", alarms=(NERVE,)))))
    window.look_again()
    window.look_again()
    assert drawn(window) == (0, "study: without overlay")
    assert "STUDY attempt 1: no overlay" in window.bar.status.text
    assert "needle" not in window.bar.status.text
    assert window.canvas.shown.sign is None
    assert window.alarms.wish().alarm is None
    qtbot.keyClick(window, Qt.Key.Key_H)
    qtbot.keyClick(window, Qt.Key.Key_H)
    assert drawn(window)[0] == 0, "the operator cannot bring it back"
    kinds = [kind for kind, _ in feed.events]
    assert "alarm raised" in kinds, "what tracking said is kept"
    (said,) = [details for kind, details in feed.events if kind == "study attempt" and details]
    assert (said["seed"], said["number"], said["arm"]) == (SEED, 1, "no overlay")
    feed.now = replace(feed.now, source=replace(feed.now.source, state=SourceState.QUIET))
    clock.advance(3.0)
    window.look_again()
    clock.advance(0.3)
    window.look_again()
    assert window.canvas.shown.sign is not None, "what has nothing to do with tracking is an alarm as ever"


def test_the_next_attempt_has_the_overlay_and_between_them_it_is_there(
    studied: tuple[LiveWindow, FakeFeed], clock: ManualClock, qtbot: QtBot
) -> None:
    window, feed = studied
    for wanted, is_drawn in (("attempt 1: no overlay", False), ("attempt 2: overlay", True)):
        qtbot.keyClick(window, Qt.Key.Key_R)
        clock.advance(0.3)
        feed.put(at(clock))
        window.look_again()
        window.look_again()
        assert wanted in window.bar.status.text
        assert (drawn(window)[0] > 0) is is_drawn
        qtbot.keyClick(window, Qt.Key.Key_R)
        window.look_again()
        window.look_again()
        assert drawn(window)[0] > 0
    assert len(StudyLog(feed.record_dirs[0], SEED).path.read_text().splitlines()) == 2


def test_an_attempt_that_cannot_be_logged_is_said_and_has_the_overlay(
    studied: tuple[LiveWindow, FakeFeed], clock: ManualClock, qtbot: QtBot, tmp_path: Path
) -> None:
    window, feed = studied
    (tmp_path / f"study-{SEED}.jsonl").mkdir()
    qtbot.keyClick(window, Qt.Key.Key_R)
    window.look_again()
    window.look_again()
    assert "cannot be logged" in window.bar.status.text
    assert drawn(window)[0] > 0
    assert not [kind for kind, _ in feed.events if kind == "study attempt"]
