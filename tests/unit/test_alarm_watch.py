"""Alarms in time: raised soon, not by one wrong frame, and not chattering."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtguide.guidance.alarm_watch import CLEAR_AFTER_NS, RAISE_AFTER_NS, RAISE_LATER_NS, AlarmWatch
from rtguide.model.guidance import Alarm, AlarmPriority

MS = 1_000_000
PERIOD_NS = 33_333_333
HIGH = Alarm("tip-inside", AlarmPriority.HIGH, "tip inside artery", "artery")
MEDIUM = Alarm("path-meets", AlarmPriority.MEDIUM, "path meets artery in 3 mm", "artery")


BLIND = Alarm("injecting-blind", AlarmPriority.HIGH, "injecting, tip not visible")


@pytest.mark.parametrize("alarm", [HIGH, MEDIUM, BLIND])
@pytest.mark.parametrize("rate_hz", [60.0, 30.0, 20.0, 10.0])
def test_it_is_raised_within_200_ms_at_every_rate_and_not_by_one_frame(alarm: Alarm, rate_hz: float) -> None:
    watch = AlarmWatch()
    times = [round(n * 1e9 / rate_hz) for n in range(20)]
    raised = [time for time in times if watch.update((alarm,), time)]
    assert 0 < raised[0] <= 200 * MS
    single = AlarmWatch()
    assert not any(single.update((alarm,) if time == 0 else (), time) for time in times)


def test_it_stays_for_a_second_after_it_was_so_last() -> None:
    watch = AlarmWatch()
    for time in range(0, 300 * MS, 50 * MS):
        watch.update((HIGH,), time)
    assert watch.update((), 250 * MS + CLEAR_AFTER_NS) == (HIGH,)
    assert watch.update((), 251 * MS + CLEAR_AFTER_NS) == ()


@given(st.lists(st.booleans(), min_size=30, max_size=200))
def test_it_does_not_chatter_whatever_the_frames_say(so: list[bool]) -> None:
    watch = AlarmWatch()
    stands = [bool(watch.update((HIGH,) if is_so else (), n * PERIOD_NS)) for n, is_so in enumerate(so)]
    turns = [n for n, (a, b) in enumerate(pairwise(stands)) if a != b]
    assert all((b - a) * PERIOD_NS > 0.9 * CLEAR_AFTER_NS for a, b in list(pairwise(turns))[::2]), (
        "each stands a second"
    )
    held_ns = RAISE_AFTER_NS
    for n in range(len(so)):
        first = n - round(held_ns / PERIOD_NS) - 1
        if first >= 0 and all(so[first : n + 1]):
            assert stands[n], "what was so long enough is said"


def test_a_place_on_the_border_counts_as_one_condition() -> None:
    watch = AlarmWatch()
    stands = [watch.update((HIGH,) if n % 2 == 0 else (), n * PERIOD_NS) for n in range(7)]
    assert stands[-1] == (HIGH,)


@pytest.mark.parametrize("rate_hz", [20.0, 30.0])
def test_a_tip_that_is_hidden_for_three_frames_while_it_is_found_again_raises_nothing(rate_hz: float) -> None:
    assert set(RAISE_LATER_NS) == {"injecting-blind"}
    watch = AlarmWatch()
    so = [n in (3, 4, 5) for n in range(30)]
    assert not any(watch.update((BLIND,) if is_so else (), round(n * 1e9 / rate_hz)) for n, is_so in enumerate(so))


def test_words_follow_the_present_and_structures_are_told_apart() -> None:
    watch = AlarmWatch()
    vein = Alarm("tip-inside", AlarmPriority.HIGH, "tip inside vein", "vein")
    for n in range(4):
        stands = watch.update((HIGH, vein, Alarm("path-meets", AlarmPriority.MEDIUM, f"in {n} mm", "a")), n * 50 * MS)
    assert [alarm.text for alarm in stands] == ["tip inside artery", "tip inside vein", "in 3 mm"]


def test_time_that_goes_back_begins_anew() -> None:
    watch = AlarmWatch()
    for n in range(10):
        watch.update((HIGH,), 1000 * MS + n * PERIOD_NS)
    assert watch.update((HIGH,), 0) == ()
