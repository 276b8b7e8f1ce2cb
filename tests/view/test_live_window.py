"""The bedside window, driven as a user drives it, on a feed whose every scene the test chooses."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from rtguide.app.block_plans import simulated_plan
from rtguide.app.cli import run
from rtguide.clock import ManualClock
from rtguide.model.frame import SourceKind
from rtguide.model.plan import Approach
from rtguide.model.status import Fault, RecordingState, RecordingStatus, SourceState, SourceStatus
from rtguide.model.structure import Role, StructureKind, Tissue
from rtguide.overlays import Freshness
from rtguide.overlays.shapes import HudSlot, HudText, Label, Polyline
from rtguide.view.live_commands import COMMANDS
from rtguide.view.live_window import LiveWindow
from synthetic_scenes import Wish
from window_looks import MakeWindow, Opened, at, drag, painted

pytestmark = pytest.mark.qt


def message(window: LiveWindow) -> str:
    painted(window)
    texts = [s.text for s in window.canvas.shapes if isinstance(s, HudText) and s.slot is HudSlot.MESSAGE]
    return texts[0] if texts else ""


def test_a_new_scene_is_painted_once_and_stamped(make_window: MakeWindow, clock: ManualClock, qtbot: QtBot) -> None:
    window, feed = make_window(at(clock))
    qtbot.waitUntil(lambda: len(feed.paints) == 1, timeout=60_000)
    first = feed.scene
    clock.advance(0.03)
    feed.put(at(clock))
    window.look()
    window.look()
    qtbot.waitUntil(lambda: len(feed.paints) == 2, timeout=60_000)
    painted(window)
    assert [shown for shown, _ in feed.paints] == [first, feed.scene]
    assert feed.paints[1][1] == clock.now_ns()


def test_the_tracker_hears_from_which_side_the_chosen_plan_expects_the_needle(make_window, clock):
    window, feed = make_window(at(clock))
    window.look()
    assert set(feed.approaches) == {Approach.UNKNOWN}
    window.procedure.now = window.procedure.now.with_plan(simulated_plan("interscalene"))
    window.look()
    assert feed.approaches[-1] is Approach.IN_PLANE_RIGHT


def test_a_source_without_a_signal_says_so_before_its_last_picture_is_old(make_window, clock):
    window, feed = make_window(at(clock))
    painted(window)
    lost = SourceStatus(SourceState.INTERRUPTED, "no signal: check the cable", feed.now.source.info)
    feed.now = replace(feed.now, source=lost)
    clock.advance(0.21)
    window.look()
    assert message(window) == "no signal: check the cable"
    assert not [s for s in window.canvas.shapes if isinstance(s, (Polyline, Label))]


def test_an_overlay_is_hollow_after_150_ms_gone_after_500_ms_and_says_why(
    make_window: MakeWindow, clock: ManualClock
) -> None:
    window, feed = make_window(at(clock))
    painted(window)
    assert window.canvas.shown.freshness is Freshness.FRESH
    clock.advance(0.151)
    window.look()
    assert window.canvas.shown.freshness is Freshness.HOLLOW
    assert message(window) == "picture late"
    assert all(s.stroke.is_hollow for s in window.canvas.shapes if isinstance(s, Polyline))
    clock.advance(0.35)
    window.look()
    assert message(window) == "picture late"
    assert not [s for s in window.canvas.shapes if isinstance(s, (Polyline, Label))]
    feed.now = replace(feed.now, source=replace(feed.now.source, state=SourceState.QUIET))
    clock.advance(0.3)
    window.look()
    assert message(window) == "source quiet"
    feed.now = replace(feed.now, source=SourceStatus(SourceState.FAILED, "the cable is out", feed.now.source.info))
    clock.advance(0.3)
    window.look()
    assert message(window) == "source failed: the cable is out"
    feed.put(at(clock))
    window.look()
    assert window.canvas.shown.freshness is Freshness.FRESH
    assert message(window) == "on path"


def test_the_screen_really_changes_with_age(make_window: MakeWindow, clock: ManualClock) -> None:
    window, _ = make_window(at(clock))
    pictures = [painted(window)]
    for seconds in (0.2, 0.4):
        clock.advance(seconds)
        window.look()
        pictures.append(painted(window))
    below_strip = slice(60, None)
    violet = [int(np.sum(p[below_strip, :, 2].astype(int) - p[below_strip, :, 1] > 30)) for p in pictures]
    assert violet[0] > 500
    assert violet[1] > 100
    assert violet[2] == 0


def test_before_the_first_frame_the_window_says_what_it_waits_for(make_window: MakeWindow) -> None:
    window, _ = make_window()
    assert message(window) == "opening sim:femoral"


@pytest.mark.parametrize("kind", list(SourceKind))
def test_the_kind_of_source_is_on_screen(make_window: MakeWindow, clock: ManualClock, kind: SourceKind) -> None:
    window, _ = make_window(at(clock, Wish(kind=kind)))
    painted(window)
    assert kind.upper() in [s.text for s in window.canvas.shapes if isinstance(s, HudText)]


def test_frozen_is_named(make_window: MakeWindow, clock: ManualClock) -> None:
    window, _ = make_window(at(clock, Wish(is_frozen=True)))
    painted(window)
    assert "FROZEN" in [s.text for s in window.canvas.shapes if isinstance(s, HudText)]


@pytest.mark.parametrize("key", [Qt.Key.Key_H, Qt.Key.Key_Space])
def test_one_key_shows_the_untouched_picture(
    make_window: MakeWindow, clock: ManualClock, qtbot: QtBot, key: Qt.Key
) -> None:
    window, feed = make_window(at(clock))
    with_overlay = painted(window)
    qtbot.keyClick(window, key)
    bare = painted(window)
    fit = window.canvas.fit()
    assert fit is not None
    inside = bare[round(fit.rect.top()) + 1 : round(fit.rect.bottom()) - 1, round(fit.left) + 1 : 900]
    assert (inside.max(axis=2) == inside.min(axis=2)).all(), "a grey frame has no colour in it"
    assert not np.array_equal(bare, with_overlay)
    qtbot.keyClick(window, key)
    assert np.array_equal(painted(window), with_overlay)
    assert feed.marks == []


@pytest.mark.parametrize(
    ("key", "meaning"),
    [
        (Qt.Key.Key_N, (Tissue.NERVE, Role.BOTH)),
        (Qt.Key.Key_A, (Tissue.ARTERY, Role.AVOID)),
        (Qt.Key.Key_V, (Tissue.VEIN, Role.AVOID)),
        (Qt.Key.Key_T, (Tissue.OTHER, Role.TARGET)),
    ],
)
def test_dragging_marks_a_structure_where_it_was_drawn(
    make_window: MakeWindow, clock: ManualClock, qtbot: QtBot, key: Qt.Key, meaning: tuple[Tissue, Role]
) -> None:
    window, feed = make_window(at(clock))
    drawn_on = feed.scene
    drag(window, qtbot, (200.0, 400.0), (320.0, 480.0))
    assert window.marks.choice.isVisible()
    clock.advance(0.03)
    feed.put(at(clock))
    window.look()
    qtbot.keyClick(window.marks.choice, key)
    assert not window.marks.choice.isVisible()
    ((structures, frame),) = feed.marks
    assert drawn_on is not None
    assert frame is drawn_on.frame, "the mark belongs to the frame it was drawn on"
    (structure,) = structures
    assert (structure.tissue, structure.role) == meaning
    assert structure.kind is StructureKind.STRUCTURE
    points = np.array(structure.outline_px)
    assert points.min(axis=0) == pytest.approx((200.0, 400.0), abs=1.5)
    assert points.max(axis=0) == pytest.approx((320.0, 480.0), abs=1.5)


def test_a_second_nerve_has_another_name(make_window: MakeWindow, clock: ManualClock, qtbot: QtBot) -> None:
    window, feed = make_window(at(clock))
    drag(window, qtbot, (200.0, 400.0), (320.0, 480.0))
    qtbot.mouseClick(
        window.marks.choice.findChildren(type(window.marks.choice.children()[1]))[0], Qt.MouseButton.LeftButton
    )
    assert feed.marks[0][0][0].name == "nerve 2"


def test_giving_up_a_mark_marks_nothing(make_window: MakeWindow, clock: ManualClock, qtbot: QtBot) -> None:
    window, feed = make_window(at(clock))
    drag(window, qtbot, (200.0, 400.0), (320.0, 480.0))
    qtbot.keyClick(window.marks.choice, Qt.Key.Key_Escape)
    assert not window.marks.choice.isVisible()
    drag(window, qtbot, (-400.0, 400.0), (-300.0, 480.0))
    assert not window.marks.choice.isVisible(), "a box beside the picture is none"
    assert feed.marks == []


@pytest.mark.parametrize("is_accepted", [True, False])
def test_a_click_in_what_stands_out_proposes_its_outline(
    make_window: MakeWindow, clock: ManualClock, qtbot: QtBot, *, is_accepted: bool
) -> None:
    """The synthetic scene has a dark vessel 140 by 104 px around (760, 330)."""
    window, feed = make_window(at(clock))
    qtbot.keyClick(window, Qt.Key.Key_M)
    drag(window, qtbot, (745.0, 340.0), (745.0, 340.0))
    assert window.marks.choice.isVisible()
    assert feed.marks == [], "nothing is marked before the user says what it is"
    qtbot.keyClick(window.marks.choice, Qt.Key.Key_V if is_accepted else Qt.Key.Key_P)
    ((structures, _),) = feed.marks
    points = np.array(structures[0].outline_px)
    if is_accepted:
        assert structures[0].tissue is Tissue.VEIN
        assert points.min(axis=0) == pytest.approx((690.0, 278.0), abs=10.0)
        assert points.max(axis=0) == pytest.approx((830.0, 382.0), abs=10.0)
    else:
        assert structures[0].kind is StructureKind.POINT
        assert points[0] == pytest.approx((745.0, 340.0), abs=1.0)
    assert not window.actions_by_name["mark"].isChecked()


def test_a_click_aims_only_while_marking(make_window: MakeWindow, clock: ManualClock, qtbot: QtBot) -> None:
    window, feed = make_window(at(clock))
    drag(window, qtbot, (500.0, 500.0), (500.0, 500.0))
    assert feed.marks == []
    qtbot.keyClick(window, Qt.Key.Key_M)
    assert "drag a box" in window.bar.status.notice
    drag(window, qtbot, (500.0, 500.0), (500.0, 500.0))
    if window.marks.choice.isVisible():
        qtbot.keyClick(window.marks.choice, Qt.Key.Key_P)
    ((structures, _),) = feed.marks
    assert structures[0].kind is StructureKind.POINT
    assert structures[0].outline_px[0] == pytest.approx((500.0, 500.0), abs=1.0)
    assert not window.actions_by_name["mark"].isChecked()


def test_r_starts_and_stops_recording(
    make_window: MakeWindow, clock: ManualClock, qtbot: QtBot, tmp_path: Path
) -> None:
    window, feed = make_window(at(clock))
    qtbot.keyClick(window, Qt.Key.Key_R)
    assert feed.record_dirs == [tmp_path]
    assert "REC 0:12" in window.bar.status.text
    assert window.actions_by_name["record"].isChecked()
    qtbot.keyClick(window, Qt.Key.Key_R)
    assert "REC" not in window.bar.status.text
    assert not window.actions_by_name["record"].isChecked()


def test_an_unknown_region_is_said_and_w_accepts_the_whole_frame(
    make_window: MakeWindow, clock: ManualClock, qtbot: QtBot
) -> None:
    window, feed = make_window(replace(at(clock), is_region_known=False))
    feed.now = replace(feed.now, recording=RecordingStatus(RecordingState.WAITING))
    window.look_again()
    assert "not recording yet" in window.bar.status.text
    assert "image region not known" in window.bar.status.notice
    qtbot.keyClick(window, Qt.Key.Key_W)
    assert feed.whole_frames == 1


def test_a_fault_is_a_visible_line_until_somebody_takes_note(
    make_window: MakeWindow, clock: ManualClock, qtbot: QtBot
) -> None:
    window, feed = make_window(at(clock))
    fault = Fault("track", "the tracker failed and was restarted: ValueError: boom", clock.now_ns())
    feed.now = replace(feed.now, faults=(fault,))
    clock.advance(0.25)
    feed.put(at(clock))
    window.look()
    assert "boom" in window.bar.status.notice
    assert window.canvas.shown.freshness is Freshness.FRESH, "and the picture goes on"
    qtbot.mouseClick(window.bar.status, Qt.MouseButton.LeftButton)
    assert window.bar.status.notice == ""
    feed.now = replace(feed.now, faults=(fault, Fault("record", "record stopped: disk full", clock.now_ns())))
    window.look_again()
    assert "disk full" in window.bar.status.notice
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert window.bar.status.notice == ""


def test_what_has_not_changed_is_not_painted_again(make_window: MakeWindow, clock: ManualClock) -> None:
    window, feed = make_window(at(clock))
    shown = window.canvas.shown
    for _ in range(5):
        clock.advance(0.004)
        window.look()
    assert window.canvas.shown is shown
    clock.advance(0.2)
    window.look()
    assert window.canvas.shown is not shown, "late by now"
    shown = window.canvas.shown
    feed.put(at(clock))
    window.look()
    assert window.canvas.shown is not shown


def test_the_status_line_says_how_things_stand(make_window: MakeWindow, clock: ManualClock) -> None:
    window, _ = make_window(at(clock))
    clock.advance(0.022)
    window.look_again()
    for part in ("22 ms old", "30.0/s", "0 lost", "needle locked", "0.06 mm/px (user)", "femoral"):
        assert part in window.bar.status.text


def test_another_source_is_opened_and_the_old_one_closed(
    make_window: MakeWindow, clock: ManualClock, qtbot: QtBot, opened: Opened
) -> None:
    window, feed = make_window(at(clock))
    qtbot.keyClick(window, Qt.Key.Key_O)
    dialog = window.findChildren(QDialog)[0]
    dialog.panel.address.setText("sim:femoral")  # type: ignore[attr-defined]
    qtbot.keyClick(dialog.panel.address, Qt.Key.Key_Return)  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: feed.closed == 1, timeout=60_000)
    assert len(opened) == 1
    assert message(window) == "opening sim:femoral"
    opened[0].put(at(clock))
    window.look()
    assert window.canvas.shown.scene is opened[0].scene


def test_the_start_page_opens_what_it_offers(make_window: MakeWindow, qtbot: QtBot, opened: Opened) -> None:
    window, _ = make_window(has_feed=False)
    assert window.start_page.isVisible()
    for command in COMMANDS:
        if command.name not in ("open", "help", "full"):
            window.actions_by_name[command.name].trigger()
    window.start_page.chosen.emit("sim:femoral")
    assert len(opened) == 1
    assert window.canvas.isVisible()


def test_every_command_has_keys_and_is_in_the_help(make_window: MakeWindow, clock: ManualClock, qtbot: QtBot) -> None:
    window, _ = make_window(at(clock))
    qtbot.keyClick(window, Qt.Key.Key_F1)
    (dialog,) = window.findChildren(QDialog)
    text = " ".join(child.text() for child in dialog.children() if hasattr(child, "text"))
    for command in COMMANDS:
        assert command.keys
        assert command.help_text in text
    size = dialog.sizeHint()
    assert size.width() <= 1280
    assert size.height() <= 720, "a small screen shows all of it"
    dialog.close()


def test_details_and_full_screen_come_and_go(make_window: MakeWindow, clock: ManualClock, qtbot: QtBot) -> None:
    window, feed = make_window(at(clock))
    qtbot.keyClick(window, Qt.Key.Key_D)
    for _ in range(5):
        clock.advance(0.03)
        feed.put(at(clock))
        window.look()
    assert window.sights.details is not None
    assert window.sights.details.isVisible()
    window.sights.details.draw()  # type: ignore[attr-defined]
    ages, depths, _, _ = (curve.getData()[1] for curve in window.sights.details._curves)  # type: ignore[attr-defined]
    assert len(ages) == 6
    assert depths[-1] == pytest.approx((330.0 - 20.0) * 0.06)
    qtbot.keyClick(window, Qt.Key.Key_D)
    assert not window.sights.details.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_F)
    assert window.isFullScreen()
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert not window.isFullScreen()


def test_closing_closes_the_feed_once(make_window: MakeWindow, clock: ManualClock) -> None:
    window, feed = make_window(at(clock))
    window.close()
    assert feed.closed == 1


def test_the_window_looks_by_itself(make_window: MakeWindow, clock: ManualClock, qtbot: QtBot) -> None:
    window, feed = make_window(at(clock))
    window._timer.start(4)
    clock.advance(0.01)
    feed.put(at(clock))
    qtbot.waitUntil(lambda: window.canvas.shown.scene is feed.scene, timeout=60_000)


@pytest.mark.parametrize("scale", ["0", "-1", "nan", "inf"])
def test_a_scale_that_is_none_is_refused_before_a_window_opens(scale: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run(["live", "sim:femoral", "--mm-per-px", scale])
    assert ended.value.code == 2
    assert "--mm-per-px" in capsys.readouterr().err


def test_no_key_belongs_to_two_commands() -> None:
    keys = [key for command in COMMANDS for key in command.keys]
    assert len(keys) == len(set(keys)), "Qt would do neither"
