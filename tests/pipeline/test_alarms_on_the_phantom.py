"""Every alarm about needle and structures on a simulated patient, from what is true to what stands: within 200 ms.

A tracker that knows the truth takes the place of the real one, so that the delay is the alarms' own; the time is that
of the frames.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from rtguide.clock import ManualClock
from rtguide.guidance import guide
from rtguide.model.frame import Frame, SourceInfo, SourceKind
from rtguide.model.geometry import ImageGeometry
from rtguide.model.limits import AlarmLimits
from rtguide.model.needle import NeedleState, NeedleTrack, TipState
from rtguide.model.plan import Plan
from rtguide.model.scene import Scene, Tracking
from rtguide.model.spread import SpreadSight
from rtguide.model.steering import Push
from rtguide.model.structure import Role, StructureKind, StructureTrack
from rtguide.phantom import Phantom, load_scenario
from rtguide.phantom.knowing import KnowingTracker
from rtguide.phantom.practice import Practice
from rtguide.phantom.steering import steerable
from rtguide.pipeline.engine import Engine, EngineParts
from scripted import ScriptedFinder

RATE_HZ = 30.0
LATEST_S = 0.2


@dataclass
class Play:
    """A patient in hand. scenes: (time in s, scene, what the tracker said)."""

    phantom: Phantom
    scenes: list[tuple[float, Scene, Tracking]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.practice, self.tracker = Practice(self.phantom), KnowingTracker()
        info = SourceInfo("phantom", SourceKind.SIMULATED, self.phantom.shape_px, RATE_HZ)
        parts = EngineParts(self.tracker, ScriptedFinder(), ManualClock())
        self.engine = Engine(info, self.phantom.geometry, parts)
        self.index = 0

    def go(self, push: Push, seconds: float, until: Callable[[Tracking], bool] = lambda _: False) -> None:
        """Hold this push, for so long or until the truth is as wanted."""
        for _ in range(round(seconds * RATE_HZ)):
            self.practice.push(push, self.index / RATE_HZ)
            pixels, self.tracker.truth, _ = self.practice.frame(self.index)
            time_ns = round(self.index * 1e9 / RATE_HZ)
            scene = self.engine.process(Frame(self.index, time_ns, time_ns, pixels))
            self.scenes.append((self.index / RATE_HZ, scene, self.tracker.said))
            self.index += 1
            if until(self.tracker.said):
                return

    def delay_s(self, code: str, since: Callable[[Tracking], bool]) -> float:
        """From the first frame of which that is true to the first in which the alarm stands."""
        begins = next(time for time, _, said in self.scenes if since(said))
        stands = next(t for t, scene, _ in self.scenes if code in [a.code for a in scene.guidance.alarms])
        return stands - begins

    def stands(self, code: str) -> bool:
        """Whether it stands in the last frame."""
        return code in [alarm.code for alarm in self.scenes[-1][1].guidance.alarms]


@pytest.fixture(scope="module")
def patient() -> Phantom:
    return Phantom(steerable(load_scenario("femoral")), seed=1, rate_hz=RATE_HZ)


@pytest.fixture
def play(patient: Phantom) -> Play:
    return Play(patient)


def hidden(said: Tracking) -> bool:
    return said.needle.tip.state is TipState.HIDDEN


def as_keep_outs(said: Tracking) -> Tracking:
    """The nerve too is to be kept out of: then one way leads to every alarm of a keep-out."""
    return replace(said, structures=tuple(replace(s, role=Role.AVOID) for s in said.structures))


def raw(code: str, geometry: ImageGeometry) -> Callable[[Tracking], bool]:
    """Whether the truth of one frame alone calls for this alarm."""
    return lambda said: code in [alarm.code for alarm in guide(said, Plan(), geometry).alarms]


def test_a_path_that_meets_a_keep_out_and_a_tip_inside_it_are_said_in_time_and_cleared(play: Play) -> None:
    play.tracker.edit = as_keep_outs
    meets, inside = raw("path-meets", play.phantom.geometry), raw("tip-inside", play.phantom.geometry)
    play.go(Push(advance_mm_s=12.0), 6.0, inside)
    assert inside(play.tracker.said), "the way of the needle leads into the nerve"
    play.go(Push(), 0.3)
    assert 0.0 <= play.delay_s("path-meets", meets) <= LATEST_S
    assert 0.0 <= play.delay_s("tip-inside", inside) <= LATEST_S
    assert play.scenes[-1][1].guidance.advice == "hold"
    play.go(Push(advance_mm_s=-20.0), 1.0)
    play.go(Push(), 1.2)
    assert not play.stands("tip-inside")


def test_a_tip_that_may_be_in_a_keep_out_is_said_before_it_is(play: Play) -> None:
    """As uncertain as a tracker is: its 95 % region reaches in before the tip does."""

    def uncertain(said: Tracking) -> Tracking:
        tip = said.needle.tip
        if tip.is_seen:
            tip = replace(tip, covariance_px2=None, sigma_px=12.0)
        return replace(as_keep_outs(said), needle=replace(said.needle, tip=tip))

    play.tracker.edit = uncertain
    near, inside = raw("tip-near", play.phantom.geometry), raw("tip-inside", play.phantom.geometry)
    play.go(Push(advance_mm_s=6.0), 6.0, near)
    assert near(play.tracker.said)
    play.go(Push(), 0.3)
    assert not inside(play.tracker.said)
    assert 0.0 <= play.delay_s("tip-near", near) <= LATEST_S
    play.go(Push(advance_mm_s=-20.0), 1.0)
    play.go(Push(), 1.2)
    assert not play.stands("tip-near")


def test_a_tip_beyond_a_line_to_keep_away_from_is_said_in_time_and_cleared(play: Play) -> None:
    """A line lies level through the nerve, as a pleura would."""

    def lined(said: Tracking) -> Tracking:
        nerve = next(s for s in said.structures if s.name == "nerve")
        x, y, width, height = nerve.box_px or (0.0, 0.0, 1.0, 1.0)
        line = ((x - 300.0, y + height / 2), (x + width + 300.0, y + height / 2))
        pleura = replace(nerve, name="pleura", kind=StructureKind.LINE, role=Role.AVOID, outline_px=line)
        return replace(said, structures=(pleura,))

    play.tracker.edit = lined
    beyond = raw("tip-beyond", play.phantom.geometry)
    play.go(Push(advance_mm_s=12.0), 6.0, beyond)
    assert beyond(play.tracker.said)
    play.go(Push(), 0.3)
    assert 0.0 <= play.delay_s("tip-beyond", beyond) <= LATEST_S
    play.go(Push(advance_mm_s=-20.0), 1.0)
    play.go(Push(), 1.2)
    assert not play.stands("tip-beyond")


def test_injecting_with_the_tip_out_of_the_slice_is_said_in_time(play: Play) -> None:
    play.go(Push(advance_mm_s=10.0), 0.5)
    play.go(Push(slide_mm_s=4.0), 2.0, hidden)
    assert hidden(play.tracker.said), "the probe slid off the needle"
    play.go(Push(), 0.2)
    assert not play.stands("injecting-blind")
    started = play.index / RATE_HZ
    play.engine.set_injecting(is_injecting=True)
    play.go(Push(inject_ml_s=0.3), 0.4)
    assert 0.0 <= play.delay_s("injecting-blind", lambda _: True) - started <= LATEST_S
    play.engine.set_injecting(is_injecting=False)
    play.go(Push(), 1.2)
    assert not play.stands("injecting-blind")


def test_a_shaft_that_advances_unseen_is_said_in_time(play: Play) -> None:
    """The tip is taken away from what the tracker says, as a shadow would; the shaft is the true one."""
    play.go(Push(advance_mm_s=10.0), 0.5)

    def in_shadow(said: Tracking) -> Tracking:
        needle = said.needle
        return replace(said, needle=NeedleState(
            NeedleTrack.LOCKED, needle.mode, needle.pass_number, needle.entry_px, needle.curve_px,
            tip=replace(needle.tip, state=TipState.HIDDEN, px=None, covariance_px2=None, sigma_px=None),
        ))  # fmt: skip

    play.tracker.edit = in_shadow
    began = play.practice.state().inserted_mm
    depths: list[tuple[float, float]] = []

    def noted(_: Tracking) -> bool:
        depths.append((play.index / RATE_HZ, play.practice.state().inserted_mm - began))
        return False

    play.go(Push(advance_mm_s=8.0), 0.8, noted)
    passed = next(time for time, depth in depths if depth >= 2.0)
    assert -0.05 <= play.delay_s("blind-advance", lambda _: True) - passed <= LATEST_S


@pytest.mark.parametrize("name", ["nerve", "artery"])
def test_a_structure_that_is_lost_with_the_needle_in_is_said_in_time(play: Play, name: str) -> None:
    play.go(Push(advance_mm_s=10.0), 0.3)
    lost_at = play.index / RATE_HZ

    def losing(said: Tracking) -> Tracking:
        states = (
            replace(s, track=StructureTrack.LOST, outline_px=()) if s.name == name else s for s in said.structures
        )
        return replace(said, structures=tuple(states))

    play.tracker.edit = losing
    play.go(Push(), 0.3)
    assert 0.0 <= play.delay_s("not-followed", lambda _: True) - lost_at <= LATEST_S
    play.tracker.edit = lambda said: said
    play.go(Push(), 1.2)
    assert not play.stands("not-followed")


def test_a_nerve_that_swells_while_injecting_is_said_in_time(play: Play) -> None:
    play.engine.set_injecting(is_injecting=True)
    play.go(Push(), 0.3)
    swelled_at = play.index / RATE_HZ

    def swelling(said: Tracking) -> Tracking:
        grown = []
        for state in said.structures:
            cx, cy = state.centre_px or (0.0, 0.0)
            outline = tuple((cx + 1.1 * (x - cx), cy + 1.1 * (y - cy)) for x, y in state.outline_px)
            grown.append(replace(state, outline_px=outline))
        return replace(said, structures=tuple(grown))

    play.tracker.edit = swelling
    play.go(Push(), 0.4)
    assert 0.0 <= play.delay_s("nerve-grows", lambda _: True) - swelled_at <= LATEST_S


def test_injecting_without_any_spread_is_said_in_time_and_cleared_by_fluid(play: Play) -> None:
    """The fluid is taken away from what the tracker says, as if it went into a vessel; then it is given back."""
    limit_s = AlarmLimits().no_spread_s
    play.tracker.edit = lambda said: replace(said, spread_sight=SpreadSight.NONE)
    play.engine.set_injecting(is_injecting=True)
    began = play.index / RATE_HZ
    play.go(Push(), limit_s + 0.4)
    due = began + limit_s
    assert -0.05 <= play.delay_s("no-spread", lambda _: True) - due <= LATEST_S
    play.tracker.edit = lambda said: replace(said, spread_sight=SpreadSight.SEEN)
    play.go(Push(), 1.2)
    assert not play.stands("no-spread")
    play.tracker.edit = lambda said: replace(said, spread_sight=SpreadSight.CANNOT_TELL)
    play.go(Push(), limit_s + 0.4)
    assert not play.stands("no-spread")
