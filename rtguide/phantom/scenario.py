"""Scenarios: the simulated patient and what happens to it, as data.

Lengths in millimetres in the **patient** frame: x across the picture, y in elevation (out of the picture), z in depth;
the origin is the middle of the probe's face where the probe rests at the start.
"""

import math
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, model_validator

from rtguide.model.plan import Approach
from rtguide.model.structure import Role
from rtguide.phantom.happenings import Event, HandRange, MisplacedError, ProbeMove, Stream, Strict
from rtguide.phantom.pose import Reach

__all__ = [
    "Display",
    "Layer",
    "Motion",
    "NeedlePlan",
    "NeedleStep",
    "ProbeSettings",
    "Scenario",
    "ScreenSettings",
    "StructureSpec",
    "SurfaceSpec",
]

Positive = Annotated[float, Field(gt=0)]
Pair = tuple[float, float]


class ProbeSettings(Strict):
    """The transducer and its beam.

    kind: linear or curved array · width_mm: of a linear array's face · depth_mm: of the picture · centre_mhz,
    fractional_bandwidth: of the received pulse (−6 dB full width) · f_number, focus_mm: of the lateral aperture ·
    slice_mm, slice_focus_mm: slice thickness (full width at half amplitude) where it is thinnest, and that depth ·
    radius_mm, field_deg: of a curved array · trapezoid_deg: how far the outermost beams of a linear array are steered
    outward, 0 for a rectangular picture · steer_deg: how far all beams of a linear array are steered to the right
    (negative: to the left): a parallelogram.
    """

    kind: Literal["linear", "curved"] = "linear"
    width_mm: Positive = 44.0
    depth_mm: Annotated[float, Field(ge=15, le=200)] = 40.0
    centre_mhz: Annotated[float, Field(ge=1.5, le=20)] = 8.0
    fractional_bandwidth: Annotated[float, Field(ge=0.2, le=1.0)] = 0.45
    f_number: Annotated[float, Field(ge=0.8, le=6)] = 1.7
    focus_mm: Positive = 20.0
    slice_mm: Positive = 1.0
    slice_focus_mm: Positive = 22.0
    radius_mm: Positive = 50.0
    field_deg: Annotated[float, Field(ge=20, le=100)] = 60.0
    trapezoid_deg: Annotated[float, Field(ge=0, le=25)] = 0.0
    steer_deg: Annotated[float, Field(ge=-25, le=25)] = 0.0

    @model_validator(mode="after")
    def _steers_a_flat_face(self) -> "ProbeSettings":
        if self.trapezoid_deg > 0 and self.kind != "linear":
            raise ValueError("trapezoid_deg is for linear arrays: leave it out, or set kind = 'linear'")
        if self.steer_deg != 0 and (self.kind != "linear" or self.trapezoid_deg > 0):
            raise ValueError(
                "steer_deg is for linear arrays without trapezoid_deg: leave one of them out, or set kind = 'linear'"
            )
        return self

    @property
    def virtual_apex_mm(self) -> float:
        """How far behind the flat face the beams of a trapezoid would meet; infinite for a rectangle."""
        if self.trapezoid_deg == 0:
            return math.inf
        return self.width_mm / 2 / math.tan(math.radians(self.trapezoid_deg))


class Display(Strict):
    """What the scanner makes of the echoes.

    dynamic_range_db: that is shown, black to white · gain_db: added to all echoes · noise_db: of the receiver, below
    the brightest tissue; it rises with the time gain · steering_deg: by which the two looks aside are steered that are
    compounded with the straight one · persistence: share of the last picture in this one · smoothing_px: sigma of the
    picture's last smoothing.
    """

    dynamic_range_db: Annotated[float, Field(ge=30, le=90)] = 58.0
    gain_db: Annotated[float, Field(ge=-30, le=30)] = 0.0
    noise_db: Annotated[float, Field(ge=-120, le=-20)] = -74.0
    steering_deg: Annotated[float, Field(ge=0, le=20)] = 9.0
    persistence: Annotated[float, Field(ge=0, le=0.8)] = 0.25
    smoothing_px: Annotated[float, Field(ge=0, le=3)] = 0.6


class ScreenSettings(Strict):
    """The scanner's screen.

    layout: what is drawn around the picture, and where · width_px, height_px: of the whole screen · px_per_mm: scale of
    the picture on it.
    """

    layout: Literal["bare", "clinic", "cart", "tablet"] = "clinic"
    width_px: Annotated[int, Field(ge=320, le=3840)] = 1280
    height_px: Annotated[int, Field(ge=240, le=2160)] = 720
    px_per_mm: Annotated[float, Field(ge=2, le=60)] = 16.0


