"""The phantom: any frame of a scenario, with its truth, without clocks or threads."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from rtguide.model.geometry import ImageGeometry
from rtguide.model.structure import Structure
from rtguide.opencv import cv2
from rtguide.phantom.anatomy import Anatomy
from rtguide.phantom.beam import BeamGrid
from rtguide.phantom.course import Course
from rtguide.phantom.hand import Hand, Hold
from rtguide.phantom.injection import Pool
from rtguide.phantom.measure import measure_needle
from rtguide.phantom.motion import Drag, Moment, TissueMotion
from rtguide.phantom.needle import Needle, NeedlePose
from rtguide.phantom.scan import Patient, Scan, View
from rtguide.phantom.scenario import Scenario
from rtguide.phantom.screen import Screen
from rtguide.phantom.screen_marks import draw_marks
from rtguide.phantom.steering import Control
from rtguide.phantom.true_structures import true_spreads, true_structures
from rtguide.phantom.truth import Truth

__all__ = ["Phantom"]

Floats = NDArray[np.float64]

_NOISE_PLACES = 96
_WITH_TISSUE = 0.85
"""Share of the motion of the tissue around it that the deep end of a shaft takes part in; the skin holds the other."""
_KEPT_SCANS = 3


@dataclass(frozen=True, slots=True, eq=False)
class _Picture:
    """One picture of the scanner: number, grey uint8 (samples, beams), its truth."""

    number: int
    grey: NDArray[np.uint8]
    truth: Truth


class Phantom:
    """One scenario with one seed. `frame` gives any frame in any order, always the same; one thread at a time.

    Raises
    ------
    ConfigError
        The picture does not fit on the screen, at the start or after a change of depth.
    """

    def __init__(self, scenario: Scenario, seed: int, rate_hz: float) -> None:
        self.scenario, self.seed, self.rate_hz = scenario, seed, rate_hz
        self._course = Course.of(scenario, rate_hz, self._rng("drops"))
        anatomy = Anatomy(scenario, self._rng("anatomy"))
        first, second = self._rng("motion").random(2)
        motion = TissueMotion(scenario.motion, anatomy, scenario.probe.depth_mm, (float(first), float(second)))
        needle = None if scenario.needle is None else Needle.draw(scenario.needle, self._rng("tremor"))
        self._patient = Patient(anatomy, motion, needle)
        self._hand = Hand.draw(scenario, self._rng("hand"))
        self._scans: dict[int, Scan] = {}
        self._turned: dict[tuple[int, float], Screen] = {}
        self._last: _Picture | None = None
        self._shown = np.zeros((1, 1), dtype=np.uint8)
        for setting in range(len(self._course.depth_changes)):
            later = self._course.scenario_of(setting + 1)
            Screen.design(later, BeamGrid.design(later.probe, later.screen))
        self._scan_at(0.0)

    @property
    def geometry(self) -> ImageGeometry:
        """Region and scale of the first frame's picture: exact."""
        return self.geometry_at(0)

    def geometry_at(self, index: int) -> ImageGeometry:
        """Region and scale of a frame's picture; they change when a scenario changes the depth."""
        return self._scan_at(self._course.picture_time(index)[1]).screen.geometry

    @property
    def shape_px(self) -> tuple[int, int]:
        """(height, width) of the frames."""
        return self.scenario.screen.height_px, self.scenario.screen.width_px

    @property
    def point_count(self) -> int:
        """How many points its first setting lays down for a frame."""
        return len(self._scan_at(0.0).points)

    def frames(self) -> Iterator[tuple[NDArray[np.uint8], Truth]]:
        """All frames from the first on, without end."""
        index = 0
        while True:
            yield self.frame(index)
            index += 1

    def frame(self, index: int) -> tuple[NDArray[np.uint8], Truth]:
        """Frame `index` (from 0) at time index / rate_hz, and what is true of it.

        Pixels uint8 (h, w), or (h, w, 3) RGB in scenarios with a colour box.
        """
        number, picture_s = self._course.picture_time(index)
        picture = self._picture(number, picture_s)
        truth = self._dated(picture, index)
        scan = self._scan_at(picture_s)
        frame = self._screen_at(picture_s).show(self._persist(picture), picture_s)
        return draw_marks(frame, self.scenario, scan.screen, truth, self._course.event_time(picture_s)), truth

    def truth(self, index: int) -> Truth:
        """What is true of frame `index`, without drawing it: only the echoes that decide what can be seen."""
        return self._dated(self._picture(*self._course.picture_time(index)), index)

    def is_injecting(self, index: int) -> bool:
        """Whether fluid leaves the needle while frame `index` is made."""
        return self._course.is_injecting(self._course.picture_time(index)[1])

    def steered_frame(self, index: int, control: Control) -> tuple[NDArray[np.uint8], Truth]:
        """Frame `index` with probe, needle and fluid as a person holds them, in place of the scenario's plan.

        Breathing, pulse and tremor go on. Unlike `frame`, what it shows of the past is the picture rendered last.
        """
        time_s = index / self.rate_hz
        needle = (
            None
            if self._patient.needle is None
            else self._patient.needle.pose_of(control.aim, time_s, control.pass_number)
        )
        picture = self._render(index, time_s, self._view_of(time_s, control.hold, needle, control.pools))
        if self._last is not None:
            self._last = replace(self._last, number=index - 1)
        screen = self._scan_at(time_s).screen
        frame = screen.show(self._persist(picture), time_s)
        return draw_marks(frame, self.scenario, screen, picture.truth, time_s), picture.truth

    def tip_of(self, control: Control, time_s: float) -> tuple[float, float, float]:
        """Where the tip of a needle held like this is in the patient, (x, y, z) mm: where fluid comes out."""
        if self._patient.needle is None:
            return 0.0, 0.0, 0.0
        tip = self._patient.needle.pose_of(control.aim, time_s).tip_mm
        return float(tip[0]), float(tip[1]), float(tip[2])

    def structures(self, index: int = 0) -> tuple[Structure, ...]:
        """The structures with a role that lie in a frame's slice."""
        picture_s = self._course.picture_time(index)[1]
        return true_structures(self._patient, self._scan_at(picture_s), self._view(picture_s))

    def _dated(self, picture: _Picture, index: int) -> Truth:
        """A picture's truth in the frame that shows it."""
        return replace(picture.truth, index=index, time_s=index / self.rate_hz)

    def _picture(self, number: int, time_s: float) -> _Picture:
        if self._last is not None and self._last.number == number:
            return self._last
        return self._render(number, time_s, self._view(time_s))

    def _render(self, number: int, time_s: float, view: View) -> _Picture:
        scan = self._scan_at(time_s)
        noise_at = self._rng("noise", number).integers(0, _NOISE_PLACES, 2)
        amplitude = scan.amplitude(view, (int(noise_at[0]), int(noise_at[1])))
        needle = None
        if view.needle is not None and view.curve_mm is not None:
            needle = measure_needle(scan, view.needle, view.curve_mm, amplitude)
        mm_per_px = (1 / scan.screen.px_per_mm, 1 / scan.screen.px_per_mm)
        structures = true_structures(self._patient, scan, view)
        truth = Truth(number, time_s, time_s, needle, structures, true_spreads(scan, view), view.hold.pose, mm_per_px)
        gain_db = self._course.gain_db(time_s)
        return _Picture(number, scan.formation.compress(amplitude, gain_db), truth)

    def _persist(self, picture: _Picture) -> NDArray[np.uint8]:
        """The picture as shown: with a share of the one before it, and smoothed."""
        display = self.scenario.display
        shown = picture.grey
        before_s = self._course.time_of(picture.number - 1)
        if display.persistence > 0 and before_s is not None:
            before = self._last
            if before is None or before.number not in (picture.number - 1, picture.number):
                before = self._picture(picture.number - 1, before_s)
            if before.number == picture.number:
                return self._shown
            if before.grey.shape == shown.shape:
                share = display.persistence
                shown = cv2.addWeighted(shown, 1.0 - share, before.grey, share, 0.0).astype(np.uint8, copy=False)
        if display.smoothing_px > 0:
            shown = cv2.GaussianBlur(shown, (3, 3), display.smoothing_px).astype(np.uint8, copy=False)
        self._last, self._shown = picture, shown
        return shown

    def _view(self, time_s: float) -> View:
        needle = None if self._patient.needle is None else self._patient.needle.pose(time_s)
        return self._view_of(time_s, self._hand.hold(time_s), needle, self._course.pools(time_s, self._tip_at))

    def _view_of(self, time_s: float, hold: Hold, needle: NeedlePose | None, pools: tuple[Pool, ...]) -> View:
        moment = Moment(time_s, hold.pressure, _drag(needle, hold), pools)
        curve = None if needle is None else self._needle_curve(needle, hold, moment)
        return View(hold, moment, needle, curve)

    def _tip_at(self, time_s: float) -> tuple[float, float, float]:
        needle = self._patient.needle
        if needle is None:
            return 0.0, 0.0, 0.0
        tip = needle.pose(time_s).tip_mm
        return float(tip[0]), float(tip[1]), float(tip[2])

    def _needle_curve(self, needle: NeedlePose, hold: Hold, moment: Moment) -> Floats:
        """The shaft in the probe frame."""
        curve = needle.curve_mm
        tip = curve[-1]
        x, z = self._patient.motion.move(tip[:1], tip[2:], Moment(moment.time_s, moment.pressure))
        share = np.linspace(0.0, _WITH_TISSUE, len(curve))
        moved_x, moved_z = curve[:, 0] + share * (x[0] - tip[0]), curve[:, 2] + share * (z[0] - tip[2])
        return np.column_stack(hold.pose.to_probe(moved_x, curve[:, 1], moved_z))

    def _scan_at(self, time_s: float) -> Scan:
        key = self._course.setting(time_s)
        if key not in self._scans:
            if len(self._scans) >= _KEPT_SCANS:
                self._scans.pop(next(iter(self._scans)))
            scenario = self._course.scenario_of(key)
            self._scans[key] = Scan(scenario, self._patient, self._rng)
        return self._scans[key]

    def _screen_at(self, time_s: float) -> Screen:
        """The screen with what is written on it at a time."""
        screen, gain_db = self._scan_at(time_s).screen, self._course.gain_db(time_s)
        if gain_db == 0.0:
            return screen
        key = self._course.setting(time_s), gain_db
        if key not in self._turned:
            self._turned[key] = screen.with_gain(self._course.scenario_of(key[0]), gain_db)
        return self._turned[key]

    def _rng(self, purpose: str, index: int = 0) -> np.random.Generator:
        """A stream of its own for each purpose, so that adding one thing does not change the others."""
        key = int.from_bytes(hashlib.sha256(purpose.encode()).digest()[:4], "big")
        return np.random.default_rng([self.seed, key, index])


def _drag(needle: NeedlePose | None, hold: Hold) -> Drag | None:
    """Tissue at the tip follows an advancing needle by up to half a millimetre, and a withdrawn one likewise."""
    if needle is None or needle.inserted_mm <= 0.0 or abs(float(needle.tip_mm[1]) - hold.pose.slide_mm) > 3.0:
        return None
    amount = 0.5 * float(np.tanh(needle.speed_mm_s / 2.5))
    along = needle.along
    return Drag((float(needle.tip_mm[0]), float(needle.tip_mm[2])), (float(along[0]), float(along[2])), amount)
