"""The board of alarms: order, flashing, acknowledging, log; alarms of source, picture, scale, recording, disk."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest

from fake_feed import FakeFeed
from rtguide.model.geometry import Provenance
from rtguide.model.guidance import Alarm, AlarmPriority, Guidance
from rtguide.model.limits import AlarmLimits
from rtguide.model.scene import Scene
from rtguide.model.status import PipelineStatus, RecordingState, RecordingStatus, SourceState
from rtguide.overlays.shapes import Tone
from rtguide.view.alarm_board import FLASH_HZ, LIT_SHARE, AlarmBoard, Sight
from synthetic_scenes import Wish, scene

MS = 1_000_000
SO_FROM_MS, SO_UNTIL_MS = 1000, 2000
INSIDE = Alarm("tip-inside", AlarmPriority.HIGH, "tip inside artery", "artery")
MEETS = Alarm("path-meets", AlarmPriority.MEDIUM, "path meets vein in 3 mm", "vein")
LOST = Alarm("not-followed", AlarmPriority.LOW, "vein is lost: not watched", "vein")


def told(*alarms: Alarm, provenance: Provenance = Provenance.USER) -> Scene:
    return scene(Wish(guidance=Guidance(alarms=alarms), provenance=provenance))


def status(first: Scene | None = None) -> PipelineStatus:
    return FakeFeed(first or told()).now


def look(board: AlarmBoard, what: Scene, now_ns: int = 0, age_ns: int = 20 * MS) -> list[tuple[str, str]]:
    entries = board.update(Sight(what, FakeFeed(what).now, age_ns, now_ns))
    return [(entry.kind, entry.details["code"]) for entry in entries]


def test_the_highest_stands_above_the_picture_and_the_others_in_the_bar() -> None:
    board = AlarmBoard(AlarmLimits())
    look(board, told(LOST, MEETS, INSIDE))
    sign = board.sign(0)
    assert sign is not None
    assert (sign.text, sign.tone, sign.more) == (INSIDE.text, Tone.ALARM_HIGH, 2)
    assert board.line() == (f"{MEETS.text} · {LOST.text}", Tone.ALARM_MEDIUM)
    look(board, told(LOST))
    assert board.sign(0) is None, "low priority leaves the advice in its place"
    assert board.line() == (LOST.text, Tone.ALARM_LOW)
    look(board, told())
    assert board.line() is None


@pytest.mark.parametrize(("alarm", "lowest_hz", "highest_hz"), [(INSIDE, 1.4, 2.8), (MEETS, 0.4, 0.8)])
def test_it_flashes_as_its_priority_wants_and_begins_lit(alarm: Alarm, lowest_hz: float, highest_hz: float) -> None:
    board, sight = AlarmBoard(AlarmLimits()), told(alarm)
    lit = []
    for ms in range(0, 10_000, 5):
        look(board, sight, 5_000 * MS + ms * MS)
        sign = board.sign(5_000 * MS + ms * MS)
        assert sign is not None
        lit.append(sign.is_lit)
    assert lit[0]
    rises = sum(1 for before, now in pairwise(lit) if now and not before)
    assert lowest_hz <= rises / 10.0 <= highest_hz
    assert lowest_hz <= FLASH_HZ[alarm.priority] <= highest_hz
    assert 0.2 <= LIT_SHARE <= 0.6
    assert sum(lit) / len(lit) == pytest.approx(LIT_SHARE, abs=0.05)


def test_acknowledged_it_is_steady_until_it_is_over_and_a_new_one_flashes() -> None:
    board = AlarmBoard(AlarmLimits())
    assert look(board, told(INSIDE)) == [("alarm raised", "tip-inside")]
    assert [entry.kind for entry in board.acknowledge()] == ["alarm acknowledged"]
    assert board.acknowledge() == (), "once"
    assert all(sign.is_lit and sign.is_acknowledged for ms in range(0, 2000, 50) if (sign := board.sign(ms * MS)))
    assert look(board, told(INSIDE, MEETS)) == [("alarm raised", "path-meets")]
    assert look(board, told()) == [("alarm cleared", "tip-inside"), ("alarm cleared", "path-meets")]
    look(board, told(INSIDE))
    again = board.sign(400 * MS)
    assert again is not None
    assert not again.is_acknowledged
    assert not again.is_lit


def test_one_that_becomes_worse_calls_anew() -> None:
    board = AlarmBoard(AlarmLimits())
    look(board, told(LOST))
    board.acknowledge()
    worse = replace(LOST, priority=AlarmPriority.MEDIUM)
    assert look(board, told(worse)) == [("alarm raised", "not-followed")]
    sign = board.sign(0)
    assert sign is not None
    assert not sign.is_acknowledged


def test_taking_note_of_the_bar_silences_nothing_above_the_picture() -> None:
    board = AlarmBoard(AlarmLimits())
    look(board, told(INSIDE, LOST))
    assert [entry.details["code"] for entry in board.acknowledge(is_low_only=True)] == ["not-followed"]
    sign = board.sign(0)
    assert sign is not None
    assert not sign.is_acknowledged
    assert board.line() is None


def test_the_log_says_what_and_where() -> None:
    board = AlarmBoard(AlarmLimits())
    (entry,) = board.update(Sight(told(INSIDE), status(), 0, 0))
    assert entry.details == {
        "code": "tip-inside",
        "priority": "high",
        "text": "tip inside artery",
        "about": "artery",
        "seq": 0,
    }


def test_what_a_scene_says_ends_where_nothing_of_it_is_shown() -> None:
    board = AlarmBoard(AlarmLimits())
    look(board, told(INSIDE), age_ns=499 * MS)
    assert INSIDE in board.standing
    look(board, told(INSIDE), age_ns=501 * MS)
    assert INSIDE not in board.standing


Change = Callable[[PipelineStatus], PipelineStatus]


def _recording(**values: object) -> Change:
    return lambda now: replace(now, recording=replace(now.recording, **values))


def _source(state: SourceState, text: str = "") -> Change:
    return lambda now: replace(now, source=replace(now.source, state=state, text=text))


MEDIUM, LOW = AlarmPriority.MEDIUM, AlarmPriority.LOW
SYSTEM = [
    ("source-lost", MEDIUM, "source quiet: no picture for 1 s", _source(SourceState.QUIET, "no picture for 1 s")),
    ("source-lost", MEDIUM, "source interrupted: no signal", _source(SourceState.INTERRUPTED, "no signal")),
    ("source-lost", MEDIUM, "source failed: out", _source(SourceState.FAILED, "out")),
    ("recording", LOW, "recording: 3 frames lost", _recording(state=RecordingState.RECORDING, lost=3)),
    ("recording", LOW, "recording stopped by itself", _recording(trouble="recording stopped by itself")),
    ("disk", LOW, "disk: room for 5 min of recording", _recording(seconds_left=310.0)),
]  # fmt: skip


@pytest.mark.parametrize(("code", "priority", "text", "change"), SYSTEM)
def test_trouble_of_source_recording_and_disk_is_said_within_200_ms_and_cleared(
    code: str, priority: AlarmPriority, text: str, change: Change
) -> None:
    """Looked at every 50 ms, as the window does."""
    board, sight, now = AlarmBoard(AlarmLimits()), told(), status()
    raised = []
    for ms in range(0, 3200, 50):
        is_so = 1000 <= ms < 2000
        entries = board.update(Sight(sight, change(now) if is_so else now, 20 * MS, ms * MS))
        raised += [(ms, entry.kind, entry.details["code"]) for entry in entries]
        if ms == 1500:
            assert [(a.code, a.priority, a.text) for a in board.standing] == [(code, priority, text)]
    (first, last) = raised
    assert first[1:] == ("alarm raised", code)
    assert 1000 < first[0] <= 1200
    assert last[1:] == ("alarm cleared", code)
    assert 2950 <= last[0] <= 3050


def test_a_picture_that_is_late_is_said_within_200_ms_and_one_late_frame_is_not() -> None:
    board, sight, now = AlarmBoard(AlarmLimits()), told(), status()
    board.update(Sight(sight, now, 160 * MS, 0))
    board.update(Sight(sight, now, 20 * MS, 90 * MS))
    assert board.standing == ()
    raised_ms, cleared_ms = _first_and_last(
        board, lambda ms: Sight(sight, now, _age(ms), ms * MS), ("picture-late", "medium")
    )
    assert SO_FROM_MS < raised_ms <= SO_FROM_MS + 200
    assert SO_UNTIL_MS + 950 <= cleared_ms <= SO_UNTIL_MS + 1050


def _age(ms: int) -> int:
    return (160 if SO_FROM_MS <= ms < SO_UNTIL_MS else 20) * MS


def _first_and_last(board: AlarmBoard, sight_at: Callable[[int], Sight], what: tuple[str, str]) -> tuple[int, int]:
    """When (code, priority) of a board that is looked at every 50 ms came and went, in ms; nothing else is said."""
    entries = [(ms, entry) for ms in range(500, 3500, 50) for entry in board.update(sight_at(ms))]
    (raised_ms, raised), (cleared_ms, cleared) = entries
    assert (raised.kind, cleared.kind) == ("alarm raised", "alarm cleared")
    assert [(one.details["code"], one.details["priority"]) for one in (raised, cleared)] == [what, what]
    return raised_ms, cleared_ms


def test_a_scale_that_loses_its_voucher_is_said_within_200_ms_and_cleared_when_it_has_one() -> None:
    sure, guess = told(), told(provenance=Provenance.GUESS)

    def sight_at(ms: int) -> Sight:
        what = guess if SO_FROM_MS <= ms < SO_UNTIL_MS else sure
        return Sight(what, status(what), 20 * MS, ms * MS)

    raised_ms, cleared_ms = _first_and_last(AlarmBoard(AlarmLimits()), sight_at, ("scale", "low"))
    assert SO_FROM_MS < raised_ms <= SO_FROM_MS + 200
    assert SO_UNTIL_MS + 950 <= cleared_ms <= SO_UNTIL_MS + 1050


@pytest.mark.parametrize("code", ["picture-late", "scale"])
def test_a_late_picture_and_a_guessed_scale_are_said_within_200_ms_and_cleared(code: str) -> None:
    """Looked at every 50 ms, as the window does."""
    board, raised = AlarmBoard(AlarmLimits()), []
    for ms in range(0, 3200, 50):
        is_so = 1000 <= ms < 2000
        what = told(provenance=Provenance.GUESS if is_so and code == "scale" else Provenance.USER)
        age_ms = 160 if is_so and code == "picture-late" else 20
        entries = board.update(Sight(what, status(what), age_ms * MS, ms * MS))
        raised += [(ms, entry.kind) for entry in entries if entry.details["code"] == code]
    (first, last) = raised
    assert first[1] == "alarm raised"
    assert 1000 < first[0] <= 1200
    assert last[1] == "alarm cleared"
    assert 2950 <= last[0] <= 3050


def test_a_recording_that_has_ended_is_no_lost_source() -> None:
    board = AlarmBoard(AlarmLimits())
    for ms in range(0, 500, 50):
        board.update(Sight(told(), _source(SourceState.ENDED)(status()), 9_000 * MS, ms * MS))
    assert board.standing == ()


def test_a_scale_that_nobody_vouches_for_is_said_calmly() -> None:
    board = AlarmBoard(AlarmLimits())
    guess = told(provenance=Provenance.GUESS)
    for ms in range(0, 300, 50):
        board.update(Sight(guess, status(guess), 20 * MS, ms * MS))
    assert board.line() == ("scale not verified: no millimetres", Tone.ALARM_LOW)
    board.acknowledge(is_low_only=True)
    assert board.line() is None


def test_a_disk_with_room_as_the_user_wants_it_is_no_alarm() -> None:
    board = AlarmBoard(AlarmLimits(disk_low_s=60.0))
    now = replace(status(), recording=RecordingStatus(seconds_left=310.0))
    for ms in range(0, 300, 50):
        board.update(Sight(told(), now, 20 * MS, ms * MS))
    assert board.standing == ()
