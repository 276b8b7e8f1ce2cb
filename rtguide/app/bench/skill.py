"""Figures of skill over scripted attempts: what the tracked video tells beside what was true, and whether levels that
were made to lie apart come out in order. It checks the software; it says nothing of whether skill is measured.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from rtguide.app.plugins import calibration_method, make_tracker
from rtguide.clock import ManualClock
from rtguide.model.frame import Frame, SourceInfo, SourceKind
from rtguide.phantom import Phantom, load_scenario
from rtguide.phantom.scripted import LEVELS, ScriptedHands
from rtguide.phantom.truth_line import truth_line
from rtguide.pipeline.engine import Engine, EngineParts
from rtguide.training.attempt_builder import SessionAttempt, TrueAttempt
from rtguide.training.rubric import read_rubric, score_of
from rtguide.training.skill import Bound, Figure, Skill, skill_of

__all__ = ["TOLERANCES", "ScriptedRun", "ScriptedScore", "as_json", "play", "print_scored", "within"]

TOLERANCES = {
    "time_to_target_s": 1.5,
    "path_mm": 8.0,
    "in_plane_share": 10.0,
    "disappearances": 1.0,
    "passes": 0.0,
    "redirections": 0.0,
    "swings_per_min": 3.0,
    "entry_angle_deg": 3.0,
    "injection_seen_share": 10.0,
    "target_surrounded": 15.0,
    "probe_way_mm": 6.0,
    "closest_mm": 1.0,
}
"""By how much a figure may differ from the true one, in its unit, or by its own error where that is more."""


@dataclass(frozen=True, slots=True)
class ScriptedRun:
    """One attempt: a level by its place in `LEVELS`, a seed for patient and hands."""

    level: int
    seed: int
    rate_hz: float = 15.0
    scenario: str = "femoral"


@dataclass(frozen=True, slots=True)
class ScriptedScore:
    """What came out: score in per cent, of what was told and of what was true; None where too little was told."""

    run: ScriptedRun
    seconds: float
    said: Skill
    true: Skill
    score: float | None
    true_score: float | None


def play(run: ScriptedRun) -> ScriptedScore:
    """Steer one attempt, track it, score it."""
    hands = ScriptedHands(LEVELS[run.level], load_scenario(run.scenario), run.seed)
    phantom = Phantom(hands.scenario, run.seed, run.rate_hz)
    info = SourceInfo("phantom", SourceKind.SIMULATED, phantom.shape_px, run.rate_hz)
    geometry = phantom.geometry
    engine = Engine(info, geometry, EngineParts(make_tracker(), calibration_method("image_region"), ManualClock()))
    engine.mark(phantom.structures())
    middle_mm = 0.0, hands.scenario.probe.depth_mm / 2
    said, true = SessionAttempt("scripted"), TrueAttempt("scripted", middle_mm)
    injecting: list[tuple[float, float]] = []
    for index, (control, is_injecting) in enumerate(hands.controls(run.rate_hz)):
        pixels, truth = phantom.steered_frame(index, control)
        time_s = index / run.rate_hz
        frame = Frame(index, round(time_s * 1e9), round(time_s * 1e9), pixels, geometry)
        engine.set_injecting(is_injecting=is_injecting)
        said.add(engine.process(frame), time_s)
        true.add(truth_line(truth), time_s)
        if is_injecting:
            injecting.append((time_s, time_s + 1.0 / run.rate_hz))
    skills = skill_of(said.attempt(injecting, ())), skill_of(true.attempt(injecting))
    rubric = read_rubric(None)
    scores = [score_of(rubric.judge(skill), rubric) for skill in skills]
    return ScriptedScore(run, hands.seconds, *skills, *(None if one is None else one.value for one in scores))


def within(said: Figure, true: Figure) -> bool | None:
    """Whether a figure is within its tolerance, or on the side of it that it says; None where one was not measured."""
    if said.value is None or true.value is None:
        return None
    off = said.value - true.value
    tolerance = max(TOLERANCES[said.name.partition(" ")[0]], said.error or 0.0)
    if said.bound is Bound.AT_MOST:
        return off >= -tolerance
    if said.bound is Bound.AT_LEAST:
        return off <= tolerance
    return abs(off) <= tolerance


def _pairs(scored: Sequence[ScriptedScore]) -> tuple[int, int, int]:
    """(in order, tied, of how many) pairs of attempts of different levels; one without a score is in no order."""
    right = tied = total = 0
    for one, other in itertools.combinations(scored, 2):
        if one.run.level == other.run.level:
            continue
        low, high = sorted((one, other), key=lambda score: score.run.level)
        total += 1
        if low.score is not None and high.score is not None:
            right += low.score < high.score
            tied += low.score == high.score
    return right, tied, total


def as_json(scored: Sequence[ScriptedScore]) -> dict[str, Any]:
    """Every attempt with each figure, told and true; each figure over all; the order of levels."""
    right, tied, total = _pairs(scored)
    return {
        "attempts": [
            {
                "level": LEVELS[one.run.level].name,
                "seed": one.run.seed,
                "seconds": one.seconds,
                "score": one.score,
                "true_score": one.true_score,
                "figures": {
                    said.name: {"said": said.value, "error": said.error, "true": _true(one, said.name).value,
                                "bound": said.bound, "within": within(said, _true(one, said.name))}
                    for said in one.said.figures
                },
            }
            for one in scored
        ],
        "figures": [row.__dict__ for row in _rows(scored)],
        "pairs": {"in_order": right, "tied": tied, "of": total},
    }  # fmt: skip


def _true(one: ScriptedScore, name: str) -> Figure:
    return next((figure for figure in one.true.figures if figure.name == name), Figure(name, None))


@dataclass(frozen=True)
class _Row:
    """One kind of figure over all attempts."""

    name: str
    tolerance: float
    told: int
    within: int
    median_off: float
    largest_off: float
    untold: int


def _rows(scored: Sequence[ScriptedScore]) -> list[_Row]:
    rows = []
    for name, tolerance in TOLERANCES.items():
        both = [(said, _true(one, said.name)) for one in scored for said in one.said.figures
                if said.name.partition(" ")[0] == name]  # fmt: skip
        verdicts = [within(said, true) for said, true in both]
        offs = sorted(abs(said.value - true.value) for said, true in both
                      if said.value is not None and true.value is not None and said.bound is None)  # fmt: skip
        rows.append(
            _Row(
                name,
                tolerance,
                sum(verdict is not None for verdict in verdicts),
                sum(verdict is True for verdict in verdicts),
                offs[len(offs) // 2] if offs else math.nan,
                offs[-1] if offs else math.nan,
                sum(said.value is None and true.value is not None for said, true in both),
            )
        )
    return rows


def print_scored(scored: Sequence[ScriptedScore]) -> None:
    """Figures beside the truth, then scores by level."""
    table = Table(title=f"{len(scored)} scripted attempts: figures from the tracked video beside what was true")
    for heading in ("figure", "tolerance", "within", "of", "median off", "largest off", "not told"):
        table.add_column(heading, justify="left" if heading == "figure" else "right")
    for row in _rows(scored):
        table.add_row(row.name, f"{row.tolerance:g}", str(row.within), str(row.told), f"{row.median_off:.2f}",
                      f"{row.largest_off:.2f}", str(row.untold))  # fmt: skip
    console = Console()
    console.print(table)
    for number, level in enumerate(LEVELS):
        scores = sorted(
            (one.score for one in scored if one.run.level == number), key=lambda s: -1.0 if s is None else s
        )
        if scores:
            console.print(f"{level.name}: {', '.join('–' if s is None else f'{s:.0f}' for s in scores)}")
    right, tied, total = _pairs(scored)
    if total:
        console.print(
            f"pairs of different levels in order: {right} of {total} ({100 * right / total:.1f} %), {tied} tied"
        )
