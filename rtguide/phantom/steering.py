"""A person at the phantom: moves of probe and needle by hand, within what real hands and tissue allow.

Inputs are speeds, as keys, mouse and sticks give them. A needle in tissue can be pushed and pulled freely, turned about
the skin only as far as the tissue around its shaft gives way, and not at all moved sideways.
"""

import math
from dataclasses import dataclass

from rtguide.model.steering import HandState, Push
from rtguide.phantom.hand import Hold
from rtguide.phantom.happenings import HandRange, Inject
from rtguide.phantom.injection import Pool
from rtguide.phantom.needle import NeedleAim
from rtguide.phantom.pose import ProbePose
from rtguide.phantom.scenario import Scenario

__all__ = ["DEFAULT_RANGE", "FASTEST_DEG_S", "FASTEST_MM_S", "Control", "Push", "Steering", "steerable"]

DEFAULT_RANGE = HandRange(slide_mm=4.0, shift_mm=5.0, rock_deg=6.0, tilt_deg=6.0)
"""Enough to lose a needle and find it again; more costs scatterers, and so speed."""

_TIGHT_MM = 15.0
"""Length of shaft in tissue beyond which it can hardly be turned any more (redirecting means withdrawing first)."""
FASTEST_MM_S, FASTEST_DEG_S = 40.0, 40.0
"""As fast as a hand moves a needle or probe on purpose."""
_PRESSING_PER_S = 2.5
"""A hand leans on a probe, and lets go of it, within 0.4 s."""


@dataclass(frozen=True, slots=True)
class Control:
    """How everything is held at one moment: what `Phantom.steered_frame` takes. pass_number counts insertions."""

    hold: Hold
    aim: NeedleAim
    pools: tuple[Pool, ...] = ()
    pass_number: int = 1


def steerable(scenario: Scenario, hand_range: HandRange = DEFAULT_RANGE) -> Scenario:
    """The scenario with its needle at the start, no planned moves or events, and room to steer in."""
    return scenario.model_copy(update={"hand_range": hand_range, "probe_moves": (), "events": (), "hand_drift_mm": 0.0})


class Steering:
    """Holds where hand and needle are, at first as the plan begins; `step` moves them. One thread at a time."""

    def __init__(self, scenario: Scenario) -> None:
        self._range = scenario.hand_range
        plan = scenario.needle
        self._length_mm = 0.0 if plan is None else plan.length_mm
        self._side = 0 if plan is None else 1 if plan.skin_mm[0] < 0 else -1
        self._pose = ProbePose()
        self._pressure = 0.0
        self._aim = NeedleAim(0.0, 30.0, 0.0, 0.0)
        if plan is not None:
            self._aim = NeedleAim(plan.start_mm, plan.angle_deg, plan.yaw_deg, plan.offset_mm)
        self._pools: tuple[Pool, ...] = ()
        self._is_injecting = False
        self._injected_ml = 0.0
        self._passes = 1

    @property
    def control(self) -> Control:
        """How everything is held now."""
        return Control(Hold(self._pose, self._pressure), self._aim, self._pools, self._passes)

    @property
    def state(self) -> HandState:
        """The same in words of the hand, with what was injected since the start."""
        pose, aim = self._pose, self._aim
        return HandState(
            slide_mm=pose.slide_mm,
            shift_mm=pose.shift_mm,
            rock_deg=math.degrees(pose.rock_rad),
            tilt_deg=math.degrees(pose.tilt_rad),
            pressure=self._pressure,
            inserted_mm=aim.inserted_mm,
            length_mm=self._length_mm,
            angle_deg=aim.angle_deg,
            swing_deg=aim.yaw_deg,
            needle_side=self._side,
            give=_give(aim.inserted_mm),
            injected_ml=self._injected_ml,
        )

    def step(self, push: Push, seconds: float, tip_mm: tuple[float, float, float]) -> Control:
        """Move for some seconds. tip_mm: (x, y, z) of the tip in the patient, where fluid comes out."""
        room, pose = self._range, self._pose
        rock, tilt = (math.radians(_within(rate, FASTEST_DEG_S)) for rate in (push.rock_deg_s, push.tilt_deg_s))
        self._pose = ProbePose(
            shift_mm=_within(pose.shift_mm + seconds * _within(push.shift_mm_s, FASTEST_MM_S), room.shift_mm),
            slide_mm=_within(pose.slide_mm + seconds * _within(push.slide_mm_s, FASTEST_MM_S), room.slide_mm),
            rock_rad=_within(pose.rock_rad + seconds * rock, math.radians(room.rock_deg)),
            tilt_rad=_within(pose.tilt_rad + seconds * tilt, math.radians(room.tilt_deg)),
        )
        wanted = min(1.0, max(0.0, push.pressure))
        self._pressure += _within(wanted - self._pressure, _PRESSING_PER_S * seconds)
        aim, speed = self._aim, _within(push.advance_mm_s, FASTEST_MM_S)
        inserted = min(self._length_mm, max(0.0, aim.inserted_mm + speed * seconds))
        give = _give(aim.inserted_mm)
        angle = aim.angle_deg + give * seconds * _within(push.turn_deg_s, FASTEST_DEG_S)
        yaw = aim.yaw_deg + give * seconds * _within(push.swing_deg_s, FASTEST_DEG_S)
        if inserted <= 0.0 < aim.inserted_mm:
            self._passes += 1
        moved = (inserted - aim.inserted_mm) / seconds if seconds > 0 else 0.0
        self._aim = NeedleAim(inserted, min(90.0, max(0.0, angle)), min(90.0, max(-90.0, yaw)), aim.offset_mm, moved)
        self._inject(max(0.0, push.inject_ml_s) * seconds, tip_mm)
        return self.control

    def _inject(self, volume_ml: float, tip_mm: tuple[float, float, float]) -> None:
        """A new pool at the start of each injection, which grows while it goes on."""
        if volume_ml <= 0.0 or self._aim.inserted_mm <= 0.0:
            self._is_injecting = False
            return
        if not self._is_injecting:
            self._pools = (*self._pools, Pool(Inject(kind="inject", at_s=0.0, seconds=1.0), tip_mm, 0.0))
        self._is_injecting = True
        self._injected_ml += volume_ml
        pool = self._pools[-1]
        volume_mm3 = 4.0 / 3.0 * math.pi * pool.radius_mm**3 + 1000.0 * volume_ml
        radius = (0.75 * volume_mm3 / math.pi) ** (1.0 / 3.0)
        self._pools = (*self._pools[:-1], Pool(pool.event, pool.centre_mm, radius))


def _give(inserted_mm: float) -> float:
    """How far tissue around the shaft lets it turn: 1 at the skin, near 0 deep inside."""
    return math.exp(-((inserted_mm / _TIGHT_MM) ** 2))


def _within(value: float, most: float) -> float:
    return min(most, max(-most, value))
