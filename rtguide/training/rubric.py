"""Rubrics: what figures of skill mean and which limits they are held against, as data."""

import math
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from rtguide.errors import ConfigError
from rtguide.training.skill import Bound, Figure, Skill

__all__ = ["CheckItem", "CheckKind", "Judged", "Meaning", "Rubric", "Score", "points_of", "read_rubric", "score_of"]


class Meaning(BaseModel):
    """One figure: its wording, and what has to be met."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    unit: str
    text: str
    source: str
    better: Literal["less", "more"] | None = None
    limit: float | None = None
    best: float | None = None
    worst: float | None = None
    weight: float = Field(0.0, ge=0.0)

    @model_validator(mode="after")
    def _is_in_order(self) -> "Meaning":
        ends = (self.best, self.limit, self.worst)
        given = [end for end in ends if end is not None]
        if (self.best is not None or self.worst is not None) and (len(given) < len(ends) or self.better is None):
            raise ValueError("best and worst need each other, a limit and better")
        if len(given) == len(ends) and given != sorted(given, reverse=self.better == "more"):
            raise ValueError(
                f"best, limit, worst must go from good to bad, not {given[0]:g}, {given[1]:g}, {given[2]:g}"
            )
        return self


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


@dataclass(frozen=True, slots=True)
class Score:
    """One figure for an attempt, in per cent of all points. error: half-width by the errors of its figures, none of
    which is known to go along with another.
    """

    value: float
    error: float


def points_of(judged: Judged, pass_score: float) -> float | None:
    """Of a figure, 0 to 100; None where it has no limit, was not measured, or error or bound do not tell.

    100 at `best` and beyond, `pass_score` at the limit, 0 at `worst` and beyond, straight between; without `best` and
    `worst` 100 where the limit is met, else 0.
    """
    meaning, figure = judged.meaning, judged.figure
    if meaning.best is None or meaning.worst is None or meaning.limit is None:
        met = judged.is_met
        return None if met is None else 100.0 * met
    if figure.value is None:
        return None
    points = _graded(meaning, figure.value, pass_score)
    if figure.bound is not None:
        can_be_better = (figure.bound is Bound.AT_MOST) == (meaning.better == "less")
        if points != (100.0 if can_be_better else 0.0):
            return None
    return points


def _graded(meaning: Meaning, value: float, pass_score: float) -> float:
    assert meaning.best is not None
    assert meaning.limit is not None
    assert meaning.worst is not None
    sign = 1.0 if meaning.better == "less" else -1.0
    best, limit, worst, value = (sign * one for one in (meaning.best, meaning.limit, meaning.worst, value))
    if value <= best:
        return 100.0
    if value <= limit:
        return pass_score + (100.0 - pass_score) * (limit - value) / (limit - best)
    return pass_score * (worst - value) / (worst - limit) if value < worst else 0.0


def _off(judged: Judged, points: float, pass_score: float) -> float:
    """By how many points it may be off."""
    value, error = judged.figure.value, judged.figure.error
    if value is None or error is None or judged.meaning.best is None:
        return 0.0
    ends = (_graded(judged.meaning, end, pass_score) for end in (value - error, value + error))
    return max(abs(end - points) for end in ends)


def score_of(judged: "tuple[Judged, ...]", rubric: Rubric) -> Score | None:
    """The mean of the points that could be told, by weight; None where less than half of the weight could."""
    points = [(one, points_of(one, rubric.pass_score)) for one in judged]
    told = [(one, value) for one, value in points if value is not None and one.meaning.weight > 0.0]
    total = sum(one.meaning.weight for one, _ in told)
    if total == 0.0 or total < LEAST_TOLD * sum(one.meaning.weight for one in judged):
        return None
    offs = [one.meaning.weight * _off(one, value, rubric.pass_score) for one, value in told]
    return Score(sum(one.meaning.weight * value for one, value in told) / total, math.hypot(*offs) / total)


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