class Layer(Strict):
    """A layer of tissue down to `bottom_mm` (in the middle of the picture), the last one without end.

    kind: of tissue; `reference` is even material as in test phantoms · bottom_mm: depth of its lower boundary in the
    middle of the picture · slope_deg: of that boundary, positive when it falls toward the right · wave_mm: how much it
    undulates · fascia_db: echo of the boundary, absent where there is none · fibre_deg: direction of a muscle's fibres.
    """

    kind: Literal["skin", "fat", "muscle", "connective", "reference"]
    bottom_mm: Positive = 1000.0
    slope_deg: Annotated[float, Field(ge=-40, le=40)] = 0.0
    wave_mm: Annotated[float, Field(ge=0, le=5)] = 0.3
    fascia_db: float | None = None
    fibre_deg: Annotated[float, Field(ge=-60, le=60)] = 0.0


class StructureSpec(Strict):
    """An ellipse of something else than its surroundings.

    name: unlike all others in the scenario · kind: of tissue · centre_mm: (x, z) at elevation 0 · radii_mm: semi-axes ·
    tilt_deg: of the first axis, positive when it falls toward the right · course_mm: shift across and in depth for each
    mm of elevation · role: given for what is to be marked · lumpiness: how far the outline strays from an ellipse, as a
    share of its radius · fibre_deg: direction of a muscle's fibres against its first axis.
    """

    name: str
    kind: Literal[
        "honeycomb-nerve", "dark-nerve", "artery", "vein", "muscle", "fat", "connective", "tendon", "gland", "fluid"
    ]
    centre_mm: Pair
    radii_mm: tuple[Positive, Positive]
    tilt_deg: Annotated[float, Field(ge=-90, le=90)] = 0.0
    course_mm: Pair = (0.0, 0.0)
    role: Role | None = None
    lumpiness: Annotated[float, Field(ge=0, le=0.3)] = 0.07
    fibre_deg: Annotated[float, Field(ge=-60, le=60)] = 0.0


class SurfaceSpec(Strict):
    """A surface seen edge-on: bone, pleura, or a fascia that matters.

    name: unlike all others in the scenario · kind: bone and pleura hide or replace what is behind, fascia does not ·
    points_mm: (x, z) from left to right, joined smoothly · level_db: of its echo · course_mm: as for structures · role:
    given for what is to be marked · as_plane: it is a plane to reach (else a line to keep away from).
    """

    name: str
    kind: Literal["bone", "pleura", "fascia"]
    points_mm: Annotated[tuple[Pair, ...], Field(min_length=2)]
    level_db: float = 6.0
    course_mm: Pair = (0.0, 0.0)
    role: Role | None = None
    as_plane: bool = False

    @model_validator(mode="after")
    def _runs_right(self) -> "SurfaceSpec":
        across = [x for x, _ in self.points_mm]
        if any(b <= a for a, b in pairwise(across)):
            raise ValueError(f"points_mm of {self.name} must run from left to right, not over x = {across}")
        return self


class Motion(Strict):
    """What moves by itself.

    breathing_mm: lift at the picture's lower edge · breathing_period_s: of a breath · pulse_hz: heart beats a second ·
    pulse_share: by which an artery's radius grows with a beat.
    """

    breathing_mm: Annotated[float, Field(ge=0, le=10)] = 0.5
    breathing_period_s: Annotated[float, Field(ge=1, le=20)] = 4.3
    pulse_hz: Annotated[float, Field(ge=0.3, le=4)] = 1.15
    pulse_share: Annotated[float, Field(ge=0, le=0.3)] = 0.07


class NeedleStep(Strict):
    """Within `seconds`, go smoothly to these; what is left out stays.

    seconds: that it takes · inserted_mm: length beyond the skin · angle_deg, yaw_deg, offset_mm: as in the plan ·
    jiggle_mm: small quick moves along the shaft.
    """

    seconds: Positive
    inserted_mm: Annotated[float, Field(ge=0)] | None = None
    angle_deg: Annotated[float, Field(ge=0, le=90)] | None = None
    yaw_deg: Annotated[float, Field(ge=-90, le=90)] | None = None
    offset_mm: float | None = None
    jiggle_mm: Annotated[float, Field(ge=0, le=3)] | None = None


