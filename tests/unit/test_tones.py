"""Tones: their shape by priority, and when which one is due."""

import numpy as np
import pytest

from rtguide.model.guidance import AlarmPriority
from rtguide.view.tones import SAMPLE_HZ, Tone, TonePlanner, ToneWish, seconds_of, tick_every_s, tone_samples

HIGH, MEDIUM, LOW = AlarmPriority
S = 1_000_000_000


def pulses_s(tone: Tone) -> list[tuple[float, float]]:
    """(start, length) of every stretch that is not silent."""
    loud = np.abs(tone_samples(tone).astype(float))
    width = round(0.01 * SAMPLE_HZ)
    is_loud = np.convolve(loud, np.ones(width) / width, mode="same") > 500
    edges = np.flatnonzero(np.diff(np.concatenate([[0], is_loud.astype(int), [0]])))
    return [(a / SAMPLE_HZ, (b - a) / SAMPLE_HZ) for a, b in zip(edges[::2], edges[1::2], strict=True)]


@pytest.mark.parametrize(
    ("tone", "count", "longest_s"), [(Tone.HIGH, 10, 0.2), (Tone.MEDIUM, 3, 0.25), (Tone.LOW, 2, 0.25)]
)
def test_each_priority_has_its_number_of_pulses(tone: Tone, count: int, longest_s: float) -> None:
    pulses = pulses_s(tone)
    assert len(pulses) == count
    assert all(0.07 < length <= longest_s for _, length in pulses)
    assert len(tone_samples(tone)) / SAMPLE_HZ == pytest.approx(seconds_of(tone), abs=0.01)


def test_the_high_one_is_three_and_two_twice() -> None:
    starts = [start for start, _ in pulses_s(Tone.HIGH)]
    gaps = np.diff(starts)
    assert np.argsort(gaps)[-1] == 4, "the longest pause is in the middle"
    assert {int(i) for i in np.argsort(gaps)[-3:]} == {2, 4, 7}


@pytest.mark.parametrize("tone", [Tone.HIGH, Tone.MEDIUM, Tone.LOW])
def test_a_fundamental_with_four_harmonics_and_no_clipping(tone: Tone) -> None:
    sound = tone_samples(tone).astype(float)
    assert 0.2 * 32767 < np.abs(sound).max() < 32767
    spectrum = np.abs(np.fft.rfft(sound))
    frequencies = np.fft.rfftfreq(len(sound), 1 / SAMPLE_HZ)
    fundamental = frequencies[spectrum.argmax()]
    assert 150 <= fundamental <= 1000
    for n in range(2, 6):
        near = np.abs(frequencies - n * fundamental) < 20
        assert 20 * np.log10(spectrum[near].max() / spectrum.max()) > -15


def heard(planner: TonePlanner, wishes: list[tuple[float, ToneWish]], until_s: float) -> list[tuple[float, Tone]]:
    """What begins when, looked at every 20 ms; wishes: (from when on, what)."""
    said = []
    for step in range(round(until_s / 0.02)):
        now = step * 0.02
        wish = [wish for since, wish in wishes if since <= now + 1e-9][-1]
        tone = planner.next(wish, round(now * S))
        if tone is not None:
            said.append((round(now, 2), tone))
    return said


def test_an_alarm_is_heard_at_once_and_again_until_somebody_has_seen_it() -> None:
    said = heard(TonePlanner(), [(0.0, ToneWish()), (1.0, ToneWish(HIGH, 1 * S)), (16.0, ToneWish())], 40.0)
    assert said == [(1.0, Tone.HIGH), (8.0, Tone.HIGH), (15.0, Tone.HIGH)]
    assert [t for t, _ in heard(TonePlanner(), [(0.0, ToneWish(MEDIUM))], 30.0)] == [0.0, 12.0, 24.0]
    assert heard(TonePlanner(), [(0.0, ToneWish(LOW))], 60.0) == [(0.0, Tone.LOW)]


def test_a_worse_one_interrupts_and_another_of_the_same_waits_for_the_end() -> None:
    worse = [(0.0, ToneWish(MEDIUM, 0)), (0.4, ToneWish(HIGH, 1))]
    assert heard(TonePlanner(), worse, 5.0) == [(0.0, Tone.MEDIUM), (0.4, Tone.HIGH)]
    another = [(0.0, ToneWish(MEDIUM, 0)), (0.4, ToneWish(MEDIUM, 1))]
    assert heard(TonePlanner(), another, 5.0) == [(0.0, Tone.MEDIUM), (1.0, Tone.MEDIUM)]


def test_ticks_come_faster_the_nearer_and_not_at_all_where_nothing_is_known() -> None:
    assert [tick_every_s(mm) for mm in (-3.0, 0.0)] == [0.1, 0.1]
    assert tick_every_s(5.0) < tick_every_s(10.0) < tick_every_s(50.0) == 1.0
    near, far = ([t for t, _ in heard(TonePlanner(), [(0.0, ToneWish(distance_mm=mm))], 10.0)] for mm in (2.0, 30.0))
    assert len(near) > 4 * len(far)
    assert not heard(TonePlanner(), [(0.0, ToneWish())], 10.0)


def test_an_alarm_silences_the_ticks_while_it_sounds() -> None:
    said = heard(TonePlanner(), [(0.0, ToneWish(distance_mm=1.0)), (1.0, ToneWish(HIGH, 1, 1.0))], 5.0)
    end = 1.0 + seconds_of(Tone.HIGH) - 0.01  # looked at every 20 ms
    assert not [t for t, tone in said if tone is Tone.TICK and 1.0 <= t < end]
    assert [t for t, tone in said if tone is Tone.TICK and t >= end]
