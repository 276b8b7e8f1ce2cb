"""Rubrics: what figures of skill mean and which limits they are held against, as data."""

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from rtguide.errors import ConfigError
from rtguide.training.skill import Bound, Figure, Skill

__all__ = ["CheckItem", "CheckKind", "Judged", "Meaning", "Rubric", "read_rubric", "score_of"]


class Meaning(BaseModel):
    """One figure: its wording, and what has to be met."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    unit: str
    text: str
    source: str
    better: Literal["less", "more"] | None = None
    limit: float | None = None
    weight: float = Field(0.0, ge=0.0)


class CheckKind(StrEnum):
    """How a rater answers: 1 to 5, or whether an error pattern was seen."""

    SCALE = "scale"
    ERROR = "error"


class CheckItem(BaseModel):
    """One question to a rater."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str = Field(pattern=r"^[a-z_]+$")
    kind: CheckKind
    text: str
    source: str


class Rubric(BaseModel):
    """All figures by name; one that is not here is not told. checklist: what raters are asked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    pass_score: float = Field(80.0, ge=0.0, le=100.0)
    acceptable_failures: float = Field(0.2, gt=0.0, lt=1.0)
    unacceptable_failures: float = Field(0.4, gt=0.0, lt=1.0)
    error: float = Field(0.1, gt=0.0, lt=0.5)
    figures: dict[str, Meaning]
    checklist: tuple[CheckItem, ...] = ()

    @model_validator(mode="after")
    def _is_ordered(self) -> "Rubric":
        if self.acceptable_failures >= self.unacceptable_failures:
            raise ValueError("acceptable_failures must be below unacceptable_failures")
        if len({item.key for item in self.checklist}) < len(self.checklist):
            raise ValueError("each item of the checklist needs a key of its own")
        return self

    def judge(self, skill: Skill) -> "tuple[Judged, ...]":
        """Each figure with its meaning, and whether it meets its limit."""
        judged = []
        for figure in skill.figures:
            kind, _, about = figure.name.partition(" ")
            meaning = self.figures.get(kind)
            if meaning is not None:
                judged.append(Judged(figure, meaning, f"{meaning.title} {about}".strip()))
        return tuple(judged)


@dataclass(frozen=True, slots=True)
class Judged:
    """A figure with its meaning."""

    figure: Figure
    meaning: Meaning
    title: str

    @property
    def is_met(self) -> bool | None:
        """Whether the limit is met; None where there is none, nothing was measured, or error or bound do not tell."""
        value, limit, better = self.figure.value, self.meaning.limit, self.meaning.better
        if value is None or limit is None or better is None:
            return None
        spare = limit - value if better == "less" else value - limit
        if self.figure.error is not None and 0.0 < abs(spare) < self.figure.error:
            return None
        is_open = {Bound.AT_MOST: spare >= 0.0, Bound.AT_LEAST: spare < 0.0}
        if self.figure.bound is not None and is_open[self.figure.bound] == (better == "more"):
            return None
        return spare >= 0.0


LEAST_TOLD = 0.5
"""Of all weight so much has to be told: a score over what little was seen would flatter."""


def score_of(judged: "tuple[Judged, ...]") -> float | None:
    """Weights of what was met over weights of what could be told, in per cent; None where too little could."""
    told = [one for one in judged if one.is_met is not None]
    total = sum(one.meaning.weight for one in told)
    if total == 0.0 or total < LEAST_TOLD * sum(one.meaning.weight for one in judged):
        return None
    return 100.0 * sum(one.meaning.weight for one in told if one.is_met) / total


def read_rubric(path: Path | None) -> Rubric:
    """A rubric from a file; the standard one without.

    Raises
    ------
    ConfigError
        It cannot be read, or is no rubric.
    """
    name = "the standard rubric" if path is None else str(path)
    try:
        text = (files("rtguide.training") / "rubrics" / "standard.toml" if path is None else path).read_text("utf-8")
        return Rubric.model_validate(tomllib.loads(text))
    except OSError as error:
        raise ConfigError(
            f"{name} cannot be read ({error.strerror}): give a TOML file like rubrics/standard.toml"
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{name} is not TOML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ConfigError(f"{name}: {where}: {first['msg']}") from error
