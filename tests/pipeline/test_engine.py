from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from devices.simulated import SimulatedDevice
from rtguide.clock import ManualClock
from rtguide.errors import DeviceError
from rtguide.model.address import parse_address
from rtguide.model.calibration import Calibration
from rtguide.model.frame import Frame
from rtguide.model.geometry import ImageGeometry, Provenance
from rtguide.model.needle import NeedleHint
from rtguide.model.plan import Approach
from rtguide.model.scene import Tracking
from rtguide.model.spread import SpreadSight
from rtguide.model.structure import Role, Structure, StructureKind, Tissue, box_outline
from rtguide.phantom import Phantom, load_scenario
from rtguide.pipeline.engine import SEARCH_AGAIN_EVERY, WATCH_AFTER, Engine, EngineParts
from rtguide.ports import FrameSource, OpenContext
from scripted import GEOMETRY, INFO, SHAPE, ScriptedFinder, ScriptedTracker, make_frame

NERVE = Structure("nerve", StructureKind.STRUCTURE, Tissue.NERVE, Role.BOTH, box_outline(20, 20, 10, 8))
ARTERY = Structure("artery", StructureKind.STRUCTURE, Tissue.ARTERY, Role.AVOID, box_outline(40, 20, 6, 6))


def make_engine(
    tracker: ScriptedTracker,
    geometry: ImageGeometry | None = GEOMETRY,
    finder: ScriptedFinder | None = None,
    mm_per_px: float | None = None,
) -> Engine:
    return Engine(INFO, geometry, EngineParts(tracker, finder or ScriptedFinder(), ManualClock(), mm_per_px))


def names(engine: Engine, seq: int) -> list[str]:
    return [state.name for state in engine.process(make_frame(seq)).tracking.structures]


def test_the_sources_own_geometry_is_used_and_not_looked_for() -> None:
    tracker, finder = ScriptedTracker(), ScriptedFinder()
    scene = make_engine(tracker, finder=finder).process(make_frame(0))
    assert scene.geometry == GEOMETRY
    assert scene.is_region_known
    assert finder.tries == 0


def test_a_region_that_is_not_found_is_looked_for_again() -> None:
    tracker, finder = ScriptedTracker(), ScriptedFinder(succeeds_at=2)
    engine = make_engine(tracker, geometry=None, finder=finder)
    scenes = [engine.process(make_frame(seq)) for seq in range(SEARCH_AGAIN_EVERY + 1)]
    assert not scenes[0].is_region_known
    assert scenes[0].geometry == ImageGeometry.whole_frame(SHAPE)
    assert scenes[-1].is_region_known
    assert scenes[-1].geometry.region == GEOMETRY.region
    assert finder.tries == 2
    assert len(tracker.starts) == 2


def test_the_user_may_take_the_whole_frame() -> None:
    finder = ScriptedFinder(succeeds_at=99)
    engine = make_engine(ScriptedTracker(), geometry=None, finder=finder)
    assert not engine.process(make_frame(0)).is_region_known
    engine.accept_whole_frame()
    assert engine.process(make_frame(1)).is_region_known
    for seq in range(2, 2 + SEARCH_AGAIN_EVERY):
        engine.process(make_frame(seq))
    assert finder.tries == 1


def test_the_users_scale_counts_as_verified() -> None:
    geometry = replace(GEOMETRY, spacing_mm=None, provenance=Provenance.GUESS)
    scene = make_engine(ScriptedTracker(), geometry, mm_per_px=0.05).process(make_frame(0))
    assert scene.geometry.spacing_mm == (0.05, 0.05)
    assert scene.geometry.provenance is Provenance.USER
    assert scene.geometry.is_verified


def test_marks_keep_their_order_and_are_replaced_by_name() -> None:
    engine = make_engine(ScriptedTracker())
    engine.mark([NERVE])
    engine.mark([ARTERY])
    assert names(engine, 0) == ["nerve", "artery"]
    moved = replace(NERVE, outline_px=box_outline(30, 20, 10, 8))
    engine.mark([moved])
    assert names(engine, 1) == ["nerve", "artery"]
    scene = engine.process(make_frame(2))
    assert scene.tracking.structures[0].outline_px == moved.outline_px
    assert scene.plan.structures == (moved, ARTERY)
    engine.clear_marks()
    assert names(engine, 3) == []


def test_a_hint_reaches_a_tracker_that_takes_hints_once_with_its_frame() -> None:
    told = []

    class Hinted(ScriptedTracker):
        def hint(self, hint: NeedleHint, frame: Frame) -> None:
            told.append((hint, frame.seq))

    for tracker in (Hinted(), ScriptedTracker()):
        engine = make_engine(tracker)
        engine.hint(NeedleHint(((3.0, 4.0),)), make_frame(7))
        for seq in (8, 9):
            assert engine.process(make_frame(seq)).fault is None
    assert told == [(NeedleHint(((3.0, 4.0),)), 7)]


