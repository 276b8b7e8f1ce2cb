"""How often, and why, the tip is hidden: counted over scenarios from their truth, without drawing screens.

A tracker judged only on tips that can be seen learns nothing of the ones that cannot: over all scenarios the tip is to
be hidden in 25 to 40 % of the frames that show a needle, and for different reasons.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from rtguide.errors import ConfigError
from rtguide.model.needle import HiddenReason
from rtguide.phantom.library import load_scenario
from rtguide.phantom.phantom import Phantom
from rtguide.phantom.truth import NeedleTruth, TipVisibility, Truth

__all__ = ["BY_NEEDLE", "BY_PROBE", "HiddenCount", "as_table", "count_hidden", "hidden_matrix", "pooled"]

BY_NEEDLE = "out of plane by the needle"
BY_PROBE = "out of plane by the probe"
_SECONDS = 20.0
"""How long a scenario whose needle does not repeat its course is looked at."""


@dataclass(frozen=True, slots=True)
class HiddenCount:
    """Frames of one scenario, or of several. needle: with a needle in the picture; of these, visible, grey, hidden ·
    reasons: of the hidden, how many for which reason.
    """

    name: str
    needle: int
    visible: int
    grey: int
    hidden: int
    reasons: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.visible + self.grey + self.hidden != self.needle or sum(self.reasons.values()) != self.hidden:
            raise ConfigError(f"the frames of {self.name} do not add up: {self}")

    @property
    def share(self) -> float:
        """Hidden tips in needle frames; 0 where no frame shows a needle."""
        return self.hidden / self.needle if self.needle else 0.0


def hidden_matrix(names: Iterable[str], seed: int, rate_hz: float) -> Iterator[HiddenCount]:
    """One count a scenario, over one course of its needle, looked at `rate_hz` times a second."""
    for name in names:
        yield count_hidden(Phantom(load_scenario(name), seed, rate_hz))


def count_hidden(phantom: Phantom) -> HiddenCount:
    """Count over one course of a phantom's needle, at the phantom's rate."""
    plan = phantom.scenario.needle
    seconds = sum(step.seconds for step in plan.steps) if plan is not None and plan.repeat else _SECONDS
    states: Counter[TipVisibility] = Counter()
    reasons: Counter[str] = Counter()
    for index in range(max(1, int(seconds * phantom.rate_hz))):
        truth = phantom.truth(index)
        needle = truth.needle
        if needle is None or not needle.is_in_view:
            continue
        states[needle.visibility] += 1
        if needle.visibility is TipVisibility.HIDDEN:
            reasons[_reason(truth, needle)] += 1
    return HiddenCount(
        name=phantom.scenario.name,
        needle=states.total(),
        visible=states[TipVisibility.VISIBLE],
        grey=states[TipVisibility.GREY],
        hidden=states[TipVisibility.HIDDEN],
        reasons=dict(reasons),
    )


def pooled(counts: Iterable[HiddenCount], name: str) -> HiddenCount:
    """Several scenarios as one: every frame counts the same."""
    kept = tuple(counts)
    reasons: Counter[str] = Counter()
    for count in kept:
        reasons.update(count.reasons)
    return HiddenCount(
        name=name,
        needle=sum(count.needle for count in kept),
        visible=sum(count.visible for count in kept),
        grey=sum(count.grey for count in kept),
        hidden=sum(count.hidden for count in kept),
        reasons=dict(reasons),
    )


def as_table(counts: Iterable[HiddenCount]) -> str:
    """A Markdown table: a row a scenario, shares of its needle frames in percent, nothing where none."""
    kept = tuple(counts)
    every = pooled(kept, "all")
    columns = [reason for reason, _ in sorted(every.reasons.items(), key=lambda item: (-item[1], item[0]))]
    lines = [
        "| " + " | ".join(["scenario", "needle frames", "hidden", *columns, "grey zone"]) + " |",
        "|" + "---|" * (len(columns) + 4),
    ]
    for count in (*kept, every):
        cells = [count.name, str(count.needle), f"{100 * count.share:.0f} %"]
        cells += [_percent(count.reasons.get(reason, 0), count.needle) for reason in columns]
        lines.append("| " + " | ".join([*cells, _percent(count.grey, count.needle)]) + " |")
    return "\n".join(lines)


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if part else ""


def _reason(truth: Truth, needle: NeedleTruth) -> str:
    """The reason; out of plane is told apart by who took the tip there, the needle or the probe."""
    if needle.hidden_reason is not HiddenReason.OUT_OF_PLANE:
        return (needle.hidden_reason or HiddenReason.UNCERTAIN).value
    tilt = truth.probe.tilt_rad
    _, across, depth = needle.tip_mm
    by_needle = truth.probe.slide_mm + across * math.cos(tilt) + depth * math.sin(tilt)
    return BY_NEEDLE if abs(by_needle) >= abs(across - by_needle) else BY_PROBE