class NeedlePlan(Strict):
    """The needle and its course.

    gauge: outer diameter by ISO 9626 · length_mm: of the shaft · skin_mm: where it pierces the skin, (x, z) ·
    angle_deg: from the skin, 0 along it, 90 straight down; it goes toward the middle of the picture · offset_mm,
    yaw_deg: distance from the picture's plane at the skin, and the angle out of it · bend_mm: deflection at 50 mm,
    positive upward · tremor_mm: of the hand · brightness_db: echo of a shaft square to the beam · start_mm: length
    inserted at the start · steps: its course, see `[[needle.steps]]` · repeat: the course starts again at its end, and
    the scenario's time with it · comet_tail: across the plane it rings on below its dot and casts a narrow shadow.
    """

    gauge: Annotated[int, Field(ge=16, le=27)] = 22
    length_mm: Positive = 80.0
    skin_mm: Pair
    angle_deg: Annotated[float, Field(ge=0, le=90)]
    offset_mm: float = 0.0
    yaw_deg: Annotated[float, Field(ge=-90, le=90)] = 0.0
    bend_mm: Annotated[float, Field(ge=-3, le=3)] = 0.0
    tremor_mm: Annotated[float, Field(ge=0, le=1)] = 0.05
    brightness_db: float = 12.0
    start_mm: Annotated[float, Field(ge=0)]
    steps: tuple[NeedleStep, ...]
    repeat: bool = True
    comet_tail: bool = False

    @model_validator(mode="after")
    def _fits(self) -> "NeedlePlan":
        longest = max([self.start_mm, *(step.inserted_mm or 0.0 for step in self.steps)])
        if longest > self.length_mm:
            raise ValueError(f"inserted_mm reaches {longest:g}, the needle is only length_mm = {self.length_mm:g} long")
        return self


class Scenario(Strict):
    """Everything about one simulated examination.

    name: of the scenario · title: on its screen · summary: in a sentence · sources: what its layout rests on ·
    approach: that is recommended · hand_drift_mm: by which the hand on the probe wanders · probe, display, screen,
    motion, needle, hand_range, stream: tables below · layers, structures, surfaces, probe_moves, events: lists of
    tables below.
    """

    name: str
    title: str
    summary: str
    sources: tuple[str, ...] = ()
    approach: Approach = Approach.UNKNOWN
    probe: ProbeSettings = ProbeSettings()
    display: Display = Display()
    screen: ScreenSettings = ScreenSettings()
    layers: tuple[Layer, ...]
    structures: tuple[StructureSpec, ...] = ()
    surfaces: tuple[SurfaceSpec, ...] = ()
    motion: Motion = Motion()
    needle: NeedlePlan | None = None
    probe_moves: tuple[ProbeMove, ...] = ()
    hand_drift_mm: Annotated[float, Field(ge=0, le=2)] = 0.0
    hand_range: HandRange = HandRange()
    events: tuple[Event, ...] = ()
    stream: Stream = Stream()

    @model_validator(mode="after")
    def _is_possible(self) -> "Scenario":
        if not self.layers:
            raise ValueError("layers: at least one layer of tissue is needed")
        bottoms = [layer.bottom_mm for layer in self.layers]
        if bottoms != sorted(bottoms):
            raise MisplacedError(f"layers: bottom_mm must grow from layer to layer, not {bottoms}", ("layers", 0))
        names = [structure.name for structure in self.structures] + [surface.name for surface in self.surfaces]
        if len(set(names)) != len(names):
            raise ValueError(f"structures: every name may be used once, not {names}")
        for number, structure in enumerate(self.structures):
            if not 0 < structure.centre_mm[1] < self.probe.depth_mm:
                raise MisplacedError(
                    f"structures: {structure.name} lies at {structure.centre_mm[1]:g} mm, outside the picture's "
                    f"depth_mm = {self.probe.depth_mm:g}: move it up or make probe.depth_mm larger",
                    ("structures", number, "centre_mm"),
                )
        for number, event in enumerate(self.events):
            if event.kind == "colour-box" and event.around not in names:
                raise MisplacedError(
                    f"events: there is no structure {event.around!r} to draw a colour box around: name one of {names}",
                    ("events", number, "around"),
                )
            if event.kind == "inject" and self.needle is None:
                raise MisplacedError("events: an injection needs a needle: add a table [needle]", ("events", number))
        return self

    def reach(self) -> Reach:
        """How far the pictures go from the first one."""
        steered = self.hand_range
        sweep, shift, rock = steered.slide_mm, steered.shift_mm, math.radians(steered.rock_deg)
        lean = math.tan(math.radians(steered.tilt_deg))
        for move in self.probe_moves:
            lean = max(lean, math.tan(math.radians(abs(move.tilt_deg or 0.0))))
            sweep = max(sweep, abs(move.slide_mm or 0.0))
            shift = max(shift, abs(move.shift_mm or 0.0))
            rock = max(rock, math.radians(abs(move.rock_deg or 0.0)))
        drift = 2 * self.hand_drift_mm
        half = self.probe.width_mm / 2
        breath = 1.3 * self.motion.breathing_mm
        return Reach(
            sweep + drift, lean, shift + drift + rock * self.probe.depth_mm + 0.4 * breath, rock * half + breath
        )
