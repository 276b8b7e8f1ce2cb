"""What several frames together say: a blind advance, a blind injection, a nerve that swells."""

import itertools
import math
from dataclasses import replace

from rtguide.guidance.timed_alarms import TimedAlarms
from rtguide.model.geometry import ImageGeometry, Provenance, RectRegion
from rtguide.model.limits import AlarmLimits
from rtguide.model.needle import HiddenReason, NeedleMode, NeedleState, NeedleTrack, Tip, TipState
from rtguide.model.scene import Tracking
from rtguide.model.spread import SpreadSight
from rtguide.model.structure import Role, StructureKind, StructureState, StructureTrack, Tissue, box_outline

REGION = RectRegion(0, 0, 800, 600)
SCALED = ImageGeometry((600, 800), REGION, (0.1, 0.1), Provenance.USER)
GUESSED = ImageGeometry((600, 800), REGION, (0.1, 0.1), Provenance.GUESS)


def shaft(end_x: float, tip: TipState = TipState.HIDDEN) -> Tracking:
    """A level shaft whose visible end lies at x."""
    reason = HiddenReason.STEEP if tip is TipState.HIDDEN else None
    at = None if tip is TipState.HIDDEN else (end_x, 100.0)
    about = Tip(tip, at, sigma_px=None if at is None else 3.0, hidden_reason=reason)
    return Tracking(NeedleState(NeedleTrack.LOCKED, entry_px=(0, 100), curve_px=((0, 100), (end_x, 100)), tip=about))


_TIMES = itertools.count(0, 33_333_333)


def codes(watch: TimedAlarms, tracking: Tracking, geometry: ImageGeometry = SCALED, *, injecting: bool = False):
    """What is so in the next frame, at 30 frames/s."""
    return [alarm.code for alarm in watch.look(tracking, geometry, next(_TIMES), is_injecting=injecting)]


def test_a_shaft_that_advances_by_the_limit_with_its_tip_hidden_is_said() -> None:
    watch = TimedAlarms(AlarmLimits(blind_advance_mm=2.0))
    said = [codes(watch, shaft(200.0 + 2.0 * n)) for n in range(13)]
    first = next(n for n, what in enumerate(said) if what)
    assert said[first] == ["blind-advance"]
    assert 10 <= first <= 12, "20 px are 2 mm; the median of three is one frame late, the start is the second frame"


def test_an_end_that_is_found_elsewhere_has_not_advanced_and_what_advances_from_there_counts() -> None:
    watch = TimedAlarms(AlarmLimits())
    assert not any(codes(watch, shaft(x)) for x in (300, 301, 200, 201, 202, 320, 321, 322, 323)), (
        "2.3 mm jumped at once"
    )
    said = [codes(watch, shaft(323.0 + 5 * n)) for n in range(1, 6)]
    assert said[-1] == ["blind-advance"]


def test_one_wrong_end_is_no_advance_and_seeing_the_tip_begins_anew() -> None:
    watch = TimedAlarms(AlarmLimits())
    assert not any(codes(watch, shaft(x)) for x in (200, 201, 202, 260, 203, 204, 205))
    codes(watch, shaft(206, TipState.SEEN))
    assert not any(codes(watch, shaft(x)) for x in (218, 219, 220, 221))


def test_without_a_verified_scale_there_are_no_millimetres_to_alarm_about() -> None:
    watch = TimedAlarms(AlarmLimits())
    assert not any(codes(watch, shaft(200.0 + 5 * n), GUESSED) for n in range(20))


def test_withdrawing_first_does_not_count_against_the_advance() -> None:
    watch = TimedAlarms(AlarmLimits())
    assert not any(codes(watch, shaft(x)) for x in (230, 225, 220, 215, 210))
    said = [codes(watch, shaft(x)) for x in (215, 220, 225, 230, 235, 235)]
    assert said[-1] == ["blind-advance"], "from the shortest, not from the first"


def test_injecting_with_the_tip_hidden_or_no_needle_at_all_is_said() -> None:
    watch = TimedAlarms(AlarmLimits())
    assert codes(watch, shaft(200), injecting=True) == ["injecting-blind"]
    assert codes(watch, Tracking(), injecting=True) == ["injecting-blind"]
    assert codes(watch, shaft(200, TipState.SEEN), injecting=True) == []
    assert codes(watch, shaft(200, TipState.PREDICTED), injecting=True) == []
    across = NeedleState(NeedleTrack.LOCKED, NeedleMode.OUT_OF_PLANE, 1, section_px=(9.0, 9.0))
    assert codes(watch, Tracking(across), injecting=True) == []
    assert codes(watch, Tracking(replace(across, section_px=None)), injecting=True) == ["injecting-blind"]
    assert codes(watch, shaft(200)) == []