def test_where_the_plan_expects_the_needle_reaches_a_tracker_that_takes_plans() -> None:
    told = []

    class Planning(ScriptedTracker):
        def expect(self, approach: Approach) -> None:
            told.append(approach)

    for tracker in (Planning(), ScriptedTracker()):
        engine = make_engine(tracker)
        engine.expect(Approach.IN_PLANE_LEFT)
        for seq in (0, 1):
            assert engine.process(make_frame(seq)).fault is None
    assert told == [Approach.IN_PLANE_LEFT]


def test_a_marked_point_to_reach_is_the_aim() -> None:
    engine = make_engine(ScriptedTracker())
    engine.mark([NERVE, Structure("aim", StructureKind.POINT, Tissue.OTHER, Role.TARGET, ((31.0, 24.0),))])
    assert engine.process(make_frame(0)).plan.aim == "aim"


def test_a_tracker_that_raises_is_restarted_and_the_scene_says_so() -> None:
    tracker = ScriptedTracker()
    tracker.bad = {1}
    engine = make_engine(tracker)
    engine.mark([NERVE])
    assert engine.process(make_frame(0)).fault is None
    scene = engine.process(make_frame(1))
    assert scene.fault is not None
    assert "ZeroDivisionError: a bad frame" in scene.fault
    assert scene.tracking.needle.tip.px is None
    after = engine.process(make_frame(2))
    assert after.fault is None
    assert after.tracking.structures == ()
    assert len(tracker.starts) == 2


def test_a_tracker_that_fails_to_take_a_mark_is_restarted_and_the_scene_says_so() -> None:
    class Refusing(ScriptedTracker):
        def mark(self, structures: Sequence[Structure], frame: Frame) -> None:
            raise ZeroDivisionError("a bad mark")

    tracker = Refusing()
    engine = make_engine(tracker)
    assert engine.process(make_frame(0)).fault is None
    engine.mark([NERVE])
    scene = engine.process(make_frame(1))
    assert "ZeroDivisionError: a bad mark" in str(scene.fault)
    assert scene.plan.structures == ()
    assert len(tracker.starts) == 2


@pytest.mark.parametrize(("changes", "is_frozen"), [(False, True), (True, False)])
def test_a_picture_that_does_not_change_is_frozen_after_a_second(changes: bool, is_frozen: bool) -> None:
    engine = make_engine(ScriptedTracker())
    scenes = [engine.process(make_frame(seq, seed=seq if changes else 7)) for seq in range(40)]
    assert scenes[-1].is_frozen is is_frozen
    assert not scenes[20].is_frozen


class Dry(ScriptedTracker):
    """Would see fluid, and sees none."""

    def track(self, frame: Frame) -> Tracking:
        return replace(super().track(frame), spread_sight=SpreadSight.NONE)


@pytest.mark.parametrize("is_live", [True, False])
def test_a_frozen_picture_is_no_proof_that_nothing_spreads(is_live: bool) -> None:
    engine = make_engine(Dry())
    engine.set_injecting(is_injecting=True)
    scenes = [engine.process(make_frame(seq, seed=seq if is_live else 7)) for seq in range(130)]
    assert any(alarm.code == "no-spread" for scene in scenes for alarm in scene.guidance.alarms) is is_live


def test_a_clock_outside_the_region_does_not_hide_a_frozen_picture() -> None:
    engine = make_engine(ScriptedTracker())
    still = make_frame(0).pixels
    scene = None
    for seq in range(40):
        pixels = still.copy()
        pixels[:4, :] = seq
        scene = engine.process(Frame(seq, 0, seq * 33_000_000, pixels))
    assert scene is not None
    assert scene.is_frozen


def test_a_frame_of_another_size_gets_a_geometry_of_its_own() -> None:
    tracker = ScriptedTracker()
    engine = make_engine(tracker, finder=ScriptedFinder(succeeds_at=99))
    engine.process(make_frame(0))
    small = Frame(1, 0, 33_000_000, np.zeros((30, 40), np.uint8))
    scene = engine.process(small)
    assert scene.geometry.shape_px == (30, 40)
    assert not scene.is_region_known
    assert len(tracker.starts) == 2


