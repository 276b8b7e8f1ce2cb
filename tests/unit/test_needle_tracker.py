"""The needle tracker on plain speckle with a line in it; clips of the phantom and real ones are scored elsewhere."""

import numpy as np
import pytest

from rtguide.model.frame import Frame
from rtguide.model.needle import HiddenReason, NeedleTrack, TipState
from rtguide.tracking.grid_tracker import GridTracker
from rtguide.tracking.needle import LineNeedle
from speckle_needle import ANGLE, COLUMNS, ENTRY, MM_PER_PX, advance, clip, geometry, picture, tissue


def run(frames, where=None):
    tracker = GridTracker(LineNeedle)
    tracker.start(where or geometry())
    return [tracker.track(frame).needle for frame in frames]


def tip_error_mm(state, length_px):
    stop = ENTRY + length_px * np.array([np.cos(ANGLE), np.sin(ANGLE)])
    return np.hypot(*(np.array(state.tip.px) - stop)) * MM_PER_PX


@pytest.mark.parametrize("mm_per_px", [MM_PER_PX, None])
def test_an_advancing_needle_is_found_soon_and_its_tip_followed(mm_per_px):
    lengths = advance()
    states = run(clip(lengths), geometry(mm_per_px))
    assert all(state.tip.state is TipState.NONE for state in states[:10])
    seen = [k for k, state in enumerate(states) if state.tip.is_seen]
    assert seen[0] <= 10 + 15
    assert len(seen) >= 0.9 * (50 - seen[0])
    errors = [tip_error_mm(states[k], lengths[k]) for k in seen]
    assert np.median(errors) < 0.5
    assert max(errors) < 2.0
    assert np.degrees(states[-1].direction_rad) == pytest.approx(32.0, abs=2.0)
    assert states[-1].entry_px == pytest.approx(tuple(ENTRY), abs=8.0)


def test_without_a_needle_there_is_none():
    states = run(clip([0.0] * 60))
    assert all(state.tip.state is TipState.NONE and not state.curve_px for state in states)


def test_a_bright_line_that_was_always_there_is_no_needle():
    states = run(clip([250.0] * 60))
    assert all(state.tip.state is TipState.NONE for state in states)


def test_noise_that_changes_every_frame_is_no_needle():
    frames = []
    for k in range(40):
        rng = np.random.default_rng(k)
        frames.append(Frame(k, k * 40_000_000, None, picture(tissue(rng), rng, 0.0)))
    assert all(state.tip.state is TipState.NONE for state in run(frames))


def test_equal_frames_give_equal_answers():
    frames = clip(advance(40))
    assert run(frames) == run(frames)


def test_a_repeated_picture_adds_no_evidence():
    frames = clip(advance(40))
    doubled = []
    for k, frame in enumerate(frames):
        doubled.append(Frame(2 * k, k * 40_000_000, None, frame.pixels))
        doubled.append(Frame(2 * k + 1, k * 40_000_000 + 20_000_000, None, frame.pixels))
    assert run(doubled)[::2] == run(frames)


def test_mirroring_the_picture_mirrors_the_answer():
    lengths = advance(45)
    frames = clip(lengths)
    mirrored = [Frame(f.seq, f.t_capture_ns, None, np.ascontiguousarray(f.pixels[:, ::-1])) for f in frames]
    one, other = run(frames)[-1], run(mirrored)[-1]
    assert one.tip.is_seen
    assert other.tip.is_seen
    assert (COLUMNS - 1 - other.tip.px[0], other.tip.px[1]) == pytest.approx(one.tip.px, abs=0.6 / MM_PER_PX)


def test_a_needle_that_vanishes_is_hidden_then_lost_and_never_wrong():
    lengths = advance(45)
    states = run(clip(lengths + [0.0] * 50))
    assert states[44].tip.is_seen
    shown = [k for k, state in enumerate(states) if state.tip.px is not None]
    assert shown[-1] <= 44 + 15
    assert states[-1].track in (NeedleTrack.LOST, NeedleTrack.SEARCHING, NeedleTrack.NONE)
    assert not states[-1].curve_px


def test_a_needle_that_reaches_the_far_border_has_left_the_picture():
    lengths = advance(90, 10, 60.0, 7.5)
    states = run(clip(lengths))
    assert any(state.tip.is_seen for state in states)
    assert states[-1].tip.px is None
    assert states[-1].tip.hidden_reason is HiddenReason.LEFT_VIEW


def test_sigma_is_given_with_every_tip():
    for state in run(clip(advance(45))):
        assert (state.tip.sigma_px is not None) == (state.tip.px is not None)
        if state.tip.sigma_px is not None:
            assert 0.1 / MM_PER_PX < state.tip.sigma_px < 2.0 / MM_PER_PX
