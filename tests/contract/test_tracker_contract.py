"""What every tracker must do, over every entry point of the group `rtguide.trackers`."""

from importlib.metadata import EntryPoint, entry_points
from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray

from rtguide.model.frame import Frame
from rtguide.model.geometry import ImageGeometry, Provenance, RectRegion
from rtguide.model.needle import NeedleTrack, TipState
from rtguide.model.scene import Tracking
from rtguide.model.structure import Role, Structure, StructureKind, StructureTrack, Tissue, box_outline
from rtguide.opencv import cv2
from rtguide.ports import Tracker

POINTS = sorted(entry_points(group="rtguide.trackers"), key=lambda point: point.name)
SHAPE = (420, 560)
GEOMETRY = ImageGeometry(SHAPE, RectRegion(40, 20, 480, 380), (0.1, 0.1), Provenance.USER)
NERVE = Structure("nerve", StructureKind.STRUCTURE, Tissue.NERVE, Role.BOTH, box_outline(220, 180, 90, 50))
AIM = Structure("aim", StructureKind.POINT, Tissue.OTHER, Role.TARGET, ((330.0, 240.0),))
FASCIA = Structure("fascia", StructureKind.PLANE, Tissue.OTHER, Role.TARGET, ((150.0, 120.0), (400.0, 140.0)))
PLEURA = Structure("pleura", StructureKind.LINE, Tissue.PLEURA, Role.AVOID, ((150.0, 330.0), (420.0, 320.0)))


@pytest.fixture(params=POINTS, ids=[point.name for point in POINTS])
def tracker(request: pytest.FixtureRequest) -> Tracker:
    point = cast("EntryPoint", request.param)
    made: Tracker = point.load()()
    made.start(GEOMETRY)
    return made


def tissue(seed: int = 4) -> NDArray[np.float64]:
    """Speckle larger than the image, to be moved under it."""
    rng = np.random.default_rng(seed)
    real, imaginary = rng.normal(size=(2, 600, 760))
    envelope = np.hypot(
        cv2.GaussianBlur(real, (0, 0), 2.2, sigmaY=1.2), cv2.GaussianBlur(imaginary, (0, 0), 2.2, sigmaY=1.2)
    )
    return np.asarray(80 + 45 * np.log(envelope / envelope.mean() + 0.05), np.float64)


TISSUE = tissue()


def frame(seq: int, shift_px: tuple[float, float] = (0.0, 0.0), *, is_rgb: bool = False, noise_seed: int = 0) -> Frame:
    """The tissue moved by a shift, with a little receiver noise, 30 frames a second."""
    move = np.array([[1.0, 0.0, shift_px[0] - 100.0], [0.0, 1.0, shift_px[1] - 90.0]])
    moved = cv2.warpAffine(TISSUE, move, (SHAPE[1], SHAPE[0]), flags=cv2.INTER_CUBIC)
    noise = np.random.default_rng(1000 + seq + noise_seed).normal(0.0, 3.0, SHAPE)
    pixels = np.zeros(SHAPE, np.uint8)
    pixels[20:400, 40:520] = np.clip(moved + noise, 1, 255).astype(np.uint8)[20:400, 40:520]
    if is_rgb:
        pixels = np.repeat(pixels[..., None], 3, axis=2)
    return Frame(seq, seq * 33_333_333, None, pixels)


def drift(seq: int) -> tuple[float, float]:
    return 12.0 * np.sin(seq / 9.0), 6.0 * (1 - np.cos(seq / 7.0))


def run(tracker: Tracker, count: int, *, is_rgb: bool = False) -> list[Tracking]:
    return [tracker.track(frame(i, drift(i), is_rgb=is_rgb)) for i in range(count)]


def test_there_is_a_tracker() -> None:
    assert POINTS


def test_noise_holds_no_needle_and_nothing_unmarked(tracker: Tracker) -> None:
    rng = np.random.default_rng(1)
    for i in range(20):
        told = tracker.track(Frame(i, i * 33_333_333, None, rng.integers(0, 255, SHAPE, dtype=np.uint8)))
        assert told.structures == ()
        assert told.needle.tip.state is TipState.NONE
        assert told.needle.track in (NeedleTrack.NONE, NeedleTrack.SEARCHING)


def test_structures_of_every_kind_are_followed_in_the_order_of_their_marks(tracker: Tracker) -> None:
    marks = [FASCIA, NERVE, AIM, PLEURA]
    tracker.mark(marks, frame(0, drift(0)))
    for i, told in enumerate(run(tracker, 40)):
        assert [s.name for s in told.structures] == [m.name for m in marks]
        for mark, state in zip(marks, told.structures, strict=True):
            assert (state.kind, state.tissue, state.role) == (mark.kind, mark.tissue, mark.role)
            assert state.track is StructureTrack.TRACKED
            wanted = np.array(mark.outline_px) + drift(i)
            assert np.abs(np.array(state.outline_px) - wanted).max() < 3.0, (i, mark.name)


