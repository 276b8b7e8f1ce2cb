"""What stands under the picture, how loud, and what taking note of it does."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from fake_feed import FakeFeed
from rtguide.clock import ManualClock
from rtguide.model.status import Fault
from rtguide.overlays.shapes import Tone
from rtguide.view.live_window import LiveSettings, LiveWindow
from rtguide.view.notices import Notice, Notices
from rtguide.view.pointing import MARK_PROMPT
from synthetic_scenes import Wish, scene


def warned_feed() -> FakeFeed:
    feed = FakeFeed(scene(Wish()))
    assert feed.now.source.info is not None
    said = (f"/data/{feed.now.source.info.name}: its region describes another grid", "its times are guessed")
    feed.now = replace(feed.now, source=replace(feed.now.source, warnings=said))
    return feed


def test_what_the_source_has_to_say_comes_last_and_calmly() -> None:
    feed, notices = warned_feed(), Notices()
    calm = Notice("note: its region describes another grid  (+1)", Tone.TEXT)
    assert notices.choose(feed.scene, feed.now) == calm
    assert "drag a box" in notices.choose(feed.scene, feed.now, prompt=MARK_PROMPT).text
    fault = Fault("track", "the tracker failed", 5)
    status = replace(feed.now, faults=(fault,))
    assert notices.choose(feed.scene, status, prompt=MARK_PROMPT) == Notice("the tracker failed", Tone.ALARM_LOW)
    notices.take_note(status)
    assert notices.choose(feed.scene, status) == calm, "what was not shown was not noted"
    notices.take_note(status)
    assert notices.choose(feed.scene, status) == Notice()
    late = replace(fault, t_ns=fault.t_ns + 10_000_000_001)
    assert notices.choose(feed.scene, replace(status, faults=(late,))).text == "the tracker failed"
    notices.forget()
    assert notices.choose(feed.scene, feed.now) == calm, "another source says it anew"


def test_a_fault_that_was_noted_hides_no_other() -> None:
    feed, notices = warned_feed(), Notices()
    slow = Fault("source", "simulation too slow", 7)
    status = replace(feed.now, faults=(slow, Fault("record", "not recording: forbidden", 5)))
    assert notices.choose(feed.scene, status).text == "not recording: forbidden  (+1)"
    notices.take_note(status)
    assert notices.choose(feed.scene, status).text == "simulation too slow"
    notices.take_note(status)
    assert notices.choose(feed.scene, status).text.startswith("note: ")


@pytest.mark.qt
def test_escape_notes_it_in_the_window(qtbot: QtBot, clock: ManualClock, tmp_path) -> None:
    window = LiveWindow(warned_feed(), clock, LiveSettings(tmp_path))
    window._timer.stop()
    window.show()
    assert "another grid" in window.bar.status.notice
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert window.bar.status.notice == ""
    window.close()
