"""`rtguide bench alarms`: what is wrong counts as false, what is so as true, what is not said as missed."""

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest

from rtguide.app.bench import false_alarms
from rtguide.app.bench.false_alarms import AlarmRun, as_json, watch
from rtguide.app.cli import run
from rtguide.model.frame import Frame
from rtguide.model.geometry import ImageGeometry
from rtguide.model.needle import NeedleState, NeedleTrack, Tip, TipState
from rtguide.model.scene import Tracking
from rtguide.model.structure import Structure, StructureState, StructureTrack
from rtguide.phantom import Phantom, load_scenario

RUN = AlarmRun("femoral", 1, seconds=1.0, rate_hz=20.0)


class Mistaken:
    """Takes the middle of the artery for the tip, and has lost the vein."""

    def __init__(self) -> None:
        self.marks: tuple[Structure, ...] = ()

    def start(self, geometry: ImageGeometry) -> None: ...

    def mark(self, structures: Sequence[Structure], frame: Frame) -> None:
        self.marks = tuple(structures)

    def clear_marks(self) -> None: ...

    def track(self, frame: Frame) -> Tracking:
        states = [
            StructureState(s.name, s.kind, s.tissue, s.role, StructureTrack.TRACKED, s.outline_px, 1.0)
            for s in self.marks
        ]
        states = [replace(s, track=StructureTrack.LOST, outline_px=()) if s.name == "vein" else s for s in states]
        at = next(s.centre_px for s in states if s.name == "artery")
        tip = Tip(TipState.SEEN, at, None, 2.0)
        return Tracking(
            NeedleState(NeedleTrack.LOCKED, curve_px=((0.0, 0.0), at or (1.0, 1.0)), tip=tip), (), tuple(states)
        )


def test_a_tracker_that_is_wrong_raises_false_alarms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(false_alarms, "make_tracker", lambda _: Mistaken())
    watched = watch(RUN)
    assert [raised.text for raised in watched.false] == ["tip inside artery"]
    assert [raised.text for raised in watched.unfollowed] == ["vein is lost: not watched"]
    assert not watched.true
    report = as_json([watched])
    assert report["all"]["false_per_hour"] == pytest.approx(3600.0)
    assert report["all"]["false_by_code"] == {"tip-inside": 1}
    assert report["all"]["false_unseen"] == 0


def test_what_only_the_truth_raises_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody injects all the while and the true tip is not in the picture; the tracker claims to see it."""

    class Claims(Mistaken):
        def track(self, frame: Frame) -> Tracking:
            said = super().track(frame)
            return replace(said, structures=tuple(replace(s, name="other") for s in said.structures[:0]))

    monkeypatch.setattr(false_alarms, "make_tracker", lambda _: Claims())
    monkeypatch.setattr(Phantom, "is_injecting", lambda *_: True)
    monkeypatch.setattr(
        "rtguide.phantom.knowing.Truth.needle_state",
        lambda _: NeedleState(NeedleTrack.LOCKED, curve_px=((0.0, 0.0), (9.0, 9.0)), tip=Tip(TipState.HIDDEN)),
    )
    watched = watch(RUN)
    assert [raised.code for raised in watched.missed] == ["injecting-blind"]
    assert watched.injecting_s == pytest.approx(1.0)


def test_a_true_alarm_says_how_much_later_than_the_truth_it_came(monkeypatch: pytest.MonkeyPatch) -> None:
    """The truth injects unseen from the first frame on; the tracker hides its tip from the seventh on, 0.3 s later."""
    unseen = NeedleState(NeedleTrack.LOCKED, curve_px=((0.0, 0.0), (9.0, 9.0)), tip=Tip(TipState.HIDDEN))

    class Late(Mistaken):
        def track(self, frame: Frame) -> Tracking:
            if frame.seq >= 6:
                return Tracking(unseen)
            return Tracking(replace(unseen, tip=Tip(TipState.SEEN, (9.0, 9.0), None, 2.0)))

    monkeypatch.setattr(false_alarms, "make_tracker", lambda _: Late())
    monkeypatch.setattr(Phantom, "is_injecting", lambda *_: True)
    monkeypatch.setattr("rtguide.phantom.knowing.Truth.needle_state", lambda _: unseen)
    (raised,) = [one for one in watch(RUN).true if one.code == "injecting-blind"]
    assert raised.later_s == pytest.approx(0.3)
    assert as_json([watch(RUN)])["all"]["true_later_s"] == {"median": 0.3, "most": 0.3, "of": 1}


def test_a_scenario_says_when_somebody_injects() -> None:
    phantom = Phantom(load_scenario("tap"), seed=1, rate_hz=2.0)
    injecting = [phantom.is_injecting(index) for index in range(80)]
    assert 0 < sum(injecting) < 80


def test_the_command_prints_every_procedure(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run(["bench", "alarms", "femoral", "--seed", "3", "--seconds", "1", "--json"])
    assert not ended.value.code
    report = json.loads(capsys.readouterr().out)
    assert [(one["scenario"], one["seed"], one["false"]) for one in report["procedures"]] == [("femoral", 3, [])]