def test_a_name_marked_again_keeps_its_place_in_the_order(tracker: Tracker) -> None:
    tracker.mark([FASCIA, NERVE], frame(0))
    tracker.track(frame(0))
    moved = Structure("fascia", StructureKind.PLANE, Tissue.OTHER, Role.TARGET, ((160.0, 200.0), (300.0, 210.0)))
    tracker.mark([moved], frame(1))
    told = tracker.track(frame(1))
    assert [s.name for s in told.structures] == ["fascia", "nerve"]
    assert told.structures[0].outline_px[0][1] == pytest.approx(200.0, abs=1.5)


def test_clear_marks_forgets_structures_only(tracker: Tracker) -> None:
    tracker.mark([NERVE], frame(0))
    tracker.track(frame(0))
    tracker.clear_marks()
    assert tracker.track(frame(1)).structures == ()


def test_start_forgets(tracker: Tracker) -> None:
    tracker.mark([NERVE], frame(0))
    first = run(tracker, 12)
    tracker.start(GEOMETRY)
    assert tracker.track(frame(0)).structures == ()
    tracker.start(GEOMETRY)
    tracker.mark([NERVE], frame(0))
    assert run(tracker, 12) == first


def test_two_runs_tell_the_same(tracker: Tracker) -> None:
    other = type(tracker)()
    other.start(GEOMETRY)
    for each in (tracker, other):
        each.mark([NERVE, AIM], frame(0))
    assert run(tracker, 15) == run(other, 15)


def test_repeats_add_no_evidence(tracker: Tracker) -> None:
    tracker.mark([NERVE], frame(0))
    told = run(tracker, 10)[-1]
    again = frame(9, drift(9))
    for i in range(10, 30):
        repeated = tracker.track(Frame(i, i * 33_333_333, None, again.pixels.copy()))
        assert repeated.needle.confidence <= told.needle.confidence
        assert repeated.structures[0].outline_px == told.structures[0].outline_px
        assert repeated.structures[0].confidence <= told.structures[0].confidence


def test_grey_and_rgb_tell_the_same(tracker: Tracker) -> None:
    tracker.mark([NERVE], frame(0))
    grey = run(tracker, 8)
    tracker.start(GEOMETRY)
    tracker.mark([NERVE], frame(0, is_rgb=True))
    colour = run(tracker, 8, is_rgb=True)
    for a, b in zip(grey, colour, strict=True):
        assert np.abs(np.array(a.structures[0].outline_px) - np.array(b.structures[0].outline_px)).max() < 0.5


def test_a_structure_that_is_gone_is_lost_within_a_third_of_a_second_and_comes_back(tracker: Tracker) -> None:
    tracker.mark([NERVE], frame(0))
    run(tracker, 10)
    rng = np.random.default_rng(5)
    states = []
    for i in range(10, 32):
        noise = np.zeros(SHAPE, np.uint8)
        noise[20:400, 40:520] = rng.integers(0, 40, (380, 480), dtype=np.uint8)
        states.append(tracker.track(Frame(i, i * 33_333_333, None, noise)).structures[0])
    assert states[11].track is StructureTrack.LOST
    assert states[11].outline_px == ()
    for i in range(32, 60):
        back = tracker.track(frame(i, (30.0, -8.0))).structures[0]
    assert back.track is StructureTrack.TRACKED
    assert np.abs(np.array(back.outline_px) - (np.array(NERVE.outline_px) + np.array([30.0, -8.0]))).max() < 3.0


def test_the_frame_is_not_changed(tracker: Tracker) -> None:
    picture = frame(0)
    before = picture.pixels.copy()
    tracker.mark([NERVE], picture)
    tracker.track(picture)
    np.testing.assert_array_equal(picture.pixels, before)
    assert not picture.pixels.flags.writeable


def test_fluid_that_opens_beside_a_mark_is_said(tracker: Tracker) -> None:
    tracker.mark((NERVE,), frame(0))
    before = [tracker.track(frame(i)) for i in range(1, 45)]
    after = []
    for i in range(45, 110):
        with_pool = frame(i)
        pixels = with_pool.pixels.copy()
        cv2.ellipse(pixels, (265, 260), (min(i - 45, 40), min(i - 45, 40) // 2), 0, 0, 360, 3.0, -1)
        after.append(tracker.track(Frame(i, with_pool.time_ns, None, pixels)))
    assert all(told.spread is None for told in before)
    spread = after[-1].spread
    assert spread is not None
    assert [around.name for around in spread.around] == ["nerve"]
