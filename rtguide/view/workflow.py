"""One procedure from plan to note: which step comes next, and what is missing for it. Values and rules, no Qt."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from rtguide.model.block_plan import BlockPlan, BodySide
from rtguide.model.structure import Structure

__all__ = ["STOP_CHECKS", "Procedure", "Stage", "unmarked"]


class Stage(StrEnum):
    """off: somebody only watches · calibrate: nobody stands for the scale yet · plan: what, which side, what is
    checked · stop: the last look before the needle · guide · injecting · done: note and save.
    """

    OFF = "off"
    CALIBRATE = "calibrate"
    PLAN = "plan"
    STOP = "stop"
    GUIDE = "guide"
    INJECT = "injecting"
    DONE = "done"


STOP_CHECKS = ("block and side said aloud", "site mark seen", "marked edge touched: that side moves")
"""After the Stop Before You Block campaign (RA-UK and SALG, 2011; told from memory): block, side and site mark are
confirmed immediately before the needle goes in. The third is ours: left and right of the picture."""


@dataclass(frozen=True, slots=True)
class Procedure:
    """How far a procedure is.

    checked: numbers of the plan's checklist that are ticked · stopped: of `STOP_CHECKS` · began_ns, confirmed_ns: when
    it was begun, and when the stop was confirmed, host monotonic.
    """

    stage: Stage = Stage.OFF
    plan: BlockPlan | None = None
    side: BodySide | None = None
    checked: frozenset[int] = field(default_factory=frozenset)
    stopped: frozenset[int] = field(default_factory=frozenset)
    began_ns: int = 0
    confirmed_ns: int | None = None

    def begun(self, now_ns: int, *, is_scaled: bool) -> "Procedure":
        """A new one: at its plan, or before it at the scale where nobody stands for that."""
        return Procedure(Stage.PLAN if is_scaled else Stage.CALIBRATE, began_ns=now_ns)

    def with_plan(self, plan: BlockPlan) -> "Procedure":
        """Another block: nothing of its list is ticked yet."""
        return replace(self, plan=plan, checked=frozenset()) if plan is not self.plan else self

    def with_side(self, side: BodySide) -> "Procedure":
        """The patient's side."""
        return replace(self, side=side)

    def ticked(self, number: int) -> "Procedure":
        """An item of the list of this stage, ticked or taken back."""
        if self.stage is Stage.STOP:
            return replace(self, stopped=self.stopped ^ {number})
        return replace(self, checked=self.checked ^ {number})

    def missing(self) -> str:
        """What is still to be done before the next stage, in words; empty when nothing is."""
        if self.stage is Stage.PLAN:
            if self.plan is None:
                return "choose the block"
            if self.side is None:
                return "choose the side"
            left = [text for number, text in enumerate(self.plan.checklist) if number not in self.checked]
            return f"tick: {left[0]}" if left else ""
        if self.stage is Stage.STOP:
            left = [text for number, text in enumerate(STOP_CHECKS) if number not in self.stopped]
            return f"tick: {left[0]}" if left else ""
        return ""

    def next(self, now_ns: int) -> "Procedure":
        """One press further: an item that is not ticked, else the next stage. So one key or pedal leads through it.

        Block and side are never chosen by it. Guiding and injecting follow each other; `finished` ends them.
        """
        match self.stage:
            case Stage.PLAN if self.plan is not None and self.side is not None:
                left = [n for n in range(len(self.plan.checklist)) if n not in self.checked]
                return self.ticked(left[0]) if left else replace(self, stage=Stage.STOP, stopped=frozenset())
            case Stage.STOP:
                left = [n for n in range(len(STOP_CHECKS)) if n not in self.stopped]
                if left:
                    return self.ticked(left[0])
                return replace(self, stage=Stage.GUIDE, confirmed_ns=now_ns)
        straight = {Stage.CALIBRATE: Stage.PLAN, Stage.GUIDE: Stage.INJECT, Stage.INJECT: Stage.GUIDE}
        return replace(self, stage=straight.get(self.stage, self.stage))

    def back(self) -> "Procedure":
        """One stage back; what was confirmed at the stop has to be confirmed anew."""
        before = {
            Stage.PLAN: Stage.OFF,
            Stage.STOP: Stage.PLAN,
            Stage.GUIDE: Stage.STOP,
            Stage.INJECT: Stage.GUIDE,
            Stage.DONE: Stage.GUIDE,
        }.get(self.stage, Stage.OFF)
        return replace(self, stage=before, stopped=frozenset() if before is Stage.STOP else self.stopped)

    def finished(self) -> "Procedure":
        """The needle is out."""
        return replace(self, stage=Stage.DONE) if self.stage in (Stage.GUIDE, Stage.INJECT) else self

    def words(self, now_ns: int) -> str:
        """For the status line: stage, block, side, how long since the stop."""
        if self.stage is Stage.OFF or self.plan is None:
            return "" if self.stage is Stage.OFF else self.stage.upper()
        since = ""
        if self.confirmed_ns is not None and self.stage in (Stage.GUIDE, Stage.INJECT):
            minutes, seconds = divmod(int((now_ns - self.confirmed_ns) / 1e9), 60)
            since = f" {minutes}:{seconds:02d}"
        return f"{self.stage.upper()} {self.plan.name} {self.side or ''}{since}".replace("  ", " ").strip()

    @property
    def site(self) -> str:
        """Block and side, as doses are kept; empty without a procedure."""
        return "" if self.stage is Stage.OFF or self.plan is None else f"{self.plan.name} {self.side or ''}".strip()

    def dose_words(self, injected_ml: float) -> str:
        """What was said to be injected against the user's own ceiling; empty without one."""
        ceiling = None if self.plan is None or self.stage is Stage.OFF else self.plan.ceiling
        if ceiling is None or not injected_ml:
            return ""
        over = "OVER " if injected_ml > ceiling.ml else ""
        return f"{over}{injected_ml:g} of {ceiling.ml:g} ml ({100 * injected_ml / ceiling.ml:.0f} %, {ceiling.source})"

    def details(self) -> dict[str, Any]:
        """For the session: what was confirmed."""
        assert self.plan is not None
        assert self.side is not None
        return {
            "block": self.plan.name,
            "title": self.plan.title,
            "side": self.side.value,
            "approach": self.plan.approach.value,
            "checked": [text for number, text in enumerate(self.plan.checklist) if number in self.checked],
            "stop": [text for number, text in enumerate(STOP_CHECKS) if number in self.stopped],
        }


def unmarked(plan: BlockPlan, marked: tuple[Structure, ...]) -> tuple[str, ...]:
    """The plan's structures that nobody has marked, by name or, for the only one of its tissue, by tissue."""
    names = {structure.name for structure in marked}
    tissues = [structure.tissue for structure in marked]
    wanted = [structure.tissue for structure in plan.structures]
    missing = []
    for structure in plan.structures:
        is_only_one = wanted.count(structure.tissue) == 1 and structure.tissue in tissues
        if structure.name not in names and not is_only_one:
            missing.append(structure.name)
    return tuple(missing)
