"""What is injected, how much of it the user wants to give at most, and how far that is used up over all sites.

rtguide ships no agent and no ceiling: both are the user's, with a source.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rtguide.errors import ConfigError

__all__ = ["Agent", "DoseSum", "Given", "dose_sum"]

_KG = (0.3, 350.0)
"""Weights that are taken for one: from a premature child to the heaviest patients; outside it a key slipped."""


@dataclass(frozen=True, slots=True)
class Agent:
    """A solution as it stands on the syringe.

    mg_per_ml: how strong it is · max_mg, max_mg_per_kg: the user's ceilings; where both are given the lower one holds ·
    source: where they come from.
    """

    name: str
    mg_per_ml: float
    source: str
    max_mg: float | None = None
    max_mg_per_kg: float | None = None

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise ConfigError("an agent needs its name, as it stands on the syringe")
        for what in ("mg_per_ml", "max_mg", "max_mg_per_kg"):
            value = getattr(self, what)
            if value is not None and not (math.isfinite(value) and value > 0):
                raise ConfigError(f"{self.name}: {what} = {value:g}: give a number above 0")
        if self.max_mg is None and self.max_mg_per_kg is None:
            raise ConfigError(
                f"{self.name}: found no ceiling; give max_mg, max_mg_per_kg or both, they are yours to set"
            )
        if not self.source.strip():
            raise ConfigError(f"{self.name}: a ceiling needs its source: say where the figure comes from")

    def ceiling_mg(self, weight_kg: float | None) -> float | None:
        """The most of it for a patient of this weight; None where that cannot be known without the weight."""
        if self.max_mg_per_kg is None:
            return self.max_mg
        if weight_kg is None:
            return None
        return min(self.max_mg_per_kg * weight_kg, self.max_mg or math.inf)


@dataclass(frozen=True, slots=True)
class Given:
    """So much of an agent, by its name, at a site."""

    agent: str
    ml: float
    site: str = ""


@dataclass(frozen=True, slots=True)
class DoseSum:
    """How far the ceilings are used up, all agents and sites together.

    parts: (agent, share of its ceiling) in the order they were given · unknown: agents of which that is not known, for
    want of a weight or because nobody said what they are.
    """

    parts: tuple[tuple[str, float], ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def share(self) -> float:
        """The sum of the known shares: toxicity of local anaesthetics is taken to add up."""
        return sum(share for _, share in self.parts)

    def words(self) -> str:
        """In one line: the sum, what it is made of, and what it leaves out; empty where nothing was given."""
        if not self.parts and not self.unknown:
            return ""
        over = "OVER " if self.share > 1.0 else ""
        parts = f" ({', '.join(f'{name} {100 * share:.0f} %' for name, share in self.parts)})" if self.parts else ""
        known = f"{over}dose {100 * self.share:.0f} % of your ceilings{parts}" if self.parts else "dose not known"
        return f"{known} – not counted: {', '.join(self.unknown)}" if self.unknown else known


def dose_sum(given: Sequence[Given], agents: Sequence[Agent], weight_kg: float | None) -> DoseSum:
    """Add up, as fractions of each agent's ceiling, what was given anywhere. Test boluses count like all else.

    Raises
    ------
    ConfigError
        The weight is none.
    """
    if weight_kg is not None and not _KG[0] <= weight_kg <= _KG[1]:
        raise ConfigError(f"a weight of {weight_kg:g} kg: give one from {_KG[0]:g} to {_KG[1]:g}")
    by_name = {agent.name: agent for agent in agents}
    shares: dict[str, float] = {}
    unknown: dict[str, None] = {}
    for one in given:
        agent = by_name.get(one.agent)
        ceiling = None if agent is None else agent.ceiling_mg(weight_kg)
        if agent is None or ceiling is None:
            unknown[one.agent or "no agent named"] = None
        else:
            shares[one.agent] = shares.get(one.agent, 0.0) + one.ml * agent.mg_per_ml / ceiling
    return DoseSum(tuple(shares.items()), tuple(unknown))
