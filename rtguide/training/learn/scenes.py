"""Random scenes for teaching: any scenario with another needle, another probe, other tissue and other motion.

Wider than the scenarios themselves on purpose: what is learned must hold for pictures of other makes.
"""

import math
from dataclasses import dataclass

import numpy as np

from rtguide.errors import ConfigError
from rtguide.phantom.happenings import ProbeMove
from rtguide.phantom.library import load_scenario, scenario_names
from rtguide.phantom.scenario import Display, Motion, NeedlePlan, NeedleStep, ProbeSettings, Scenario, ScreenSettings

__all__ = ["CLIP_S", "random_scene"]

CLIP_S = 2.6
"""Length of a clip: the longest look back of the cue, and some more to draw samples from."""

_NO_NEEDLE, _CURVED, _LEAVES, _LIFTED = 0.15, 0.4, 0.4, 0.1
"""Share of scenes without a needle; looked at with a curved array; of needles that leave the plane; of moving probes
that lose contact at one end, and with it whatever lies below.
"""

_ANGLES_DEG, _ANGLE_SHARES = ((0.0, 18.0), (0.0, 60.0), (50.0, 85.0)), (0.3, 0.5, 0.2)
"""Slopes: flat ones look like the fascias they lie among, and need more teaching."""

_LONGEST_MM = 110.0
_TRIES = 20

OUT_OF_PLANE = "femoral-catheter"
"""Patients whose needle only crosses the plane: there is no shaft and no tip in them to learn from."""


@dataclass(frozen=True, slots=True)
class _Draw:
    """Draws from one random stream."""

    rng: np.random.Generator

    def between(self, low: float, high: float) -> float:
        return float(self.rng.uniform(low, high))

    def chance(self, share: float) -> bool:
        return bool(self.rng.random() < share)

    def sign(self) -> float:
        return 1.0 if self.chance(0.5) else -1.0


def random_scene(rng: np.random.Generator) -> Scenario:
    """A possible scene; its needle's tip is in the picture in the middle of the clip, if there is one."""
    for _ in range(_TRIES):
        try:
            return _scene(_Draw(rng))
        except ValueError:
            continue
    raise ConfigError(f"no possible scene came up in {_TRIES} tries: the ranges in {__name__} contradict each other")


def _scene(draw: _Draw) -> Scenario:
    names = [name for name in scenario_names() if not name.startswith(OUT_OF_PLANE)]
    base = load_scenario(names[int(draw.rng.integers(len(names)))])
    probe = _probe(base.probe, draw)
    data = base.model_dump()
    width = (
        probe.width_mm
        if probe.kind == "linear"
        else 2 * (probe.radius_mm + probe.depth_mm) * math.sin(math.radians(probe.field_deg / 2))
    )
    ppm = min(draw.between(500.0, 690.0) / (probe.depth_mm + 12.0), 1200.0 / width)
    data |= {
        "probe": probe.model_dump(),
        "display": _display(draw).model_dump(),
        "screen": ScreenSettings(layout="bare", px_per_mm=ppm).model_dump(),
        "layers": [_layer(layer, draw) for layer in data["layers"]],
        "structures": [one for one in data["structures"] if one["centre_mm"][1] < probe.depth_mm - 1.0],
        "surfaces": [one | {"level_db": one["level_db"] + draw.between(-6.0, 5.0)} for one in data["surfaces"]],
        "motion": Motion(
            breathing_mm=draw.between(0.0, 2.5), breathing_period_s=draw.between(2.5, 5.0), pulse_hz=1.2
        ).model_dump(),
        "needle": None if draw.chance(_NO_NEEDLE) else _needle(probe, width, draw).model_dump(),
        "probe_moves": [move.model_dump() for move in _moves(draw)],
        "hand_drift_mm": draw.between(0.0, 0.4),
        "hand_range": {},
        "events": [],
        "stream": {},
    }
    return Scenario.model_validate(data)


def _probe(base: ProbeSettings, draw: _Draw) -> ProbeSettings:
    is_curved = base.kind == "curved" or draw.chance(_CURVED)
    depth = draw.between(50.0, 110.0) if is_curved else draw.between(24.0, 60.0)
    mhz = draw.between(3.0, 5.5) if is_curved else min(max(320.0 / depth * draw.between(0.7, 1.3), 5.0), 14.0)
    return ProbeSettings(
        kind="curved" if is_curved else "linear",
        width_mm=draw.between(32.0, 52.0),
        depth_mm=depth,
        centre_mhz=mhz,
        fractional_bandwidth=draw.between(0.35, 0.7),
        f_number=draw.between(1.2, 2.6),
        focus_mm=draw.between(0.3, 0.8) * depth,
        slice_mm=draw.between(0.8, 1.8) * (1.4 if is_curved else 1.0),
        slice_focus_mm=draw.between(0.4, 0.8) * depth,
        radius_mm=draw.between(35.0, 62.0),
        field_deg=draw.between(45.0, 72.0),
        **_steered(draw, is_curved),
    )


def _steered(draw: _Draw, is_curved: bool) -> dict[str, float]:
    """A rectangle mostly; now and then a trapezoid or a parallelogram."""
    if is_curved or draw.chance(0.8):
        return {}
    if draw.chance(0.5):
        return {"trapezoid_deg": draw.between(5.0, 15.0)}
    return {"steer_deg": draw.sign() * draw.between(5.0, 20.0)}


