"""The structure tracker on synthetic tissue whose motion is known, and on real stills that are moved."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from rtguide.model.frame import Frame
from rtguide.model.geometry import ImageGeometry, Provenance, RectRegion
from rtguide.model.structure import Role, Structure, StructureKind, StructureState, StructureTrack, Tissue, box_outline
from rtguide.opencv import cv2
from rtguide.tracking.structures import StructureTracker

SHAPE = (400, 500)
GEOMETRY = ImageGeometry(SHAPE, RectRegion(0, 0, 500, 400), (0.1, 0.1), Provenance.USER)
NERVE = Structure("nerve", StructureKind.STRUCTURE, Tissue.NERVE, Role.BOTH, box_outline(200, 160, 90, 50))
MARGIN = 120
Floats = NDArray[np.float64]
Map = Callable[[int], Floats]


def speckle_slices(seed: int = 2, count: int = 5) -> list[Floats]:
    """Independent envelope fields; mixing them is what sliding the probe across the tissue does to speckle."""
    rng = np.random.default_rng(seed)
    size = (SHAPE[0] + 2 * MARGIN, SHAPE[1] + 2 * MARGIN)
    return [
        cv2.GaussianBlur(rng.normal(size=size), (0, 0), 2.4, sigmaY=1.3)
        + 1j * cv2.GaussianBlur(rng.normal(size=size), (0, 0), 2.4, sigmaY=1.3)
        for _ in range(count)
    ]


def form(outline: Structure = NERVE) -> Floats:
    """Brightness of the tissue, dB: the nerve is 6 dB brighter."""
    level = np.zeros((SHAPE[0] + 2 * MARGIN, SHAPE[1] + 2 * MARGIN))
    points = np.array(outline.outline_px) + MARGIN
    cv2.fillPoly(level, [np.round(points).astype(np.int32)], 6.0)
    return np.asarray(cv2.GaussianBlur(level, (0, 0), 2.0), np.float64)


SLICES = speckle_slices()
FORM = form()


def tissue(mix: float = 0.0) -> Floats:
    """Log-compressed picture of the tissue, MARGIN larger than the frame, after sliding past `mix` slices."""
    low = int(mix)
    turn = (mix - low) * np.pi / 2
    power = np.abs(np.cos(turn) * SLICES[low] + np.sin(turn) * SLICES[low + 1]) ** 2
    return np.asarray(100.0 + 3.2 * (10 * np.log10(power / power.mean() + 0.001) + FORM), np.float64)


STILL = tissue()


def show(picture: Floats, affine: Floats, seq: int, gain: float = 0.0) -> Frame:
    """The tissue after `affine` (2, 3) on image points, with noise; 30 pictures a second."""
    to_frame = affine @ np.array([[1.0, 0.0, -MARGIN], [0.0, 1.0, -MARGIN], [0.0, 0.0, 1.0]])
    moved = cv2.warpAffine(picture, to_frame, (SHAPE[1], SHAPE[0]), flags=cv2.INTER_CUBIC)
    noise = np.random.default_rng(900 + seq).normal(gain, 4.0, SHAPE)
    return Frame(seq, seq * 33_333_333, None, np.clip(moved + noise, 0, 255).astype(np.uint8))


def shift(x: float, y: float) -> Floats:
    return np.array([[1.0, 0.0, x], [0.0, 1.0, y]])


def moved(structure: Structure, affine: Floats) -> Floats:
    return np.array(structure.outline_px) @ affine[:, :2].T + affine[:, 2]


def follow(motion: Map, count: int, mix: Callable[[int], float] | None = None) -> list[float]:
    """Mean outline error in mm of every picture, which must all be tracked. mix: slices passed since the first."""
    tracker = StructureTracker()
    tracker.start(GEOMETRY)
    errors = []
    for i in range(count):
        frame = show(STILL if mix is None else tissue(mix(i)), motion(i), i)
        if i == 0:
            tracker.mark([NERVE], frame)
        state = tracker.track(frame)[0]
        assert state.track is StructureTrack.TRACKED, i
        errors.append(float(np.hypot(*(np.array(state.outline_px) - moved(NERVE, motion(i))).T).mean()) * 0.1)
    return errors


def test_breathing_and_sliding_are_followed_to_a_tenth_of_a_millimetre() -> None:
    errors = follow(lambda i: shift(25 * np.sin(i / 8), 15 * np.sin(i / 11)), 60)
    assert max(errors) < 0.1


def test_stretch_and_rotation_move_the_outline() -> None:
    def squeeze(i: int) -> Floats:
        grow, turn = 1 + 0.12 * np.sin(i / 9), 0.1 * np.sin(i / 7)
        linear = np.array([[grow * np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn) / grow]])
        middle = np.array([245.0, 185.0])
        return np.column_stack([linear, middle - linear @ middle])

    assert max(follow(squeeze, 50)) < 0.25


def test_speckle_that_changes_altogether_is_followed_by_the_form() -> None:
    errors = follow(lambda i: shift(0.5 * i, 4 * np.sin(i / 9)), 80, mix=lambda i: 3.0 * i / 80)
    assert np.mean(errors) < 0.3
    assert max(errors) < 0.8


def test_error_does_not_grow_as_the_probe_goes_to_and_fro() -> None:
    errors = follow(
        lambda i: shift(8 * np.sin(i / 5), 5 * np.cos(i / 7) - 5), 100, mix=lambda i: 0.7 * abs(np.sin(np.pi * i / 30))
    )
    assert np.mean(errors[:30]) < 0.25
    assert np.mean(errors[-30:]) < 0.25


@pytest.mark.parametrize("gain", [-30.0, 25.0])
def test_gain_changes_nothing(gain: float) -> None:
    tracker = StructureTracker()
    tracker.start(GEOMETRY)
    tracker.mark([NERVE], show(STILL, shift(0, 0), 0))
    state = tracker.track(show(STILL, shift(4, 2), 1, gain))[0]
    assert state.track is StructureTrack.TRACKED
    assert np.abs(np.array(state.outline_px) - moved(NERVE, shift(4, 2))).max() < 1.0


def run(frames: list[Frame], mark: Structure = NERVE) -> list[StructureState]:
    tracker = StructureTracker()
    tracker.start(GEOMETRY)
    tracker.mark([mark], frames[0])
    return [tracker.track(frame)[0] for frame in frames]


def test_leaving_the_picture_is_said_and_coming_back_is_recognised() -> None:
    def path(i: int) -> float:
        return -300.0 * np.sin(np.pi * min(i, 80) / 80) ** 2

    states = run([show(STILL, shift(path(i), 0.0), i) for i in range(100)])
    for i, state in enumerate(states):
        is_in_view = 245 + path(i) > 0
        if state.track is StructureTrack.TRACKED:
            assert is_in_view, i
            assert np.abs(np.array(state.outline_px) - moved(NERVE, shift(path(i), 0))).max() < 8.0, i
    gone = [i for i in range(100) if 245 + path(i) < 0]
    assert all(states[i].track is StructureTrack.LOST for i in gone if i > gone[0] + 10)
    assert all(state.track is StructureTrack.TRACKED for state in states[-12:])


def test_other_tissue_is_never_taken_for_it() -> None:
    frames = [show(STILL, shift(0, 0), i) for i in range(5)]
    rng = np.random.default_rng(8)
    for i in range(5, 60):
        other = tissue(1 + i // 20) - 3.2 * FORM
        frames.append(show(other, shift(*(20 * rng.normal(size=2))), i))
    states = run(frames)
    assert all(state.track is not StructureTrack.TRACKED for state in states[6:])
    assert all(state.track is StructureTrack.LOST for state in states[16:])


def vessel_at(x: float, y: float, mix: float, seq: int) -> Frame:
    """Other tissue in which a dark vessel with a bright wall lies at (x, y)."""
    level = np.zeros((SHAPE[0] + 2 * MARGIN, SHAPE[1] + 2 * MARGIN))
    middle = (round(x) + MARGIN, round(y) + MARGIN)
    cv2.ellipse(level, middle, (36, 34), 0, 0, 360, 9.0, -1)
    cv2.ellipse(level, middle, (30, 28), 0, 0, 360, -25.0, -1)
    smooth = np.asarray(cv2.GaussianBlur(level, (0, 0), 2.0), np.float64)
    return show(tissue(mix) + 3.2 * (smooth - FORM), shift(0, 0), seq)


def test_a_vessel_that_was_lost_is_not_found_again_in_its_like_elsewhere() -> None:
    """Two vessels of one shape: only the speckle around them tells which is which."""
    mark = Structure("artery", StructureKind.STRUCTURE, Tissue.ARTERY, Role.AVOID, box_outline(115, 127, 70, 66))
    frames = [vessel_at(150, 160, 0.0, i) for i in range(4)]
    frames += [vessel_at(370, 250, 2.0, i) for i in range(4, 40)]
    frames += [vessel_at(150, 160, 0.0, i) for i in range(40, 56)]
    states = run(frames, mark)
    assert all(state.track is not StructureTrack.TRACKED for state in states[5:40])
    assert states[-1].track is StructureTrack.TRACKED


def test_lost_contact_over_a_part_does_not_lose_it() -> None:
    frames = []
    for i in range(40):
        frame = show(STILL, shift(5 * np.sin(i / 6), 0), i)
        pixels = frame.pixels.copy()
        if 8 < i < 32:
            pixels[:, 250:300] //= 12
        frames.append(Frame(frame.seq, frame.t_capture_ns, None, pixels))
    for i, state in enumerate(run(frames)):
        assert state.track is StructureTrack.TRACKED, i
        assert np.abs(np.array(state.outline_px) - moved(NERVE, shift(5 * np.sin(i / 6), 0))).max() < 5.0, i


def test_a_needle_across_it_does_not_pull_it() -> None:
    frames = []
    for i in range(60):
        frame = show(STILL, shift(3 * np.sin(i / 8), 0), i)
        pixels = frame.pixels.copy()
        tip = (60 + 4 * i, 60 + 2 * i)
        cv2.line(pixels, (0, 30), tip, 255, 5)
        frames.append(Frame(frame.seq, frame.t_capture_ns, None, pixels))
    for i, state in enumerate(run(frames)):
        assert state.track is StructureTrack.TRACKED, i
        assert np.abs(np.array(state.outline_px) - moved(NERVE, shift(3 * np.sin(i / 8), 0))).max() < 4.0, i


def inject(centre: Floats, radius_px: float, count: int = 60) -> tuple[list[Frame], list[Floats]]:
    """A dark disc grows and pushes tissue radially, as an incompressible inflation does; the true outlines."""
    base = show(STILL, shift(0, 0), 0).pixels
    ys, xs = np.mgrid[0 : SHAPE[0], 0 : SHAPE[1]].astype(np.float64)
    dx, dy = xs - centre[0], ys - centre[1]
    far = np.hypot(dx, dy) + 1e-9
    frames, truth = [], []
    for i in range(count):
        radius = radius_px * min(1.0, i / 45)
        inside = far <= radius
        source = np.sqrt(np.maximum(far**2 - radius**2, 0.0)) / far
        picture = cv2.remap(
            base,
            (centre[0] + dx * source).astype(np.float32),
            (centre[1] + dy * source).astype(np.float32),
            cv2.INTER_LINEAR,
        )
        picture[inside] = 12
        frames.append(Frame(i, i * 33_333_333, None, picture))
        outline = np.array(NERVE.outline_px) - centre
        reach = np.hypot(*outline.T)[:, None]
        truth.append(centre + outline * np.sqrt(reach**2 + radius**2) / reach)
    return frames, truth


def held_share(frames: list[Frame], truth: list[Floats], most_mm: float) -> float:
    """Share of the pictures in which it is tracked; the middle is never further off than `most_mm` there."""
    held = 0
    for state, outline in zip(run(frames), truth, strict=True):
        if state.track is StructureTrack.TRACKED:
            middle = np.array(state.outline_px)
            found, true = (a.min(axis=0) + a.max(axis=0) for a in (middle, outline))
            assert np.hypot(*(found - true)) / 2 * 0.1 < most_mm
            held += 1
    return held / len(frames)


def test_injected_fluid_that_pushes_it_aside() -> None:
    assert held_share(*inject(np.array([180.0, 215.0]), 38.0), 0.8) >= 0.95


@pytest.mark.parametrize("place", [(230.0, 190.0), (290.0, 180.0)])
def test_fluid_that_opens_within_it_never_makes_a_wrong_place_tracked(place: tuple[float, float]) -> None:
    assert held_share(*inject(np.array(place), 60.0), 1.5) >= 0.2


def test_a_place_that_looks_the_same_along_a_line_is_not_called_tracked() -> None:
    """There is a bright line and nothing else: where along it the mark lies cannot be seen."""
    ys = np.repeat(np.arange(SHAPE[0], dtype=np.float64)[:, None], SHAPE[1], axis=1)
    line = 180.0 * np.exp(-(((ys - 170) / 4.0) ** 2))
    rng = np.random.default_rng(3)
    mark = Structure("artery", StructureKind.STRUCTURE, Tissue.ARTERY, Role.AVOID, box_outline(220, 165, 40, 36))
    frames = [
        Frame(i, i * 33_333_333, None, np.clip(20 + line + rng.normal(0, 3, SHAPE), 0, 255).astype(np.uint8))
        for i in range(16)
    ]
    assert all(state.track is not StructureTrack.TRACKED for state in run(frames, mark)[2:])


def test_a_place_that_jumps_about_in_noise_is_not_called_tracked() -> None:
    """In deep noise it is found somewhere near in each picture, and poorly: tissue does not move like that."""
    rng = np.random.default_rng(4)
    jumps = [(0.0, 0.0), *rng.uniform(-6.0, 6.0, (29, 2)).tolist()]
    frames = [show(STILL, shift(*at), i) for i, at in enumerate(jumps)]
    noisy = [
        replace(frame, pixels=np.clip(frame.pixels + rng.normal(0.0, 26.0, SHAPE), 0, 255).astype(np.uint8))
        for frame in frames
    ]
    states = run([frames[0], *noisy[1:]])
    assert [state.track for state in states[12:]].count(StructureTrack.TRACKED) <= 2


def test_a_mark_outside_the_picture_is_lost_from_the_start_and_stays_in_the_list() -> None:
    tracker = StructureTracker()
    tracker.start(ImageGeometry(SHAPE, RectRegion(100, 50, 300, 300), (0.1, 0.1), Provenance.USER))
    off = replace(NERVE, name="off", outline_px=box_outline(5, 5, 40, 20))
    tracker.mark([off, NERVE], show(STILL, shift(0, 0), 0))
    for i in range(12):
        states = tracker.track(show(STILL, shift(i, 0), i))
        assert [(s.name, s.track) for s in states] == [("off", StructureTrack.LOST), ("nerve", StructureTrack.TRACKED)]


def test_a_mark_made_on_an_older_picture_catches_up() -> None:
    tracker = StructureTracker()
    tracker.start(GEOMETRY)
    frames = [show(STILL, shift(2.5 * i, 0), i) for i in range(8)]
    tracker.track(frames[5])
    tracker.mark([NERVE], frames[0])
    state = tracker.track(frames[6])[0]
    assert state.track is StructureTrack.TRACKED
    assert np.abs(np.array(state.outline_px) - moved(NERVE, shift(15.0, 0))).max() < 1.5


def last_outline(frames: list[Frame], mark: Structure, geometry: ImageGeometry) -> Floats:
    tracker = StructureTracker()
    tracker.start(geometry)
    tracker.mark([mark], frames[0])
    for frame in frames:
        state = tracker.track(frame)[0]
    assert state.track is StructureTrack.TRACKED
    return np.array(state.outline_px)


def journey(vx: float, vy: float) -> list[Frame]:
    return [show(STILL, shift(vx * i, vy * i), i) for i in range(10)]


@settings(max_examples=6, deadline=None, derandomize=True)
@given(st.floats(-4, 4), st.floats(-3, 3))
def test_a_mirrored_picture_gives_the_mirrored_outline(vx: float, vy: float) -> None:
    frames = journey(vx, vy)
    mirrored = [Frame(f.seq, f.t_capture_ns, None, np.ascontiguousarray(f.pixels[:, ::-1])) for f in frames]
    mark = replace(NERVE, outline_px=tuple((SHAPE[1] - 1 - x, y) for x, y in NERVE.outline_px))
    outline, other = last_outline(frames, NERVE, GEOMETRY), last_outline(mirrored, mark, GEOMETRY)
    other[:, 0] = SHAPE[1] - 1 - other[:, 0]
    assert np.abs(outline - other).max() < 1.0


@settings(max_examples=6, deadline=None, derandomize=True)
@given(st.floats(-4, 4), st.floats(-3, 3), st.sampled_from([1.5, 2.0]))
def test_a_larger_picture_of_the_same_gives_the_same_millimetres(vx: float, vy: float, grow: float) -> None:
    frames = journey(vx, vy)
    size = (round(SHAPE[1] * grow), round(SHAPE[0] * grow))
    larger = [Frame(f.seq, f.t_capture_ns, None, np.asarray(cv2.resize(f.pixels, size), np.uint8)) for f in frames]

    def enlarged(points: Floats) -> Floats:
        return (points + 0.5) * grow - 0.5

    mark = replace(NERVE, outline_px=tuple((x, y) for x, y in enlarged(np.array(NERVE.outline_px)).tolist()))
    spacing = 0.1 / grow
    geometry = ImageGeometry(
        (size[1], size[0]), RectRegion(0, 0, size[0], size[1]), (spacing, spacing), Provenance.USER
    )
    outline, other = last_outline(frames, NERVE, GEOMETRY), last_outline(larger, mark, geometry)
    assert np.abs(enlarged(outline) - other).max() * spacing < 0.1


STILLS = ("0004", "0041", "0095", "0132", "0180", "0237")


@pytest.mark.data
@pytest.mark.parametrize("name", STILLS)
def test_real_stills_moved_with_fresh_noise(data: Path, name: str) -> None:
    path = data / "nerve_masks" / "images" / f"{name}.png"
    mask = cv2.imread(str(data / "nerve_masks" / "masks" / f"{name}.png"))
    assert mask is not None
    still = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2GRAY)
    wanted = mask[..., 2] >= 128
    count, _, stats, _ = cv2.connectedComponentsWithStats(wanted.astype(np.uint8))
    if count < 2:
        pytest.skip(f"no nerve is marked in {name}")
    x, y, width, height, _ = stats[1 + stats[1:, cv2.CC_STAT_AREA].argmax()]
    mark = Structure("nerve", StructureKind.STRUCTURE, Tissue.NERVE, Role.BOTH, box_outline(x, y, width, height))
    tracker = StructureTracker()
    tracker.start(ImageGeometry.whole_frame((still.shape[0], still.shape[1])))
    rng = np.random.default_rng(int(name))
    for i in range(40):
        affine = shift(9 * np.sin(i / 6), 6 * np.sin(i / 4.5))
        picture = cv2.warpAffine(still, affine, (still.shape[1], still.shape[0]), flags=cv2.INTER_CUBIC).astype(
            np.float64
        )
        grain = cv2.GaussianBlur(rng.normal(0.0, 1.0, still.shape), (0, 0), 1.2) * 3.0
        frame = Frame(i, i * 33_333_333, None, np.clip(picture * (1 + 0.15 * grain), 0, 255).astype(np.uint8))
        if i == 0:
            tracker.mark([mark], frame)
        state = tracker.track(frame)[0]
        assert state.track is StructureTrack.TRACKED, i
        assert np.hypot(*(np.array(state.outline_px) - moved(mark, affine)).mean(axis=0)) < 2.0, i