def test_a_source_that_says_its_depth_has_changed_takes_the_old_millimetres_with_it() -> None:
    tracker = ScriptedTracker()
    deeper = replace(GEOMETRY, spacing_mm=(0.2, 0.2))
    engine = make_engine(tracker, mm_per_px=0.05)
    engine.mark([NERVE])
    before = engine.process(replace(make_frame(0), geometry=GEOMETRY))
    after = engine.process(replace(make_frame(1), geometry=deeper))
    later = engine.process(replace(make_frame(2), geometry=deeper))
    silent = engine.process(make_frame(3))
    assert before.geometry.spacing_mm == (0.05, 0.05), "the user's scale holds for the picture it was given for"
    assert before.fault is None
    assert [scene.geometry for scene in (after, later, silent)] == [deeper] * 3
    assert after.plan.structures == ()
    assert after.fault is not None
    assert "mark it again" in after.fault
    assert later.fault is None
    assert tracker.starts == [before.geometry, deeper]
    unscaled = engine.process(replace(make_frame(4), geometry=replace(GEOMETRY, spacing_mm=None)))
    assert unscaled.geometry.spacing_mm is None


def test_millimetres_of_a_simulation_are_those_of_each_frame_through_a_change_of_depth() -> None:
    address = parse_address("sim:popliteal-sciatic-hard?fps=1&seconds=20", frozenset({"sim"}))

    def refuse(text: str) -> FrameSource:
        raise DeviceError(text)

    source = SimulatedDevice().open(address, OpenContext(ManualClock(), False, refuse))
    truth = Phantom(load_scenario("popliteal-sciatic-hard"), seed=1, rate_hz=1.0)
    engine = Engine(source.info, source.geometry, EngineParts(ScriptedTracker(), ScriptedFinder(), ManualClock()))
    scales = []
    for index in range(16):  # the depth changes before the fifteenth
        frame = source.read(0.0)
        assert frame is not None
        scales.append(engine.process(frame).geometry.spacing_mm)
        assert scales[-1] == truth.truth(index).mm_per_px
    assert len(set(scales)) == 2


class ScriptedWatch:
    """Says that the screen has changed when it is told to."""

    def __init__(self, reading: ImageGeometry | None = None) -> None:
        self.reading, self.starts, self.what = reading, 0, None
        self.against: str | None = None

    def start(self, pixels: np.ndarray, geometry: ImageGeometry) -> Calibration | None:
        del pixels, geometry
        self.starts, self.what = self.starts + 1, None
        return None if self.reading is None else Calibration("depth_scale", self.reading, (), 1.0, "scripted")

    def contradiction(self, pixels: np.ndarray, geometry: ImageGeometry) -> str | None:
        del pixels, geometry
        return self.against

    def change(self, pixels: np.ndarray) -> str | None:
        del pixels
        return self.what


@pytest.mark.parametrize("provenance", [Provenance.DICOM, Provenance.DEVICE])
def test_a_sources_scale_that_the_ruler_contradicts_is_withheld_and_said_as_long_as_it_stands(
    provenance: Provenance,
) -> None:
    watch, given = ScriptedWatch(), replace(GEOMETRY, spacing_mm=(0.1, 0.1), provenance=provenance)
    watch.against = "ticks every 60 px would be 6 mm"
    engine = Engine(INFO, given, EngineParts(ScriptedTracker(), ScriptedFinder(), ManualClock(), watch=watch))
    scenes = [engine.process(make_frame(seq)) for seq in range(4)]
    assert not any(scene.geometry.is_verified for scene in scenes)
    assert {scene.fault for scene in scenes} == {"millimetres are withheld: ticks every 60 px would be 6 mm"}
    watch.against = None
    ruler = replace(given, spacing_mm=(0.12, 0.12), provenance=Provenance.RULER_ACCEPTED)
    engine.accept_geometry(ruler)
    accepted = engine.process(make_frame(5))
    assert accepted.geometry.is_verified
    assert accepted.fault is None


def test_the_users_own_scale_that_the_ruler_contradicts_is_kept_and_said() -> None:
    watch = ScriptedWatch()
    watch.against = "ticks every 60 px would be 6 mm"
    parts = EngineParts(ScriptedTracker(), ScriptedFinder(), ManualClock(), 0.1, watch=watch)
    engine = Engine(INFO, None, parts)
    scenes = [engine.process(make_frame(seq)) for seq in range(4)]
    assert all(scene.geometry.is_verified for scene in scenes)
    assert all("your scale does not fit the screen" in str(scene.fault) for scene in scenes)


def test_a_changed_screen_withholds_millimetres_in_that_very_frame() -> None:
    watch, finder = ScriptedWatch(replace(GEOMETRY, spacing_mm=(0.2, 0.2))), ScriptedFinder()
    parts = EngineParts(ScriptedTracker(), finder, ManualClock(), 0.1, watch=watch)
    engine = Engine(INFO, None, parts)
    scenes = [engine.process(make_frame(seq)) for seq in range(WATCH_AFTER + 3)]
    assert all(scene.geometry.is_verified for scene in scenes)
    assert watch.starts == 1
    watch.what = "the ruler"
    scene = engine.process(make_frame(20))
    assert not scene.geometry.is_verified
    assert scene.geometry.spacing_mm == (0.2, 0.2)
    assert "the ruler has changed" in str(scene.fault)
    assert str(scene.fault).count("withheld until you accept") == 1
    after = engine.process(make_frame(21))
    assert after.fault is None
    assert not after.geometry.is_verified
    assert watch.starts == 2