def _display(draw: _Draw) -> Display:
    return Display(
        dynamic_range_db=draw.between(42.0, 80.0),
        gain_db=draw.between(-8.0, 8.0),
        noise_db=draw.between(-80.0, -55.0),
        steering_deg=draw.between(0.0, 15.0),
        persistence=draw.between(0.0, 0.5),
        smoothing_px=draw.between(0.0, 1.2),
    )


def _layer(layer: dict[str, object], draw: _Draw) -> dict[str, object]:
    changed = dict(layer)
    if isinstance(layer["fascia_db"], float):
        changed["fascia_db"] = layer["fascia_db"] + draw.between(-8.0, 6.0)
    slope, wave = layer["slope_deg"], layer["wave_mm"]
    assert isinstance(slope, float)
    assert isinstance(wave, float)
    changed["slope_deg"] = min(max(slope + draw.rng.normal(0.0, 8.0), -40.0), 40.0)
    changed["wave_mm"] = min(wave * draw.between(0.3, 3.0), 4.0)
    return changed


def _needle(probe: ProbeSettings, width_mm: float, draw: _Draw) -> NeedlePlan:
    half = 0.42 * (probe.width_mm if probe.kind == "linear" else 0.75 * width_mm)
    tip = draw.between(-half, half), draw.between(4.0, max(5.0, min(0.85 * probe.depth_mm, 70.0)))
    angle = draw.between(*_ANGLES_DEG[int(draw.rng.choice(3, p=_ANGLE_SHARES))])
    slope, side = math.radians(angle), draw.sign()
    length = min((tip[1] + 0.5) / max(math.sin(slope), 1e-3), _LONGEST_MM)
    skin = tip[0] - side * length * math.cos(slope), tip[1] - length * math.sin(slope)
    if skin[0] * side > 0:
        skin = -side * 1e-3, skin[1]
    start, steps = _course(length, draw)
    yaw, offset = float(draw.rng.normal(0.0, 0.6)), float(draw.rng.normal(0.0, 0.25))
    if draw.chance(_LEAVES):
        yaw, offset, steps = _leaving(length, steps, draw)
    return NeedlePlan(
        gauge=int(draw.rng.integers(16, 28)),
        length_mm=_LONGEST_MM + 60.0,
        skin_mm=skin,
        angle_deg=angle,
        offset_mm=offset,
        yaw_deg=yaw,
        bend_mm=float(np.clip(draw.rng.normal(0.0, 1.0), -3.0, 3.0)),
        tremor_mm=draw.between(0.0, 0.2),
        brightness_db=draw.between(4.0, 22.0),
        start_mm=start,
        steps=tuple(steps),
        repeat=False,
    )


def _leaving(length: float, steps: list[NeedleStep], draw: _Draw) -> tuple[float, float, list[NeedleStep]]:
    """Yaw, offset and steps of a needle that crosses the plane anywhere along its shaft: all the time, or from a while
    on, or only for a while. Its visible end is not its tip.
    """
    leave = draw.sign() * draw.between(1.5, 14.0)
    offset = -math.sin(math.radians(leave)) * draw.between(0.2, 1.0) * length
    kind = draw.rng.integers(3)
    if kind == 0:
        return leave, offset, steps
    away = [step.model_copy(update={"yaw_deg": leave, "offset_mm": offset}) for step in steps]
    if kind == 1:
        return 0.0, 0.0, away
    return leave, offset, [step.model_copy(update={"yaw_deg": 0.0, "offset_mm": 0.0}) for step in steps]


def _course(length: float, draw: _Draw) -> tuple[float, list[NeedleStep]]:
    """Where it starts, and its steps: at rest, jiggled, advanced, withdrawn, or advanced after a rest."""
    kind = draw.rng.choice(5, p=[0.25, 0.15, 0.35, 0.1, 0.15])
    way = draw.between(0.5, 14.0) * CLIP_S / 2
    back, ahead = max(length - way, 0.0), length + way
    if kind == 0:
        return length, [NeedleStep(seconds=CLIP_S, inserted_mm=length)]
    if kind == 1:
        return length, [NeedleStep(seconds=0.2, jiggle_mm=draw.between(0.2, 1.5)), NeedleStep(seconds=CLIP_S)]
    if kind == 2:
        return back, [NeedleStep(seconds=CLIP_S, inserted_mm=ahead)]
    if kind == 3:
        return ahead, [NeedleStep(seconds=CLIP_S, inserted_mm=back)]
    rest = draw.between(0.4, CLIP_S - 0.6)
    return back, [NeedleStep(seconds=rest), NeedleStep(seconds=CLIP_S - rest, inserted_mm=length)]


def _moves(draw: _Draw) -> tuple[ProbeMove, ...]:
    if draw.chance(0.55):
        return ()
    return (
        ProbeMove(seconds=draw.between(0.05, 0.8)),
        ProbeMove(
            seconds=draw.between(0.6, 2.5),
            slide_mm=float(np.clip(draw.rng.normal(0.0, 1.2), -5, 5)) if draw.chance(0.35) else None,
            shift_mm=float(np.clip(draw.rng.normal(0.0, 5.0), -12, 12)) if draw.chance(0.4) else None,
            rock_deg=float(np.clip(draw.rng.normal(0.0, 6.0), -15, 15)) if draw.chance(0.5) else None,
            tilt_deg=float(np.clip(draw.rng.normal(0.0, 4.0), -12, 12)) if draw.chance(0.3) else None,
            lift_mm=draw.sign() * draw.between(4.0, 18.0) if draw.chance(_LIFTED) else None,
        ),
    )
