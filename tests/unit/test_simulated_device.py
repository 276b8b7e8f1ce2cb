"""`sim:` as a source: paced by the clock it is given, or as fast as it is read."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from devices.simulated import SimulatedDevice, SimulatedSource
from rtguide.clock import ManualClock, SystemClock
from rtguide.errors import ConfigError, DeviceError, SourceEnded
from rtguide.model.address import parse_address
from rtguide.model.frame import SourceKind
from rtguide.model.steering import Push
from rtguide.ports import FrameSource, OpenContext, SteeredSource, TruthSource


def _refuse(address: str) -> FrameSource:
    raise DeviceError(address)


def _open(text: str, clock: ManualClock | SystemClock, *, is_paced: bool) -> SimulatedSource:
    address = parse_address(text, frozenset({"sim"}))
    source = SimulatedDevice().open(address, OpenContext(clock, is_paced, _refuse))
    assert isinstance(source, SimulatedSource)
    return source


def test_says_what_it_is_and_what_is_true() -> None:
    source = _open("sim:femoral?seconds=1&fps=20", ManualClock(), is_paced=False)
    assert isinstance(source, TruthSource)
    assert source.info.kind is SourceKind.SIMULATED
    assert source.info.frame_count == 20
    assert {s.name: s.role.value for s in source.structures()} == {"nerve": "both", "artery": "avoid", "vein": "avoid"}
    frame = source.read(0.0)
    assert frame is not None
    assert source.true_needle(frame.seq).entry_px is not None
    with pytest.raises(DeviceError, match="frame 9 is not among"):
        source.true_needle(9)


def test_marks_lie_inside_the_picture() -> None:
    source = _open("sim:tap", ManualClock(), is_paced=False)
    box = source.geometry.region.bounds()
    for structure in source.structures():
        points = np.array(structure.outline_px)
        assert points[:, 0].min() >= box.x
        assert points[:, 0].max() <= box.x + box.width


def test_unpaced_gives_every_frame_and_then_ends() -> None:
    source = _open("sim:femoral?seconds=0.2", ManualClock(), is_paced=False)
    frames = [source.read(0.0) for _ in range(6)]
    assert [frame.seq for frame in frames if frame] == list(range(6))
    assert [frame.t_device_ns for frame in frames if frame] == [round(n * 1e9 / 30) for n in range(6)]
    with pytest.raises(SourceEnded, match="has ended"):
        source.read(0.0)


@pytest.fixture
def opened() -> Iterator[Callable[[str, ManualClock | SystemClock], SimulatedSource]]:
    """Opens paced sources, and closes them after the test."""
    with ExitStack() as stack:

        def open_paced(text: str, clock: ManualClock | SystemClock) -> SimulatedSource:
            source = _open(text, clock, is_paced=True)
            stack.callback(source.close)
            return source

        yield open_paced


def test_paced_waits_for_its_time_and_a_late_reader_finds_a_gap(opened) -> None:
    clock = ManualClock()
    source = opened("sim:femoral", clock)
    first = source.read(1.0)
    assert source.read(0.01) is None
    second = source.read(0.05)
    clock.advance(0.5)
    late = source.read(0.05)
    assert first is not None
    assert second is not None
    assert late is not None
    assert (first.seq, second.seq) == (0, 1)
    assert late.seq == 16
    assert not np.array_equal(first.pixels, late.pixels)


def test_a_few_pictures_wait_for_a_late_reader_and_fewer_where_waiting_is_lag(opened) -> None:
    for text, kept in (("sim:femoral", 3), ("sim:femoral?steer=1", 1)):
        clock = ManualClock()
        source = opened(text, clock)
        assert source.read(1.0) is not None
        clock.advance((kept + 1.1) / 30.0)
        waiting = [source.read(0.0) for _ in range(kept + 1)]
        assert [frame.seq for frame in waiting if frame] == list(range(1, kept + 2))
        assert source.read(0.0) is None, "and no more than that"


def test_what_is_drawn_ahead_is_the_same_and_counts_from_the_time_it_was_due(opened) -> None:
    clock = ManualClock()
    paced = opened("sim:femoral?fps=10&seconds=1", clock)
    at_once = _open("sim:femoral?fps=10&seconds=1", ManualClock(), is_paced=False)
    for index in range(10):
        frame, same = paced.read(1.0), at_once.read(0.0)
        assert frame is not None
        assert same is not None
        assert np.array_equal(frame.pixels, same.pixels)
        assert paced.truth(index).as_line() == at_once.truth(index).as_line()
        assert frame.geometry == same.geometry
        assert frame.t_capture_ns >= index * 100_000_000
    with pytest.raises(SourceEnded, match="has ended"):
        paced.read(1.0)


def test_a_picture_that_waited_is_as_old_as_it_is(opened) -> None:
    clock = ManualClock()
    source = opened("sim:femoral?fps=10", clock)
    drawn = []
    real = source._draw
    source._ahead._draw = lambda index: (real(index), drawn.append(index))[0]
    source.read(1.0)
    for _ in range(6000):
        if drawn[-1:] == [5]:
            break
        threading.Event().wait(0.01)
    assert drawn == [0, 1, 2, 3, 4, 5], "half a second ahead, and no further"
    clock.advance(0.17)
    frame = source.read(1.0)
    assert frame is not None
    assert frame.t_capture_ns == 100_000_000, "it was there 70 ms before it was read"


def test_every_frame_says_how_large_its_own_pixels_are() -> None:
    source = _open("sim:popliteal-sciatic-hard?fps=1", ManualClock(), is_paced=False)
    frames = [frame for frame in (source.read(0.0) for _ in range(16)) if frame]
    scales = [frame.geometry.spacing_mm[0] for frame in frames if frame.geometry and frame.geometry.spacing_mm]
    assert scales[:14] == [scales[0]] * 14
    assert scales[-1] == pytest.approx(scales[0] * 40 / 45)
    assert frames[-1].geometry == source.geometry


def test_close_wakes_a_waiting_read() -> None:
    source = _open("sim:femoral?fps=1", SystemClock(), is_paced=True)
    assert source.read(1.0) is not None
    outcome: list[str] = []

    def wait() -> None:
        try:
            source.read(60.0)
        except SourceEnded as ended:
            outcome.append(str(ended))

    thread = threading.Thread(target=wait, name="rtguide-test-read")
    thread.start()
    source.close()
    source.close()
    thread.join(10.0)
    assert outcome == ["the simulation was closed"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sim:nowhere", "no scenario 'nowhere'; there are: .*femoral"),
        (
            "sim:femoral?speed=2",
            "unknown option 'speed'; known here: seed, fps, seconds, steer, layout, size, scanner, dropped",
        ),
        ("sim:femoral?fps=0", "give a number from 1 to 120"),
        ("sim:femoral?layout=desk", "layout: Input should be 'bare'"),
        ("sim:femoral?size=big", "write width x height"),
        ("sim:femoral?scanner=2", "give a number from 5 to 120"),
        ("sim:femoral?steer=1&scanner=25", "scanner and dropped are for planned scenarios"),
    ],
)
def test_a_wrong_address_says_how_to_write_it(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        _open(text, ManualClock(), is_paced=False)


def test_lists_its_scenarios_and_reads_no_paths() -> None:
    device = SimulatedDevice()
    assert "sim:femoral" in [listing.address for listing in device.list()]
    assert replace(device.list()[0]).description


def test_never_claims_a_path(tmp_path) -> None:
    assert SimulatedDevice().sniff(tmp_path, b"") == 0


def test_a_scenario_file_of_ones_own_opens_in_place_of_a_name(tmp_path) -> None:
    path = tmp_path / "my.toml"
    path.write_text('name = "own"\ntitle = "Own"\nsummary = "x"\n[[layers]]\nkind = "muscle"\n', encoding="utf-8")
    source = _open(f"sim:{path}?seed=2&fps=10", ManualClock(), is_paced=False)
    assert source.info.name == "Own"
    assert source.read(0.0) is not None
    assert source.steered_address == f"sim:{path}?seed=2&fps=10&steer=1"
    assert _open(source.steered_address, ManualClock(), is_paced=False).hands is not None


def test_screen_and_stream_are_asked_for_in_the_address() -> None:
    source = _open("sim:femoral?fps=60&layout=cart&size=640x480&scanner=20&seconds=1", ManualClock(), is_paced=False)
    assert source.info.shape_px == (480, 640)
    pixels = [frame.pixels for _ in range(60) if (frame := source.read(0.0)) is not None]
    assert 18 <= sum(not np.array_equal(a, b) for a, b in pairwise(pixels)) <= 20
    assert source.steered_address == "sim:femoral?seed=1&fps=60&steer=1&layout=cart&size=640x480"


def test_steered_it_has_hands_and_its_plan_has_none() -> None:
    planned = _open("sim:femoral?seed=4&fps=20", ManualClock(), is_paced=False)
    assert isinstance(planned, SteeredSource)
    assert planned.hands is None
    assert planned.steered_address == "sim:femoral?seed=4&fps=20&steer=1"
    steered = _open(planned.steered_address, ManualClock(), is_paced=False)
    assert steered.hands is not None
    steered.read(0.0)
    before = steered.hands.state()
    assert before.length_mm > 0
    steered.hands.push(Push(advance_mm_s=10.0))
    for _ in range(2):
        steered.read(0.0)
    assert steered.hands.state().inserted_mm == pytest.approx(before.inserted_mm + 0.5, abs=0.01)


def test_a_simulation_that_falls_behind_says_so_while_it_does(opened) -> None:
    clock = ManualClock()
    source = opened("sim:femoral?fps=10", clock)
    for _ in range(25):
        assert source.read(1.0) is not None
    assert source.warnings == ()
    for _ in range(20):
        clock.advance(0.2)
        source.read(1.0)
    (warning,) = source.warnings
    assert "too slow: 5 of 10 pictures/s" in warning
    for _ in range(35):
        source.read(1.0)
    assert source.warnings == ()