def test_the_users_scale_is_watched_over_where_no_picture_is_found() -> None:
    watch = ScriptedWatch()
    parts = EngineParts(ScriptedTracker(), ScriptedFinder(succeeds_at=99), ManualClock(), 0.1, watch=watch)
    engine = Engine(INFO, None, parts)
    scenes = [engine.process(make_frame(seq)) for seq in range(WATCH_AFTER + 3)]
    assert all(scene.geometry.is_verified and not scene.is_region_known for scene in scenes)
    assert watch.starts == 1
    said = [scene.fault for scene in scenes if scene.fault is not None]
    assert len(said) == 1, "nothing to watch by: said once"
    assert "a change of depth will go unnoticed" in said[0]
    watch.what = "the ruler"
    scene = engine.process(make_frame(WATCH_AFTER + 3))
    assert not scene.geometry.is_verified
    assert "the ruler has changed" in str(scene.fault)


def test_a_screen_without_picture_and_scale_is_not_watched() -> None:
    watch = ScriptedWatch()
    parts = EngineParts(ScriptedTracker(), ScriptedFinder(succeeds_at=99), ManualClock(), watch=watch)
    engine = Engine(INFO, None, parts)
    assert [engine.process(make_frame(seq)).fault for seq in range(WATCH_AFTER + 3)] == [None] * (WATCH_AFTER + 3)
    assert watch.starts == 0


def test_a_stored_profile_of_the_new_screen_is_applied_and_said() -> None:
    watch, finder = ScriptedWatch(), ScriptedFinder()
    engine = Engine(INFO, None, EngineParts(ScriptedTracker(), finder, ManualClock(), watch=watch))
    for seq in range(WATCH_AFTER + 1):
        engine.process(make_frame(seq))
    known = replace(GEOMETRY, spacing_mm=(0.3, 0.3), provenance=Provenance.PROFILE)
    finder.calibrate = lambda frames: Calibration("profile", known, (), 1.0, "scripted")  # type: ignore[method-assign]
    watch.what = "the picture's border"
    scene = engine.process(make_frame(20))
    assert scene.geometry == known
    assert "the stored profile of this screen is applied" in str(scene.fault)


def test_a_source_that_knows_its_own_picture_is_not_watched() -> None:
    watch = ScriptedWatch()
    engine = Engine(INFO, GEOMETRY, EngineParts(ScriptedTracker(), ScriptedFinder(), ManualClock(), watch=watch))
    for seq in range(WATCH_AFTER + 3):
        engine.process(make_frame(seq))
    assert watch.starts == 0


def test_what_the_user_accepts_counts_from_the_next_frame() -> None:
    tracker = ScriptedTracker()
    engine = Engine(INFO, None, EngineParts(tracker, ScriptedFinder(succeeds_at=99), ManualClock()))
    assert not engine.process(make_frame(0)).is_region_known
    accepted = replace(GEOMETRY, spacing_mm=(0.2, 0.2), provenance=Provenance.RULER_ACCEPTED)
    engine.accept_geometry(replace(accepted, shape_px=(1, 1)))
    assert engine.process(make_frame(1)).geometry.spacing_mm is None
    engine.accept_geometry(accepted)
    scenes = [engine.process(make_frame(seq)) for seq in (2, 3)]
    assert [scene.geometry for scene in scenes] == [accepted, accepted]
    assert scenes[0].is_region_known
    assert tracker.starts[-1] == accepted


def test_marking_a_nerve_anew_while_injecting_is_no_swelling() -> None:
    engine = Engine(INFO, GEOMETRY, EngineParts(ScriptedTracker(), ScriptedFinder(), ManualClock()))

    def nerve(width: float) -> Structure:
        outline = box_outline(40.0, 30.0, width, 10.0)
        return Structure("nerve", StructureKind.STRUCTURE, Tissue.NERVE, Role.BOTH, outline)

    engine.mark([nerve(10.0)])
    engine.set_injecting(is_injecting=True)
    scenes = [engine.process(make_frame(seq)) for seq in range(30)]
    engine.mark([nerve(12.5)])
    scenes += [engine.process(make_frame(seq)) for seq in range(30, 60)]
    assert not any(alarm.code == "nerve-grows" for scene in scenes for alarm in scene.guidance.alarms)
