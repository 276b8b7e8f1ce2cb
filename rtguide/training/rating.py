"""Blinded rating: what raters are asked, sheets under codes that differ from rater to rater, and how far they agree."""

import json
import random
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rtguide.errors import ConfigError
from rtguide.training.agreement import Icc, cohen_kappa, icc_2_1
from rtguide.training.rubric import CheckItem, CheckKind, Rubric

__all__ = [
    "Answer",
    "ItemAgreement",
    "Sheet",
    "agreement_of_raters",
    "blank_sheet",
    "codes_for",
    "read_begun_sheet",
    "read_sheet",
    "sheet_text",
]

Answer = int | bool
Sheet = Mapping[str, Mapping[str, Answer]]
"""Answers to each item, for each recording by its code (or name)."""


def codes_for(names: Sequence[str], rater: str) -> dict[str, str]:
    """A code for each recording, in an order of this rater's own: neither name, order nor date tells who it was.

    The same names and rater give the same codes.
    """
    order = list(names)
    draw = random.Random(f"{rater}:{'/'.join(sorted(names))}")
    draw.shuffle(order)
    numbers = draw.sample(range(100, 1000), len(order))
    return {f"clip-{number}": name for number, name in zip(numbers, order, strict=True)}


def blank_sheet(rubric: Rubric, codes: Sequence[str], rater: str) -> str:
    """TOML to be filled in by a rater."""
    return sheet_text(rubric, {code: {} for code in codes}, rater)


def sheet_text(rubric: Rubric, answers: Mapping[str, Mapping[str, Answer]], rater: str) -> str:
    """The same with the answers given so far, by code."""
    lines = [f"# Sheet of rater {rater}, {rubric.name}. Watch each clip, then replace every ? by your answer.",
             "# A scale takes 1 to 5, an error pattern true (it was seen) or false.", ""]  # fmt: skip
    lines += [f"# {item.key}: {item.text} ({item.source})" for item in rubric.checklist]
    for code, given in answers.items():
        lines += ["", f"[{code}]"]
        lines += [f"{item.key} = {json.dumps(given.get(item.key, '?'))}" for item in rubric.checklist]
    return "\n".join(lines) + "\n"


def read_begun_sheet(path: Path, rubric: Rubric) -> dict[str, dict[str, Answer]]:
    """A sheet that may have gaps: the answers that are there, by code, in the sheet's order.

    Raises
    ------
    ConfigError
        It cannot be read, or an answer is none of those that are asked for.
    """
    found: dict[str, dict[str, Answer]] = {}
    for code, answers in _read(path).items():
        given = {item.key: answers[item.key] for item in rubric.checklist if answers.get(item.key, "?") != "?"}
        for item in rubric.checklist:
            if item.key in given:
                _check(item, given[item.key], f"{path}: [{code}] {item.key}")
        found[code] = given
    return found


def _read(path: Path) -> dict[str, dict[str, Any]]:
    try:
        sheet: dict[str, dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} cannot be read as a rater's sheet ({error})") from error
    for code, answers in sheet.items():
        if not isinstance(answers, dict):
            raise ConfigError(
                f"{path}: {code} stands outside a clip: every answer belongs below a line such as [clip-123]"
            )
    return sheet


def read_sheet(path: Path, rubric: Rubric) -> Sheet:
    """A filled sheet.

    Raises
    ------
    ConfigError
        It cannot be read, an answer is missing or none of those that are asked for; the message names it.
    """
    sheet = _read(path)
    for code, answers in sheet.items():
        for item in rubric.checklist:
            if item.key not in answers:
                raise ConfigError(f"{path}: [{code}] has no answer to {item.key}")
            _check(item, answers[item.key], f"{path}: [{code}] {item.key}")
    return sheet


def _check(item: CheckItem, answer: object, where: str) -> None:
    is_flag = isinstance(answer, bool)
    if item.kind is CheckKind.ERROR and not is_flag:
        raise ConfigError(f"{where} takes true or false, not {answer!r}")
    if item.kind is CheckKind.SCALE and (is_flag or not isinstance(answer, int) or not 1 <= answer <= 5):
        raise ConfigError(f"{where} takes 1 to 5, not {answer!r}")


@dataclass(frozen=True, slots=True)
class ItemAgreement:
    """One item between two raters. icc: of a scale · kappa: of an error pattern; None where it cannot be told."""

    key: str
    recordings: int
    icc: Icc | None
    kappa: float | None


def agreement_of_raters(rubric: Rubric, one: Sheet, other: Sheet) -> tuple[ItemAgreement, ...]:
    """Over the recordings that both rated, sheets by name of recording. The sum of all scales comes last: `total`."""
    both = sorted(one.keys() & other.keys())
    found = []
    for item in rubric.checklist:
        pairs = [(one[name][item.key], other[name][item.key]) for name in both]
        if item.kind is CheckKind.SCALE:
            found.append(ItemAgreement(item.key, len(both), _icc(pairs), None))
        else:
            kappa = cohen_kappa([a for a, _ in pairs], [b for _, b in pairs])
            found.append(ItemAgreement(item.key, len(both), None, kappa))
    scales = [item.key for item in rubric.checklist if item.kind is CheckKind.SCALE]
    sums = [(sum(one[name][key] for key in scales), sum(other[name][key] for key in scales)) for name in both]
    return (*found, ItemAgreement("total", len(both), _icc(sums), None))


def _icc(pairs: Sequence[tuple[Answer, Answer]]) -> Icc | None:
    return icc_2_1(np.array(pairs, float).reshape(-1, 2))
