"""What the ledger says of frames whose faults are known."""

from dataclasses import replace

import numpy as np
import pytest

from rtguide.model.frame import Frame, FrameNote, SourceInfo, SourceKind
from rtguide.pipeline.ledger import FrameLedger
from rtguide.pipeline.source_clock import SourceClock

PERIOD_NS = 1_000_000_000 // 50
INFO = SourceInfo("card", SourceKind.LIVE, (60, 80), 50.0)
BASE = np.random.default_rng(0).integers(0, 255, (60, 80), dtype=np.uint8)


def frame(seq: int, *, delay_ms: float = 5.0, clock_ppm: float = 0.0, picture: int | None = None) -> Frame:
    """Made by a 50 Hz source at seq × 20 ms of its clock, and here some milliseconds later."""
    made_ns = seq * PERIOD_NS
    host_ns = 7_000_000_000 + round(made_ns * (1 + clock_ppm * 1e-6)) + round(delay_ms * 1e6)
    pixels = np.roll(BASE, seq if picture is None else picture)
    return Frame(seq, host_ns, made_ns, pixels)


def notes(ledger: FrameLedger, *frames: Frame) -> list[tuple[FrameNote, ...] | None]:
    taken = [ledger.take(one, 1_700_000_000_000_000_000) for one in frames]
    return [None if one is None else one.notes for one in taken]


def test_lost_frames_are_counted_and_one_that_comes_after_all_was_only_out_of_order() -> None:
    ledger = FrameLedger(INFO)
    assert notes(ledger, frame(0), frame(1), frame(5), frame(3), frame(3), frame(5), frame(6)) == [
        (), (), (), None, None, None, ()
    ]  # fmt: skip
    counts = ledger.counts
    assert (counts.received, counts.lost, counts.out_of_order) == (7, 2, 3)


def test_every_frame_gets_its_wall_time() -> None:
    taken = FrameLedger(INFO).take(frame(0), 123)
    assert taken is not None
    assert taken.t_wall_ns == 123


def test_a_repeated_picture_is_a_duplicate_and_after_a_second_frozen() -> None:
    ledger = FrameLedger(INFO)
    said = notes(ledger, frame(0, picture=0), *(frame(seq, picture=1) for seq in range(1, 60)), frame(60, picture=2))
    assert said[:2] == [(), ()]
    assert set(said[2:51]) == {(FrameNote.DUPLICATE,)}
    assert set(said[51:60]) == {(FrameNote.DUPLICATE, FrameNote.FROZEN)}
    assert said[60] == ()
    assert (ledger.counts.duplicated, ledger.counts.frozen) == (58, 9)


def test_one_pixel_that_differs_is_another_picture_and_a_clock_beside_the_region_is_none() -> None:
    plain = frame(0)
    for place in ((0, 0), (31, 40), (59, 79)):
        pixels = plain.pixels.copy()
        pixels[place] ^= 1
        ledger = FrameLedger(INFO)
        assert notes(ledger, plain, replace(frame(1), pixels=pixels)) == [(), ()]
        ledger = FrameLedger(INFO)
        ledger.bounds_px = (10, 20, 30, 31)
        assert notes(ledger, plain, replace(frame(1), pixels=pixels))[1] == (FrameNote.DUPLICATE,)


def test_a_frame_later_than_a_period_is_late_and_jitter_is_that_of_its_way_here() -> None:
    ledger = FrameLedger(INFO)
    rng = np.random.default_rng(1)
    said = [
        notes(ledger, frame(seq, delay_ms=31.0 if seq in (200, 300) else 5 + 4 * rng.random()))[0] for seq in range(400)
    ]
    assert [seq for seq, one in enumerate(said) if one] == [200, 300]
    assert ledger.counts.late == 2
    timing = ledger.timing
    assert timing is not None
    assert timing.rate_hz == pytest.approx(50.0, abs=0.01)
    assert 1.0e6 < timing.jitter_ns < 4.0e6
    assert not timing.is_lagging


def test_rate_is_that_of_the_source_also_where_half_of_its_frames_are_lost() -> None:
    clock = SourceClock(INFO)
    for seq in range(0, 100, 2):
        clock.take(frame(seq))
    timing = clock.timing()
    assert timing is not None
    assert timing.rate_hz == pytest.approx(50.0)
    assert timing.jitter_ns == pytest.approx(0.0, abs=1.0)


def lag_at(seqs: range, delay_ms, **how) -> list[bool]:  # type: ignore[no-untyped-def]
    clock, said = SourceClock(INFO), []
    for seq in seqs:
        clock.take(frame(seq, delay_ms=delay_ms(seq), **how))
        timing = clock.timing()
        said.append(timing is not None and timing.is_lagging)
    return said


def test_a_lag_that_grows_is_found_and_a_hiccup_or_a_clock_that_runs_apart_is_none() -> None:
    growing = lag_at(range(3000), lambda seq: 5 + seq * 0.1)  # 5 ms a second, in a queue that nobody empties
    assert growing.index(True) in range(1000, 1600), "at 100 ms of lag, and what the window hides of it"
    assert all(growing[1600:])
    assert not any(lag_at(range(3000), lambda seq: 405.0 if 1000 <= seq < 1100 else 5.0)), "two seconds of stutter"
    assert not any(lag_at(range(3000), lambda _: 5.0, clock_ppm=150.0))
    assert not any(lag_at(range(3000), lambda _: 5.0, clock_ppm=-150.0))
    stuck = lag_at(range(2000), lambda seq: 405.0 if seq >= 1000 else 5.0)
    assert stuck.index(True) in range(1200, 1300)


def test_a_source_clock_that_is_set_anew_is_no_lag() -> None:
    clock = SourceClock(INFO)
    for seq in range(800):
        one = frame(seq)
        jump_ns = (0, 3_000_000_000, -9_000_000_000)[seq // 300]
        assert one.t_device_ns is not None
        assert not clock.take(replace(one, t_device_ns=one.t_device_ns + jump_ns))
    timing = clock.timing()
    assert timing is not None
    assert timing.lag_ns == 0


def test_a_recording_at_half_speed_does_not_lag() -> None:
    clock = SourceClock(replace(INFO, kind=SourceKind.REPLAY, rate_hz=25.0, speed=0.5))
    for seq in range(800):
        slow = Frame(seq, 2 * seq * PERIOD_NS, seq * PERIOD_NS, BASE)
        assert not clock.take(slow)
    timing = clock.timing()
    assert timing is not None
    assert (timing.rate_hz, timing.is_lagging) == (pytest.approx(25.0), False)


def test_without_a_clock_of_its_own_the_host_tells_rate_and_late_frames_and_no_lag() -> None:
    clock, late = SourceClock(INFO), []
    for seq in range(200):
        pause_ms = 45.0 if seq == 100 else 5.0
        if clock.take(replace(frame(seq, delay_ms=pause_ms), t_device_ns=None)):
            late.append(seq)
    assert late == [100]
    timing = clock.timing()
    assert timing is not None
    assert timing.rate_hz == pytest.approx(50.0)
    assert timing.lag_ns is None
