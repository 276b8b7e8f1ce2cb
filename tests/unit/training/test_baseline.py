"""The baselines do what they say on material where that is easy, and say nothing where nothing is."""

import numpy as np
import pytest
from numpy.typing import NDArray

from rtguide.model.frame import Frame
from rtguide.model.geometry import ImageGeometry, Provenance, RectRegion
from rtguide.model.needle import TipState
from rtguide.model.scene import Tracking
from rtguide.model.structure import Role, Structure, StructureKind, StructureTrack, Tissue, box_outline
from rtguide.opencv import cv2
from rtguide.ports import Tracker
from rtguide.training.baseline import BASELINES, STRUCTURES_ONLY

SHAPE = (420, 560)
GEOMETRY = ImageGeometry(SHAPE, RectRegion(40, 20, 480, 380), (0.1, 0.1), Provenance.USER)
NERVE = Structure("nerve", StructureKind.STRUCTURE, Tissue.NERVE, Role.BOTH, box_outline(220, 180, 90, 50))
NEAR = (40.0, 80.0)


def tissue() -> NDArray[np.float64]:
    rng = np.random.default_rng(4)
    real, imaginary = rng.normal(size=(2, 600, 760))
    envelope = np.hypot(
        cv2.GaussianBlur(real, (0, 0), 2.2, sigmaY=1.2), cv2.GaussianBlur(imaginary, (0, 0), 2.2, sigmaY=1.2)
    )
    return np.asarray(80 + 45 * np.log(envelope / envelope.mean() + 0.05), np.float64)


TISSUE = tissue()


def frame(seq: int, shift_px: tuple[float, float] = (0.0, 0.0), tip: tuple[float, float] | None = None) -> Frame:
    move = np.array([[1.0, 0.0, shift_px[0] - 100.0], [0.0, 1.0, shift_px[1] - 90.0]])
    picture = np.asarray(cv2.warpAffine(TISSUE, move, (SHAPE[1], SHAPE[0]), flags=cv2.INTER_CUBIC), np.float64)
    if tip is not None:
        line = np.zeros(SHAPE, np.uint8)
        cv2.line(line, (int(NEAR[0]), int(NEAR[1])), (round(tip[0]), round(tip[1])), 200, 4, cv2.LINE_AA)
        picture = np.maximum(picture, line)
    pixels = np.zeros(SHAPE, np.uint8)
    pixels[20:400, 40:520] = np.clip(picture, 1, 255).astype(np.uint8)[20:400, 40:520]
    return Frame(seq, seq * 33_333_333, None, pixels)


def made(name: str) -> Tracker:
    tracker = BASELINES[name]()
    tracker.start(GEOMETRY)
    return tracker


def test_the_far_end_of_a_bright_line_is_the_tip() -> None:
    tracker = made("opencv")
    for i in range(12):
        tip = (200.0 + 4 * i, 160.0 + 2 * i)
        told = tracker.track(frame(i, tip=tip)).needle
        if i >= 3:
            assert told.tip.state is TipState.SEEN
            assert told.tip.px is not None
            assert told.entry_px is not None
            assert np.hypot(told.tip.px[0] - tip[0], told.tip.px[1] - tip[1]) < 15.0
            assert np.hypot(told.entry_px[0] - NEAR[0], told.entry_px[1] - NEAR[1]) < 30.0


def test_speckle_and_noise_hold_no_needle() -> None:
    rng = np.random.default_rng(2)
    tracker = made("opencv")
    for i in range(10):
        noise = Frame(i, i * 33_333_333, None, rng.integers(0, 255, SHAPE, dtype=np.uint8))
        assert tracker.track(noise).needle.tip.state is TipState.NONE
    assert tracker.track(frame(10)).needle.tip.state is TipState.NONE


def test_without_a_needle_follower_no_needle_is_told() -> None:
    assert set(BASELINES) > STRUCTURES_ONLY
    for name in STRUCTURES_ONLY:
        tracker = made(name)
        for i in range(5):
            assert tracker.track(frame(i, tip=(260.0, 190.0))).needle.tip.state is TipState.NONE


@pytest.mark.parametrize(("name", "within_px"), [("opencv", 1.5), ("opencv-mil", 8.0)])
def test_a_structure_that_drifts_is_followed(name: str, within_px: float) -> None:
    tracker = made(name)
    tracker.mark([NERVE], frame(0))
    for i in range(15):
        shift = (1.0 * i, 0.5 * i)
        (state,) = tracker.track(frame(i, shift)).structures
        assert state.track is StructureTrack.TRACKED
        assert np.abs(np.array(state.outline_px) - (np.array(NERVE.outline_px) + shift)).max() < within_px
    assert (state.name, state.tissue, state.role) == ("nerve", Tissue.NERVE, Role.BOTH)


def test_flow_says_when_its_points_are_gone_and_a_repeat_is_told_as_before() -> None:
    tracker = made("opencv")
    tracker.mark([NERVE], frame(0))
    told: list[Tracking] = [tracker.track(frame(i)) for i in (0, 0)]
    assert told[0] == told[1]
    rng = np.random.default_rng(5)
    for i in range(1, 4):
        gone = tracker.track(Frame(i, i * 33_333_333, None, rng.integers(0, 255, SHAPE, dtype=np.uint8)))
    assert gone.structures[0].track is StructureTrack.LOST
    assert gone.structures[0].outline_px == ()
    tracker.clear_marks()
    assert tracker.track(frame(5)).structures == ()
