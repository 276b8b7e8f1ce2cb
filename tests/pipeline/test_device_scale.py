"""A scale that a device tells without knowing where the picture lies: taken, held against others, dropped in time."""

from dataclasses import replace

from rtguide.clock import ManualClock
from rtguide.model.frame import Frame
from rtguide.model.geometry import ImageGeometry, Provenance
from rtguide.pipeline.engine import WATCH_AFTER, Engine, EngineParts
from scripted import GEOMETRY, INFO, ScriptedFinder, ScriptedTracker, make_frame


class ScriptedWatch:
    """Sees what it is told to see."""

    def __init__(self) -> None:
        self.what: str | None = None
        self.against: str | None = None

    def start(self, *_: object) -> None:
        """Learns nothing."""

    def contradiction(self, *_: object) -> str | None:
        return self.against

    def change(self, *_: object) -> str | None:
        return self.what


def told(seq: int, spacing_mm: tuple[float, float] | None) -> Frame:
    return replace(make_frame(seq), spacing_mm=spacing_mm)


def device_engine(watch: ScriptedWatch, found: ImageGeometry | None = None, mm_per_px: float | None = None) -> Engine:
    finder = ScriptedFinder()
    if found is not None:
        finder.geometry = found
    return Engine(INFO, None, EngineParts(ScriptedTracker(), finder, ManualClock(), mm_per_px, watch=watch))


UNSCALED = replace(GEOMETRY, spacing_mm=None, provenance=Provenance.GUESS)


def test_what_a_device_tells_of_its_pixels_counts_where_the_picture_lies_and_follows_it() -> None:
    engine = device_engine(ScriptedWatch(), UNSCALED)
    scenes = [engine.process(told(seq, (0.1, 0.12))) for seq in range(3)]
    assert all(scene.geometry.is_verified and scene.fault is None for scene in scenes)
    assert scenes[-1].geometry == replace(UNSCALED, spacing_mm=(0.1, 0.12), provenance=Provenance.DEVICE)
    assert engine.process(told(3, (0.2, 0.2))).geometry.spacing_mm == (0.2, 0.2)
    assert engine.process(told(4, None)).geometry.spacing_mm is None


def test_a_device_that_the_ruler_contradicts_is_withheld_and_it_is_said_why() -> None:
    watch = ScriptedWatch()
    watch.against = "ticks every 60 px would be 6 mm"
    engine = device_engine(watch, UNSCALED)
    scenes = [engine.process(told(seq, (0.1, 0.1))) for seq in range(3)]
    assert not any(scene.geometry.is_verified for scene in scenes)
    assert {scene.fault for scene in scenes} == {"millimetres are withheld: ticks every 60 px would be 6 mm"}


def test_a_device_that_goes_on_telling_the_same_of_a_changed_screen_is_not_believed() -> None:
    watch = ScriptedWatch()
    engine = device_engine(watch, UNSCALED)
    assert all(engine.process(told(seq, (0.1, 0.1))).geometry.is_verified for seq in range(WATCH_AFTER + 2))
    watch.what = "the picture's border"
    changed = engine.process(told(20, (0.1, 0.1)))
    assert not changed.geometry.is_verified
    assert "has changed" in str(changed.fault)
    watch.what = None
    assert not any(engine.process(told(seq, (0.1, 0.1))).geometry.is_verified for seq in range(21, 25))
    assert engine.process(told(25, (0.15, 0.15))).geometry.is_verified, "it tells the new size"


def test_a_profile_that_is_not_what_the_device_tells_is_withheld_and_the_users_word_kept() -> None:
    profile = replace(GEOMETRY, spacing_mm=(0.1, 0.1), provenance=Provenance.PROFILE)
    agreeing = device_engine(ScriptedWatch(), profile).process(told(0, (0.101, 0.1)))
    assert agreeing.geometry == profile
    scene = device_engine(ScriptedWatch(), profile).process(told(0, (0.103, 0.103)))
    assert not scene.geometry.is_verified
    assert "millimetres are withheld: the scale of the profile is 0.10000×0.10000 mm" in str(scene.fault)
    users = device_engine(ScriptedWatch(), UNSCALED, 0.2).process(told(0, (0.1, 0.1)))
    assert users.geometry.spacing_mm == (0.2, 0.2)
    assert users.geometry.is_verified
    assert "your scale is 0.20000×0.20000 mm a pixel, the device tells 0.10000" in str(users.fault)