def nerve(scale: float, tissue: Tissue = Tissue.NERVE, track: StructureTrack = StructureTrack.TRACKED) -> Tracking:
    outline = box_outline(300, 300, 80 * scale, 40) if track is not StructureTrack.LOST else ()
    state = StructureState("nerve", StructureKind.STRUCTURE, tissue, Role.BOTH, track, outline, 0.9)
    return Tracking(shaft(200, TipState.SEEN).needle, (), (state,))


def test_a_nerve_that_swells_while_injecting_is_said_against_the_start_of_the_injection() -> None:
    watch = TimedAlarms(AlarmLimits(nerve_growth=0.15))
    assert not any(codes(watch, nerve(1.0), injecting=True) for _ in range(6))
    assert not any(codes(watch, nerve(1.1), injecting=True) for _ in range(6)), "below the limit"
    said = [codes(watch, nerve(1.2), injecting=True) for _ in range(6)]
    assert said[3] == ["nerve-grows"], "the median of five"
    assert codes(watch, nerve(1.2)) == [], "not while nobody injects"
    assert not any(codes(watch, nerve(1.2), injecting=True) for _ in range(8)), "a new injection, a new start"


def test_vessels_and_what_is_not_tracked_do_not_count() -> None:
    watch = TimedAlarms(AlarmLimits())
    for scale in (1.0, 2.0):
        for track in (StructureTrack.COASTING, StructureTrack.LOST):
            assert not any(codes(watch, nerve(scale, track=track), injecting=True) for _ in range(6))
        assert not any(codes(watch, nerve(scale, Tissue.ARTERY), injecting=True) for _ in range(6))


def test_a_nerve_marked_anew_while_injecting_is_measured_from_then_on() -> None:
    watch = TimedAlarms(AlarmLimits(nerve_growth=0.15))
    assert not any(codes(watch, nerve(1.0), injecting=True) for _ in range(6))
    watch.marked(["nerve"])
    assert not any(codes(watch, nerve(1.2), injecting=True) for _ in range(8)), "a larger box is no swelling"
    said = [codes(watch, nerve(1.45), injecting=True) for _ in range(6)]
    assert said[-1] == ["nerve-grows"]


def fluid(sight: SpreadSight) -> Tracking:
    return Tracking(shaft(200, TipState.SEEN).needle, spread_sight=sight)


def test_injecting_without_any_spread_for_the_users_time_is_said() -> None:
    watch = TimedAlarms(AlarmLimits(no_spread_s=1.0))
    said = [codes(watch, fluid(SpreadSight.NONE), injecting=True) for _ in range(40)]
    first = next(n for n, what in enumerate(said) if what)
    assert said[first] == ["no-spread"]
    assert first == 31, "a second after the injection began"
    assert codes(watch, fluid(SpreadSight.SEEN), injecting=True) == []
    assert not any(codes(watch, fluid(SpreadSight.NONE), injecting=True) for _ in range(25)), "counted anew"
    assert codes(watch, fluid(SpreadSight.NONE)) == [], "nobody injects"
    assert not any(codes(watch, fluid(SpreadSight.NONE), injecting=True) for _ in range(25)), "a new injection"


def test_what_cannot_be_told_is_no_alarm_and_it_begins_anew() -> None:
    watch = TimedAlarms(AlarmLimits(no_spread_s=1.0))
    assert not any(codes(watch, fluid(SpreadSight.CANNOT_TELL), injecting=True) for _ in range(100))
    assert not any(codes(watch, fluid(SpreadSight.NONE), injecting=True) for _ in range(20))
    assert not any(codes(watch, fluid(SpreadSight.CANNOT_TELL), injecting=True) for _ in range(100))
    said = [codes(watch, fluid(SpreadSight.NONE), injecting=True) for _ in range(35)]
    assert said[15] == [], "before and after what cannot be told do not add up"
    assert said[-1] == ["no-spread"]


def test_an_end_that_flickers_between_two_places_advances_nowhere() -> None:
    """Small steps at each of them do not add up."""
    watch = TimedAlarms(AlarmLimits())
    ends = [
        x for n in range(12) for x in (200 + n % 3, 201 + n % 3, 202 + n % 3, 275 + n % 3, 276 + n % 3, 277 + n % 3)
    ]
    assert not any(codes(watch, shaft(x)) for x in ends)


def test_one_slip_does_not_hide_a_real_advance() -> None:
    watch = TimedAlarms(AlarmLimits(blind_advance_mm=2.0))
    said = [codes(watch, shaft(300.0 if n == 7 else 200.0 + 2.0 * n)) for n in range(15)]
    first = next(n for n, what in enumerate(said) if what)
    assert 10 <= first <= 13


def test_a_line_that_swings_while_it_grows_is_another_line() -> None:
    """A needle advances along itself."""
    watch = TimedAlarms(AlarmLimits())
    said = []
    for n in range(30):
        length, angle = 60.0 + 3.0 * n, math.radians(45.0 - 3.0 * n)
        end = (length * math.cos(angle), 100.0 + length * math.sin(angle))
        needle = replace(shaft(200).needle, curve_px=((0.0, 100.0), end))
        said += codes(watch, Tracking(needle))
    assert not said
